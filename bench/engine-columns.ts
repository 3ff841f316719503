// Reads 1.5 million rows into typed columns, against fetching the same chunks and touching nothing: the difference is
// what the adapter costs. Run with: node bench/engine-columns.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDuckdb } from '../src/adapters/engine/duckdb.ts';
import type { Column } from '../src/ports/engine.ts';

const rows = 1_500_000;
const rounds = 5;
const doubles = Array.from({ length: 10 }, (_, i) => `sqrt(range + ${i}) AS d${i}`);
const wholes = Array.from({ length: 5 }, (_, i) => `range % ${1000 + i} AS i${i}`);
const texts = ["'k' || (range % 224) AS s0", "'k' || (range * 7 % 224) AS s1"];
const cases: readonly (readonly [string, string])[] = [
  ['10 doubles, 5 whole numbers, 2 texts', [...doubles, ...wholes, ...texts].join(', ')],
  ['10 doubles', doubles.join(', ')],
  ['5 whole numbers', wholes.join(', ')],
  ['2 texts of 224 different ones', texts.join(', ')],
  ['1 text, all different', 'range::VARCHAR AS s'],
  ['1 text of 64 bytes, 224 different ones', "md5((range % 224)::VARCHAR) || md5('') AS s"],
];

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
const engine = await openDuckdb({ memoryMb: 2000, threads: 2, temporaryDirectory: folder });
const raw = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();

async function fetchOnly(sql: string): Promise<void> {
  const result = await raw.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
  }
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return Math.round(times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0);
}

try {
  for (const [name, columns] of cases) {
    const sql = `SELECT ${columns} FROM range(${rows})`;
    const fetchMs = await medianMs(() => fetchOnly(sql));
    console.log(`${name}: columns ${await medianMs(() => engine.columns(sql))} ms, fetch only ${fetchMs} ms`);
  }
  const values = Float64Array.from({ length: 1_000_000 }, (_, i) => i / 3);
  const column: Column = { type: 'double', values };
  const table = {
    rows: values.length,
    columns: new Map([
      ['a', column],
      ['b', column],
    ]),
  };
  const registerMs = await medianMs(async () => {
    await engine.register('t', table);
    await engine.run('DROP TABLE t');
  });
  console.log(`register 1,000,000 rows of 2 doubles: ${registerMs} ms`);
} finally {
  await engine.close();
  await rm(folder, { recursive: true });
}
