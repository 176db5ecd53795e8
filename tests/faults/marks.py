"""What tells a worker of the fault tests what is to go wrong: images, by their size, and a file.

For the service the images are PNGs like any other.

`NOTHING` costs a worker next to nothing, so that thousands of jobs are read in minutes; `CARD` goes the whole way
through the pipeline.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tests.conftest import make_png

SLOW_LOADING = "KARTU_TESTS_SLOW_LOADING"
"""Environment variable: the file that holds how many seconds loading the models takes, where there is one."""


@dataclass(frozen=True)
class Mark:
    """An image of this size, and the outcome that its job must have: `succeeded` or an errorType."""

    size: tuple[int, int]
    outcome: str

    @property
    def image(self) -> str:
        """The image, in base64."""
        return base64.b64encode(make_png(*self.size)).decode()


NOTHING = Mark((60, 60), "text_not_found")
CARD = Mark((400, 252), "succeeded")
SLOW = Mark((48, 54), "text_not_found")
POISON = Mark((48, 50), "processing_failed")
STUCK = Mark((48, 52), "processing_failed")

ORDINARY = (*[NOTHING] * 7, CARD, SLOW, SLOW)
"""What clients send in turn: two in ten keep a worker for a moment, so that faults meet jobs in work."""
