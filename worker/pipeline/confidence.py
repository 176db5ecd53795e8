"""How likely a value is right: what the readers say of themselves, whether they agree, what the field can hold.

Readers are too sure of themselves, each in its own way. The weights are those of logistic regressions on synthetic
cards (`python -m worker.training.reading.calibrate`), one for each way in which a value can have come about.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from worker.pipeline.readings import FieldReading

Origin = Literal["strip", "line", "both", "strip_not_line", "line_not_strip"]
"""Who read the value: the line reader on a strip, or paddleocr on a line that text detection found; alone, both the
same, or one of them while the other read another value."""

WEIGHTS = Path(__file__).parent.parent / "models" / "confidence.json"
MOST_LOGIT = 7.0
"""Beyond it, either way, sure is sure."""

_LEAST_LOG, MOST_RIVAL = -12.0, 15.0
"""Nats, beyond which hopeless is hopeless and more likely no more."""


@dataclass(frozen=True)
class Evidence:
    """Of a value: the reading it comes from, the other reader's, and the mean logit of all strips of the card.

    `rival`: where the readers differ, how much likelier the strip shows paddleocr's value than its own, in nats.
    """

    field: str
    origin: Origin
    own: FieldReading
    other: FieldReading | None
    card: float
    rival: float = 0.0

    def features(self) -> dict[str, float]:
        """What the regression weighs, by name."""
        other = self.other.log_probability if self.other else 0.0
        known = self.other.known if self.other else False
        return {
            "bias": 1.0,
            "own_logit": logit(self.own.log_probability),
            "own_log": max(_LEAST_LOG, self.own.log_probability),
            "own_known": float(self.own.known),
            "contradicted": float(self.own.contradicted),
            "other_logit": logit(other) if self.other else 0.0,
            "other_known": float(known),
            "card": self.card,
            "rival": max(-MOST_RIVAL, min(MOST_RIVAL, self.rival)),
            "length": min(len(self.own.value or ""), 40) / 10,
            self.field: 1.0,
        }


def logit(log_probability: float) -> float:
    """Log odds of a log probability, within reason."""
    p = math.exp(min(0.0, log_probability))
    odds = math.log(max(p, 1e-6) / max(1 - p, 1e-6))
    return max(-MOST_LOGIT, min(MOST_LOGIT, odds))


def measure_card(readings: Iterable[FieldReading]) -> float:
    """The mean logit of all readings of a card, 0 for none: how well it can be read at all."""
    listed = [logit(reading.log_probability) for reading in readings]
    return sum(listed) / len(listed) if listed else 0.0


def weigh(evidence: Evidence) -> float:
    """The probability in (0, 1) that the value is right."""
    weights = _read_weights()[evidence.origin]
    total = sum(weights.get(name, 0.0) * value for name, value in evidence.features().items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def _read_weights() -> dict[str, dict[str, float]]:
    loaded: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return loaded
