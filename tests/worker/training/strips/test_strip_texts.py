"""What the lines of training say, and that every one of them can be written in the reader's alphabet."""

from __future__ import annotations

import numpy as np
import pytest

from worker.pipeline.characters import ALPHABET
from worker.training.fonts import FontFile, FontMissingError
from worker.training.scenes.styles import STYLES
from worker.training.strips import families as families_module
from worker.training.strips.families import FAMILIES, Family, installed, require_families
from worker.training.strips.people import invent_person
from worker.training.strips.texts import BLOOD_LABEL, WIDE_GAP, LineText, random_line
from worker.training.strips.typefaces import BOLD_FONTS, NUMBER_FONTS, VALUE_FONTS

RELATIVES_OF_FOREIGN = ("freefont", "urw", "texgyre", "gsfonts", "dejavu", "vera", "hack", "arkpandora")
"""Parts of the names of packages whose fonts have the outlines of those of the foreign style, or nearly."""


def test_every_line_is_of_the_alphabet_and_has_single_blanks() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3000):
        text = random_line(rng).read
        assert set(text) <= set(ALPHABET[1:])
        assert text == " ".join(text.split())


def test_lines_hardly_repeat_and_use_every_character() -> None:
    rng = np.random.default_rng(2)
    values = [line.read for line in (random_line(rng) for _ in range(4000)) if line.kind == "value"]
    assert len(set(values)) > 0.7 * len(values)
    assert set("".join(values)) == set(ALPHABET[1:])


def test_wide_gaps_and_mixed_case_are_read_as_blanks_and_capitals() -> None:
    assert LineText(f"LAKI-LAKI{WIDE_GAP}{BLOOD_LABEL}{WIDE_GAP}B").read == "LAKI-LAKI GOL. DARAH : B"


def test_invented_people_differ_from_the_lists() -> None:
    rng = np.random.default_rng(3)
    people = [invent_person(rng) for _ in range(50)]
    assert len({person.fields.full_name for person in people}) > 45
    assert all(person.fields.identity_id for person in people)


def test_no_font_is_of_the_foreign_style() -> None:
    foreign = {face.value for face in STYLES["foreign"].faces}
    used = {*VALUE_FONTS, *BOLD_FONTS, *NUMBER_FONTS}
    assert not used & foreign
    families = {font for family in FAMILIES for font in (family.regular, family.bold)}
    packages = {font.package for font in used | families}
    assert not packages & {font.package for font in foreign if "ocr" not in font.package}
    assert not {package for package in packages if any(kin in package for kin in RELATIVES_OF_FOREIGN)}


def test_families_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Family(FontFile("no/such.ttf", "fonts-nowhere"), FontFile("no/such.ttf", "fonts-nowhere"))
    assert installed((nowhere,)) == ()
    monkeypatch.setattr(families_module, "FAMILIES", (nowhere,))
    with pytest.raises(FontMissingError, match="apt-get install fonts-nowhere"):
        require_families()
