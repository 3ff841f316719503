"""Writes src/conformance/model-bytes.ts: small ONNX models for the conformance suite of the model port, made with
onnx 1.23.2, so that the models of the suite come from another writer than Sluice's own."""

import base64
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

ML = "ai.onnx.ml"


def value(name, kind, dims):
    return h.make_tensor_value_info(name, kind, dims)


def model(nodes, inputs, outputs, init=(), functions=(), sparse=()):
    graph = h.make_graph(nodes, "g", inputs, outputs, initializer=list(init), sparse_initializer=list(sparse))
    opsets = [h.make_opsetid("", 18), h.make_opsetid(ML, 3), h.make_opsetid("own", 1)]
    return h.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions), producer_name="")


def const(name, array):
    return nh.from_array(np.array(array), name)


def binary():
    """1 / (1 + exp(-(n or 0, + weight of c))), with the weights a 1, '' 2, NULL 3, any other 0."""
    nodes = [
        h.make_node("LabelEncoder", ["c"], ["w"], domain=ML, keys_strings=["a", "", "\u0001"], values_floats=[1.0, 2.0, 3.0], default_float=0.0),
        h.make_node("Cast", ["w"], ["wd"], to=T.DOUBLE),
        h.make_node("IsNaN", ["n"], ["m"]),
        h.make_node("Where", ["m", "zero", "n"], ["x"]),
        h.make_node("Add", ["x", "wd"], ["margin"]),
        h.make_node("Sigmoid", ["margin"], ["score"]),
    ]
    return model(nodes, [value("n", T.DOUBLE, [None, 1]), value("c", T.STRING, [None, 1])], [value("score", T.DOUBLE, [None, 1])], [const("zero", [[0.0]])])


def double_it():
    nodes = [h.make_node("Mul", ["n", "two"], ["score"])]
    return model(nodes, [value("n", T.DOUBLE, [None, 1])], [value("score", T.DOUBLE, [None, 1])], [const("two", [[2.0]])])


def pair():
    """Two floats in one matrix; a label and the two probabilities of sigmoid(x0 - x1)."""
    nodes = [
        h.make_node("MatMul", ["X", "w"], ["m"]),
        h.make_node("Softmax", ["m"], ["probabilities"], axis=1),
        h.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    outputs = [value("label", T.INT64, [None]), value("probabilities", T.FLOAT, [None, 2])]
    return model(nodes, [value("X", T.FLOAT, [None, 2])], outputs, [const("w", np.array([[0, 1], [0, -1]], np.float32))])


def zipmap():
    nodes = [
        h.make_node("Concat", ["n", "n"], ["p"], axis=1),
        h.make_node("ZipMap", ["p"], ["out"], domain=ML, classlabels_int64s=[0, 1]),
    ]
    out = h.make_value_info("out", h.make_sequence_type_proto(h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, None))))
    return model(nodes, [value("n", T.FLOAT, [None, 1])], [out])


def integers():
    nodes = [h.make_node("Cast", ["n"], ["score"], to=T.FLOAT)]
    return model(nodes, [value("n", T.INT64, [None])], [value("score", T.FLOAT, [None])])


def hang():
    """Adds 0 to its input 2^62 times."""
    body = h.make_graph(
        [h.make_node("Identity", ["cond"], ["cond_out"]), h.make_node("Sin", ["v"], ["v_out"])],
        "body",
        [value("i", T.INT64, []), value("cond", T.BOOL, []), value("v", T.DOUBLE, [None, 1])],
        [value("cond_out", T.BOOL, []), value("v_out", T.DOUBLE, [None, 1])],
    )
    nodes = [h.make_node("Loop", ["trips", "yes", "n"], ["score"], body=body)]
    return model(nodes, [value("n", T.DOUBLE, [None, 1])], [value("score", T.DOUBLE, [None, 1])], [const("trips", np.int64(2**62)), const("yes", True)])


def wide():
    """Answers three numbers per row."""
    nodes = [h.make_node("Concat", ["n", "n", "n"], ["score"], axis=1)]
    return model(nodes, [value("n", T.DOUBLE, [None, 1])], [value("score", T.DOUBLE, [None, None])])


def unknown_operator():
    nodes = [h.make_node("NoSuchOperator", ["n"], ["score"])]
    return model(nodes, [value("n", T.DOUBLE, [None, 1])], [value("score", T.DOUBLE, [None, 1])])


def external(name):
    tensor = T(name=name, data_type=T.DOUBLE, dims=[1, 1], data_location=T.EXTERNAL)
    tensor.external_data.add(key="location", value="secret.bin")
    return tensor


def around(init=(), nodes=(), functions=(), sparse=()):
    nodes = [*nodes, h.make_node("Identity", ["n"], ["score"])]
    return model(nodes, [value("n", T.DOUBLE, [None, 1])], [value("score", T.DOUBLE, [None, 1])], init, functions, sparse)


def externals():
    constant = h.make_node("Constant", [], ["k"], value=external("attribute"))
    branch = h.make_graph([h.make_node("Identity", ["sub"], ["out"])], "branch", [], [value("out", T.DOUBLE, [1, 1])], [external("sub")])
    inner = h.make_graph([h.make_node("If", ["yes"], ["o"], then_branch=branch, else_branch=branch)], "inner", [], [value("o", T.DOUBLE, [1, 1])])
    nested = h.make_node("If", ["yes"], ["deep"], then_branch=inner, else_branch=inner)
    function = h.make_function("own", "f", [], ["k"], [constant], [h.make_opsetid("", 18)])
    sparse = onnx.SparseTensorProto(values=external("sparse"), indices=const("at", np.array([0])), dims=[1, 1])
    training = around()
    training.training_info.add().algorithm.initializer.append(external("training"))
    mixed = external("late")
    mixed.ClearField("data_location")
    return {
        "initializer": around([external("initializer")]),
        "attribute": around(nodes=[constant]),
        "subgraph": around([const("yes", True)], [nested]),
        "function": around(functions=[function]),
        "sparse": around(sparse=[sparse]),
        "training": training,
        "entries without a location": around([mixed]),
    }


def literal(made):
    return f"'{base64.b64encode(made.SerializeToString(deterministic=True)).decode()}'"


def main():
    single = {f.__name__: f() for f in (binary, double_it, pair, zipmap, integers, hang, wide, unknown_operator)}
    names = {"double_it": "doubled", "unknown_operator": "unknownOperator", "hang": "hanging"}
    lines = ["// Generated by scripts/golden/conformance_models.py; do not edit.", "", "/** Small models in base64, made with onnx 1.23.2; the script says what each computes. */"]
    lines.append("export const modelBytes = {")
    lines += [f"  {names.get(name, name)}: {literal(made)}," for name, made in single.items()]
    lines += ["} as const;", "", "/** Models that keep data in another file, by where they hide it. */", "export const externalDataModels = {"]
    lines += [f"  {name if name.isidentifier() else repr(name)}: {literal(made)}," for name, made in externals().items()]
    lines += ["} as const;", ""]
    target = pathlib.Path(__file__).parents[2] / "src" / "conformance" / "model-bytes.ts"
    target.write_text("\n".join(lines))


main()
