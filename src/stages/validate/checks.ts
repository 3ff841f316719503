import { inspect } from 'node:util';
import { SluiceError } from '../../base/errors.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import { nearest } from '../../expression/nearest.ts';
import type { Column } from '../../ports/engine.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { CheckRule, CompiledContract } from './compiled-contract.ts';
import type { ValidateContext } from './work.ts';

/** A value as a row check sees it. Times are Dates (whole milliseconds), integers beyond 2^53 the nearest number. */
export type RowValue = null | boolean | number | string | Date;

/** A function of the user's schema: null when the arrived row is good, else what is wrong. */
export type RowCheck = (row: Readonly<Record<string, RowValue>>) => string | null;

/** A row that a check found bad. */
export interface Noted {
  readonly row: number;
  readonly note: string;
}

const rowsAtOnce = 50_000;
const noteLength = 300;

/**
 * Runs row checks on rows that broke no other rule.
 *
 * @param options.rows SQL of `_row` and the arrived columns
 * @returns per rule the rows found bad, in row order
 * @throws VALIDATE_CHECK_MISSING, VALIDATE_CHECK_THREW naming the row, VALIDATE_CHECK_ASYNC
 */
export async function runChecks(
  ctx: ValidateContext,
  contract: CompiledContract,
  options: { readonly rows: string; readonly checks: Readonly<Record<string, RowCheck>> },
): Promise<ReadonlyMap<CheckRule, readonly Noted[]>> {
  const found = new Map<CheckRule, Noted[]>();
  const running = contract.checks.map((rule) => ({ rule, check: checkOf(rule, options.checks) }));
  for (const { rule } of running) found.set(rule, []);
  if (running.length === 0) return found;
  const names = contract.arrived.map(({ name }) => quoteIdentifier(name));
  const picked = `SELECT ${['_row', ...names].join(', ')} FROM (${options.rows})`;
  for (let after = -1; ;) {
    const chunk = await ctx.engine.columns(
      `${picked} WHERE _row > ${after} ORDER BY _row LIMIT ${rowsAtOnce}`,
    );
    if (chunk.rows === 0) return found;
    const numbers = chunk.columns.get('_row');
    const readers = contract.arrived.map(
      (column) => [column.name, readerOf(column, chunk.columns.get(column.name))] as const,
    );
    for (let i = 0; i < chunk.rows; i++) {
      const number = numbers?.type === 'int64' ? numbers.values[i]! : i;
      const row = Object.fromEntries(readers.map(([name, read]) => [name, read(i)]));
      for (const { rule, check } of running) {
        const note = judge(rule, check, { row, number });
        if (note !== null) found.get(rule)?.push({ row: number, note: note.slice(0, noteLength) });
      }
      after = number;
    }
  }
}

function checkOf(rule: CheckRule, checks: Readonly<Record<string, RowCheck>>): RowCheck {
  const check = Object.hasOwn(checks, rule.name) ? checks[rule.name] : undefined;
  if (check !== undefined) return check;
  const close = nearest(rule.name, Object.keys(checks)) ?? '(none)';
  throw new SluiceError('VALIDATE_CHECK_MISSING', { rule: rule.id, check: rule.name, nearest: close });
}

interface NumberedRow {
  readonly row: Readonly<Record<string, RowValue>>;
  readonly number: number;
}

function judge(rule: CheckRule, check: RowCheck, { row, number }: NumberedRow): string | null {
  let answer: unknown;
  try {
    answer = check(row);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError(
      'VALIDATE_CHECK_THREW',
      { check: rule.name, row: number, reason },
      { cause: error },
    );
  }
  if (answer === null || typeof answer === 'string') return answer;
  if (answer instanceof Promise) {
    answer.catch(() => {});
    throw new SluiceError('VALIDATE_CHECK_ASYNC', { check: rule.name });
  }
  const reason = `it answered ${inspect(answer, { depth: 1 })}, neither null nor text`;
  throw new SluiceError('VALIDATE_CHECK_THREW', { check: rule.name, row: number, reason });
}

function readerOf({ type }: ColumnSpec, column: Column | undefined): (i: number) => RowValue {
  if (column === undefined) return () => null;
  if (column.type === 'string') return (i) => column.dictionary[column.codes[i]!] ?? null;
  const { values, valid } = column;
  const isNull = (i: number): boolean => valid !== undefined && valid[i] === 0;
  if (type === 'boolean') return (i) => (isNull(i) ? null : values[i] === 1);
  if (type === 'timestamp' || type === 'local')
    return (i) => (isNull(i) ? null : new Date(values[i]! / 1000));
  return (i) => (isNull(i) ? null : values[i]!);
}
