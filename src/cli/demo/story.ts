import { shortDigest } from '../../base/digest.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { RunResult } from '../../pipeline/runner.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import { count, figure, share } from '../format.ts';
import { metricsTable, slicesTable, worstSlices } from '../reports/evaluation-text.ts';
import { table } from '../table.ts';
import { claimAtLeast, madeBy, runDemoLoop, type Chapter, type Claim, type Stage } from './chapter.ts';
import { landCorruptDay, landFlights } from './flights-data.ts';

type Told = Omit<Chapter, 'title' | 'seconds'>;

/** One chapter before it is told. */
export interface Plot {
  readonly title: string;
  readonly tell: (stage: Stage) => Promise<Told>;
}

/** Yields the chapters of the demo, in order. */
export function plots(options: { readonly permuteLabels: boolean }): readonly Plot[] {
  return [
    {
      title: 'Three months of flights land, one file a day',
      tell: (stage) => land(stage, options.permuteLabels),
    },
    { title: 'A linear model becomes the first champion, by absolute gates', tell: firstModel },
    { title: 'Boosted trees must pass the gate against it', tell: challenger },
    { title: 'A corrupt batch arrives and is stopped', tell: corruptBatch },
    { title: 'A model trained on shuffled labels is refused', tell: shuffledLabels },
  ];
}

async function land(stage: Stage, permuteLabels: boolean): Promise<Told> {
  const { project, terminal, isFast } = stage;
  const files = await landFlights({
    engine: await project.engine(),
    projectDirectory: project.projectDirectory,
    from: '2001-01-01',
    until: '2001-03-31',
    busiestOnly: isFast,
    permuteLabels,
    progress: (done, note) => terminal.live(`  landing    ${Math.round(done * 100)} % ${note}`),
  });
  terminal.note(`  ${files} files in landing/, and reference/airports.csv with a time zone per airport`);
  return { claims: [], figures: { files } };
}

async function firstModel(stage: Stage): Promise<Told> {
  const result = await runDemoLoop(stage, ['train.trainer=linear']);
  const evaluation = madeBy(result, 'evaluation');
  const decision = madeBy(result, 'decision');
  stage.terminal.note(await monthsText(stage, result));
  showEvaluation(stage, evaluation?.content);
  const claims = [
    claim(
      'the linear model becomes champion by bootstrap',
      decision?.content.outcome === 'champion',
      decision?.content.outcome,
    ),
  ];
  return { claims, figures: { ...datasetFigures(result), linear: metricsJson(evaluation?.content) } };
}

async function challenger(stage: Stage): Promise<Told> {
  const bar = stage.isFast ? 0.75 : 0.768;
  const result = await runDemoLoop(stage, []);
  const evaluation = madeBy(result, 'evaluation');
  const decision = madeBy(result, 'decision');
  showEvaluation(stage, evaluation?.content);
  stage.terminal.note(slicesText(stage, evaluation?.content));
  return {
    claims: [
      claimAtLeast('the AUC of the trees on March', evaluation?.content.metrics['auc']?.value, bar),
      claim(
        'the trees become candidate by the gate against the champion',
        decision?.content.outcome === 'candidate',
        decision?.content.outcome,
      ),
    ],
    figures: { trees: metricsJson(evaluation?.content), attempt: evaluation?.content.attempt ?? null },
  };
}

async function corruptBatch(stage: Stage): Promise<Told> {
  const { project, terminal, isFast } = stage;
  const before = await project.ledger.versions.find({ kind: 'dataset', limit: 1 });
  const request = {
    engine: await project.engine(),
    projectDirectory: project.projectDirectory,
    busiestOnly: isFast,
    day: '2001-04-01',
  };
  const name = await landCorruptDay(request);
  const result = await runDemoLoop(stage, []);
  const stopped = result.steps.find((step) => step.stage === 'validate' && step.subject === name);
  const after = madeBy(result, 'dataset');
  const validation = result.versions
    .get('validate')
    ?.find((one) => one.kind === 'validation' && one.stepId === stopped?.id);
  const reasons =
    validation !== undefined && 'reasons' in validation.content ? validation.content.reasons : [];
  for (const reason of reasons) terminal.note(`  ${name}: ${reason}`);
  const goesOn = after !== undefined && after.digest === before[0]?.digest;
  return {
    claims: [
      claim('the breaker stops the corrupt batch', stopped?.verdict === 'fail', stopped?.verdict),
      claim(
        'the loop goes on with the last good dataset',
        goesOn,
        after === undefined ? 'none' : shortDigest(after.digest),
      ),
    ],
    figures: { corrupt: name, reasons: [...reasons] },
  };
}

async function shuffledLabels(stage: Stage): Promise<Told> {
  const result = await runDemoLoop(stage, ['train.labels=shuffled', '++train.params.rounds=40']);
  const evaluation = madeBy(result, 'evaluation');
  const decision = madeBy(result, 'decision');
  const accuracy = evaluation?.content.metrics['accuracy']?.value;
  const constant = evaluation?.content.baseline['accuracy']?.value;
  showEvaluation(stage, evaluation?.content);
  for (const reason of decision?.content.reasons ?? []) stage.terminal.note(`  refused: ${reason}`);
  const isEqual = accuracy != null && constant != null && Math.abs(accuracy - constant) < 0.005;
  return {
    claims: [
      claim(
        'the shuffled model is refused, with reasons',
        decision?.content.outcome === 'refused' && decision.content.reasons.length > 0,
        decision?.content.outcome,
      ),
      claim(
        "its accuracy equals the constant model's: accuracy alone would have passed it",
        isEqual,
        `${figure(accuracy ?? null)} and ${figure(constant ?? null)}`,
      ),
    ],
    figures: { shuffled: metricsJson(evaluation?.content), refusal: [...(decision?.content.reasons ?? [])] },
  };
}

function claim(what: string, holds: boolean, seen: string | null | undefined): Claim {
  return { claim: what, holds, seen: seen ?? 'none' };
}

function showEvaluation({ terminal }: Stage, evaluation: Evaluation | undefined): void {
  if (evaluation !== undefined) terminal.note(`\n${metricsTable(terminal, evaluation)}\n`);
}

function slicesText({ terminal }: Stage, evaluation: Evaluation | undefined): string {
  if (evaluation === undefined) return '';
  const worst = worstSlices(evaluation, { slice: 'origin', limit: 5 });
  const text = slicesTable(terminal, evaluation, worst);
  return `The weakest origins\n${text}\n  ${count(evaluation.slices.length)} slices by origin and hour`;
}

function metricsJson(evaluation: Evaluation | undefined): Chapter['figures'][string] {
  if (evaluation === undefined) return null;
  const { metrics, baseline, championMetrics, paired, gates, verdict, rows, blocks, slices } = evaluation;
  return JSON.parse(
    JSON.stringify({
      verdict,
      rows,
      blocks,
      metrics,
      baseline,
      championMetrics,
      paired,
      gates,
      slices: slices.length,
    }),
  ) as Chapter['figures'][string];
}

function datasetFigures(result: RunResult): Chapter['figures'] {
  const validations = (result.versions.get('validate') ?? []).flatMap((one) =>
    one.kind === 'validation' && 'quarantinedRows' in one.content ? [one.content] : [],
  );
  const reasons: Record<string, number> = {};
  for (const rule of validations.flatMap((one) => one.rules))
    reasons[rule.id] = (reasons[rule.id] ?? 0) + rule.failures;
  return {
    rows: validations.reduce((sum, one) => sum + one.rows, 0),
    quarantined: validations.reduce((sum, one) => sum + one.quarantinedRows, 0),
    reasons,
  };
}

async function monthsText({ project, terminal }: Stage, result: RunResult): Promise<string> {
  const dataset = madeBy(result, 'dataset');
  if (dataset === undefined) return '';
  const paths = await Promise.all(
    dataset.content.batches.map((batch) => project.blob.path(batch.processed.digest)),
  );
  const engine = await project.engine();
  const months =
    await engine.rows(`SELECT strftime(date, '%Y-%m') AS month, count(*) AS flights, avg(late::INT) AS late
    FROM read_parquet([${paths.map(quoteLiteral).join(', ')}]) GROUP BY month ORDER BY month`);
  const rows = months.map((one) => [
    String(one['month']),
    count(Number(one['flights'])),
    share(Number(one['late'])),
  ]);
  const { reasons } = datasetFigures(result) as { reasons: Record<string, number> };
  const kept = Object.entries(reasons).filter(([, rowsBroken]) => rowsBroken > 0);
  const quarantine = kept.map(([id, broken]) => `${id} ${count(broken)}`).join(', ');
  return `\n${table(terminal, rows, { head: ['month', 'flights', 'late'], right: [1, 2] })}\n  quarantine: ${quarantine || 'empty'}`;
}
