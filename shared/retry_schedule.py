"""When a webhook that did not arrive is tried again: the delays of KARTU_WEBHOOK_RETRIES_S."""

from __future__ import annotations

from shared.settings import InvalidSettingError

JITTER = 0.2
"""At most this part of a delay is added at random, so that what failed together does not come back together."""

LONGEST_PAUSE = 20
"""How many times KARTU_WEBHOOK_HOST_PAUSE_S the pause of a receiver can become."""


def read_delays(setting: str) -> tuple[float, ...]:
    """The delays in seconds, from the first retry to the last; raises InvalidSettingError."""
    try:
        delays = tuple(float(part) for part in setting.split(",") if part.strip())
    except ValueError:
        delays = (-1.0,)
    if not all(0 <= delay < float("inf") for delay in delays):
        raise InvalidSettingError("KARTU_WEBHOOK_RETRIES_S must hold seconds, separated by commas.")
    return delays
