import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { isSluiceError } from '../../base/errors.ts';
import { offsetAtLocal, offsetAtUtc } from './zone.ts';

const zones = [
  'America/New_York',
  'America/Sao_Paulo',
  'Europe/London',
  'Europe/Berlin',
  'Asia/Tehran',
  'Asia/Kolkata',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/Phoenix',
];
const halfHour = 1800;

async function engineOffsets(zone: string, seconds: string): Promise<readonly (readonly number[])[]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const at = 'make_timestamp(s * 1000000)';
  const reader = await connection.runAndReadAll(`
    SELECT s,
           s - epoch_us(timezone('UTC', timezone('${zone}', ${at}))) // 1000000,
           epoch_us(timezone('${zone}', timezone('UTC', ${at}))) // 1000000 - s
    FROM ${seconds} AS t(s) ORDER BY s`);
  connection.closeSync();
  return reader.getRows().map((row) => row.map(Number));
}

function compareAll(zone: string, rows: readonly (readonly number[])[]): void {
  for (const [s = 0, local, utc] of rows) {
    const shown = `${zone} ${new Date(s * 1000).toISOString()}`;
    assert.equal(offsetAtLocal(zone, s), local, `wall clock ${shown}`);
    assert.equal(offsetAtUtc(zone, s), utc, `instant ${shown}`);
  }
}

for (const year of [2001, 2024]) {
  test(`every half hour of ${year} in ten zones has the engine's offset, in gaps and overlaps too`, async () => {
    const range = `range(${Date.UTC(year, 0, 1) / 1000}, ${Date.UTC(year + 1, 0, 1) / 1000}, ${halfHour})`;
    for (const zone of zones) compareAll(zone, await engineOffsets(zone, range));
  });
}

test('the years before standard time and up to 2100 have the offsets of the engine', async () => {
  const range = `range(${Date.UTC(1700, 0, 1) / 1000}, ${Date.UTC(2100, 0, 1) / 1000}, 2222222)`;
  for (const zone of zones.slice(0, 4)) compareAll(zone, await engineOffsets(zone, range));
});

test('a repeated wall clock reading is the later instant and a skipped one keeps the earlier offset', () => {
  const wall = (text: string) => Date.parse(`${text}Z`) / 1000;
  assert.equal(offsetAtLocal('America/New_York', wall('2024-11-03T01:30:00')), -5 * 3600);
  assert.equal(offsetAtLocal('America/New_York', wall('2024-03-10T02:30:00')), -5 * 3600);
});

test('an unknown zone is refused, and so is a bare offset, which the SQL side does not know', () => {
  for (const zone of ['Mars/Olympus', '+05:00', '']) {
    assert.throws(
      () => offsetAtUtc(zone, 0),
      (error) => isSluiceError(error, 'EXPRESSION_ZONE'),
    );
  }
});
