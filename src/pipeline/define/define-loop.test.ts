import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import { atLeast, mustPass, nonInferior } from './define-gates.ts';
import { defineLoop, type LoopOptions } from './define-loop.ts';
import { check, freshness, matches, notNull, oneOf, range, rowCount, unique } from './define-rules.ts';
import { defineSource } from './define-source.ts';
import { count, mean, view } from './define-view.ts';

const schema = z.object({ at: z.date(), shop: z.string(), price: z.number(), returned: z.boolean() });
const orders = defineSource({ name: 'orders', files: 'orders.csv', eventTime: 'at', schema });
const { columns } = orders;

function options(change: object = {}): LoopOptions {
  return {
    name: 'orders',
    source: orders,
    features: { price: columns.price, shop: columns.shop },
    label: { value: columns.returned },
    train: { trainer: 'trees' },
    evaluate: { gates: [atLeast('auc', 0.6)] },
    ...change,
  };
}

function refuses(change: object, code: ErrorCode, text: RegExp): void {
  assert.throws(
    () => defineLoop(options(change)),
    (error) => {
      assert.ok(isSluiceError(error, code), String(error));
      assert.match(error.message, text);
      return true;
    },
  );
}

test('a loop from its least parts has every default', () => {
  const { spec, checks } = defineLoop(options());
  assert.deepEqual(spec.train.split, {
    evaluationFromUs: null,
    evaluationUntilUs: null,
    evaluationDays: 14,
    validationDays: 7,
  });
  assert.deepEqual(
    [spec.label.task, spec.label.maturitySeconds, spec.contract.breaker.maxQuarantinedShare, spec.train.seed],
    ['binary', 86_400, 0.05, 1],
  );
  assert.deepEqual(
    spec.features.features.map(({ name, kind }) => [name, kind]),
    [
      ['price', 'numeric'],
      ['shop', 'categorical'],
    ],
  );
  assert.deepEqual(checks, {});
});

test('a number as label makes a regression', () => {
  const { spec } = defineLoop(options({ label: { value: columns.price }, evaluate: { gates: [] } }));
  assert.equal(spec.label.task, 'regression');
});

test('a part that is absent or no object is refused with its path', () => {
  refuses({ train: undefined }, 'CONFIG_VALUE', /^train: nothing/);
  refuses({ label: 'returned' }, 'CONFIG_VALUE', /^label: "returned"/);
  refuses({ label: {} }, 'CONFIG_VALUE', /label\.value: nothing/);
  refuses({ features: undefined }, 'CONFIG_VALUE', /^features: nothing/);
  refuses({ features: {} }, 'CONFIG_VALUE', /^features\.features/);
  refuses({ source: { name: 'orders' } }, 'CONFIG_VALUE', /^source: nothing.*defineSource/);
  refuses({ evaluate: {} }, 'CONFIG_VALUE', /evaluate\.gates: nothing/);
  refuses({ engine: 3 }, 'CONFIG_VALUE', /^engine: 3/);
});

test('an unknown key is refused with the nearest one, in every part', () => {
  refuses({ nam: 'x' }, 'CONFIG_KEY', /loop\.nam.*name/);
  refuses({ train: { trainer: 'trees', split: { days: 3 } } }, 'CONFIG_KEY', /train\.split\.days/);
  refuses({ evaluate: { gates: [], treshold: 0.4 } }, 'CONFIG_KEY', /evaluate\.treshold.*threshold/);
});

test('a must-pass item is refused when it names an unknown feature or gives one of the wrong type', () => {
  const gates = (features: Record<string, number | string | null>): object => ({
    evaluate: { gates: [mustPass('dear', features, { atLeast: 0.5 })] },
  });
  refuses(gates({ prise: 5 }), 'CONFIG_KEY', /gates\.0\.features\.prise.*price/);
  refuses(gates({ price: 'much' }), 'CONFIG_VALUE', /features\.price: "much".*number/);
  refuses(gates({ shop: 3 }), 'CONFIG_VALUE', /features\.shop: 3.*text/);
  defineLoop(options(gates({ price: 5, shop: null })));
});

test('gates that could not be met, or that share a name, are refused', () => {
  refuses({ evaluate: { gates: [mustPass('dear', {}, {})] } }, 'CONFIG_VALUE', /evaluate\.gates\.0.*atLeast/);
  const twice = [mustPass('dear', {}, { atLeast: 0.1 }), mustPass('dear', {}, { atMost: 0.9 })];
  refuses({ evaluate: { gates: twice } }, 'CONFIG_VALUE', /same name/);
  refuses({ evaluate: { gates: [nonInferior('logLoss', { margin: -1 })] } }, 'CONFIG_VALUE', /margin/);
});

test('times of the split are days of the calendar', () => {
  const split = (from: string): object => ({
    train: { trainer: 'trees', split: { evaluation: { from, until: '2024-03-01' } } },
  });
  assert.equal(
    defineLoop(options(split('2024-02-29'))).spec.train.split.evaluationFromUs,
    Date.UTC(2024, 1, 29) * 1000,
  );
  for (const from of ['2023-02-29', '2024-2-1', 'yesterday', '2024-02-01 10:00'])
    refuses(split(from), 'CONFIG_VALUE', /train\.split\.evaluation\.from/);
});

test('durations are whole seconds', () => {
  refuses({ label: { value: columns.returned, maturity: '1.5s' } }, 'CONFIG_VALUE', /label\.maturity: 1\.5s/);
  refuses({ label: { value: columns.returned, maturity: '3 days' } }, 'CONFIG_VALUE', /15m/);
  const half = defineLoop(options({ label: { value: columns.returned, maturity: '0.5h' } }));
  assert.equal(half.spec.label.maturitySeconds, 1800);
});

test('each rule becomes its record, with a name made from what it says', () => {
  const rules = [
    notNull(columns.shop),
    range(columns.price, { min: 0, severity: 'warn' }),
    oneOf(columns.shop, ['a', 'b']),
    matches(columns.shop, '^[a-z]$', { id: 'shop form' }),
    unique(),
    unique([columns.shop, columns.at], { within: 'dataset' }),
    check('not free', columns.price.gt(0)),
    rowCount({ min: 1 }),
    freshness('2d'),
  ];
  const { spec } = defineLoop(options({ contract: { rules } }));
  assert.deepEqual(
    spec.contract.rules.map(({ id, kind, severity }) => `${kind} ${severity} ${id}`),
    [
      'notNull error notNull:shop',
      'range warn range:price',
      'set error set:shop',
      'regex error shop form',
      'unique error unique:row',
      'unique error unique:shop+at',
      'expression error not free',
      'rowCount error rowCount',
      'freshness error freshness',
    ],
  );
});

test('a rule on a computed value is refused: it would have judged one of its columns', () => {
  const made = [
    (): unknown => notNull(columns.price.plus(1)),
    (): unknown => range(columns.price.times(2), { max: 10 }),
    (): unknown => unique([columns.shop.lower()]),
  ];
  for (const make of made)
    assert.throws(make, (error) => isSluiceError(error, 'DEFINE_RULE') && /check\(/.test(error.remedy));
});

test('a view yields its features by name and refuses a computed entity', () => {
  const shop = view('shop', {
    by: columns.shop,
    windows: ['1h', '7d'],
    aggregates: { orders: count(), rate: mean(columns.returned) },
  });
  assert.deepEqual(Object.keys(shop.features), [
    'shop_orders_1h',
    'shop_orders_7d',
    'shop_rate_1h',
    'shop_rate_7d',
  ]);
  assert.throws(
    () => view('shop', { by: columns.shop.lower(), windows: ['1h'], aggregates: { orders: count() } }),
    (error) => isSluiceError(error, 'DEFINE_ENTITY'),
  );
});
