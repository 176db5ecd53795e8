"""The measures of a picture: they follow what is done to it, and nothing brings them down."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from worker.pipeline import quality
from worker.pipeline.geometry import frame_quad, map_points
from worker.pipeline.quality import CARD_WIDTH_MM, Limits, measure_quality
from worker.pipeline.rectify import rectify
from worker.pipeline.types import Page

DATA = Path(__file__).parents[2] / "data"
MEASURES = ("blur", "dark", "bright", "glare", "grayscale", "resolution")
NAME_ROW = (0.276, 0.30, 0.55, 0.345)
CITY_ROW = (0.33, 0.115, 0.67, 0.16)


@pytest.fixture(scope="module")
def card():
    """A card that fills its picture, 1376 x 868 pixels."""
    truth = next(each for each in json.loads((DATA / "cards.json").read_text()) if each["file"] == "sample.jpg")
    photo = Page(cv2.imread(str(DATA / "sample.jpg")), np.eye(3))
    return rectify(photo, np.array(truth["quad"])).pixels


def measure(pixels, boxes=None):
    height, width = pixels.shape[:2]
    quads = {
        name: np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]) * (width, height)
        for name, (u0, v0, u1, v1) in (boxes or {}).items()
    }
    return measure_quality(Page(pixels, np.eye(3)), frame_quad(width, height), quads)


def blurred(pixels, sigma_mm):
    return cv2.GaussianBlur(pixels, (0, 0), sigma_mm * pixels.shape[1] / CARD_WIDTH_MM)


def exposed(pixels, gain):
    return cv2.convertScaleAbs(pixels, alpha=gain)


def shrunk(pixels, width):
    return cv2.resize(pixels, (width, round(width / 1.586)), interpolation=cv2.INTER_AREA)


def glaring(pixels, box, light=255):
    height, width = pixels.shape[:2]
    u0, v0, u1, v1 = box
    lit = pixels.copy()
    area = lit[int(v0 * height) : int(v1 * height), int(u0 * width) : int(u1 * width)]
    cv2.add(area, np.full_like(area, light), dst=area)
    return lit


def test_a_perfect_picture_is_good_by_every_measure(card):
    measured = measure(card, {"full_name": NAME_ROW})
    assert {getattr(measured, each).verdict for each in MEASURES} == {"good"}
    assert measured.glare_fields == ()


@pytest.mark.parametrize("sigma_mm", [0.12, 0.2, 0.3])
def test_blur_is_the_spread_of_the_edges_in_millimetres(card, sigma_mm):
    sharp, spread = measure(card).blur.value, measure(blurred(card, sigma_mm)).blur.value
    assert spread == pytest.approx(np.hypot(sharp, sigma_mm), rel=0.15)


def test_more_blur_is_more_blur_and_ends_in_poor(card):
    measured = [measure(blurred(card, sigma_mm)).blur for sigma_mm in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)]
    values = [each.value for each in measured]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    assert (measured[0].verdict, measured[2].verdict, measured[-1].verdict) == ("good", "fair", "poor")


@pytest.mark.parametrize("width", [960, 1200])
def test_blur_is_the_same_at_another_resolution(card, width):
    spoilt = blurred(card, 0.18)
    assert measure(shrunk(spoilt, width)).blur.value == pytest.approx(measure(spoilt).blur.value, rel=0.1)


def test_noise_hides_no_blur(card):
    spoilt = blurred(card, 0.25).astype(np.float64)
    noisy = np.clip(spoilt + np.random.default_rng(1).normal(0, 6, spoilt.shape), 0, 255).astype(np.uint8)
    assert measure(noisy).blur.verdict == "poor"


def test_darker_is_darker_and_ends_in_poor(card):
    measured = [measure(exposed(card, gain)).dark for gain in (1.0, 0.6, 0.4, 0.2, 0.07)]
    values = [each.value for each in measured]
    assert values == sorted(values, reverse=True)
    assert [each.verdict for each in measured] == ["good", "good", "good", "fair", "poor"]


def test_brighter_is_brighter_and_ends_in_poor(card):
    measured = [measure(exposed(card, gain)).bright for gain in (1.0, 2.0, 3.0, 4.0)]
    values = [each.value for each in measured]
    assert values == sorted(values)
    assert [each.verdict for each in measured] == ["good", "good", "fair", "poor"]


def test_a_copy_with_white_paper_has_no_glare(card):
    grey = cv2.cvtColor(cv2.cvtColor(card, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    measured = measure(exposed(grey, 1.6))
    assert measured.glare.verdict == "good"
    assert (measured.grayscale.value, measured.grayscale.verdict) == (0.0, "fair")


def test_a_dark_picture_keeps_its_colour(card):
    assert measure(exposed(card, 0.25)).grayscale.verdict == "good"


def test_glare_is_its_share_of_the_card_and_names_the_fields_below(card):
    patch = (0.2, 0.25, 0.6, 0.5)
    measured = measure(glaring(card, patch), {"full_name": NAME_ROW, "city": CITY_ROW})
    assert measured.glare.value == pytest.approx(0.4 * 0.25 / (1 - 0.25 * 0.49), rel=0.06)
    assert measured.glare.verdict == "fair"
    assert measured.glare_fields == ("full_name",)


def test_glare_that_touches_a_field_covers_it_not(card):
    assert measure(glaring(card, (0.2, 0.25, 0.33, 0.5)), {"full_name": NAME_ROW}).glare_fields == ()


def test_light_that_leaves_the_ink_is_no_glare(card):
    assert measure(glaring(card, (0.2, 0.25, 0.6, 0.5), light=25)).glare.value == 0


def test_a_white_shirt_is_no_glare(card):
    assert measure(glaring(card, (0.73, 0.5, 0.94, 0.72))).glare.verdict == "good"


def test_a_box_beyond_the_card_is_covered_by_nothing(card):
    boxes = {"full_name": (3.0, 3.0, 3.5, 3.1), "city": (-1e9, 0.1, -9e8, 0.2)}
    assert measure(glaring(card, (0, 0, 0.5, 1)), boxes).glare_fields == ()


def test_resolution_is_the_width_in_the_image_as_sent(card):
    quad = frame_quad(card.shape[1], card.shape[0])
    halved = np.diag([0.5, 0.5, 1.0])
    measured = measure_quality(Page(card, halved), map_points(halved, quad), {})
    assert measured.resolution.value == pytest.approx(card.shape[1] / 2)
    verdicts = [measure(shrunk(card, width)).resolution.verdict for width in (900, 400, 200)]
    assert verdicts == ["good", "fair", "poor"]


def test_a_page_that_shows_more_than_the_card_gives_nearly_the_same(card):
    page = cv2.copyMakeBorder(card, 150, 90, 200, 60, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    quad = frame_quad(card.shape[1], card.shape[0]) + np.array([200, 150])
    alone, within = measure(card), measure_quality(Page(page, np.eye(3)), quad, {})
    for each in MEASURES:
        assert getattr(within, each).value == pytest.approx(getattr(alone, each).value, rel=0.02, abs=0.005), each


@pytest.mark.parametrize("corner", [1, 2, 3])
def test_a_card_that_stands_another_way_measures_the_same(card, corner):
    turned = np.ascontiguousarray(np.rot90(card, -corner))
    quad = np.roll(frame_quad(turned.shape[1], turned.shape[0]), -corner, axis=0)
    alone, other = measure(card), measure_quality(Page(turned, np.eye(3)), quad, {})
    assert other.blur.value == pytest.approx(alone.blur.value, rel=0.02)
    assert other.bright.value == pytest.approx(alone.bright.value, abs=0.01)


def test_the_same_picture_gives_the_same_quality(card):
    assert measure(card, {"city": CITY_ROW}) == measure(card.copy(), {"city": CITY_ROW})


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (40, 25), (1600, 1009)])
def test_an_empty_picture_is_measured_all_the_same(level, size):
    measured = measure(np.full((size[1], size[0], 3), level, dtype=np.uint8), {"city": CITY_ROW})
    assert measured.blur.verdict == "poor"
    assert measured.grayscale.verdict == "fair"
    assert measured.dark.verdict == ("poor" if level == 0 else "good")
    assert measured.bright.verdict == ("poor" if level == 255 else "good")
    assert all(np.isfinite(getattr(measured, each).value) for each in MEASURES)


def test_a_quad_without_an_area_is_no_fault(card):
    measured = measure_quality(Page(card, np.eye(3)), np.full((4, 2), 7.0), {"city": np.full((4, 2), 7.0)})
    assert measured.resolution.verdict == "poor"
    assert measured.glare_fields == ()


def test_a_value_is_judged_as_it_is_shown():
    more_is_worse, less_is_worse = Limits(good=0.14, poor=0.21), Limits(good=0.2, poor=0.1)
    assert more_is_worse.judge(0.1404, 3).verdict == "good"
    assert [more_is_worse.judge(each, 3).verdict for each in (0.141, 0.21, 0.211)] == ["fair", "fair", "poor"]
    assert [less_is_worse.judge(each, 3).verdict for each in (0.2, 0.199, 0.1, 0.099)] == [
        "good",
        "fair",
        "fair",
        "poor",
    ]


def test_the_limits_in_the_documentation_are_those_of_the_code():
    text = (Path(__file__).parents[3] / "docs" / "QUALITY.md").read_text()
    for name in MEASURES:
        *_, good, poor = (
            next(line for line in text.splitlines() if line.startswith(f"| `{name}`")).strip("| ").split("|")
        )
        limits = getattr(quality, name.upper())
        assert float(good.strip(" <=>")) == limits.good, name
        assert poor.strip() == "never" or float(poor.strip(" <=>")) == limits.poor, name
