"""The commands that print what an operator needs."""

import base64
from importlib.metadata import version

from click.testing import CliRunner

from deploy.cli import main
from shared.settings import settings_table


def kartu(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_settings_are_the_table_of_the_readme():
    assert kartu("settings").stdout == settings_table()


def test_a_sealing_key_has_32_bytes_and_is_new_each_time():
    first, second = (kartu("sealing-key").stdout.strip() for _ in range(2))
    assert len(base64.b64decode(first)) == 32
    assert first != second


def test_the_version_is_that_of_the_project():
    assert kartu("--version").stdout.split()[-1] == version("kartu")
