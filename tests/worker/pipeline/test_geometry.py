import numpy as np
import pytest

from worker.pipeline.geometry import frame_quad, is_mirrored, map_points, measure_tilt, mirroring, scaling


def turned(degrees):
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return frame_quad(160, 100) @ matrix.T + 300


@pytest.mark.parametrize("degrees", [0, 9, 90, 179, 180, 268.5, 359])
def test_tilt_is_clockwise(degrees):
    assert measure_tilt(turned(degrees)) == pytest.approx(degrees)


def test_tilt_stays_below_360():
    assert measure_tilt(turned(-0.001)) == 0


@pytest.mark.parametrize(("degrees", "tilt"), [(0, 0), (10, 350), (180, 180), (90, 270)])
def test_tilt_of_a_mirrored_card_is_that_of_its_picture(degrees, tilt):
    quad = map_points(mirroring(600), turned(degrees))
    assert is_mirrored(quad)
    assert not is_mirrored(turned(degrees))
    assert measure_tilt(quad) == pytest.approx(tilt)


def test_scaling_keeps_the_outer_edge():
    assert np.allclose(map_points(scaling(2, 3), frame_quad(10, 20)), frame_quad(20, 60))
