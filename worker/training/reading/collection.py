"""Reads development cards with the line reader and with paddleocr, and keeps what either said."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2

from shared.settings import Settings
from worker.engines import load_engines
from worker.pipeline.decipher import decipher
from worker.pipeline.decode import decode_photo
from worker.pipeline.locate import find_sheet
from worker.pipeline.parse import parse_lines
from worker.pipeline.readings import FieldReading
from worker.pipeline.second import read_again
from worker.pipeline.types import KtpFields
from worker.training.reading.scenes import DEVELOPMENT_SEED, ktp_seeds, make_scene
from worker.training.reading.score import FIELDS
from worker.training.scenes.styles import StyleName

CHUNK = 10


@dataclass(frozen=True)
class ReadTwice:
    """A card's fields as the line reader and as paddleocr read them, and the truth."""

    seed: int
    truth: KtpFields
    strips: dict[str, FieldReading]
    lines: dict[str, FieldReading]


def read_twice(seeds: list[int], style: StyleName) -> list[ReadTwice]:
    """Read the cards of `seeds` both ways; those of which nothing can be read are left out."""
    cv2.setNumThreads(1)
    settings = Settings.from_env()
    engines = load_engines(settings)
    read = []
    for seed in seeds:
        scene = make_scene(seed, style)
        photo = decode_photo(scene.data, settings.max_image_pixels, mirror=False)
        sheet = find_sheet(photo, engines, card_detect=True)
        if sheet.frame is None or sheet.table is None or scene.fields is None:
            continue
        strips = decipher(sheet.table).fields
        if sheet.lines is None:
            lines = read_again(FIELDS, sheet.table, sheet.page, sheet.frame, engines.text)
        else:
            lines = parse_lines(sheet.lines, sheet.frame)
        read.append(ReadTwice(seed, scene.fields, strips, lines))
    return read


def collect(style: StyleName, cards: int, processes: int, folder: Path) -> list[ReadTwice]:
    """Read the first `cards` development cards of `style`, or take them from `folder` where they were read before."""
    path = folder / f"{style}-{cards}.pickle"
    if not path.exists():
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            seeds = ktp_seeds(style, cards, DEVELOPMENT_SEED, pool)
            chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
            read = [each for part in pool.map(read_twice, chunks, [style] * len(chunks)) for each in part]
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(read))
    kept: list[ReadTwice] = pickle.loads(path.read_bytes())
    return kept
