import cv2
from click.testing import CliRunner

from deploy.cli import main
from tests.conftest import make_png


def inspect(*arguments):
    # The engine without models: what is tested is the command and the picture, not the reading.
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)], env={"KARTU_ENGINE": "null"})


def test_a_picture_lies_beside_the_file(tmp_path):
    image = tmp_path / "card.png"
    image.write_bytes(make_png(900, 568))
    done = inspect(image)
    assert done.exit_code == 0, done.output
    picture = cv2.imread(str(tmp_path / "card.png.inspect.png"))
    assert picture.shape[1] > picture.shape[0]
    assert len({tuple(colour) for colour in picture.reshape(-1, 3)[::97]}) > 3


def test_the_picture_goes_where_it_is_told(tmp_path):
    image, out = tmp_path / "card.png", tmp_path / "out.png"
    image.write_bytes(make_png(900, 568))
    assert inspect(image, "--out", out).exit_code == 0
    assert out.exists()


def test_an_image_that_cannot_be_decoded_is_one_sentence(tmp_path):
    image = tmp_path / "card.png"
    image.write_bytes(make_png(900, 568)[:200])
    done = inspect(image)
    assert done.exit_code == 1
    assert "damaged" in done.output
    assert not (tmp_path / "card.png.inspect.png").exists()
