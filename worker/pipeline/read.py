"""A photograph's bytes → the card's fields: the stages, one after the other.

Which error ends a reading: no card was found, and the client asks for one → CardNotFound, whatever else the image
holds; no text at all → TextNotFound; text, but nothing that looks like a KTP to the model and reads like one, and fewer
labels in their places than make one → InvalidDocumentType; a KTP by its looks or its text, of which neither NIK nor
name can be read → ParsingFailed. Fewer gaps than that give None in the fields.
"""

from __future__ import annotations

from typing import Any

from shared.errors import CardNotFound, InvalidDocumentType, ParsingFailed, TextNotFound
from shared.tracing import span
from worker.pipeline.boxes import locate_fields
from worker.pipeline.crops import cut_crops
from worker.pipeline.decipher import CardReadings, decipher
from worker.pipeline.decode import decode_photo
from worker.pipeline.geometry import is_mirrored, measure_tilt
from worker.pipeline.locate import Sheet, find_sheet
from worker.pipeline.merge import RatedValue, list_doubtful, merge_readings
from worker.pipeline.parse import parse_lines
from worker.pipeline.quality import measure_quality
from worker.pipeline.second import read_again
from worker.pipeline.types import CardReading, Engines, ExtraFields, Include, KtpFields, Quad, ReadOptions
from worker.pipeline.validate import validate_fields


def read_card(data: bytes, options: ReadOptions, engines: Engines, max_pixels: int) -> CardReading:
    """Read the KTP in `data`, the bytes of a JPEG or PNG.

    `tilt` and `flipped` refer to the image as sent, its EXIF orientation applied: `flipped` says that the card is seen
    mirrored there, whether `flip_image` undoes that or the mirrored text gave it away. Raises CorruptedImage,
    ImageTooLarge and the errors that the module's docstring explains.
    """
    with span("decode"):
        photo = decode_photo(data, max_pixels, mirror=options.flip_image)
    with span("find card"):
        sheet = find_sheet(photo, engines, options.card_detect)
    if options.card_detect and not options.pass_card_detect and not sheet.is_card:
        raise CardNotFound()
    if sheet.lines is not None and not sheet.lines:
        raise TextNotFound()
    if sheet.frame is None or sheet.quad is None:
        raise ParsingFailed() if sheet.is_card else InvalidDocumentType()
    with span("decipher"):
        readings = decipher(sheet.table) if sheet.table else CardReadings({}, ExtraFields())
    with span("rate fields"):
        rated = _rate_fields(sheet, readings, engines)
    fields = KtpFields(**{name: each.value for name, each in rated.items()})
    if fields.identity_id is None and fields.full_name is None:
        raise ParsingFailed()
    quad = sheet.quad
    return CardReading(
        fields,
        measure_tilt(quad),
        sheet.is_card,
        is_mirrored(quad),
        validate_fields(fields) if options.validate_result else None,
        **_read_blocks(options.include, sheet, quad, rated, readings),
    )


def _read_blocks(
    include: frozenset[Include], sheet: Sheet, quad: Quad, rated: dict[str, RatedValue], readings: CardReadings
) -> dict[str, Any]:
    """The opt-in blocks that are asked for, by their names in CardReading."""
    blocks: dict[str, Any] = {}
    boxes = {}
    if sheet.table and include & {"boxes", "quality"}:
        boxes = locate_fields(sheet.table, sheet.page.to_photo)
    if "confidence" in include:
        blocks["confidence"] = {name: each.confidence for name, each in rated.items() if each.value is not None}
    if "boxes" in include:
        blocks["boxes"] = boxes
    if "quality" in include:
        # The limits of blur were found on flat cards; as the photograph stands one card in eight would be beyond them.
        blocks["quality"] = measure_quality(sheet.flat, quad, boxes)
    if "extra" in include:
        blocks["extra"] = readings.extra
    if "crops" in include:
        blocks["crops"] = cut_crops(sheet.page, quad)
    return blocks


def _rate_fields(sheet: Sheet, readings: CardReadings, engines: Engines) -> dict[str, RatedValue]:
    """Each field as the line reader has it, and as paddleocr has where that leaves a doubt or there is no reader."""
    assert sheet.frame
    rated = merge_readings(readings.fields, {})
    doubtful = list_doubtful(rated)
    if rated and not doubtful:
        return rated
    if sheet.lines is not None or sheet.table is None:
        return merge_readings(readings.fields, parse_lines(sheet.lines or (), sheet.frame))
    return merge_readings(readings.fields, read_again(doubtful, sheet.table, sheet.page, sheet.frame, engines.text))
