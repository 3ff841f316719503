import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flightSource, jsonOf } from '../../../test/fixtures/featurize-world.ts';
import { column } from '../../expression/expression.ts';
import type { FeaturesSpec } from '../../records/features-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { featureMeanings } from './feature-meanings.ts';

/** What a test may change: minutes from which a flight is late, seconds of the window, key of the view, look-up column. */
interface Change {
  readonly lateFrom?: number;
  readonly seconds?: number;
  readonly entity?: string;
  readonly known?: string;
  readonly lookupKey?: string;
  readonly miles?: number;
}

function meanings(change: Change = {}): Readonly<Record<string, string>> {
  const {
    lateFrom = 15,
    seconds = 3600,
    entity = 'origin',
    known = 'known',
    lookupKey = 'iata',
    miles = 1,
  } = change;
  const source: SourceSpec = {
    ...flightSource,
    knownTime: known,
    lookups: [
      {
        name: 'airport',
        file: 'airports.csv',
        key: lookupKey,
        columns: [{ name: 'zone', type: 'string', nullable: true }],
      },
    ],
    joins: [{ as: 'airport', lookup: 'airport', on: 'origin' }],
    derived: [
      { name: 'late', type: 'boolean', expression: jsonOf(column('delay', 'int64').gte(lateFrom)) },
      { name: 'zone', type: 'string', expression: jsonOf(column('airport.zone', 'string')) },
      { name: 'hurt', type: 'boolean', expression: jsonOf(column('late', 'boolean').not()) },
    ],
  };
  const input = jsonOf(column('hurt', 'boolean'));
  const features: FeaturesSpec = {
    views: [
      {
        name: 'by',
        entity: [entity],
        windows: [{ name: '1h', seconds }],
        aggregates: [
          { name: 'rate', function: 'mean', input },
          { name: 'count', function: 'count', input: null },
        ],
      },
    ],
    features: [
      { name: 'distance', kind: 'numeric', expression: jsonOf(column('distance', 'int64').times(miles)) },
      { name: 'rate', kind: 'numeric', expression: jsonOf(column('by_rate_1h', 'double')) },
      { name: 'count', kind: 'numeric', expression: jsonOf(column('by_count_1h', 'double')) },
      { name: 'zone', kind: 'categorical', expression: jsonOf(column('zone', 'string')) },
    ],
  };
  return featureMeanings({ source, features });
}

function moved(change: Change): readonly string[] {
  const [before, now] = [meanings(), meanings(change)];
  return Object.keys(before).filter((name) => before[name] !== now[name]);
}

test('nothing moves when nothing changed', () => {
  assert.deepEqual(moved({}), []);
  assert.deepEqual(Object.keys(meanings()), ['distance', 'rate', 'count', 'zone']);
});

test('a change moves the features that rest on it, however far, and no others', () => {
  assert.deepEqual(moved({ miles: 2 }), ['distance']);
  assert.deepEqual(moved({ lateFrom: 30 }), ['rate']);
  assert.deepEqual(moved({ seconds: 7200 }), ['rate', 'count']);
  assert.deepEqual(moved({ entity: 'destination' }), ['rate', 'count']);
  assert.deepEqual(moved({ known: 'event' }), ['rate', 'count']);
  assert.deepEqual(moved({ lookupKey: 'icao' }), ['zone']);
});
