"""The README says what is so: its tables and its example are compared with where they come from."""

import json
import re

from shared.settings import settings_table
from tests.conftest import DATA, README


def test_the_table_of_settings_is_the_generated_one():
    table = re.search(r"<!-- settings[^\n]*-->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    assert table[1].strip() == settings_table().strip()


def test_the_example_shows_the_sample():
    example = json.loads(re.search(r"```json\n(.*?)\n```", README, re.DOTALL)[1])
    sample = next(card for card in json.loads((DATA / "cards.json").read_text()) if card["file"] == "sample.jpg")
    assert example["data"]["result"] == sample["fields"]
