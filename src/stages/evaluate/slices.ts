import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { SliceResult } from '../../records/evaluation.ts';
import { columnOf, type EvaluationRows } from './evaluation-rows.ts';
import { measure, type JudgedRows } from './judged.ts';

/** Metrics that make sense group by group; the rest stays in the scores table for whoever asks. */
const kept = ['auc', 'logLoss', 'cost', 'accuracy', 'meanAbsoluteError', 'rootMeanSquaredError'];

/** Resamples per group: enough for a bound of two digits, cheap enough for hundreds of groups. */
const replicates = 200;

/** Yields the metrics of every group with at least the declared number of rows, the largest groups first. */
export function measureSlices(
  rows: EvaluationRows,
  judged: JudgedRows,
  spec: EvaluateSpec,
): readonly SliceResult[] {
  return spec.slices.flatMap((slice) =>
    groupsOf(rows, `_slice_${slice.name}`)
      .filter(({ indices }) => indices.length >= slice.minRows)
      .map(({ group, indices }) => {
        const metrics = measure(subset(judged, indices), { spec, replicates });
        const shown = Object.entries(metrics).filter(([name]) => kept.includes(name));
        return { slice: slice.name, group, rows: indices.length, metrics: Object.fromEntries(shown) };
      }),
  );
}

interface Group {
  readonly group: string;
  readonly indices: Int32Array;
}

function groupsOf(rows: EvaluationRows, name: string): readonly Group[] {
  const column = columnOf(rows.table, name);
  const groups = new Map<string, number[]>();
  for (let row = 0; row < rows.table.rows; row++) {
    const code = column.type === 'string' ? column.codes[row]! : column.values[row]!;
    const group = column.type === 'string' ? (column.dictionary[code] ?? 'none') : String(code);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [row]);
    else members.push(row);
  }
  return [...groups]
    .map(([group, members]) => ({ group, indices: Int32Array.from(members) }))
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
