import type { CompiledFeatures, CompiledView } from '../compiled-features.ts';

/** Facts and the rows that ask about them, both made by `readRows`; they may be one table. */
export interface WindowTables {
  readonly facts: string;
  readonly probes: string;
  /** Which probes ask; SQL over the probes' columns. */
  readonly where: string;
  /** Number of facts, for the width of counters. */
  readonly factRows: number;
}

/** What both plans need to know about a view. */
export interface ViewPlan {
  readonly compiled: CompiledFeatures;
  readonly view: CompiledView;
  readonly index: number;
  readonly tables: WindowTables;
}

/** Names of the engine tables of a view: dense numbers for its entities, the asking rows, and the answers by row. */
export function viewTables(index: number): {
  readonly keys: string;
  readonly probes: string;
  readonly sums: string;
  readonly extremes: string;
} {
  const named = (part: string): string => `sluice_${part}_${index}`;
  return {
    keys: named('keys'),
    probes: named('probes'),
    sums: named('sums'),
    extremes: named('extremes'),
  };
}

/** Yields the SQL name of a view's feature. */
export function windowColumn(at: {
  readonly view: number;
  readonly aggregate: number;
  readonly window: number;
}): string {
  return `w_${at.view}_${at.aggregate}_${at.window}`;
}

/** Yields the distinct inputs of a view that these functions read. */
export function inputsOf(view: CompiledView, functions: readonly string[]): readonly number[] {
  const found = view.aggregates.flatMap(({ input, function: how }) =>
    input !== null && functions.includes(how) ? [input] : [],
  );
  return [...new Set(found)];
}

/**
 * Numbers a view's entities and collects the rows that ask about them, sorted as the sweeps read them. A row with a
 * NULL in its entity has no number: it asks nothing and answers nobody.
 */
export function entitySql({ view, index, tables }: ViewPlan): readonly string[] {
  const { keys, probes } = viewTables(index);
  const columns = view.entity.map((column) => `c_${column}`);
  const isWhole = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return [
    `CREATE OR REPLACE TEMP TABLE ${keys} AS SELECT row_number() OVER ()::INTEGER AS k, ${columns.join(', ')}` +
      ` FROM (SELECT DISTINCT ${columns.join(', ')} FROM ${tables.facts} WHERE ${isWhole})`,
    `CREATE OR REPLACE TEMP TABLE ${probes} AS SELECT p.rowid AS i, k, _event_us AS t` +
      ` FROM ${tables.probes} p JOIN ${keys} USING (${columns.join(', ')})` +
      ` WHERE _event_us IS NOT NULL AND (${tables.where}) ORDER BY k, t`,
  ];
}

/** Yields the FROM clause of a view's facts with their entity number; facts never known are none. */
export function factsSql({ view, index, tables }: ViewPlan): string {
  const columns = view.entity.map((column) => `c_${column}`).join(', ');
  return `${tables.facts} JOIN ${viewTables(index).keys} USING (${columns}) WHERE _known_us IS NOT NULL`;
}
