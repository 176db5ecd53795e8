"""Seals personal data before it enters Redis: AES-256-GCM, bound to the job and the kind of data it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.settings import InvalidSettingError

KEY_BYTES = 32
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class SealBrokenError(Exception):
    """Sealed data cannot be opened: an unknown key, or data that was changed or moved to another job."""


class Sealer:
    """Seals with the first key and opens with any of them, so that keys can be rotated.

    A sealed value is: 4 bytes that name the key, 12 bytes of nonce, ciphertext with its tag.
    """

    def __init__(self, keys: list[bytes]) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    @classmethod
    def from_setting(cls, sealing_keys: str) -> Sealer:
        """Read KARTU_SEALING_KEYS; raises InvalidSettingError."""
        return cls(read_keys(sealing_keys))

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Seal `plain`; `purpose` (kind and job id) must be the same when it is opened."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._first + nonce + self._ciphers[self._first].encrypt(nonce, plain, purpose.encode())

    def is_of_first_key(self, sealed: bytes) -> bool:
        """Whether the key that seals now has sealed this."""
        return sealed[:_KEY_ID_BYTES] == self._first

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Give back what was sealed for `purpose`; raises SealBrokenError."""
        key_id, rest = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:]
        try:
            return self._ciphers[key_id].decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], purpose.encode())
        except (KeyError, InvalidTag, ValueError):
            raise SealBrokenError("sealed data cannot be opened with the keys of KARTU_SEALING_KEYS") from None


def read_keys(sealing_keys: str) -> list[bytes]:
    """The keys of KARTU_SEALING_KEYS; raises InvalidSettingError without showing any part of a key."""
    keys = []
    for part in filter(None, (part.strip() for part in sealing_keys.split(","))):
        try:
            key = base64.b64decode(part, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise InvalidSettingError("KARTU_SEALING_KEYS must hold keys of 32 bytes in base64.")
        keys.append(key)
    if not keys:
        raise InvalidSettingError("KARTU_SEALING_KEYS is not set; `kartu sealing-key` makes a key.")
    return keys


def new_key() -> str:
    """Make a key for KARTU_SEALING_KEYS."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"kartu sealing key" + key).digest()[:_KEY_ID_BYTES]
