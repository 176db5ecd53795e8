"""The sheet to read: the card that the model found, or else the one that its labels show, or else the whole image.

A card that the model found is read line by line, and what it says proves it a KTP. Where that fails, text detection
looks for labels: where they disagree with the model, or it was not sure, the card is cut out by its labels and read
again, and if all of it lies within the image, it counts as found; so does a scan that was cut along the card's edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from worker.pipeline.detect import SURE_CARD, find_card
from worker.pipeline.frame import CardFrame, fit_frame, frame_page
from worker.pipeline.geometry import UNIT, frame_quad, invert, map_points, measure_tilt
from worker.pipeline.ink import measure_ink, profile_strokes
from worker.pipeline.lines import read_lines
from worker.pipeline.orient import drop_photo_column, orient_text
from worker.pipeline.rectify import approach, rectify, whole_page
from worker.pipeline.slant import straighten
from worker.pipeline.table import CardTable, read_table
from worker.pipeline.types import Engines, Page, Quad, TextEngine, TextLine

FRAME_SLACK = 0.06
"""How far a card placed by its labels may reach beyond the image and still be a whole card, in sides of the image."""

STRAIGHT, LARGE = 3.0, 0.55
"""A whole image is not read again if its card is tilted by fewer degrees and wider, in widths of the image."""

DISAGREEMENT = 0.12
"""How far the labels may place a corner from where the edges have it, in sides of the card."""

_INNER = 0.1
"""How far within the page, in its heights, a corner must be for another card than the page itself."""

MANY_LABELS = 6
"""Labels from which on they place the card more exactly than its edges do."""

PROVEN, PROVEN_SURE = 10.0, 5.0
"""Evidence of the rows that makes a page a KTP without its labels, and where the model is sure of it already."""


@dataclass(frozen=True)
class Sheet:
    """What was read: the page, the frame of the card on it, where the card stands in the photograph as sent.

    `lines` are those of text detection, None where it was not needed; `table` what the line reader read, None without
    one. `frame` and `quad` are None if no KTP could be read; `is_card` says that a whole card was found in the image.
    """

    page: Page
    lines: tuple[TextLine, ...] | None
    frame: CardFrame | None
    table: CardTable | None
    quad: Quad | None
    is_card: bool

    @property
    def seen(self) -> tuple[TextLine, ...]:
        """The lines of text on the page: the table's, or else those of text detection."""
        if self.table is None:
            return self.lines or ()
        rows = (line for lines in self.table.rows.values() for line in lines)
        printed = (*self.table.header, *rows, *self.table.issue)
        return tuple(TextLine(line.text.text, line.text.score, line.quad) for line in printed if line.text.text)

    @cached_property
    def flat(self) -> Page:
        """The card alone, upright; the page, where it is not known where the card stands."""
        if self.quad is None:
            return self.page
        return rectify(self.page, map_points(invert(self.page.to_photo), self.quad))


def find_sheet(photo: Page, engines: Engines, card_detect: bool) -> Sheet:
    """Find and read the card in `photo`; without `card_detect` the model is not asked, and no card is found."""
    card = find_card(photo.pixels, engines.cards) if card_detect else None
    if card is not None:
        proof = PROVEN_SURE if card.ktp >= SURE_CARD else PROVEN
        read = _read_card(photo, card.quad, engines, proof)
        if read is not None:
            return read
        page = rectify(photo, card.quad)
        within = _read_within(photo, page, engines)
        if within is not None:
            return within
        sheet = _read_page(page, engines, proof)
        if sheet.frame is not None and _labels_agree(sheet.page, sheet.frame):
            return sheet
    whole = _read_page(whole_page(photo), engines, None)
    if whole.frame is None:
        # Either no card, or one that cannot be read: then the model alone must be sure of it.
        return whole if card is None or card.ktp < SURE_CARD else sheet
    on_page = whole.frame.card_quad()
    is_card = card_detect and _lies_within(map_points(whole.page.to_photo, on_page), photo)
    if _is_straight(on_page, whole.page):
        return replace(whole, is_card=is_card)
    in_photo = map_points(invert(photo.to_photo), map_points(whole.page.to_photo, on_page))
    again = _read_page(rectify(photo, in_photo), engines, PROVEN)
    return replace(again if again.frame is not None else whole, is_card=is_card)


def read_page_lines(page: Page, engine: TextEngine, *, upright: bool) -> tuple[TextLine, ...]:
    """All lines that text detection finds on the page; of an upright card, the photo's column is left out."""
    text = orient_text(page, engine.find_text(page.pixels), engine, upright=upright)
    return read_lines(drop_photo_column(text) if upright else text, engine)


def _read_card(photo: Page, quad: Quad, engines: Engines, proof: float) -> Sheet | None:
    """The card within `quad` (pixels of `photo`), read line by line; None if what it says is no proof of a KTP."""
    if engines.strips is None:
        return None
    page, to_card = approach(photo, quad)
    to_card, strokes = straighten(page, to_card)
    table = read_table(page, to_card, profile_strokes(strokes), engines.strips, engines.again)
    if table.grid.evidence < proof:
        return None
    frame = CardFrame(table.to_card, (), table.grid)
    return Sheet(page, None, frame, table, map_points(photo.to_photo, quad), is_card=True)


def _read_within(photo: Page, page: Page, engines: Engines) -> Sheet | None:
    """The card within what was taken for one, read line by line: a monitor that shows a card has its shape as well."""
    inner = find_card(page.pixels, engines.cards)
    if inner is None or np.abs(
        inner.quad - frame_quad(page.pixels.shape[1], page.pixels.shape[0])
    ).max() < _INNER * len(page.pixels):
        return None
    in_photo = map_points(invert(photo.to_photo) @ page.to_photo, inner.quad)
    return _read_card(photo, in_photo, engines, PROVEN)


def _read_page(page: Page, engines: Engines, proof: float | None) -> Sheet:
    """Find, turn and read the text of `page`; with `proof`, of a page that is cropped to the card."""
    cropped = proof is not None
    lines = read_page_lines(page, engines.text, upright=cropped)
    frame = fit_frame(lines, page)
    if proof is not None and (frame is None or len(frame.anchors) < MANY_LABELS):
        by_page = frame_page(lines, page)
        frame = by_page if by_page.grid.evidence >= proof else frame
    if frame is None:
        return Sheet(page, lines, None, None, None, is_card=cropped)
    on_page = _page_as_card(page, frame) if cropped else frame.card_quad()
    table = None
    if engines.strips:
        ink = measure_ink(page, frame.to_card)
        table = read_table(page, frame.to_card, ink, engines.strips, engines.again)
    return Sheet(page, lines, frame, table, map_points(page.to_photo, on_page), is_card=cropped)


def _page_as_card(page: Page, frame: CardFrame) -> Quad:
    """The page's corners in the card's own order, as the labels tell it."""
    corners = frame_quad(page.pixels.shape[1], page.pixels.shape[0])
    orders = [np.roll(each, turn, axis=0) for each in (corners, corners[::-1]) for turn in range(4)]
    return min(orders, key=lambda order: float(np.abs(map_points(frame.to_card, order) - UNIT).sum()))


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
