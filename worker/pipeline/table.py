"""Reads the card line by line: strips where its lines must be, and from what they say which row each of them is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.ktp.layout import ROW_Y, VALUE_MAX_X, Row
from worker.ktp.nik import holds_date
from worker.pipeline.fields import DATE, PLAIN_DATE
from worker.pipeline.grid import RowGrid, fit_rows, guess_lines
from worker.pipeline.ink import InkProfile, measure_ink
from worker.pipeline.margin import Slack, follow_margin
from worker.pipeline.pieces import Band
from worker.pipeline.readings import SURE, SURE_WORDING, cut_tail
from worker.pipeline.strips import (
    HEADER_Y,
    ISSUE_Y,
    PrintedLine,
    birth_quad,
    header_quad,
    issue_quad,
    nik_quad,
    reaches_photo,
    read_strips,
    text_end,
    value_quad,
)
from worker.pipeline.types import Homography, LineReader, Page
from worker.pipeline.views import NEVER_SURE, look_again

_NAME_TO_NIK = ROW_Y[Row.NAME] - ROW_Y[Row.NIK]
_ASTRAY = 0.5
"""Rows by which the first line may be elsewhere than expected before it is read again."""

_LEAST_BESIDE = 0.015
"""Widths of the card from a text whose end is seen to where its ink is taken to end, which is 0.04 behind the last of
it."""

_TWO_COLUMNS = (Row.NIK, Row.GENDER)
_WORDINGS = (Row.NAME, Row.ADDRESS)

_NUMBER = re.compile(r"[0-9]{16}")

_GUESSES, _ENOUGH, _SOME_DIGITS = 3, 12.0, 8
"""Most places of the lines that are tried. None is tried after one with such evidence, that of three rows or so, and so
many digits of a NIK: a table read a row too low may have all values but that."""

_TEXT, _PLAIN, _MOVES = 5.0, 25.0, 3
"""Evidence from which on what is read is a card's text, and is plain; and how often the card is moved at most."""

_SLACK, _DOUBTFUL_SLACK, _MOVED_SLACK = Slack(0.0112, 0.0183), Slack(0.0067, 0.0183), Slack(0.007, 0.007)
"""Where text is plain, where it is not, and once the card was moved: of values that begin 0.01 too far left, letters
are lost; what is 0.02 too far right still reads well."""


@dataclass(frozen=True)
class CardTable:
    """All printed lines of the card: province and city, the lines of each row, city and date of issue. `to_card`: from
    pixels of the page to the card, as it was placed when they were read."""

    to_card: Homography
    grid: RowGrid
    header: tuple[PrintedLine, ...]
    rows: dict[Row, tuple[PrintedLine, ...]]
    issue: tuple[PrintedLine, ...]


@dataclass(frozen=True)
class _Sight:
    """A card on its page, the profile of its ink, and who reads its lines."""

    page: Page
    to_card: Homography
    ink: InkProfile
    reader: LineReader

    def read_values(self, heights: Sequence[float]) -> list[PrintedLine]:
        """The lines of values at these heights, each as long as its print: by its ink, or, where the text that is read
        so runs on to the end, as long as the column."""
        ends = [self.ink.end_at(v) for v in heights]
        places = [(v, value_quad(v, self.to_card, end)) for v, end in zip(heights, ends, strict=True)]
        lines = read_strips(self.page.grey, self.reader, places)
        cut_off = [
            index
            for index, line in enumerate(lines)
            if ends[index] < VALUE_MAX_X and text_end(line, self.to_card) > ends[index] - _LEAST_BESIDE
        ]
        if cut_off:
            whole = [(heights[index], value_quad(heights[index], self.to_card)) for index in cut_off]
            for index, line in zip(cut_off, read_strips(self.page.grey, self.reader, whole), strict=True):
                lines[index] = line
        return lines


def read_table(
    page: Page, to_card: Homography, ink: InkProfile, reader: LineReader, again: LineReader | None = None
) -> CardTable:
    """Read the card that `to_card` places on the page and whose profile is `ink`, whatever of it can be read.

    Doubtful lines are read once more, by `again` if it is given.
    """
    table = _read_in_place(_Sight(page, to_card, ink, reader))
    return _cut_tails(_look_again(table, page, again or reader))


def _read_in_place(sight: _Sight) -> CardTable:
    """All lines read once, again with the card moved where its values do not begin in their place."""
    table = _read_likeliest(sight)
    slack = _SLACK if table.grid.evidence >= _PLAIN else _DOUBTFUL_SLACK
    for _ in range(_MOVES if table.grid.evidence >= _TEXT else 0):
        values = (line for row, lines in table.rows.items() if row is not Row.NIK for line in lines)
        moved = follow_margin(values, sight.to_card, slack)
        if moved is None:
            break
        sight, slack = _Sight(sight.page, moved, measure_ink(sight.page, moved), sight.reader), _MOVED_SLACK
        other = _read_likeliest(sight)
        if other.grid.evidence < table.grid.evidence:
            break
        table = other
    return table


def _read_likeliest(sight: _Sight) -> CardTable:
    """All lines read once, where the ink has them; in the next likely places as well while they say too little."""
    best: CardTable | None = None
    for heights in guess_lines(sight.ink)[:_GUESSES]:
        table = _read_lines(sight, heights)
        if best is None or table.grid.evidence > best.grid.evidence:
            best = table
        digits = sum(each.isdigit() for each in best.rows[Row.NIK][0].text.text)
        if best.grid.evidence >= (_ENOUGH if digits >= _SOME_DIGITS else _PLAIN):
            break
    assert best is not None
    return best


def _cut_tails(table: CardTable) -> CardTable:
    """The table without what is read far behind its values; beside the gender stands the blood type."""
    rows = {
        row: lines
        if row in _TWO_COLUMNS
        else tuple(replace(line, text=cut_tail(line.text, line.width)) for line in lines)
        for row, lines in table.rows.items()
    }
    return replace(table, rows=rows)


def _look_again(table: CardTable, page: Page, reader: LineReader) -> CardTable:
    """The table with its doubtful lines read in other cuts as well."""
    strict = dict.fromkeys(_WORDINGS, SURE_WORDING)
    if _disagree(table.rows[Row.NIK][0], table.rows[Row.BIRTH][-1]):
        strict |= {Row.NIK: NEVER_SURE, Row.BIRTH: NEVER_SURE}
    of_rows = ((lines, strict.get(row, SURE)) for row, lines in table.rows.items())
    parts = [(table.header, SURE), *of_rows, (table.issue, SURE)]
    doubts = [(line, least) for lines, least in parts for line in lines]
    left = iter(look_again(doubts, page, reader))
    header, *found, issue = (tuple(itertools.islice(left, len(lines))) for lines, _ in parts)
    return replace(table, header=header, rows=dict(zip(table.rows, found, strict=True)), issue=issue)


def _disagree(nik: PrintedLine, birth: PrintedLine) -> bool:
    """Whether both were read, and the NIK is of another birth date."""
    number = _NUMBER.fullmatch(nik.text.text)
    date = PLAIN_DATE.search(cut_tail(birth.text, birth.width).text)
    return bool(number and date and not holds_date(number[0], date[0]))


def _read_lines(sight: _Sight, heights: tuple[float, ...]) -> CardTable:
    """The table whose lines should be at `heights`, the first of them the name's."""
    values = sight.read_values(heights)
    header, nik, issue = _read_rest(sight, heights[0] - _NAME_TO_NIK)
    grid = fit_rows(_bands([nik, *values]), sight.ink)
    name_v = grid.lines[Row.NAME][0]
    if abs(name_v - heights[0]) > _ASTRAY * grid.pitch:
        # What the lines say has shown that they begin a row higher or lower than the ink alone did.
        above = [name_v + grid.pitch * k for k in range(max(0, round((heights[0] - name_v) / grid.pitch)))]
        values = sight.read_values(above) + values
        header, nik, issue = _read_rest(sight, name_v - _NAME_TO_NIK)
        grid = fit_rows(_bands([nik, *values]), sight.ink)
    rows: dict[Row, tuple[PrintedLine, ...]] = {
        row: tuple(min(values, key=lambda line: abs(line.v - v)) for v in found)
        for row, found in grid.lines.items()
        if row is not Row.NIK
    }
    rows[Row.BIRTH] = tuple(_read_on(sight, line) for line in rows[Row.BIRTH])
    return CardTable(sight.to_card, grid, header, {Row.NIK: (nik,), **rows}, issue)


def _read_on(sight: _Sight, line: PrintedLine) -> PrintedLine:
    """A line of birth, or the same cut into the photo if it goes on there to the end of its date."""
    if not reaches_photo(line, sight.to_card) or DATE.search(line.text.text):
        return line
    (longer,) = read_strips(sight.page.grey, sight.reader, [(line.v, birth_quad(line.v, sight.to_card))])
    return longer if DATE.search(longer.text.text) else line


def _read_rest(sight: _Sight, nik_v: float) -> tuple[tuple[PrintedLine, ...], PrintedLine, tuple[PrintedLine, ...]]:
    """Header, NIK and issuing note of a card whose NIK is at height `nik_v`."""
    shift = nik_v - ROW_Y[Row.NIK]
    places = [
        *((v + shift, header_quad(v + shift, sight.to_card, sight.ink.header_at(v + shift))) for v in HEADER_Y),
        (nik_v, nik_quad(nik_v, sight.to_card)),
        *((v + shift, issue_quad(v + shift, sight.to_card)) for v in ISSUE_Y),
    ]
    province, city, nik, *issue = read_strips(sight.page.grey, sight.reader, places)
    return (province, city), nik, tuple(issue)


def _bands(lines: list[PrintedLine]) -> list[Band]:
    return [Band(line.v, "", line.text.text) for line in lines if line.text.text]
