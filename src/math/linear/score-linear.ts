import type { LinearModel } from './linear-model.ts';

/**
 * Writes the scores of all rows, summed in the order of the model's inputs.
 *
 * @param columns one per input in `model.order`: numbers (NaN missing), or level codes (NaN null, -1 unseen)
 * @param scores [rows]
 */
export function scoreLinear(
  model: LinearModel,
  columns: readonly Float64Array[],
  scores: Float64Array,
): void {
  const numeric = new Map(model.numeric.map((term) => [term.name, term]));
  const categorical = new Map(model.categorical.map((term) => [term.name, term]));
  scores.fill(model.intercept);
  model.order.forEach((name, place) => {
    const column = columns[place]!;
    const number = numeric.get(name);
    const category = categorical.get(name);
    if (number !== undefined)
      column.forEach((value, row) => {
        const known = (number.weight * (value - number.mean)) / number.scale;
        scores[row]! += Number.isNaN(value) ? number.missingWeight : known;
      });
    if (category !== undefined)
      column.forEach((code, row) => {
        const known = category.weights[code] ?? category.unseenWeight;
        scores[row]! += Number.isNaN(code) ? category.nullWeight : known;
      });
  });
  if (model.task === 'binary')
    scores.forEach((margin, row) => {
      scores[row] = 1 / (1 + Math.exp(-margin));
    });
}
