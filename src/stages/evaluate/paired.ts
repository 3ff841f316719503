import { decisionCosts, logLosses, squaredErrors } from '../../math/metrics/row-losses.ts';
import { pairedBlockDifference } from '../../math/resampling/paired-block-difference.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { MetricResult } from '../../records/evaluation.ts';
import { metricResult, type JudgedRows } from './judged.ts';

/** Yields per loss how much more this model loses than the champion on the same rows, with a t interval over blocks. */
export function comparePaired(
  model: JudgedRows,
  champion: JudgedRows,
  spec: EvaluateSpec,
): Readonly<Record<string, MetricResult>> {
  const [own, others] = [lossesOf(model, spec), lossesOf(champion, spec)];
  return Object.fromEntries(
    Object.entries(own).map(([name, lossA]) => {
      const lossB = others[name] ?? lossA;
      const { difference } = pairedBlockDifference({
        lossA,
        lossB,
        blocks: model.blocks,
        alpha: spec.alpha,
        replicates: 1,
      });
      return [name, metricResult(difference)];
    }),
  );
}

function lossesOf(
  { task, labels, scores }: JudgedRows,
  { threshold, cost }: EvaluateSpec,
): Readonly<Record<string, Float64Array>> {
  if (task === 'regression') return { squaredError: scores.map((score, row) => (score - labels[row]!) ** 2) };
  const classes = Uint8Array.from(labels);
  return {
    logLoss: logLosses(classes, scores),
    brier: squaredErrors(classes, scores),
    cost: decisionCosts(classes, scores, { threshold, cost }),
  };
}
