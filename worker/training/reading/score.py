"""Scores of readings: how many fields, numbers and whole cards are right, and whether confidence is honest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from worker.pipeline.types import KtpFields

FIELDS = tuple(each.name for each in fields(KtpFields))
CONFIDENT = 0.95
BINS = 10


@dataclass(frozen=True)
class FieldOutcome:
    """Of one field of one card: whether the value is that printed, whether there is one at all, what confidence."""

    field: str
    right: bool
    given: bool
    confidence: float | None


@dataclass(frozen=True)
class CardOutcome:
    """Of one card; `error` is the errorType where there was no result."""

    seed: int
    conditions: frozenset[str]
    fields: tuple[FieldOutcome, ...]
    error: str | None

    @property
    def whole(self) -> bool:
        """Whether every field is right."""
        return all(each.right for each in self.fields)


def same(one: str | None, two: str | None) -> bool:
    """Whether two values are the same after upper-casing and collapsing blanks."""
    return " ".join((one or "").upper().split()) == " ".join((two or "").upper().split())


def judge_card(
    seed: int,
    conditions: frozenset[str],
    truth: KtpFields,
    read: KtpFields | None,
    confidence: dict[str, float] | None,
    error: str | None = None,
) -> CardOutcome:
    """The outcome of a card for what was read of it; None where nothing was."""
    outcomes = []
    for name in FIELDS:
        value = getattr(read, name) if read else None
        given = confidence.get(name) if confidence and value is not None else None
        outcomes.append(FieldOutcome(name, same(value, getattr(truth, name)), value is not None, given))
    return CardOutcome(seed, conditions, tuple(outcomes), error)


def share(answers: Iterable[bool]) -> float:
    """Share of the true ones, nan of none."""
    listed = list(answers)
    return sum(listed) / len(listed) if listed else float("nan")


@dataclass(frozen=True)
class Calibration:
    """`ece`: expected calibration error over BINS bins; `wrong_confident`: share of wrong values among those given
    with at least CONFIDENT; `rows`: (from, to, values, mean confidence, share right) of each bin that has any."""

    ece: float
    wrong_confident: float
    confident: int
    rows: tuple[tuple[float, float, int, float, float], ...]


def calibrate(outcomes: Sequence[CardOutcome]) -> Calibration:
    """The calibration of all values that were given with a confidence."""
    known = [each for card in outcomes for each in card.fields if each.given and each.confidence is not None]
    confidence = np.array([each.confidence for each in known])
    right = np.array([each.right for each in known], dtype=bool)
    edges = np.linspace(0, 1, BINS + 1)
    rows, ece = [], 0.0
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        mine = (confidence >= low) & ((confidence < high) if high < 1 else (confidence <= 1))
        if mine.any():
            mean, hit = float(confidence[mine].mean()), float(right[mine].mean())
            rows.append((low, high, int(mine.sum()), mean, hit))
            ece += mine.sum() / len(known) * abs(mean - hit)
    sure = confidence >= CONFIDENT
    wrong = float((~right[sure]).mean()) if sure.any() else float("nan")
    return Calibration(ece if known else float("nan"), wrong, int(sure.sum()), tuple(rows))


def format_scores(outcomes: Sequence[CardOutcome]) -> str:
    """A Markdown table by condition: cards, and shares of fields, NIKs and whole cards that are right."""
    names = sorted(set[str]().union(*(card.conditions for card in outcomes)))
    plain = [("all", outcomes)]
    rows = plain + [(name, [card for card in outcomes if name in card.conditions]) for name in names]
    lines = ["| scenes | cards | fields right | NIK right | whole cards | no result |", "|---|--:|--:|--:|--:|--:|"]
    for name, cards in rows:
        cells = (
            share(each.right for card in cards for each in card.fields),
            share(_outcome(card, "identity_id").right for card in cards),
            share(card.whole for card in cards),
            share(card.error is not None for card in cards),
        )
        lines.append(f"| {name} | {len(cards)} | {' | '.join(map(percent, cells))} |")
    return "\n".join(lines)


def format_fields(outcomes: Sequence[CardOutcome]) -> str:
    """A Markdown table by field: shares right, not given, and wrong."""
    lines = ["| field | right | not given | wrong |", "|---|--:|--:|--:|"]
    for name in FIELDS:
        mine = [_outcome(card, name) for card in outcomes]
        tests: tuple[Callable[[FieldOutcome], bool], ...] = (
            lambda each: each.right,
            lambda each: not each.given and not each.right,
            lambda each: each.given and not each.right,
        )
        lines.append(f"| {name} | {' | '.join(percent(share(map(test, mine))) for test in tests)} |")
    return "\n".join(lines)


def format_calibration(found: Calibration) -> str:
    """A Markdown table of the reliability diagram, and the two figures it comes down to."""
    lines = ["| confidence | values | mean confidence | right |", "|---|--:|--:|--:|"]
    for low, high, count, mean, hit in found.rows:
        lines.append(f"| {low:.1f} to {high:.1f} | {count} | {percent(mean)} | {percent(hit)} |")
    sure = f"wrong of the {found.confident} given with at least {CONFIDENT}: {percent(found.wrong_confident)}"
    return "\n".join([*lines, "", f"expected calibration error {found.ece:.4f}; {sure}"])


def percent(value: float) -> str:
    """A share as a percentage, - for nan."""
    return "-" if np.isnan(value) else f"{value * 100:.1f} %"


def _outcome(card: CardOutcome, name: str) -> FieldOutcome:
    return card.fields[FIELDS.index(name)]
