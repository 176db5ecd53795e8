"""What came of many readings: how many were read, which failed and why."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from deploy.table import sentence, succeeded
from shared.connection import Document


@dataclass
class Tally:
    """Counts readings as they end."""

    started: float = field(default_factory=time.monotonic)
    read: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def count(self, name: str, document: Document) -> bool:
        """Take one in; gives whether its card was read."""
        if succeeded(document):
            self.read += 1
            return True
        errors = document.get("errors", {})
        self.kinds[errors.get("errorType") or ("validation" if errors else "no result")] += 1
        self.failures.append(f"{name}: {sentence(document)}")
        return False

    def summary(self, before: int) -> str:
        """A line for a person; `before` cards were read by an earlier run."""
        seconds = time.monotonic() - self.started
        ended = self.read + len(self.failures)
        pace = f", {ended / seconds:.1f} a second" if seconds >= 1 else ""
        parts = [f"{self.read} of {ended} cards read in {seconds:.0f} s{pace}"]
        parts += [f"{count} {kind}" for kind, count in self.kinds.most_common()]
        parts += [f"{before} were done before"] if before else []
        return "; ".join(parts) + "."
