"""Fits the weights of confidence: reads development cards both ways, and asks how often each kind of reading is right.

`python -m worker.training.reading.calibrate --cards 400` writes worker/models/confidence.json. What was read is kept in
a folder, so that a second run only fits; remove it after a change of the pipeline.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.confidence import MOST_LOGIT, MOST_RIVAL, WEIGHTS, Evidence, Origin, measure_card
from worker.pipeline.merge import list_evidence
from worker.pipeline.readings import NOTHING
from worker.training.reading.collection import ReadTwice, collect
from worker.training.reading.scenes import DEVELOPMENT_SEED
from worker.training.reading.score import FIELDS, same

Case: TypeAlias = tuple[Evidence, bool]
"""A value that was read, and whether it is right."""

Weights: TypeAlias = dict[str, float]

_RIDGE, _FREE = 1.0, 1e-6
_OWN = ["own_log", "own_logit"]
_ROUNDS, _MOST_STEP = 50, 2.0
"""Whole steps can leave the answer ever farther behind, where it starts with surely wrong ones."""


def list_cases(cards: list[ReadTwice]) -> list[Case]:
    """Each value that was read, by the line reader alone and then with both, and whether it is right."""
    cases = []
    for card in cards:
        level = measure_card(card.strips.values())
        for field in FIELDS:
            strip, line = card.strips.get(field, NOTHING), card.lines.get(field, NOTHING)
            found = list_evidence(field, strip, NOTHING, level)
            found += list_evidence(field, strip, line, level) if line.value is not None else []
            for each in found:
                cases.append((each, same(each.own.value, getattr(card.truth, field))))
    return cases


def fit(cases: list[Case], around: Weights | None = None) -> Weights:
    """Weights of a logistic regression; those that the cases say little of stay near those of `around`, or near 0.

    What the reader says of itself counts for a value or not at all: where nearly all values are right, a few that are
    wrong can turn a weight, and surer readings would be worth less.
    """
    # Fields of which there was no such case have a weight as well.
    names = sorted(set(FIELDS).union(*(each.features() for each, _ in cases)))
    held = np.array([(around or {}).get(name, 0.0) for name in names])
    ridge = np.where(np.array(names) == "bias", _FREE, _RIDGE)
    weights = _regress(_tabulate(cases, names), _answers(cases), ridge, held, np.isin(names, _OWN))
    return _round(dict(zip(names, weights.tolist(), strict=True)))


def fit_second(cases: list[Case], alone: Weights, *, agrees: bool) -> Weights:
    """Weights of values of which a second reader says the same, or something else: those of the first `alone`, and what
    the second adds or takes away.

    It adds, or takes away, something always, and more the surer it is and the likelier the strip shows what it says:
    fitted freely, 27 wrong of 4,205 made doubtful values less sure where both agreed, and others surer where they did
    not. So constrained as many values have a confidence of 0.95 and more, and no more of them are wrong.
    """
    least = {"other_logit": MOST_LOGIT, "other_known": 0.0} | ({} if agrees else {"rival": MOST_RIVAL})
    sureness = _tabulate(cases, list(least)) + np.array(list(least.values()))
    sign = 1.0 if agrees else -1.0
    table = sign * np.column_stack([np.ones(len(cases)), sureness])
    first = _tabulate(cases, list(alone)) @ np.array(list(alone.values()))
    ridge = np.array([_FREE] + [_RIDGE] * len(least))
    count = len(ridge)
    bias, *by_name = (
        sign * _regress(table, _answers(cases), ridge, np.zeros(count), np.ones(count, dtype=bool), first)
    ).tolist()
    second = dict(zip(least, by_name, strict=True))
    second["bias"] = bias + sum(weight * least[name] for name, weight in second.items())
    return _round({name: weight + second.get(name, 0.0) for name, weight in alone.items()})


def _as_alone(case: Case) -> Case:
    """The case of a value of paddleocr's, as if the line reader had read nothing."""
    evidence, right = case
    return replace(evidence, origin="line", other=None, rival=0.0), right


def _tabulate(cases: list[Case], names: Sequence[str]) -> NDArray[np.float64]:
    """What the regression weighs, a row a case and a column a name."""
    rows = [each.features() for each, _ in cases]
    return np.array([[row.get(name, 0.0) for name in names] for row in rows])


def _answers(cases: list[Case]) -> NDArray[np.float64]:
    return np.array([right for _, right in cases], dtype=np.float64)


def _round(weights: Weights) -> Weights:
    return {name: round(weight, 5) for name, weight in weights.items()}


def _regress(
    table: NDArray[np.float64],
    right: NDArray[np.float64],
    ridge: NDArray[np.float64],
    held: NDArray[np.float64],
    positive: NDArray[np.bool_],
    offset: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """The weights of the columns of `table`, by Newton's method; each is held by its part of `ridge` to that of `held`,
    and of those that must be `positive` any that would not be is 0. `offset`: what else is in the logits."""
    weights = held.copy()
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(table @ weights + offset, -30, 30)))
        gradient = table.T @ (right - p) - ridge * (weights - held)
        curvature = (table * (p * (1 - p))[:, None]).T @ table + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step / max(1.0, np.abs(step).max() / _MOST_STEP)
    wrong = positive & (weights < 0)
    if not wrong.any():
        return weights
    kept = np.arange(len(weights)) != np.argmax(wrong)
    return _regress(table * kept, right, ridge, held * kept, positive, offset)


def main() -> None:
    """Read, fit, and write the weights with where they come from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=400)
    parser.add_argument("--style", choices=("own", "foreign"), default="own")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(".kartu/training/reading"))
    chosen = parser.parse_args()
    cards = collect(chosen.style, chosen.cards, chosen.processes, chosen.folder)
    cases = list_cases(cards)
    by_origin = {origin: [case for case in cases if case[0].origin == origin] for origin in get_args(Origin)}
    alone = fit(by_origin["strip"])
    weights = {
        "strip": alone,
        # That paddleocr reads what the line reader does not see at all happens once in a thousand values.
        "line": fit([*by_origin["line"], *(_as_alone(case) for case in by_origin["line_not_strip"])]),
        "both": fit_second(by_origin["both"], alone, agrees=True),
        "strip_not_line": fit_second(by_origin["strip_not_line"], alone, agrees=False),
        "line_not_strip": fit(by_origin["line_not_strip"], alone),
    }
    for origin, mine in by_origin.items():
        print(f"{origin}: {len(mine)} values, {np.mean([right for _, right in mine]):.3f} right")
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}: {len(cards)} cards of style {chosen.style}, seeds from {DEVELOPMENT_SEED} on"
    )
    WEIGHTS.write_text(json.dumps({"about": about, "weights": weights}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
