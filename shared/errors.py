"""Every error that a client can meet: one class per errorType of the contract.

`message` is a sentence for a person and is public: it never holds data of a person or of the image. It is in English;
`shared.messages` has each of them in Indonesian.
"""

from __future__ import annotations

from typing import ClassVar


class KartuError(Exception):
    """What ends a request or a job; the class says how it looks to the client."""

    error_type: ClassVar[str] = "processing_failed"
    http_status: ClassVar[int] = 500
    charged: ClassVar[bool] = False
    title: ClassVar[str] = "Processing failed"
    sentence: ClassVar[str] = "The request could not be processed."
    retry_after_s: int | None = None
    """Seconds until it may be tried again: the default of the class, or what an instance was given."""

    def __init__(self, message: str | None = None, *, retry_after_s: int | None = None) -> None:
        self.message = message or self.sentence
        if retry_after_s is not None:
            self.retry_after_s = retry_after_s
        super().__init__(self.message)


class InvalidBase64Encoding(KartuError):
    """`image` is not base64."""

    error_type = "invalid_base64_encoding"
    http_status = 400
    title = "Invalid base64 encoding"
    sentence = "The image is not encoded in base64."


class ImageTooLarge(KartuError):
    """Over the limit in bytes or in pixels."""

    error_type = "image_too_large"
    http_status = 413
    title = "Image too large"
    sentence = "The image is too large."


class UnsupportedImageType(KartuError):
    """Neither JPEG nor PNG by its first bytes."""

    error_type = "unsupported_image_type"
    http_status = 415
    title = "Unsupported image type"
    sentence = "The image is neither JPEG nor PNG."


class CorruptedImage(KartuError):
    """JPEG or PNG by its header, but it cannot be decoded."""

    error_type = "corrupted_image"
    http_status = 422
    title = "Corrupted image"
    sentence = "The image is damaged or incomplete and cannot be decoded."


class CardNotFound(KartuError):
    """No card, and the client does not tolerate that."""

    error_type = "card_not_found"
    http_status = 422
    charged = True
    title = "Card not found"
    sentence = "No card was found in the image."


class TextNotFound(KartuError):
    """Nothing to read in the image."""

    error_type = "text_not_found"
    http_status = 422
    charged = True
    title = "Text not found"
    sentence = "No text was found in the image."


class InvalidDocumentType(KartuError):
    """There is text, but it is no KTP."""

    error_type = "invalid_document_type"
    http_status = 422
    charged = True
    title = "Not a KTP"
    sentence = "The document in the image is not a KTP."


class ParsingFailed(KartuError):
    """A KTP, but neither the NIK nor the name can be made out."""

    error_type = "parsing_failed"
    http_status = 422
    charged = True
    title = "KTP not readable"
    sentence = "The document is a KTP, but its fields could not be read."


class ProcessingFailed(KartuError):
    """A fault of ours, after all retries."""

    title = "Processing failed"
    sentence = "The image could not be processed because of a fault on our side; it is not charged."


class Unauthorized(KartuError):
    """No key, or one that is not valid."""

    error_type = "unauthorized"
    http_status = 401
    title = "Unauthorized"
    sentence = "A valid API key is needed: Authorization: Bearer <key>."


class Forbidden(KartuError):
    """A valid key without the right that this needs; `scope` names it."""

    error_type = "forbidden"
    http_status = 403
    title = "Forbidden"
    sentence = "This API key does not have the right to do this."

    def __init__(self, scope: str | None = None) -> None:
        super().__init__(f"This API key does not have the right {scope}." if scope else None)


class NotFound(KartuError):
    """Unknown, or another key's."""

    error_type = "not_found"
    http_status = 404
    title = "Not found"
    sentence = "There is nothing at this address."


class Gone(KartuError):
    """It was there once, and was deleted or has expired."""

    error_type = "gone"
    http_status = 410
    title = "Gone"
    sentence = "This has been deleted or has expired."


class MethodNotAllowed(KartuError):
    """The address exists, but not for this method."""

    error_type = "method_not_allowed"
    http_status = 405
    title = "Method not allowed"
    sentence = "This method is not allowed at this address."


class IdempotencyKeyReused(KartuError):
    """The Idempotency-Key came before, with another payload."""

    error_type = "idempotency_key_reused"
    http_status = 422
    title = "Idempotency key reused"
    sentence = "This Idempotency-Key was used before with another payload."


class RateLimited(KartuError):
    """The key has sent more than its rate, or its quota of the day, permits: nothing was accepted."""

    error_type = "rate_limited"
    http_status = 429
    title = "Rate limit exceeded"
    sentence = "Too many requests with this API key; please try again later."
    retry_after_s = 60


class QueueFull(KartuError):
    """More jobs wait than KARTU_QUEUE_LIMIT: nothing was accepted."""

    error_type = "queue_full"
    http_status = 503
    title = "Queue full"
    sentence = "Too many images are waiting at the moment; please try again later."
    retry_after_s = 10


class ServiceUnavailable(KartuError):
    """Redis cannot be reached or is full: nothing was accepted."""

    error_type = "service_unavailable"
    http_status = 503
    title = "Service unavailable"
    sentence = "The service is not available at the moment; please try again."
    retry_after_s = 5


class ValidationFailed(KartuError):
    """The payload does not fit the schema; `fields` maps each field to its sentences."""

    error_type = "validation"
    http_status = 400
    title = "Validation failed"
    sentence = "Input payload validation failed."

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__()
        self.fields = fields


TITLES = {each.error_type: each.title for each in KartuError.__subclasses__()}
"""errorType → the title of its problem document."""
