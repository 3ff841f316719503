"""A scikit-learn trainer for Sluice.

    train: { trainer: 'command', params: { command: ['python3', 'examples/trainers/sklearn_trainer.py'], model: 'linear' } }

Params: `model` is `linear` (logistic or ridge regression on standardised numbers and one-hot categories, the default) or
`boosting` (histogram gradient boosting; categories as ordinal codes); `iterations`, `learningRate`, `leaves` for boosting.
"""

import sys

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sluice_spec import Spec, check_parity


def linear(spec):
    numbers = make_pipeline(SimpleImputer(strategy="mean"), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False)
    estimator = LogisticRegression(max_iter=500) if spec.is_binary else Ridge()
    return prepared(spec, numbers, texts), estimator


def boosting(spec):
    texts = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
    kind = HistGradientBoostingClassifier if spec.is_binary else HistGradientBoostingRegressor
    estimator = kind(
        max_iter=spec.params.get("iterations", 100),
        learning_rate=spec.params.get("learningRate", 0.1),
        max_leaf_nodes=spec.params.get("leaves", 31),
        random_state=spec.seed,
        early_stopping=False,
    )
    return prepared(spec, "passthrough", texts), estimator


def prepared(spec, numbers, texts):
    columns = [("numbers", numbers, spec.numeric), ("texts", texts, spec.categorical)]
    return ColumnTransformer([column for column in columns if column[2]])


def main():
    spec = Spec(sys.argv[-1])
    rows, labels = spec.rows("train")
    preparation, estimator = {"linear": linear, "boosting": boosting}[spec.params.get("model", "linear")](spec)
    model = Pipeline([("preparation", preparation), ("estimator", estimator)])
    model.fit(rows, labels)

    exported = to_onnx(
        model,
        initial_types=[(name, FloatTensorType([None, 1]) if name in spec.numeric else StringTensorType([None, 1])) for name in spec.features],
        options={id(estimator): {"zipmap": False}} if spec.is_binary else None,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    check_parity(spec, exported, rows, predict(spec, model, rows))
    spec.save(exported, curve=list(curve(spec, model)))


def predict(spec, model, rows):
    return model.predict_proba(rows)[:, 1] if spec.is_binary else model.predict(rows)


def curve(spec, model):
    for split in ("train", "validation"):
        rows, labels = spec.rows(split)
        if len(rows) == 0:
            continue
        scores = predict(spec, model, rows)
        if spec.is_binary:
            yield 1, "logLoss", split, float(log_loss(labels, scores, labels=[0, 1]))
        else:
            yield 1, "rmse", split, float(root_mean_squared_error(labels, scores))


main()
