"""One card and one photograph of it, rendered once for all tests that look at them."""

from __future__ import annotations

import numpy as np
import pytest

from worker.training.card import RenderedCard, render_card
from worker.training.fonts import FontMissingError, require_fonts
from worker.training.person import Person, random_person
from worker.training.style import CardStyle


@pytest.fixture(scope="session")
def fonts() -> None:
    try:
        require_fonts()
    except FontMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def person() -> Person:
    return random_person(np.random.default_rng(11))


@pytest.fixture(scope="session")
def card(fonts: None, person: Person) -> RenderedCard:
    return render_card(person, CardStyle(), np.random.default_rng(12))
