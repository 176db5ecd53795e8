"""Hostile image files: whole ones of odd kinds, bombs, and mutations of them by seed."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

PNG_START = b"\x89PNG\r\n\x1a\n"


def odd_images() -> dict[str, bytes]:
    """Whole images of every kind that a camera, a scanner or a program may send."""
    pixels = np.random.default_rng(3).integers(0, 255, (70, 110, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    alpha = image.copy()
    alpha.putalpha(Image.fromarray(pixels[:, :, 0]))
    palette = image.convert("P")
    sixteen = Image.fromarray(pixels[:, :, 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 500
    strange = Image.Exif()
    strange[0x0112] = 99
    return {
        "baseline": _saved(image, "JPEG"),
        "progressive": _saved(image, "JPEG", progressive=True),
        "grey": _saved(image.convert("L"), "JPEG"),
        "CMYK": _saved(image.convert("CMYK"), "JPEG"),
        "unsampled": _saved(image, "JPEG", quality=100, subsampling=0),
        "restarts": _saved(image, "JPEG", restart_marker_blocks=1),
        "EXIF turned": _saved(image, "JPEG", exif=exif.tobytes()),
        "EXIF orientation 99": _saved(image, "JPEG", exif=strange.tobytes()),
        "EXIF of nonsense": _with_segment(_saved(image, "JPEG"), 0xE1, b"Exif\0\0" + b"\xff" * 60),
        "EXIF that points at itself": _with_segment(_saved(image, "JPEG"), 0xE1, _circular_exif()),
        "two pictures in one (MPO)": _saved(image, "MPO", save_all=True, append_images=[image]),
        "PNG": _saved(image, "PNG"),
        "PNG that moves": _saved(image, "PNG", save_all=True, append_images=[image.rotate(9), image.rotate(18)]),
        "PNG alpha": _saved(alpha, "PNG"),
        "PNG palette": _saved(palette, "PNG"),
        "PNG palette, transparent": _saved(palette, "PNG", transparency=3),
        "PNG 16 bits": _saved(sixteen, "PNG"),
        "PNG 1 bit": _saved(image.convert("1"), "PNG"),
        "PNG grey with alpha": _saved(alpha.convert("LA"), "PNG"),
        "PNG EXIF": _saved(image, "PNG", exif=exif),
        "one pixel": _saved(Image.new("RGB", (1, 1)), "PNG"),
        "one row": _saved(Image.new("L", (40_000, 1)), "PNG"),
        "one column": _saved(Image.new("L", (1, 40_000)), "PNG"),
        "two columns of JPEG": _saved(Image.new("L", (2, 30_000)), "JPEG"),
    }


def _small_png_with(kind: bytes) -> bytes:
    """A small PNG with a chunk of this kind that unpacks to 100 MB."""
    small = make_png(60, 60)
    return small[:33] + chunk(kind, b"a\0\0" + zlib.compress(b"a" * 100_000_000)) + small[33:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG grey": lambda: make_png(7_071, 7_071),
    "PNG 16 bits with alpha": lambda: make_png(7_071, 7_071, bits=16, colour=6),
    "PNG grey with alpha": lambda: make_png(7_071, 7_071, colour=4),
    "PNG 16 bits": lambda: make_png(7_071, 7_071, bits=16),
    "PNG strip": lambda: make_png(50_000_000, 1),
    "PNG with a text of 100 MB": lambda: _small_png_with(b"zTXt"),
    "PNG with a profile of 100 MB": lambda: _small_png_with(b"iCCP"),
    "PNG with more rows than it has": lambda: make_png(60, 60, rows=200_000),
    "JPEG": lambda: _saved(Image.new("RGB", (7_000, 7_000), (9, 99, 200)), "JPEG", quality=1),
    "JPEG progressive": lambda: _saved(Image.new("RGB", (7_000, 7_000)), "JPEG", quality=1, progressive=True),
}
"""Small files that are large once they are unpacked, all within the limit of 50 million pixels."""


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """So many damaged images: cut off, bits flipped, bytes set, parts doubled, left out or put together.

    Every second PNG gets the right checksums again, so that the damage reaches the decoder.
    """
    chance = random.Random(seed)
    originals = [image for name, image in odd_images().items() if "one " not in name]
    for number in range(count):
        image = bytearray(chance.choice(originals))
        for _ in range(chance.choice((1, 1, 2, 5, 20))):
            _damage(image, chance, originals)
        yield fix_checksums(bytes(image)) if number % 2 else bytes(image)


def fix_checksums(image: bytes) -> bytes:
    """The PNG with the checksum of every chunk made right, as far as its chunks can be followed."""
    if not image.startswith(PNG_START):
        return image
    fixed, place = bytearray(image), len(PNG_START)
    while place + 12 <= len(fixed):
        (length,) = struct.unpack_from(">I", fixed, place)
        end = place + 8 + length
        if end + 4 > len(fixed):
            break
        struct.pack_into(">I", fixed, end, zlib.crc32(fixed[place + 4 : end]))
        place = end + 4
    return bytes(fixed)


def make_png(width: int, height: int, *, bits: int = 8, colour: int = 0, rows: int | None = None) -> bytes:
    """A black PNG, packed row by row; `rows` beyond `height` are in the data all the same."""
    packer = zlib.compressobj(1)
    row = bytes(1 + width * bits // 8 * {0: 1, 2: 3, 4: 2, 6: 4}[colour])
    data = b"".join(packer.compress(row) for _ in range(rows or height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _damage(image: bytearray, chance: random.Random, originals: list[bytes]) -> None:
    # The first bytes tell the type: without them the file is only refused.
    at = chance.randrange(8, max(9, len(image)))
    size = chance.choice((1, 4, 50))
    match chance.randrange(7):
        case 0:
            del image[at:]
        case 1 | 2:
            if at < len(image):
                image[at] ^= 1 << chance.randrange(8)
        case 3:
            image[at : at + size] = bytes([chance.choice((0, 0xFF, 0x7F, 0x80))]) * size
        case 4:
            image[at:at] = image[at : at + size]
        case 5:
            del image[at : at + size]
        case 6:
            other = chance.choice(originals)
            image[at:] = other[chance.randrange(len(other)) :]


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg[2:]


def _circular_exif() -> bytes:
    """A directory with one entry, a sub-directory that is the directory itself, and a next one that is it again."""
    entry = struct.pack(">HHII", 0x8769, 4, 1, 8)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 8)
