// Compile-time tests of the definition: `tsc -p tsconfig.json` fails when a line that must be refused is accepted.
import { count, defineLoop, defineSource, mean, range, view } from 'sluice';
import { z } from 'zod';

const orders = defineSource({
  name: 'orders',
  files: 'orders.csv',
  schema: z.object({
    at: z.date(),
    shop: z.string(),
    price: z.number(),
    items: z.int(),
    note: z.string().nullable(),
  }),
  derive: (order) => ({ isLarge: order.items.gte(10), due: order.at.plusSeconds(3600) }),
  eventTime: 'at',
  knownTime: 'due',
  outcome: ['note'],
});
const { columns } = orders;

// Arrived and derived columns are typed.
columns.price.plus(1);
columns.items.modulo(7).eq(0);
columns.isLarge.not();
columns.shop.length();

// @ts-expect-error a misspelt column
void columns.prise;
// @ts-expect-error text has no arithmetic
columns.shop.plus(1);
// @ts-expect-error a boolean is not a timestamp
columns.isLarge.hour();
// @ts-expect-error a range needs a number
range(columns.shop, { min: 0 });

const shop = view('shop', {
  by: columns.shop,
  windows: ['1h', '7d'],
  aggregates: { orders: count(), price: mean(columns.price) },
});
void shop.features.shop_orders_1h;
// @ts-expect-error no such window
void shop.features.shop_orders_2h;
// @ts-expect-error text cannot be averaged
mean(columns.shop);
// @ts-expect-error a window needs a unit
view('shop', { by: columns.shop, windows: ['1'], aggregates: { orders: count() } });

defineSource({
  name: 'x',
  files: 'x.csv',
  schema: z.object({ at: z.date() }),
  derive: (row) => ({ later: row.at.plusSeconds(1) }),
  // @ts-expect-error a misspelt time column
  eventTime: 'ta',
});

defineLoop({
  name: 'orders',
  source: orders,
  views: [shop],
  features: { price: columns.price, ...shop.features },
  label: { value: columns.isLarge },
  // @ts-expect-error a misspelt key
  train: { trainr: 'trees' },
  evaluate: { gates: [] },
});
