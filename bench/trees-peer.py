"""LightGBM on the matrix of trees.ts: python trees-peer.py FOLDER THREADS. Prints one JSON line per training it is asked for on stdin."""

import json
import sys
import time

import lightgbm
import numpy
import pyarrow.parquet

folder, threads = sys.argv[1], int(sys.argv[2])
train = pyarrow.parquet.read_table(f"{folder}/train.parquet")
march = pyarrow.parquet.read_table(f"{folder}/march.parquet")
names = [name for name in train.column_names if name not in ("late", "_event_us")]
places = {name: {p: i for i, p in enumerate(sorted(set(train[name].to_pylist())))} for name in ("origin", "destination")}


def matrix(table):
    columns = []
    for name in names:
        if name in places:
            columns.append(numpy.array([places[name].get(p, -1) for p in table[name].to_pylist()], dtype=float))
        else:
            columns.append(table[name].to_numpy().astype(float))
    return numpy.column_stack(columns), table["late"].to_numpy()


def area(labels, scores):
    order = numpy.argsort(scores, kind="stable")
    ranks = numpy.empty(len(scores))
    ranks[order] = numpy.arange(1, len(scores) + 1)
    ones = labels.sum()
    return (ranks[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


x, y = matrix(train)
x_march, y_march = matrix(march)
settings = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "num_threads": threads, "verbose": -1}
for _ in sys.stdin:
    start = time.perf_counter()
    data = lightgbm.Dataset(x, y, categorical_feature=[names.index(name) for name in places])
    model = lightgbm.train(settings, data, 200)
    seconds = time.perf_counter() - start
    scores = model.predict(x_march, num_threads=threads)
    loss = -numpy.mean(numpy.where(y_march == 1, numpy.log(scores), numpy.log1p(-scores)))
    print(json.dumps({"seconds": seconds, "auc": area(y_march, scores), "logLoss": loss, "version": lightgbm.__version__}), flush=True)
