"""Cards made by hand for the line reader: tables of strips, and pages on which a reader knows where its strip is from.

`PlaceReader` stands for the network: it looks at no letters. The pages tell the place of each pixel by their blue
(height) and red (width), and their height by their grey as well, which is another under the photo; the strokes of the
print are in green, and so in grey. Blue is the brightest. So the level of a strip in grey or in its brightest colour
tells its height, and its shape which column it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cards import HEIGHT, VALUES, WIDTH
from made_strips import CERTAIN, NO_STRIP, make_strip

from worker.ktp.layout import CARD_RATIO, CITY_Y, PROVINCE_Y, ROW_PITCH, ROW_Y, VALUE_MAX_X, VALUE_X, Row, label_x
from worker.pipeline.characters import decode
from worker.pipeline.frame import page_to_card
from worker.pipeline.grid import RowGrid
from worker.pipeline.strips import ISSUE_Y, PrintedLine, gender_share, header_quad, issue_quad, nik_quad, value_quad
from worker.pipeline.table import CardTable
from worker.pipeline.types import Grey, Homography, Page, Pixels, Quad, StripText

HEADER = ("PROVINSI JAWA BARAT", "KOTA BANDUNG")
ISSUE = ("KOTA BANDUNG", "12-03-2015")
HEADER_U, NIK_U, VALUE_U, BIRTH_U, ISSUE_U = 0.5, 0.453, 0.492, 0.531, 0.835
"""Middles of the strips, in widths of the card."""

MARGIN, ROW_TALL = 0.0227, 0.061
"""From the edge of a strip of values to its first letter, in widths of the card; and how tall it is, in heights."""

_SHAPES = ((16.0, HEADER_U), (13.8, BIRTH_U), (10.2, VALUE_U), (7.4, NIK_U), (0.0, ISSUE_U))
"""Least width of a strip of each column, in its heights, and the middle of the column."""

_BLUE, _BLUE_RISE, _RED_RISE = 213.0, 42.0, 60.0
"""Levels of blue at the top of the card, and by how many they rise to its bottom; those of red rise from left to right
from 0."""

_GREY, _GREY_ISSUE, _GREY_RISE, _ISSUE_LEFT = 80.0, 140.0, 50.0, 0.715
"""Levels of grey at the top left of the print, and right of a width of the card."""

TO_CARD = page_to_card(Page(np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8), np.eye(3)))
GENDER_SHARE = gender_share(
    PrintedLine(0.4, value_quad(0.4, TO_CARD), 1, NO_STRIP), PrintedLine(0.2, nik_quad(0.2, TO_CARD), 1, NO_STRIP)
)
"""Of the strip of the gender's row, up to the label of the blood type."""


def stretch(strip: StripText, quad: Quad) -> StripText:
    """The strip with its steps spread over the width of `quad`."""
    width = float(np.linalg.norm(quad[1] - quad[0]))
    return decode(strip.log_probabilities, scale=width / max(1, len(strip.log_probabilities)))


def gender_strip(gender: str, beside: str, certainty: float = CERTAIN) -> StripText:
    """The strip of the gender's row: `gender` left of the place of the blood type's label, `beside` from there on."""
    left, right = (make_strip(text, certainty).log_probabilities for text in (gender + " ", beside))
    idle = NO_STRIP.log_probabilities
    steps = max(len(left) / GENDER_SHARE, len(right) / (1 - GENDER_SHARE)) + 2
    before = round(steps * GENDER_SHARE)
    parts = [left, np.repeat(idle, before - len(left), axis=0), right]
    parts.append(np.repeat(idle, round(steps) - before - len(right), axis=0))
    return decode(np.concatenate(parts))


def make_line(v: float, quad: Quad, text: StripText) -> PrintedLine:
    """A printed line whose strip has the pixels of its quad."""
    return PrintedLine(v, quad, round(float(np.linalg.norm(quad[1] - quad[0]))), stretch(text, quad))


def make_table(
    changes: Mapping[Row, str | StripText | Sequence[str | StripText] | None] | None = None,
    header: Sequence[str | StripText] = HEADER,
    issue: Sequence[str | StripText] = ISSUE,
    *,
    to_card: Homography = TO_CARD,
    certainty: float = CERTAIN,
) -> CardTable:
    """The card of cards.VALUES as a table. `changes`: row → text, strip, several of them, or None for nothing."""

    def strip_of(text: str | StripText | None) -> StripText:
        return make_strip(text or "", certainty) if text is None or isinstance(text, str) else text

    printed = dict[Row, object](VALUES) | {Row.GENDER: gender_strip(VALUES[Row.GENDER], "", certainty)}
    rows: dict[Row, tuple[PrintedLine, ...]] = {}
    shift = 0.0
    for row, value in (printed | dict(changes or {})).items():
        texts = [value] if value is None or isinstance(value, str | StripText) else list(value)
        lines = []
        for index, text in enumerate(texts):
            shift += ROW_PITCH if index else 0.0
            v = ROW_Y[row] + shift
            quad = (nik_quad if row is Row.NIK else value_quad)(v, to_card)
            lines.append(make_line(v, quad, strip_of(text)))
        rows[row] = tuple(lines)
    tops = tuple(
        make_line(v, header_quad(v, to_card), strip_of(text))
        for v, text in zip((PROVINCE_Y, CITY_Y), header, strict=True)
    )
    notes = tuple(make_line(v, issue_quad(v, to_card), strip_of(text)) for v, text in zip(ISSUE_Y, issue, strict=True))
    grid = RowGrid({row: tuple(line.v for line in lines) for row, lines in rows.items()}, ROW_PITCH, 30.0)
    return CardTable(to_card, grid, tops, rows, notes)


@dataclass(frozen=True)
class Print:
    """A text whose middle is at (u, v) of the card."""

    u: float
    v: float
    text: str | StripText


def printed_card(
    changes: Mapping[Row, str | StripText | None] | None = None,
    folds: Mapping[Row, Sequence[str | StripText]] | None = None,
    shift: float = 0.0,
) -> list[Print]:
    """What stands where on a card. `folds`: row → further lines, which push the rows below down; `shift` moves all."""
    prints = [Print(HEADER_U, v + shift, text) for v, text in zip((PROVINCE_Y, CITY_Y), HEADER, strict=True)]
    prints += [Print(ISSUE_U, v + shift, text) for v, text in zip(ISSUE_Y, ISSUE, strict=True)]
    values = dict[Row, object](VALUES) | {Row.GENDER: gender_strip(VALUES[Row.GENDER], "GOL. DARAH : B")}
    down = shift
    for row, value in (values | dict(changes or {})).items():
        for index, text in enumerate([value, *(folds or {}).get(row, ())]):
            down += ROW_PITCH if index else 0.0
            if text is not None:
                prints.append(Print(NIK_U if row is Row.NIK else VALUE_U, ROW_Y[row] + down, text))
    return prints


def draw_page(
    folds: Mapping[Row, int] | None = None, shift: float = 0.0, ink: bool = True, long: float = VALUE_MAX_X - VALUE_X
) -> Page:
    """A page whose colours tell the place; with `ink`, strokes stand where labels and values do, these `long`."""
    v, u = np.linspace(0, 1, HEIGHT)[:, None], np.linspace(0, 1, WIDTH)[None, :]
    blue, red = (_BLUE + _BLUE_RISE * v + 0 * u).round(), (_RED_RISE * u + 0 * v).round()
    grey = np.where(u < _ISSUE_LEFT, _GREY, _GREY_ISSUE) + _GREY_RISE * v
    pixels = np.stack([blue, ((grey - 0.114 * blue - 0.299 * red) / 0.587).round(), red], axis=2).astype(np.uint8)
    green = pixels[..., 1].copy()

    def stroke(u: float, width: float, v: float) -> None:
        for x in np.arange(u * WIDTH, (u + width) * WIDTH, 14):
            cv2.line(green, (int(x), int((v - 0.013) * HEIGHT)), (int(x), int((v + 0.013) * HEIGHT)), 0, 4)

    down = shift
    for row, usual in ROW_Y.items() if ink else ():
        stroke(label_x(row), 0.14, usual + down)
        stroke(VALUE_X, long, usual + down)
        for _ in range((folds or {}).get(row, 0)):
            down += ROW_PITCH
            stroke(VALUE_X, long, usual + down)
    pixels[..., 1] = green
    return Page(pixels, np.eye(3))


def place_of_crop(crop: Pixels) -> tuple[float, float]:
    """The middle (u, v) of a part of `draw_page` in colour."""
    blue, _, red = crop.reshape(-1, 3).astype(float).mean(axis=0)
    return red / _RED_RISE, (blue - _BLUE) / _BLUE_RISE


def place_of(strip: Grey) -> tuple[float, float]:
    """The middle (u, v) of a strip of `draw_page`, in grey or in its brightest colour; beside the card for what is
    taller than any line."""
    # Most columns of a row show no stroke.
    levels = np.median(strip, axis=1)
    level, half = float(levels.mean()), len(levels) // 2
    first, rise = next(
        (first, rise)
        for first, rise in ((_BLUE, _BLUE_RISE), (_GREY_ISSUE, _GREY_RISE), (_GREY, _GREY_RISE))
        if level > first - 5
    )
    if 2 * (levels[half:].mean() - levels[:half].mean()) / rise > 3 * ROW_PITCH:
        return -1.0, -1.0
    shape = strip.shape[1] / strip.shape[0]
    return next(u for least, u in _SHAPES if shape >= least), (level - first) / rise


def begin_at(text: StripText, margin: float) -> StripText:
    """The strip with the left edge of its first letter at `margin`, in pixels."""
    characters = tuple(replace(each, left=margin) for each in text.characters[:1])
    return replace(text, characters=(*characters, *text.characters[1:]))


class PlaceReader:
    """Gives the text that is printed where a strip of `draw_page` was cut out, and keeps these places."""

    def __init__(self, prints: Sequence[Print]) -> None:
        """`prints`: what stands on the card, which fills the page."""
        self.prints, self.margin = prints, MARGIN
        self.calls: list[list[tuple[float, float]]] = []

    @property
    def places(self) -> list[tuple[float, float]]:
        """Where all strips so far were cut out, as (u, v)."""
        return [place for call in self.calls for place in call]

    def read(self, strips: list[Grey]) -> list[StripText]:
        """The text whose middle is nearest to each strip's; none if that is farther than a third of a row."""
        self.calls.append([place_of(strip) for strip in strips])
        return [self._read(strip, place) for strip, place in zip(strips, self.calls[-1], strict=True)]

    def _read(self, strip: Grey, place: tuple[float, float]) -> StripText:
        def distance(each: Print) -> float:
            return max(abs(each.v - place[1]) / (ROW_PITCH / 3), abs(each.u - place[0]) / 0.03)

        nearest = min(self.prints, key=distance, default=None)
        found = nearest.text if nearest is not None and distance(nearest) <= 1 else ""
        text = make_strip(found) if isinstance(found, str) else found
        read = decode(text.log_probabilities, scale=strip.shape[1] / max(1, len(text.log_probabilities)))
        return begin_at(read, self.margin / ROW_TALL * CARD_RATIO * strip.shape[0])


class OffAtFirst(PlaceReader):
    """Says of the first look at a card that its values begin too far right, and that the next ones are in place."""

    def read(self, strips: list[Grey]) -> list[StripText]:
        """As PlaceReader does."""
        self.margin = MARGIN if len(self.calls) >= 2 else MARGIN + 0.03
        return super().read(strips)
