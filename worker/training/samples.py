"""Writes the sample images of tests/data and their truth: `python -m worker.training.samples [folder]`.

Every image has its own seed, so that adding one leaves the bytes of the others as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.camera import Pose, sheet_quad
from worker.training.card import RenderedCard, render_card
from worker.training.encoding import add_exif_orientation, encode_grey_png, encode_jpeg
from worker.training.negatives import bank_card, blank_card, book_page, receipt
from worker.training.person import random_person
from worker.training.scene import SceneOptions, photograph
from worker.training.sheet import Sheet
from worker.training.style import Colour, random_style
from worker.training.surfaces import Surface, draw_surface
from worker.training.truth import SampleTruth, truth_json

_DEFAULT_FOLDER = Path("tests/data")
_PHOTO_QUALITY = 86
_SCAN_QUALITY = 90
_OAK: Colour = (92, 128, 168)
_WALNUT: Colour = (56, 78, 112)
_SLATE: Colour = (120, 112, 104)
_LINEN: Colour = (176, 190, 198)
_NAVY: Colour = (96, 66, 54)
_WHITE: Colour = (250, 250, 250)


@dataclass(frozen=True)
class Sample:
    """A sample image: the bytes of its file, and the truth about it."""

    data: bytes
    truth: SampleTruth


@dataclass(frozen=True)
class _Photo:
    file: str
    seed: int
    options: SceneOptions


def _large(pose: Pose, surface: Surface, colour: Colour) -> SceneOptions:
    return SceneOptions(1600, 1200, pose, surface, colour, blur=0.8, noise=1.6)


_PHOTOS = (
    _Photo("sample.jpg", 8313, SceneOptions(1600, 1200, Pose(share=0.86), Surface.WOOD, _OAK, noise=1.4)),
    _Photo("photo_tilted.jpg", 7003, SceneOptions(pose=Pose(9, share=0.92), surface=Surface.CLOTH)),
    _Photo("photo_tilted_back.jpg", 7004, _large(Pose(346, share=0.85), Surface.DESK, _LINEN)),
    _Photo("photo_upside_down.jpg", 7005, SceneOptions(pose=Pose(183, share=0.9), surface_colour=_SLATE)),
    _Photo("photo_sideways_90.jpg", 7006, _large(Pose(90, share=0.95), Surface.WOOD, _WALNUT)),
    _Photo("photo_sideways_270.jpg", 7007, _large(Pose(268, 4, 3, 0.94), Surface.CLOTH, _NAVY)),
    _Photo("photo_perspective.jpg", 7008, _large(Pose(6, 24, -18, 0.86), Surface.WOOD, _OAK)),
    _Photo(
        "photo_dark.jpg",
        7009,
        SceneOptions(pose=Pose(357, 8, 5, 0.88), surface=Surface.WOOD, surface_colour=_WALNUT, light=0.5, noise=3.0),
    ),
    _Photo("photo_half_frame.jpg", 7010, _large(Pose(12, 5, -6, 0.56, 0.3, -0.2), Surface.DESK, _LINEN)),
    _Photo("photo_mirrored.jpg", 7011, SceneOptions(pose=Pose(4, share=0.9), surface=Surface.CLOTH, mirrored=True)),
)
"""Photographs of cards; the first is the sample of the demo."""


def _card(rng: np.random.Generator) -> RenderedCard:
    return render_card(random_person(rng), random_style(rng), rng)


def _resized(pixels: Pixels, width: int) -> Pixels:
    height = round(pixels.shape[0] * width / pixels.shape[1])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _photos() -> Iterator[Sample]:
    for photo in _PHOTOS:
        rng = np.random.default_rng(photo.seed)
        card = _card(rng)
        scene = photograph(card, rng, photo.options)
        size = (photo.options.width, photo.options.height)
        truth = SampleTruth(photo.file, "photo", size, True, scene.tilt, scene.mirrored, scene.quad, card.fields)
        yield Sample(encode_jpeg(scene.pixels, _PHOTO_QUALITY), truth)


def _cropped_scan(seed: int, width: int) -> tuple[Pixels, RenderedCard]:
    """A card cropped at its edge; its rounded corners show the white of the scanner's lid."""
    card = _card(np.random.default_rng(seed))
    cover = card.alpha[:, :, np.newaxis].astype(np.float32) / np.float32(255)
    return _resized(cv2.convertScaleAbs(card.pixels * cover + 252 * (1 - cover)).astype(np.uint8), width), card


def _cropped(file: str, pixels: Pixels, card: RenderedCard, data: bytes) -> Sample:
    height, width = pixels.shape[:2]
    quad = sheet_quad(width, height)
    return Sample(data, SampleTruth(file, "scan", (width, height), False, 0.0, False, quad, card.fields))


def _page_scan(file: str, seed: int, width: int, height: int, pose: Pose) -> tuple[Pixels, SampleTruth]:
    """A card flat on a scanner's white page, with a thin shadow at its edge."""
    rng = np.random.default_rng(seed)
    card = _card(rng)
    options = SceneOptions(width, height, pose, Surface.PAPER, _WHITE, 0.25, 0.4, 0.8, uneven=0.0)
    scene = photograph(card, rng, options)
    truth = SampleTruth(file, "scan", (width, height), True, scene.tilt, False, scene.quad, card.fields)
    return scene.pixels, truth


def _scans() -> Iterator[Sample]:
    for file, seed, width in (("scan_edge_small.jpg", 7101, 800), ("scan_edge_large.jpg", 7102, 1280)):
        pixels, card = _cropped_scan(seed, width)
        yield _cropped(file, pixels, card, encode_jpeg(pixels, _SCAN_QUALITY))
    pixels, card = _cropped_scan(7103, 1012)
    yield _cropped("scan_edge_grey.png", pixels, card, encode_grey_png(pixels, 64))
    pixels, truth = _page_scan("scan_page.jpg", 7104, 1200, 900, Pose(1.2, share=0.72, off_x=-0.3, off_y=-0.4))
    yield Sample(encode_jpeg(pixels, _SCAN_QUALITY), truth)
    pixels, truth = _page_scan("scan_page_grey.png", 7105, 1100, 800, Pose(share=0.85))
    yield Sample(encode_grey_png(pixels, 64), truth)
    pixels, truth = _page_scan("scan_exif_6.jpg", 7106, 1024, 768, Pose(358.5, share=0.86))
    stored = np.ascontiguousarray(np.rot90(pixels))
    yield Sample(add_exif_orientation(encode_jpeg(stored, _SCAN_QUALITY), 6), truth)


def _negative(file: str, expect: str, sheet: Sheet, options: SceneOptions, is_card: bool, seed: int) -> Sample:
    scene = photograph(sheet, np.random.default_rng(seed), options)
    size = (options.width, options.height)
    quad = scene.quad if is_card else None
    truth = SampleTruth(f"negatives/{file}", "photo", size, is_card, scene.tilt, False, quad, None, expect)
    return Sample(encode_jpeg(scene.pixels, _PHOTO_QUALITY), truth)


def _empty_desk() -> Sample:
    ground = draw_surface(Surface.WOOD, _WALNUT, 1024, 768, np.random.default_rng(7201))
    file, size = "negatives/desk.jpg", (1024, 768)
    truth = SampleTruth(file, "photo", size, False, 0.0, False, None, None, "text_not_found")
    return Sample(encode_jpeg(np.clip(ground, 0, 255).astype(np.uint8), _PHOTO_QUALITY), truth)


def _negatives() -> Iterator[Sample]:
    none, other = "text_not_found", "invalid_document_type"
    tilted, tall = SceneOptions(pose=Pose(5, share=0.85)), SceneOptions(pose=Pose(3, share=0.96), surface=Surface.WOOD)
    yield _empty_desk()
    yield _negative("blank_card.jpg", none, blank_card(), tilted, True, 7202)
    yield _negative("receipt.jpg", other, receipt(), tall, False, 7203)
    yield _negative("book_page.jpg", other, book_page(), tall, False, 7204)
    yield _negative("bank_card.jpg", other, bank_card(np.random.default_rng(7205)), tilted, True, 7205)


def all_samples() -> Iterator[Sample]:
    """Every sample of tests/data, one by one, the demo's first."""
    yield from _photos()
    yield from _scans()
    yield from _negatives()


def write_samples(folder: Path) -> list[SampleTruth]:
    """Writes the images and cards.json under `folder`; gives the truth in the order of the file."""
    truths: list[SampleTruth] = []
    for sample in all_samples():
        path = folder / sample.truth.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.data)
        truths.append(sample.truth)
    (folder / "cards.json").write_text(truth_json(truths), encoding="ascii")
    return truths


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT_FOLDER)
