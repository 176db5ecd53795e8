import cv2
import numpy as np
import pytest

from worker.pipeline.detect import find_card

CARD = np.array([[-0.793, -0.5], [0.793, -0.5], [0.793, 0.5], [-0.793, 0.5]])


def quad_at(turn, height=380.0, x=512.0, y=384.0, lean=0.0):
    angle = np.deg2rad(turn)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = CARD @ matrix.T
    depth = 1 / (1 + lean * flat[:, :1])
    return flat * depth * height + (x, y)


def ground(kind, rng):
    if kind == "desk":
        base = np.full((768, 1024), 120.0)
    elif kind == "cloth":
        y, x = np.mgrid[0:768, 0:1024]
        base = 90 + 12 * np.sin(x) * np.sin(y) + cv2.resize(rng.uniform(-15, 15, (6, 8)), (1024, 768))
    else:
        rows = np.cumsum(rng.normal(0, 3, (768, 1)), axis=0)
        base = 110 + (rows - rows.mean()) % 25 + cv2.resize(rng.uniform(-9, 9, (300, 9)), (1024, 768))
    return base[..., None] * np.array([0.7, 0.85, 1.0])


def scene(quad, kind="desk", seed=0):
    """A bluish card with rows of print and a photo, on a ground with noise."""
    rng = np.random.default_rng(seed)
    card = np.full((500, 793, 3), (225, 205, 180), dtype=np.uint8)
    cv2.rectangle(card, (570, 135), (755, 362), (60, 60, 190), -1)
    for row in range(12):
        for word in range(6):
            cv2.rectangle(
                card, (35 + word * 85, 150 + row * 23), (35 + word * 85 + 60, 162 + row * 23), (50, 50, 50), -1
            )
    corners = np.array([[0, 0], [793, 0], [793, 500], [0, 500]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    seen = cv2.warpPerspective(card, matrix, (1024, 768), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((500, 793), 1.0), matrix, (1024, 768))[..., None]
    image = ground(kind, rng) * (1 - mask) + seen * mask + rng.normal(0, 3, (768, 1024, 3))
    return np.clip(cv2.GaussianBlur(image, (0, 0), 0.8), 0, 255).astype(np.uint8)


def overlap(one, two):
    masks = [
        cv2.fillConvexPoly(np.zeros((768, 1024), np.uint8), np.round(quad).astype(np.int32), 1) for quad in (one, two)
    ]
    return (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()


@pytest.mark.parametrize("kind", ["desk", "cloth", "wood"])
@pytest.mark.parametrize("turn", [0, 12, 90, 200])
def test_card_is_found_on_any_ground(kind, turn):
    quad = quad_at(turn)
    found = find_card(scene(quad, kind))
    assert found is not None
    assert overlap(found, quad) > 0.97


def test_card_in_perspective():
    quad = quad_at(8, height=420, lean=0.18)
    found = find_card(scene(quad))
    assert found is not None
    assert overlap(found, quad) > 0.97


def test_small_card_in_a_corner():
    quad = quad_at(-6, height=190, x=260, y=560)
    found = find_card(scene(quad, "cloth"))
    assert found is not None
    assert overlap(found, quad) > 0.95


@pytest.mark.parametrize("kind", ["desk", "cloth", "wood"])
def test_bare_ground_is_no_card(kind):
    image = np.clip(ground(kind, np.random.default_rng(3)), 0, 255).astype(np.uint8)
    assert find_card(image) is None


def test_scan_cut_at_the_edge_shows_no_edges_and_its_photo_is_no_card():
    card = scene(np.array([[0.0, 0], [1024, 0], [1024, 646], [0, 646]]))[:646]
    assert find_card(card) is None


def test_tiny_image():
    assert find_card(np.zeros((10, 900, 3), dtype=np.uint8)) is None
