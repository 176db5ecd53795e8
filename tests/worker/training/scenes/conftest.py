"""The scenes that several tests look at, made once."""

from __future__ import annotations

import pytest

from worker.training.fonts import FontMissingError, require_fonts
from worker.training.scenes import generator
from worker.training.scenes.generator import LabelledScene, generate_scene
from worker.training.scenes.styles import STYLES


@pytest.fixture(scope="session", autouse=True)
def scene_fonts() -> None:
    try:
        for style in STYLES.values():
            require_fonts(style.faces)
    except FontMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def scenes(scene_fonts: None) -> list[LabelledScene]:
    with pytest.MonkeyPatch.context() as patch:
        # Rendering 64 cards would take most of the tests' time.
        patch.setattr(generator, "KTPS_PER_BLOCK", 4)
        patch.setattr(generator, "SHEETS_PER_BLOCK", 4)
        return _draw_scenes()


def _draw_scenes() -> list[LabelledScene]:
    own = [generate_scene(seed, long_side=640) for seed in range(80)]
    return own + [generate_scene(seed, "foreign", long_side=640) for seed in range(30)]
