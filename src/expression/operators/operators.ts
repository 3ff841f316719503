/** Every operator of the language by name. */
import { arithmetic } from './arithmetic.ts';
import { calendar } from './calendar.ts';
import { comparison } from './comparison.ts';
import { conversion } from './conversion.ts';
import { logic } from './logic.ts';
import type { Operator } from './operator.ts';
import { text } from './text.ts';

/** The operator table: name -> type rules with SQL template and JavaScript kernel. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  [...arithmetic, ...comparison, ...logic, ...text, ...calendar, ...conversion].map((one) => [one.name, one]),
);
