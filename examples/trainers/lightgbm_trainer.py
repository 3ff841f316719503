"""A LightGBM trainer for Sluice, with LightGBM's own splits by category.

    train: { trainer: 'command', params: { command: ['python3', 'examples/trainers/lightgbm_trainer.py'], leaves: 63 } }

Params: `iterations` (200), `learningRate` (0.1), `leaves` (31), `minLeafRows` (20), `earlyStopping` (0: never; else the
rounds without a better validation loss).
"""

import sys

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, compose, helper
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from sluice_spec import Spec, check_parity

ML = "ai.onnx.ml"
OPSETS = [helper.make_opsetid("", 15), helper.make_opsetid(ML, 3)]


def main():
    spec = Spec(sys.argv[-1])
    rows, labels = spec.rows("train")
    levels = {name: sorted(rows[name].unique()) for name in spec.categorical}
    train = lightgbm.Dataset(coded(rows, levels), labels, categorical_feature=spec.categorical or "auto", free_raw_data=False)
    checked, checked_labels = spec.rows("validation")
    sets, names = [train], ["train"]
    if len(checked) > 0:
        sets.append(lightgbm.Dataset(coded(checked, levels), checked_labels, reference=train))
        names.append("validation")

    history = {}
    callbacks = [lightgbm.record_evaluation(history)]
    patience = spec.params.get("earlyStopping", 0)
    if patience > 0 and len(checked) > 0:
        callbacks.append(lightgbm.early_stopping(patience, verbose=False))
    booster = lightgbm.train(settings(spec), train, spec.params.get("iterations", 200), sets, names, callbacks=callbacks)

    exported = export(spec, booster, levels)
    check_parity(spec, exported, rows, booster.predict(coded(rows, levels)))
    gains = dict(zip(spec.features, booster.feature_importance("gain").tolist()))
    spec.save(exported, list(curve(history)), gains if sum(gains.values()) > 0 else None)


def settings(spec):
    return {
        "objective": "binary" if spec.is_binary else "regression",
        "metric": "binary_logloss" if spec.is_binary else "rmse",
        "learning_rate": spec.params.get("learningRate", 0.1),
        "num_leaves": spec.params.get("leaves", 31),
        "min_data_in_leaf": spec.params.get("minLeafRows", 20),
        "seed": spec.seed,
        "num_threads": spec.threads,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }


def coded(rows, levels):
    """Texts as their place among the levels; -1, which LightGBM takes for missing, for any other."""
    out = rows.copy()
    for name, known in levels.items():
        place = {level: code for code, level in enumerate(known)}
        out[name] = rows[name].map(place).fillna(-1).astype("float32")
    return out.astype("float32")


def curve(history):
    for split, metrics in history.items():
        for metric, values in metrics.items():
            for place, value in enumerate(values):
                yield place + 1, {"binary_logloss": "logLoss"}.get(metric, metric), split, float(value)


def export(spec, booster, levels):
    """Puts the look-up of the levels in front of the trees, so that raw values go in."""
    width = len(spec.features)
    trees = convert_lightgbm(booster, initial_types=[("matrix", FloatTensorType([None, width]))], name="trees", zipmap=False, target_opset=15)
    nodes, parts = [], []
    for name in spec.features:
        if name in levels:
            codes = [float(code) for code in range(len(levels[name]))]
            nodes.append(helper.make_node("LabelEncoder", [name], [f"code of {name}"], domain=ML, keys_strings=levels[name], values_floats=codes, default_float=-1.0))
        parts.append(f"code of {name}" if name in levels else name)
    nodes.append(helper.make_node("Concat", parts, ["joined"], axis=1))
    inputs = [helper.make_tensor_value_info(name, TensorProto.STRING if name in levels else TensorProto.FLOAT, [None, 1]) for name in spec.features]
    outputs = [helper.make_tensor_value_info("joined", TensorProto.FLOAT, [None, width])]
    front = helper.make_model(helper.make_graph(nodes, "levels", inputs, outputs), opset_imports=OPSETS, ir_version=trees.ir_version)
    del trees.opset_import[:]
    trees.opset_import.extend(OPSETS)
    merged = compose.merge_models(front, trees, io_map=[("joined", "matrix")])
    onnx.checker.check_model(merged)
    return merged


main()
