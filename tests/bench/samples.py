"""How many fields of the cards in tests/data are read right, and how long each takes: `python -m tests.bench.samples`.

The samples are few and easy; this shows that the whole way works, not how well it does on cards it has not seen.
"""

from __future__ import annotations

import json
import time

from shared.errors import KartuError
from shared.settings import Settings
from tests.conftest import DATA
from worker.engines import load_engines
from worker.outcome import WIRE_NAMES
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions


def main() -> None:
    """Read every sample with one thread and print a table in Markdown."""
    settings = Settings.from_env()
    engines = load_engines(settings)
    right = total = whole = 0
    seconds = []
    print("| file | right | tilt, true | seconds |\n|---|---|---|---|")
    for card in json.loads((DATA / "cards.json").read_text()):
        started = time.process_time()
        try:
            reading = read_card((DATA / card["file"]).read_bytes(), ReadOptions(), engines, settings.max_image_pixels)
        except KartuError as error:
            print(f"| {card['file']} | {error.error_type} | | {time.process_time() - started:.2f} |")
            continue
        seconds.append(time.process_time() - started)
        truth = card["fields"] or {}
        wrong = [wire for name, wire in WIRE_NAMES.items() if getattr(reading.fields, name) != truth.get(wire)]
        right, total, whole = right + 15 - len(wrong), total + 15, whole + (not wrong)
        note = f"{15 - len(wrong)} of 15" + (f" (not {', '.join(wrong)})" if wrong else "")
        print(f"| {card['file']} | {note} | {reading.tilt:.1f}, {card['tilt']:.1f} | {seconds[-1]:.2f} |")
    print(f"\n{right} of {total} fields, {whole} of {total // 15} cards; {sum(seconds) / len(seconds):.2f} s a card")


if __name__ == "__main__":
    main()
