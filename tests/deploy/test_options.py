"""The command line of `up`."""

import pytest

from deploy.options import UpOptions, parse


def test_what_is_not_said():
    assert parse([]) == UpOptions(once=False, port=8000, workers=None)


def test_what_is_said():
    assert parse(["--once", "--port", "8123", "--workers", "3"]) == UpOptions(once=True, port=8123, workers=3)


@pytest.mark.parametrize(
    "mistake",
    [
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "x"],
        ["--workers", "0"],
        ["--workers", "-1"],
        ["--workers", "²"],
    ],
)
def test_mistakes_end_before_the_set_up(mistake, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(mistake)
    assert caught.value.code == 2
    assert "must be a whole number" in capsys.readouterr().err
