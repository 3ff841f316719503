"""Golden numbers of src/math/metrics, regression, distributions and decision, from scikit-learn, scipy and statsmodels.

    python3 -m venv VENV && VENV/bin/pip install scikit-learn scipy statsmodels
    VENV/bin/python scripts/golden/metrics.py            writes src/math/metrics/metrics.golden.json
    VENV/bin/python scripts/golden/metrics.py --check    fails when the stored file differs by more than 1e-12
"""

import json
import math
import platform
import sys
import warnings
from pathlib import Path

import numpy
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
target = Path(__file__).parents[2] / "src/math/metrics/metrics.golden.json"
random = numpy.random.default_rng(20240229)


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def rounded(values, digits=6):
    return [round(float(value), digits) for value in values]


def binary_case(name, labels, scores, weights=None, threshold=0.5):
    labels, scores = numpy.asarray(labels), numpy.asarray(scores)
    decided = (scores >= threshold).astype(int)
    counts = metrics.confusion_matrix(labels, decided, labels=[0, 1])
    base = labels.mean()
    loss = metrics.log_loss(labels, scores, labels=[0, 1])
    reference = metrics.log_loss(labels, numpy.full(len(labels), base), labels=[0, 1])
    given = metrics.log_loss(labels, numpy.full(len(labels), 0.3), labels=[0, 1])
    one_class = base in (0, 1)
    weighted = None
    if weights is not None:
        weighted = {
            "areaUnderRoc": number(metrics.roc_auc_score(labels, scores, sample_weight=weights)),
            "averagePrecision": number(metrics.average_precision_score(labels, scores, sample_weight=weights)),
            "logLoss": number(metrics.log_loss(labels, scores, labels=[0, 1], sample_weight=weights)),
            "brierScore": number(metrics.brier_score_loss(labels, scores, sample_weight=weights, labels=[0, 1])),
        }
    zero = {"zero_division": math.nan}
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "weights": None if weights is None else list(weights),
        "threshold": threshold,
        "expected": {
            "areaUnderRoc": None if one_class else number(metrics.roc_auc_score(labels, scores)),
            "averagePrecision": None if base == 0 else number(metrics.average_precision_score(labels, scores)),
            "logLoss": number(loss),
            "logLossSkill": None if one_class else number(1 - loss / reference),
            "logLossSkillAgainst03": number(1 - loss / given),
            "brierScore": number(metrics.brier_score_loss(labels, scores, labels=[0, 1])),
            "confusion": {
                "trueNegative": int(counts[0, 0]),
                "falsePositive": int(counts[0, 1]),
                "falseNegative": int(counts[1, 0]),
                "truePositive": int(counts[1, 1]),
            },
            "accuracy": number(metrics.accuracy_score(labels, decided)),
            "precision": number(metrics.precision_score(labels, decided, **zero)),
            "recall": number(metrics.recall_score(labels, decided, **zero)),
            "f1": number(metrics.f1_score(labels, decided, **zero)),
        },
        "weighted": weighted,
    }


def binary_cases():
    chance = random.beta(2, 5, 400)
    smooth = rounded(chance, 9)
    labels = (random.random(400) < chance).astype(int)
    weights = rounded(random.exponential(1, 400), 6)
    tied = rounded(numpy.round(chance, 1), 1)
    extreme = [0.0, 1.0, 0.0, 1.0, 0.5, 1e-20, 1.0 - 1e-16]
    return [
        binary_case("smooth scores with weights", labels, smooth, weights, 0.3),
        binary_case("tied scores with weights", labels, tied, weights, 0.3),
        binary_case("scores at and near 0 and 1", [0, 1, 1, 0, 1, 1, 0], extreme),
        binary_case("all scores equal", [0, 1, 0, 1, 1], [0.4] * 5),
        binary_case("perfect ranking", [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
        binary_case("reversed ranking", [1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),
        binary_case("only negatives", [0, 0, 0], [0.1, 0.2, 0.3]),
        binary_case("only positives", [1, 1, 1], [0.1, 0.6, 0.3]),
        binary_case("no positive decision", [1, 0, 1], [0.1, 0.2, 0.3]),
        binary_case("one row", [1], [0.7]),
    ]


def calibration_case(bins):
    chance = random.beta(2, 3, 600)
    scores = numpy.asarray(rounded(chance, 9))
    labels = (random.random(600) < chance**1.3).astype(int)
    observed, mean_score = calibration_curve(labels, scores, n_bins=bins, strategy="quantile")
    count = 600 // bins
    gap = numpy.abs(observed - mean_score)
    deviation = numpy.sqrt(observed * (1 - observed) / count)
    folded = [stats.foldnorm.mean(g / s, scale=s) if s > 0 else g for g, s in zip(gap, deviation)]
    return {
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "bins": bins,
        "observedRate": observed.tolist(),
        "meanScore": mean_score.tolist(),
        "plain": number(gap.mean()),
        "debiased": number(max(0, 2 * gap.mean() - numpy.mean(folded))),
    }


def regression_case(name, truth, predicted, weights=None):
    keywords = {"sample_weight": weights}
    spread = numpy.ptp(truth)
    return {
        "name": name,
        "truth": list(truth),
        "predicted": list(predicted),
        "weights": weights,
        "meanAbsoluteError": number(metrics.mean_absolute_error(truth, predicted, **keywords)),
        "rootMeanSquaredError": number(metrics.root_mean_squared_error(truth, predicted, **keywords)),
        "rSquared": None if spread == 0 else number(metrics.r2_score(truth, predicted, force_finite=False, **keywords)),
    }


def regression_cases():
    truth = random.normal(20, 8, 60)
    predicted = rounded(truth + random.normal(1, 4, 60))
    truth, weights = rounded(truth), rounded(random.exponential(1, 60))
    return [
        regression_case("noisy", truth, predicted),
        regression_case("noisy with weights", truth, predicted, weights),
        regression_case("worse than the mean", [1.0, 2.0, 3.0], [9.0, 9.0, 0.0]),
        regression_case("constant truth", [0.1, 0.1, 0.1], [0.1, 0.2, 0.1]),
    ]


def quantile_cases():
    chances = [1e-10, 0.001, 0.025, 0.05, 0.3, 0.5, 0.8, 0.95, 0.975, 0.995, 0.9999]
    degrees = [1, 2, 3, 6, 7, 30, 365, 2.5]
    return {
        "normal": [[p, number(stats.norm.ppf(p))] for p in chances],
        "normalCdf": [[z, number(stats.norm.cdf(z))] for z in [-8, -3, -1.5, 0, 0.25, 1.96, 5]],
        "studentT": [[p, d, number(stats.t.ppf(p, d))] for p in chances for d in degrees],
    }


def wilson_cases():
    trials = [(0, 10), (1, 10), (10, 10), (37, 120), (5000, 10000), (3, 7)]
    return [
        [successes, n, alpha, *map(number, proportion_confint(successes, n, alpha, method="wilson"))]
        for successes, n in trials
        for alpha in (0.05, 0.1)
    ]


def holm_cases():
    groups = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.02, 0.02, 0.9, 1.0, 0.0], rounded(random.random(12) ** 2)]
    return [[ps, multipletests(ps, method="holm")[1].tolist()] for ps in groups]


def paired_case():
    blocks, per_block = 11, 8
    shift = random.normal(0.02, 0.05, blocks)
    a = numpy.repeat(shift, per_block) + random.exponential(0.5, blocks * per_block)
    b = random.exponential(0.5, blocks * per_block)
    a, b = numpy.asarray(rounded(a)), numpy.asarray(rounded(b))
    means = (a - b).reshape(blocks, per_block).mean(axis=1)
    test = stats.ttest_1samp(means, 0)
    bounds = test.confidence_interval(0.95)
    return {
        "lossA": a.tolist(),
        "lossB": b.tolist(),
        "blocks": numpy.repeat(numpy.arange(blocks), per_block).tolist(),
        "difference": number(means.mean()),
        "lower": number(bounds.low),
        "upper": number(bounds.high),
    }


golden = {
    "oracle": {
        "script": "scripts/golden/metrics.py",
        "python": platform.python_version(),
        "scikit-learn": sklearn.__version__,
        "scipy": scipy.__version__,
        "numpy": numpy.__version__,
        "statsmodels": statsmodels.__version__,
    },
    "binary": binary_cases(),
    "calibration": [calibration_case(10), calibration_case(15)],
    "regression": regression_cases(),
    "quantiles": quantile_cases(),
    "wilson": wilson_cases(),
    "holm": holm_cases(),
    "paired": paired_case(),
}


def differences(stored, made, path="$"):
    if isinstance(made, dict):
        for key in made:
            yield from differences(stored.get(key) if isinstance(stored, dict) else None, made[key], f"{path}.{key}")
    elif isinstance(made, list):
        if not isinstance(stored, list) or len(stored) != len(made):
            yield path
        else:
            for index, pair in enumerate(zip(stored, made)):
                yield from differences(*pair, f"{path}[{index}]")
    elif isinstance(made, float) and isinstance(stored, (int, float)):
        if abs(stored - made) > 1e-12 * max(1, abs(made)):
            yield path
    elif stored != made and not path.startswith("$.oracle"):
        yield path


print(json.dumps(golden["oracle"]))
if "--check" in sys.argv:
    stale = list(differences(json.loads(target.read_text()), golden))
    print("\n".join(stale) or "golden numbers hold")
    sys.exit(1 if stale else 0)
target.write_text(json.dumps(golden, indent=None, separators=(",", ":"), allow_nan=False) + "\n")
