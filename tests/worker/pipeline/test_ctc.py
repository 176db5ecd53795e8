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
    assert np.exp(log_likelihoods(probabilities, texts)) == pytest.approx([truth[text] for text in texts], rel=1e-5)


def test_what_does_not_fit_into_the_steps_is_impossible():
    found = log_likelihoods(steps(3), [(1, 1, 1), (1, 2, 1, 2)])
    assert (found < -1e20).all()
    assert log_likelihoods(steps(3), []).shape == (0,)
    assert log_likelihoods(np.zeros((0, 3), dtype=np.float32), [(1,)])[0] < -1e20
