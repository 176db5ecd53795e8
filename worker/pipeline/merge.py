"""Two readings of each field, by the line reader and by paddleocr → one value each, with its confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from worker.pipeline.confidence import Evidence, measure_card, weigh
from worker.pipeline.readings import NOTHING, FieldReading

DOUBTFUL = 0.9
"""Confidence below which a field is worth a second reading. From 0.97 on it took a fifth more time, and of 979
development cards with clear print one more was right."""

LEAST_CONFIDENCE = 0.08
"""A value that is less likely right than this is no reading but a guess, and is not given."""

Readings = Mapping[str, FieldReading]


@dataclass(frozen=True)
class RatedValue:
    """A value, None if there is none, and the probability in [0, 1] that it is right."""

    value: str | None
    confidence: float


def list_evidence(field: str, strip: FieldReading, line: FieldReading, card: float) -> list[Evidence]:
    """The evidence for each value that was read of a field: of one, or of two that differ."""
    if strip.value is None and line.value is None:
        return []
    if line.value is None:
        return [Evidence(field, "strip", strip, None, card)]
    if strip.value is None:
        return [Evidence(field, "line", line, None, card)]
    if strip.value == line.value:
        return [Evidence(field, "both", strip, line, card)]
    rival = strip.compare_to(line.value)
    return [
        Evidence(field, "strip_not_line", strip, line, card, rival),
        Evidence(field, "line_not_strip", line, strip, card, rival),
    ]


def merge_readings(strips: Readings, lines: Readings) -> dict[str, RatedValue]:
    """The likelier value of each field that either has; `lines` may be empty, and so may `strips`.

    Without any strips there is no line reader, and a value is as likely as paddleocr says.
    """
    card, rate = measure_card(strips.values()), weigh if strips else _as_said
    merged = {}
    for field in {**strips, **lines}:
        found = list_evidence(field, strips.get(field, NOTHING), lines.get(field, NOTHING), card)
        rated = [(rate(each), each.own.value) for each in found]
        confidence, value = max(rated, default=(0.0, None), key=lambda each: each[0])
        known = confidence >= LEAST_CONFIDENCE
        merged[field] = RatedValue(value if known else None, confidence if known else 0.0)
    return merged


def _as_said(evidence: Evidence) -> float:
    return exp(evidence.own.log_probability)


def list_doubtful(merged: Mapping[str, RatedValue]) -> list[str]:
    """The fields that are missing or doubtful."""
    return [name for name, each in merged.items() if each.confidence < DOUBTFUL]
