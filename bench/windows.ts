/**
 * Twelve windowed features (origin and destination, 1 h, 3 h and 24 h, mean late and count) over three million flights:
 * the stage's plan against the as-of SQL that one writes by hand, in turns on one engine, and the whole training set.
 *
 *     node bench/windows.ts [runs] [rows-where]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import {
  datasetOf,
  flightColumns,
  flightFeatures,
  flightLabel,
  flightSource,
  flightsSql,
  openWorld,
} from '../test/fixtures/featurize-world.ts';
import { compileFeatures } from '../src/stages/featurize/compile.ts';
import { dropRows, readRows } from '../src/stages/featurize/rows-table.ts';
import { buildTrainingSet } from '../src/stages/featurize/training-set.ts';
import { answerWindows } from '../src/stages/featurize/windows/answer-windows.ts';

const runs = Number(process.argv[2] ?? 3);
const where = process.argv[3] ?? 'true';
const windows = [3600, 3 * 3600, 24 * 3600];
await using world = await openWorld({ memoryMb: 1000, threads: 2 });
const { engine } = world;
const dataset = await datasetOf(world, flightColumns, [flightsSql(where)]);
const file = `read_parquet('${await world.blob.path(dataset.content.batches[0]?.processed.digest ?? '')}')`;
const compiled = compileFeatures({
  source: flightSource,
  features: flightFeatures(),
  label: flightLabel,
  slices: [],
});

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** Peak resident memory of this process since the last reset (Linux). */
function peakMb(): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);
}

async function measure(work: () => Promise<void>): Promise<Measured> {
  writeFileSync('/proc/self/clear_refs', '5');
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - from) / 1000;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMb: peakMb() };
}

async function byStage(): Promise<void> {
  const table = 'sluice_rows';
  await readRows(engine, {
    table,
    paths: [await world.blob.path(dataset.content.batches[0]?.processed.digest ?? '')],
    compiled,
    hasOutcomes: true,
  });
  const tables = { facts: table, probes: table, where: 'true', factRows: dataset.content.rows };
  const answers = await answerWindows(engine, { compiled, tables, onView: () => {} });
  const columns = [...answers.columns].map(([name, sql]) => `${sql} AS ${name}`).join(', ');
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE bench_stage AS SELECT p._row, ${columns} FROM ${table} p ${answers.joins}`,
  );
  for (const made of answers.tables) await engine.run(`DROP TABLE ${made}`);
  await dropRows(engine, table);
}

/** Running counts per airport, one row per (airport, known time), one as-of join at t and one per window at t - w. */
async function byHand(): Promise<void> {
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE hand AS SELECT _row AS i, origin, destination, event, known, (delay >= 15)::INTEGER AS late FROM ${file}`,
  );
  for (const view of ['origin', 'destination']) {
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE hand_totals AS SELECT ${view} AS k, known, max(n) AS n, max(s) AS s FROM (` +
        `SELECT ${view}, known, count(*) OVER w AS n, sum(late) OVER w AS s FROM hand` +
        ` WINDOW w AS (PARTITION BY ${view} ORDER BY known ROWS UNBOUNDED PRECEDING)) GROUP BY ALL`,
    );
    for (const [w, seconds] of [0, ...windows].entries())
      await engine.run(
        `CREATE OR REPLACE TEMP TABLE hand_${w} AS SELECT i, coalesce(n, 0) AS n, coalesce(s, 0) AS s FROM hand p` +
          ` ASOF LEFT JOIN hand_totals f ON p.${view} = f.k AND p.event - to_seconds(${seconds}) >= f.known`,
      );
    const found = [1, 2, 3].map(
      (w) => `t.n - w${w}.n AS ${view}_n_${w}, (t.s - w${w}.s) / nullif(t.n - w${w}.n, 0) AS ${view}_s_${w}`,
    );
    const joins = [1, 2, 3].map((w) => `JOIN hand_${w} w${w} USING (i)`).join(' ');
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE hand_${view} AS SELECT i, ${found.join(', ')} FROM hand_0 t ${joins}`,
    );
  }
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE bench_hand AS FROM hand_origin JOIN hand_destination USING (i)`,
  );
  for (const made of [
    'hand',
    'hand_totals',
    'hand_0',
    'hand_1',
    'hand_2',
    'hand_3',
    'hand_origin',
    'hand_destination',
  ])
    await engine.run(`DROP TABLE ${made}`);
}

async function wholeTrainingSet(): Promise<void> {
  const split = {
    evaluationFromUs: null,
    evaluationUntilUs: null,
    evaluationDays: 30,
    validationDays: 14,
  };
  await buildTrainingSet(world, { dataset, compiled, split });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function agreement(): Promise<unknown> {
  const [row] = await engine.rows(
    `SELECT count(*) AS rows, count(*) FILTER (w_0_1_2 = origin_n_3 AND w_1_1_0 = destination_n_1` +
      ` AND w_0_0_2 IS NOT DISTINCT FROM origin_s_3) AS same FROM bench_stage JOIN bench_hand ON _row = i`,
  );
  await engine.run('DROP TABLE bench_stage');
  await engine.run('DROP TABLE bench_hand');
  return row;
}

const names = ['stage', 'hand', 'trainingSet'] as const;
const found: Record<(typeof names)[number], Measured[]> = { stage: [], hand: [], trainingSet: [] };
let agreed: unknown = null;
for (let run = 0; run < runs; run++) {
  found.stage.push(await measure(byStage));
  found.hand.push(await measure(byHand));
  agreed = await agreement();
  found.trainingSet.push(await measure(wholeTrainingSet));
}
const summary = Object.fromEntries(
  names.map((name) => {
    const of = found[name];
    const take = (key: keyof Measured): number => Number(median(of.map((one) => one[key])).toFixed(2));
    return [name, { seconds: take('seconds'), cpuSeconds: take('cpuSeconds'), peakMb: take('peakMb') }];
  }),
);
const ratio = median(found.stage.map((one, i) => one.seconds / (found.hand[i]?.seconds ?? NaN)));
const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? '?'}, load ${os.loadavg()[0]?.toFixed(1) ?? '?'}`;
console.log(
  JSON.stringify(
    {
      rows: dataset.content.rows,
      runs,
      ...summary,
      stageOverHand: Number(ratio.toFixed(2)),
      agreed,
      machine,
    },
    null,
    2,
  ),
);
