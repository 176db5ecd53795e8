"""Makes labelled scenes from seeds: a KTP, another document or neither, photographed, scanned, copied or mirrored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from worker.pipeline.types import KtpFields, Pixels, Quad
from worker.training.camera import mirror, tilt_of
from worker.training.scenes.faces import blank_card, ktp_face, other_card
from worker.training.scenes.faults import Faults, choose_faults, develop
from worker.training.scenes.poses import frame_size, place_card
from worker.training.scenes.stage import Props, draw_bare_scene, draw_paper_scene, lay_card_scene
from worker.training.scenes.styles import STYLES, StyleName
from worker.training.sheet import Sheet

Kind = Literal["ktp", "document", "none"]
"""A KTP; another card or document; nothing of the sort (blank cards too)."""

KIND_SHARES: dict[Kind, float] = {"ktp": 0.55, "document": 0.22, "none": 0.23}
CARD_SHARE_OF_DOCUMENTS = 0.68
"""The other documents are receipts, pages and forms, which have no quad."""
BLANK_CARD_SHARE_OF_NONE = 0.42
MIRRORED_SHARE = 0.08
DEFAULT_LONG_SIDES = (800, 1280)
"""Pixels of the longer side, from and to, where none is asked for."""
LONG_SIDES = (640, 1600)
SEEDS_PER_BLOCK = 1024
KTPS_PER_BLOCK = 64
SHEETS_PER_BLOCK = 24
"""Scenes of one block of seeds share so many KTPs, and so many of each other sort of sheet: seeds in order find theirs
rendered (50 to 90 ms each) and kept."""
MAX_OVERHANG = 0.01
"""How far, in widths of the card, a corner may be out of the frame of a card that counts as whole."""
MAX_COVERED = 0.03
CAPITALS_SHARE = 0.0275
"""Height of the capitals of a KTP's values, in heights of the card, before the printer scales them a little."""
STROKES_PER_CAPITAL = 7
"""Strokes are so many times thinner than their capitals are tall."""
INK_CONTRAST = 128.0
"""Levels between ink and paper in full light, by and large."""


@dataclass(frozen=True)
class LabelledScene:
    """A picture and the truth about it.

    `pixels`: BGR, the longer side 640 to 1600 pixels. `quad`: the four corners in the card's own order (its top-left
    first) in pixels, some perhaps out of the frame; of every KTP and of other documents in the shape of a card, else
    None. `whole`: all of the card is in the frame and at most MAX_COVERED of it is covered. `tilt`: degrees clockwise
    in [0, 360), 0 without a quad. `mirrored`: the picture is flipped left to right, so the quad's area is negative;
    False without a quad. `conditions`: what makes the picture hard. `fields`: what is printed on a KTP. `capitals`:
    height of the capitals of a KTP's values where the picture is coarsest, in pixels; `spread`: sigma by which focus
    and motion spread them, in heights of theirs; `noise`: sigma of the grain, averaged over the width of their strokes,
    in shares of the contrast of ink to paper; all 0 without a quad.
    """

    pixels: Pixels
    quad: Quad | None
    kind: Kind
    whole: bool
    tilt: float
    mirrored: bool
    conditions: frozenset[str]
    fields: KtpFields | None
    capitals: float = 0.0
    spread: float = 0.0
    noise: float = 0.0


def _overhang(quad: Quad, size: tuple[int, int]) -> float:
    """How far the farthest corner is out of the frame (width, height), in widths of the card; 0 if none is."""
    outside = np.maximum(-0.5 - quad, quad - (np.array(size) - 0.5)).max()
    return max(float(outside), 0.0) / float(np.hypot(*(quad[1] - quad[0])))


def _card_scene(
    kind: Kind, sheet: Sheet, fields: KtpFields | None, props: Props, side: int, rng: np.random.Generator
) -> LabelledScene:
    placement = place_card(side, rng)
    scan = "scan" in placement.conditions
    faults = choose_faults(scan, side, rng)
    scene = lay_card_scene(sheet, placement, props, "screen" in faults.names, rng)
    overhang = _overhang(placement.quad, placement.size)
    names = {*placement.conditions, *faults.names, *scene.conditions}
    names |= {"overflow"} if overhang > MAX_OVERHANG else set()
    whole = overhang <= MAX_OVERHANG and scene.covered <= MAX_COVERED
    pixels = develop(scene.pixels, placement.quad, faults, scan, rng)
    tilt = tilt_of(placement.quad)
    seen = _measure_print(placement.quad, faults, lit=not scan)
    return LabelledScene(pixels, placement.quad, kind, whole, tilt, False, frozenset(names), fields, *seen)


def _measure_print(quad: Quad, faults: Faults, *, lit: bool) -> tuple[float, float, float]:
    """`capitals`, `spread` and `noise` of a LabelledScene, from what the scene was made with."""
    capitals = CAPITALS_SHARE * float(np.hypot(*(quad[3] - quad[0])))
    # A motion of so many pixels to both sides spreads as a box of twice its length does.
    spread = float(np.hypot(faults.focus, faults.motion / 3**0.5))
    grain = faults.grain / (INK_CONTRAST * (faults.brightness if lit else 1.0))
    return capitals * faults.coarse, spread / capitals, grain * STROKES_PER_CAPITAL / capitals


def _bare_scene(kind: Kind, props: Props, side: int, rng: np.random.Generator) -> LabelledScene:
    size = frame_size(side, rng)
    faults = choose_faults(False, side, rng)
    drawn = draw_paper_scene(size, props, rng) if kind == "document" else draw_bare_scene(size, props, rng)
    pixels = develop(drawn, None, faults, False, rng)
    return LabelledScene(pixels, None, kind, False, 0.0, False, faults.names, None)


def _without_card(scene: LabelledScene) -> LabelledScene:
    """A scene with a blank card: to the model there is no card in it."""
    return LabelledScene(scene.pixels, None, "none", False, 0.0, False, scene.conditions | {"blank_card"}, None)


def _mirrored(scene: LabelledScene) -> LabelledScene:
    pixels, names = np.ascontiguousarray(scene.pixels[:, ::-1]), scene.conditions | {"mirrored"}
    if scene.quad is None:
        return replace(scene, pixels=pixels, conditions=names)
    quad = mirror(scene.quad, pixels.shape[1])
    return replace(scene, pixels=pixels, quad=quad, tilt=tilt_of(quad), mirrored=True, conditions=names)


def generate_scene(seed: int, style: StyleName = "own", *, long_side: int | None = None) -> LabelledScene:
    """The scene of a seed (0 or more) in a style; the same seed gives the same scene, in whatever order and process.

    Seeds in order are fastest: each renders few cards anew. Raises ValueError for a `long_side` out of LONG_SIDES and
    FontMissingError where a font is not installed.
    """
    if long_side is not None and not LONG_SIDES[0] <= long_side <= LONG_SIDES[1]:
        raise ValueError(f"long_side {long_side} is not from {LONG_SIDES[0]} to {LONG_SIDES[1]} pixels")
    rng = np.random.default_rng((seed, STYLES[style].number))
    side = int(rng.integers(DEFAULT_LONG_SIDES[0], DEFAULT_LONG_SIDES[1] + 1)) if long_side is None else long_side
    kind = _random_kind(rng)
    block = seed // SEEDS_PER_BLOCK
    props = Props(style, (block * SHEETS_PER_BLOCK, (block + 1) * SHEETS_PER_BLOCK), printed=kind != "none")
    flip = bool(rng.random() < MIRRORED_SHARE)
    if kind == "ktp":
        face = ktp_face(block * KTPS_PER_BLOCK + int(rng.integers(KTPS_PER_BLOCK)), style)
        scene = _card_scene(kind, face, face.fields, props, side, rng)
    elif kind == "document" and rng.random() < CARD_SHARE_OF_DOCUMENTS:
        scene = _card_scene(kind, other_card(props.seed(rng), style), None, props, side, rng)
    elif kind == "none" and rng.random() < BLANK_CARD_SHARE_OF_NONE:
        scene = _without_card(_card_scene(kind, blank_card(props.seed(rng), style), None, props, side, rng))
    else:
        scene = _bare_scene(kind, props, side, rng)
    return _mirrored(scene) if flip else scene


def _random_kind(rng: np.random.Generator) -> Kind:
    kinds = list(KIND_SHARES)
    return kinds[int(rng.choice(len(kinds), p=list(KIND_SHARES.values())))]
