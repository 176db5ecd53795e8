"""The frozen dataclasses that the stages take and give, and the protocol of the text engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""An image, shape (height, width, 3), BGR, 8 bits."""

Grey = NDArray[np.uint8]
"""An image, shape (height, width), 8 bits."""

Quad = NDArray[np.float64]
"""Four corners, shape (4, 2), (x, y) in pixels: top-left, top-right, bottom-right, bottom-left of the thing itself,
whatever way it stands in the image. With y pointing down a quad that is not mirrored has a positive area."""

Homography = NDArray[np.float64]
"""Shape (3, 3): maps homogeneous (x, y, 1) of one image to those of another."""


Include = Literal["confidence", "boxes", "quality", "extra", "crops"]
"""A block of the result that is made only where the client asks for it."""

Verdict = Literal["good", "fair", "poor"]
"""good: fields are read nearly as well as on a perfect picture; fair: some are lost; poor: most are."""


@dataclass(frozen=True)
class ReadOptions:
    """What the client asked for: the flags of the request, by their meaning in the contract."""

    card_detect: bool = True
    pass_card_detect: bool = True
    flip_image: bool = False
    check_flip_image: bool = False
    validate_result: bool = False
    include: frozenset[Include] = frozenset()


@dataclass(frozen=True)
class Page:
    """An image to read text from, and the way back: `to_photo` maps its pixels to those of the photograph as sent."""

    pixels: Pixels
    to_photo: Homography

    @cached_property
    def grey(self) -> Grey:
        """The image in grey."""
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


@dataclass(frozen=True)
class TextLine:
    """One line of text: `quad` in pixels of the page it was read from, in the text's own order; score in [0, 1]."""

    text: str
    score: float
    quad: Quad


@dataclass(frozen=True)
class OrientedText:
    """The text lines of a page, found but not yet read, except those that served to tell which way is up.

    All quads are in the text's own order, so that a crop of one is upright and not mirrored."""

    page: Page
    unread: tuple[Quad, ...]
    read: tuple[TextLine, ...]


@dataclass(frozen=True)
class RecognizedText:
    """What the recognizer makes of one crop; score is its mean probability per character, in [0, 1]."""

    text: str
    score: float


LogProbabilities = NDArray[np.float32]
"""Natural logarithm of the probability of each class (worker.pipeline.characters) at each step across a strip, shape
(steps, classes)."""


@dataclass(frozen=True)
class StripCharacter:
    """A character that was read: its probability in [0, 1], and from where to where it was seen, in pixels of the
    strip as it was given (the network sees where a character is, not how wide: good to about half of its width)."""

    character: str
    probability: float
    left: float
    right: float

    @property
    def centre(self) -> float:
        """The middle of the span, in pixels of the strip."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class StripText:
    """What a strip says. `text`: upper case, without blanks at its ends or two in a row; `score`: mean probability of
    its characters, 0 for no text; `characters`: one for each of `text`; `log_probabilities`: what it was read from;
    `views`: what else was seen of the same line in other cuts, where it was looked at again."""

    text: str
    score: float
    characters: tuple[StripCharacter, ...]
    log_probabilities: LogProbabilities = field(repr=False, compare=False)
    views: tuple[LogProbabilities, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class KtpFields:
    """The 15 fields of the contract, as printed, upper case; None where not printed or not readable."""

    identity_id: str | None = None
    full_name: str | None = None
    birth_place: str | None = None
    birth_date: str | None = None
    gender: str | None = None
    address: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    village: str | None = None
    rtrw: str | None = None
    religion: str | None = None
    marital_status: str | None = None
    occupation: str | None = None
    nationality: str | None = None


@dataclass(frozen=True)
class Issue:
    """What is wrong or odd about the value of a field; `message` is public and never holds the value."""

    code: str
    severity: Literal["error", "warning"]
    message: str


@dataclass(frozen=True)
class Validation:
    """The issues found, by the name of the field in KtpFields; fields without issues are not named."""

    issues: Mapping[str, tuple[Issue, ...]]


@dataclass(frozen=True)
class ExtraFields:
    """What a card shows beside the 15 fields, as printed, upper case; None where not printed or not readable."""

    blood_type: str | None = None
    valid_until: str | None = None
    issued_place: str | None = None
    issued_date: str | None = None


@dataclass(frozen=True)
class CardCrops:
    """The portrait and the signature, cut out of the card upright, as bytes of a JPEG each; None without a card."""

    photo: bytes | None = field(default=None, repr=False)
    signature: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class QualityMeasure:
    """One measure of a picture; `value` in the unit that worker/pipeline/quality.py gives."""

    value: float
    verdict: Verdict


@dataclass(frozen=True)
class Quality:
    """How well a card can be read from its picture; `glare_fields` are names of KtpFields that glare covers."""

    blur: QualityMeasure
    dark: QualityMeasure
    bright: QualityMeasure
    glare: QualityMeasure
    grayscale: QualityMeasure
    resolution: QualityMeasure
    glare_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardReading:
    """What `read_card` gives. `tilt`: degrees in [0, 360), clockwise, of the card in the image as sent.

    The rest only where the options ask for it, by names of KtpFields: `confidence`, the probability in [0, 1] that a
    field's value is right, of each field that has one; `boxes`, the quad of each field whose place is known, in pixels
    of the image as sent (EXIF orientation applied).
    """

    fields: KtpFields
    tilt: float
    card_detected: bool
    flipped: bool
    validation: Validation | None = None
    confidence: Mapping[str, float] | None = None
    boxes: Mapping[str, Quad] | None = None
    quality: Quality | None = None
    extra: ExtraFields | None = None
    crops: CardCrops | None = None


class TextEngine(Protocol):
    """Finds and recognizes text; implemented in worker/engines."""

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """Quads of the text lines in `pixels`, in its pixels, long side along the text, in no certain order."""

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """The text of each crop (one horizontal line each), in the same order."""


class LineReader(Protocol):
    """Reads strips of one printed line each, in grey; implemented in worker/engines/strips.py."""

    def read(self, strips: list[Grey]) -> list[StripText]:
        """What each strip says, in the same order."""


@dataclass(frozen=True)
class FoundCard:
    """The likeliest card of a photograph: `quad` in its pixels and in the card's own order.

    Probabilities in [0, 1]: `ktp` that it is a KTP, `document` that it is another document.
    """

    quad: Quad
    ktp: float
    document: float


class CardEngine(Protocol):
    """Finds the card in a photograph; implemented in worker/engines."""

    def find(self, pixels: Pixels) -> FoundCard:
        """The likeliest card in `pixels`, however unlikely it is."""


@dataclass(frozen=True)
class Engines:
    """The native tools that the pipeline needs, loaded once per process; without `strips`, `text` alone reads.

    `again` reads doubtful lines once more; without it, `strips` does.
    """

    text: TextEngine
    cards: CardEngine
    strips: LineReader | None = None
    again: LineReader | None = None
