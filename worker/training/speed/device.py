"""What KARTU_DEVICE does: lines a second by batch, and cards a second by how many jobs are under way at once."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from shared.settings import Settings
from worker.training.speed.batch_sizes import describe_batches
from worker.training.speed.pictures import SIZES, take_pictures
from worker.training.speed.together import Way, compare_ways


def benchmark_device(cards: int, at_once: Sequence[int], processes: Sequence[int], batches: Sequence[int]) -> str:
    """Tables in Markdown for the device of the settings: of the line reader given `batches` of strips, then of `cards`
    cards of each size, read so many at once in threads by each number of processes."""
    settings = Settings.from_env()
    cv2.setNumThreads(1)
    parts = [f"Device {settings.device}\n\n" + describe_batches(settings, batches)]
    ways = [Way(processes=some, cards_at_once=each) for some in processes for each in at_once]
    for width, height in SIZES:
        pictures = [picture.data for picture in take_pictures(cards, width, height)]
        # Each way by itself, so that no more processes than it has hold memory of the device.
        paces = {way: compare_ways(pictures, [way])[way] for way in ways}
        rows = [f"| {way.processes} | {way.cards_at_once} | {pace:.1f} |" for way, pace in paces.items()]
        head = "| processes | cards at once in each | cards a second |\n|--:|--:|--:|"
        parts.append("\n".join((f"{width}x{height}, {cards} cards\n", head, *rows)))
    return "\n\n".join(parts)
