"""A field's box lies where its characters are, whichever way the card stands in the image."""

from dataclasses import fields

import numpy as np
import pytest
from cards import HEIGHT, WIDTH
from made_strips import NO_STEPS, NO_STRIP, make_steps
from made_tables import TO_CARD, gender_strip, make_table

from worker.ktp.layout import CITY_Y, PROVINCE_Y, ROW_PITCH, ROW_Y, VALUE_X, Row
from worker.pipeline.boxes import FIELD_ROWS, locate_fields
from worker.pipeline.characters import decode
from worker.pipeline.geometry import invert, map_points, mirroring, signed_area
from worker.pipeline.types import KtpFields

STRAIGHT = np.eye(3)
ANGLE = np.deg2rad(25)
TURNED = np.array([[np.cos(ANGLE), -np.sin(ANGLE), 700], [np.sin(ANGLE), np.cos(ANGLE), 40], [0, 0, 1.0]])
UPSIDE_DOWN = np.array([[-1.0, 0, WIDTH - 1], [0, -1.0, HEIGHT - 1], [0, 0, 1]])
SEEN_FROM_THE_SIDE = np.array([[0.7, 0.1, 30], [0.02, 0.8, 60], [1e-4, 5e-5, 1.0]])
WAYS = {
    "straight": STRAIGHT,
    "turned": TURNED,
    "upside down": UPSIDE_DOWN,
    "mirrored": mirroring(WIDTH),
    "mirrored and turned": TURNED @ mirroring(WIDTH),
    "from the side": SEEN_FROM_THE_SIDE,
}


def place(line, start, end):
    """The ends of the middle of the characters from `start` to `end` of a line, in pixels of the page."""
    characters = line.text.characters[start:end]
    left, right = line.quad[[0, 3]].mean(axis=0), line.quad[[1, 2]].mean(axis=0)
    shares = np.array([characters[0].centre, characters[-1].centre]) / line.width
    return left + shares[:, None] * (right - left)


def is_inside(quad, point):
    """Whether the point lies within the quad, whichever way round."""
    sides = np.roll(quad, -1, axis=0) - quad
    to_point = point - quad
    turns = sides[:, 0] * to_point[:, 1] - sides[:, 1] * to_point[:, 0]
    return bool((turns >= 0).all() or (turns <= 0).all())


@pytest.mark.parametrize("way", WAYS)
def test_boxes_hold_their_characters_and_those_of_no_other_field(way):
    table, to_photo = make_table(), WAYS[way]
    boxes = locate_fields(table, to_photo)
    assert set(boxes) == {each.name for each in fields(KtpFields)}
    spans = {name: place(table.rows[row][0], 0, None) for name, row in FIELD_ROWS.items()}
    spans |= {"province": place(table.header[0], 0, None), "city": place(table.header[1], 0, None)}
    birth = table.rows[Row.BIRTH][0]
    spans |= {"birth_place": place(birth, 0, 7), "birth_date": place(birth, 9, None)}
    spans["gender"] = place(table.rows[Row.GENDER][0], 0, 9)
    for name, quad in boxes.items():
        for other, span in spans.items():
            for point in map_points(to_photo, span):
                assert is_inside(quad, point) is (name == other), (name, other)


@pytest.mark.parametrize("way", WAYS)
def test_boxes_are_in_the_texts_own_order(way):
    for quad in locate_fields(make_table(), WAYS[way]).values():
        on_page = map_points(invert(WAYS[way]), quad)
        assert on_page[0, 0] < on_page[1, 0]
        assert on_page[0, 1] < on_page[3, 1]
        assert (signed_area(quad) < 0) is ("mirrored" in way)


def test_a_box_is_as_tall_as_print_and_ends_near_its_text():
    table = make_table()
    quad = locate_fields(table, STRAIGHT)["religion"]
    line = table.rows[Row.RELIGION][0]
    tall = line.quad[3, 1] - line.quad[0, 1]
    assert quad[:, 1].mean() == pytest.approx(line.quad[:, 1].mean())
    assert 0.4 * tall < quad[3, 1] - quad[0, 1] < 0.8 * tall
    first, last = line.text.characters[0], line.text.characters[-1]
    assert line.quad[0, 0] + first.left - 0.5 * tall < quad[0, 0] <= line.quad[0, 0] + first.left
    assert line.quad[0, 0] + last.right <= quad[1, 0] < line.quad[0, 0] + last.right + 0.5 * tall


def test_boxes_of_a_card_that_is_seen_from_the_side_are_those_of_the_flat_one_seen_so():
    flat = locate_fields(make_table(), STRAIGHT)
    seen = np.array([[0.75, 0.0, 0.0], [0.0, 0.75, 0.0], [2e-4, 0.0, 1.0]])
    for name, quad in locate_fields(make_table(to_card=TO_CARD @ invert(seen)), STRAIGHT).items():
        assert map_points(invert(seen), quad)[:, 0] == pytest.approx(flat[name][:, 0], abs=7), name


def test_boxes_stay_within_their_strips():
    to_the_edges = decode(make_steps("BANDUNG MERDEKA")[1:-1])
    table = make_table({Row.ADDRESS: to_the_edges, Row.VILLAGE: to_the_edges})
    boxes = locate_fields(table, STRAIGHT)
    for name, row in FIELD_ROWS.items():
        strip = table.rows[row][0].quad
        assert (boxes[name].min(axis=0) >= strip.min(axis=0) - 1e-3).all()
        assert (boxes[name].max(axis=0) <= strip.max(axis=0) + 1e-3).all()


def test_a_value_on_two_lines_has_one_box_around_both():
    table = make_table({Row.ADDRESS: ("JL. CONTOH NO. 1 PERUM INDAH", "BLOK B")})
    for to_photo in WAYS.values():
        quad = locate_fields(table, to_photo)["address"]
        for line in table.rows[Row.ADDRESS]:
            for point in map_points(to_photo, place(line, 0, None)):
                assert is_inside(quad, point)
        assert not is_inside(quad, map_points(to_photo, place(table.rows[Row.RTRW][0], 0, None))[0])
        assert not is_inside(quad, map_points(to_photo, place(table.rows[Row.GENDER][0], 0, None))[0])
    quad = locate_fields(table, STRAIGHT)["address"]
    assert quad[3, 1] - quad[0, 1] > ROW_PITCH * HEIGHT


def test_an_empty_further_line_adds_nothing_to_a_box():
    one, two = make_table(), make_table({Row.ADDRESS: ("JL. CONTOH NO. 1", None)})
    assert np.allclose(locate_fields(one, STRAIGHT)["address"], locate_fields(two, STRAIGHT)["address"])


@pytest.mark.parametrize("empty", [None, NO_STRIP, NO_STEPS])
def test_without_text_there_is_no_box(empty):
    assert locate_fields(make_table(dict.fromkeys(Row, empty), header=(empty, empty)), STRAIGHT) == {}
    without = locate_fields(make_table({Row.RELIGION: empty}), STRAIGHT)
    assert "religion" not in without
    assert "nationality" in without


def test_place_and_date_of_birth_have_boxes_of_what_is_there():
    assert not {"birth_place", "birth_date"} & set(locate_fields(make_table({Row.BIRTH: None}), STRAIGHT))
    place_only = locate_fields(make_table({Row.BIRTH: "BANDUNG"}), STRAIGHT)
    assert "birth_place" in place_only
    assert "birth_date" not in place_only
    date_only = locate_fields(make_table({Row.BIRTH: "05-07-1990"}), STRAIGHT)
    assert "birth_date" in date_only
    assert "birth_place" not in date_only


def test_the_genders_box_ends_before_the_blood_type():
    table = make_table({Row.GENDER: gender_strip("LAKI-LAKI", "GOL. DARAH : B")})
    quad = locate_fields(table, STRAIGHT)["gender"]
    line = table.rows[Row.GENDER][0]
    assert is_inside(quad, place(line, 8, 9)[0])
    assert not is_inside(quad, place(line, 10, 11)[0])


def test_boxes_lie_where_the_layout_has_the_rows():
    boxes = locate_fields(make_table(), STRAIGHT)
    for name, row in FIELD_ROWS.items():
        assert boxes[name][:, 1].mean() / HEIGHT == pytest.approx(ROW_Y[row], abs=0.002), name
        assert abs(boxes[name][0, 0] / WIDTH - VALUE_X) < 0.05, name
    assert boxes["province"][:, 1].mean() / HEIGHT == pytest.approx(PROVINCE_Y, abs=0.002)
    assert boxes["city"][:, 1].mean() / HEIGHT == pytest.approx(CITY_Y, abs=0.002)
