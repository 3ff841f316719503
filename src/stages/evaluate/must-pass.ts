import type { Json } from '../../base/canonical-json.ts';
import type { Column, ColumnTable } from '../../ports/engine.ts';
import type { LoadedModel } from '../../ports/model.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';

/** Yields the score of each must-pass item, by its name; a feature that an item leaves out is missing. */
export async function scoreItems(
  model: LoadedModel,
  spec: EvaluateSpec,
): Promise<Readonly<Record<string, number>>> {
  const items = spec.gates.filter((gate) => gate.kind === 'mustPass');
  if (items.length === 0) return {};
  const columns = new Map(
    model.signature.features.map(({ name, kind }) => {
      const values = items.map((item) => item.features[name] ?? null);
      return [name, kind === 'categorical' ? textColumn(values) : numberColumn(values)] as const;
    }),
  );
  const table: ColumnTable = { rows: items.length, columns };
  const scores = await model.predict(table);
  return Object.fromEntries(items.map((item, i) => [item.name, scores[i] ?? Number.NaN]));
}

function numberColumn(values: readonly Json[]): Column {
  const numbers = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  return {
    type: 'double',
    values: Float64Array.from(numbers, (value) => (typeof value === 'number' ? value : Number.NaN)),
  };
}

function textColumn(values: readonly Json[]): Column {
  const dictionary = [...new Set(values.filter((value) => typeof value === 'string'))];
  const codes = Int32Array.from(values, (value) =>
    typeof value === 'string' ? dictionary.indexOf(value) : -1,
  );
  return { type: 'string', codes, dictionary };
}
