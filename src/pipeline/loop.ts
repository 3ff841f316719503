import type { StagePart } from './step-plan.ts';
import { evaluatePart } from './parts/evaluate.ts';
import { featurizePart } from './parts/featurize.ts';
import { ingestPart } from './parts/ingest.ts';
import { registerPart } from './parts/register.ts';
import { trainPart } from './parts/train.ts';
import { validatePart } from './parts/validate.ts';

/** The order of the loop, as data. */
export const loopParts: readonly StagePart[] = [
  ingestPart,
  validatePart,
  featurizePart,
  trainPart,
  evaluatePart,
  registerPart,
];
