"""A picture of a reading, for people: the photograph with the card's outline, the card flattened, and what it says."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.decode import decode_photo
from worker.pipeline.geometry import invert, map_points, measure_tilt
from worker.pipeline.locate import Sheet, find_sheet
from worker.pipeline.types import Engines, Page, Pixels, Quad, ReadOptions

HEIGHT = 1200
"""Height of the picture in pixels; the photograph takes all of it, the page and its text one half each."""

GREEN, RED, BLUE, WHITE, BLACK = (60, 200, 60), (40, 40, 230), (230, 120, 30), (255, 255, 255), (0, 0, 0)


def inspect_card(data: bytes, options: ReadOptions, engines: Engines, max_pixels: int) -> Pixels:
    """Read the image as `read_card` does and draw what was seen; shape (HEIGHT, width, 3).

    Left the photograph with the card's outline (its top edge and top-left corner in red) and the text boxes; right the
    card flattened, and below it each text in its place. Raises CorruptedImage and ImageTooLarge.
    """
    photo = decode_photo(data, max_pixels, mirror=options.flip_image)
    sheet = find_sheet(photo, engines, options.card_detect)
    flat = sheet.flat
    page, scale = _fit(flat.pixels, HEIGHT // 2)
    text = np.full_like(page, 255)
    to_flat = invert(flat.to_photo) @ sheet.page.to_photo
    for line in sheet.seen:
        quad = map_points(to_flat, line.quad) * scale
        _outline(page, quad, BLUE, 1)
        left, bottom = quad.min(axis=0)[0], quad.max(axis=0)[1]
        _caption(text, f"{line.text} ({line.score:.2f})", (int(left), int(bottom)), size=0.45)
    return np.asarray(np.hstack([_draw_photo(photo, sheet), np.vstack([page, text])]), dtype=np.uint8)


def _draw_photo(photo: Page, sheet: Sheet) -> Pixels:
    canvas, scale = _fit(photo.pixels, HEIGHT)
    back = invert(photo.to_photo)
    for line in sheet.seen:
        _outline(canvas, map_points(back, map_points(sheet.page.to_photo, line.quad)) * scale, BLUE, 1)
    if sheet.quad is None:
        _caption(canvas, "no KTP could be read", (10, 30))
        return canvas
    quad = map_points(back, sheet.quad) * scale
    _outline(canvas, quad, GREEN, 3)
    start, end = (tuple(np.rint(corner).astype(int).tolist()) for corner in quad[:2])
    cv2.line(canvas, start, end, RED, 3, cv2.LINE_AA)
    cv2.circle(canvas, start, 9, RED, -1, cv2.LINE_AA)
    _caption(canvas, f"tilt {measure_tilt(sheet.quad):.1f}, card {'found' if sheet.is_card else 'not found'}", (10, 30))
    return canvas


def _fit(pixels: Pixels, height: int) -> tuple[Pixels, float]:
    """A copy `height` pixels high, and the factor from the original to it."""
    scale = height / pixels.shape[0]
    size = (max(1, round(pixels.shape[1] * scale)), height)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=way), dtype=np.uint8), scale


def _outline(canvas: Pixels, quad: Quad, colour: tuple[int, int, int], width: int) -> None:
    cv2.polylines(canvas, [np.rint(quad).astype(np.int32)], True, colour, width, cv2.LINE_AA)


def _caption(canvas: Pixels, text: str, place: tuple[int, int], size: float = 0.8) -> None:
    for colour, width in ((WHITE, 4), (BLACK, 1)):
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, width, cv2.LINE_AA)
