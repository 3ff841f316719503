import { engineErrorCases } from './engine-errors.ts';
import { engineFileCases } from './engine-files.ts';
import { engineSemanticCases } from './engine-semantics.ts';
import { engineTypeCases } from './engine-types.ts';
import type { EngineContext } from './engine-context.ts';
import type { ConformanceCase } from './case.ts';

export type { EngineContext } from './engine-context.ts';

/** Every demand of the engine port. */
export const engineCases: readonly ConformanceCase<EngineContext>[] = [
  ...engineSemanticCases,
  ...engineTypeCases,
  ...engineFileCases,
  ...engineErrorCases,
];
