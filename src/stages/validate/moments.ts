import type { Cell } from '../../ports/engine.ts';
import { numeric, numericSql, type Moments } from './profile.ts';
import type { Part, ValidateContext } from './work.ts';

/** Bits in which values are summed, and in which they are squared: squares and their sums stay within 128 bits. */
const sumBits = 52;
const squareBits = 31;

interface Grid {
  readonly name: string;
  readonly value: string;
  readonly min: number;
  readonly sumScale: number;
  readonly squareScale: number;
}

/**
 * Yields mean and standard deviation of every column that has numbers. Sums of doubles depend on the order in which
 * threads add, and with it would the digest of the record; so values are laid on a grid between the column's least and
 * greatest value, and whole numbers are summed, exactly and in any order.
 *
 * @param answer least and greatest values, as `profileSql` names them
 */
export async function momentsOf(
  ctx: ValidateContext,
  part: Part,
  answer: Readonly<Record<string, Cell>>,
): Promise<ReadonlyMap<string, Moments>> {
  const moments = new Map<string, Moments>();
  const grids: Grid[] = [];
  for (const [i, column] of part.columns.entries()) {
    const value = numericSql(column);
    const min = numeric(answer[`c${i}_min`]);
    const max = numeric(answer[`c${i}_max`]);
    if (value === undefined || min === null || max === null) continue;
    const range = max - min;
    if (!Number.isFinite(range)) continue;
    const scale = (bits: number): number =>
      range === 0 ? 1 : 2 ** Math.min(1000, Math.floor(bits - Math.log2(range)));
    grids.push({ name: column.name, value, min, sumScale: scale(sumBits), squareScale: scale(squareBits) });
  }
  if (grids.length === 0) return moments;
  const sums = await sumsOf(ctx, part, grids);
  for (const [i, grid] of grids.entries()) {
    const found = momentsOnGrid(grid, sums, `g${i}`);
    if (found !== undefined) moments.set(grid.name, found);
  }
  return moments;
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
  // Sums come as text: they have more digits than a number.
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
  const n = BigInt(Number(sums[`${alias}_n`]));
  if (n === 0n) return undefined;
  const [sum, whole, squares] = ['sum', 'whole', 'squares'].map((name) =>
    BigInt(String(sums[`${alias}_${name}`])),
  );
  const mean = min + Number(sum) / Number(n) / sumScale;
  if (n === 1n) return { mean, stddev: null };
  const spread = Number(n * (squares ?? 0n) - (whole ?? 0n) ** 2n) / Number(n * (n - 1n));
  return { mean, stddev: Math.sqrt(spread) / squareScale };
}
