"""Lines of several jobs read together: on a GPU a run of many costs hardly more than a run of one.

Each job works in a thread of its own and hands its strips in. A thread of this module gathers what comes within a few
milliseconds and has the line reader read all of it at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from worker.pipeline.types import Grey, LineReader, StripText

MOST_STRIPS = 512
"""A batch of as many strips waits for no more: about 24 cards."""

_LOOK_UP_S = 1.0
"""A caller looks up so often from its wait, so that an exception which is thrown into its thread gets through."""


@dataclass(frozen=True)
class _Order:
    """The strips of one caller, by when they must be read (time.monotonic), and where their texts go."""

    strips: list[Grey]
    due: float
    texts: Future[list[StripText]] = field(default_factory=Future)


class BatchedReader:
    """A line reader for many threads at once that reads with `reader` what they bring within `wait_ms` of the first."""

    def __init__(self, reader: LineReader, wait_ms: float, most: int = MOST_STRIPS) -> None:
        self._reader, self._wait_s, self._most = reader, wait_ms / 1000, most
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="batches of lines", daemon=True).start()

    def read(self, strips: list[Grey]) -> list[StripText]:
        """What each strip says, in the same order; raises what the reader raises for these strips."""
        if not strips:
            return []
        order = _Order(strips, time.monotonic() + self._wait_s)
        self._orders.put(order)
        while True:
            try:
                return order.texts.result(_LOOK_UP_S)
            except TimeoutError:
                if order.texts.done():
                    # It is the reader's own.
                    raise

    def _serve(self) -> None:
        while True:
            self._read(self._gather())

    def _gather(self) -> list[_Order]:
        """The next order, and what comes until it is due; what came while another batch was read is there already."""
        orders = [self._orders.get()]
        while sum(len(order.strips) for order in orders) < self._most:
            left = orders[0].due - time.monotonic()
            try:
                orders.append(self._orders.get(timeout=left) if left > 0 else self._orders.get_nowait())
            except queue.Empty:
                break
        return orders

    def _read(self, orders: Sequence[_Order]) -> None:
        """Read all of it at once; if that fails, each alone, so that nobody fails for another's strips."""
        try:
            texts = self._reader.read([strip for order in orders for strip in order.strips])
        except BaseException as fault:
            if len(orders) == 1:
                orders[0].texts.set_exception(fault)
                return
            for order in orders:
                self._read([order])
            return
        for order in orders:
            order.texts.set_result(texts[: len(order.strips)])
            texts = texts[len(order.strips) :]
