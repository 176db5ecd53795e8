"""The sheet to read: the card that the model found, or else the one that its labels show, or else the whole image.

A quad in which no KTP can be read is given up for the whole image. Labels say where the card lies: where the model
disagrees with them, or was not sure, the card is cut out by its labels and read again, and if all of it lies within the
image, it counts as found; so does a scan that was cut along the card's edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from worker.pipeline.detect import SURE_CARD, find_card
from worker.pipeline.frame import CardFrame, fit_frame, frame_page
from worker.pipeline.geometry import frame_quad, invert, map_points, measure_tilt
from worker.pipeline.lines import read_lines
from worker.pipeline.missing import read_missing
from worker.pipeline.orient import drop_photo_column, orient_text
from worker.pipeline.rectify import rectify, whole_page
from worker.pipeline.types import Engines, Page, Quad, TextEngine, TextLine

FRAME_SLACK = 0.06
"""How far a card placed by its labels may reach beyond the image and still be a whole card, in sides of the image."""

STRAIGHT, LARGE = 3.0, 0.55
"""A whole image is not read again if its card is tilted by fewer degrees and wider, in widths of the image."""

DISAGREEMENT = 0.12
"""How far the labels may place a corner from where the edges have it, in sides of the card."""

MANY_LABELS = 6
"""Labels from which on they place the card more exactly than its edges do."""

PROVEN = 10.0
"""Evidence of the rows that makes a page a KTP without its labels."""

UNIT = frame_quad(1.0, 1.0) + 0.5


@dataclass(frozen=True)
class Sheet:
    """What was read: the page, its lines, the frame of its labels, where the card stands in the photograph as sent.

    `frame` and `quad` are None if no KTP could be read; `is_card` says that a whole card was found in the image.
    """

    page: Page
    lines: tuple[TextLine, ...]
    frame: CardFrame | None
    quad: Quad | None
    is_card: bool


def find_sheet(photo: Page, engines: Engines, card_detect: bool) -> Sheet:
    """Find and read the card in `photo`; without `card_detect` the model is not asked, and no card is found."""
    card = find_card(photo.pixels, engines.cards) if card_detect else None
    if card is not None:
        sheet = _read_page(rectify(photo, card.quad), engines.text, cropped=True)
        if sheet.frame is not None and _labels_agree(sheet.page, sheet.frame):
            return sheet
    whole = _read_page(whole_page(photo), engines.text, cropped=False)
    if whole.frame is None:
        # Either no card, or one that cannot be read: then the model alone must be sure of it.
        return whole if card is None or card.ktp < SURE_CARD else sheet
    on_page = whole.frame.card_quad()
    is_card = card_detect and _lies_within(map_points(whole.page.to_photo, on_page), photo)
    if _is_straight(on_page, whole.page):
        return replace(whole, is_card=is_card)
    in_photo = map_points(invert(photo.to_photo), map_points(whole.page.to_photo, on_page))
    again = _read_page(rectify(photo, in_photo), engines.text, cropped=True)
    return replace(again if again.frame is not None else whole, is_card=is_card)


def _read_page(page: Page, engine: TextEngine, cropped: bool) -> Sheet:
    """Find, turn and read the text of `page`; of one that is cropped to the card, the photo's column is left out."""
    text = orient_text(page, engine.find_text(page.pixels), engine, upright=cropped)
    lines = read_lines(drop_photo_column(text) if cropped else text, engine)
    frame = fit_frame(lines, page)
    if cropped and (frame is None or len(frame.anchors) < MANY_LABELS):
        by_page = frame_page(lines, page)
        if by_page.grid.evidence >= PROVEN:
            frame = by_page
    if frame is None:
        return Sheet(page, lines, None, None, is_card=cropped)
    lines += read_missing(page, lines, frame, engine)
    on_page = _page_as_card(page, frame) if cropped else frame.card_quad()
    return Sheet(page, lines, frame, map_points(page.to_photo, on_page), is_card=cropped)


def _page_as_card(page: Page, frame: CardFrame) -> Quad:
    """The page's corners in the card's own order, as the labels tell it."""
    corners = frame_quad(page.pixels.shape[1], page.pixels.shape[0])
    in_card = map_points(frame.to_card, corners)
    nearest = [int(np.argmin(np.linalg.norm(in_card - corner, axis=1))) for corner in UNIT]
    return np.asarray(corners[nearest])


def _labels_agree(page: Page, frame: CardFrame) -> bool:
    """Whether the labels place the card where the model has it; else that is something else."""
    return bool(np.abs(map_points(frame.to_card, _page_as_card(page, frame)) - UNIT).max() <= DISAGREEMENT)


def _lies_within(in_sent: Quad, photo: Page) -> bool:
    """Whether a card at `in_sent`, in pixels of the image as sent, lies within it but for a narrow strip."""
    height, width = photo.pixels.shape[:2]
    frame = map_points(photo.to_photo, frame_quad(width, height))
    low, high = frame.min(axis=0), frame.max(axis=0)
    beyond = np.maximum(low - in_sent, in_sent - high).max(axis=0)
    return bool((beyond <= FRAME_SLACK * (high - low)).all())


def _is_straight(on_page: Quad, page: Page) -> bool:
    """Whether reading the card again would show nothing more: it fills the page, and its text runs level."""
    tilt = measure_tilt(on_page) % 90
    width = float(np.linalg.norm(on_page[1] - on_page[0]))
    return min(tilt, 90 - tilt) < STRAIGHT and width >= LARGE * max(page.pixels.shape[:2])
