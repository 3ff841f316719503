import type { Engine } from '../../../ports/engine.ts';
import type { CompiledFeatures } from '../compiled-features.ts';
import { extremeColumns, extremesSql, hasExtremes } from './running-extremes.ts';
import { hasSums, sumColumns, summedInputs, sumsSql, type SumsPlan } from './running-sums.ts';
import { entitySql, viewTables, type ViewPlan, type WindowTables } from './window-plan.ts';

/** What the windows of some rows came to, as engine tables by row. */
export interface WindowAnswers {
  /** Column name of each view feature -> its SQL. */
  readonly columns: ReadonlyMap<string, string>;
  /** LEFT JOIN clauses that bring the tables to the rows `p`. */
  readonly joins: string;
  /** Engine tables to drop in the end. */
  readonly tables: readonly string[];
}

/** How to answer: the definition, the tables, and what to call between statements. */
export interface WindowWork {
  readonly compiled: CompiledFeatures;
  readonly tables: WindowTables;
  /** Called after each view with the share done; throws to stop. */
  readonly onView: (share: number, view: string) => void;
}

/**
 * Computes every window of every view for the asking rows, in the engine.
 *
 * @throws ENGINE_MEMORY, ENGINE_UNAVAILABLE
 */
export async function answerWindows(engine: Engine, work: WindowWork): Promise<WindowAnswers> {
  const { compiled, tables } = work;
  const nullable = await nullableInputs(engine, work);
  const columns = new Map<string, string>();
  const answered: string[] = [];
  for (const [index, view] of compiled.views.entries()) {
    const plan: SumsPlan = { compiled, view, index, tables, nullable };
    for (const sql of viewSql(plan)) await engine.run(sql);
    for (const [name, sql] of [...sumColumns(plan), ...extremeColumns(plan)]) columns.set(name, sql);
    const { sums, extremes } = viewTables(index);
    if (hasSums(plan)) answered.push(sums);
    if (hasExtremes(plan)) answered.push(extremes);
    work.onView((index + 1) / compiled.views.length, view.name);
  }
  const joins = answered.map((table) => `LEFT JOIN ${table} ON ${table}.i = p.rowid`).join(' ');
  return { columns, joins, tables: answered };
}

function viewSql(plan: SumsPlan): readonly string[] {
  const { keys, probes } = viewTables(plan.index);
  return [
    ...entitySql(plan),
    ...(hasExtremes(plan) ? extremesSql(plan) : []),
    ...(hasSums(plan) ? sumsSql(plan) : []),
    `DROP TABLE ${probes}`,
    `DROP TABLE ${keys}`,
  ];
}

/** Yields the inputs that are NULL for some fact; the others need no count of their own beside the number of facts. */
async function nullableInputs(engine: Engine, { compiled, tables }: WindowWork): Promise<Set<number>> {
  const plans = compiled.views.map((view, index): ViewPlan => ({ compiled, view, index, tables }));
  const inputs = [...new Set(plans.flatMap((plan) => summedInputs(plan)))];
  if (inputs.length === 0) return new Set();
  const counts = inputs.map((input) => `count(*) - count(s_${input}) AS s_${input}`);
  const [row] = await engine.rows(
    `SELECT ${counts.join(', ')} FROM ${tables.facts} WHERE _known_us IS NOT NULL`,
  );
  return new Set(inputs.filter((input) => Number(row?.[`s_${input}`]) > 0));
}
