"""The truth about one committed sample image, and its form as an entry of tests/data/cards.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from worker.pipeline.types import KtpFields, Quad


@dataclass(frozen=True)
class SampleTruth:
    """What a reader should find in a sample image; all geometry holds after the EXIF rotation is applied.

    `kind` is scan or photo. `card_in_frame`: an object of a card's shape lies in the image with all its edges visible
    and ground around them (false for a scan cropped at the card's edge, where `quad` is the image itself). `size` is
    (width, height) in pixels; `tilt` degrees clockwise in [0, 360); `expect` the errorType of an image that is no KTP.
    """

    file: str
    kind: str
    size: tuple[int, int]
    card_in_frame: bool
    tilt: float
    mirrored: bool
    quad: Quad | None
    fields: KtpFields | None
    expect: str | None = None


def json_name(field: str) -> str:
    """The contract's name of a field of KtpFields: identity_id is identityId."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


def _entry(sample: SampleTruth) -> dict[str, object]:
    fields = None if sample.fields is None else {json_name(k): v for k, v in asdict(sample.fields).items()}
    quad = None if sample.quad is None else [[round(float(x), 2), round(float(y), 2)] for x, y in sample.quad]
    entry: dict[str, object] = {
        "file": sample.file,
        "kind": sample.kind,
        "size": list(sample.size),
        "cardInFrame": sample.card_in_frame,
        "tilt": round(sample.tilt, 2) % 360.0,
        "mirrored": sample.mirrored,
        "quad": quad,
        "fields": fields,
    }
    return entry if sample.expect is None else {**entry, "expect": sample.expect}


def truth_json(samples: list[SampleTruth]) -> str:
    """The text of cards.json."""
    return json.dumps([_entry(sample) for sample in samples], indent=1, ensure_ascii=True) + "\n"
