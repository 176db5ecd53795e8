"""The line reader that is checked in, on lines it never saw, and how its steps become text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from worker.engines import sessions
from worker.engines import strips as engine
from worker.engines.sessions import MODELS, has_integer_units
from worker.engines.strips import HEIGHT, MAX_WIDTH, Network, StripReader, model_file, settle
from worker.pipeline.characters import ALPHABET, BLANK, decode
from worker.pipeline.types import Grey
from worker.training.fonts import Face, FontMissingError, em_for_cap_height, load_font, require_fonts

_LARGEST = {
    ("strips", False): 5.3e6,
    ("strips", True): 1.4e6,
    ("strips_again", False): 11.6e6,
    ("strips_again", True): 3.1e6,
}
"""Bytes of the models, of 1.30 and 2.87 million weights, and whether in 8 bits."""


@pytest.fixture(
    scope="module",
    params=product(get_args(Network), (True, False)),
    ids=lambda each: model_file(each[0], integers=each[1]),
)
def reader(request: pytest.FixtureRequest) -> Iterator[StripReader]:
    """Each of the networks in either form, whatever this processor has."""
    network, integers = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "has_integer_units", lambda: integers)
        yield StripReader(network=network)


@pytest.fixture(scope="module")
def fonts() -> None:
    try:
        require_fonts((Face.SANS, Face.SANS_BOLD, Face.OCR_A))
    except FontMissingError as error:
        pytest.skip(str(error))


def draw(text: str, face: Face = Face.SANS, before: str = "", width: int = 480, height: int = HEIGHT) -> Grey:
    """The text 40 pixels from the left, capitals 18 of 40 pixels tall; `before` ends 6 pixels before it."""
    scale = height / HEIGHT
    font = load_font(face, em_for_cap_height(face, 18.0 * scale))
    strip = Image.new("L", (round(width * scale), height), 222)
    canvas = ImageDraw.Draw(strip)
    canvas.text((40 * scale, 29 * scale), text, fill=37, font=font, anchor="ls")
    canvas.text((34 * scale, 29 * scale), before, fill=37, font=font, anchor="rs")
    return np.asarray(strip, dtype=np.uint8)


def steps(path: str) -> np.ndarray:
    """Log probabilities whose likeliest class at each step is that of `path`, where _ stands for none."""
    classes = [BLANK if each == "_" else ALPHABET.index(each) for each in path]
    table = np.full((len(path), len(ALPHABET)), np.log(0.1 / (len(ALPHABET) - 1)), dtype=np.float32)
    table[np.arange(len(path)), classes] = np.log(0.9)
    return table


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("JL. KENANGA NO. 35", Face.SANS),
        ("JL.KENANGA NO.35", Face.SANS),
        ("I MADE SUARDANA, S.PD", Face.SANS),
        ("3171031805017450", Face.OCR_A),
        ("JAKARTA, 01-12-1972", Face.SANS),
        ("KABUPATEN SLEMAN", Face.SANS_BOLD),
        ("012/002", Face.SANS),
    ],
)
def test_a_clear_line_is_read_with_its_blanks(reader: StripReader, fonts: None, text: str, face: Face) -> None:
    (found,) = reader.read([draw(text, face)])
    assert found.text == text
    assert found.score > 0.9
    assert "".join(each.character for each in found.characters) == text


@pytest.mark.parametrize(
    ("flags", "has"),
    [("fpu sse2 avx512f avx512_vnni", True), ("fpu avx2 avx_vnni", True), ("fp asimd asimddp", True), ("avx2", False)],
)
def test_the_processor_says_whether_it_has_units_for_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, has: bool
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor : 0\nflags : {flags}\n")
    monkeypatch.setattr(sessions, "_CPU_INFO", told)
    assert has_integer_units.__wrapped__() is has
    told.unlink()
    assert has_integer_units.__wrapped__() is False


def test_labels_are_read_in_capitals(reader: StripReader, fonts: None) -> None:
    found = reader.read([draw("Kecamatan"), draw("LAKI-LAKI      Gol. Darah : B")])
    assert [each.text for each in found] == ["KECAMATAN", "LAKI-LAKI GOL. DARAH : B"]


@pytest.mark.parametrize("before", [":", "tan :"])
def test_a_colon_at_the_left_is_passed_over(reader: StripReader, fonts: None, before: str) -> None:
    assert reader.read([draw("ISLAM", before=before)])[0].text == "ISLAM"


def test_an_empty_strip_says_nothing(reader: StripReader) -> None:
    empty, tiny = np.full((HEIGHT, 480), 220, dtype=np.uint8), np.zeros((0, 5), dtype=np.uint8)
    assert [(each.text, each.score, each.characters) for each in reader.read([empty, tiny])] == [("", 0.0, ())] * 2
    assert reader.read([]) == []


def test_order_and_answers_do_not_depend_on_the_others(reader: StripReader, fonts: None) -> None:
    strips = [draw("ISLAM", width=200), draw("KAWIN"), draw("WNI", width=200), draw("SEUMUR HIDUP", width=333)]
    together = [each.text for each in reader.read(strips)]
    assert together == [reader.read([strip])[0].text for strip in strips] == ["ISLAM", "KAWIN", "WNI", "SEUMUR HIDUP"]


def test_a_gpu_is_given_few_shapes_and_reads_the_same(monkeypatch: pytest.MonkeyPatch, fonts: None) -> None:
    shapes = set()

    class Session:
        """On a processor, whatever the device."""

        def __init__(self, path: Path, threads: int, device: str) -> None:
            self._session = sessions.open_session(path, threads, "cpu")

        def run(self, outputs: list[str], feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            shapes.add(feeds["pixels"].shape)
            return self._session.run(outputs, feeds)

    monkeypatch.setattr(engine, "has_integer_units", lambda: False)
    plain = StripReader()
    monkeypatch.setattr(engine, "open_session", Session)
    monkeypatch.setattr(engine, "GPU_STRIPS", 2)
    strips = [
        draw("ISLAM", width=200),
        draw("SEUMUR HIDUP", width=333),
        draw("KAWIN", width=150),
        draw("WNI", width=950),
    ]
    for alone, padded in zip(plain.read(strips), StripReader(device="gpu").read(strips), strict=True):
        assert padded.text == alone.text
        assert padded.score == pytest.approx(alone.score, abs=0.02)
    assert shapes == {(2, HEIGHT, 320), (2, HEIGHT, 640), (2, HEIGHT, MAX_WIDTH)}


@pytest.mark.parametrize("height", [30, 80])
def test_characters_are_where_they_stand_in_the_strip_as_given(reader: StripReader, fonts: None, height: int) -> None:
    strip = draw("KAWIN", height=height)
    (found,) = reader.read([strip])
    assert found.text == "KAWIN"
    columns = np.flatnonzero(strip.min(axis=0) < 120)
    letter = (columns[-1] - columns[0]) / 5
    assert columns[0] - letter < found.characters[0].centre < columns[0] + letter
    assert columns[-1] - letter < found.characters[-1].centre < columns[-1] + letter / 2
    centres = [each.centre for each in found.characters]
    assert centres == sorted(centres)


def test_decoding_drops_what_is_repeated_and_blanks_at_the_ends() -> None:
    found = decode(steps("_ _AA_A  _ B_ _"), scale=4.0)
    assert found.text == "AA B"
    assert found.score == pytest.approx(0.9, abs=1e-5)
    assert (found.characters[0].left, found.characters[0].right, found.characters[0].centre) == (12.0, 20.0, 16.0)


def test_decoding_with_few_characters_keeps_their_honest_probability() -> None:
    table = steps("_O_1_")
    table[1, ALPHABET.index("0")] = np.log(0.05)
    found = decode(table, "0123456789")
    assert found.text == "01"
    assert [each.probability for each in found.characters] == [pytest.approx(0.05), pytest.approx(0.9)]
    with pytest.raises(ValueError, match="substring"):
        decode(table, "a")


def shares(*letters: float) -> np.ndarray:
    """Log probabilities of steps at which A is as likely as given, and else there is nothing."""
    table = np.full((len(letters), len(ALPHABET)), 1e-9)
    table[:, ALPHABET.index("A")] = letters
    table[:, BLANK] = 1 - table[:, 1:].sum(axis=1)
    return np.log(np.maximum(table, 1e-12)).astype(np.float32)


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ((0, 0.4, 0, 0.35, 0), "A"),
        ((0, 0.6, 0, 0.55, 0), "A"),
        ((0, 0.95, 0, 0.6, 0), "A"),
        ((0, 0.95, 0, 0.95, 0), "AA"),
        ((0, 0.7, 0, 0, 0, 0.7, 0), "AA"),
        ((0, 0.2, 0, 0.2, 0), ""),
    ],
)
def test_a_letter_between_two_steps_is_read_once(letters: tuple[float, ...], text: str) -> None:
    settled = settle(shares(*letters))
    assert decode(settled).text == text
    assert np.exp(settled).sum(axis=1) == pytest.approx(np.ones(len(letters)), abs=1e-4)


@pytest.mark.parametrize("network", get_args(Network))
@pytest.mark.parametrize("integers", [False, True])
def test_the_models_are_small_and_their_card_is_theirs(network: Network, integers: bool) -> None:
    data = (MODELS / model_file(network, integers=integers)).read_bytes()
    assert len(data) <= _LARGEST[network, integers]
    assert hashlib.sha256(data).hexdigest() in (MODELS / f"{network}.md").read_text(encoding="utf-8")
