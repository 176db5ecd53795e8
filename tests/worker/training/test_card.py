"""A rendered card carries the text it says it carries, where it says, and fits ID-1."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from worker.training import fonts as fonts_module
from worker.training.card import RenderedCard, render_card
from worker.training.fonts import Face, FontMissingError, require_fonts
from worker.training.person import Person
from worker.training.style import CardStyle, random_style


def test_a_missing_font_names_its_debian_package(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(fonts_module, "FONT_FOLDER", tmp_path)
    with pytest.raises(FontMissingError, match="fonts-liberation"):
        require_fonts()


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(card: RenderedCard, person: Person) -> None:
    again = render_card(person, CardStyle(), np.random.default_rng(12))
    other = render_card(person, CardStyle(), np.random.default_rng(13))
    assert np.array_equal(card.pixels, again.pixels)
    assert not np.array_equal(card.pixels, other.pixels)


def test_a_card_has_the_ratio_of_id_1_and_round_corners(card: RenderedCard) -> None:
    height, width = card.alpha.shape
    assert card.pixels.shape == (height, width, 3)
    assert width / height == pytest.approx(1.586, abs=0.002)
    assert card.alpha[0, 0] == card.alpha[0, -1] == card.alpha[-1, 0] == card.alpha[-1, -1] == 0
    assert card.alpha[height // 2, 0] == card.alpha[0, width // 2] == 255


def test_the_lines_spell_the_fields(card: RenderedCard) -> None:
    printed: dict[str, str] = {}
    for line in card.lines:
        printed[line.name] = f"{printed[line.name]} {line.text}" if line.name in printed else line.text
    for name, value in asdict(card.fields).items():
        assert printed[name] == (f"PROVINSI {value}" if name == "province" else value)


def test_every_quad_holds_ink_and_lies_on_the_card_clear_of_the_others(card: RenderedCard) -> None:
    height, width = card.alpha.shape
    boxes = [(*line.quad[0], *line.quad[2]) for line in card.lines]
    for line, (x0, y0, x1, y1) in zip(card.lines, boxes, strict=True):
        assert 0 < x0 < x1 < width, line
        assert 0 < y0 < y1 < height, line
        crop = card.pixels[round(y0) : round(y1), round(x0) : round(x1)]
        assert crop.min() < 90, line
        assert np.median(crop) > 140, line
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        for u0, v0, u1, v1 in boxes[index + 1 :]:
            assert min(x1, u1) - max(x0, u0) <= 1 or min(y1, v1) - max(y0, v0) <= 1


def test_a_long_address_wraps_and_moves_the_rows_below_it_down(card: RenderedCard, person: Person) -> None:
    street = "JL. PERINTIS KEMERDEKAAN IX NO. 219 PERUMAHAN PURI KENCANA LESTARI"
    long = replace(person, fields=replace(person.fields, address=street))
    wrapped = render_card(long, CardStyle(), np.random.default_rng(12))
    lines = [line for line in wrapped.lines if line.name == "address"]
    assert len(lines) >= 2
    assert " ".join(line.text for line in lines) == street
    photo_left = 0.72 * wrapped.pixels.shape[1]
    assert max(float(line.quad[1, 0]) for line in lines) < photo_left
    rtrw, before = (next(line for line in c.lines if line.name == "rtrw") for c in (wrapped, card))
    assert rtrw.quad[0, 1] > before.quad[0, 1] + 20


def test_styles_differ_from_each_other_within_the_measured_pitch() -> None:
    rng = np.random.default_rng(3)
    styles = [random_style(rng) for _ in range(50)]
    assert len(set(styles)) == 50
    assert all(0.044 <= style.row_pitch <= 0.049 for style in styles)


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("face", list(Face))
def test_every_face_has_capitals_and_digits(face: Face) -> None:
    font = fonts_module.load_font(face, 40)
    assert all(font.getlength(letter) > 0 for letter in "ABCXYZ0123456789:/-.,'")


def test_what_is_not_text_leaves_the_paper_light_and_the_portrait_is_marked(card: RenderedCard) -> None:
    grey = card.pixels.min(axis=2).copy()
    height, width = grey.shape
    for line in card.lines:
        x0, y0, x1, y1 = (*line.quad[0].round().astype(int), *line.quad[2].round().astype(int))
        grey[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] = 255
    table = grey[round(0.2 * height) : round(0.97 * height), round(0.04 * width) : round(0.7 * width)]
    assert np.percentile(table, 1) > 140
    portrait_foot = card.pixels[round(0.66 * height) : round(0.72 * height), round(0.76 * width) : round(0.91 * width)]
    assert (portrait_foot.min(axis=2) > 235).mean() > 0.08
