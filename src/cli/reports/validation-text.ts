import type { Validation } from '../../records/validation.ts';
import { count, figure, share } from '../format.ts';
import { pairs, table, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Yields what a contract found in a batch: verdict, the rules that were broken, and the profile of its columns. */
export function validationText(terminal: Terminal, name: string, validation: Validation): string {
  const { verdict, rows, quarantinedRows, reasons, rules } = validation;
  const colour = verdict === 'pass' ? 'green' : verdict === 'fail' ? 'red' : 'yellow';
  const head = pairs(terminal, [
    [name, terminal.style(colour, verdict)],
    [
      'rows',
      `${count(rows)}, of which ${count(quarantinedRows)} (${share(quarantinedRows / (rows || 1))}) break a rule`,
    ],
    ['rules', `${count(rules.filter((rule) => rule.failures === 0).length)} of ${count(rules.length)} hold`],
  ]);
  const why = reasons.flatMap((reason) => wrap(reason, terminal.width - 2)).map((line) => `  ${line}`);
  const broken = rulesTable(terminal, validation);
  return [head, ...why, ...(broken === '' ? [] : ['', broken]), '', profileTable(terminal, validation)].join(
    '\n',
  );
}

function rulesTable(terminal: Terminal, { rules, rows }: Validation): string {
  const broken = rules.filter((rule) => rule.failures > 0).sort((a, b) => b.failures - a.failures);
  if (broken.length === 0) return '';
  const lines = broken.map(({ id, severity, failures, observed }) => [
    id,
    severity === 'warn' ? 'only counted' : 'quarantine',
    count(failures),
    observed === null ? share(failures / (rows || 1)) : `saw ${figure(observed)}`,
  ]);
  return table(terminal, lines, { head: ['broken rule', 'effect', 'rows', 'share'], right: [2, 3] });
}

function profileTable(terminal: Terminal, { profile, rows }: Validation): string {
  const lines = profile.map((column) => {
    const isText = column.minLength !== null;
    const span = isText
      ? `${count(column.minLength ?? 0)} … ${count(column.maxLength ?? 0)} characters`
      : column.min === null
        ? ''
        : `${valueText(column.min, column.type)} … ${valueText(column.max, column.type)}`;
    return [
      column.name,
      column.type,
      column.nulls === 0 ? '' : share(column.nulls / (rows || 1)),
      count(Math.min(column.distinctApprox, rows - column.nulls)),
      column.type === 'timestamp' || column.type === 'local' ? '' : figureOf(column.mean),
      span,
    ];
  });
  const head = ['column', 'type', 'null', 'distinct ~', 'mean', 'span'];
  return table(terminal, lines, { head, right: [2, 3, 4] });
}

const figureOf = (value: number | null): string => (value === null ? '' : figure(value));

function valueText(value: number | null, type: string): string {
  if (value === null) return '';
  if (type !== 'timestamp' && type !== 'local') return figure(value);
  return new Date(value / 1000).toISOString().slice(0, 16).replace('T', ' ');
}
