"""The answer that was waited for, the poll and the webhook are the same bytes: for a success and every job error."""

import pytest

from shared.errors import KartuError
from shared.records import BLOCKS
from shared.sandbox import JOB_ERRORS
from tests.api.conftest import URL
from worker.webhooks.deliver import Deliverer

WAIT = {"Prefer": "wait=20"}


class Sender:
    """Notes what would be sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, str], bytes]] = []

    def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.sent.append((url, headers, body))
        return 204


@pytest.mark.parametrize("scenario", ["succeeded", *JOB_ERRORS])
@pytest.mark.parametrize("language", ["en", "id"])
def test_answer_poll_and_webhook_are_the_same_bytes(client_of, worker, parts, scenario, language):
    client, speaks = client_of(sandbox=True), {"Accept-Language": language}
    payload = {
        "image": f"sandbox:{scenario}",
        "referenceId": "r-1",
        "include": list(BLOCKS),
        "validateResult": True,
        "checkFlipImage": True,
        "callbackUrl": "https://example.com/webhooks",
    }
    answer = client.post(URL, json=payload, headers=WAIT | speaks)
    error: type[KartuError] | None = JOB_ERRORS.get(scenario)
    assert answer.status_code == (error.http_status if error else 200)
    data = answer.json["data"]
    assert (data["status"], data["charged"]) == (("failed", error.charged) if error else ("succeeded", True))
    assert answer.json.get("errors", {}).get("errorType") == (error.error_type if error else None)
    for headers in (speaks, speaks | WAIT):
        poll = client.get(f"{URL}/{data['id']}", headers=headers)
        assert (poll.status_code, poll.data) == (200, answer.data)
    sender = Sender()
    assert parts.deliveries.hand_over() == [data["id"]]
    Deliverer(parts.jobs, parts.deliveries, parts.keys, parts.secrets, sender).work(data["id"])
    ((url, headers, body),) = sender.sent
    assert (url, body, headers["webhook-id"]) == (payload["callbackUrl"], answer.data, data["id"])


def test_a_client_of_the_specified_api_needs_no_header(client_of, worker):
    client = client_of(sandbox=True, default_wait_s=20)
    good = client.post(URL, json={"image": "sandbox:succeeded"})
    assert (good.status_code, good.json["message"]) == (200, "OK")
    assert good.json["data"]["result"]["identityId"]
    bad = client.post(URL, json={"image": "sandbox:card_not_found"})
    assert (bad.status_code, bad.json["errors"]["errorType"]) == (422, "card_not_found")
    assert client.post(URL, json={"image": "sandbox:slow"}, headers={"Prefer": "respond-async"}).status_code == 202
