"""The contract is tested on the whole application, as the tests of the API are."""

from tests.api.conftest import app, client, client_of, parts, settings, worker

__all__ = ["app", "client", "client_of", "parts", "settings", "worker"]
