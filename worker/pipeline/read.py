"""A photograph's bytes → the card's fields: the stages, one after the other.

Which error ends a reading: no card was found, and the client asks for one → CardNotFound, whatever else the image
holds; no text at all → TextNotFound; text, but fewer labels in their places than make a KTP, and nothing that looks
like one → InvalidDocumentType; a KTP by its looks or labels, of which neither NIK nor name can be read → ParsingFailed.
Fewer gaps than that give None in the fields.
"""

from __future__ import annotations

from shared.errors import CardNotFound, InvalidDocumentType, ParsingFailed, TextNotFound
from worker.pipeline.decode import decode_photo
from worker.pipeline.geometry import is_mirrored, measure_tilt
from worker.pipeline.locate import find_sheet
from worker.pipeline.parse import parse_fields
from worker.pipeline.types import CardReading, Engines, ReadOptions
from worker.pipeline.validate import validate_fields


def read_card(data: bytes, options: ReadOptions, engines: Engines, max_pixels: int) -> CardReading:
    """Read the KTP in `data`, the bytes of a JPEG or PNG.

    `tilt` and `flipped` refer to the image as sent, its EXIF orientation applied: `flipped` says that the card is seen
    mirrored there, whether `flip_image` undoes that or the mirrored text gave it away. Raises CorruptedImage,
    ImageTooLarge and the errors that the module's docstring explains.
    """
    photo = decode_photo(data, max_pixels, mirror=options.flip_image)
    sheet = find_sheet(photo, engines, options.card_detect)
    if options.card_detect and not options.pass_card_detect and not sheet.is_card:
        raise CardNotFound()
    if not sheet.lines:
        raise TextNotFound()
    if sheet.frame is None or sheet.quad is None:
        raise ParsingFailed() if sheet.is_card else InvalidDocumentType()
    fields = parse_fields(sheet.lines, sheet.frame)
    if fields.identity_id is None and fields.full_name is None:
        raise ParsingFailed()
    validation = validate_fields(fields) if options.validate_result else None
    return CardReading(fields, measure_tilt(sheet.quad), sheet.is_card, is_mirrored(sheet.quad), validation)
