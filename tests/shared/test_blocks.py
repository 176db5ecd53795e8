"""The opt-in blocks: what docs/API.md shows is what the schemas write."""

import json
import re
from pathlib import Path

from shared.blocks import CropsSchema, ExtraSchema, QualitySchema
from shared.records import BLOCKS, RESULT_FIELDS
from shared.schemas import JobDataSchema

API = (Path(__file__).parents[2] / "docs" / "API.md").read_text()


def example():
    shown = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", API, re.DOTALL))
    return next(block for block in shown if "confidence" in block)


def test_the_example_has_every_block_with_the_keys_of_its_schema():
    shown = example()
    assert tuple(shown) == BLOCKS
    assert set(shown["confidence"]) - {"…"} < set(RESULT_FIELDS)
    assert set(shown["boxes"]) - {"…"} < set(RESULT_FIELDS)
    for name, schema in (("quality", QualitySchema()), ("extra", ExtraSchema()), ("crops", CropsSchema())):
        assert list(shown[name]) == list(schema.fields)
        assert schema.dump(shown[name]) == shown[name]


def test_every_block_has_its_place_in_the_document():
    assert set(BLOCKS) < set(JobDataSchema().fields)


def test_the_request_table_names_every_block():
    row = next(line for line in API.splitlines() if line.startswith("| `include`"))
    assert all(f"`{name}`" in row for name in BLOCKS)
