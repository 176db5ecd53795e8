import logging

import orjson

from shared.logs import JsonFormatter


def test_a_line_is_json_with_its_extras():
    record = logging.makeLogRecord(
        {"name": "n", "levelname": "INFO", "msg": "hello %s", "args": ("you",), "job_id": "7"}
    )
    line = orjson.loads(JsonFormatter().format(record))
    assert (line["message"], line["job_id"], line["logger"]) == ("hello you", "7", "n")


def test_an_exception_is_logged_by_type_and_place_and_not_by_its_words():
    try:
        raise ValueError("BUDI SANTOSO")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": (type(error), error, error.__traceback__)})
    text = JsonFormatter().format(record)
    assert "BUDI" not in text
    assert orjson.loads(text)["exception"]["type"] == "builtins.ValueError"
    assert "test_logs.py" in orjson.loads(text)["exception"]["frames"][0]
