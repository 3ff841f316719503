import type { Digest } from '../../base/digest.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import { SluiceError } from '../../base/errors.ts';
import type { UniqueRule } from './compiled-contract.ts';
import { numberOf } from './scan.ts';
import type { Part, ValidateContext, Work } from './work.ts';

/** Where keys are looked up. */
export interface UniqueScope {
  readonly work: Work;
  /** SQL relations of earlier processed tables, for rules within the dataset. */
  readonly earlier: readonly string[];
}

/** Opens the processed tables of earlier batches for rules within the dataset; none when no rule asks for them. */
export async function openEarlier(
  ctx: ValidateContext,
  rules: readonly UniqueRule[],
  earlier: readonly Digest[],
): Promise<readonly string[]> {
  if (rules.every(({ within }) => within === 'batch')) return [];
  const paths: string[] = [];
  for (const digest of earlier) paths.push(quoteLiteral(await ctx.blob.path(digest)));
  return paths.length === 0 ? [] : [`read_parquet([${paths.join(', ')}])`];
}

/** Counts the rows that repeat a key, per rule, in one statement. */
export async function countRepeats(
  ctx: ValidateContext,
  rules: readonly UniqueRule[],
  scope: UniqueScope,
): Promise<ReadonlyMap<UniqueRule, number>> {
  if (rules.length === 0) return new Map();
  const counts = rules.map((rule, i) => `(${countSql(rule, scope)}) AS u${i}`);
  const [answer = {}] = await ctx.engine.rows(`SELECT ${counts.join(', ')}`);
  return new Map(rules.map((rule, i) => [rule, numberOf(answer[`u${i}`])]));
}

function countSql(rule: UniqueRule, scope: UniqueScope): string {
  if (rule.within === 'dataset' && scope.earlier.length > 0) {
    return `SELECT count(*) FROM (${repeatsSql(rule, scope, 'FALSE')})`;
  }
  const { relation } = partOf(rule, scope.work);
  const groups = `SELECT count(*) AS n FROM ${relation} ${suspects(rule, relation)} GROUP BY ${keys(rule).join(', ')} HAVING count(*) > 1`;
  return `SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (${groups})`;
}

/**
 * Yields SQL of the `_row` of every row that repeats the key of another: of an earlier batch, or of a row that comes
 * before it here. Rows that are bad anyway (`isBad`, SQL over `_row`) come last, so that a good one is kept.
 */
export function repeatsSql(rule: UniqueRule, { work, earlier }: UniqueScope, isBad: string): string {
  const { relation } = partOf(rule, work);
  const order = `PARTITION BY ${keys(rule).join(', ')} ORDER BY (${isBad}), _row`;
  const numbered = `SELECT _row, row_number() OVER (${order}) AS place FROM ${relation} ${suspects(rule, relation)}`;
  const here = `SELECT _row FROM (${numbered}) WHERE place > 1`;
  if (rule.within === 'batch' || earlier.length === 0) return here;
  const same = rule.columns
    .map(quoteIdentifier)
    .map((name) =>
      rule.isWholeRow ? `earlier.${name} IS NOT DISTINCT FROM now.${name}` : `earlier.${name} = now.${name}`,
    );
  const before = earlier.map(
    (table) =>
      `SELECT now._row FROM ${relation} AS now SEMI JOIN ${table} AS earlier ON ${same.join(' AND ')}`,
  );
  return [here, ...before].join(' UNION ');
}

/** What could not be read is part of the whole row, but a row without a readable key has none. */
function keys(rule: UniqueRule): readonly string[] {
  const names = rule.columns.map(quoteIdentifier);
  return rule.isWholeRow ? [...names, '_raw'] : names;
}

function keyed(rule: UniqueRule): string {
  if (rule.isWholeRow) return '';
  return `WHERE ${rule.columns.map((name) => `${quoteIdentifier(name)} IS NOT NULL`).join(' AND ')}`;
}

/**
 * Yields a WHERE that leaves the rows whose key can occur twice: equal keys have equal hashes, and grouping one number is
 * several times cheaper than grouping whole rows.
 */
function suspects(rule: UniqueRule, relation: string): string {
  const hash = `hash(${keys(rule).join(', ')})`;
  const twice = `SELECT ${hash} AS h FROM ${relation} ${keyed(rule)} GROUP BY h HAVING count(*) > 1`;
  const condition = `${hash} IN (${twice})`;
  return rule.isWholeRow ? `WHERE ${condition}` : `${keyed(rule)} AND ${condition}`;
}

function partOf(rule: UniqueRule, work: Work): Part {
  const part = work.parts.at(-1);
  if (part !== undefined && (work.parts.length === 1 || !rule.isWholeRow)) return part;
  throw new SluiceError('VALIDATE_UNIQUE_WIDE', { rule: rule.id, columns: rule.columns.length });
}
