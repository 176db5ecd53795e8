"""The sums over paths are those that counting all paths gives."""

import numpy as np
import pytest
from made_steps import count_all, steps

from worker.pipeline.ctc import log_likelihoods


@pytest.mark.parametrize("seed", range(4))
def test_likelihoods_are_sums_over_all_paths(seed):
    probabilities = steps(seed=seed)
    truth = count_all(probabilities)
    texts = list(truth)
    assert np.exp(log_likelihoods([probabilities], texts)[0]) == pytest.approx(
        [truth[text] for text in texts], rel=1e-5
    )


def test_views_of_any_length_are_judged_as_each_alone():
    views, texts = [steps(3, seed=1), steps(7, seed=2), np.zeros((0, 3), dtype=np.float32)], [(1,), (2, 1), (), (1, 1)]
    together = log_likelihoods(views, texts)
    assert together.shape == (3, 4)
    assert np.maximum(together, -50) == pytest.approx(
        np.maximum([log_likelihoods([view], texts)[0] for view in views], -50), abs=1e-6
    )


def test_what_does_not_fit_into_the_steps_is_impossible():
    found = log_likelihoods([steps(3)], [(1, 1, 1), (1, 2, 1, 2)])[0]
    assert (found < -1e20).all()
    assert log_likelihoods([steps(3)], []).shape == (1, 0)
    assert log_likelihoods([np.zeros((0, 3), dtype=np.float32)], [(1,), ()]).max() < -1e20
