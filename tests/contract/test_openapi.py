"""The OpenAPI document is true: what is checked in is what is served, its examples run, and random requests conform.

KARTU_SCHEMATHESIS_EXAMPLES=1000 runs so many requests against each operation.
"""

import os
from pathlib import Path

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.openapi import build_document, dump_document
from api.openapi.operations import PATHS
from shared.keys import KeySettings

CHECKED_IN = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES = int(os.environ.get("KARTU_SCHEMATHESIS_EXAMPLES", "150"))

SUBMISSIONS = [
    (path, name, example["value"])
    for path, operations in PATHS.items()
    for operation in operations.values()
    if "requestBody" in operation
    for name, example in operation["requestBody"]["content"]["application/json"]["examples"].items()
]


def test_a_changed_contract_is_checked_in():
    assert CHECKED_IN.read_text() == dump_document(), "write it anew: python -m api.openapi > docs/openapi.json"


def test_it_is_served_as_it_is_checked_in(app):
    assert app.test_client().get("/openapi.json").text == CHECKED_IN.read_text()


def test_every_operation_is_described(app):
    served = {
        (rule.rule.replace("<uuid:job_id>", "{id}").replace("<uuid:batch_id>", "{id}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    pages = ("/", "/playground/<path:name>", "/metrics", "/openapi.json", "/docs/", "/docs/<path:path>")
    left_out = {(path, "get") for path in pages}
    assert served - left_out == {(path, method) for path, operations in PATHS.items() for method in operations}


def conforms(response, path: str, method: str) -> None:
    """Whether an answer is what the document says of its status."""
    document = build_document()
    described = document["paths"][path][method]["responses"][str(response.status_code)]
    schema = described["content"][response.mimetype]["schema"]
    jsonschema_rs.validate({**schema, "components": document["components"]}, response.json)


@pytest.mark.parametrize(("path", "name", "payload"), SUBMISSIONS)
@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_examples_run(client_of, worker, path, name, payload, accept):
    client = client_of(sandbox=True)
    response = client.post(path, json=payload, headers={"Prefer": "wait=2", "Accept": accept})
    expected = {"succeeded": 200, "card_not_found": 422, "slow": 202, "mixed": 202, "webhook": 202, "test": 202}
    assert response.status_code == expected[name]
    conforms(response, path, "post")
    if "Location" in response.headers:
        found = client.get(response.headers["Location"])
        assert found.status_code == 200
        conforms(found, f"{response.headers['Location'].rpartition('/')[0]}/{{id}}", "get")


def test_headers_that_are_sent_are_described(client_of, worker):
    """Of the answers that tell a client when to come again, or what it has left."""
    client, read = client_of(sandbox=True, rate_per_minute=2), PATHS["/v1/ocr/id/ktp"]["post"]["responses"]
    for status in (202, 422, 429):
        image = "sandbox:card_not_found" if status == 422 else "sandbox:slow"
        response = client.post("/v1/ocr/id/ktp", json={"image": image}, headers={"Prefer": "wait=2"})
        assert response.status_code == status
        told = {"Location", "Retry-After", "Preference-Applied", "RateLimit", "RateLimit-Policy"} & set(
            response.headers.keys()
        )
        assert told
        assert told <= set(read[str(status)]["headers"])


def test_the_other_answers_conform_too(client_of):
    client = client_of(sandbox=True)
    location = client.post("/v1/ocr/id/ktp", json={"image": "sandbox:slow"}).headers["Location"]
    for method in ("get", "delete", "get"):
        conforms(getattr(client, method)(location), "/v1/ocr/id/ktp/{id}", method)
    conforms(client.get("/v1/billing/usage"), "/v1/billing/usage", "get")
    conforms(client.get("/v1/webhooks/deliveries"), "/v1/webhooks/deliveries", "get")
    conforms(client.get("/readyz"), "/readyz", "get")


described = schemathesis.openapi.from_dict(build_document())
described.config.output.sanitization.update(enabled=False)


class Asked:
    """Stands for the application while tests are collected; each test says which one it is."""

    app: Flask

    def __call__(self, *call):
        return self.app(*call)


described.app = Asked()


# Whether a text is an image is beyond a schema, so a request that fits the schema may be refused.
LEFT_OUT = [positive_data_acceptance]
# A batch is accepted whatever is wrong with some of its items.
LEFT_OUT_OF_BATCHES = [*LEFT_OUT, negative_data_rejection]


@pytest.fixture
def sandbox_key(parts):
    """A key whose random images are refused or played, where the other's would be read."""
    _, plain = parts.keys.create("random", KeySettings(sandbox=True, rate_per_minute=0))
    return plain


@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_random_requests_get_the_answers_that_are_described(case, app, settings, sandbox_key):
    described.app.app = app
    for key in (settings.bootstrap_key, sandbox_key):
        case.call_and_validate(
            headers={"Authorization": f"Bearer {key}", **(case.headers or {})},
            excluded_checks=LEFT_OUT_OF_BATCHES if case.path.endswith("/batches") else LEFT_OUT,
        )
