"""Finds the fonts that cards are printed with, at the paths where Debian's packages put them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONT_FOLDER = Path("/usr/share/fonts/truetype")


class FontMissingError(RuntimeError):
    """A font file is not on this machine; the message names the Debian package that holds it."""


@dataclass(frozen=True)
class FontFile:
    """Where a face lies under the font folder, and the Debian package that puts it there."""

    path: str
    package: str

    @property
    def file(self) -> Path:
        """The font file, whether or not it is there."""
        return FONT_FOLDER / self.path


class Face(Enum):
    """The faces in use: Liberation has the metrics of Arial, OCR-A is the face of the NIK.

    The sample images need the first seven only; the others serve the scenes of worker/training/scenes.
    """

    SANS = FontFile("liberation/LiberationSans-Regular.ttf", "fonts-liberation")
    SANS_BOLD = FontFile("liberation/LiberationSans-Bold.ttf", "fonts-liberation")
    NARROW = FontFile("liberation/LiberationSansNarrow-Regular.ttf", "fonts-liberation")
    NARROW_BOLD = FontFile("liberation/LiberationSansNarrow-Bold.ttf", "fonts-liberation")
    MONO = FontFile("liberation/LiberationMono-Regular.ttf", "fonts-liberation")
    SERIF = FontFile("liberation/LiberationSerif-Regular.ttf", "fonts-liberation")
    OCR_A = FontFile("ocr-a/OCRA.ttf", "fonts-ocr-a")
    OCR_A_BOLD = FontFile("ocr-a/OCRABold.ttf", "fonts-ocr-a")
    OCR_A_CONDENSED = FontFile("ocr-a/OCRACondensed.ttf", "fonts-ocr-a")
    CARLITO = FontFile("crosextra/Carlito-Regular.ttf", "fonts-crosextra-carlito")
    CARLITO_BOLD = FontFile("crosextra/Carlito-Bold.ttf", "fonts-crosextra-carlito")
    ROBOTO = FontFile("roboto/unhinted/RobotoTTF/Roboto-Regular.ttf", "fonts-roboto-unhinted")
    ROBOTO_BOLD = FontFile("roboto/unhinted/RobotoTTF/Roboto-Bold.ttf", "fonts-roboto-unhinted")
    FREE_SANS = FontFile("freefont/FreeSans.ttf", "fonts-freefont-ttf")
    FREE_SANS_BOLD = FontFile("freefont/FreeSansBold.ttf", "fonts-freefont-ttf")
    FREE_SERIF = FontFile("freefont/FreeSerif.ttf", "fonts-freefont-ttf")
    FREE_MONO_BOLD = FontFile("freefont/FreeMonoBold.ttf", "fonts-freefont-ttf")
    DEJAVU_CONDENSED = FontFile("dejavu/DejaVuSansCondensed.ttf", "fonts-dejavu-extra")
    DEJAVU_CONDENSED_BOLD = FontFile("dejavu/DejaVuSansCondensed-Bold.ttf", "fonts-dejavu-extra")
    DEJAVU_MONO_BOLD = FontFile("dejavu/DejaVuSansMono-Bold.ttf", "fonts-dejavu-core")

    @property
    def file(self) -> Path:
        """The font file, whether or not it is there."""
        return self.value.file

    @property
    def package(self) -> str:
        """The Debian package that puts it there."""
        return self.value.package


AnyFace = Face | FontFile
"""What text can be set in: a face of the cards and scenes, or any other font."""


SAMPLE_FACES = (
    *(Face.SANS, Face.SANS_BOLD, Face.NARROW, Face.NARROW_BOLD, Face.MONO, Face.SERIF),
    Face.OCR_A,
)
"""The faces of the sample images in tests/data."""


def require_fonts(faces: Iterable[AnyFace] = SAMPLE_FACES) -> None:
    """Raises FontMissingError for the first of the faces whose file is not there."""
    for face in faces:
        if not face.file.is_file():
            raise FontMissingError(f"{face.file} is missing: install the Debian package {face.package} to render cards")


@lru_cache(maxsize=512)
def load_font(face: AnyFace, size: float) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels per em; raises FontMissingError."""
    if not face.file.is_file():
        require_fonts((face,))
    return ImageFont.truetype(str(face.file), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=512)
def em_for_cap_height(face: AnyFace, cap_height: float) -> float:
    """The size in pixels per em at which capital letters of the face stand `cap_height` pixels tall."""
    probe = 1000.0
    _, top, _, bottom = load_font(face, probe).getbbox("H", anchor="ls")
    return cap_height * probe / float(bottom - top)
