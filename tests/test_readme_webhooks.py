"""The README's ways to verify a webhook do what they say, on webhooks that are signed as the worker signs them."""

import base64
import json
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from shared.webhook_secrets import new_secret
from tests.conftest import README
from worker.webhooks.deliver import sign

BODY = '{"message":"OK","data":{"id":"j","result":{"fullName":"ADÉ \\u2014 SPECIMEN"}}}'.encode()
DRIVERS = {
    "python": (
        [sys.executable, "FILE"],
        "{snippet}\n\nimport sys, base64\n"
        "given = json.load(sys.stdin)\n"
        "print(json.dumps(verify(base64.b64decode(given['body']), given['headers'], given['secret'])))\n",
    ),
    "js": (
        ["node", "FILE"],
        '{snippet}\nconst given = JSON.parse(require("fs").readFileSync(0));\n'
        'const body = Buffer.from(given.body, "base64");\n'
        "console.log(JSON.stringify(verify(body, given.headers, given.secret)));\n",
    ),
    "php": (
        ["php", "FILE"],
        "<?php\n{snippet}\n$given = json_decode(file_get_contents('php://stdin'), true);\n"
        "echo json_encode(verify(base64_decode($given['body']), $given['headers'], $given['secret']));\n",
    ),
}


@pytest.fixture(params=DRIVERS)
def verify(request, tmp_path):
    """Runs the snippet of a language; gives the document, or None if it refused."""
    command, driver = DRIVERS[request.param]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    snippets = re.findall(rf"```{request.param}\n(.*?)```", README, re.DOTALL)
    (snippet,) = [each for each in snippets if re.search(r"(def|function) verify\(", each)]
    program = tmp_path / f"program.{request.param}"
    program.write_text(driver.replace("{snippet}", snippet))

    def run(body: bytes, headers: dict[str, str], secret: str) -> dict | None:
        given = json.dumps({"body": base64.b64encode(body).decode(), "headers": headers, "secret": secret})
        command_line = [str(program) if part == "FILE" else part for part in command]
        done = subprocess.run(command_line, input=given, capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else None

    return run


def test_a_webhook_is_verified_and_given(verify):
    secret = new_secret()
    assert verify(BODY, sign("j", BODY, (secret,)), secret) == json.loads(BODY)


def test_both_secrets_verify_during_a_rotation(verify):
    old, new = new_secret(), new_secret()
    headers = sign("j", BODY, (new, old))
    assert verify(BODY, headers, old) == verify(BODY, headers, new) == json.loads(BODY)


def test_what_was_changed_is_signed_by_others_or_is_old_is_refused(verify):
    secret = new_secret()
    headers = {name.lower(): value for name, value in sign("j", BODY, (secret,)).items()}
    assert verify(BODY.replace(b"OK", b"KO"), headers, secret) is None
    assert verify(BODY, headers, new_secret()) is None
    assert verify(BODY, headers | {"webhook-id": "k"}, secret) is None
    assert verify(BODY, headers | {"webhook-timestamp": "soon"}, secret) is None
    assert verify(BODY, headers | {"webhook-signature": "v1"}, secret) is None
    old = int(time.time()) - 301
    signature = Webhook(secret).sign("j", datetime.fromtimestamp(old, UTC), BODY.decode())
    aged = {"webhook-id": "j", "webhook-timestamp": str(old), "webhook-signature": signature}
    assert verify(BODY, aged, secret) is None
