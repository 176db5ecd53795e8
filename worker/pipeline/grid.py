"""The rows of the table: a lattice of lines fitted to what is printed, and which row each of its lines is.

Pitch and place of the rows vary between printings, and a long address pushes all below it down. So the lattice is
fitted first, and then the likeliest order of rows through it is found (Viterbi): each row takes one line of the lattice
or more, in the card's order, and labels and values speak for it, whichever of them could be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from worker.ktp.layout import INDENTED_ROWS, ROW_Y, Row
from worker.pipeline.evidence import weigh_label, weigh_value
from worker.pipeline.ink import UNKNOWN, InkProfile
from worker.pipeline.pieces import Band

_ROWS = tuple(row for row in Row if row is not Row.NIK)
_PLACES, _NIK_PLACE = [list(Row).index(row) for row in _ROWS], list(Row).index(Row.NIK)
_FIRST = ROW_Y[Row.NAME]
_NIK_ABOVE = ROW_Y[Row.NAME] - ROW_Y[Row.NIK]

_PITCHES = np.arange(0.0385, 0.0506, 0.0005)
_USUAL_PITCH, _PITCH_SPREAD = 0.0463, 0.004
_OFFSETS = np.arange(-0.07, 0.0705, 0.0025)
_OFFSET_SPREAD = 0.02
_CANDIDATES, _RANKED, _UNLIKE = 6, 200, 0.0016
_OFF_LINE = 0.36
"""A band that lies farther from every line of the lattice, in rows, is none of the table."""

_LEAST_REFIT = 4
_NIK_EVIDENCE = 5.0
_LAST_LINE = 0.95
_MOST_LINES = 4
_MISSING, _MISSING_MORE = -0.3, -4.0
_MORE_LINES = {Row.ADDRESS: -1.2, Row.NAME: -2.5, Row.OCCUPATION: -2.5, Row.BIRTH: -3.0}
"""What a further line of a value costs where it is not as rare as elsewhere."""

_RARELY_MORE = -4.0
_BELOW_LAST = 0.5
"""Share of what a line speaks for any row that counts against its being below the last one."""

_INK, _INK_FIT = 2.0, 1.0
"""Weights of the ink in a column of a line, and of all ink on the lattice."""


_INDENTED = np.array([row in INDENTED_ROWS for row in _ROWS])
_MORE = np.array([_MORE_LINES.get(row, _RARELY_MORE) for row in _ROWS])
_NONE, _NONE_MORE = np.full(len(_ROWS), _MISSING), np.full(len(_ROWS), _MISSING_MORE)


@dataclass(frozen=True)
class RowGrid:
    """Heights v of the printed lines of each row, one at least, and their pitch.

    `evidence`: how strongly the text speaks for these rows; the ink, which any table has, does not count.
    """

    lines: dict[Row, tuple[float, ...]]
    pitch: float
    evidence: float

    @property
    def row_v(self) -> dict[Row, float]:
        """Height v of the first line of each row."""
        return {row: heights[0] for row, heights in self.lines.items()}


@dataclass(frozen=True)
class _Slot:
    """A line that has print, and what its label and its value say: `fits` for its being the first line of each of
    _ROWS, `against` its being a further one, and both for the NIK."""

    band: Band
    fits: NDArray[np.float64]
    against: NDArray[np.float64]
    nik: float


@dataclass(frozen=True)
class _Path:
    """The lines of the lattice on which the rows up to one of them begin."""

    score: float
    starts: tuple[int, ...]


def fit_rows(bands: list[Band], ink: InkProfile) -> RowGrid:
    """The rows that explain the text of `bands` and the card's `ink` best."""
    weighed = [_weigh_band(band) for band in bands]
    nik = _nik_band(weighed)
    table = [each for each in weighed if nik is None or each.band.v > nik.v + 0.4 * _NIK_ABOVE]
    best, best_score = None, -np.inf
    for fit, pitch, start in _candidates(np.array([each.band.v for each in table]), ink):
        slots = _lay_on_lattice(table, pitch, start)
        path = _best_path(*_weigh_lines(slots, [ink.at(start + pitch * k) for k in range(len(slots))]))
        if path.score + fit > best_score:
            best_score = path.score + fit
            start, pitch = _refit(slots, start, pitch)
            heights = [slot.band.v if slot else start + pitch * number for number, slot in enumerate(slots)]
            ends = (*path.starts[1:], path.starts[-1] + 1)
            lines: dict[Row, tuple[float, ...]] = {
                row: tuple(heights[a:b]) for row, a, b in zip(_ROWS, path.starts, ends, strict=True)
            }
            lines[Row.NIK] = (nik.v if nik else start - _NIK_ABOVE,)
            best = RowGrid(lines, pitch, _evidence(slots, path) + (_NIK_EVIDENCE if nik else 0.0))
    assert best is not None
    return best


def guess_lines(ink: InkProfile) -> list[tuple[float, ...]]:
    """Heights at which lines of the table are to be expected before any was read, from the name's downwards: the
    likeliest guess first, each unlike the others."""
    return [tuple(np.arange(start, _LAST_LINE, pitch).tolist()) for _, pitch, start in _candidates(np.empty(0), ink)]


def _weigh_band(band: Band) -> _Slot:
    by_label, by_value = (
        np.array(list(scores.values())) for scores in (weigh_label(band.label), weigh_value(band.value))
    )
    labelled = max(0.0, by_label.max()) + (1.0 if len(band.label) > 3 else 0.0)
    # Of all other rows the one that the value speaks for most.
    second, most = np.sort(by_value)[-2:]
    others = np.where(np.arange(len(by_value)) == np.argmax(by_value), second, most)
    fits = by_label + by_value
    return _Slot(band, fits[_PLACES], labelled + np.maximum(0.0, others[_PLACES]), float(fits[_NIK_PLACE]))


def _evidence(slots: list[_Slot | None], path: _Path) -> float:
    first = [(index, slots[number]) for index, number in enumerate(path.starts)]
    return float(sum(max(0.0, slot.fits[index]) for index, slot in first if slot))


def _nik_band(weighed: list[_Slot]) -> Band | None:
    """The band that holds the NIK."""
    likely = [each for each in weighed if each.nik >= 3.0]
    return max(likely, key=lambda each: each.nik).band if likely else None


def _candidates(heights: NDArray[np.float64], ink: InkProfile) -> list[tuple[float, float, float]]:
    """Fit, pitch and height of the first line of the lattices that meet bands and ink best, unlike one another."""
    inked = (ink.labels + ink.values) / 2
    pitches, starts, fit = _list_lattices()
    phase = (heights[:, None] - starts) / pitches
    meets = (np.cos(2 * np.pi * phase) * (phase > -0.5)).sum(axis=0)
    on_lines, between = (inked[places].sum(axis=0) for places in _place_lines(len(inked)))
    fit = fit + meets + _INK_FIT * (on_lines - between)
    left = np.argsort(-fit)[:_RANKED]
    chosen: list[tuple[float, float, float]] = []
    while len(left) and len(chosen) < _CANDIDATES:
        pitch, start = float(pitches[left[0]]), float(starts[left[0]])
        chosen.append((float(fit[left[0]]), pitch, start))
        other = (abs(starts[left] - start) > 0.4 * pitches[left]) | (abs(pitches[left] - pitch) > _UNLIKE)
        left = left[other]
    return chosen


@cache
def _list_lattices() -> tuple[NDArray[np.float64], ...]:
    """Pitch and height of the first line of all lattices that are tried, and their fit by how usual these are."""
    pitches, starts = (each.ravel() for each in np.meshgrid(_PITCHES, _FIRST + _OFFSETS, indexing="ij"))
    unusual = ((pitches - _USUAL_PITCH) / _PITCH_SPREAD) ** 2 + ((starts - _FIRST) / _OFFSET_SPREAD) ** 2
    return pitches, starts, -unusual / 2


@cache
def _place_lines(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where in a profile of `count` heights the lines of each lattice are, and the gaps below them: (lines, lattices)
    each."""
    pitches, starts, _ = _list_lattices()
    lines = starts + pitches * np.arange(0, len(_ROWS), 0.5)[:, None]
    places = np.clip(np.rint(lines * count).astype(np.intp), 0, count - 1)
    return places[0::2], places[1::2]


def _lay_on_lattice(table: list[_Slot], pitch: float, start: float) -> list[_Slot | None]:
    """What is printed at each line of the lattice, or None."""
    count = max(len(_ROWS), int((_LAST_LINE - start) / pitch) + 1)
    lines: list[_Slot | None] = [None] * count
    for slot in table:
        place = (slot.band.v - start) / pitch
        number = round(place)
        if 0 <= number < count and abs(place - number) <= _OFF_LINE:
            held = lines[number]
            if held is None or _length(slot.band) > _length(held.band):
                lines[number] = slot
    return lines


def _length(band: Band) -> int:
    return len(band.value) + len(band.label)


def _refit(slots: list[_Slot | None], start: float, pitch: float) -> tuple[float, float]:
    """Height of the first line and pitch by the lines that have text, where there are enough of these."""
    known = [(number, slot.band.v) for number, slot in enumerate(slots) if slot]
    if len(known) < _LEAST_REFIT:
        return start, pitch
    numbers, heights = np.array(known).T
    pitch, start = np.polyfit(numbers, heights, 1).tolist()
    return start, pitch


def _weigh_lines(
    slots: list[_Slot | None], inks: list[tuple[float, float, float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each line of the lattice says for being the first line of each row, and a further one: (lines, rows) each.

    `inks`: of the three columns, at each line.
    """
    edge, labels, _ = (_INK * (np.array(inks).T - UNKNOWN))[..., None]
    fits = np.array([slot.fits if slot else _NONE for slot in slots])
    against = np.array([-slot.against if slot else _NONE_MORE for slot in slots])
    printed = np.where(_INDENTED, labels - edge, labels / 2 + edge)
    return printed + fits, _MORE - labels - edge + against


def _best_path(firsts: NDArray[np.float64], furthers: NDArray[np.float64]) -> _Path:
    """The likeliest first line of each row: one pass over the lattice keeps the best way to each row and its line."""
    lines = len(firsts)
    speaks = np.maximum(0.0, firsts.max(axis=1))
    below = _BELOW_LAST * (speaks[::-1].cumsum()[::-1] - speaks)
    reached = np.full((len(_ROWS), _MOST_LINES), -np.inf)
    reached[0, 0] = firsts[0, 0]
    before: list[NDArray[np.int64]] = []
    best, end = -np.inf, (0, 0)
    for number in range(1, lines):
        last_lines = reached.argmax(axis=1)
        before.append(last_lines)
        following = np.full_like(reached, -np.inf)
        following[1:, 0] = reached[np.arange(len(_ROWS) - 1), last_lines[:-1]] + firsts[number, 1:]
        following[:, 1:] = reached[:, :-1] + furthers[number, :, None]
        reached = following
        line = int(reached[-1].argmax())
        if reached[-1, line] - below[number] > best:
            best, end = float(reached[-1, line] - below[number]), (number, line)
    # Backwards: a row begins as many lines above as it has further ones, and the row before ends right above that.
    number, line = end
    starts = [number - line]
    for row in range(len(_ROWS) - 2, -1, -1):
        starts.append(starts[-1] - 1 - int(before[starts[-1] - 1][row]))
    return _Path(best, tuple(starts[::-1]))
