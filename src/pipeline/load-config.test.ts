import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isSluiceError, type ErrorCode } from '../base/errors.ts';
import type { CompiledLoop } from './compiled-loop.ts';
import { loadConfig } from './load-config.ts';

const plain = `
import { atLeast, count, defineLoop, defineSource, mean, view } from 'sluice';
import { z } from 'zod';
import { isSane } from './sane.ts';
const orders = defineSource({
  name: 'orders', files: 'orders.csv', eventTime: 'at',
  schema: z.object({ at: z.date(), shop: z.string(), price: z.number(), returned: z.boolean() }).refine(isSane),
});
const { columns } = orders;
const shop = view('shop', { by: columns.shop, windows: ['1h', '7d'], aggregates: { orders: count(), rate: mean(columns.returned) } });
export default defineLoop({
  name: 'orders', source: orders, views: [shop],
  features: { price: columns.price, ...shop.features },
  label: { value: columns.returned },
  train: { trainer: 'trees', params: { leaves: 15 } },
  evaluate: { gates: [atLeast('auc', 0.6)] },
});
`;
const sane = `import { limit } from './limit.ts';
export function other() { return 1; }
export function isSane(row) { return row.price < limit(); }
`;
const limit = 'export const limit = () => 1000;\n';

type Files = Readonly<Record<string, string>>;

async function inProject<T>(files: Files, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-config-'));
  try {
    mkdirSync(path.join(directory, 'lib'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const load = (files: Files, overrides: readonly string[] = [], environment = {}): Promise<CompiledLoop> =>
  inProject(files, (projectDirectory) => loadConfig({ projectDirectory, overrides, environment }));

const whole: Files = { 'sluice.config.ts': plain, 'sane.ts': sane, 'limit.ts': limit };
const changed = (from: string, to: string): Files => ({
  ...whole,
  'sluice.config.ts': plain.replace(from, to),
});

async function refuses(
  files: Files,
  code: ErrorCode,
  text: RegExp,
  overrides: readonly string[] = [],
): Promise<void> {
  await assert.rejects(load(files, overrides), (error) => {
    assert.ok(isSluiceError(error, code), String(error));
    assert.match(`${error.message} ${error.remedy}`, text);
    assert.equal(error.exitCode, 2);
    return true;
  });
}

test('a config in a folder where nothing is installed compiles to data', async () => {
  const loop = await load(whole);
  assert.equal(loop.spec.name, 'orders');
  assert.deepEqual(
    loop.spec.features.features.map((feature) => feature.name),
    ['price', 'shop_orders_1h', 'shop_orders_7d', 'shop_rate_1h', 'shop_rate_7d'],
  );
  assert.equal(loop.spec.contract.rules.at(-1)?.kind, 'check');
  assert.deepEqual(loop.inlineFunctions, []);
});

test('the digest of a check moves with its callees and with nothing else', async () => {
  const digest = async (files: Files): Promise<string> => Object.values((await load(files)).code).join();
  const before = await digest(whole);
  assert.equal(
    await digest({ ...whole, 'sane.ts': `// a comment\n${sane.replace('return 1', 'return 2')}` }),
    before,
  );
  assert.equal(await digest({ ...whole, 'unrelated.ts': 'export {};' }), before);
  assert.notEqual(await digest({ ...whole, 'limit.ts': limit.replace('1000', '999') }), before);
});

test('overrides beat the environment, and the environment beats the file', async () => {
  const environment = { SLUICE_TRAIN__SEED: '5', SLUICE_TRAIN__PARAMS__LEAVES: '7' };
  const loop = await load(whole, ['train.seed=6'], environment);
  assert.deepEqual([loop.spec.train.seed, loop.spec.train.params], [6, { leaves: 7 }]);
});

test('a sweep yields one variant per combination, and another trainer starts from its own params', async () => {
  const swept = await load(whole, ['train.params.leaves=31,63', 'train.seed=1,2']);
  assert.deepEqual(
    swept.variants.map((one) => [one.params['leaves'], one.seed]),
    [
      [31, 1],
      [31, 2],
      [63, 1],
      [63, 2],
    ],
  );
  const linear = await load(whole, ['train.params.l2=0.5', 'train.trainer=linear']);
  assert.deepEqual(linear.spec.train.params, { l2: 0.5 });
});

test('an unknown key is refused with its path and the nearest key', () =>
  refuses(
    changed("trainer: 'trees'", "trainr: 'trees', trainer: 'trees'"),
    'CONFIG_KEY',
    /train\.trainr.*trainer/,
  ));

test('a value of the wrong type is refused with its path', () =>
  refuses(changed('gates: [', "threshold: 'high', gates: ["), 'CONFIG_VALUE', /evaluate\.threshold.*"high"/));

test('a feature of a column that does not exist names the nearest column', () =>
  refuses(
    changed('price: columns.price', 'price: columns.prise'),
    'EXPRESSION_UNKNOWN_COLUMN',
    /prise.*price/,
  ));

test('a time column of the wrong type is refused', () =>
  refuses(changed("eventTime: 'at'", "eventTime: 'shop'"), 'DEFINE_COLUMN', /eventTime.*shop.*string/));

test('a gate on a metric that the task does not have is refused, with the nearest that it has', async () => {
  await refuses(
    changed("atLeast('auc'", "atLeast('acu'"),
    'CONFIG_VALUE',
    /evaluate\.gates\.0.*nearest: auc/,
  );
  await refuses(
    changed("atLeast('auc'", "atLeast('rSquared'"),
    'CONFIG_VALUE',
    /a binary loop can be gated by/,
  );
});

test('a package that is not installed is told of as imported by the config', () =>
  refuses(changed("from 'zod'", "from 'zood'"), 'CONFIG_FAILED', /zood.*sluice\.config\.ts/));

test('a syntax error names file and line', () =>
  refuses(changed('const { columns }', 'const { columns'), 'CONFIG_SYNTAX', /sluice\.config\.ts:\d+:\d+/));

test('a circle of imports is refused, naming it', () =>
  refuses(
    { ...whole, 'limit.ts': `import './sane.ts';\n${limit}` },
    'CONFIG_CYCLE',
    /(limit\.ts -> sane\.ts -> limit\.ts|sane\.ts -> limit\.ts -> sane\.ts)/,
  ));

test('a config that throws is refused with the place', () =>
  refuses(
    changed('const { columns }', 'null.x; const { columns }'),
    'CONFIG_FAILED',
    /Cannot read.*sluice\.config\.ts:\d+/,
  ));

test('a config without a loop, and a folder without a config, are refused', async () => {
  await refuses({ 'sluice.config.ts': 'export default 3;' }, 'CONFIG_NOT_LOOP', /number/);
  await refuses({}, 'CONFIG_MISSING', /sluice init/);
});

test('a schema that transforms, or a column of no known type, is refused', async () => {
  await refuses(changed('.refine(isSane)', '.transform((row) => row)'), 'DEFINE_SCHEMA', /derive/);
  await refuses(
    changed('shop: z.string()', 'shop: z.array(z.string())'),
    'DEFINE_COLUMN_TYPE',
    /shop.*array/,
  );
});

test('an entity that is no plain column is refused', () =>
  refuses(changed('by: columns.shop', 'by: columns.shop.lower()'), 'DEFINE_ENTITY', /lower/));

test('overrides that do not fit are refused with the nearest key', async () => {
  await refuses(whole, 'CONFIG_OVERRIDE_KEY', /trainer/, ['train.trainr=linear']);
  await refuses(whole, 'CONFIG_OVERRIDE_KEY', /leave the \+ out/, ['+train.seed=3']);
  await refuses(whole, 'CONFIG_OVERRIDE_KEY', /swept/, ['evaluate.alpha=0.1,0.2']);
  await refuses(whole, 'CONFIG_VALUE', /train\.seed/, ['train.seed=x']);
});
