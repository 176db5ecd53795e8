"""What counts as found, as turned right and as taken for a card."""

from __future__ import annotations

import numpy as np
import pytest

from worker.pipeline.types import FoundCard, KtpFields, Quad
from worker.training.corners.evaluate import format_table, judge, measure, measure_by_condition, overlap
from worker.training.scenes.generator import Kind, LabelledScene

_QUAD = np.array([(10.0, 10.0), (110.0, 10.0), (110.0, 73.0), (10.0, 73.0)])


def _scene(kind: Kind, quad: Quad | None) -> LabelledScene:
    pixels = np.zeros((90, 120, 3), dtype=np.uint8)
    return LabelledScene(
        pixels=pixels,
        quad=quad,
        kind=kind,
        whole=quad is not None,
        tilt=0.0,
        mirrored=False,
        conditions=frozenset({"dark"}),
        fields=KtpFields(),
    )


def _moved(right: float) -> Quad:
    return np.asarray(_QUAD + np.array((right, 0.0)))


def _found(quad: Quad, ktp: float = 0.99) -> FoundCard:
    return FoundCard(quad, ktp, 0.0)


def test_overlap_does_not_ask_for_the_order_of_corners() -> None:
    assert overlap(_QUAD, _QUAD[::-1]) == pytest.approx(1.0)
    assert overlap(_QUAD, _moved(50)) == pytest.approx(1 / 3, abs=1e-3)
    assert overlap(_QUAD, _moved(500)) == 0.0


def test_a_card_found_upside_down_is_found_but_turned_wrong() -> None:
    outcome = judge(_scene("ktp", _QUAD), 1, _found(np.roll(_QUAD, 2, axis=0)))
    metrics = measure("all", [outcome])
    assert (metrics.found, metrics.turn_right, metrics.tilt_right, metrics.mirror_right) == (1.0, 0.0, 0.0, 1.0)
    assert metrics.mean_error == pytest.approx(0.0)


def test_a_card_found_mirrored_is_told_apart() -> None:
    outcome = judge(_scene("ktp", _QUAD), 1, _found(_QUAD[[1, 0, 3, 2]]))
    assert measure("all", [outcome]).mirror_right == 0.0


def test_the_error_is_in_widths_of_the_card() -> None:
    assert judge(_scene("ktp", _QUAD), 1, _found(_moved(1))).error == pytest.approx(0.01)


def test_what_is_not_named_a_ktp_is_not_found_and_others_are_counted() -> None:
    missed = judge(_scene("ktp", _QUAD), 1, _found(_QUAD, ktp=0.1))
    taken = judge(_scene("none", None), 2, _found(_QUAD))
    left = judge(_scene("document", _QUAD), 3, _found(_QUAD, ktp=0.0))
    metrics = measure("all", [missed, taken, left])
    assert (metrics.found, metrics.none_taken, metrics.document_taken) == (0.0, 1.0, 0.0)
    assert [row.name for row in measure_by_condition([missed, taken])] == ["all", "dark"]
    assert "| dark | 1 | 0.00 % | - |" in format_table(measure_by_condition([missed]))
