"""The fonts that the lines are set in must be there."""

from __future__ import annotations

import pytest

from worker.training.fonts import FontMissingError, require_fonts
from worker.training.scenes.styles import STYLES
from worker.training.strips.typefaces import BOLD_FONTS, NUMBER_FONTS, VALUE_FONTS, open_font


@pytest.fixture(scope="session", autouse=True)
def strip_fonts() -> None:
    try:
        require_fonts(STYLES["own"].faces)
        for font in {*VALUE_FONTS, *BOLD_FONTS, *NUMBER_FONTS}:
            open_font(font)
    except FontMissingError as error:
        pytest.skip(str(error))
