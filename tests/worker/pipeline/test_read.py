import io

import numpy as np
import pytest
from PIL import Image

from shared.errors import CardNotFound, CorruptedImage, InvalidDocumentType, ParsingFailed, TextNotFound
from worker.engines.null import CARD, NullCards, NullText
from worker.ktp.layout import Row
from worker.pipeline.read import read_card
from worker.pipeline.types import Engines, ReadOptions, RecognizedText

LIMIT = 10**7


def image(width=900, height=568):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "gray").save(buffer, "PNG")
    return buffer.getvalue()


class Edited(NullText):
    """The card of the null engine with some lines changed, and, if asked for, at another place of the image."""

    def __init__(self, changes=None, keep=lambda row: True, shift=(0.0, 0.0)):
        self.changes, self.keep, self.shift = changes or {}, keep, np.array(shift)

    def find_text(self, pixels):
        kept = [self.keep(row) for row, _ in CARD]
        size = (pixels.shape[1], pixels.shape[0])
        return [quad + self.shift * size for quad, keep in zip(super().find_text(pixels), kept, strict=True) if keep]

    def recognize(self, crops):
        by_text = {text: row for row, text in CARD}
        return [
            RecognizedText(self.changes.get(by_text.get(each.text), each.text), each.score)
            for each in super().recognize(crops)
        ]


def read(engine, **options):
    return read_card(image(), ReadOptions(**options), Engines(text=engine, cards=NullCards()), LIMIT)


def test_a_card_that_fills_the_frame_is_found():
    assert read(Edited(), pass_card_detect=False).card_detected is True


def test_a_card_that_reaches_beyond_the_frame_is_read_but_not_found():
    engine = Edited(shift=(-0.02, 0.15), keep=lambda row: row is not Row.VALID_UNTIL)
    assert read(engine).card_detected is False
    with pytest.raises(CardNotFound):
        read(engine, pass_card_detect=False)


def test_pass_card_detect_has_no_effect_without_card_detect():
    reading = read(Edited(), card_detect=False, pass_card_detect=False)
    assert reading.card_detected is False
    assert reading.fields.full_name == "SPESIMEN PERTAMA"


def test_no_text():
    engine = Edited(keep=lambda row: False)
    with pytest.raises(TextNotFound):
        read(engine)
    with pytest.raises(CardNotFound):
        read(engine, pass_card_detect=False)


def test_text_that_is_no_ktp():
    engine = Edited({row: "LOREM IPSUM DOLOR" for row, _ in CARD})
    with pytest.raises(InvalidDocumentType):
        read(engine)
    with pytest.raises(CardNotFound):
        read(engine, pass_card_detect=False)


def test_too_few_labels_are_no_ktp():
    few = (Row.NAME, Row.ADDRESS, Row.OCCUPATION)
    with pytest.raises(InvalidDocumentType):
        read(Edited(keep=lambda row: row in few))


def test_neither_nik_nor_name():
    with pytest.raises(ParsingFailed):
        read(Edited({Row.NIK: "NIK :", Row.NAME: "Nama :"}))


@pytest.mark.parametrize(("row", "field"), [(Row.NIK, "identity_id"), (Row.NAME, "full_name")])
def test_one_of_both_is_enough_and_gaps_are_none(row, field):
    fields = read(Edited({row: row.value + " :", Row.RELIGION: "Agama :"})).fields
    assert getattr(fields, field) is None
    assert fields.religion is None
    assert fields.identity_id or fields.full_name


def test_mirrored_as_sent_is_reported_whether_flipped_first_or_not():
    assert read(Edited()).flipped is False
    assert read(Edited(), flip_image=True).flipped is True
    assert read(Edited(), flip_image=True).tilt == 0


def test_no_image():
    with pytest.raises(CorruptedImage):
        read_card(b"\xff\xd8\xff", ReadOptions(), Engines(NullText(), NullCards()), LIMIT)


def test_validation_comes_only_when_asked_for():
    assert read(Edited()).validation is None
    assert read(Edited(), validate_result=True).validation.issues == {}
    wrong = Edited({Row.NIK: "NIK : 3273019907900003"})
    issues = read(wrong, validate_result=True).validation.issues["identity_id"]
    assert [issue.code for issue in issues if issue.severity == "error"] == ["impossible_date"]
