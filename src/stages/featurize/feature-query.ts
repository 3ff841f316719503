import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { CompiledFeatures } from './compiled-features.ts';
import type { WindowAnswers } from './windows/answer-windows.ts';
import type { WindowTables } from './windows/window-plan.ts';

/** Which rows to write, and what beside the features. */
export interface FeatureQuery {
  readonly compiled: CompiledFeatures;
  readonly tables: WindowTables;
  readonly answers: WindowAnswers;
  /** SQL over the columns of the rows. */
  readonly where: string;
  readonly hasLabel: boolean;
  readonly hasSlices: boolean;
}

/**
 * Yields the query of the feature table: `_batch`, `_row`, `_event_us`, `_known_us`, the features by name, then `label`
 * and `_slice_<name>` when asked for, sorted by (event time, batch, row).
 */
export function featureQuery(query: FeatureQuery): string {
  const { compiled, answers, tables } = query;
  const windowed = [...answers.columns].map(([name, sql]) => `, ${sql} AS ${name}`).join('');
  const columns = [
    ...compiled.features.map(({ name, sql }) => ({ name, sql })),
    ...(query.hasLabel ? [{ name: 'label', sql: 'r.label' }] : []),
    ...(query.hasSlices ? compiled.slices.map(({ name, sql }) => ({ name: `_slice_${name}`, sql })) : []),
  ];
  const times = '_row, _event_us, _known_us';
  const named = columns.map(({ name }) => quoteIdentifier(name));
  // The batch becomes text after the sort, which then moves a number instead of 64 digits.
  return (
    `SELECT CAST(_batch AS VARCHAR) AS _batch, ${[times, ...named].join(', ')} FROM (` +
    `SELECT ${['r._batch', 'r._row', 'r._event_us', 'r._known_us'].join(', ')}` +
    columns.map(({ sql }, i) => `, ${sql} AS ${named[i]}`).join('') +
    ` FROM (SELECT p.*${windowed} FROM ${tables.probes} p ${answers.joins} WHERE ${query.where}) r` +
    ` ORDER BY r._event_us, r._batch, r._row)`
  );
}
