"""How well a card can be read from its picture: six measures with a verdict each, and the fields that glare covers.

Everything is measured on the flattened card, so that the values of different pictures compare:

- blur: sigma, in mm of the card, by which the edges of the text are spread; a card that is small in its picture has
  wide pixels, and they count too
- dark: how light the paper is, 0 to 1 (lightest tenth of the card); less is worse
- bright: how light the ink is, 0 to 1 (darkest fiftieth of the text's area); more is worse
- glare: share, 0 to 1, of the card but for the portrait on which nothing is left but white
- grayscale: distance from the card's middle colour, in CIELAB at equal light, that a twentieth of the card exceeds;
  0 on a grey copy
- resolution: width of the card in pixels of the image as sent

The limits of the verdicts are where fields begin to be lost and where most are: docs/QUALITY.md has the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.geometry import frame_quad, invert, map_points, map_quad, quad_width
from worker.pipeline.types import Grey, Homography, Page, Pixels, Quad, Quality, QualityMeasure

CARD_WIDTH_MM = 85.60
WIDTH = 960
HEIGHT = round(WIDTH / CARD_RATIO)
"""Pixels of the flattened card: 0.09 mm each, half the width of a letter's stroke."""

TEXT_LEFT, TEXT_TOP, TEXT_RIGHT, TEXT_BOTTOM = 0.03, 0.20, 0.71, 0.86
"""Where the rows are, whatever the printing: edges of letters, and hardly any others."""


@dataclass(frozen=True)
class Limits:
    """Values up to (or, where `poor` is the smaller one, from) `good` are good, and beyond `poor` poor."""

    good: float
    poor: float

    def judge(self, value: float, digits: int) -> QualityMeasure:
        """The measure of `value`, rounded to `digits` before it is judged, so that the verdict fits what is shown."""
        shown = round(value, digits)
        sign = 1 if self.good < self.poor else -1
        if sign * shown <= sign * self.good:
            return QualityMeasure(shown, "good")
        return QualityMeasure(shown, "poor" if sign * shown > sign * self.poor else "fair")


BLUR = Limits(good=0.14, poor=0.24)
DARK = Limits(good=0.2, poor=0.07)
BRIGHT = Limits(good=0.7, poor=0.9)
GLARE = Limits(good=0.02, poor=0.3)
GRAYSCALE = Limits(good=6.0, poor=-1.0)
"""Never poor: a grey copy is read as well as others; that it is one is worth knowing all the same."""

RESOLUTION = Limits(good=450.0, poor=230.0)

PAPER_PERCENTILE, INK_PERCENTILE = 90, 2

EDGE_SMOOTHING = 1.2
"""Sigma in pixels: takes the noise of single pixels away, and is taken off the result again."""

EDGE_PERCENTILE = 95
"""The steepest twentieth of the text's area are edges of letters."""

EDGE_REACH = 15
"""Side in pixels of the square in which an edge goes from dark to light."""

LEAST_EDGE = 0.6
"""Steepness in levels a pixel below which a picture shows no edge at all."""

NO_EDGE_MM = 1.0
"""The blur where there is no edge."""

COLUMNS = 160
ROWS = round(COLUMNS / CARD_RATIO)
"""The cells of the card, half a millimetre each, in which glare is looked for: a letter keeps one from being white."""

GLARE_LEVEL = 245
GLARE_RISE = 15
"""Levels by which glare exceeds the card's ground: that of a photocopy is white without any glare."""

COVERED = 0.3
"""Share of a field's box that glare must take for the field to count as covered."""

PORTRAIT = (slice(round(0.25 * ROWS), round(0.74 * ROWS)), slice(round(0.71 * COLUMNS), round(0.96 * COLUMNS)))
"""The cells of the portrait, with a margin."""

EQUAL_LIGHT, MAX_GAIN = 200.0, 6.0
"""Level to which the paper is lifted before its colour is measured, and by how much at most: noise is lifted too."""


def measure_quality(page: Page, quad: Quad, field_boxes: Mapping[str, Quad]) -> Quality:
    """Measure the card in `page`, which may be the card alone or any page that shows it.

    `quad`, the card's corners in its own order, and `field_boxes`, by names of KtpFields, are in pixels of the image
    as sent (to which `page.to_photo` leads). The same picture gives the same values, to the last digit.
    """
    on_page = map_points(invert(page.to_photo), quad)
    text = _flatten_text(page.pixels, on_page)
    cells = _flatten_to_cells(page.pixels, on_page)
    glare = _find_glare(cells)
    to_cells = _homography(quad, COLUMNS, ROWS)
    return Quality(
        blur=BLUR.judge(_measure_blur(text), 3),
        dark=DARK.judge(_light_of(cells), 3),
        bright=BRIGHT.judge(float(np.percentile(text[::3, ::3], INK_PERCENTILE)) / 255, 3),
        glare=GLARE.judge(_share_outside_portrait(glare), 3),
        grayscale=GRAYSCALE.judge(_measure_colour(cells), 1),
        resolution=RESOLUTION.judge(quad_width(quad), 0),
        glare_fields=tuple(name for name, box in field_boxes.items() if _is_covered(map_points(to_cells, box), glare)),
    )


def _homography(quad: Quad, width: int, height: int) -> Homography:
    """From the pixels of `quad` to those of a card of `width` x `height` pixels."""
    return map_quad(quad, frame_quad(width, height))


def _flatten_text(pixels: Pixels, quad: Quad) -> Grey:
    """The text's area of the card within `quad`, grey, at the scale of WIDTH pixels a card."""
    left, top = round(TEXT_LEFT * WIDTH), round(TEXT_TOP * HEIGHT)
    size = (round(TEXT_RIGHT * WIDTH) - left, round(TEXT_BOTTOM * HEIGHT) - top)
    shift = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    text = cv2.warpPerspective(grey, shift @ _homography(quad, WIDTH, HEIGHT), size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(text, dtype=np.uint8)


def _flatten_to_cells(pixels: Pixels, quad: Quad) -> Pixels:
    """The card within `quad`, shape (ROWS, COLUMNS, 3): a mean of 3 x 3 samples in each cell, which costs a third."""
    width, height = 3 * COLUMNS, 3 * ROWS
    card = cv2.warpPerspective(
        pixels, _homography(quad, width, height), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cv2.resize(card, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _measure_blur(grey: Grey) -> float:
    """Sigma, in mm, of the edges' spread: that of a step of contrast c and steepness s is c / (s sqrt(2 pi))."""
    smooth = cv2.GaussianBlur(grey, (0, 0), EDGE_SMOOTHING)
    steepness = cv2.magnitude(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    )
    least = float(np.percentile(steepness[::3, ::3], EDGE_PERCENTILE))
    if least < LEAST_EDGE:
        return NO_EDGE_MM
    square = np.ones((EDGE_REACH, EDGE_REACH), dtype=np.uint8)
    contrast = cv2.subtract(cv2.dilate(smooth, square), cv2.erode(smooth, square))
    edges = steepness >= least
    sigma = float(np.median(contrast[edges] / steepness[edges])) / np.sqrt(2 * np.pi)
    return float(np.sqrt(max(sigma**2 - EDGE_SMOOTHING**2, 0.0))) * CARD_WIDTH_MM / WIDTH


def _light_of(cells: Pixels) -> float:
    """How light the card's paper is, 0 to 1: the lightest tenth of the cells is lighter."""
    return float(np.percentile(cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY), PAPER_PERCENTILE)) / 255


def _find_glare(cells: Pixels) -> NDArray[np.bool_]:
    """The cells on which nothing is left but white, shape (ROWS, COLUMNS)."""
    whiteness = cells.min(axis=2)
    return np.asarray((whiteness >= GLARE_LEVEL) & (whiteness >= float(np.median(whiteness)) + GLARE_RISE))


def _share_outside_portrait(glare: NDArray[np.bool_]) -> float:
    """The share of cells with glare; the portrait, where clothes are white, is left out."""
    within = glare[PORTRAIT]
    return float((glare.sum() - within.sum()) / (glare.size - within.size))


def _is_covered(box: Quad, glare: NDArray[np.bool_]) -> bool:
    """Whether glare takes the share COVERED of `box`, in cells."""
    mask = np.zeros(glare.shape, dtype=np.uint8)
    cv2.fillConvexPoly(mask, np.rint(np.clip(box, -1e4, 1e4)).astype(np.int32), (1,))
    area = int(mask.sum())
    return area > 0 and float((glare & (mask > 0)).sum()) / area > COVERED


def _measure_colour(cells: Pixels) -> float:
    """Distance from the card's middle colour that a twentieth of its cells exceed, as if the card were well lit."""
    light = float(np.percentile(cells.max(axis=2), 90))
    lit = cv2.convertScaleAbs(cells, alpha=min(EQUAL_LIGHT / max(light, 1.0), MAX_GAIN))
    a, b = (each.astype(np.float32) for each in cv2.split(cv2.cvtColor(lit, cv2.COLOR_BGR2LAB))[1:])
    return float(np.percentile(np.hypot(a - np.median(a), b - np.median(b)), 95))
