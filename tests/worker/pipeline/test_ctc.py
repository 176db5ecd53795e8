"""The sums over paths are those that counting all paths gives."""

import itertools

import numpy as np
import pytest

from worker.pipeline.ctc import likeliest_texts, log_likelihoods


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


@pytest.mark.parametrize("seed", range(4))
def test_likelihoods_are_sums_over_all_paths(seed):
    probabilities = steps(seed=seed)
    truth = count_all(probabilities)
    texts = list(truth)
    assert np.exp(log_likelihoods(probabilities, texts)) == pytest.approx([truth[text] for text in texts], rel=1e-5)


def test_what_does_not_fit_into_the_steps_is_impossible():
    found = log_likelihoods(steps(3), [(1, 1, 1), (1, 2, 1, 2)])
    assert (found < -1e20).all()
    assert log_likelihoods(steps(3), []).shape == (0,)
    assert log_likelihoods(np.zeros((0, 3), dtype=np.float32), [(1,)])[0] < -1e20


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_the_likeliest(seed):
    probabilities = steps(seed=seed)
    truth = count_all(probabilities)
    best = sorted(truth, key=lambda text: -truth[text])
    found = likeliest_texts(probabilities, [1, 2], beam=200)
    assert [text for text, _ in found[:3]] == best[:3]
    assert np.exp(found[0][1]) == pytest.approx(truth[best[0]], rel=1e-3)


def test_the_search_keeps_to_its_letters_and_length():
    probabilities = steps(6, 4)
    assert all(set(text) <= {1, 3} for text, _ in likeliest_texts(probabilities, [1, 3]))
    found = likeliest_texts(probabilities, [1, 2, 3], length=4, beam=400)
    assert found
    assert {len(text) for text, _ in found} == {4}
