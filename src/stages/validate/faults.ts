import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { ColumnTable } from '../../ports/engine.ts';
import type { CheckRule, CompiledContract, RowRule, UniqueRule } from './compiled-contract.ts';
import { numberOf, predicateOf, type PredicateMode, type Scan } from './scan.ts';
import { repeatsSql, type UniqueScope } from './unique.ts';
import type { ValidateContext, Work } from './work.ts';

/** A rule that can send a row to quarantine. */
type FaultRule = RowRule | UniqueRule | CheckRule;

/** How many faults there are. */
export interface Counted {
  /** Rows with one or more. */
  readonly rows: number;
  /** Rows that break a `unique` or `check` rule. */
  readonly of: (rule: UniqueRule | CheckRule) => number;
}

/** The rows of a batch that break rules, one entry per row and rule, in a table of the engine. */
export interface Faults {
  /** SQL relation of `_row`, `place` (order of the rule) and `note`. */
  readonly relation: string;
  /** SQL of `_row` and `_reasons` (list of ids in the order of the contract) and `_notes` (text or NULL). */
  readonly byRow: string;
  add(rule: FaultRule, rows: string): Promise<void>;
  /** Enters what a `check` found. */
  addNotes(rule: CheckRule, found: readonly { readonly row: number; readonly note: string }[]): Promise<void>;
  /** Counts the rows with a fault, and the faults of each `unique` and `check` rule. */
  count(): Promise<Counted>;
  close(): Promise<void>;
}

/** Makes the table of faults, with all that SQL finds in it: rules that count no failures are not run again. */
export async function findFaults(
  ctx: ValidateContext,
  contract: CompiledContract,
  found: {
    readonly batch: string;
    readonly work: Work;
    readonly scan: Scan;
    readonly repeats: ReadonlyMap<UniqueRule, number>;
    readonly scope: UniqueScope;
  },
): Promise<Faults> {
  const faults = await openFaults(ctx, contract, found.batch);
  try {
    for (const part of found.work.parts) {
      const mode: PredicateMode = {
        hasUnreadable: found.scan.hasUnreadable,
        isGuarded: found.work.isGuarded,
      };
      for (const rule of part.rules) {
        const predicate = predicateOf(rule, mode);
        if (rule.severity === 'warn' || found.scan.failures.get(rule) === 0 || predicate === undefined)
          continue;
        await faults.add(rule, `SELECT _row FROM ${part.relation} WHERE NOT (${predicate})`);
      }
    }
    const isBad = `_row IN (SELECT _row FROM ${faults.relation} WHERE place < ${contract.rows.length})`;
    for (const rule of contract.unique) {
      if (rule.severity === 'warn' || found.repeats.get(rule) === 0) continue;
      await faults.add(rule, repeatsSql(rule, found.scope, isBad));
    }
    return faults;
  } catch (error) {
    await faults.close();
    throw error;
  }
}

async function openFaults(ctx: ValidateContext, contract: CompiledContract, batch: string): Promise<Faults> {
  const { engine } = ctx;
  const relation = quoteIdentifier(`faults_${batch}`);
  const places = new Map<FaultRule, number>();
  for (const rule of [...contract.rows, ...contract.unique, ...contract.checks])
    places.set(rule, places.size);
  const placeOf = (rule: FaultRule): number => places.get(rule) ?? places.size;
  const enter = (rule: FaultRule, rows: string): string =>
    `INSERT INTO ${relation} SELECT _row, ${placeOf(rule)}, NULL FROM (${rows})`;
  await engine.run(`CREATE OR REPLACE TABLE ${relation} (_row BIGINT, place INTEGER, note VARCHAR)`);
  return {
    relation,
    byRow: byRowSql(
      relation,
      [...places.keys()].map(({ id }) => id),
    ),
    add: (rule, rows) => engine.run(enter(rule, rows)),
    addNotes: async (rule, found) => {
      const table = `noted_${batch}`;
      await engine.register(table, noteTable(found));
      const rows = `SELECT _row, ${placeOf(rule)}, note FROM ${quoteIdentifier(table)}`;
      await engine.run(`INSERT INTO ${relation} ${rows}`);
      await engine.run(`DROP TABLE ${quoteIdentifier(table)}`);
    },
    count: async () => {
      const perRule = [...places.values()].map((place) => `count_if(place = ${place}) AS f${place}`);
      const picked = ['count(DISTINCT _row) AS rows', ...perRule.slice(contract.rows.length)];
      const [answer] = await engine.rows(`SELECT ${picked.join(', ')} FROM ${relation}`);
      return { rows: numberOf(answer?.['rows']), of: (rule) => numberOf(answer?.[`f${placeOf(rule)}`]) };
    },
    close: () => engine.run(`DROP TABLE IF EXISTS ${relation}`),
  };
}

/** Sorting small lists of numbers is ten times faster than an ordered aggregate. */
function byRowSql(relation: string, ids: readonly string[]): string {
  const names = `[${ids.map(quoteLiteral).join(', ')}]`;
  const reasons = `list_transform(list_sort(list(place)), lambda one: ${names}[one + 1])`;
  const notes = `SELECT _row, string_agg(note, '; ' ORDER BY place) AS _notes FROM ${relation} WHERE note IS NOT NULL GROUP BY _row`;
  const rows = `SELECT _row, ${reasons} AS _reasons FROM ${relation} GROUP BY _row`;
  return `SELECT reasons._row, _reasons, _notes FROM (${rows}) AS reasons LEFT JOIN (${notes}) AS notes ON notes._row = reasons._row`;
}

function noteTable(found: readonly { readonly row: number; readonly note: string }[]): ColumnTable {
  return {
    rows: found.length,
    columns: new Map([
      ['_row', { type: 'int64', values: Float64Array.from(found, ({ row }) => row) }],
      [
        'note',
        {
          type: 'string',
          codes: Int32Array.from(found, (_, i) => i),
          dictionary: found.map(({ note }) => note),
        },
      ],
    ]),
  };
}
