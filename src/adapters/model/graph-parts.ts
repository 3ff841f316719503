import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-protobuf.ts';
import { nullText, toModelText } from './model-text.ts';

/** What both exporters need to build a graph: nodes and constants under names that no feature has. */
export interface GraphDraft {
  readonly nodes: OnnxNode[];
  readonly initializers: Record<string, OnnxTensor>;
  readonly inputs: OnnxValue[];
  /** Yields an inner name that is no feature's. */
  name(purpose: string): string;
  constant(purpose: string, tensor: OnnxTensor): string;
  add(op: string, inputs: readonly string[], more?: Pick<OnnxNode, 'domain' | 'attributes'>): string;
}

/** Yields an empty graph with one input [n, 1] per feature: double for `numeric` (NaN is missing), text for `categorical`. */
export function draftGraph(
  features: readonly { readonly name: string; readonly kind: 'numeric' | 'categorical' }[],
): GraphDraft {
  const inputs = features.map(({ name, kind }): OnnxValue => {
    return { name, type: kind === 'numeric' ? 'double' : 'string', dims: ['n', 1] };
  });
  let prefix = ':';
  while (features.some(({ name }) => name.startsWith(prefix))) prefix += ':';
  const nodes: OnnxNode[] = [];
  const initializers: Record<string, OnnxTensor> = {};
  const name = (purpose: string): string => `${prefix}${purpose}`;
  return {
    nodes,
    initializers,
    inputs,
    name,
    constant(purpose, tensor) {
      initializers[name(purpose)] = tensor;
      return name(purpose);
    },
    add(op, from, more) {
      const output = name(`${op}${nodes.length}`);
      nodes.push({ op, inputs: from, outputs: [output], ...more });
      return output;
    },
  };
}

/**
 * Adds the look-up of a level's slot: its place among `levels`, then one place for NULL, then one for every other text.
 *
 * @returns name of an int64 tensor [n]
 */
export function addSlots(draft: GraphDraft, input: string, levels: readonly string[]): string {
  const codes = BigInt64Array.from({ length: levels.length + 1 }, (_, code) => BigInt(code));
  const looked = draft.add('LabelEncoder', [input], {
    domain: 'ai.onnx.ml',
    attributes: {
      default_int64: levels.length + 1,
      keys_strings: [...levels.map(toModelText), nullText],
      values_int64s: Int32Array.from(codes, Number),
    },
  });
  const axes = draft.constant('axis1', { dims: [1], data: BigInt64Array.of(1n) });
  return draft.add('Squeeze', [looked, axes]);
}

/**
 * Ends a graph: the margin [n, 1] becomes `score`, through `1 / (1 + exp(-margin))` for `binary`. (The operator Sigmoid
 * would give 0 for margins below -37, and a log loss of infinity.)
 */
export function finishGraph(draft: GraphDraft, task: 'binary' | 'regression', margin: string): OnnxGraph {
  const taken = draft.inputs.some(({ name }) => name === 'score');
  const score = taken ? draft.name('score') : 'score';
  if (task === 'binary') {
    const one = draft.constant('one', { dims: [1], data: Float64Array.of(1) });
    const exponential = draft.add('Exp', [draft.add('Neg', [margin])]);
    const above = draft.add('Add', [exponential, one]);
    draft.nodes.push({ op: 'Reciprocal', inputs: [above], outputs: [score] });
  } else {
    draft.nodes.push({ op: 'Identity', inputs: [margin], outputs: [score] });
  }
  const outputs: OnnxValue[] = [{ name: score, type: 'double', dims: ['n', 1] }];
  return { nodes: draft.nodes, initializers: draft.initializers, inputs: draft.inputs, outputs };
}
