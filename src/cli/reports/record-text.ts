import type { Json } from '../../base/canonical-json.ts';
import { shortDigest } from '../../base/digest.ts';
import { figure, time } from '../format.ts';
import { expressionText } from './expression-text.ts';
import { wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const inlineWidth = 72;

/** How to print. */
export interface RecordTextOptions {
  /** How many items of a long list to show; `--json` has them all. */
  readonly items?: number;
  readonly depth?: number;
}

/**
 * Yields a record for people: one member per line, nested ones indented, long lists cut short with the number of items
 * left out, digests in short, times as dates.
 */
export function recordText(terminal: Terminal, value: Json, options: RecordTextOptions = {}): string {
  if (Array.isArray(value)) return listText(terminal, value as readonly Json[], options);
  if (typeof value !== 'object' || value === null) return scalarText(value);
  const entries = Object.entries(value).filter(([name]) => name !== 'schemaVersion');
  return entries.map(([name, item]) => memberText(terminal, [name, item], options)).join('\n');
}

function memberText(
  terminal: Terminal,
  [name, item]: readonly [string, Json],
  options: RecordTextOptions,
): string {
  const { depth = 0 } = options;
  const indent = '  '.repeat(depth);
  const title = `${indent}${terminal.style('dim', name)}`;
  const inline = inlineText(item, name);
  if (inline !== null && inline.length <= inlineWidth) {
    const [first = '', ...rest] = wrap(inline, terminal.width - indent.length - name.length - 2);
    const below = ' '.repeat(indent.length + name.length + 2);
    return [`${title}  ${first}`, ...rest.map((line) => below + line)].join('\n');
  }
  if (inline !== null && (!isTree(item) || isExpression(item) || Array.isArray(item))) {
    return [
      title,
      ...wrap(inline, terminal.width - indent.length - 2).map((line) => `${indent}  ${line}`),
    ].join('\n');
  }
  return `${title}\n${recordText(terminal, item, { ...options, depth: depth + 1 })}`;
}

function listText(terminal: Terminal, list: readonly Json[], options: RecordTextOptions): string {
  const { depth = 0, items = 6 } = options;
  const indent = '  '.repeat(depth);
  const shown = list.slice(0, items).map((item) => {
    const inline = inlineText(item, '');
    if (inline === null)
      return `${indent}- ${recordText(terminal, item, { ...options, depth: depth + 1 }).slice(indent.length + 2)}`;
    const lines = wrap(inline, terminal.width - indent.length - 2);
    return lines.map((line, i) => `${indent}${i === 0 ? '- ' : '  '}${line}`).join('\n');
  });
  const left = list.length - shown.length;
  const rest =
    left === 0 ? [] : [`${indent}${terminal.style('dim', `… ${left} more (--json has them all)`)}`];
  return [...shown, ...rest].join('\n');
}

const isExpression = (value: Json): boolean =>
  typeof value === 'object' && value !== null && 'op' in value && ('type' in value || 'args' in value);

const isTree = (value: Json): boolean => typeof value === 'object' && value !== null;

/** Yields a value in one line; null when it is too deep for one. */
function inlineText(value: Json, name: string): string | null {
  if (!isTree(value))
    return name.endsWith('Us') && typeof value === 'number' ? time(value) : scalarText(value);
  const isList = Array.isArray(value);
  if (isExpression(value)) return expressionText(value);
  const entries = Object.entries(value as object) as [string, Json][];
  if (entries.length === 0) return 'none';
  if (entries.some(([, item]) => isTree(item) && !isExpression(item)) || (isList && entries.length > 24))
    return null;
  if (isList) return entries.map(([key, item]) => inlineText(item, key) ?? '').join(', ');
  return entries.map(([key, item]) => `${key} ${inlineText(item, key) ?? ''}`).join(', ');
}

/** Text that could be mistaken for something else is set in quotes. */
const quoted = (text: string): string => (/^$|^[\s,]|[\s,]$/.test(text) ? JSON.stringify(text) : text);

function scalarText(value: Json): string {
  if (value === null) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : figure(value);
  if (typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value)
      ? shortDigest(value)
      : /^[^\s,]+$/.test(value)
        ? value
        : quoted(value);
  return JSON.stringify(value);
}
