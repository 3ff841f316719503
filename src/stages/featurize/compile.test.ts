import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flightFeatures, flightLabel, flightSource, jsonOf } from '../../../test/fixtures/featurize-world.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { column, type Expression } from '../../expression/expression.ts';
import type { SliceSpec } from '../../records/evaluate-spec.ts';
import type { FeaturesSpec, FeatureViewSpec } from '../../records/features-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { compileFeatures, type FeatureDefinition } from './compile.ts';
import { featureColumns, viewFeatureNames } from './view-features.ts';

const definition: FeatureDefinition = {
  source: flightSource,
  features: flightFeatures(),
  label: flightLabel,
  slices: [{ name: 'origin', expression: jsonOf(column('origin', 'string')), minRows: 10 }],
};

const withFeature = (name: string, expression: Expression, kind = 'numeric' as const): FeatureDefinition => ({
  ...definition,
  features: { ...definition.features, features: [{ name, kind, expression: jsonOf(expression) }] },
});

const withView = (view: Partial<FeatureViewSpec>): FeatureDefinition => {
  const [first] = definition.features.views;
  assert.ok(first);
  const feature = {
    name: 'distance',
    kind: 'numeric',
    expression: jsonOf(column('distance', 'int64')),
  } as const;
  const features: FeaturesSpec = { views: [{ ...first, ...view }], features: [feature] };
  return { ...definition, features };
};

const withSource = (source: Partial<SourceSpec>): FeatureDefinition => ({
  ...definition,
  source: { ...flightSource, ...source },
});

function refuses(made: FeatureDefinition, code: ErrorCode, words: RegExp): void {
  assert.throws(() => compileFeatures(made), { code, message: words });
}

const delay = column('delay', 'int64');
const derived = (name: string, of: Expression): SourceSpec['derived'][number] => ({
  name,
  type: of.type,
  expression: jsonOf(of),
});

test('the flights definition compiles to its seventeen features', () => {
  const compiled = compileFeatures(definition);
  assert.equal(compiled.features.length, 17);
  assert.deepEqual(
    compiled.features.map(({ name, kind }) => ({ name, kind })),
    featureColumns(definition.features),
  );
  assert.deepEqual(viewFeatureNames(definition.features.views[0]!).slice(0, 4), [
    'origin_late_1h',
    'origin_late_3h',
    'origin_late_24h',
    'origin_count_1h',
  ]);
});

test('the digest follows what moves a value and nothing else', () => {
  const { digest } = compileFeatures(definition);
  const slices = definition.slices.map((slice): SliceSpec => ({ ...slice, minRows: 99 }));
  assert.equal(compileFeatures({ ...definition, slices }).digest, digest);
  assert.notEqual(compileFeatures({ ...definition, slices: [] }).digest, digest);
  const label = { ...flightLabel, maturitySeconds: 1 };
  assert.notEqual(compileFeatures({ ...definition, label }).digest, digest);
});

test('a feature that reads an outcome outside a window is refused', () => {
  refuses(withFeature('peek', delay.plus(1)), 'FEATURIZE_LEAK', /feature peek reads delay/);
});

test('a feature that reads a derived column resting on an outcome is refused, however long the chain', () => {
  const late = derived('late', delay.gte(15));
  const twice = derived('mark', column('late', 'boolean'));
  refuses(
    {
      ...withFeature('peek', column('mark', 'boolean')),
      source: { ...flightSource, derived: [late, twice] },
    },
    'FEATURIZE_LEAK',
    /feature peek reads mark.*rests on delay/,
  );
});

test('a feature that reads a column looked up by an outcome is refused', () => {
  const source: SourceSpec = {
    ...flightSource,
    lookups: [
      {
        name: 'grades',
        file: 'g.csv',
        key: 'delay',
        columns: [{ name: 'grade', type: 'int64', nullable: true }],
      },
    ],
    joins: [{ as: 'graded', lookup: 'grades', on: 'delay' }],
    derived: [derived('grade', column('graded.grade', 'int64'))],
  };
  refuses({ ...withFeature('peek', column('grade', 'int64')), source }, 'FEATURIZE_LEAK', /rests on delay/);
});

test('when an outcome will come is itself unknown at event time', () => {
  const hour = column('known', 'timestamp').hour();
  refuses(withFeature('peek', hour), 'FEATURIZE_LEAK', /reads known/);
});

test('an entity or an event time made of an outcome is refused', () => {
  refuses(withView({ entity: ['delay'] }), 'FEATURIZE_LEAK', /view origin reads delay/);
  refuses(withSource({ outcomeColumns: ['delay', 'event'] }), 'FEATURIZE_LEAK', /event time reads event/);
});

test('outcomes in windows need a known time', () => {
  refuses(
    withSource({ knownTime: null }),
    'FEATURIZE_KNOWN_TIME',
    /aggregate late of view origin reads delay/,
  );
});

test('a label that everybody knows is refused', () => {
  refuses(withSource({ outcomeColumns: [] }), 'FEATURIZE_LABEL', /known at event time \(delay\)/);
});

test('an unknown column is refused with the nearest name, wherever it stands', () => {
  const wrong = column('distnce', 'int64');
  refuses(
    withFeature('far', wrong),
    'FEATURIZE_UNKNOWN_COLUMN',
    /feature far.*distnce; the nearest is distance/,
  );
  refuses(withView({ entity: ['orign'] }), 'FEATURIZE_UNKNOWN_COLUMN', /the nearest is origin/);
  refuses(withSource({ eventTime: 'evnt' }), 'FEATURIZE_UNKNOWN_COLUMN', /the nearest is event/);
  refuses(withSource({ outcomeColumns: ['dely'] }), 'FEATURIZE_UNKNOWN_COLUMN', /the nearest is delay/);
  const late = { name: 'late', function: 'mean', input: jsonOf(column('dly', 'int64')) } as const;
  refuses(withView({ aggregates: [late] }), 'FEATURIZE_UNKNOWN_COLUMN', /aggregate late of view origin/);
});

test('a malformed expression is refused under the name of its owner', () => {
  const features: FeaturesSpec = {
    views: [],
    features: [{ name: 'odd', kind: 'numeric', expression: { op: 'nonsense', args: [] } }],
  };
  refuses({ ...definition, features }, 'FEATURIZE_EXPRESSION', /^In feature odd/);
});

test('types are checked: features, entities, labels and slices', () => {
  refuses(
    withFeature('when', column('event', 'timestamp')),
    'FEATURIZE_TYPE',
    /feature when is of type timestamp/,
  );
  refuses(withFeature('where', column('origin', 'string')), 'FEATURIZE_TYPE', /feature where/);
  const price = { name: 'price', type: 'double', nullable: true } as const;
  refuses(
    {
      ...withView({ entity: ['price'] }),
      source: { ...flightSource, columns: [...flightSource.columns, price] },
    },
    'FEATURIZE_TYPE',
    /entity price of view origin is of type double/,
  );
  const label = { ...flightLabel, expression: jsonOf(delay) };
  refuses({ ...definition, label }, 'FEATURIZE_TYPE', /label is of type int64; allowed: boolean/);
  const slices = [{ name: 'when', expression: jsonOf(column('event', 'timestamp')), minRows: 1 }];
  refuses({ ...definition, slices }, 'FEATURIZE_TYPE', /slice when/);
});

test('count takes no input and the others need one', () => {
  const input = jsonOf(delay);
  refuses(
    withView({ aggregates: [{ name: 'n', function: 'count', input }] }),
    'FEATURIZE_AGGREGATE',
    /takes no input/,
  );
  refuses(
    withView({ aggregates: [{ name: 'n', function: 'sum', input: null }] }),
    'FEATURIZE_AGGREGATE',
    /needs an input/,
  );
});

test('names that clash are refused', () => {
  refuses(
    withFeature('label', column('distance', 'int64')),
    'FEATURIZE_NAME_TAKEN',
    /label of feature label/,
  );
  refuses(withFeature('_row', column('distance', 'int64')), 'FEATURIZE_NAME_TAKEN', /_row/);
  const twice = ['far', 'FAR'].map((name) => ({
    name,
    kind: 'numeric' as const,
    expression: jsonOf(column('distance', 'int64')),
  }));
  refuses({ ...definition, features: { views: [], features: twice } }, 'FEATURIZE_NAME_TAKEN', /FAR/);
  const [view] = definition.features.views;
  assert.ok(view);
  const features = { ...definition.features, views: [view, view] };
  refuses({ ...definition, features }, 'FEATURIZE_NAME_TAKEN', /origin_late_1h of view origin/);
  const slices = [...definition.slices, ...definition.slices];
  refuses({ ...definition, slices }, 'FEATURIZE_NAME_TAKEN', /slice origin/);
});
