"""Lines cut out of whole scenes and kept on disk: the faults of a picture as the scenes make them, not as strips do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Grey

LINE_HEIGHT, LINE_CAP = 64, 20.0
"""Rows of a kept line, and the height of its capitals in it, in pixels: more than a strip shows, to cut anew."""

SPACING = 64
"""Between seeds, as for the card model."""


@dataclass(frozen=True)
class CutLine:
    """`pixels`: (LINE_HEIGHT, width) in grey, the capitals' middle in the middle row; `left`, `right`: where the text
    begins and ends, in pixels; `text`: upper case, single blanks."""

    pixels: Grey
    left: float
    right: float
    text: str


@dataclass(frozen=True)
class LineBank:
    """n lines side by side: `pixels` (LINE_HEIGHT, all widths together), `ends` (n,) the column after each line,
    `spans` (n, 2) left and right of the text in pixels of its line, `texts` (n,)."""

    pixels: Grey
    ends: NDArray[np.int64]
    spans: NDArray[np.float32]
    texts: NDArray[np.str_]

    def line(self, index: int) -> CutLine:
        """The line at `index`."""
        start = int(self.ends[index - 1]) if index else 0
        left, right = self.spans[index].tolist()
        return CutLine(self.pixels[:, start : int(self.ends[index])], left, right, str(self.texts[index]))


def write_lines(path: Path, lines: list[CutLine]) -> None:
    """Write `lines` to `path`, whole or not at all; there may be none."""
    pixels = np.concatenate([np.zeros((LINE_HEIGHT, 0), dtype=np.uint8), *(line.pixels for line in lines)], axis=1)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            pixels=pixels,
            widths=np.array([line.pixels.shape[1] for line in lines], dtype=np.int64),
            spans=np.array([(line.left, line.right) for line in lines], dtype=np.float32).reshape(-1, 2),
            texts=np.array([line.text for line in lines], dtype=np.str_),
        )
    partial.replace(path)


def read_lines(folder: Path) -> LineBank | None:
    """All lines in `folder`, in the order of their seeds; None if there are none yet."""
    shards = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    if not any(len(shard["texts"]) for shard in shards):
        return None
    return LineBank(
        np.concatenate([shard["pixels"] for shard in shards], axis=1),
        np.cumsum(np.concatenate([shard["widths"] for shard in shards])),
        np.concatenate([shard["spans"] for shard in shards]),
        np.concatenate([shard["texts"] for shard in shards]),
    )
