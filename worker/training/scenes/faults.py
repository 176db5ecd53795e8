"""Chooses what goes wrong in taking a picture, and does it to the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.scenes import sensor
from worker.training.scenes.light import add_glare, light_scene

SHARES = {
    "dark": 0.10,
    "glare": 0.16,
    "blur": 0.15,
    "motion": 0.06,
    "coarse": 0.08,
    "low_jpeg": 0.10,
    "photocopy": 0.07,
    "screen": 0.05,
}
"""How often each fault strikes a photograph; scans suffer those of _SCAN_FAULTS only."""
_SCAN_FAULTS = ("coarse", "low_jpeg", "photocopy")
_SCAN_PHOTOCOPY_SHARE = 0.2


@dataclass(frozen=True)
class Faults:
    """What goes wrong: `names` as in SHARES. `focus` is a sigma and `motion` half a length, in pixels; `grain` in
    levels of brightness; `coarse` the factor of shrinking; `quality` of JPEG, None for none."""

    names: frozenset[str]
    brightness: float
    focus: float
    motion: float
    grain: float
    coarse: float
    quality: int | None


def choose_faults(scan: bool, long_side: int, rng: np.random.Generator) -> Faults:
    """The faults of one picture whose longer side is `long_side` pixels."""
    shares = {name: SHARES[name] for name in _SCAN_FAULTS} if scan else dict(SHARES)
    if scan:
        shares["photocopy"] = _SCAN_PHOTOCOPY_SHARE
    names = frozenset(name for name, share in shares.items() if rng.random() < share)
    if "photocopy" in names:
        names -= {"dark", "glare", "screen"}
    scale = long_side / 1000
    focus = float(rng.uniform(1.2, 3.2) if "blur" in names else rng.uniform(0.0, 0.8)) * scale
    dark = "dark" in names
    quality = int(rng.integers(12, 42)) if "low_jpeg" in names else int(rng.integers(55, 97))
    return Faults(
        names=names,
        brightness=float(rng.uniform(0.22, 0.5) if dark else np.clip(rng.normal(0.95, 0.14), 0.55, 1.35)),
        focus=focus,
        motion=float(rng.uniform(2, 7)) * scale if "motion" in names else 0.0,
        grain=float(rng.uniform(3, 11) if dark else rng.uniform(0.3, 5)),
        coarse=float(rng.uniform(0.3, 0.7)) if "coarse" in names else 1.0,
        quality=quality if "low_jpeg" in names or rng.random() < 0.5 else None,
    )


def develop(frame: Pixels, quad: Quad | None, faults: Faults, scan: bool, rng: np.random.Generator) -> Pixels:
    """The finished picture of an evenly lit scene; `quad` is the card, where there is one."""
    if not scan:
        frame = light_scene(frame, faults.brightness, rng)
        if "glare" in faults.names and quad is not None:
            frame = add_glare(frame, quad, rng)
    if "screen" in faults.names:
        frame = sensor.add_moire(frame, rng)
    if faults.motion:
        frame = sensor.blur_motion(frame, faults.motion, float(rng.uniform(0, np.pi)))
    if faults.focus > 0.3:
        frame = sensor.blur_focus(frame, faults.focus)
    if faults.coarse < 1:
        frame = sensor.coarsen(frame, faults.coarse)
    frame = sensor.add_grain(frame, faults.grain, rng)
    if "photocopy" in faults.names:
        frame = sensor.photocopy(frame, rng)
    return frame if faults.quality is None else sensor.compress(frame, faults.quality)
