"""A card read line by line: paddleocr is asked only for lines in doubt, and blocks come only on request."""

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
from cards import HEIGHT, WIDTH, card_lines
from made_strips import either, make_strip
from made_tables import TO_CARD, OffAtFirst, PlaceReader, draw_page, place_of_crop, printed_card
from test_parse import TRUTH

from shared.errors import CardNotFound, ParsingFailed, TextNotFound
from worker.engines.null import NullText
from worker.ktp.layout import Row
from worker.pipeline import confidence
from worker.pipeline.geometry import frame_quad, map_points
from worker.pipeline.locate import find_sheet
from worker.pipeline.merge import DOUBTFUL
from worker.pipeline.read import read_card
from worker.pipeline.types import (
    CardCrops,
    Engines,
    ExtraFields,
    FoundCard,
    KtpFields,
    Quality,
    ReadOptions,
    RecognizedText,
)

FIELDS = {each.name for each in fields(KtpFields)}
BLOCKS = ("confidence", "boxes", "quality", "extra", "crops")
FRAME = frame_quad(WIDTH, HEIGHT)
SPECIMEN = replace(TRUTH, full_name="SPESIMEN PERTAMA")
"""What the null engine gives, were it asked."""

LABEL_END, HEADER_END = 0.2, 0.2
"""Of the card: values begin to the right of the first, and the table below the second."""

DOUBTFUL_NAME = {Row.NAME: either("SITI AMINAH", "SITI AMINAT", 0.7)}


class Asked(NullText):
    """The null engine, which keeps how often it was asked."""

    def __init__(self):
        self.finds, self.reads = 0, 0

    def find_text(self, pixels):
        self.finds += 1
        return super().find_text(pixels)

    def recognize(self, crops):
        self.reads += 1
        return super().recognize(crops)


class PlaceText(Asked):
    """Reads the header and the values of cards.card_lines where they stand on a page that the card fills."""

    def __init__(self, changes=None, score=0.999):
        super().__init__()
        lines = [(line.text, line.quad / (WIDTH, HEIGHT)) for line in card_lines(changes)]
        self.values = [each for each in lines if each[1][0, 0] > LABEL_END or each[1][0, 1] < HEADER_END]
        self.score = score

    def recognize(self, crops):
        self.reads += len(crops)
        return [RecognizedText(self._at(*place_of_crop(crop)), self.score) for crop in crops]

    def _at(self, u, v):
        def distance(each):
            u_off, v_off = each[1].mean(axis=0) - (u, v)
            return abs(v_off) + 0.1 * abs(u_off)

        nearest = min(self.values, key=distance)
        return nearest[0] if distance(nearest) < 0.06 else ""


class Nothing(Asked):
    """Finds no text."""

    def find_text(self, pixels):
        self.finds += 1
        return []


class Cards:
    """A card model that sees a card at one place."""

    def __init__(self, quad=FRAME, ktp=1.0):
        self.quad, self.ktp = quad, ktp

    def find(self, pixels):
        return FoundCard(self.quad, self.ktp, 0.0)


@pytest.fixture(autouse=True)
def plain_weights(monkeypatch):
    """Weights by which confidence is what the reader says, so that the tests outlive a new calibration."""
    weights = {"strip": {"own_logit": 1.0}, "line": {"own_logit": 1.0}, "both": {"own_logit": 1.0, "bias": 3.0}}
    weights |= {"strip_not_line": {"own_logit": 1.0}, "line_not_strip": {"own_logit": 1.0}}
    monkeypatch.setattr(confidence, "_read_weights", lambda: weights)


def encode(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def read(prints=None, *, text=None, cards=None, page=None, reader=None, **options):
    engines = Engines(text or Asked(), cards or Cards(), reader or PlaceReader(prints or printed_card()))
    return read_card(encode((page or draw_page()).pixels), ReadOptions(**options), engines, 10**8)


def test_where_all_is_sure_text_detection_is_not_asked():
    text = Asked()
    reading = read(text=text)
    assert reading.fields == TRUTH
    assert (text.finds, text.reads) == (0, 0)
    assert (reading.card_detected, reading.flipped, reading.tilt) == (True, False, 0)


def test_a_card_that_was_moved_is_where_its_values_were_read():
    engines = Engines(Asked(), Cards(), OffAtFirst(printed_card()))
    sheet = find_sheet(draw_page(), engines, card_detect=True)
    shift = map_points(sheet.frame.to_card, FRAME)[0] - map_points(TO_CARD, FRAME)[0]
    assert shift == pytest.approx((-0.03, 0), abs=0.003)


def test_only_the_line_of_a_doubtful_field_is_read_again():
    text = PlaceText({Row.NAME: "SITI AMINAT"})
    reading = read(printed_card(DOUBTFUL_NAME), text=text)
    assert (text.finds, text.reads) == (0, 1)
    # The strip has SITI AMINAH at 0.7, the second reading 11 characters at 0.999 each.
    assert reading.fields == replace(TRUTH, full_name="SITI AMINAT")


def test_a_second_reading_that_is_no_better_does_not_count():
    text = PlaceText({Row.NAME: "SITI AMINAT"}, score=0.9)
    assert read(printed_card(DOUBTFUL_NAME), text=text).fields == TRUTH
    assert text.reads == 1


@pytest.mark.parametrize(
    ("row", "field"), [(Row.RELIGION, "religion"), (Row.NIK, "identity_id"), (Row.ADDRESS, "address")]
)
def test_a_second_reading_fills_a_gap(row, field):
    assert read(printed_card({row: None}), text=PlaceText()).fields == TRUTH
    gap = read(printed_card({row: None}), text=PlaceText({row: None}))
    assert gap.fields == replace(TRUTH, **{field: None})


def test_two_readings_that_agree_are_surer():
    doubtful = printed_card({Row.RELIGION: either("ISLAM", "ISLAN", 0.7)})
    alone = read(doubtful, text=Nothing(), include=frozenset({"confidence"}))
    both = read(doubtful, text=PlaceText(), include=frozenset({"confidence"}))
    assert alone.fields.religion == both.fields.religion == "ISLAM"
    assert alone.confidence["religion"] == pytest.approx(0.7, abs=0.01)
    assert both.confidence["religion"] > 0.95


def test_without_a_reader_of_strips_text_detection_reads_all():
    engines = Engines(Asked(), Cards())
    reading = read_card(encode(draw_page().pixels), ReadOptions(include=frozenset(BLOCKS)), engines, 10**8)
    assert reading.fields == SPECIMEN
    assert reading.boxes == {}
    assert reading.extra == ExtraFields()
    assert set(reading.confidence) == FIELDS


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_comes_only_where_it_is_asked_for(block):
    reading = read(include=frozenset({block}))
    for each in BLOCKS:
        assert (getattr(reading, each) is None) is (each != block), each
    assert reading.fields == TRUTH


def test_all_blocks():
    reading = read(include=frozenset(BLOCKS))
    assert set(reading.confidence) == set(reading.boxes) == FIELDS
    assert all(DOUBTFUL <= each <= 1 for each in reading.confidence.values())
    assert isinstance(reading.quality, Quality)
    assert reading.extra == ExtraFields("B", "SEUMUR HIDUP", "KOTA BANDUNG", "12-03-2015")
    assert isinstance(reading.crops, CardCrops)
    assert reading.crops.photo.startswith(b"\xff\xd8")


def test_no_block_without_being_asked_for_and_the_fields_are_the_same():
    reading = read()
    assert [getattr(reading, each) for each in BLOCKS] == [None] * 5
    assert reading.fields == read(include=frozenset(BLOCKS)).fields


def test_a_field_without_a_value_has_no_confidence():
    text = PlaceText({Row.RELIGION: None})
    reading = read(printed_card({Row.RELIGION: None}), text=text, include=frozenset({"confidence", "boxes"}))
    assert reading.fields.religion is None
    assert set(reading.confidence) == FIELDS - {"religion"}
    assert "religion" not in reading.boxes


def test_what_cannot_be_believed_is_not_given():
    hopeless = make_strip("QWERTZUIOP", 0.5)
    assert read(printed_card({Row.NAME: hopeless}), text=Nothing()).fields.full_name is None
    poor = make_strip("QWERTZUIOP", 0.9)
    assert read(printed_card({Row.NAME: poor}), text=Nothing()).fields.full_name == "QWERTZUIOP"


def test_boxes_lie_in_the_image_as_sent():
    canvas = np.full((HEIGHT + 300, WIDTH + 500, 3), 90, dtype=np.uint8)
    canvas[200 : 200 + HEIGHT, 100 : 100 + WIDTH] = draw_page().pixels
    straight = read(include=frozenset({"boxes"})).boxes
    page = replace(draw_page(), pixels=canvas)
    moved = read(cards=Cards(FRAME + np.array([100, 200])), page=page, include=frozenset({"boxes"}))
    assert moved.fields == TRUTH
    for name, quad in moved.boxes.items():
        assert quad - (100, 200) == pytest.approx(straight[name], abs=2), name


@pytest.mark.parametrize("degrees", [0, 5, 15])
def test_a_card_within_what_was_taken_for_one_is_read(degrees):
    monitor = frame_quad(3 * WIDTH, 3 * HEIGHT)
    to_canvas = np.vstack([cv2.getRotationMatrix2D((WIDTH / 2 - 0.5, HEIGHT / 2 - 0.5), -degrees, 1.0), [0, 0, 1]])
    to_canvas = np.array([[1.0, 0.0, WIDTH], [0.0, 1.0, HEIGHT], [0.0, 0.0, 1.0]]) @ to_canvas
    canvas = cv2.warpPerspective(draw_page().pixels, to_canvas, (3 * WIDTH, 3 * HEIGHT), borderValue=(127, 127, 127))
    inner, text = map_points(to_canvas, FRAME), Asked()

    class Nested(Cards):
        def find(self, pixels):
            height, width = pixels.shape[:2]
            scale = np.array([width / (3 * WIDTH), height / (3 * HEIGHT)])
            self.quad = monitor if height == 3 * HEIGHT else (inner + 0.5) * scale - 0.5
            return super().find(pixels)

    found = read(cards=Nested(), text=text, page=replace(draw_page(), pixels=canvas))
    assert found.fields == TRUTH
    assert found.card_detected
    assert text.finds == 0, "what was read line by line is proof enough"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_turned_card_turn_with_it(quarters):
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]]) - 0.5
    page = draw_page()
    turned = np.ascontiguousarray(np.rot90(page.pixels, -quarters))
    matrix = np.array([[1.0, 0.0], [0.0, 1.0]])
    for _ in range(quarters):
        matrix = np.array([[0.0, -1.0], [1.0, 0.0]]) @ matrix
    mapped = corners @ matrix.T
    shift = -0.5 - mapped.min(axis=0)
    found = read(cards=Cards(mapped + shift), page=replace(page, pixels=turned), include=frozenset({"boxes"}))
    assert found.fields == TRUTH
    assert found.tilt == pytest.approx(90 * quarters, abs=0.1)
    for name, quad in read(include=frozenset({"boxes"})).boxes.items():
        assert found.boxes[name] == pytest.approx(quad @ matrix.T + shift, abs=2), name


def test_a_mirrored_card_is_read_and_its_boxes_lie_mirrored():
    page = draw_page()
    mirrored = np.ascontiguousarray(page.pixels[:, ::-1])
    quad = FRAME.copy()
    quad[:, 0] = WIDTH - 1 - quad[:, 0]
    found = read(cards=Cards(quad), page=replace(page, pixels=mirrored), include=frozenset({"boxes"}))
    assert found.fields == TRUTH
    assert found.flipped
    assert found.boxes["religion"][0, 0] > found.boxes["religion"][1, 0]


def test_the_flat_card_is_upright_and_unmirrored_however_it_stands():
    page, quad = draw_page(), FRAME.copy()
    quad[:, 0] = WIDTH - 1 - quad[:, 0]
    engines = Engines(Nothing(), Cards(quad), PlaceReader(printed_card()))
    sheet = find_sheet(replace(page, pixels=np.ascontiguousarray(page.pixels[:, ::-1])), engines, card_detect=True)
    assert sheet.flat.pixels.shape == page.pixels.shape
    assert np.abs(sheet.flat.pixels.astype(int) - page.pixels).mean() < 2
    nothing = find_sheet(draw_page(ink=False), Engines(Nothing(), Cards(ktp=0.0), PlaceReader([])), card_detect=True)
    assert nothing.flat is nothing.page


def test_a_model_that_is_not_asked_leaves_the_card_to_its_labels():
    text = Asked()
    reading = read(text=text, card_detect=False)
    assert text.finds > 0
    assert not reading.card_detected
    assert reading.fields.identity_id == TRUTH.identity_id


def test_validation_sees_what_was_read():
    assert read(validate_result=True).validation.issues == {}
    wrong = read(printed_card({Row.NIK: "3273019907900003"}), validate_result=True)
    assert "identity_id" in wrong.validation.issues


def test_a_sure_card_without_any_text():
    text = Nothing()
    with pytest.raises(TextNotFound):
        read(reader=PlaceReader([]), text=text, page=draw_page(ink=False))
    assert text.finds > 0


def test_a_card_of_which_neither_number_nor_name_can_be_read():
    text = Nothing()
    with pytest.raises(ParsingFailed):
        read(printed_card({Row.NIK: None, Row.NAME: None}), text=text)
    assert text.finds == 0
    assert text.reads > 0
    assert read(printed_card({Row.NIK: None}), text=text).fields == replace(TRUTH, identity_id=None)


def test_a_model_that_is_not_sure_enough_and_nothing_to_prove_it():
    with pytest.raises(CardNotFound):
        read(
            reader=PlaceReader([]),
            text=Nothing(),
            cards=Cards(ktp=0.6),
            page=draw_page(ink=False),
            pass_card_detect=False,
        )


def test_an_unsure_model_is_proven_by_what_the_strips_say():
    text = Asked()
    assert read(text=text, cards=Cards(ktp=0.6)).card_detected
    assert text.finds == 0
