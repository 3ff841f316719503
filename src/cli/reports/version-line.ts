import { shortDigest } from '../../base/digest.ts';
import type { Version, VersionContents, VersionKind } from '../../records/version.ts';
import { count, figure, minute, size } from '../format.ts';

type Describers = { readonly [Kind in VersionKind]: (content: VersionContents[Kind]) => string };

const describers: Describers = {
  batch: ({ name, sizeBytes }) => `${name}, ${size(sizeBytes)}`,
  validation: ({ rows, quarantinedRows, verdict }) =>
    `${count(rows)} rows, ${count(quarantinedRows)} in quarantine, ${verdict}`,
  dataset: ({ rows, batches }) => `${count(rows)} rows in ${count(batches.length)} batches`,
  trainingSet: ({ train, validation, evaluation }) =>
    `${count(train.table.rows)} train, ${count(validation.table.rows)} validation, ${count(evaluation.table.rows)} evaluation rows`,
  model: ({ name, trainer, sizeBytes }) => `${name}, ${trainer.name}, ${size(sizeBytes)}`,
  evaluation: (content) => `${leadText(content)}, ${content.verdict}`,
  decision: ({ outcome, rule }) => `${outcome} (${rule})`,
};

/** Yields in a few words what a version holds. */
export function describeVersion(version: Version): string {
  return (describers[version.kind] as (content: Version['content']) => string)(version.content);
}

/** Kinds as people read them. */
export const kindNames: Readonly<Record<VersionKind, string>> = {
  batch: 'batch',
  validation: 'validation',
  dataset: 'dataset',
  trainingSet: 'training set',
  model: 'model',
  evaluation: 'evaluation',
  decision: 'decision',
};

/** Yields the metric that speaks for a model, with its interval: `auc 0.78 [0.77, 0.79]`. */
export function leadText({ metrics }: Pick<VersionContents['evaluation'], 'metrics'>): string {
  const name = leadMetric(metrics);
  const metric = metrics[name];
  if (metric === undefined) return 'no metric';
  if (metric.value === null) return `${name} undefined`;
  const interval = metric.lower === null ? '' : ` [${figure(metric.lower)}, ${figure(metric.upper)}]`;
  return `${name} ${figure(metric.value)}${interval}`;
}

/** Yields the name of the metric that speaks for a model: auc, or rSquared for a number. */
export function leadMetric(metrics: VersionContents['evaluation']['metrics']): string {
  return 'rSquared' in metrics ? 'rSquared' : 'auc';
}

/** Yields a version as one row of a list: kind, digest, what, when. */
export function versionRow(version: Version): readonly string[] {
  return [
    kindNames[version.kind],
    shortDigest(version.digest),
    describeVersion(version),
    minute(version.atUs),
  ];
}
