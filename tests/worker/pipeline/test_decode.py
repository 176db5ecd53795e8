import io

import numpy as np
import pytest
from PIL import Image

from shared.errors import CorruptedImage, ImageTooLarge
from worker.pipeline.decode import EXIF_ORIENTATION, decode_photo
from worker.pipeline.geometry import map_points

LIMIT = 10_000_000


def quarters(width=64, height=40):
    """Red top-left, green top-right, blue bottom-left, white bottom-right."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_quarters(pixels):
    height, width = pixels.shape[:2]
    expected = {(1, 1): (0, 0, 255), (1, 3): (0, 255, 0), (3, 1): (255, 0, 0), (3, 3): (255, 255, 255)}
    for (row, column), colour in expected.items():
        seen = pixels[height * row // 4, width * column // 4].astype(int)
        assert np.abs(seen - colour).max() < 12, (row, column, seen)


UNDO = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    image = quarters()
    for step in UNDO[orientation]:
        image = image.transpose(step)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    photo = decode_photo(encoded(image, "JPEG", exif=exif, quality=95, subsampling=0), LIMIT, mirror=False)
    assert photo.pixels.shape == (40, 64, 3)
    assert_quarters(photo.pixels)
    assert np.allclose(photo.to_photo, np.eye(3))


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_colours(mode, progressive):
    data = encoded(quarters().convert(mode), "JPEG", quality=95, progressive=progressive, subsampling=0)
    pixels = decode_photo(data, LIMIT, mirror=False).pixels
    assert pixels.dtype == np.uint8
    assert_quarters(pixels)


def test_palette():
    assert_quarters(decode_photo(encoded(quarters().quantize(8)), LIMIT, mirror=False).pixels)


@pytest.mark.parametrize(("mode", "level"), [("L", 90), ("1", 255)])
def test_grey_and_bilevel(mode, level):
    pixels = decode_photo(encoded(Image.new(mode, (20, 10), level)), LIMIT, mirror=False).pixels
    assert pixels.shape == (10, 20, 3)
    assert (pixels == level).all()


def test_sixteen_bits_are_scaled_not_cut():
    levels = np.linspace(0, 65535, 100).astype(np.uint16)
    data = encoded(Image.fromarray(np.tile(levels, (10, 1))))
    pixels = decode_photo(data, LIMIT, mirror=False).pixels
    assert np.abs(pixels[0, :, 1].astype(int) - np.linspace(0, 255, 100)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_on_white(mode):
    pixels = decode_photo(encoded(Image.new(mode, (8, 8), 0)), LIMIT, mirror=False).pixels
    assert (pixels == 255).all()


def test_mirror_flips_and_leads_back():
    photo = decode_photo(encoded(quarters()), LIMIT, mirror=True)
    assert_quarters(photo.pixels[:, ::-1])
    assert np.allclose(map_points(photo.to_photo, np.array([[0.0, 5.0], [63.0, 5.0]])), [[63, 5], [0, 5]])


def test_very_large_jpeg_is_decoded_smaller_in_coordinates_of_the_image_sent():
    photo = decode_photo(encoded(quarters(6800, 6600), "JPEG"), 10**8, mirror=False)
    height, width = photo.pixels.shape[:2]
    assert (width, height) == (3400, 3300)
    assert_quarters(photo.pixels)
    corners = map_points(photo.to_photo, np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]]))
    assert np.allclose(corners, [[-0.5, -0.5], [6799.5, 6599.5]])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_so_is_a_very_large_png(mode):
    image = quarters(6800, 6600).convert(mode)
    photo = decode_photo(encoded(image), 10**8, mirror=False)
    height, width = photo.pixels.shape[:2]
    assert (width, height) == (3400, 3300)
    if mode != "L":
        assert_quarters(photo.pixels)
    corners = map_points(photo.to_photo, np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]]))
    assert np.allclose(corners, [[-0.5, -0.5], [6799.5, 6599.5]])


@pytest.mark.parametrize("size", [(50_000, 1), (1, 50_000), (40_000, 700), (25_000_000, 2)])
def test_no_side_is_longer_than_what_can_be_warped(size):
    photo = decode_photo(encoded(Image.new("L", size, 77)), 10**8, mirror=False)
    height, width = photo.pixels.shape[:2]
    assert max(height, width) <= 16_000
    assert set(np.unique(photo.pixels)) == {77}
    corner = map_points(photo.to_photo, np.array([[width - 0.5, height - 0.5]]))
    assert np.allclose(corner, [[size[0] - 0.5, size[1] - 0.5]])


def test_pixel_limit_is_taken_from_the_header():
    data = encoded(quarters(100, 50))
    assert decode_photo(data, 5000, mirror=False).pixels.shape == (50, 100, 3)
    with pytest.raises(ImageTooLarge):
        decode_photo(data, 4999, mirror=False)
    huge = bytearray(data)
    huge[16:24] = (30000).to_bytes(4, "big") * 2
    with pytest.raises((ImageTooLarge, CorruptedImage)):
        decode_photo(bytes(huge), LIMIT, mirror=False)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_truncated(kind, share):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 90, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(CorruptedImage):
        decode_photo(data[: int(len(data) * share)], LIMIT, mirror=False)


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", encoded(quarters(), "GIF")])
def test_no_image(data):
    with pytest.raises(CorruptedImage) as raised:
        decode_photo(data, LIMIT, mirror=False)
    assert raised.value.__cause__ is None
