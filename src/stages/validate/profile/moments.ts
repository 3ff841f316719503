import type { Cell } from '../../../ports/engine.ts';
import type { ColumnSpec } from '../../../records/column-spec.ts';
import { numeric, numericSql, type Moments } from './numeric-column.ts';
import type { Part, ValidateContext } from '../work.ts';

/** Bits in which values are summed, and in which they are squared: squares and their sums stay within 128 bits. */
const sumBits = 52;
const squareBits = 31;
const squareLimit = 2 ** squareBits - 1;

interface Grid {
  readonly name: string;
  readonly value: string;
  readonly min: number;
  readonly sumScale: number;
  readonly squareScale: number;
}

/**
 * Yields the aggregates from which the mean and spread of whole numbers follow exactly, named `<alias>_*`; none for
 * other types. Sums come as text: they have more digits than a number.
 */
export function wholeSums(column: ColumnSpec, alias: string): readonly string[] {
  const value = numericSql(column);
  if (value === undefined || !isWhole(column)) return [];
  const whole = `${value}::BIGINT`;
  const square = `CASE WHEN ${whole} BETWEEN -${squareLimit} AND ${squareLimit} THEN ${whole} * ${whole} END`;
  return [`sum(${whole})::VARCHAR AS ${alias}_sum`, `sum(${square})::VARCHAR AS ${alias}_squares`];
}

function isWhole({ type }: ColumnSpec): boolean {
  return type === 'int64' || type === 'boolean';
}

/**
 * Yields mean and standard deviation of every number and boolean column. Sums of doubles depend on the order in which
 * threads add, and with it would the digest of the record; so doubles, and integers too large to square, are laid on a
 * grid between the column's least and greatest value, and whole numbers are summed, exactly and in any order.
 *
 * @param answer what `profileSql` asks for
 */
export async function momentsOf(
  ctx: ValidateContext,
  part: Part,
  answer: Readonly<Record<string, Cell>>,
): Promise<ReadonlyMap<string, Moments>> {
  const moments = new Map<string, Moments>();
  const grids: Grid[] = [];
  for (const [i, column] of part.columns.entries()) {
    const [min, max] = [numeric(answer[`c${i}_min`]), numeric(answer[`c${i}_max`])];
    if (min === null || max === null) continue;
    if (isWhole(column) && Math.max(-min, max) <= squareLimit) {
      const sums = { n: answer[`c${i}_n`], sum: answer[`c${i}_sum`], squares: answer[`c${i}_squares`] };
      const { mean, stddev } = exactMoments(sums);
      moments.set(column.name, { mean, stddev });
    } else if (isWhole(column) || column.type === 'double') {
      const grid = gridOf(column, min, max);
      if (grid !== undefined) grids.push(grid);
    }
  }
  if (grids.length === 0) return moments;
  const sums = await sumsOf(ctx, part, grids);
  for (const [i, grid] of grids.entries()) {
    const found = momentsOnGrid(grid, sums, `g${i}`);
    if (found !== undefined) moments.set(grid.name, found);
  }
  return moments;
}

function gridOf(column: ColumnSpec, min: number, max: number): Grid | undefined {
  const range = max - min;
  if (!Number.isFinite(range)) return undefined;
  const scale = (bits: number): number =>
    range === 0 ? 1 : 2 ** Math.min(1000, Math.floor(bits - Math.log2(range)));
  const value = numericSql(column) ?? 'NULL';
  return { name: column.name, value, min, sumScale: scale(sumBits), squareScale: scale(squareBits) };
}

interface Sums {
  readonly n: Cell | undefined;
  readonly sum: Cell | undefined;
  readonly squares: Cell | undefined;
}

function exactMoments({ n, sum, squares }: Sums): Moments {
  const count = BigInt(Number(n));
  const [total, total2] = [BigInt(String(sum)), BigInt(String(squares))];
  const mean = Number(total) / Number(count);
  if (count === 1n) return { mean, stddev: null };
  const spread = Number(count * total2 - total ** 2n) / Number(count * (count - 1n));
  return { mean, stddev: Math.sqrt(spread) };
}

async function sumsOf(
  ctx: ValidateContext,
  part: Part,
  grids: readonly Grid[],
): Promise<Readonly<Record<string, Cell>>> {
  const values = grids.flatMap(({ value, min, sumScale, squareScale }, i) => {
    const shifted = `((${value})::DOUBLE - ${literal(min)})`;
    return [
      `CAST(${shifted} * ${literal(sumScale)} AS BIGINT) AS s${i}`,
      `CAST(${shifted} * ${literal(squareScale)} AS BIGINT) AS q${i}`,
    ];
  });
  const sums = grids.flatMap((_, i) => [
    `count(s${i}) AS g${i}_n`,
    `sum(s${i})::VARCHAR AS g${i}_sum`,
    `sum(q${i})::VARCHAR AS g${i}_whole`,
    `sum(q${i} * q${i})::VARCHAR AS g${i}_squares`,
  ]);
  const [answer = {}] = await ctx.engine.rows(
    `SELECT ${sums.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${part.relation})`,
  );
  return answer;
}

function literal(value: number): string {
  return `'${value}'::DOUBLE`;
}

function momentsOnGrid(
  { min, sumScale, squareScale }: Grid,
  sums: Readonly<Record<string, Cell>>,
  alias: string,
): Moments | undefined {
  const n = sums[`${alias}_n`];
  if (Number(n) === 0) return undefined;
  const mean = min + Number(BigInt(String(sums[`${alias}_sum`]))) / Number(n) / sumScale;
  const { stddev } = exactMoments({ n, sum: sums[`${alias}_whole`], squares: sums[`${alias}_squares`] });
  return { mean, stddev: stddev === null ? null : stddev / squareScale };
}
