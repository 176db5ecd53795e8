from pathlib import Path

import pytest

from shared.settings import InvalidSettingError, Settings, settings_table


def test_defaults_come_from_nowhere_but_the_class():
    assert Settings.from_env({}) == Settings()


def test_values_are_parsed_to_the_type_of_their_default():
    settings = Settings.from_env({"KARTU_MAX_WAIT_S": "7", "KARTU_SWEEP_INTERVAL_S": "0.5", "KARTU_HOME": "/x/y"})
    assert settings.max_wait_s == 7
    assert settings.sweep_interval_s == 0.5
    assert settings.weights == Path("/x/y/weights")


def test_an_empty_variable_means_the_default():
    assert Settings.from_env({"KARTU_MAX_WAIT_S": ""}).max_wait_s == Settings().max_wait_s


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("KARTU_MAX_WAIT_S", "soon"),
        ("KARTU_MAX_WAIT_S", "-1"),
        ("KARTU_DEVICE", "tpu"),
        ("KARTU_SOFT_LIMIT_S", "30"),
    ],
)
def test_a_bad_value_names_the_setting_and_not_the_value(env, value):
    with pytest.raises(InvalidSettingError, match=env) as raised:
        Settings.from_env({env: value})
    assert value not in str(raised.value).replace("KARTU_HARD_LIMIT_S", "")


def test_printing_settings_shows_no_secret():
    assert "hush" not in repr(Settings(sealing_keys="hush", bootstrap_key="hush", redis_url="redis://:hush@host"))


def test_the_table_has_a_row_for_each_setting():
    table = settings_table()
    assert all(f"`{each.metadata['env']}`" in table for each in Settings.__dataclass_fields__.values())
