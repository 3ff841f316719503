import type { Evaluation, GateResult, MetricResult, SliceResult } from '../../records/evaluation.ts';
import { count, figure } from '../format.ts';
import { table, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { bar } from './charts.ts';

/** Metrics in the order in which people read them; any other follows. */
const metricOrder = [
  'auc',
  'averagePrecision',
  'logLoss',
  'logLossSkill',
  'brier',
  'calibrationError',
  'accuracy',
  'precision',
  'recall',
  'f1',
  'cost',
  'rSquared',
  'meanAbsoluteError',
  'rootMeanSquaredError',
];

type Metrics = Evaluation['metrics'];

/** Yields the names of metrics in the order in which people read them. */
export function metricNames(metrics: Metrics): readonly string[] {
  const known = metricOrder.filter((name) => name in metrics);
  return [...known, ...Object.keys(metrics).filter((name) => !metricOrder.includes(name))];
}

/** Yields a metric with its interval, or why it is undefined. */
export function metricText(metric: MetricResult | undefined): string {
  if (metric === undefined) return '–';
  if (metric.value === null) return 'undefined';
  if (metric.lower === null) return figure(metric.value);
  return `${figure(metric.value)} [${figure(metric.lower)}, ${figure(metric.upper)}]`;
}

/** Yields the metrics of a model beside those of the champion and of a constant answer, with the reasons of undefined ones. */
export function metricsTable(terminal: Terminal, evaluation: Evaluation): string {
  const { metrics, championMetrics, baseline, alpha } = evaluation;
  const names = metricNames(metrics);
  const rows = names.map((name) => [
    name,
    metricText(metrics[name]),
    ...(championMetrics === null ? [] : [figure(championMetrics[name]?.value ?? null)]),
    figure(baseline[name]?.value ?? null),
  ]);
  const level = `${Number(((1 - alpha) * 100).toPrecision(3))} %`;
  const head = ['metric', `model [${level}]`, ...(championMetrics === null ? [] : ['champion']), 'constant'];
  const right = championMetrics === null ? [2] : [2, 3];
  const reasons = names.flatMap((name) => {
    const { value, reason } = metrics[name] ?? {};
    return value === null && reason != null ? wrap(`${name} is undefined: ${reason}`, terminal.width) : [];
  });
  return [table(terminal, rows, { head, right }), ...reasons].join('\n');
}

/** Yields the paired differences to the champion, the harm that a gate of non-inferiority judges; empty without champion. */
export function pairedTable(terminal: Terminal, { paired }: Evaluation): string {
  if (paired === null) return '';
  const rows = Object.entries(paired).map(([name, metric]) => [
    name,
    metricText(metric),
    metric.reason ?? '',
  ]);
  const hasReasons = rows.some(([, , reason]) => reason !== '');
  const head = ['loss', 'model − champion, by block', ...(hasReasons ? ['note'] : [])];
  return table(
    terminal,
    rows.map((row) => row.slice(0, head.length)),
    { head },
  );
}

const marks = { pass: ['green', '✔'], fail: ['red', '✘'], inconclusive: ['yellow', '?'] } as const;

/** Yields the gates, each with what was seen and what was allowed. */
export function gatesText(terminal: Terminal, gates: readonly GateResult[]): string {
  if (gates.length === 0) return 'No gates are declared.';
  return gates
    .map(({ verdict, gate, explanation }) => {
      const [colour, mark] = marks[verdict];
      const [first = '', ...rest] = wrap(`${gate}: ${explanation}`, terminal.width - 2);
      return [`${terminal.style(colour, mark)} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n');
    })
    .join('\n');
}

/** Yields the reliability table: what was promised and what came, per bin of equal mass. */
export function calibrationTable(terminal: Terminal, { calibration }: Evaluation): string {
  if (calibration.length === 0) return '';
  const rows = calibration.map(({ rows: n, meanScore, observedRate, lower, upper }) => [
    count(n),
    fixed(meanScore),
    `${fixed(observedRate)} [${fixed(lower)}, ${fixed(upper)}]`,
    bar(observedRate, 12),
  ]);
  return table(terminal, rows, { head: ['rows', 'score', 'observed', ''], right: [0] });
}

const fixed = (value: number): string => value.toFixed(3);

/** Which slices to show. */
export interface SliceView {
  /** Only this slice; all when absent. */
  readonly slice?: string;
  readonly limit: number;
}

/** Yields the groups of slices that the model serves worst, by auc or error, weakest first. */
export function worstSlices(evaluation: Evaluation, { slice, limit }: SliceView): readonly SliceResult[] {
  const chosen = evaluation.slices.filter((one) => slice === undefined || one.slice === slice);
  const { name, sign } = sliceMetric(evaluation);
  const weakness = (one: SliceResult): number => {
    const value = one.metrics[name]?.value;
    return value == null ? Infinity : value * sign;
  };
  return [...chosen].sort((a, b) => weakness(a) - weakness(b)).slice(0, limit);
}

function sliceMetric({ metrics }: Evaluation): { readonly name: string; readonly sign: 1 | -1 } {
  return 'auc' in metrics ? { name: 'auc', sign: 1 } : { name: 'rootMeanSquaredError', sign: -1 };
}

/** Yields slices as a table: rows, the metric they are ordered by, and the others that fit. */
export function slicesTable(
  terminal: Terminal,
  evaluation: Evaluation,
  slices: readonly SliceResult[],
): string {
  const isBinary = 'auc' in evaluation.metrics;
  const names = isBinary
    ? ['auc', 'logLoss', 'precision', 'recall']
    : ['rootMeanSquaredError', 'meanAbsoluteError', 'rSquared'];
  const shown = names.filter((name) => slices.some((one) => name in one.metrics));
  const rows = slices.map((one) => [
    one.slice,
    one.group,
    count(one.rows),
    ...shown.map((name, i) =>
      i === 0 ? metricText(one.metrics[name]) : figure(one.metrics[name]?.value ?? null),
    ),
  ]);
  return table(terminal, rows, {
    head: ['slice', 'group', 'rows', ...shown],
    right: [2, ...shown.slice(1).map((_, i) => i + 4)],
  });
}
