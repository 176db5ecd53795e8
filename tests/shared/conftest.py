"""The service that clients are tested on."""

from tests.fake_service import fake_service

__all__ = ["fake_service"]
