"""The sentences that clients see, in their language: the code speaks English, the catalogue beside it has Indonesian.

The catalogue `messages_id.json` maps each English sentence to the Indonesian one. What varies in a sentence is a
`{placeholder}` in both, so that sentences are translated as they are sent, long after they were put together.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "id"]

CATALOGUE: dict[str, str] = json.loads(files("shared").joinpath("messages_id.json").read_text("utf-8"))
"""English sentence → Indonesian sentence."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _compile(template: str) -> re.Pattern[str]:
    """The pattern of all sentences that `template` can become."""
    texts_and_names = _PLACEHOLDER.split(template)
    texts, names = texts_and_names[::2], texts_and_names[1::2]
    gaps = [f"(?P<{name}>.+?)" for name in names]
    return re.compile("".join(re.escape(text) + gap for text, gap in zip(texts, [*gaps, ""], strict=True)))


_TEMPLATES = [(_compile(english), other) for english, other in CATALOGUE.items() if _PLACEHOLDER.search(english)]


def translate(sentence: str, language: Language) -> str:
    """The sentence in `language`; one that the catalogue does not know is given back as it is."""
    if language == "en":
        return sentence
    if sentence in CATALOGUE:
        return CATALOGUE[sentence]
    for pattern, other in _TEMPLATES:
        if found := pattern.fullmatch(sentence):
            return other.format(**found.groupdict())
    return sentence


def translate_document(document: dict[str, Any], language: Language) -> dict[str, Any]:
    """The document with its sentences in `language`: they stand under `message` and in the lists of `errors`."""
    if language == "en":
        return document
    return {name: _translate_member(name, value, language) for name, value in document.items()}


def _translate_member(name: str, value: Any, language: Language) -> Any:
    match value:
        case str() if name == "message":
            return translate(value, language)
        case dict() if name == "errors":
            return {field: _translate_fault(fault, language) for field, fault in value.items()}
        case dict():
            return translate_document(value, language)
        case list():
            return [translate_document(each, language) if isinstance(each, dict) else each for each in value]
        case _:
            return value


def _translate_fault(fault: Any, language: Language) -> Any:
    """The sentences about one field; errorId and errorType, which stand beside the fields, are no lists."""
    return [translate(sentence, language) for sentence in fault] if isinstance(fault, list) else fault
