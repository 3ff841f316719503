// What a config imports: functions that define, and types. It loads no adapter.
export { literal, caseWhen } from './expression/expression.ts';
export type { Expression } from './expression/methods.ts';
export type { LoopDefinition } from './pipeline/compiled-loop.ts';
export { atLeast, atMost, mustPass, nonInferior } from './pipeline/define/define-gates.ts';
export { defineLoop, type LoopOptions } from './pipeline/define/define-loop.ts';
export {
  check,
  freshness,
  matches,
  notNull,
  oneOf,
  range,
  rowCount,
  unique,
} from './pipeline/define/define-rules.ts';
export { defineSource, type Source } from './pipeline/define/define-source.ts';
export { count, max, mean, min, sum, view, type View } from './pipeline/define/define-view.ts';
