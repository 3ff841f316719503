import { digestFields, type Digest } from '../../base/digest.ts';
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { SplitSpec } from '../../records/train-spec.ts';
import type { TrainingPart, TrainingSet } from '../../records/training-set.ts';
import type { CompiledFeatures } from './compiled-features.ts';
import { datasetPaths } from './dataset-paths.ts';
import { featureQuery } from './feature-query.ts';
import { dropRows, readRows } from './rows-table.ts';
import { partSql, resolveSplit, type Part, type Split, type TimeRange } from './split.ts';
import { answerWindows, type WindowAnswers } from './windows/answer-windows.ts';
import type { WindowTables } from './windows/window-plan.ts';

/** What a training set is made of. */
export interface TrainingSetRequest {
  readonly dataset: { readonly digest: Digest; readonly content: Dataset };
  readonly compiled: CompiledFeatures;
  readonly split: SplitSpec;
}

const rows = 'sluice_rows';

/**
 * Freezes the rows of a dataset, each as it was known at its event time, as train | validation | evaluation. The same
 * dataset and definition give the same bytes on any number of threads.
 *
 * @returns one `trainingSet` version
 * @throws FEATURIZE_NO_ROWS when train or evaluation would be empty; FEATURIZE_SPLIT; FEATURIZE_SUM_RANGE; ENGINE_MEMORY
 */
export async function buildTrainingSet(ctx: StepContext, request: TrainingSetRequest): Promise<StepOutcome> {
  const { compiled, dataset } = request;
  const paths = await datasetPaths(ctx, dataset.content);
  if (paths.length === 0) throw noRows('train', { split: null, range: null });
  ctx.progress(0.02, 'reading rows');
  await readRows(ctx.engine, { table: rows, paths, compiled, hasOutcomes: true });
  const made: string[] = [];
  try {
    const frame = await frameOf(ctx, request);
    const tables: WindowTables = {
      facts: rows,
      probes: rows,
      where: `${partSql(frame.split)} IN ('train', 'validation', 'evaluation')`,
      factRows: dataset.content.rows,
    };
    const answers = await answerWindows(ctx.engine, {
      compiled,
      tables,
      onView: (share, view) => {
        ctx.signal.throwIfAborted();
        ctx.progress(0.1 + 0.6 * share, `windows of ${view}`);
      },
    });
    made.push(...answers.tables);
    return await freeze(ctx, { ...request, frame, tables, answers });
  } finally {
    for (const table of made) await ctx.engine.run(`DROP TABLE IF EXISTS ${table}`);
    await dropRows(ctx.engine, rows);
  }
}

/** Where the parts lie and how many rows each has. */
interface Frame {
  readonly split: Split;
  readonly range: TimeRange;
  readonly counts: ReadonlyMap<Part, PartCount>;
}

interface PartCount {
  readonly rows: number;
  readonly fromUs: number | null;
  readonly untilUs: number | null;
}

async function frameOf(ctx: StepContext, { compiled, split: spec }: TrainingSetRequest): Promise<Frame> {
  const range = await timeRange(ctx, compiled);
  const split = resolveSplit(spec, range);
  const found = await ctx.engine.rows(
    `SELECT part, count(*) AS n, min(_event_us) AS from_us, max(_event_us) AS until_us` +
      ` FROM (SELECT ${partSql(split)} AS part, _event_us FROM ${rows}) GROUP BY part`,
  );
  const whole = (cell: unknown): number | null => (cell === null ? null : Number(cell));
  const counts = new Map(
    found.map(({ part, n, from_us, until_us }): [Part, PartCount] => [
      String(part) as Part,
      { rows: Number(n), fromUs: whole(from_us), untilUs: whole(until_us) },
    ]),
  );
  for (const part of ['train', 'evaluation'] as const)
    if (!counts.has(part)) throw noRows(part, { split, range });
  return { split, range, counts };
}

async function timeRange({ engine }: StepContext, { maturityUs }: CompiledFeatures): Promise<TimeRange> {
  const [row] = await engine.rows(
    `SELECT min(_event_us) AS oldest, max(_event_us) AS newest, min(_event_us) FILTER (` +
      `greatest(_known_us, _event_us + ${maturityUs}) > (SELECT max(_event_us) FROM ${rows})) AS immature FROM ${rows}`,
  );
  const { oldest, newest, immature } = row ?? {};
  if (typeof oldest !== 'number' || typeof newest !== 'number')
    throw noRows('train', { split: null, range: null });
  return {
    oldestUs: oldest,
    newestUs: newest,
    firstImmatureUs: typeof immature === 'number' ? immature : null,
  };
}

function noRows(part: Part, seen: { readonly split: Split | null; readonly range: TimeRange | null }): Error {
  const { split, range } = seen;
  const iso = (us: number): string => new Date(us / 1000).toISOString().slice(0, 16);
  const wanted =
    split === null
      ? 'any time'
      : part === 'train'
        ? `before ${iso(split.validationFromUs)}`
        : `${iso(split.evaluationFromUs)} to ${iso(split.evaluationUntilUs)}`;
  const found = range === null ? 'no rows' : `${iso(range.oldestUs)} to ${iso(range.newestUs)}`;
  return new SluiceError('FEATURIZE_NO_ROWS', { part, wanted, found });
}

interface FreezeRequest extends TrainingSetRequest {
  readonly frame: Frame;
  readonly tables: WindowTables;
  readonly answers: WindowAnswers;
}

async function freeze(ctx: StepContext, request: FreezeRequest): Promise<StepOutcome> {
  const { compiled, dataset, frame } = request;
  const parts = {
    train: await writePart(ctx, request, 'train'),
    validation: await writePart(ctx, request, 'validation'),
    evaluation: await writePart(ctx, request, 'evaluation'),
  };
  const reasons = ['unlabelled', 'notYetKnown', 'outsideSplit', 'noEventTime'] as const;
  const leftOut = Object.fromEntries(reasons.map((reason) => [reason, frame.counts.get(reason)?.rows ?? 0]));
  const content: TrainingSet = {
    schemaVersion: 1,
    dataset: dataset.digest,
    definition: digestFields([compiled.digest, canonicalJson(request.split)]),
    task: compiled.task,
    features: compiled.features.map(({ name, kind }) => ({ name, kind })),
    meanings: compiled.meanings,
    ...parts,
    cutUs: frame.split.evaluationFromUs,
    leftOut,
  };
  const tables = [parts.train.table, parts.validation.table, parts.evaluation.table];
  return {
    versions: [
      {
        kind: 'trainingSet',
        content,
        parents: [{ digest: dataset.digest, role: 'dataset' }],
        blobs: [...new Set(tables.map(({ digest }) => digest))],
      },
    ],
    verdict: null,
    facts: factsOf(frame, { rowsIn: dataset.content.rows, features: compiled.features.length, leftOut }),
  };
}

async function writePart(ctx: StepContext, request: FreezeRequest, part: Part): Promise<TrainingPart> {
  ctx.signal.throwIfAborted();
  const { compiled, tables, answers, frame } = request;
  const isEvaluation = part === 'evaluation';
  const where = `${partSql(frame.split)} = '${part}'`;
  const sql = featureQuery({ compiled, tables, answers, where, hasLabel: true, hasSlices: isEvaluation });
  const written = await ctx.engine.writeParquet(sql, await ctx.blob.scratchPath('.parquet'));
  const { digest, sizeBytes } = await ctx.blob.putFile(written.path, { move: true });
  ctx.progress(isEvaluation ? 1 : part === 'train' ? 0.9 : 0.95, `wrote ${part}`);
  const { fromUs = null, untilUs = null } = frame.counts.get(part) ?? {};
  return { table: { digest, rows: written.rows, sizeBytes }, fromUs, untilUs };
}

function factsOf(
  { counts }: Frame,
  rest: {
    readonly rowsIn: number;
    readonly features: number;
    readonly leftOut: Readonly<Record<string, number>>;
  },
): Readonly<Record<string, Json>> {
  const parts = ['train', 'validation', 'evaluation'] as const;
  return { ...rest, ...Object.fromEntries(parts.map((part) => [part, counts.get(part)?.rows ?? 0])) };
}
