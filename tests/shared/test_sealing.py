import pytest

from shared.sealing import SealBrokenError, Sealer, new_key
from shared.settings import InvalidSettingError


def test_what_was_sealed_opens_for_its_purpose_only():
    sealer = Sealer.from_setting(new_key())
    sealed = sealer.seal(b"BUDI", "image:1")
    assert b"BUDI" not in sealed
    assert sealer.open(sealed, "image:1") == b"BUDI"
    with pytest.raises(SealBrokenError):
        sealer.open(sealed, "image:2")


def test_the_same_data_never_seals_to_the_same_bytes():
    sealer = Sealer.from_setting(new_key())
    assert sealer.seal(b"x", "p") != sealer.seal(b"x", "p")


@pytest.mark.parametrize("position", [0, 5, -1])
def test_changed_bytes_do_not_open(position):
    sealer = Sealer.from_setting(new_key())
    sealed = bytearray(sealer.seal(b"x", "p"))
    sealed[position] ^= 1
    with pytest.raises(SealBrokenError):
        sealer.open(bytes(sealed), "p")


def test_keys_rotate_the_first_seals_and_all_open():
    old, new = new_key(), new_key()
    sealed_before = Sealer.from_setting(old).seal(b"x", "p")
    rotated = Sealer.from_setting(f"{new}, {old}")
    assert rotated.open(sealed_before, "p") == b"x"
    with pytest.raises(SealBrokenError):
        Sealer.from_setting(old).open(rotated.seal(b"x", "p"), "p")


@pytest.mark.parametrize("setting", ["", " , ", "c2hvcnQ=", "not base64!"])
def test_a_setting_without_a_good_key_is_refused_and_not_quoted(setting):
    with pytest.raises(InvalidSettingError, match="KARTU_SEALING_KEYS") as raised:
        Sealer.from_setting(setting)
    assert "c2hvcnQ" not in str(raised.value)
