import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { Cell } from '../../ports/engine.ts';
import type { ColumnProfile } from '../../records/validation.ts';
import type { RowRule } from './compiled-contract.ts';
import { momentsOf } from './profile/moments.ts';
import { profileOf, profileSql } from './profile/profile.ts';
import type { Part, ValidateContext, Work } from './work.ts';

/** What one pass over a batch tells. */
export interface Scan {
  readonly rows: number;
  /** True when some value could not be read or computed. */
  readonly hasUnreadable: boolean;
  /** Rows that break each row rule. */
  readonly failures: ReadonlyMap<RowRule, number>;
  readonly profile: readonly ColumnProfile[];
}

/**
 * Judges every row rule and profiles every column in one pass. Only when some text could not be read, a second pass
 * tells such values from nulls.
 */
export async function scanWork(ctx: ValidateContext, work: Work): Promise<Scan> {
  let rows = 0;
  let hasUnreadable = false;
  const failures = new Map<RowRule, number>();
  const profile: ColumnProfile[] = [];
  for (const part of work.parts.flatMap(slices)) {
    const scanned = await scanPart(ctx, part, { hasUnreadable: false, isGuarded: work.isGuarded });
    const exact =
      scanned.unreadable === 0
        ? scanned
        : await scanPart(ctx, part, { hasUnreadable: true, isGuarded: work.isGuarded });
    hasUnreadable ||= scanned.unreadable > 0;
    rows = scanned.rows;
    for (const [rule, count] of exact.failures) failures.set(rule, count);
    profile.push(...exact.profile);
  }
  return { rows, hasUnreadable, failures, profile };
}

/** Columns judged by one statement; the engine's time to plan one grows faster than its length. */
const sliceWidth = 100;

function slices(part: Part): readonly Part[] {
  if (part.columns.length <= sliceWidth) return [part];
  const found: Part[] = [];
  const left = new Set(part.rules);
  for (let from = 0; from < part.columns.length; from += sliceWidth) {
    const columns = part.columns.slice(from, from + sliceWidth);
    const names = new Set(columns.map(({ name }) => name));
    const rules = [...left].filter((rule) => rule.columns.every((column) => names.has(column)));
    for (const rule of rules) left.delete(rule);
    found.push({ relation: part.relation, columns, rules });
  }
  return left.size === 0 ? found : [...found, { relation: part.relation, columns: [], rules: [...left] }];
}

interface ScannedPart {
  readonly rows: number;
  readonly unreadable: number;
  readonly failures: ReadonlyMap<RowRule, number>;
  readonly profile: readonly ColumnProfile[];
}

/** How predicates are written. */
export interface PredicateMode {
  /** Tells a value that could not be read from a null. */
  readonly hasUnreadable: boolean;
  /** Takes a predicate that fails to compute as broken. */
  readonly isGuarded: boolean;
}

async function scanPart(ctx: ValidateContext, part: Part, mode: PredicateMode): Promise<ScannedPart> {
  const judged = part.rules.flatMap((rule) => {
    const predicate = predicateOf(rule, mode);
    return predicate === undefined ? [] : [{ rule, predicate }];
  });
  const picked = [
    'count(*) AS rows',
    'count(_raw) AS unreadable',
    ...judged.map(({ predicate }, i) => `count_if(NOT (${predicate})) AS r${i}`),
    ...part.columns.flatMap((column, i) => profileSql(column, `c${i}`)),
  ];
  const [answer = {}] = await ctx.engine.rows(`SELECT ${picked.join(', ')} FROM ${part.relation}`);
  const failures = new Map<RowRule, number>(part.rules.map((rule) => [rule, 0]));
  for (const [i, { rule }] of judged.entries()) failures.set(rule, numberOf(answer[`r${i}`]));
  const rows = numberOf(answer['rows']);
  const moments = await momentsOf(ctx, part, answer);
  const profile = part.columns.map((column, i) =>
    profileOf(column, { answer, alias: `c${i}`, moments: moments.get(column.name) }),
  );
  return { rows, unreadable: numberOf(answer['unreadable']), failures, profile };
}

/** Yields SQL that is false for rows that break the rule, or undefined when none can. */
export function predicateOf(rule: RowRule, { hasUnreadable, isGuarded }: PredicateMode): string | undefined {
  const predicate =
    isGuarded && rule.kind === 'expression' && rule.predicate !== undefined
      ? guarded(rule.predicate)
      : rule.predicate;
  if (!hasUnreadable) return predicate;
  const [column = ''] = rule.columns;
  const isUnreadable = `coalesce(json_exists(_raw, ${quoteLiteral(pointerTo(column))}), FALSE)`;
  // A value that could not be read breaks the type rule, and is no null.
  if (rule.kind === 'notNull') return `(${quoteIdentifier(column)} IS NOT NULL OR ${isUnreadable})`;
  if (rule.kind !== 'type') return predicate;
  return predicate === undefined
    ? `NOT ${isUnreadable}`
    : `(NOT ${isUnreadable} AND coalesce(${predicate}, TRUE))`;
}

function guarded(predicate: string): string {
  return `coalesce(TRY(CASE WHEN NOT (${predicate}) THEN FALSE ELSE TRUE END), FALSE)`;
}

/** RFC 6901. */
function pointerTo(column: string): string {
  return `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Yields a count of the engine as a number. */
export function numberOf(cell: Cell | undefined): number {
  return Number(cell ?? 0);
}
