"""Golden values of src/math/linear: scikit-learn on made-up rows (numbers with gaps, a text with nulls).

Run: python scripts/golden/linear.py > src/math/linear/fit-linear.golden.json
"""

import json

import numpy as np
import scipy
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge

rng = np.random.default_rng(20010401)
rows = 400
a = np.round(rng.normal(50, 20, rows), 3)
b = np.round(rng.exponential(2, rows), 3)
b[rng.random(rows) < 0.15] = np.nan
levels = np.array(["blue", "green", "red", "white", None], dtype=object)
text = levels[rng.integers(0, 5, rows)]
effect = {"blue": -0.8, "green": 0.3, "red": 1.1, "white": 0.0, None: -0.2}
margin = 0.03 * (a - 50) - 0.4 * np.nan_to_num(b) + 0.7 * np.isnan(b) + np.array([effect[t] for t in text])
late = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(int)
amount = np.round(1000 + 300 * margin + rng.normal(0, 100, rows), 3)

known = b[~np.isnan(b)]
design = np.column_stack(
    [
        (a - a.mean()) / a.std(),
        np.where(np.isnan(b), 0, (b - known.mean()) / known.std()),
        np.isnan(b),
        *[text == level for level in levels],
    ]
).astype(float)


def logistic(l2, weight):
    model = LogisticRegression(C=1 / l2, tol=1e-12, max_iter=100_000, class_weight=weight)
    model.fit(design, late)
    return {"intercept": model.intercept_[0], "weights": model.coef_[0].tolist()}


def ridge(l2):
    model = Ridge(alpha=l2, tol=1e-14).fit(design, amount)
    return {"intercept": model.intercept_, "weights": model.coef_.tolist()}


print(
    json.dumps(
        {
            "oracle": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}",
            "a": a.tolist(),
            "b": [None if np.isnan(v) else v for v in b],
            "text": text.tolist(),
            "late": late.tolist(),
            "amount": amount.tolist(),
            "logistic": logistic(1, None),
            "balanced": logistic(0.5, "balanced"),
            "ridge": ridge(2),
        },
        indent=1,
    )
)
