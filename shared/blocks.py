"""The opt-in blocks of the job document: how a request names them, and the shape of each."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from shared.records import BLOCKS, RESULT_FIELDS, Include


class BlockNames(fields.Field[tuple[Include, ...]]):
    """An array of names of BLOCKS; loads to each name once, in their order."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[Include, ...]:
        if not isinstance(value, list) or not all(name in BLOCKS for name in value):
            raise ValidationError(f"Must be an array of any of: {', '.join(BLOCKS)}.")
        return tuple(name for name in BLOCKS if name in value)


class ConfidenceSchema(Schema):
    """The probability in [0, 1] that a field's value is right; null where the field is."""

    class Meta:
        """Order and names come from RESULT_FIELDS."""

        include: ClassVar = {name: fields.Float(required=True, allow_none=True) for name in RESULT_FIELDS}


class BoxesSchema(Schema):
    """Four corners [x, y] a field, in pixels of the image as sent; null where the place is not known."""

    class Meta:
        """Order and names come from RESULT_FIELDS."""

        include: ClassVar = {
            name: fields.List(fields.List(fields.Float()), required=True, allow_none=True) for name in RESULT_FIELDS
        }


class MeasureSchema(Schema):
    """One measure of the picture; docs/QUALITY.md has units and thresholds."""

    value = fields.Float(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(("good", "fair", "poor")))


class GlareSchema(MeasureSchema):
    """The measure of glare, and the fields that it covers."""

    class Meta:
        """`fields` cannot be an attribute of a Schema, which has one of that name."""

        include: ClassVar = {"fields": fields.List(fields.String(), required=True)}


class QualitySchema(Schema):
    """How well the card can be read from the picture."""

    blur = fields.Nested(MeasureSchema, required=True)
    dark = fields.Nested(MeasureSchema, required=True)
    bright = fields.Nested(MeasureSchema, required=True)
    glare = fields.Nested(GlareSchema, required=True)
    grayscale = fields.Nested(MeasureSchema, required=True)
    resolution = fields.Nested(MeasureSchema, required=True)


class ExtraSchema(Schema):
    """What the card shows beside the 15 fields."""

    bloodType = fields.String(required=True, allow_none=True)
    validUntil = fields.String(required=True, allow_none=True)
    issuedPlace = fields.String(required=True, allow_none=True)
    issuedDate = fields.String(required=True, allow_none=True)


class CropsSchema(Schema):
    """Pictures of parts of the card: JPEG in base64, null without a card."""

    photo = fields.String(required=True, allow_none=True)
    signature = fields.String(required=True, allow_none=True)


class IssueSchema(Schema):
    """What is wrong or odd about a value; the value itself is never in it."""

    code = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(("error", "warning")))
    message = fields.String(required=True)


class FieldValidationSchema(Schema):
    """A field without errors is valid; it may have warnings."""

    valid = fields.Boolean(required=True)
    issues = fields.List(fields.Nested(IssueSchema), required=True)


class FieldValidationsSchema(Schema):
    """One for each of the 15 fields."""

    class Meta:
        """Order and names come from RESULT_FIELDS."""

        include: ClassVar = {name: fields.Nested(FieldValidationSchema, required=True) for name in RESULT_FIELDS}


class ValidationSchema(Schema):
    """What is right and wrong in the format of each field."""

    valid = fields.Boolean(required=True)
    # `fields` is an attribute of every Schema.
    of_fields = fields.Nested(FieldValidationsSchema, required=True, data_key="fields", attribute="fields")
