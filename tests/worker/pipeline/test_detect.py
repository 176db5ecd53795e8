import numpy as np
import pytest

from worker.pipeline.detect import LIKELY_CARD, find_card
from worker.pipeline.types import FoundCard

QUAD = np.array([[10.0, 10.0], [90.0, 10.0], [90.0, 60.0], [10.0, 60.0]])


class Cards:
    """A card model that gives one answer."""

    def __init__(self, ktp, document=0.0):
        self.answer = FoundCard(QUAD, ktp, document)

    def find(self, pixels):
        return self.answer


PIXELS = np.zeros((70, 100, 3), np.uint8)


@pytest.mark.parametrize("ktp", [LIKELY_CARD, 1.0])
def test_a_likely_card_is_given_as_it_was_found(ktp):
    assert find_card(PIXELS, Cards(ktp)).quad is QUAD


@pytest.mark.parametrize("answer", [Cards(LIKELY_CARD - 0.01), Cards(0.0), Cards(0.1, document=0.9)])
def test_what_is_unlikely_or_another_document_is_no_card(answer):
    assert find_card(PIXELS, answer) is None
