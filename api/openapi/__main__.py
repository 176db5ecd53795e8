"""Prints the OpenAPI document: `python -m api.openapi > docs/openapi.json`."""

import sys

from api.openapi import dump_document

sys.stdout.write(dump_document())
