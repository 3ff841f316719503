import { seededRandom, type Random } from '../../base/random.ts';

/** A file of the example, ready to be written. */
export interface ExampleFile {
  readonly name: string;
  readonly text: string;
}

const seed = 20_260_105;
const days = 60;
const ordersPerDay = 34;
const firstDayMs = Date.parse('2026-01-05T00:00:00Z');
const dayMs = 86_400_000;

const categories = ['books', 'electronics', 'garden', 'shoes', 'toys', 'clothing'] as const;
const baseRate: Readonly<Record<string, number>> = {
  books: -2.6,
  electronics: -0.7,
  garden: -1.8,
  shoes: 0.3,
  toys: -2,
  clothing: 0.5,
};
const channels = ['app', 'shop', 'web'] as const;

/**
 * Yields a week of orders per CSV file: invented, but with structure to learn (shoes and clothing come back more often,
 * so do expensive orders and those of certain customers), a few duplicates and a few impossible rows, which the contract
 * keeps back. The same bytes on every machine.
 */
export function exampleOrders(): readonly ExampleFile[] {
  const random = seededRandom(seed);
  const leanings = Array.from({ length: 120 }, () => normal(random) * 0.9);
  const weeks = new Map<number, string[]>();
  for (let day = 0; day < days; day++) {
    const week = Math.floor(day / 7);
    const lines = weeks.get(week) ?? [];
    for (const line of ordersOfDay(random, { day, leanings })) {
      lines.push(line);
      if (random.next() < 0.002) lines.push(line);
    }
    weeks.set(week, lines);
  }
  return [...weeks].map(([week, lines]) => ({
    name: `orders-${dateOf(week * 7)}.csv`,
    text: `${['order_id,ordered_at,settled_at,customer,category,channel,price,quantity,returned', ...lines].join('\n')}\n`,
  }));
}

const dateOf = (day: number): string => new Date(firstDayMs + day * dayMs).toISOString().slice(0, 10);

function ordersOfDay(
  random: Random,
  { day, leanings }: { readonly day: number; readonly leanings: readonly number[] },
): readonly string[] {
  const moments = Array.from({ length: ordersPerDay }, () => random.below(dayMs / 1000)).sort(
    (a, b) => a - b,
  );
  return moments.map((second, i) => {
    const customer = random.below(leanings.length);
    const category = categories[random.below(categories.length)] ?? 'books';
    const channel = channels[random.below(channels.length)] ?? 'web';
    const price = Math.round(Math.exp(3.4 + 0.7 * normal(random)) * 100) / 100;
    const quantity = 1 + random.below(4);
    const logit =
      (baseRate[category] ?? 0) +
      (leanings[customer] ?? 0) +
      0.5 * Math.log(price / 30) +
      (channel === 'app' ? 0.5 : 0) -
      0.2 * (quantity - 1) -
      0.1;
    const isReturned = random.next() < 1 / (1 + Math.exp(-logit));
    const orderedMs = firstDayMs + day * dayMs + second * 1000;
    const settledMs = orderedMs + (2 * 86_400 + random.below(3 * 86_400)) * 1000;
    // One order in five hundred is entered with a sign too many.
    const shownPrice = random.next() < 0.002 ? -price : price;
    return [
      `o${String(day * ordersPerDay + i + 1).padStart(5, '0')}`,
      iso(orderedMs),
      iso(settledMs),
      `c${String(customer + 1).padStart(3, '0')}`,
      category,
      channel,
      shownPrice.toFixed(2),
      String(quantity),
      String(isReturned),
    ].join(',');
  });
}

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000', '');

/** A standard normal draw, by summing twelve uniform ones. */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}
