"""Which way is up, and whether the page is mirrored: told by the text, without turning a pixel.

The boxes' long sides give the axis. A few of them are read along it, then against it, then mirrored; the way in which
labels of a KTP appear, or else the highest score, wins. On an upright card the first trial decides, and what it read
is not read again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from worker.ktp.labels import is_card_wording
from worker.pipeline.geometry import quad_height, quad_width
from worker.pipeline.lines import recognize_quads
from worker.pipeline.types import OrientedText, Page, Quad, TextEngine, TextLine

TRIALS = 6
TRIAL_ASPECT = 8.0
"""Proportions of the boxes that are tried: labels such as Kewarganegaraan, long enough to be sure, short to read."""

DECISIVE = 2
"""So many labels among the trials end the search at once."""

LABEL_WEIGHT = 0.25
MIRROR_HANDICAP = 0.1
"""What mirrored text must be ahead by: mirrored images are rare, and a mirrored reading must be sure."""

UPRIGHT_BONUS, UPRIGHT_ENOUGH = 0.4, 0.8
"""What text along a page that should be upright is ahead by, and the evidence that, with it, ends the search: blurred
labels are no reason to stand a card on its head."""

PHOTO_LEFT, PHOTO_TOP = 0.72, 0.22
"""On a card nothing that stands right of and below these, in fractions of its sides, holds a field."""


@dataclass(frozen=True)
class Direction:
    """A way of reading: the angle of the text's direction in the page, in radians clockwise, or so mirrored."""

    angle: float
    mirrored: bool


@dataclass(frozen=True)
class Trial:
    """What a few boxes say when read in one direction, and how far that speaks for it."""

    direction: Direction
    lines: tuple[TextLine, ...]
    labels: int
    evidence: float


def orient_text(page: Page, quads: list[Quad], engine: TextEngine, *, upright: bool = False) -> OrientedText:
    """The page's text boxes turned so that each is in its text's own order, the tried ones read already.

    `upright` says that the page should be so already.
    """
    if not quads:
        return OrientedText(page, (), ())
    angle = text_axis(quads)
    chosen = sorted(range(len(quads)), key=lambda index: _unsuitability(quads[index]))[:TRIALS]
    best: Trial | None = None
    for direction in _directions(angle):
        ordered = [order_corners(quads[index], direction) for index in chosen]
        expected = upright and not direction.mirrored and math.cos(direction.angle) > math.cos(math.pi / 4)
        trial = _judge(direction, recognize_quads(page, ordered, engine), UPRIGHT_BONUS if expected else 0.0)
        if best is None or trial.evidence > best.evidence:
            best = trial
        if trial.labels >= DECISIVE or (expected and trial.evidence >= UPRIGHT_BONUS + UPRIGHT_ENOUGH):
            break
    assert best is not None
    rest = [quad for index, quad in enumerate(quads) if index not in chosen]
    return OrientedText(page, tuple(order_corners(quad, best.direction) for quad in rest), best.lines)


def text_axis(quads: list[Quad]) -> float:
    """Angle in (-90, 90] degrees, here in radians, of the line along which the boxes lie, weighted by their length."""
    total = 0j
    for quad in quads:
        one, two = quad[1] - quad[0], quad[2] - quad[1]
        side, other = (one, two) if np.linalg.norm(one) >= np.linalg.norm(two) else (two, one)
        # Doubled angles, since a line has no direction; a square box says nothing and weighs nothing.
        weight = max(0.0, float(np.linalg.norm(side) - 1.5 * np.linalg.norm(other)))
        total += weight * np.exp(2j * math.atan2(side[1], side[0]))
    return float(np.angle(total)) / 2 if abs(total) > 0 else 0.0


def order_corners(quad: Quad, direction: Direction) -> Quad:
    """The corners from the text's own top-left one on, in its own clockwise order."""
    along = np.array([math.cos(direction.angle), math.sin(direction.angle)])
    down = np.array([-along[1], along[0]]) * (-1 if direction.mirrored else 1)
    x, y = quad @ along, quad @ down
    around = np.argsort(np.arctan2(y - y.mean(), x - x.mean()))
    ring = quad[around]
    first = int(np.argmin((ring - quad.mean(axis=0)) @ (along + down)))
    return np.asarray(np.roll(ring, -first, axis=0))


def _directions(angle: float) -> list[Direction]:
    """The four ways of reading along an axis, the likeliest first."""
    against = angle + math.pi
    # Mirrored left to right, text along the axis runs backwards in the page; flipped upside down as well, forwards.
    return [
        Direction(angle, False),
        Direction(against, False),
        Direction(against, True),
        Direction(angle, True),
    ]


def _unsuitability(quad: Quad) -> float:
    """How far the box's proportions are from those of a good trial."""
    sides = sorted((quad_width(quad), quad_height(quad)))
    return abs(math.log(max(1.0, sides[1]) / max(1.0, sides[0]) / TRIAL_ASPECT))


def _judge(direction: Direction, lines: tuple[TextLine, ...], bonus: float) -> Trial:
    """Weigh what was read in one direction, which is ahead by `bonus`."""
    labels = sum(is_card_wording(line.text) for line in lines)
    letters = sum(len(line.text) for line in lines)
    score = sum(line.score * len(line.text) for line in lines) / max(1, letters)
    handicap = MIRROR_HANDICAP if direction.mirrored else 0.0
    return Trial(direction, lines, labels, score + LABEL_WEIGHT * labels + bonus - handicap)


def drop_photo_column(text: OrientedText) -> OrientedText:
    """Without the unread boxes of the photo and the issuing line below it, on a page that is cropped to the card."""
    quads = [*text.unread, *(line.quad for line in text.read)]
    along = sum((quad[1] - quad[0] for quad in quads), np.zeros(2))
    down = sum((quad[3] - quad[0] for quad in quads), np.zeros(2))
    height, width = text.page.pixels.shape[:2]

    def holds_field(quad: Quad) -> bool:
        x, y = quad.mean(axis=0) / (width, height)
        return bool((x if along[0] > 0 else 1 - x) < PHOTO_LEFT or (y if down[1] > 0 else 1 - y) < PHOTO_TOP)

    level = abs(along[0]) > abs(along[1])
    return OrientedText(text.page, tuple(quad for quad in text.unread if not level or holds_field(quad)), text.read)
