import { sluiceVersion } from '../version.ts';
import { exampleOrders, type ExampleFile } from './orders-data.ts';

const config = `// Will an order come back? Every stage of the loop follows from this file; \`sluice run\` runs them.
import { atLeast, count, defineLoop, defineSource, mean, nonInferior, notNull, range, unique, view } from 'sluice';
import { z } from 'zod';

// Where rows come from, what they look like, and what they mean in time.
const orders = defineSource({
  name: 'orders',
  files: 'data/*.csv',
  schema: z.object({
    order_id: z.string(),
    ordered_at: z.date(),
    settled_at: z.date(), // when it was known whether the order came back
    customer: z.string(),
    category: z.string(),
    channel: z.enum(['app', 'shop', 'web']),
    price: z.number(),
    quantity: z.int(),
    returned: z.boolean(),
  }),
  eventTime: 'ordered_at', // a prediction is due then
  knownTime: 'settled_at', // nobody knows the outcome before
  outcome: ['returned', 'settled_at'],
});

const { columns } = orders;

// What was known about a customer and a category at the moment of each order.
const windows = ['7d', '28d'] as const;
const history = { return_rate: mean(columns.returned), orders: count() };
const customer = view('customer', { by: columns.customer, windows, aggregates: history });
const category = view('category', { by: columns.category, windows, aggregates: history });

export default defineLoop({
  name: 'returns',
  source: orders,
  // Rows that break a rule go to quarantine with every reason; a batch with too many of them is stopped.
  contract: {
    rules: [notNull(columns.customer), range(columns.price, { min: 0, max: 10_000 }), unique([columns.order_id])],
    maxQuarantinedShare: 0.05,
  },
  views: [customer, category],
  // What the model sees: text is categorical, anything else numeric.
  features: {
    price: columns.price,
    quantity: columns.quantity,
    category: columns.category,
    channel: columns.channel,
    weekday: columns.ordered_at.weekday(),
    ...customer.features,
    ...category.features,
  },
  label: { value: columns.returned, maturity: '5d' },
  train: {
    trainer: 'trees', // or 'linear', or 'command' with any program of yours
    params: { rounds: 60, leaves: 15, earlyStoppingRounds: 10 },
    seed: 7,
    split: { evaluationDays: 14, validationDays: 7 },
  },
  // What a model must show on days it has not seen, before it may become champion.
  evaluate: {
    threshold: 0.5,
    cost: { falsePositive: 1, falseNegative: 4 },
    block: 'day',
    slices: { category: columns.category, channel: columns.channel },
    minSliceRows: 50,
    gates: [atLeast('auc', 0.6), nonInferior('logLoss', { margin: 0.01 })],
  },
});
`;

const readme = `# A Sluice loop

Will an order come back? \`data/\` holds 60 days of invented orders, one file a week; \`sluice.config.ts\` says what to
make of them.

    npx sluice run                    # ingest, validate, featurize, train, evaluate, register
    npx sluice status                 # where the loop stands
    npx sluice models show champion   # all that is on record about the model in use
    npx sluice quarantine             # the rows that broke the contract, and why
    npx sluice lineage champion --row top   # one prediction, back to its raw row

Run it again: every step is reused. Then change something and ask what would happen:

    npx sluice explain train
    npx sluice run --set train.params.leaves=7,15,31    # a sweep; the best on the validation days is evaluated
    cp data/orders-2026-01-05.csv data/again.csv && npx sluice run    # the same bytes again change nothing

Your own data: put files into \`data/\`, describe their columns in \`sluice.config.ts\`, and say when a row happened and when
its outcome was known. What Sluice remembers is in \`.sluice/\`; keep it out of version control, and save it with
\`sluice backup\`.
`;

const manifest = `${JSON.stringify(
  {
    name: 'sluice-loop',
    private: true,
    type: 'module',
    dependencies: { sluice: `^${sluiceVersion()}`, zod: '^4.2.0' },
  },
  null,
  2,
)}\n`;

/** Yields the files of a new project; `package.json` only where it is asked for. */
export function projectFiles({ withManifest }: { readonly withManifest: boolean }): readonly ExampleFile[] {
  return [
    { name: 'sluice.config.ts', text: config },
    { name: 'README.md', text: readme },
    { name: '.gitignore', text: '.sluice/\nnode_modules/\n' },
    ...(withManifest ? [{ name: 'package.json', text: manifest }] : []),
    ...exampleOrders().map(({ name, text }) => ({ name: `data/${name}`, text })),
  ];
}
