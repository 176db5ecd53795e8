"""The two styles share nothing that a model could learn by heart."""

from __future__ import annotations

import numpy as np
import pytest

from worker.training.scenes.palette import ktp_palette
from worker.training.scenes.styles import STYLES, Ground, Style

_OWN, _FOREIGN = STYLES["own"], STYLES["foreign"]


def _form_names(style: Style) -> set[str]:
    return {form.name for form in style.forms}


def test_no_font_is_shared() -> None:
    assert not _OWN.faces & _FOREIGN.faces
    assert not {face.file for face in _OWN.faces} & {face.file for face in _FOREIGN.faces}


def test_no_generator_is_shared() -> None:
    assert not set(_OWN.artworks) & set(_FOREIGN.artworks)
    assert not {*_OWN.grounds, *_OWN.printed_grounds} & {*_FOREIGN.grounds, *_FOREIGN.printed_grounds}
    assert _OWN.portrait is not _FOREIGN.portrait
    assert _OWN.number != _FOREIGN.number


def test_no_form_of_card_is_shared() -> None:
    assert not _form_names(_OWN) & _form_names(_FOREIGN)
    assert not {title for form in _OWN.forms for title in form.titles} & {
        title for form in _FOREIGN.forms for title in form.titles
    }


@pytest.mark.parametrize(
    "ground", [ground for style in STYLES.values() for ground in (*style.grounds, *style.printed_grounds)]
)
@pytest.mark.parametrize("size", [(640, 320), (333, 701)])
def test_a_ground_fills_its_frame(ground: Ground, size: tuple[int, int]) -> None:
    drawn, again = (ground(*size, np.random.default_rng(1)) for _ in range(2))
    assert drawn.shape == (size[1], size[0], 3)
    assert drawn.dtype == np.uint8
    assert np.array_equal(drawn, again)


@pytest.mark.parametrize("style", list(STYLES.values()), ids=list(STYLES))
def test_artwork_fills_the_card(style: Style) -> None:
    for artwork in style.artworks:
        rng = np.random.default_rng(2)
        drawn = artwork(320, 202, ktp_palette(style.ktp_hue, rng), rng)
        assert drawn.shape == (202, 320, 3)
        assert drawn.dtype == np.uint8
