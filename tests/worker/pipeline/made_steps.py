"""Steps of a reader of few characters, and the sums over all their paths, for tests that compare with these."""

import itertools

import numpy as np


def steps(count=5, classes=3, seed=0):
    logits = np.random.default_rng(seed).normal(0, 2, (count, classes))
    return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)


def count_all(probabilities):
    """Text → the sum over all paths that read it."""
    sums = {}
    for path in itertools.product(range(probabilities.shape[1]), repeat=len(probabilities)):
        text = tuple(each for each, _ in itertools.groupby(path) if each)
        sums[text] = sums.get(text, 0.0) + float(np.exp(sum(probabilities[i, c] for i, c in enumerate(path))))
    return sums
