"""The rows are found by whatever of labels, values and ink is left."""

import cv2
import numpy as np
import pytest
from cards import HEIGHT, PAGE, VALUES, WIDTH, card_lines, line_at, parse_fields
from test_parse import TRUTH

from worker.ktp.layout import ROW_Y, VALUE_X, Row, label_x
from worker.pipeline.evidence import weigh_label, weigh_value
from worker.pipeline.frame import frame_page
from worker.pipeline.geometry import mirroring
from worker.pipeline.types import Page, TextLine

NO_LABELS = tuple(row for row in Row)


def parse(lines, page=PAGE):
    return parse_fields(lines, frame_page(lines, page))


@pytest.mark.parametrize("row", [row for row in Row if row is not Row.NIK])
def test_each_label_speaks_for_its_row_most_even_cut_or_damaged(row):
    for text in (row.value, row.value[:6], row.value[1:], row.value.replace("a", "e", 1)):
        scores = weigh_label(text)
        assert max(scores, key=lambda each: scores[each]) is row, text


@pytest.mark.parametrize("row", [row for row in Row if row not in (Row.NAME, Row.VILLAGE, Row.DISTRICT)])
def test_values_of_known_form_speak_for_their_row_most(row):
    scores = weigh_value(VALUES[row])
    assert max(scores, key=lambda each: scores[each]) is row


@pytest.mark.parametrize("text", ["", " ", "-", "二", "\u0000", ":::::", "A" * 500, "9" * 500])
def test_text_of_no_meaning_is_weighed_without_error(text):
    assert set(weigh_label(text)) == set(weigh_value(text)) == set(Row)


def test_without_any_label():
    assert parse(card_lines(without_labels=NO_LABELS)) == TRUTH


@pytest.mark.parametrize("pitch", [0.93, 1.0, 1.07])
@pytest.mark.parametrize("row", [Row.NAME, Row.ADDRESS, Row.OCCUPATION])
def test_without_any_label_and_with_a_value_on_two_lines(row, pitch):
    lines = card_lines(folds={row: ("KEDUA",)}, pitch=pitch, without_labels=NO_LABELS)
    field = {Row.NAME: "full_name", Row.ADDRESS: "address", Row.OCCUPATION: "occupation"}[row]
    read = parse(lines)
    assert getattr(read, field) == f"{getattr(TRUTH, field)} KEDUA"
    assert read.religion == "ISLAM"
    assert read.village == "SUKARASA"
    assert read.district == "SUKASARI"


@pytest.mark.parametrize("lost", [Row.NAME, Row.VILLAGE, Row.RELIGION, Row.NATIONALITY])
def test_a_row_that_glare_has_taken_whole_moves_no_other(lost):
    kept = [line for line in card_lines(without_labels=NO_LABELS) if VALUES[lost] != line.text]
    read = parse(tuple(kept))
    names = {Row.NAME: "full_name", Row.VILLAGE: "village", Row.RELIGION: "religion", Row.NATIONALITY: "nationality"}
    for row, field in names.items():
        assert getattr(read, field) == (None if row is lost else getattr(TRUTH, field))


def page_with_ink(extra_address_lines: int) -> Page:
    """A page with strokes where labels and values stand, but nothing that could be read."""
    pixels = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)
    v = 0.0

    def strokes(u: float, width: float, v: float) -> None:
        for x in np.arange(u * WIDTH, (u + width) * WIDTH, 14):
            cv2.line(pixels, (int(x), int((v - 0.013) * HEIGHT)), (int(x), int((v + 0.013) * HEIGHT)), (60, 60, 60), 4)

    shift = 0.0
    for row, usual in ROW_Y.items():
        v = usual + shift
        strokes(label_x(row), 0.14, v)
        strokes(VALUE_X, 0.3, v)
        if row is Row.ADDRESS:
            for _ in range(extra_address_lines):
                shift += 0.0455
                strokes(VALUE_X, 0.3, usual + shift)
    return Page(pixels, np.eye(3))


@pytest.mark.parametrize("extra", [0, 1, 2])
def test_ink_alone_tells_the_rows_apart(extra):
    nik = line_at(VALUES[Row.NIK], 0.264, ROW_Y[Row.NIK])
    grid = frame_page((nik,), page_with_ink(extra)).grid
    for row, usual in ROW_Y.items():
        moved = extra * 0.0455 if usual > ROW_Y[Row.ADDRESS] else 0.0
        assert grid.row_v[row] == pytest.approx(usual + moved, abs=0.012), row


def test_a_page_upside_down_or_mirrored_is_seen_by_its_lines():
    lines = card_lines(without_labels=NO_LABELS)
    half_turn = np.array([[-1.0, 0, WIDTH - 1], [0, -1.0, HEIGHT - 1], [0, 0, 1]])
    for matrix in (half_turn, mirroring(WIDTH)):
        moved = []
        for line in lines:
            mapped = np.column_stack([line.quad, np.ones(4)]) @ matrix.T
            moved.append(TextLine(line.text, line.score, mapped[:, :2]))
        assert parse(tuple(moved)) == TRUTH


def test_a_page_without_text_has_rows_where_the_layout_has_them():
    frame = frame_page((), PAGE)
    assert frame.grid.row_v[Row.NAME] == pytest.approx(ROW_Y[Row.NAME], abs=0.01)
    assert frame.grid.evidence < 5
