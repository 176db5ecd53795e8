"""What KARTU_DEVICE does: cards a second by how many jobs are under way at once, and lines a second by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2

from shared.settings import Settings
from worker.training.speed.batch_sizes import describe_batches
from worker.training.speed.pictures import SIZES, take_pictures
from worker.training.speed.together import Way, compare_ways


def benchmark_device(
    cards: int, at_once: Sequence[int], processes: Sequence[int], batches: Sequence[int], say: Callable[[str], None]
) -> None:
    """Tables in Markdown for the device of the settings: of `cards` cards of each size, read so many at once in threads
    by each number of processes, each row said when it is measured; then of the line reader given `batches` of strips.
    """
    settings = Settings.from_env()
    cv2.setNumThreads(1)
    say(f"Device {settings.device}")
    for width, height in SIZES:
        pictures = [picture.data for picture in take_pictures(cards, width, height)]
        say(f"\n{width}x{height}, {cards} cards\n")
        say("| processes | cards at once in each | cards a second |\n|--:|--:|--:|")
        # Each way by itself, so that no more processes than it has hold memory of the device.
        for way in [Way(processes=some, cards_at_once=each) for some in processes for each in at_once]:
            say(f"| {way.processes} | {way.cards_at_once} | {compare_ways(pictures, [way])[way]:.1f} |")
    say("\n" + describe_batches(settings, batches))
