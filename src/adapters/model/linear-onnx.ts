import type { LinearCategorical, LinearModel, LinearNumeric } from '../../math/linear/linear-model.ts';
import { slotsOf } from './category-ranks.ts';
import { addSlots, draftGraph, finishGraph, type GraphDraft } from './graph-parts.ts';
import { writeOnnx, type OnnxTensor } from './onnx-protobuf.ts';

/**
 * Yields a linear model as an ONNX model: inputs and output as in `forestToOnnx`, standardisation, imputation and the
 * weights of the levels inside the graph, all in doubles. The same model gives the same bytes.
 *
 * @param model must have at least one term
 */
export function linearToOnnx(model: LinearModel): Uint8Array {
  const categorical = new Map(model.categorical.map((term) => [term.name, term]));
  const numeric = new Map(model.numeric.map((term) => [term.name, term]));
  const draft = draftGraph(
    model.order.map((name) => ({ name, kind: categorical.has(name) ? 'categorical' : 'numeric' })),
  );
  const terms = model.order.flatMap((name) => {
    const term = categorical.get(name);
    return term === undefined ? [] : [addCategorical(draft, term)];
  });
  const numbers = model.order.flatMap((name) => numeric.get(name) ?? []);
  if (numbers.length > 0) terms.push(...addNumbers(draft, numbers));
  const intercept = draft.constant('intercept', row([model.intercept]));
  const margin = terms.reduce((sum, term) => draft.add('Add', [sum, term]), intercept);
  return writeOnnx(finishGraph(draft, model.task, margin));
}

/** Adds the weight of a text's level: [n, 1]. */
function addCategorical(draft: GraphDraft, term: LinearCategorical): string {
  const weights = Float64Array.from([...term.weights, term.nullWeight, term.unseenWeight]);
  const dims = [slotsOf(term.levels.length).count, 1];
  const table = draft.constant(`weights of ${term.name}`, { dims, data: weights });
  return draft.add('Gather', [table, addSlots(draft, term.name, term.levels)], { attributes: { axis: 0 } });
}

/** Adds the weighted sum of the standardised numbers and that of the missing ones: two of [n, 1]. */
function addNumbers(draft: GraphDraft, terms: readonly LinearNumeric[]): string[] {
  const matrix = draft.add(
    'Concat',
    terms.map(({ name }) => name),
    { attributes: { axis: 1 } },
  );
  const missing = draft.add('IsNaN', [matrix]);
  const means = draft.constant('means', row(terms.map(({ mean }) => mean)));
  const scales = draft.constant('scales', row(terms.map(({ scale }) => scale)));
  const zero = draft.constant('zero', row([0]));
  const filled = draft.add('Where', [missing, means, matrix]);
  const standardised = draft.add('Div', [draft.add('Sub', [filled, means]), scales]);
  const weights = draft.constant('weights', column(terms.map(({ weight }) => weight)));
  const missingWeights = draft.constant(
    'missing weights',
    row(terms.map(({ missingWeight }) => missingWeight)),
  );
  const ones = draft.constant('ones', column(terms.map(() => 1)));
  const indicated = draft.add('Where', [missing, missingWeights, zero]);
  return [draft.add('MatMul', [standardised, weights]), draft.add('MatMul', [indicated, ones])];
}

function row(values: readonly number[]): OnnxTensor {
  return { dims: [1, values.length], data: Float64Array.from(values) };
}

function column(values: readonly number[]): OnnxTensor {
  return { dims: [values.length, 1], data: Float64Array.from(values) };
}
