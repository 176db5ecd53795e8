"""Ids of jobs and batches: UUIDs that their owner can prove to have been given, long after the job is gone.

An id is a UUID of version 8 (RFC 9562): 48 bits of milliseconds, 42 random bits, and a tag of 32 bits, a MAC over the
rest, the kind and the owner. So an id of the caller's that Redis does not know any more was deleted or has expired
(410), and any other is unknown (404), without a record of every job there ever was.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import uuid
from typing import Literal

Kind = Literal["job", "batch"]

_VERSION, _VARIANT = 8, 0b10
_TAG_BITS = 32
_TAG_MASK = (1 << _TAG_BITS) - 1


class JobIds:
    """Makes ids with the first of the sealing keys, and knows those made with any of them."""

    def __init__(self, sealing_keys: list[bytes]) -> None:
        self._keys = [hashlib.sha256(b"kartu job ids" + key).digest() for key in sealing_keys]

    def new(self, owner: str, kind: Kind) -> str:
        """An id for a job or batch of `owner`."""
        number = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80
        number |= _VERSION << 76 | secrets.randbits(12) << 64
        number |= _VARIANT << 62 | secrets.randbits(30) << _TAG_BITS
        return str(uuid.UUID(int=number | self._tag(self._keys[0], number, f"{kind} {owner}")))

    def was_given(self, given: str, owner: str, kind: Kind) -> bool:
        """Whether this id was made for a job or batch of `owner`; false for what is no UUID."""
        try:
            number = uuid.UUID(given).int
        except ValueError:
            return False
        tag, rest = number & _TAG_MASK, number & ~_TAG_MASK
        return any(
            hmac.compare_digest(_bytes(tag), _bytes(self._tag(key, rest, f"{kind} {owner}"))) for key in self._keys
        )

    @staticmethod
    def _tag(key: bytes, number: int, belongs_to: str) -> int:
        digest = hmac.digest(key, number.to_bytes(16, "big") + belongs_to.encode(), "sha256")
        return int.from_bytes(digest[: _TAG_BITS // 8], "big")


def _bytes(tag: int) -> bytes:
    return tag.to_bytes(_TAG_BITS // 8, "big")
