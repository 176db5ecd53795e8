"""A process has only so much of bodies in memory at once, and gives the room back whatever becomes of a request."""

from dataclasses import replace

import pytest

from api import create_app
from api.body_room import BodyRoom
from shared.errors import ServiceUnavailable
from tests.api.conftest import PNG, URL

BATCHES = f"{URL}/batches"


def test_what_does_not_fit_beside_others_is_refused():
    room = BodyRoom(10)
    room.take(7)
    with pytest.raises(ServiceUnavailable):
        room.take(4)
    room.take(3)
    room.give_back(7)
    room.take(7)


def test_one_that_is_alone_is_let_in_however_large():
    room = BodyRoom(10)
    room.take(100)
    with pytest.raises(ServiceUnavailable):
        room.take(1)
    room.give_back(100)
    room.take(1)


@pytest.mark.parametrize(
    ("path", "payload"),
    [(URL, {"image": PNG}), (URL, {"image": "!"}), (BATCHES, {"items": [{"image": PNG}]}), (BATCHES, {"items": 1})],
)
def test_every_request_gives_back_its_room(client, parts, path, payload):
    client.post(path, json=payload)
    client.post(path, data="{", content_type="application/json")
    assert parts.bodies._taken == 0


def test_who_waits_for_a_job_has_no_room_any_more(client, parts, monkeypatch):
    taken = []
    monkeypatch.setattr(parts.finished, "wait", lambda *_: taken.append(parts.bodies._taken))
    client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=1"})
    assert taken == [0]


def test_a_request_without_room_is_503_and_keeps_nothing(settings, parts):
    app = create_app(replace(settings, max_bodies_bytes=1000))
    app.extensions["kartu"].bodies.take(900)
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}"}
    response = app.test_client().post(URL, json={"image": PNG}, headers=headers)
    assert response.status_code == 503
    assert response.json["errors"]["errorType"] == "service_unavailable"
    assert response.headers["Retry-After"]
    assert parts.redis.keys("kartu:job:*") == []
