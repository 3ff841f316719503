/**
 * Smallest and greatest values by RANGE frames over facts and asking rows together: extremes cannot be subtracted, so
 * the engine's segment trees search each window. Three windows over three million flights take about 8 s.
 */
import { factsSql, inputsOf, viewTables, windowColumn, type ViewPlan } from './window-plan.ts';

/** True when a view has a min or max. */
export function hasExtremes(plan: ViewPlan): boolean {
  return inputsOf(plan.view, ['min', 'max']).length > 0;
}

/** Yields the statement that leaves `i` and one column per min or max and window in the view's table of extremes. */
export function extremesSql(plan: ViewPlan): readonly string[] {
  const { probes, extremes } = viewTables(plan.index);
  const inputs = inputsOf(plan.view, ['min', 'max']);
  const columns = extremeColumnsOf(plan);
  // Whole microseconds: (t - w, t] begins at t - w + 1.
  const found = columns.map(
    ({ name, how, input, us }) =>
      `${how}(x_${input}) OVER (PARTITION BY k ORDER BY t RANGE BETWEEN ${us - 1} PRECEDING AND CURRENT ROW) AS ${name}`,
  );
  return [
    `CREATE OR REPLACE TEMP TABLE ${extremes} AS SELECT i, ${columns.map(({ name }) => name).join(', ')} FROM (` +
      `SELECT i, ${found.join(', ')} FROM (` +
      `SELECT NULL::BIGINT AS i, k, _known_us AS t, ${inputs.map((input) => `x_${input}`).join(', ')} FROM ${factsSql(plan)}` +
      ` UNION ALL SELECT i, k, t, ${inputs.map(() => 'NULL').join(', ')} FROM ${probes})) WHERE i IS NOT NULL`,
  ];
}

/** Yields the SQL of the features that are extremes, by column name, reading the table of extremes under its own name. */
export function extremeColumns(plan: ViewPlan): ReadonlyMap<string, string> {
  const { extremes } = viewTables(plan.index);
  return new Map(extremeColumnsOf(plan).map(({ name }) => [name, `${extremes}.${name}`]));
}

function extremeColumnsOf(plan: ViewPlan) {
  return plan.view.aggregates.flatMap(({ function: how, input }, aggregate) =>
    how === 'min' || how === 'max'
      ? plan.view.windows.map(({ us }, window) => ({
          name: windowColumn({ view: plan.index, aggregate, window }),
          how,
          input,
          us,
        }))
      : [],
  );
}
