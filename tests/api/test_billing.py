"""What the ledger says to the owner of a key."""

import pytest

from shared.usage import today, usage_key
from tests.api.conftest import PNG, URL

USAGE = "/v1/billing/usage"


def test_a_job_is_in_the_usage_of_today(client, worker):
    client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=20"})
    data = client.get(USAGE).json["data"]
    assert len(data["days"]) == 30
    assert data["days"][-1] == {"date": str(today()), "jobs": 1, "charged": 1, "outcomes": {"succeeded": 1}}
    assert data["total"] == {"jobs": 1, "charged": 1, "outcomes": {"succeeded": 1}}
    assert data["to"] == str(today())


def test_what_is_refused_is_no_job(client):
    client.post(URL, json={"image": "%"})
    assert client.get(USAGE).json["data"]["total"] == {"jobs": 0, "charged": 0, "outcomes": {}}


def test_the_sandbox_is_counted_and_never_charged(client_of, worker):
    client = client_of(sandbox=True)
    client.post(URL, json={"image": "sandbox:succeeded"}, headers={"Prefer": "wait=20"})
    data = client.get(USAGE).json["data"]
    assert data["sandbox"] is True
    assert data["total"] == {"jobs": 1, "charged": 0, "outcomes": {"succeeded": 1}}


def test_a_span_of_days(client, parts):
    parts.redis.hset(usage_key("bootstrap"), mapping={"succeeded": 5, "charged": 5})
    parts.redis.hset("kartu:usage:bootstrap:2026-01-02", mapping={"parsing_failed": 2, "charged": 2})
    data = client.get(f"{USAGE}?from=2026-01-01&to=2026-01-03").json["data"]
    assert [day["jobs"] for day in data["days"]] == [0, 2, 0]
    assert data["total"]["outcomes"] == {"parsing_failed": 2}


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "form=2026-01-01",
        "to=2026-13-01",
        "from=20260101",
        "from=2026-02-01&to=2026-01-01",
        "from=2020-01-01",
        "to=2026-W01-1",
    ],
)
def test_spans_that_are_none(client, query):
    response = client.get(f"{USAGE}?{query}")
    assert response.status_code == 400
    assert response.json["message"] == "Input payload validation failed."


def test_the_first_day_there_is(client):
    assert client.get(f"{USAGE}?to=0001-01-02").json["data"]["from"] == "0001-01-01"
