import math

import numpy as np
import pytest

from worker.pipeline.orient import drop_photo_column, orient_text, text_axis
from worker.pipeline.types import OrientedText, Page, RecognizedText

SIZE = 700
LABELS = ("Kewarganegaraan", "Status Perkawinan", "Jenis Kelamin", "Berlaku Hingga", "Pekerjaan", "Kecamatan")


def page_with(turn, mirrored, count=6):
    """A page of `count` boxes, each with its left half red and a blue strip along its top, as its text would be."""
    angle = math.radians(turn)
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    if mirrored:
        matrix = np.diag([-1.0, 1.0]) @ matrix
    quads = []
    for index in range(count):
        y = 45.0 * index - 110
        flat = np.array([[-120.0, y], [120, y], [120, y + 30], [-120, y + 30]])
        quads.append(flat @ matrix.T + SIZE / 2)
    return quads


class Marked:
    """Reads a crop by its marks: the label if it is upright and not mirrored, else rubbish, more or less doubtful."""

    def __init__(self, texts=LABELS, score=0.95, rubbish=0.6):
        self.texts, self.score, self.rubbish, self.asked = texts, score, rubbish, 0

    def find_text(self, pixels):
        raise AssertionError("not to be asked")

    def recognize(self, crops):
        self.asked += len(crops)
        height, width = crops[0].shape[:2]
        upright = [
            crop[height // 2, 20, 2] > 128 > crop[height // 2, -20, 2] and crop[14, width // 2, 0] > 128
            for crop in crops
        ]
        return [
            RecognizedText(text, self.score) if fine else RecognizedText("xq~", self.rubbish)
            for text, fine in zip(self.texts, upright, strict=True)
        ]


def painted(quads):
    import cv2

    pixels = np.zeros((SIZE, SIZE, 3), dtype=np.uint8)
    for quad in quads:
        middle_top, middle_bottom = (quad[0] + quad[1]) / 2, (quad[3] + quad[2]) / 2
        cv2.fillConvexPoly(
            pixels, np.round([quad[0], middle_top, middle_bottom, quad[3]]).astype(np.int32), (0, 0, 255)
        )
        third = quad + np.array([[0, 0], [0, 0], (quad[1] - quad[2]) * 0.6, (quad[0] - quad[3]) * 0.6])
        strip = np.zeros((SIZE, SIZE), dtype=np.uint8)
        cv2.fillConvexPoly(strip, np.round(third).astype(np.int32), 1)
        pixels[strip > 0, 0] = 255
    return Page(pixels, np.eye(3))


def shuffled(quads):
    """As a detector gives them: corners from the top-left one in the image on, clockwise."""
    result = []
    for quad in quads:
        around = quad[np.argsort(np.arctan2(*(quad - quad.mean(axis=0)).T[::-1]))]
        result.append(np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0))
    return result


@pytest.mark.parametrize("turn", [0, 5, 90, 180, 270, 30, 200, 355])
@pytest.mark.parametrize("mirrored", [False, True])
def test_any_direction(turn, mirrored):
    quads = page_with(turn, mirrored)
    found = orient_text(painted(quads), shuffled(quads), Marked())
    assert {line.text for line in found.read} == set(LABELS)
    for line in found.read:
        assert min(np.abs(line.quad - quad).max() for quad in quads) < 1e-6


def test_an_upright_card_is_tried_once():
    quads = page_with(2, mirrored=False, count=6)
    engine = Marked()
    orient_text(painted(quads), shuffled(quads), engine)
    assert engine.asked == 6


def test_scores_decide_without_labels():
    quads = page_with(180, mirrored=False)
    found = orient_text(painted(quads), shuffled(quads), Marked(texts=("LOREM IPSUM",) * 6))
    assert {line.text for line in found.read} == {"LOREM IPSUM"}


def test_mirrored_must_be_sure():
    quads = page_with(0, mirrored=True)
    found = orient_text(painted(quads), shuffled(quads), Marked(texts=("LOREM",) * 6, score=0.65, rubbish=0.6))
    assert {line.text for line in found.read} == {"xq~"}


def test_no_text():
    page = painted([])
    assert orient_text(page, [], Marked()) == OrientedText(page, (), ())


def test_axis_of_square_boxes_is_level():
    assert text_axis([np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])]) == 0


@pytest.mark.parametrize("turned", [False, True])
def test_photo_column_is_dropped(turned):
    def box(x, y):
        quad = np.array([[x, y], [x + 100, y], [x + 100, y + 20], [x, y + 20]], dtype=float)
        return (np.array([1000.0, 630.0]) - quad) if turned else quad

    keep = [box(50, 300), box(300, 500), box(700, 60)]
    page = Page(np.zeros((630, 1000, 3), dtype=np.uint8), np.eye(3))
    text = drop_photo_column(OrientedText(page, (*keep, box(800, 300), box(760, 480)), ()))
    assert len(text.unread) == 3
    assert all(quad is kept for quad, kept in zip(text.unread, keep, strict=True))
