"""Every sentence that a client can see is in the catalogue, and nothing else is."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import marshmallow
import orjson
import pytest
from marshmallow import Schema

import shared.batch_schemas
from shared.batch_schemas import BatchRequestSchema
from shared.errors import TITLES, Forbidden, ImageTooLarge, KartuError, ParsingFailed, ValidationFailed
from shared.messages import CATALOGUE, translate, translate_document
from shared.records import RESULT_FIELDS, Job, Outcome, ReadRequest, Status
from shared.schemas import (
    ReadRequestSchema,
    dump_accepted,
    dump_error,
    dump_job,
    dump_problem,
    dump_purged,
    error_document,
    load_request,
)

ROOT = Path(shared.batch_schemas.__file__).parents[1]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLASSES = [KartuError, *KartuError.__subclasses__()]
TAKE_SENTENCES = {each.__name__ for each in CLASSES} | {"ValidationError", "Issue", "Outcome", "_error", "_warning"}
"""Calls whose texts clients come to see."""

REQUESTS: tuple[type[Schema], ...] = (ReadRequestSchema, BatchRequestSchema)
STATUSES = get_args(Status)


def job(**changes) -> Job:
    given = {"id": "i", "owner": "o", "status": "queued", "created_at": NOON, "expires_at": NOON}
    return Job(**(given | {"request": ReadRequest()} | changes))


def texts(node: ast.AST, constants: dict[str, ast.AST]) -> Iterator[str]:
    """The texts in an expression, what varies in them as {}; the keys of a dict are names of fields."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.Name(id=name) if name in constants:
            yield from texts(constants[name], {})
        case ast.Dict(values=values):
            for value in values:
                yield from texts(value, constants)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from texts(child, constants)


def sentences_in(path: Path) -> Iterator[str]:
    """The sentences that a module gives to clients: in errors and issues, and as `message` of a document."""
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        given: list[ast.AST] = []
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in TAKE_SENTENCES:
                given = [*node.args, *(each.value for each in node.keywords)]
            case ast.Call(func=ast.Attribute(attr="__init__"), args=args):
                given = list(args)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="shown"))], value=value):
                given = [value]
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                given = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "message"]
        for each in given:
            yield from (text for text in texts(each, constants) if re.match(r"[A-Z].*( |\.$)|OK$", text))


def produced() -> set[str]:
    """The sentences of the code, what varies in them as {}."""
    paths = [path for folder in ("api", "shared", "worker") for path in (ROOT / folder).rglob("*.py")]
    found = {text for path in paths if "training" not in path.parts for text in sentences_in(path)}
    found |= {each.sentence for each in CLASSES} | {each.title for each in CLASSES}
    return found | {orjson.loads(dump_accepted("i", status, None))["message"] for status in STATUSES}


def sentences_of_schemas() -> set[str]:
    """What marshmallow can say of the fields that clients send, what varies in it as {}."""
    found = set()
    for schema in (each() for each in REQUESTS):
        found.update(schema.error_messages.values())
        for field in schema.fields.values():
            found.update(field.error_messages.values())
            for validator in field.validators:
                found.update(
                    getattr(validator, name) for name in dir(validator) if re.match("message_|default_m", name)
                )
    return {re.sub(r"\{\w+\}", "{}", sentence) for sentence in found}


def is_translated(sentence: str) -> bool:
    """Whether the catalogue has it, with everything that varies kept."""
    sample = sentence.replace("{}", "17")
    translated = translate(sample, "id")
    return sample == "OK" or (translated != sample and translated.count("17") == sample.count("17"))


def test_the_collection_sees_sentences_wherever_they_stand():
    found = produced()
    assert "The image is larger than {} bytes." in found  # an f-string
    assert "The request is larger than an image of the permitted size can make it." in found  # a constant
    assert "The payload is not valid JSON." in found  # in the list of a field
    assert "A NIK has 16 digits." in found  # of an issue
    assert "This API key does not have the right {}." in found  # of a constructor
    assert {"The job is queued.", "OK", "Card not found"} <= found


def test_every_sentence_of_the_code_is_translated():
    assert {sentence for sentence in produced() if not is_translated(sentence)} == set()


def test_every_sentence_of_marshmallow_is_translated():
    assert {sentence for sentence in sentences_of_schemas() if not is_translated(sentence)} == set()


def test_the_catalogue_holds_nothing_that_no_code_says():
    known = produced() | sentences_of_schemas()
    modules = (marshmallow.fields, marshmallow.validate)
    library = "".join(inspect.getsource(module) for module in modules)
    stale = {english for english in CATALOGUE if re.sub(r"\{\w+\}", "{}", english) not in known}
    assert {english for english in stale if english not in library} == set()


def test_each_sentence_has_the_same_placeholders_in_both_languages():
    for english, other in CATALOGUE.items():
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", other)), english
        assert other.strip() == other != ""
        assert english.endswith(".") == other.endswith("."), english


def test_no_sentence_is_in_the_catalogue_twice():
    pairs = json.loads((ROOT / "shared/messages_id.json").read_text("utf-8"), object_pairs_hook=list)
    assert len(pairs) == len(CATALOGUE)


@pytest.mark.parametrize("error", CLASSES)
def test_every_class_has_a_title(error):
    assert TITLES[error.error_type] == error.title


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("The image is larger than 2097152 bytes.", "Ukuran gambar melebihi 2097152 byte."),
        ("Length must be between 1 and 128.", "Panjang harus antara 1 dan 128."),
        (
            "Must be an array of any of: confidence, boxes.",
            "Harus berupa array yang berisi pilihan dari: confidence, boxes.",
        ),
        (Forbidden("jobs:read").message, "Kunci API ini tidak memiliki hak jobs:read."),
        ("A {} {0} {x} nobody wrote.", "A {} {0} {x} nobody wrote."),
        ("The image is larger than  bytes, or not.", "The image is larger than  bytes, or not."),
        ("The image is larger than {0} bytes.", "Ukuran gambar melebihi {0} byte."),
        ("", ""),
    ],
)
def test_what_varies_is_kept_and_what_is_unknown_stays(english, indonesian):
    assert translate(english, "id") == indonesian
    assert translate(english, "en") == english


@pytest.mark.parametrize("status", STATUSES)
def test_the_job_document_in_both_languages(status):
    outcomes = {"succeeded": Outcome("OK", True), "failed": Outcome.failure(ParsingFailed(), "e")}
    found = job(status=status, outcome=outcomes.get(status))
    english, other = orjson.loads(dump_job(found)), orjson.loads(dump_job(found, "id"))
    assert dump_job(found, "en") == dump_job(found)
    assert (other.pop("message") == english.pop("message")) is (status == "succeeded")
    assert other == english


def test_issues_are_translated_and_their_codes_are_not():
    issue = {"code": "not_16_digits", "severity": "error", "message": "A NIK has 16 digits."}
    fields = {name: {"valid": True, "issues": []} for name in RESULT_FIELDS}
    fields["identityId"] = {"valid": False, "issues": [issue]}
    result = dict.fromkeys(RESULT_FIELDS) | {"fullName": "OK", "occupation": "Cancelled."}
    outcome = Outcome("OK", True, result=result, validation={"valid": False, "fields": fields})
    found = job(status="succeeded", outcome=outcome, request=ReadRequest(reference_id="Cancelled."))
    document = orjson.loads(dump_job(found, "id"))
    assert document["data"]["validation"]["fields"]["identityId"]["issues"] == [
        issue | {"message": "NIK terdiri atas 16 digit."}
    ]
    assert document["data"]["result"] == result
    assert document["data"]["referenceId"] == "Cancelled."
    assert issue["message"] == "A NIK has 16 digits."


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"image": None},
        {"image": 1},
        {"image": ""},
        {"image": "x", "cardDetect": "yes"},
        {"image": "x", "referenceId": "r" * 129},
        {"image": "x", "include": ["colour"]},
        {"image": "x", "colour": "red", "message": 1, "errors": 2, "errorType": 3},
        {"image": "x", **{str(number): 1 for number in range(30)}},
        [],
    ],
)
def test_faults_of_fields_are_translated_by_the_same_names(payload):
    with pytest.raises(ValidationFailed) as raised:
        load_request(payload)
    english, other = (orjson.loads(dump_error(raised.value, "e", language)) for language in ("en", "id"))
    assert list(other["errors"]) == list(english["errors"])
    assert other["message"] == "Validasi isi permintaan gagal."
    for field, sentences in raised.value.fields.items():
        assert len(other["errors"][field]) == len(sentences)
        assert not set(other["errors"][field]) & set(sentences)


def test_refused_items_of_a_batch_are_translated_as_they_were_kept():
    kept = error_document(ImageTooLarge("The image is larger than 5 bytes."), "e")
    faults = error_document(ValidationFailed({"image": ["Missing data for required field."]}), "e")
    document = {"message": "OK", "data": {"items": [{"index": 0} | kept, {"index": 1} | faults]}}
    first, second = translate_document(document, "id")["data"]["items"]
    assert first == {"index": 0, "message": "Ukuran gambar melebihi 5 byte.", "errors": kept["errors"]}
    assert second["errors"] == {"image": ["Kolom ini wajib diisi."], "errorId": "e"}
    assert translate_document(document, "en") is document


def test_a_purge_cancels_what_had_not_ended():
    reference = ReadRequest(reference_id="r")
    assert orjson.loads(dump_purged(job(request=reference), NOON))["data"] == {
        "id": "i",
        "status": "cancelled",
        "referenceId": "r",
        "purgedAt": "2026-11-23T12:00:00.000Z",
    }
    ended = orjson.loads(dump_purged(job(status="failed"), NOON, "id"))
    assert ended["message"] == "Permintaan telah dihapus."
    assert ended["data"]["status"] == "failed"


def test_a_problem_of_an_error_that_only_a_later_release_knows():
    document = {"message": "New.", "errors": {"errorId": "e", "errorType": "new_one"}}
    assert orjson.loads(dump_problem(document, "new_one", 422, "id")) == {
        "type": "urn:kartu:error:new_one",
        "title": "New.",
        "status": 422,
        "detail": "New.",
        "errorId": "e",
        "errorType": "new_one",
    }


def test_a_field_named_as_a_member_of_the_error_keeps_its_faults():
    error = ValidationFailed({"errorType": ["Unknown field."]})
    problem = orjson.loads(dump_problem(error_document(error, "e"), error.error_type, 400))
    assert problem["errors"] == {"errorType": ["Unknown field."]}
    assert problem["errorType"] == "validation"
