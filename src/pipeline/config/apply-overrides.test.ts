import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import { defineLoop } from '../define/define-loop.ts';
import { defineSource } from '../define/define-source.ts';
import { applyOverrides, environmentOverrides } from './apply-overrides.ts';

const source = defineSource({
  name: 'orders',
  files: 'orders.csv',
  eventTime: 'at',
  schema: z.object({ at: z.date(), price: z.number(), returned: z.boolean() }),
});
const { spec } = defineLoop({
  name: 'orders',
  source,
  features: { price: source.columns.price },
  label: { value: source.columns.returned },
  train: { trainer: 'trees', params: { leaves: 15 } },
  evaluate: { gates: [] },
});

function refuses(texts: readonly string[], code: ErrorCode, text: RegExp): void {
  assert.throws(
    () => applyOverrides(spec, texts),
    (error) => isSluiceError(error, code) && text.test(`${error.message} ${error.remedy}`),
    texts.join(' '),
  );
}

test('nothing laid over changes nothing', () => {
  assert.deepEqual(applyOverrides(spec, []), { spec, variants: [spec.train] });
});

test('the last of several wins, and the given spec stays as it was', () => {
  const { spec: changed } = applyOverrides(spec, ['train.seed=2', 'train.seed=3', '~train.params.leaves']);
  assert.deepEqual([changed.train.seed, changed.train.params], [3, {}]);
  assert.deepEqual([spec.train.seed, spec.train.params], [1, { leaves: 15 }]);
});

test('variants come in the order of counting, the last override fastest', () => {
  const { variants } = applyOverrides(spec, ['train.params.leaves=1,2', 'train.trainer=linear,trees']);
  assert.deepEqual(
    variants.map((one) => [one.params['leaves'], one.trainer]),
    [
      [1, 'linear'],
      [1, 'trees'],
      [2, 'linear'],
      [2, 'trees'],
    ],
  );
});

test('names that every object has are no keys of a spec', () => {
  refuses(['__proto__.polluted=1'], 'CONFIG_OVERRIDE_KEY', /holds nothing/);
  refuses(['constructor=1'], 'CONFIG_OVERRIDE_KEY', /no such key/);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('a sweep of more models than anybody trains is refused before it begins', () => {
  refuses(['train.seed=range(1,1000)', 'train.params.leaves=1,2'], 'CONFIG_OVERRIDE', /1998 models.*1000/);
});

test('what is not allowed in a spec is refused with its path', () => {
  refuses(['~train.seed'], 'CONFIG_VALUE', /train\.seed: nothing/);
  refuses(['++train.speed=3'], 'CONFIG_VALUE', /train/);
  refuses(['source.name.first=3'], 'CONFIG_OVERRIDE_KEY', /"name" holds nothing/);
  refuses(['evaluate.split.evaluationDays=1,2'], 'CONFIG_OVERRIDE_KEY', /only keys of train/);
});

test('the environment speaks in capitals and double underscores, in the spelling of the spec', () => {
  const environment = {
    SLUICE_TRAIN__TIMEOUTMS: '5000',
    SLUICE_EVALUATE__COST__FALSEPOSITIVE: '2',
    SLUICE_ACTOR: 'me',
    PATH: '/bin',
  };
  assert.deepEqual(environmentOverrides(spec, environment), [
    'evaluate.cost.falsePositive=2',
    'train.timeoutMs=5000',
  ]);
  assert.deepEqual(environmentOverrides(spec, { SLUICE_TRAIN__SPEED: '1' }), ['train.speed=1']);
});
