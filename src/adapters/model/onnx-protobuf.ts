import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/*
 * Wire layout of the parts of onnx.proto that Sluice writes (message: field number = name):
 *
 *   Model      1 ir_version  2 producer_name  7 graph  8 opset_import*
 *   OpsetId    1 domain  2 version
 *   Graph      1 node*  2 name  5 initializer*  11 input*  12 output*
 *   Node       1 input*  2 output*  3 name  4 op_type  5 attribute*  7 domain
 *   Attribute  1 name  3 i  4 s  5 t  8 ints*  9 strings*  20 type (2 INT, 3 STRING, 4 TENSOR, 7 INTS, 8 STRINGS)
 *   Tensor     1 dims*  2 data_type  6 string_data*  8 name  9 raw_data (little-endian)
 *   ValueInfo  1 name  2 type -> Type: 1 tensor_type -> 1 elem_type, 2 shape -> 1 dim* -> 1 dim_value | 2 dim_param
 *
 * Fields are written in the order above and nothing else is, so the same graph gives the same bytes.
 */

/** The element types Sluice writes and feeds, with their numbers in `TensorProto.DataType`. */
export const elementTypes = {
  float: 1,
  uint8: 2,
  uint16: 4,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
} as const;

/** Name of an element type. */
export type ElementType = keyof typeof elementTypes;

/** Elements of a numeric constant; the array's type is the tensor's. */
export type NumericData = Float64Array | BigInt64Array | Int32Array | Uint16Array | Uint8Array;

/** A constant: its shape and its elements in row-major order. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: NumericData | readonly string[];
}

/** A node's attribute: an integer, a text, integers, texts, or a tensor. */
export type OnnxAttribute = number | string | Int32Array | readonly string[] | OnnxTensor;

/** One operation of a graph. */
export interface OnnxNode {
  readonly op: string;
  /** Empty for the standard operators, `ai.onnx.ml` for trees and label encoders. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of a graph; a text in `dims` names a dimension that is free. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

/** Everything a model file says. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: Readonly<Record<string, OnnxTensor>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const irVersion = 10;
const opsets = [
  ['', 21],
  ['ai.onnx.ml', 5],
] as const;

/**
 * Yields the bytes of an ONNX model with this graph; the same graph gives the same bytes.
 *
 * @returns a self-contained model of IR version 10, opset 21 and ai.onnx.ml opset 5
 * @see https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto
 */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const out = new BinaryWriter();
  integer(out, 1, irVersion);
  text(out, 2, 'sluice');
  message(out, 7, () => writeGraph(out, graph));
  for (const [domain, version] of opsets) {
    message(out, 8, () => {
      text(out, 1, domain);
      integer(out, 2, version);
    });
  }
  return out.finish();
}

function writeGraph(out: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(out, 1, () => writeNode(out, node));
  text(out, 2, 'model');
  for (const [name, tensor] of Object.entries(graph.initializers)) {
    message(out, 5, () => writeTensor(out, tensor, name));
  }
  for (const value of graph.inputs) message(out, 11, () => writeValue(out, value));
  for (const value of graph.outputs) message(out, 12, () => writeValue(out, value));
}

function writeNode(out: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) text(out, 1, name);
  for (const name of node.outputs) text(out, 2, name);
  text(out, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    message(out, 5, () => writeAttribute(out, name, value));
  }
  if (node.domain !== undefined) text(out, 7, node.domain);
}

function writeAttribute(out: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(out, 1, name);
  if (typeof value === 'number') {
    integer(out, 3, value);
    integer(out, 20, 2);
  } else if (typeof value === 'string') {
    text(out, 4, value);
    integer(out, 20, 3);
  } else if (value instanceof Int32Array) {
    message(out, 8, () => value.forEach((item) => out.int32(item)));
    integer(out, 20, 7);
  } else if ('dims' in value) {
    message(out, 5, () => writeTensor(out, value, name));
    integer(out, 20, 4);
  } else {
    for (const item of value) text(out, 9, item);
    integer(out, 20, 8);
  }
}

function writeTensor(out: BinaryWriter, tensor: OnnxTensor, name: string): void {
  message(out, 1, () => tensor.dims.forEach((dim) => out.int32(dim)));
  const { data } = tensor;
  if (ArrayBuffer.isView(data)) {
    integer(out, 2, elementTypes[typeOf(data)]);
    text(out, 8, name);
    out.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } else {
    integer(out, 2, elementTypes.string);
    for (const item of data) text(out, 6, item);
    text(out, 8, name);
  }
}

function typeOf(data: NumericData): ElementType {
  if (data instanceof Float64Array) return 'double';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof Uint16Array ? 'uint16' : 'uint8';
}

function writeValue(out: BinaryWriter, value: OnnxValue): void {
  text(out, 1, value.name);
  message(out, 2, () =>
    message(out, 1, () => {
      integer(out, 1, elementTypes[value.type]);
      message(out, 2, () => {
        for (const dim of value.dims) message(out, 1, () => writeDimension(out, dim));
      });
    }),
  );
}

function writeDimension(out: BinaryWriter, dim: number | string): void {
  if (typeof dim === 'number') integer(out, 1, dim);
  else text(out, 2, dim);
}

function integer(out: BinaryWriter, field: number, value: number): void {
  out.tag(field, WireType.Varint).int64(value);
}

function text(out: BinaryWriter, field: number, value: string): void {
  out.tag(field, WireType.LengthDelimited).string(value);
}

function message(out: BinaryWriter, field: number, write: () => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  write();
  out.join();
}
