import type { Json } from '../../base/canonical-json.ts';
import type { Stage, Step } from '../../records/step.ts';
import { count, counted, figure, size } from '../format.ts';

/** Yields one line on what the steps of a stage did, from the facts they recorded. */
export function describeStep(stage: Stage, steps: readonly Step[]): string {
  const describe = descriptions[stage];
  return describe === undefined ? `${steps.length} steps` : describe(steps);
}

const descriptions: Partial<Record<Stage, (steps: readonly Step[]) => string>> = {
  ingest: (steps) => `${counted(steps.length, 'file')}, ${size(total(steps, 'sizeBytes'))}`,
  validate: (steps) => {
    const batches = steps.filter((step) => step.subject !== 'dataset');
    const [dataset] = steps;
    if (batches.length === 0)
      return `${counted(number(dataset, 'rows'), 'row')} in ${counted(number(dataset, 'batches'), 'batch', 'batches')}`;
    const stopped = batches.filter((step) => step.verdict === 'fail');
    const quarantined = total(batches, 'quarantined');
    const parts = [
      `${counted(total(batches, 'rows'), 'row')} in ${counted(batches.length, 'batch', 'batches')}`,
      ...(quarantined === 0 ? [] : [`${count(quarantined)} in quarantine`]),
      ...stopped.map((step) => `stopped: ${step.subject}`),
    ];
    return parts.join(', ');
  },
  featurize: ([step]) => {
    const rows = (name: string): string => count(number(step, name));
    return `${rows('train')} train, ${rows('validation')} validation, ${rows('evaluation')} evaluation rows`;
  },
  train: (steps) =>
    steps
      .map((step) => `${step.subject === '' ? 'model' : step.subject} ${size(number(step, 'sizeBytes'))}`)
      .join(', '),
  evaluate: ([step]) =>
    `${count(number(step, 'rows'))} rows, ${lead(step)}, verdict ${step?.verdict ?? 'none'}, model ${count(number(step, 'attempt'))} on these rows`,
  register: ([step]) => {
    const outcome = text(step?.facts['outcome']);
    return outcome === 'refused' ? 'refused' : `${outcome} (${text(step?.facts['rule'])})`;
  },
};

function lead(step: Step | undefined): string {
  const value = step?.facts['lead'];
  return typeof value === 'number' ? `${text(step?.facts['leadMetric'])} ${figure(value)}` : 'no lead metric';
}

function number(step: Step | undefined, name: string): number {
  const value = step?.facts[name];
  return typeof value === 'number' ? value : 0;
}

const total = (steps: readonly Step[], name: string): number =>
  steps.reduce((sum, step) => sum + number(step, name), 0);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
