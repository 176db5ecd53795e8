"""Every error that a client can meet: one class per errorType of the contract.

`message` is a sentence for a person and is public: it never holds data of a person or of the image.
"""

from __future__ import annotations

from typing import ClassVar


class KartuError(Exception):
    """What ends a request or a job; the class says how it looks to the client."""

    error_type: ClassVar[str] = "processing_failed"
    http_status: ClassVar[int] = 500
    charged: ClassVar[bool] = False
    sentence: ClassVar[str] = "The request could not be processed."
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.sentence
        super().__init__(self.message)


class InvalidBase64Encoding(KartuError):
    """`image` is not base64."""

    error_type = "invalid_base64_encoding"
    http_status = 400
    sentence = "The image is not encoded in base64."


class ImageTooLarge(KartuError):
    """Over the limit in bytes or in pixels."""

    error_type = "image_too_large"
    http_status = 413
    sentence = "The image is too large."


class UnsupportedImageType(KartuError):
    """Neither JPEG nor PNG by its first bytes."""

    error_type = "unsupported_image_type"
    http_status = 415
    sentence = "The image is neither JPEG nor PNG."


class CorruptedImage(KartuError):
    """JPEG or PNG by its header, but it cannot be decoded."""

    error_type = "corrupted_image"
    http_status = 422
    sentence = "The image is damaged or incomplete and cannot be decoded."


class CardNotFound(KartuError):
    """No card, and the client does not tolerate that."""

    error_type = "card_not_found"
    http_status = 422
    charged = True
    sentence = "No card was found in the image."


class TextNotFound(KartuError):
    """Nothing to read in the image."""

    error_type = "text_not_found"
    http_status = 422
    charged = True
    sentence = "No text was found in the image."


class InvalidDocumentType(KartuError):
    """There is text, but it is no KTP."""

    error_type = "invalid_document_type"
    http_status = 422
    charged = True
    sentence = "The document in the image is not a KTP."


class ParsingFailed(KartuError):
    """A KTP, but neither the NIK nor the name can be made out."""

    error_type = "parsing_failed"
    http_status = 422
    charged = True
    sentence = "The document is a KTP, but its fields could not be read."


class ProcessingFailed(KartuError):
    """A fault of ours, after all retries."""

    sentence = "The image could not be processed because of a fault on our side; it is not charged."


class Unauthorized(KartuError):
    """No key, or one that is not valid."""

    error_type = "unauthorized"
    http_status = 401
    sentence = "A valid API key is needed: Authorization: Bearer <key>."


class NotFound(KartuError):
    """Unknown, or another key's."""

    error_type = "not_found"
    http_status = 404
    sentence = "There is nothing at this address."


class MethodNotAllowed(KartuError):
    """The address exists, but not for this method."""

    error_type = "method_not_allowed"
    http_status = 405
    sentence = "This method is not allowed at this address."


class QueueFull(KartuError):
    """More jobs wait than KARTU_QUEUE_LIMIT: nothing was accepted."""

    error_type = "queue_full"
    http_status = 503
    sentence = "Too many images are waiting at the moment; please try again later."
    retry_after_s = 10


class ServiceUnavailable(KartuError):
    """Redis cannot be reached or is full: nothing was accepted."""

    error_type = "service_unavailable"
    http_status = 503
    sentence = "The service is not available at the moment; please try again."
    retry_after_s = 5


class ValidationFailed(KartuError):
    """The payload does not fit the schema; `fields` maps each field to its sentences."""

    error_type = "validation"
    http_status = 400
    sentence = "Input payload validation failed."

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__()
        self.fields = fields
