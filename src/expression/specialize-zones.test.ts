import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns } from './expression.ts';
import { specializeZones } from './specialize-zones.ts';
import { toJs } from './to-js.ts';
import { toSql } from './to-sql.ts';

const types = { at: 'local', zone: 'string' } as const;
const general = columns(types).at.inZone(columns(types).zone).plusSeconds(60);

test('an expression means the same with and without branches for known zones', () => {
  const special = specializeZones(general, { columns: types, zones: ['America/New_York', 'Asia/Tokyo'] });
  for (const zone of ['America/New_York', 'Asia/Tokyo', 'Europe/Paris', null]) {
    for (const at of [986_090_400_000_000, 986_090_400_000_000 + 3_600_000_000, null]) {
      assert.equal(toJs(special)({ at, zone }), toJs(general)({ at, zone }), `${zone} ${at}`);
    }
  }
});

test('each known zone is a constant of the SQL; without zones, or with too many, nothing changes', () => {
  assert.match(
    toSql(specializeZones(general, { columns: types, zones: ['Asia/Tokyo'] })),
    /timezone\('Asia\/Tokyo'/,
  );
  assert.equal(specializeZones(general, { columns: types, zones: [] }), general);
  const many = Array.from({ length: 65 }, (_, i) => `Zone/${i}`);
  assert.equal(specializeZones(general, { columns: types, zones: many }), general);
});
