import type { Cell } from '../../ports/engine.ts';
import type { Json } from '../../base/canonical-json.ts';
import { shortDigest } from '../../base/digest.ts';
import type { TracedRow } from '../../pipeline/trace-row.ts';
import { figure, time } from '../format.ts';
import { pairs } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Yields a traced row for `--json`. */
export function traceJson(traced: TracedRow): Json {
  const { batch, explained, ...rest } = traced;
  const plain = { ...rest, batch: { digest: batch.digest, ...batch.content }, explained };
  return JSON.parse(
    JSON.stringify(plain, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Json;
}

/** Yields a traced row for people: from the score down to the raw row, one line per link. */
export function traceText(terminal: Terminal, traced: TracedRow): string {
  const { batch, explained, row, raw } = traced;
  const features = Object.entries(explained.features).map(([name, value]) => `${name}=${shown(value)}`);
  const windows = explained.windows.map((one) => {
    const newest = one.facts[0];
    const last = newest === undefined ? '' : `, the newest known ${time(newest.knownUs)}`;
    return `${one.view} ${one.window}: ${one.count} facts${last}`;
  });
  const links: readonly (readonly [string, string])[] = [
    [
      'score',
      `${figure(traced.score)} (label ${traced.label}), event ${time(explained.eventUs)}, outcome known ${time(explained.knownUs)}`,
    ],
    ['evaluation', shortDigest(traced.evaluation)],
    ['model', shortDigest(traced.model)],
    ['training set', shortDigest(traced.trainingSet)],
    ['features', features.join(' ')],
    ...windows.map((text, i) => [i === 0 ? 'windows' : '', text] as const),
    ['dataset', shortDigest(traced.dataset)],
    ['batch', `${shortDigest(batch.content.raw)} (${batch.content.name}), row ${row}`],
    [
      'raw row',
      Object.entries(raw)
        .map(([name, value]) => `${name}=${value ?? 'NULL'}`)
        .join(' '),
    ],
  ];
  return `${terminal.style('bold', 'The lineage of one scored row')}\n${pairs(terminal, links)}`;
}

function shown(value: Cell): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? figure(value) : String(value);
}
