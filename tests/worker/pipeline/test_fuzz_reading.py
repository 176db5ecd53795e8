"""Whatever lies on a page or comes out of the line reader: no stage raises, and values are always of the same form.

KARTU_FUZZ_EXAMPLES sets how many cards the tests make together, EXAMPLES without it.
"""

import os
import re
import time
from dataclasses import fields

import numpy as np
from cards import PAGE, VALUES, card_lines, parse_fields, transformed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from made_tables import TO_CARD, gender_strip, make_line
from test_parse import TRUTH

from deploy.folders import Folders
from worker.ktp.layout import CITY_Y, PROVINCE_Y, ROW_PITCH, ROW_Y, Row
from worker.pipeline.anchors import find_anchors, upright_axes
from worker.pipeline.boxes import locate_fields
from worker.pipeline.characters import ALPHABET, BLANK, decode
from worker.pipeline.decipher import decipher
from worker.pipeline.frame import fit_frame, frame_page
from worker.pipeline.grid import RowGrid
from worker.pipeline.merge import merge_readings
from worker.pipeline.parse import parse_lines
from worker.pipeline.strips import ISSUE_Y, header_quad, issue_quad, nik_quad, value_quad
from worker.pipeline.table import CardTable
from worker.pipeline.types import KtpFields, TextLine
from worker.pipeline.validate import validate_fields

EXAMPLES = 240
set_hypothesis_home_dir(Folders.from_env().home / "hypothesis")
FIELDS = {each.name for each in fields(KtpFields)}
WORDS = [
    *VALUES.values(),
    *(row.value for row in Row),
    "PROVINSI JAWA BARAT",
    "KABUPATENBANDUNG",
    "Gol. Darah : AB",
    "KATHOLIK",
    "31-02-1990",
    "9101014507900003",
    "-/-",
    "12/34/56",
    "KEP. SIAU TAGULANDANG BIARO",
]


def examples(share):
    """The settings of a test that makes this share of all examples."""
    return settings(
        max_examples=round(share * int(os.environ.get("KARTU_FUZZ_EXAMPLES", EXAMPLES))),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def check_values(readings):
    """All of the 15 fields, each None or in upper case with single blanks, of a probability."""
    assert set(readings) == FIELDS
    for name, reading in readings.items():
        value = reading.value
        assert value is None or isinstance(value, str), name
        if value is not None:
            assert value, name
            assert value == value.upper(), (name, value)
            assert value == " ".join(value.split()), (name, value)
        assert -30.0 <= reading.log_probability <= 1e-6, (name, reading)


def check_merged(strips, lines):
    """What becomes of both readings, down to the validation."""
    merged = merge_readings(strips, lines)
    assert set(merged) == FIELDS
    for name, each in merged.items():
        values = {read[name].value for read in (strips, lines) if name in read}
        assert each.value is None or each.value in values
        assert 0 <= each.confidence <= 1
        assert (each.value is None) == (each.confidence == 0)
    values = KtpFields(**{name: each.value for name, each in merged.items()})
    assert set(validate_fields(values).issues) <= FIELDS


damaged_words = st.builds(
    lambda word, at, mark: word[: at % (len(word) + 1)] + mark + word[at % (len(word) + 1) + 1 :],
    st.sampled_from(WORDS),
    st.integers(0, 40),
    st.one_of(st.just(""), st.sampled_from("0O1I :./-,'8B"), st.characters()),
)
texts = st.one_of(
    st.sampled_from(WORDS),
    damaged_words,
    st.builds("{}{}{}".format, st.sampled_from(WORDS), st.sampled_from([":", " : ", "", " "]), st.sampled_from(WORDS)),
    st.text(max_size=40),
    st.text(st.sampled_from("0123456789OIlSB-/ .,:"), max_size=30),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.integers(50, 400)),
)
scores = st.floats(0, 1)
coordinates = st.one_of(
    st.floats(-100, 1700), st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.5, 1e9, -1e9, 1e-9, 800.0])
)
free_quads = st.lists(st.tuples(coordinates, coordinates), min_size=4, max_size=4).map(
    lambda corners: np.array(corners, dtype=np.float64)
)


@st.composite
def boxes(draw):
    """A level or slanted box somewhere on the page, perhaps of no height or width, or seen mirrored."""
    x, y = draw(st.floats(-200, 1800)), draw(st.floats(-200, 1200))
    width, height = draw(st.floats(0, 900)), draw(st.floats(0, 120))
    turn = draw(st.sampled_from([0.0, 0.0, 0.0, 0.02, -0.1, 1.0, np.pi / 2, np.pi]))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    along = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    quad = corners @ along + (x, y)
    return quad[[1, 0, 3, 2]] if draw(st.booleans()) and draw(st.booleans()) else quad


free_lines = st.builds(TextLine, texts, scores, st.one_of(boxes(), boxes(), free_quads))


@st.composite
def damaged_cards(draw):
    """The lines of a card of which some are missing, moved, or say something else, with others among them."""
    lines = list(card_lines(glue=draw(st.sampled_from([None, ":", ""])), pitch=draw(st.floats(0.85, 1.2))))
    for index in draw(st.lists(st.integers(0, len(lines) - 1), max_size=12, unique=True)):
        line = lines[index]
        shift = np.array([draw(st.floats(-60, 60)), draw(st.floats(-60, 60))])
        lines[index] = TextLine(draw(st.one_of(st.just(line.text), texts)), draw(scores), line.quad + shift)
    gone = set(draw(st.lists(st.integers(0, len(lines) - 1), max_size=20)))
    kept = [line for index, line in enumerate(lines) if index not in gone]
    return tuple(kept + draw(st.lists(free_lines, max_size=4)))


pages_of_lines = st.one_of(damaged_cards(), damaged_cards(), st.lists(free_lines, max_size=12).map(tuple))

PADDING = np.log(np.full(len(ALPHABET), 1e-9)).astype(np.float32)
PADDING[BLANK] = 0.0


@st.composite
def strips(draw):
    """Steps of any kind: none, noise of any temperature, near-deterministic rows, or a text with some of it damaged."""
    kind = draw(st.sampled_from(["text", "text", "text", "noise", "sure", "flat", "none", "huge"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if kind == "none":
        return decode(np.zeros((0, len(ALPHABET)), dtype=np.float32))
    if kind == "text":
        text = draw(texts)
        classes = [ALPHABET.index(mark) for mark in text.upper() if mark in ALPHABET[1:]][:60]
        logits = np.zeros((2 * len(classes) + 1, len(ALPHABET)))
        logits[0::2, BLANK] = 20.0
        sure = draw(st.sampled_from([1.0, 4.0, 8.0, 30.0]))
        logits[np.arange(1, len(logits), 2), classes] = sure
        logits += random.normal(0, draw(st.sampled_from([0.0, 0.5, 2.0, 4.0])), logits.shape)
    else:
        steps = 150 if kind == "huge" else draw(st.integers(1, 40))
        spread = {"noise": draw(st.floats(0.1, 10)), "sure": 500.0, "flat": 0.0, "huge": 6.0}[kind]
        logits = random.normal(0, 1, (steps, len(ALPHABET))) * spread
        if draw(st.booleans()):
            allowed = [BLANK, *(ALPHABET.index(each) for each in draw(st.sampled_from(["0123456789-/ ", "ABC D"])))]
            logits[:, allowed] += 10.0
    top = logits.max(axis=1, keepdims=True)
    log = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return decode(log.astype(np.float32), scale=draw(st.sampled_from([1.0, 0.3, 5.0])))


CLEAR = {
    row: make_line(ROW_Y[row], value_quad(ROW_Y[row], TO_CARD), gender_strip(text, "")).text
    for row, text in VALUES.items()
}


@st.composite
def tables(draw):
    """A table of any strips, some rows of several lines, in a card whose other rows are clear."""

    def line(v, quad, strip):
        return make_line(v, quad(v, TO_CARD), strip)

    changed = draw(st.sets(st.sampled_from(list(Row)), max_size=6))
    rows, shift = {}, 0.0
    for row in Row:
        found = draw(st.lists(strips(), min_size=1, max_size=2)) if row in changed else [CLEAR[row]]
        quad = nik_quad if row is Row.NIK else value_quad
        rows[row] = tuple(line(ROW_Y[row] + shift + ROW_PITCH * k, quad, each) for k, each in enumerate(found))
        shift += ROW_PITCH * (len(found) - 1)
    header = tuple(line(v, header_quad, draw(strips())) for v in (PROVINCE_Y, CITY_Y))
    issue = tuple(line(v, issue_quad, draw(strips())) for v in ISSUE_Y)
    grid = RowGrid({row: tuple(each.v for each in lines) for row, lines in rows.items()}, ROW_PITCH, 20.0)
    return CardTable(TO_CARD, grid, header, rows, issue)


@examples(0.4)
@given(pages_of_lines)
def test_any_lines_on_a_page(lines):
    anchors = find_anchors(lines)
    assert len({anchor.match.row for anchor in anchors}) == len(anchors)
    assert not lines or np.isfinite(upright_axes(lines)).all()
    frames = [fit_frame(lines, PAGE), frame_page(lines, PAGE)]
    assert frames[1] is not None
    for frame in frames:
        if frame is not None:
            assert set(frame.grid.lines) == set(Row)
            readings = parse_lines(lines, frame)
            check_values(readings)
            check_merged({}, readings)


@examples(0.4)
@given(tables())
def test_any_strips_in_a_table(table):
    readings = decipher(table)
    check_values(readings.fields)
    for value in (getattr(readings.extra, each.name) for each in fields(readings.extra)):
        assert value is None or (value and re.sub(r"\s+", " ", value.upper()).strip() == value)
    found = locate_fields(table, np.eye(3))
    assert set(found) <= FIELDS
    assert all(quad.shape == (4, 2) and np.isfinite(quad).all() for quad in found.values())
    check_merged(readings.fields, {})


@examples(0.1)
@given(tables(), pages_of_lines)
def test_any_two_readings_of_a_card(table, lines):
    check_merged(decipher(table).fields, parse_lines(lines, frame_page(lines, PAGE)))


@examples(0.1)
@given(st.builds(KtpFields, **{name: st.one_of(st.none(), texts) for name in sorted(FIELDS)}))
def test_any_fields_are_validated(values):
    assert set(validate_fields(values).issues) <= FIELDS


def test_a_card_far_larger_than_its_page_takes_no_longer():
    lines = transformed(card_lines(), np.diag([1000.0, 1000.0, 1.0]))
    started = time.process_time()
    frame = fit_frame(lines, PAGE)
    assert frame is not None
    assert parse_fields(lines, frame) == TRUTH
    assert time.process_time() - started < 2
