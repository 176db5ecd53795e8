"""The image of a request: base64 to bytes, and what its header tells. Nothing is decompressed here.

Both formats are walked from marker to marker (ITU T.81 annex B, PNG third edition chapter 5), so a file that was cut
off is refused at once instead of after its turn in the queue. What only decoding can show is found by the worker.
"""

from __future__ import annotations

import re
import struct
import zlib

import pybase64

from shared.errors import CorruptedImage, ImageTooLarge, InvalidBase64Encoding, UnsupportedImageType

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# One FF and not FF+: on a long run of fill bytes that would take quadratic time.
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MAX_SCANS = 64
"""Progressive JPEGs have about ten. Each one costs a pass over all pixels, so a small file could bind a core for
minutes."""


def decode_image(encoded: str, max_bytes: int, max_pixels: int) -> bytes:
    """Give the bytes of an image that is a whole JPEG or PNG by its structure and within both limits.

    Raises InvalidBase64Encoding, ImageTooLarge, UnsupportedImageType or CorruptedImage.
    """
    if encoded[:5].lower() == "data:":
        raise InvalidBase64Encoding("The image must be plain base64, without a data: prefix.")
    if len(encoded) > (max_bytes + 2) // 3 * 4:
        raise ImageTooLarge(f"The image is larger than {max_bytes} bytes.")
    try:
        image = pybase64.b64decode(encoded, validate=True)
    except ValueError:
        raise InvalidBase64Encoding("The image is not valid base64 (RFC 4648, padded, without line breaks).") from None
    if len(image) > max_bytes:
        raise ImageTooLarge(f"The image is larger than {max_bytes} bytes.")
    if image.startswith(_JPEG):
        check = _check_jpeg
    elif image.startswith(_PNG):
        check = _check_png
    else:
        raise UnsupportedImageType()
    try:
        check(image, max_pixels)
    except (struct.error, IndexError):
        # A length or a field beyond the end of the file.
        raise CorruptedImage() from None
    return image


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width == 0 or height == 0:
        raise CorruptedImage()
    if width * height > max_pixels:
        raise ImageTooLarge(f"The image has more than {max_pixels} pixels.")


def _check_jpeg(image: bytes, max_pixels: int) -> None:
    """Walk the segments up to the end of image; the size stands in the frame header, before the first scan."""
    position, sized, scans = 2, False, 0
    while True:
        position = image.find(b"\xff", position)
        if position < 0:
            raise CorruptedImage()
        while image[position] == 0xFF:
            position += 1
        marker = image[position]
        position += 1
        if marker == _EOI:
            if not sized:
                raise CorruptedImage()
            return
        if marker in _STANDALONE or marker == 0:
            continue
        (length,) = struct.unpack_from(">H", image, position)
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", image, position + 3)
            _check_size(width, height, max_pixels)
            sized = True
        position += length
        if marker == _SOS:
            found = _MARKER_IN_SCAN.search(image, position)
            scans += 1
            if not sized or found is None or scans > _MAX_SCANS:
                raise CorruptedImage()
            position = found.start()


def _check_png(image: bytes, max_pixels: int) -> None:
    """Walk the chunks, each with its checksum, up to IEND; the size stands in IHDR, the first of them."""
    if image[12:16] != b"IHDR":
        raise CorruptedImage()
    width, height = struct.unpack_from(">II", image, 16)
    _check_size(width, height, max_pixels)
    position, kind = len(_PNG), b""
    view = memoryview(image)
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", image, position)
        (checksum,) = struct.unpack_from(">I", image, position + 8 + length)
        if zlib.crc32(view[position + 4 : position + 8 + length]) != checksum:
            raise CorruptedImage()
        position += 12 + length
