"""Fits the weights of confidence: reads development cards both ways, and asks how often each kind of reading is right.

`python -m worker.training.reading.calibrate --cards 400` writes worker/models/confidence.json. What was read is kept in
a folder, so that a second run only fits; remove it after a change of the pipeline.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.confidence import WEIGHTS, Evidence, measure_card
from worker.pipeline.merge import list_evidence
from worker.pipeline.readings import NOTHING
from worker.training.reading.collection import ReadTwice, collect
from worker.training.reading.scenes import DEVELOPMENT_SEED
from worker.training.reading.score import FIELDS, same

_RIDGE = 1.0
_OWN = ("own_log", "own_logit")
_ROUNDS = 50


def list_cases(cards: list[ReadTwice]) -> list[tuple[Evidence, bool]]:
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


def fit(cases: list[tuple[Evidence, bool]]) -> dict[str, float]:
    """Weights of a logistic regression; what the reader says of itself counts for a value or not at all.

    Where nearly all values are right, a few that are wrong can turn a weight, and surer readings would be worth less.
    """
    rows = [each.features() for each, _ in cases]
    # Fields of which there was no such case have a weight as well, of nothing.
    names = sorted(set(FIELDS).union(*rows))
    table = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    right = np.array([answer for _, answer in cases], dtype=np.float64)
    ridge = np.where(np.array(names) == "bias", 1e-6, _RIDGE)
    weights = _regress(table, right, ridge)
    for name in _OWN:
        if weights[names.index(name)] < 0:
            table[:, names.index(name)] = 0.0
            weights = _regress(table, right, ridge)
    return {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}


def _regress(table: NDArray[np.float64], right: NDArray[np.float64], ridge: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of the columns of `table`, by Newton's method; each is held back by its part of `ridge`."""
    weights: NDArray[np.float64] = np.zeros(table.shape[1])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        gradient = table.T @ (right - p) - ridge * weights
        curvature = (table * (p * (1 - p))[:, None]).T @ table + np.diag(ridge)
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


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
    weights = {}
    for origin in sorted({each.origin for each, _ in cases}):
        mine = [case for case in cases if case[0].origin == origin]
        weights[origin] = fit(mine)
        print(f"{origin}: {len(mine)} values, {np.mean([right for _, right in mine]):.3f} right")
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}: {len(cards)} cards of style {chosen.style}, seeds from {DEVELOPMENT_SEED} on"
    )
    WEIGHTS.write_text(json.dumps({"about": about, "weights": weights}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
