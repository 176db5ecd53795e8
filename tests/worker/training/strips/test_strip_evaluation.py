"""Where the lines of a card are, which face a scene shows, and what counts as read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.pipeline.geometry import frame_quad
from worker.training.layout import CARD_HEIGHT, CARD_WIDTH, lay_out
from worker.training.lettering import draw_runs
from worker.training.person import random_person
from worker.training.scenes.faces import ktp_face
from worker.training.scenes.generator import generate_scene
from worker.training.strips.evaluate import Reader, Reading, format_table, groups, read_scene, score
from worker.training.strips.lines import Cut, cut_line, place_lines, runs_of_face, see_card
from worker.training.style import CardStyle


def _reading(truth: str, *read: str, name: str = "full_name", condition: str = "dark") -> Reading:
    return Reading(name, frozenset({condition}), 12.0, truth, read)


def test_the_gender_row_is_one_line_and_colons_are_none() -> None:
    person = random_person(np.random.default_rng(4))
    lines = {line.name: line for line in place_lines(lay_out(person, CardStyle())) if line.name != "label"}
    assert lines["gender"].text == f"{person.fields.gender} GOL. DARAH : {person.blood_type}"
    assert lines["birth"].text == f"{person.fields.birth_place}, {person.fields.birth_date}"
    assert lines["identity_id"].text == person.fields.identity_id
    assert not any(line.text.strip(" :") == "" for line in lines.values())


def test_a_line_is_cut_with_its_capitals_in_the_middle() -> None:
    runs = lay_out(random_person(np.random.default_rng(5)), CardStyle())
    ink, _ = draw_runs(runs, CARD_WIDTH, CARD_HEIGHT)
    card = cv2.cvtColor((255 - ink * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    line = next(each for each in place_lines(runs) if each.name == "nationality")
    for width in (CARD_WIDTH, 1200):
        small = cv2.resize(card, (width, round(width * CARD_HEIGHT / CARD_WIDTH)), interpolation=cv2.INTER_AREA)
        quad = frame_quad(width, small.shape[0])
        seen = see_card(np.asarray(small, dtype=np.uint8), quad)
        strip = cut_line(seen, line, line.left - 10, line.right + 10, Cut(40, 18.0))
        rows = np.flatnonzero(strip[8:32].min(axis=(1, 2)) < 120) + 8
        assert rows[0] == pytest.approx(11, abs=1.5)
        assert rows[-1] == pytest.approx(28, abs=1.5)
        assert strip.shape[1] == pytest.approx((line.right - line.left + 20) * 18 / line.cap, abs=1)


def test_the_runs_of_a_face_are_found_by_its_fields() -> None:
    face = ktp_face(3, "own")
    texts = " ".join(run.text for run in runs_of_face(range(5), "own", face.fields))
    assert face.fields.identity_id is not None
    assert face.fields.identity_id in texts
    with pytest.raises(LookupError):
        runs_of_face(range(4, 6), "own", face.fields)


def test_what_is_wrong_is_counted_by_line_and_character() -> None:
    readings = [_reading("I SURYA", "I SURYA"), _reading("I SURYA", "ISURYA"), _reading("ABC", "ABD")]
    result = score(readings, 0)
    assert (result.lines, result.exact, result.unspaced) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert result.wrong == pytest.approx(2 / 17)
    assert np.isnan(score([], 0).exact)


def test_labels_are_a_group_of_their_own() -> None:
    readings = [_reading("A", "A"), _reading("NAMA", "", name="label"), _reading("B", "B", condition="clean")]
    assert {name: len(members) for name, members in groups(readings).items()} == {
        "all values": 2,
        "clean": 1,
        "dark": 1,
        "field full_name": 2,
        "field label": 1,
    }


def test_two_readers_are_compared_where_they_agree() -> None:
    table = format_table([_reading("A", "A", "A"), _reading("B", "C", "D"), _reading("B", "C", "C")], ["one", "two"])
    assert "| all values | 3 | 33.3 % | 33.3 % | 66.7 % | 33.3 % | 33.3 % | 66.7 % | 66.7 % | 50.0 % |" in table


def test_a_scene_is_read_line_by_line_at_each_readers_height() -> None:
    shapes = set()

    def read(strips: list[np.ndarray]) -> list[str]:
        shapes.update(strip.shape[0] for strip in strips)
        return ["x  y"] * len(strips)

    readers = [Reader("one", Cut(40, 18.0), read), Reader("two", Cut(48, 25.0), read)]
    for seed in range(1000, 1040):
        scene = generate_scene(seed)
        if scene.kind == "ktp" and scene.whole:
            readings = read_scene(scene, seed, "own", readers)
            assert {each.read for each in readings} == {("X Y", "X Y")}
            assert {"identity_id", "full_name", "label"} <= {each.name for each in readings}
            break
    assert shapes == {40, 48}
