import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { SluiceError } from '../../base/errors.ts';
import { elementTypes, type ElementType } from './onnx-protobuf.ts';

/** An input or output of a model; a `null` in `dims` is a free dimension, absent `dims` an unknown shape. */
export interface ModelValue {
  readonly name: string;
  /** `sequence` and `map` are what a ZipMap leaves; `other` is anything Sluice neither feeds nor reads. */
  readonly type: ElementType | 'sequence' | 'map' | 'other';
  readonly dims?: readonly (number | null)[];
}

/** What a model file says about itself. */
export interface ModelFacts {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Versions of the operator sets by domain; the standard domain is the empty text. */
  readonly opsets: Readonly<Record<string, number>>;
}

type Kind = 'model' | 'graph' | 'training' | 'function' | 'node' | 'attribute' | 'sparse' | 'tensor';

/** Which fields of a message hold messages that may, at any depth, hold a tensor (numbers from onnx.proto). */
const nested: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};

/** The depth at which protobuf's own readers give up. */
const deepest = 100;

/**
 * Yields the inputs, outputs and operator sets of an ONNX model, having walked all of it: no tensor of an initializer,
 * attribute, subgraph, function or training part may keep its data in another file, because a runtime would read that
 * file from the current directory even for a model given as bytes.
 *
 * @throws MODEL_EXTERNAL_DATA naming the tensor; MODEL_INVALID for bytes that are no ONNX model
 * @see https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto
 */
export function inspectOnnx(bytes: Uint8Array): ModelFacts {
  const facts = { inputs: [], outputs: [], opsets: {}, initializers: new Set<string>(), nodes: 0 } as Draft;
  // A model in onnxruntime's own format has this mark; the runtime would not read it as protobuf.
  if (Buffer.from(bytes.subarray(4, 8)).equals(Buffer.from('ORTM'))) throw invalid('it is in the ORT format');
  try {
    walk(bytes, 'model', { facts, depth: 0 });
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (facts.nodes === 0) throw invalid('it has no graph');
  if (facts.outputs.length === 0) throw invalid('its graph has no output');
  const inputs = facts.inputs.filter(({ name }) => !facts.initializers.has(name));
  return { inputs, outputs: facts.outputs, opsets: facts.opsets };
}

interface Draft {
  readonly inputs: ModelValue[];
  readonly outputs: ModelValue[];
  readonly opsets: Record<string, number>;
  readonly initializers: Set<string>;
  nodes: number;
}

interface Place {
  readonly facts: Draft;
  readonly depth: number;
}

function walk(bytes: Uint8Array, kind: Kind, { facts, depth }: Place): void {
  if (depth > deepest) throw invalid(`its messages are nested deeper than ${deepest}`);
  if (kind === 'tensor') {
    checkTensor(bytes);
    return;
  }
  for (const { field, message } of messagesOf(bytes)) {
    const child = nested[kind][field];
    if (child !== undefined) walk(message, child, { facts, depth: depth + 1 });
    if (kind === 'model' && field === 8) noteOpset(message, facts);
    if (kind === 'graph' && depth === 1) noteGraph(field, message, facts);
  }
}

function noteGraph(field: number, message: Uint8Array, facts: Draft): void {
  if (field === 1) facts.nodes += 1;
  if (field === 5) facts.initializers.add(textOf(message, 8));
  if (field === 11) facts.inputs.push(valueOf(message));
  if (field === 12) facts.outputs.push(valueOf(message));
}

function noteOpset(message: Uint8Array, facts: Draft): void {
  facts.opsets[textOf(message, 1)] = integerOf(message, 2);
}

/** Refuses every `data_location` but 0 and every `external_data` entry, whatever the other fields say. */
function checkTensor(bytes: Uint8Array): void {
  const external = [...fieldsOf(bytes)].some(
    ({ field, wire, value }) => field === 13 || (field === 14 && wire === WireType.Varint && value !== 0n),
  );
  if (external) throw new SluiceError('MODEL_EXTERNAL_DATA', { tensor: textOf(bytes, 8) || '(unnamed)' });
}

function valueOf(bytes: Uint8Array): ModelValue {
  const name = textOf(bytes, 1);
  const type = childOf(bytes, 2);
  const tensor = childOf(type, 1);
  if (tensor === undefined) {
    const isMap = childOf(type, 5) !== undefined;
    if (childOf(type, 4) !== undefined) return { name, type: 'sequence' };
    return { name, type: isMap ? 'map' : 'other' };
  }
  const number = integerOf(tensor, 1);
  const known = Object.entries(elementTypes).find(([, code]) => code === number);
  const shape = childOf(tensor, 2);
  const element = (known?.[0] ?? 'other') as ModelValue['type'];
  return shape === undefined ? { name, type: element } : { name, type: element, dims: dimsOf(shape) };
}

function dimsOf(shape: Uint8Array): (number | null)[] {
  const dims = [...messagesOf(shape)].filter(({ field }) => field === 1);
  return dims.map(({ message }) => {
    const size = [...fieldsOf(message)].find(({ field, wire }) => field === 1 && wire === WireType.Varint);
    return size === undefined ? null : Number(size.value);
  });
}

interface Field {
  readonly field: number;
  readonly wire: WireType;
  readonly value: Uint8Array | bigint | undefined;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) yield { field, wire, value: reader.bytes() };
    else if (wire === WireType.Varint) yield { field, wire, value: BigInt(reader.uint64()) };
    else {
      reader.skip(wire, field);
      yield { field, wire, value: undefined };
    }
  }
}

function* messagesOf(bytes: Uint8Array): Generator<{ field: number; message: Uint8Array }> {
  for (const { field, value } of fieldsOf(bytes)) {
    if (value instanceof Uint8Array) yield { field, message: value };
  }
}

function childOf(bytes: Uint8Array | undefined, wanted: number): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  return [...messagesOf(bytes)].findLast(({ field }) => field === wanted)?.message;
}

function textOf(bytes: Uint8Array, wanted: number): string {
  return Buffer.from(childOf(bytes, wanted) ?? []).toString('utf8');
}

function integerOf(bytes: Uint8Array, wanted: number): number {
  const found = [...fieldsOf(bytes)].findLast(
    ({ field, wire }) => field === wanted && wire === WireType.Varint,
  );
  return Number(found?.value ?? 0);
}

function invalid(reason: string): SluiceError {
  return new SluiceError('MODEL_INVALID', { reason });
}
