import { SluiceError } from '../../base/errors.ts';
import type { EvaluateSpec, SliceSpec } from '../../records/evaluate-spec.ts';
import type { SliceResult } from '../../records/evaluation.ts';
import { columnOf, type EvaluationRows } from './evaluation-rows.ts';
import { measure, type JudgedRows } from './judged.ts';

/** Metrics that make sense group by group; the rest stays in the scores table for whoever asks. */
const kept = ['auc', 'logLoss', 'cost', 'accuracy', 'meanAbsoluteError', 'rootMeanSquaredError'];

/** Resamples per group: enough for a bound of two digits, cheap enough for hundreds of groups. */
const replicates = 200;

/**
 * Yields the metrics of every group with at least the declared number of rows, the largest groups first; the smaller
 * ones are counted together, without metrics. Rows whose slice is NULL are a group of their own.
 *
 * @throws EVALUATE_COLUMN when the rows lack the column of a slice
 */
export function measureSlices(
  rows: EvaluationRows,
  judged: JudgedRows,
  spec: EvaluateSpec,
): readonly SliceResult[] {
  return spec.slices.flatMap((slice) => {
    const groups = groupsOf(rows, `_slice_${slice.name}`);
    const [large, small] = [groups.filter(isLarge(slice)), groups.filter((one) => !isLarge(slice)(one))];
    const measured = large.map(({ group, indices }) => {
      const metrics = measure(subset(judged, indices), { spec, replicates });
      const shown = Object.entries(metrics).filter(([name]) => kept.includes(name));
      return { slice: slice.name, group, rows: indices.length, metrics: Object.fromEntries(shown) };
    });
    return small.length === 0 ? measured : [...measured, countedTogether(slice, small)];
  });
}

const isLarge =
  ({ minRows }: SliceSpec) =>
  ({ indices }: Group): boolean =>
    indices.length >= minRows;

function countedTogether(slice: SliceSpec, groups: readonly Group[]): SliceResult {
  const rows = groups.reduce((sum, { indices }) => sum + indices.length, 0);
  const group = `${groups.length} ${groups.length === 1 ? 'group' : 'groups'} below ${slice.minRows} rows`;
  return { slice: slice.name, group, rows, metrics: {} };
}

interface Group {
  readonly group: string;
  readonly indices: Int32Array;
}

function groupsOf(rows: EvaluationRows, name: string): readonly Group[] {
  const column = columnOf(rows.table, name);
  if (column.type !== 'string')
    throw new SluiceError('EVALUATE_COLUMN', { column: name, found: column.type, wanted: 'text' });
  const members = new Map<number, number[]>();
  column.codes.forEach((code, row) => {
    const group = members.get(code);
    if (group === undefined) members.set(code, [row]);
    else group.push(row);
  });
  return [...members]
    .map(([code, indices]) => ({
      group: column.dictionary[code] ?? 'NULL',
      indices: Int32Array.from(indices),
    }))
    .sort((a, b) => b.indices.length - a.indices.length || (a.group < b.group ? -1 : 1));
}

function subset(rows: JudgedRows, indices: Int32Array): JudgedRows {
  return {
    task: rows.task,
    labels: Float64Array.from(indices, (row) => rows.labels[row]!),
    scores: Float64Array.from(indices, (row) => rows.scores[row]!),
    blocks: indices.map((row) => rows.blocks[row]!),
  };
}
