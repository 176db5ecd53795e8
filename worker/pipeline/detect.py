"""The card in a photograph, by OpenCV alone: where four straight edges enclose a shape of the card's proportions.

Candidates come from contours of several edge maps and segmentations and from pairs of long lines. What decides is how
steadily colour steps from one side to the other along all four sides: print and weave step back and forth, the edge
of a card steps one way.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.geometry import scaling, signed_area
from worker.pipeline.types import Pixels, Quad

Plane = NDArray[np.float32]

SEARCH_SIDE = 512
"""Longest side that is searched; one pixel of it is refined to a fraction."""

LEAST_AREA, MOST_AREA = 0.03, 0.97
RATIO_TOLERANCE, RATIO_PER_SKEW = 0.07, 0.5
"""Spread of the logarithm of the proportions, and how it grows with perspective: a shape whose sides are parallel is
seen from above and has the proportions of a card, or is the card's photo."""

SURE = 8.0
"""Least score of a card; of what lies below, too much is no card. Cards on grounds of all kinds score 16 to 40."""

WEAKEST_SIDE, STRONGEST_SIDE = 1.0, 4.0
"""A side must step this much more than the image does on average, and more than the second counts no further: the
card's photo has three sides stronger than any edge of a card, and a fourth, at the chest, that is none."""

MAX_LINES, MAX_REFINED, SAMPLES, REACH = 9, 10, 28, 6


@dataclass(frozen=True)
class Steps:
    """How colour changes from pixel to pixel: gradients along x and y, shape (3, height, width), of L, a and b."""

    x: Plane
    y: Plane
    noise: float


def find_card(pixels: Pixels) -> Quad | None:
    """The card's corners in `pixels`, clockwise as seen, from any of them; None unless four edges are sure."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SEARCH_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if min(size) < 48:
        return None
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(cv2.GaussianBlur(small, (5, 5), 0), cv2.COLOR_BGR2LAB), dtype=np.uint8)
    steps = _measure_steps(lab)
    quads = [*_contour_quads(lab), *_line_quads(lab)]
    ranked = sorted(((_score(quad, steps, size), index) for index, quad in enumerate(quads)), reverse=True)
    refined = [_refine(_refine(quads[index], steps), steps) for score, index in ranked[:MAX_REFINED] if score > 0]
    best = max(refined, key=lambda quad: _score(quad, steps, size), default=None)
    if best is None or _score(best, steps, size) < SURE:
        return None
    back = scaling(width / size[0], height / size[1])
    return np.asarray(best @ back[:2, :2].T + back[:2, 2])


def _measure_steps(lab: Pixels) -> Steps:
    """Gradients of the three planes; colour counts twice, for it tells a card from its own shadow."""
    planes = lab.astype(np.float32).transpose(2, 0, 1) * np.array([1.0, 2.0, 2.0], dtype=np.float32)[:, None, None]
    x = np.stack([cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.25) for plane in planes])
    y = np.stack([cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.25) for plane in planes])
    return Steps(x, y, float(np.mean(np.hypot(x, y).max(axis=0))) + 1.0)


def _contour_quads(lab: Pixels) -> list[Quad]:
    """Quads around the outlines of edge maps and segmentations."""
    masks = []
    for plane in cv2.split(lab):
        _, mask = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        masks += [mask, cv2.bitwise_not(mask)]
        contrast = max(10.0, float(np.std(plane)))
        for low in (0.6 * contrast, 1.5 * contrast):
            masks.append(cv2.dilate(cv2.Canny(plane, low, 2.5 * low), np.ones((3, 3), np.uint8)))
    masks.append(_unlike_border(lab))
    quads = []
    least = LEAST_AREA * lab.shape[0] * lab.shape[1]
    for mask in masks:
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        outlines, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:6]:
            hull = np.asarray(cv2.convexHull(outline), dtype=np.int32)
            if cv2.contourArea(hull) >= least:
                quads += _enclose(hull)
    return quads


def _unlike_border(lab: Pixels) -> NDArray[np.uint8]:
    """Mask of what differs from the strip along the image's border, which is mostly desk, cloth or wood."""
    strip = max(4, min(lab.shape[:2]) // 25)
    inner = np.ones(lab.shape[:2], dtype=bool)
    inner[strip:-strip, strip:-strip] = False
    border = lab[inner].astype(np.float64)
    inverse = np.linalg.inv(np.cov(border.T) + 9.0 * np.eye(3))
    off = lab.reshape(-1, 3).astype(np.float64) - np.median(border, axis=0)
    distance = np.sqrt(np.einsum("ij,jk,ik->i", off, inverse, off)).reshape(lab.shape[:2])
    grey = cv2.medianBlur(np.clip(distance * 24, 0, 255).astype(np.uint8), 7)
    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), dtype=np.uint8)


def _enclose(hull: NDArray[np.int32]) -> list[Quad]:
    """The four-cornered shapes that a convex outline can be taken for."""
    length = cv2.arcLength(hull, True)
    found = [cv2.boxPoints(cv2.minAreaRect(hull))]
    for share in (0.015, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * length, True).reshape(-1, 2)
        if len(corners) == 4:
            found.append(corners)
            break
    return [_clockwise(np.asarray(corners, dtype=np.float64)) for corners in found]


def _line_quads(lab: Pixels) -> list[Quad]:
    """Quads between two pairs of long lines; they find the card whose outline is broken by fingers or glare."""
    segments = []
    for plane in cv2.split(lab):
        lines = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(plane)[0]
        segments += [] if lines is None else lines.reshape(-1, 4).tolist()
    least = 0.12 * max(lab.shape[:2])
    long = [(math.dist(line[:2], line[2:]), line) for line in segments]
    long = sorted((each for each in long if each[0] >= least), reverse=True)
    chosen: list[NDArray[np.float64]] = []
    for _, (x0, y0, x1, y1) in long:
        line = np.cross([x0, y0, 1.0], [x1, y1, 1.0])
        line /= np.hypot(line[0], line[1])
        ends = np.array([[x0, y0, 1.0], [x1, y1, 1.0]])
        if all(np.abs(ends @ other).max() > 5 for other in chosen):
            chosen.append(line)
    pairs = []
    for one, two in itertools.combinations(chosen[: 2 * MAX_LINES], 2):
        if abs(one[:2] @ two[:2]) > math.cos(math.radians(25)):
            pairs.append((one, two))
    quads = []
    for (a, b), (c, d) in itertools.combinations(pairs[:80], 2):
        if abs(a[:2] @ c[:2]) < math.cos(math.radians(60)):
            corners = np.array([np.cross(a, c), np.cross(a, d), np.cross(b, d), np.cross(b, c)])
            if np.all(np.abs(corners[:, 2]) > 1e-6):
                quads.append(_clockwise(corners[:, :2] / corners[:, 2:]))
    return quads


def _clockwise(corners: Quad) -> Quad:
    """The corners with the top-left one first and in clockwise order as seen."""
    if signed_area(corners) < 0:
        corners = corners[::-1]
    return np.asarray(np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0))


def _score(quad: Quad, steps: Steps, size: tuple[int, int]) -> float:
    """How surely `quad` is a card: its weakest sides' step against the image's usual one, times its proportions."""
    edges = np.roll(quad, -1, axis=0) - quad
    turns = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
    share = signed_area(quad) / (size[0] * size[1])
    outside = np.abs(np.clip(quad, 0, [size[0] - 1, size[1] - 1]) - quad).max()
    if not (turns > 0).all() or not LEAST_AREA < share < MOST_AREA or outside > 0.05 * max(size):
        return 0.0
    lengths = np.linalg.norm(edges, axis=1)
    pairs = sorted((lengths[0] + lengths[2], lengths[1] + lengths[3]))
    skew = max(abs(math.log(lengths[0] / lengths[2])), abs(math.log(lengths[1] / lengths[3])))
    off = math.log(pairs[1] / pairs[0] / CARD_RATIO) / (RATIO_TOLERANCE + RATIO_PER_SKEW * skew)
    if skew > 0.7 or abs(off) > 3:
        return 0.0
    strengths = sorted(_side_strength(quad[side], quad[(side + 1) % 4], steps) for side in range(4))
    if strengths[0] < WEAKEST_SIDE:
        return 0.0
    support = 0.5 * strengths[0] + 0.3 * strengths[1] + 0.1 * (strengths[2] + strengths[3])
    return float(support * math.exp(-0.5 * off * off) * share**0.25 * 10)


def _profile(start: NDArray[np.float64], end: NDArray[np.float64], steps: Steps) -> tuple[Plane, Quad, Quad]:
    """Steps across the side from `start` to `end`: shape (3, 2 REACH + 1, SAMPLES); its points and its normal."""
    along = (end - start) / max(1e-6, float(np.linalg.norm(end - start)))
    normal = np.array([-along[1], along[0]])
    points = start + np.linspace(0.08, 0.92, SAMPLES)[:, None] * (end - start)
    grid = points[None] + np.arange(-REACH, REACH + 1)[:, None, None] * normal
    height, width = steps.x.shape[1:]
    x = np.clip(np.rint(grid[..., 0]), 0, width - 1).astype(int)
    y = np.clip(np.rint(grid[..., 1]), 0, height - 1).astype(int)
    across = steps.x[:, y, x] * normal[0] + steps.y[:, y, x] * normal[1]
    return across.astype(np.float32), points, normal


def _side_strength(start: NDArray[np.float64], end: NDArray[np.float64], steps: Steps) -> float:
    """The steadiest step along a side, at most 3 pixels beside it, in steps of the image's usual size; capped."""
    across, _, _ = _profile(start, end, steps)
    near = across[:, REACH - 3 : REACH + 4]
    steady = np.sort(near, axis=2)
    # The lower quartile on the side of zero: three quarters of the side step the same way at least as much.
    rising, falling = steady[..., SAMPLES // 4], -steady[..., -SAMPLES // 4]
    return min(float(max(rising.max(), falling.max(), 0.0)) / steps.noise, STRONGEST_SIDE)


def _refine(quad: Quad, steps: Steps) -> Quad:
    """`quad` with each side fitted to the strongest steps near it, and its corners where the sides meet."""
    lines = []
    for side in range(4):
        start, end = quad[side], quad[(side + 1) % 4]
        across, points, normal = _profile(start, end, steps)
        plane, offset = np.unravel_index(int(np.argmax(np.abs(np.median(across, axis=2)))), across.shape[:2])
        sign = np.sign(np.median(across[plane, offset]))
        best = np.argmax(across[plane] * sign, axis=0)
        strong = across[plane, best, np.arange(SAMPLES)] * sign > 0
        if strong.sum() < SAMPLES // 3:
            lines.append(np.cross([*start, 1.0], [*end, 1.0]))
            continue
        hits = points[strong] + (best[strong] - REACH)[:, None] * normal
        dx, dy, x, y = cv2.fitLine(hits.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        lines.append(np.array([-dy, dx, dy * x - dx * y]))
    corners = np.array([np.cross(lines[side - 1], lines[side]) for side in range(4)])
    if np.any(np.abs(corners[:, 2]) < 1e-9):
        return quad
    fitted = corners[:, :2] / corners[:, 2:]
    return fitted if np.abs(fitted - quad).max() < 3 * REACH else quad
