import { SluiceError } from '../../base/errors.ts';
import type { Signature } from '../../ports/model.ts';
import type { FeatureColumn } from '../../ports/trainer.ts';
import type { ModelFacts, ModelValue } from './onnx-inspect.ts';

/** One input of a model and the features that fill it, as places in the signature. */
export interface FeedInput {
  readonly name: string;
  readonly type: 'float' | 'double' | 'int64' | 'string';
  /** 1 for the shape [n], 2 for [n, features]. */
  readonly rank: 1 | 2;
  readonly features: readonly number[];
}

/** Which output holds the scores; of a row of `width` numbers the last one is taken. */
export interface FeedPlan {
  readonly inputs: readonly FeedInput[];
  readonly output: string;
}

const feedable: ReadonlySet<string> = new Set(['float', 'double', 'int64', 'string']);

/**
 * Yields how the columns of a signature enter a model and where its scores come out. Two layouts of inputs are known: one
 * input [n, 1] or [n] per feature, by name; or one float or double matrix [n, k] of all features, which must be numeric,
 * in the order of the signature. The scores are the output `score`; else, for `binary`, the float or double output with
 * two columns (of which the second is the probability of true); else the only float or double output.
 *
 * @throws MODEL_SIGNATURE naming both sides; MODEL_ZIPMAP when the probabilities are a list of maps
 */
export function planFeeds(facts: ModelFacts, signature: Signature): FeedPlan {
  return { inputs: planInputs(facts, signature), output: pickOutput(facts, signature).name };
}

function planInputs(facts: ModelFacts, { features }: Signature): FeedInput[] {
  const names = new Set(features.map(({ name }) => name));
  const matrix = facts.inputs[0];
  if (facts.inputs.length === 1 && matrix !== undefined && !names.has(matrix.name)) {
    return [planMatrix(facts, matrix, features)];
  }
  const extra = facts.inputs.find(({ name }) => !names.has(name));
  if (extra !== undefined) throw mismatch(facts, features, `the model's input "${extra.name}" is no feature`);
  return features.map((feature, place) => {
    const input = facts.inputs.find(({ name }) => name === feature.name);
    if (input === undefined) throw mismatch(facts, features, `the model has no input "${feature.name}"`);
    return planColumn(facts, features, { input, place });
  });
}

function planMatrix(facts: ModelFacts, input: ModelValue, features: readonly FeatureColumn[]): FeedInput {
  const { name, type, dims } = input;
  if (type !== 'float' && type !== 'double') {
    throw mismatch(
      facts,
      features,
      `the model's only input "${name}" is neither a feature nor a float or double matrix`,
    );
  }
  const text = features.find(({ kind }) => kind === 'categorical');
  if (text !== undefined)
    throw mismatch(facts, features, `"${text.name}" is text and cannot enter a matrix of numbers`);
  const width = dims?.[1] ?? features.length;
  if ((dims !== undefined && dims.length !== 2) || width !== features.length) {
    throw mismatch(facts, features, `"${name}" takes ${shown(input)}, not [n, ${features.length}]`);
  }
  return { name, type, rank: 2, features: features.map((_, place) => place) };
}

function planColumn(
  facts: ModelFacts,
  features: readonly FeatureColumn[],
  { input, place }: { input: ModelValue; place: number },
): FeedInput {
  const { name, type, dims } = input;
  const isText = features[place]?.kind === 'categorical';
  if (!feedable.has(type) || isText !== (type === 'string')) {
    const wanted = isText ? 'string' : 'double, float or int64';
    throw mismatch(facts, features, `"${name}" is ${type} in the model, the feature wants ${wanted}`);
  }
  const rank = dims?.length ?? 2;
  if ((rank !== 1 && rank !== 2) || (dims?.[1] ?? 1) !== 1) {
    throw mismatch(facts, features, `"${name}" takes ${shown(input)}, not [n, 1]`);
  }
  return { name, type: type as FeedInput['type'], rank, features: [place] };
}

function pickOutput(facts: ModelFacts, { task, features }: Signature): ModelValue {
  const numeric = facts.outputs.filter(({ type }) => type === 'float' || type === 'double');
  const named = numeric.find(({ name }) => name === 'score');
  const pair = task === 'binary' ? numeric.find(({ dims }) => dims?.[1] === 2) : undefined;
  // A classifier's shape is not always declared: skl2onnx calls it `probabilities` or `output_probability`.
  const probable = task === 'binary' ? numeric.find(({ name }) => /prob/i.test(name)) : undefined;
  const found = named ?? pair ?? probable ?? (numeric.length === 1 ? numeric[0] : undefined);
  if (found !== undefined) return found;
  const zipped = facts.outputs.find(({ type }) => type === 'sequence' || type === 'map');
  if (zipped !== undefined) throw new SluiceError('MODEL_ZIPMAP', { output: zipped.name });
  throw mismatch(
    facts,
    features,
    'no output is "score", a pair of probabilities, or the only float or double',
  );
}

function mismatch(facts: ModelFacts, features: readonly FeatureColumn[], reason: string): SluiceError {
  const side = (values: readonly ModelValue[]): string =>
    values.map((value) => `${value.name} ${shown(value)}`).join(', ');
  return new SluiceError('MODEL_SIGNATURE', {
    reason,
    model: `${side(facts.inputs)} -> ${side(facts.outputs)}`,
    signature: features.map(({ name, kind }) => `${name} ${kind}`).join(', '),
  });
}

function shown({ type, dims }: ModelValue): string {
  return dims === undefined ? type : `${type}[${dims.map((dim) => dim ?? 'n').join(',')}]`;
}
