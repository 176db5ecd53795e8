"""API keys are stored hashed and compared in constant time; secrets come by settings and show up nowhere."""

from __future__ import annotations

import hashlib
import hmac
import re
import subprocess

import pytest

from api import create_app
from deploy.folders import PROJECT
from shared.key_store import KeyStore
from shared.settings import Settings
from tests.api.conftest import PNG, URL


def stored(redis) -> bytes:
    """All that Redis holds, names and values."""
    return b"".join(name + (redis.dump(name) or b"") for name in redis.keys("*"))


def test_of_a_key_only_its_hash_is_stored(parts):
    record, plain = KeyStore(parts.redis).create("client")
    secret = plain.split("_", 2)[2]
    assert parts.redis.hget(f"kartu:key:{record.id}", "sha256") == hashlib.sha256(plain.encode()).hexdigest().encode()
    for form in (plain, secret, hashlib.md5(plain.encode()).hexdigest()):
        assert form.encode() not in stored(parts.redis)


def test_what_is_compared_is_compared_in_constant_time(app, client, parts, settings, monkeypatch):
    """Both kinds of keys: by `hmac.compare_digest`, of digests, so neither content nor length shows in the time."""
    compared = []
    usual = hmac.compare_digest

    def compare(one, other):
        compared.append((len(one), len(other)))
        return usual(one, other)

    monkeypatch.setattr("hmac.compare_digest", compare)
    _, plain = parts.keys.create("client")
    for key, status in ((plain, 200), (plain[:-1] + "x", 401), (settings.bootstrap_key, 200), ("x", 401)):
        compared.clear()
        asked = app.test_client().get("/v1/billing/usage", headers={"Authorization": f"Bearer {key}"})
        assert asked.status_code == status
        assert compared
        assert all(one == other for one, other in compared), compared


@pytest.mark.parametrize("name", ["KARTU_SEALING_KEYS", "KARTU_BOOTSTRAP_KEY"])
def test_a_secret_has_no_default(name):
    (found,) = [each for each in Settings.__dataclass_fields__.values() if each.metadata["env"] == name]
    assert found.default == ""


def test_settings_never_show_a_secret():
    settings = Settings(sealing_keys="SECRET", bootstrap_key="SECRET", redis_url="redis://:SECRET@host/0")
    assert "SECRET" not in repr(settings)


def test_no_secret_is_in_the_repository():
    files = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False).stdout.split()
    if not files:
        pytest.skip("this is no working copy of the repository")
    shapes = re.compile(rb"kartu_[0-9a-f]{12}_[\w-]{43}|whsec_[A-Za-z0-9+/]{32}|-----BEGIN [A-Z ]*PRIVATE KEY")
    found = [name for name in files if (PROJECT / name).is_file() and shapes.search((PROJECT / name).read_bytes())]
    assert [name for name in found if not name.startswith("tests/")] == []


def test_every_answer_is_confined(client, app):
    """Nothing may be cached on the way, sniffed for another type, or framed."""
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    anybody = app.test_client()
    for response in (
        client.get(location),
        client.get(URL),
        client.get("/v1/billing/usage"),
        anybody.get(location),
        anybody.get("/nowhere"),
        anybody.get("/healthz"),
        anybody.get("/openapi.json"),
        anybody.get("/docs/"),
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in response.headers or "Python" not in response.headers["Server"]
    assert client.get(location).headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in client.get(location, headers={"Origin": "https://x.example"}).headers


def test_the_application_starts_with_no_secret_only_to_say_so():
    with pytest.raises(ValueError, match="KARTU_SEALING_KEYS is not set"):
        create_app(Settings(sealing_keys=""))


def test_the_tests_that_the_threat_model_names_exist():
    named = set(re.findall(r"`(tests/[\w/.]+)`", (PROJECT / "deploy" / "SECURITY.md").read_text()))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []
