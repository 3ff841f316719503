"""What every Python trainer for Sluice needs: the spec, the rows, and files in the form Sluice reads.

Sluice calls a trainer with the path of a spec.json as its last argument; see `src/adapters/trainer/command.ts`.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
import pandas as pd

#: A float32 model agrees with its Python original to about seven digits.
ALLOWED_DIFFERENCE = 1e-5


class Spec:
    """The spec of one training."""

    def __init__(self, path):
        facts = json.loads(pathlib.Path(path).read_text())
        self.is_binary = facts["task"] == "binary"
        self.params = facts["params"]
        self.seed = facts["seed"]
        self.threads = facts["threads"]
        self.numeric = [f["name"] for f in facts["features"] if f["kind"] == "numeric"]
        self.categorical = [f["name"] for f in facts["features"] if f["kind"] == "categorical"]
        self.features = [f["name"] for f in facts["features"]]
        self._facts = facts
        self._output = pathlib.Path(facts["outputDirectory"])

    def rows(self, split):
        """The feature columns and the labels of `train` or `validation`.

        Numbers become float32 (missing is NaN), the precision of the model that is exported; the texts of categorical
        features stand as they will enter the model: NULL is `nullText`.
        """
        frame = pd.read_parquet(self._facts[f"{split}Path"])
        rows = pd.DataFrame(index=frame.index)
        for name in self.features:
            if name in self.numeric:
                rows[name] = frame[name].astype("float64").astype("float32")
            else:
                rows[name] = frame[name].astype(object).where(frame[name].notna(), self._facts["nullText"])
        labels = frame[self._facts["label"]].astype("int64" if self.is_binary else "float64")
        return rows, labels.to_numpy()

    def save(self, model, curve=(), importances=None):
        """Writes the ONNX model and, when given, the curve [(round, metric, split, value)] and the importances."""
        (self._output / "model.onnx").write_bytes(model.SerializeToString())
        lines = [json.dumps(dict(zip(("round", "metric", "split", "value"), point))) for point in curve]
        if lines:
            (self._output / "metrics.jsonl").write_text("\n".join(lines) + "\n")
        if importances is not None:
            (self._output / "importances.json").write_text(json.dumps(importances))


def check_parity(spec, model, rows, predicted):
    """Ends the training when the exported model does not say what the Python model says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feeds = {name: rows[[name]].to_numpy(object if name in spec.categorical else np.float32) for name in spec.features}
    outputs = {output.name: value for output, value in zip(session.get_outputs(), session.run(None, feeds))}
    found = outputs["probabilities"][:, 1] if "probabilities" in outputs else list(outputs.values())[-1].reshape(-1)
    scale = 1 if spec.is_binary else max(1.0, float(np.abs(predicted).max()))
    difference = float(np.abs(found - predicted).max()) / scale
    print(f"largest difference of the ONNX model on {len(rows)} rows: {difference:.2e}")
    if not difference <= ALLOWED_DIFFERENCE:
        sys.exit(f"The exported model differs from the Python model by {difference}; allowed is {ALLOWED_DIFFERENCE}.")
