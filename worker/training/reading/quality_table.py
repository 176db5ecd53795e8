"""How well fields are read by each verdict on the picture: `python -m worker.training.reading.quality_table`.

Prints the tables of docs/QUALITY.md, by which the limits in worker/pipeline/quality.py are chosen. The readings are
kept in a file: with other limits, another call judges them anew. Delete it where the reading, or what is measured, has
changed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from worker.pipeline import quality
from worker.training.reading.trials import MEASURES, Trial, run_trials

LIMITS = {
    "blur": quality.BLUR,
    "dark": quality.DARK,
    "bright": quality.BRIGHT,
    "glare": quality.GLARE,
    "grayscale": quality.GRAYSCALE,
    "resolution": quality.RESOLUTION,
}
VERDICTS = ("good", "fair", "poor")


def share_right(trials: Iterable[Trial]) -> str:
    """The share of printed fields that were read right, and the number of pictures; a dash if there are none."""
    counted = list(trials)
    right = [each for trial in counted for each in trial.right.values()]
    return f"{100 * sum(right) / len(right):.1f} % ({len(counted)})" if right else "-"


def with_verdict(trials: Iterable[Trial], measure: str, verdict: str) -> list[Trial]:
    """Those whose `measure` has the verdict."""
    return [each for each in trials if LIMITS[measure].judge(each.values[measure], 3).verdict == verdict]


def scenes_table(trials: list[Trial]) -> str:
    """Scenes as they were generated, by measure, style and verdict."""
    lines = ["| measure | style | good | fair | poor |", "|---|---|--:|--:|--:|"]
    for measure in MEASURES:
        for style in sorted({each.style for each in trials}, reverse=True):
            of_style = [each for each in trials if each.fault is None and each.style == style]
            cells = (share_right(with_verdict(of_style, measure, verdict)) for verdict in VERDICTS)
            lines.append(f"| {measure} | {style} | {' | '.join(cells)} |")
    return "\n".join(lines)


def spoilt_table(trials: list[Trial]) -> str:
    """Pictures with one fault, by the verdict of the measure that looks for it."""
    lines = ["| measure | good | fair | poor |", "|---|--:|--:|--:|"]
    for measure in MEASURES:
        of_fault = [each for each in trials if each.fault == measure]
        cells = (share_right(with_verdict(of_fault, measure, verdict)) for verdict in VERDICTS)
        lines.append(f"| {measure} | {' | '.join(cells)} |")
    return "\n".join(lines)


def steps_table(trials: list[Trial]) -> str:
    """Pictures with one fault, by how bad it is: the median of its measure, and what is still read."""
    lines = ["| fault | step | value | fields right (pictures) |", "|---|--:|--:|--:|"]
    for measure in MEASURES:
        of_fault = [each for each in trials if each.fault == measure]
        for step in sorted({each.step for each in of_fault}):
            of_step = [each for each in of_fault if each.step == step]
            value = median(each.values[measure] for each in of_step)
            lines.append(f"| {measure} | {step:g} | {value:.3g} | {share_right(of_step)} |")
    return "\n".join(lines)


def glare_table(trials: list[Trial]) -> str:
    """Fields of the pictures with glare, by whether it covers them."""
    under = [each.right[name] for each in trials for name in each.glare_fields if name in each.right]
    lines = ["| fields | right |", "|---|--:|"]
    bare = [
        right
        for each in trials
        if each.fault == "glare" and any(each.right.values())
        for name, right in each.right.items()
        if name not in each.glare_fields
    ]
    for title, right in (("covered by glare", under), ("not covered, on cards with glare", bare)):
        lines.append(
            f"| {title} | {100 * sum(right) / len(right):.1f} % ({len(right)}) |" if right else f"| {title} | - |"
        )
    return "\n".join(lines)


def main() -> None:
    """Makes the trials that are missing and prints the tables."""
    from shared.settings import Settings
    from worker.engines import load_engines

    settings = Settings.from_env()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=150, help="scenes of each style")
    parser.add_argument("--spoilt", type=int, default=6, help="scenes of each style that are spoilt step by step")
    parser.add_argument("--kept", type=Path, default=settings.home / "training" / "quality.jsonl", help="the readings")
    chosen = parser.parse_args()
    os.makedirs(chosen.kept.parent, exist_ok=True)
    engines = load_engines(settings)
    trials: list[Trial] = []
    for style in ("own", "foreign"):
        trials += run_trials(style, chosen.scenes, chosen.spoilt, engines, chosen.kept)
    for title, table in (
        ("Scenes, by verdict", scenes_table(trials)),
        ("Good pictures with one fault, by verdict", spoilt_table(trials)),
        ("Good pictures with one fault, step by step", steps_table(trials)),
        ("Glare over fields", glare_table(trials)),
    ):
        print(f"\n{title}\n\n{table}")


if __name__ == "__main__":
    main()
