import base64

import cv2
import numpy as np
import pytest

from api.images import decode_image
from shared.errors import CorruptedImage, ImageTooLarge, InvalidBase64Encoding, UnsupportedImageType
from tests.conftest import make_png

NOISE = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
JPEG = cv2.imencode(".jpg", NOISE)[1].tobytes()
PROGRESSIVE = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
RESTARTS = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_RST_INTERVAL, 2])[1].tobytes()
PNG = cv2.imencode(".png", NOISE)[1].tobytes()
# An EXIF segment that holds a whole small JPEG, as cameras write it: its end of image is not the image's.
THUMBNAILED = JPEG[:2] + b"\xff\xe1" + (len(JPEG) + 2).to_bytes(2, "big") + JPEG + JPEG[2:]


def check(image: bytes, max_bytes: int = 2 * 1024 * 1024, max_pixels: int = 1_000_000) -> bytes:
    return decode_image(base64.b64encode(image).decode(), max_bytes, max_pixels)


@pytest.mark.parametrize("image", [JPEG, PROGRESSIVE, RESTARTS, THUMBNAILED, PNG, make_png(1, 5)])
def test_whole_images_pass_unchanged(image):
    assert check(image) == image
    assert check(image + b"trailer") == image + b"trailer"


@pytest.mark.parametrize("image", [JPEG, PROGRESSIVE, RESTARTS, THUMBNAILED, PNG])
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.9, 0.999])
def test_an_image_cut_off_anywhere_is_corrupted(image, part):
    with pytest.raises(CorruptedImage):
        check(image[: max(12, int(len(image) * part))])


def test_a_png_with_a_flipped_bit_is_corrupted():
    broken = bytearray(PNG)
    broken[len(broken) // 2] ^= 4
    with pytest.raises(CorruptedImage):
        check(bytes(broken))


@pytest.mark.parametrize("text", ["not base64", "QUJD\nQUJD", "QUJDRA", "QUJ_", "äöü", "QUJD====", "QUJD "])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(InvalidBase64Encoding):
        decode_image(text, 1000, 1000)


@pytest.mark.parametrize("prefix", ["data:image/png;base64,", "DATA:;base64,"])
def test_a_data_prefix_is_named_in_the_sentence(prefix):
    with pytest.raises(InvalidBase64Encoding, match="data:"):
        decode_image(prefix + base64.b64encode(PNG).decode(), 10_000_000, 1_000_000)


@pytest.mark.parametrize(
    "image", [b"GIF89a" + b"\0" * 50, b"BM" + b"\0" * 50, b"RIFF0000WEBP", b"%PDF-1.7", b"\xff\xd8", b"A"]
)
def test_other_types_are_unsupported(image):
    with pytest.raises(UnsupportedImageType):
        check(image)


def test_the_limit_in_bytes_is_exact():
    assert check(PNG, max_bytes=len(PNG)) == PNG
    with pytest.raises(ImageTooLarge, match="bytes"):
        check(PNG, max_bytes=len(PNG) - 1)


def test_the_limit_in_pixels_is_exact():
    for image in (JPEG, PNG):
        assert check(image, max_pixels=60 * 80) == image
        with pytest.raises(ImageTooLarge, match="pixels"):
            check(image, max_pixels=60 * 80 - 1)


def test_a_huge_header_is_too_large_even_without_a_body():
    header = make_png(8, 8).replace((8).to_bytes(4, "big") * 2, (30_000).to_bytes(4, "big") * 2)[:40]
    with pytest.raises(ImageTooLarge):
        check(header)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_an_image_without_pixels_is_corrupted(size):
    with pytest.raises(CorruptedImage):
        check(make_png(*size))


def test_a_scan_full_of_fill_bytes_is_walked_in_linear_time():
    start = JPEG[: JPEG.index(b"\xff\xda") + 14]
    # With a pattern that backtracks this takes hours, not fractions of a second.
    with pytest.raises(CorruptedImage):
        check(start + b"\xff" * 1_500_000)


def test_more_scans_than_any_camera_makes_are_refused():
    scan = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]
    assert check(PROGRESSIVE)
    with pytest.raises(CorruptedImage):
        check(PROGRESSIVE[:-2] + scan * 64 + b"\xff\xd9")


def test_no_mutation_does_more_than_raise_an_error_of_the_contract():
    rng = np.random.default_rng(7)
    for image in (JPEG, PROGRESSIVE, THUMBNAILED, PNG):
        for _ in range(300):
            broken = bytearray(image[: rng.integers(8, len(image) + 1)])
            for position in rng.integers(3, len(broken), 4):
                broken[position] = rng.integers(0, 256)
            try:
                check(bytes(broken))
            except (CorruptedImage, ImageTooLarge, UnsupportedImageType):
                continue
