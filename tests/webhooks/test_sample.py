"""The sample customer's system: it trusts only what is signed as the standard says, and behaves as it is told."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from portal.adapters import sample
from portal.adapters.sample import Receiver, verify
from portal.adapters.sealed import unseal
from portal.adapters.signing import new_secret, sign
from portal.db.work import Pool, Work
from portal.operations import cataloguing
from portal.seed import cast, customer
from portal.settings import Settings

BODY = (
    b'{"type":"order.placed","timestamp":"2026-11-18T09:00:00Z","data":{"sequence":4,"account":"NORDWIND"}}'
)


def now() -> datetime:
    """Of each test: what was signed when the file was read is too old by the time a long run comes to it."""
    return datetime.now(UTC)


def signed(
    secret: str, body: bytes = BODY, at: datetime | None = None, webhook_id: str = "evt_7"
) -> dict[str, str]:
    """By the standard's own library."""
    at = at or now()
    signature = Webhook(secret).sign(webhook_id, at, body.decode())
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize(
    "how", ["right", "changed", "other id", "other secret", "old", "unsigned", "no secret"]
)
def test_only_what_is_signed_now_with_the_secret_is_taken(how: str) -> None:
    secret, former = new_secret(), new_secret()
    headers = signed(secret)
    body, keys = BODY, [former, secret]
    match how:
        case "changed":
            body += b" "
        case "other id":
            headers["webhook-id"] = "evt_8"
        case "other secret":
            keys = [former]
        case "old":
            headers = signed(secret, at=now() - timedelta(minutes=6))
        case "unsigned":
            headers.pop("webhook-signature")
        case "no secret":
            keys = []
    said = verify(keys, headers, body, now().timestamp())
    assert (said is None) == (how == "right"), said


def test_what_the_portal_signs_is_taken_while_a_secret_is_replaced() -> None:
    former, new = new_secret(), new_secret()
    at = int(now().timestamp())
    signature = sign([new, former], "evt_7", at, BODY)
    headers = {"webhook-id": "evt_7", "webhook-timestamp": str(at), "webhook-signature": signature}
    for known in (former, new):
        assert verify([known], headers, BODY, now().timestamp()) is None
        Webhook(known).verify(BODY, headers)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[tuple[Receiver, httpx.Client]]:
    receiver = Receiver(tmp_path / "sample")
    server = sample.serve(receiver, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
        yield receiver, client
    server.shutdown()
    server.server_close()


def test_it_shows_what_came_and_behaves_as_it_is_told(played: tuple[Receiver, httpx.Client]) -> None:
    receiver, client = played
    secret = new_secret()
    headers = signed(secret)
    assert client.post(sample.HOOK, content=BODY, headers=headers).status_code == 401
    form = {"form": receiver.form}
    assert client.post("/", data=form | {"key": secret}).status_code == 303
    assert client.post(sample.HOOK, content=BODY, headers=headers).status_code == 204
    for behaviour, status in (("gone", 410), ("failing", 503), ("busy", 429), ("moved", 302)):
        assert client.post("/", data=form | {"behaviour": behaviour}).status_code == 303
        assert client.post(sample.HOOK, content=BODY, headers=headers).status_code == status
    client.post("/", data=form | {"behaviour": "down"})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(sample.HOOK, content=BODY, headers=headers)
    page = client.get("/").text
    assert "7 messages came: 1 were taken (1 different), 1 had a signature that is not right." in page
    assert "NORDWIND: numbers 4 to 4, none is missing" in page
    assert secret not in page
    assert len(Receiver(receiver.directory).received) == 7, "it outlives a restart"


def test_no_web_site_reads_or_sets_it(played: tuple[Receiver, httpx.Client]) -> None:
    _, client = played
    for ask in (
        client.get("/", headers={"host": "evil.example"}),
        client.post("/", data={"behaviour": "gone"}),
    ):
        assert ask.status_code == 403
    odd = {"webhook-id": "<script>", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    client.post(sample.HOOK, content=b'{"type": "<script>", "data": []}', headers=odd)
    assert "<script>" not in client.get("/").text


async def test_the_demos_customer_is_connected_once_and_follows_its_port(
    pool: Pool, settings: Settings
) -> None:
    async with (work := Work(pool)):
        for account in cast.ACCOUNTS:
            await cataloguing.put_account(work, account)
    await customer.connect(pool, settings, "http://127.0.0.1:1111")
    await customer.connect(pool, settings, "http://127.0.0.1:2222")
    [made] = await pool.fetch(
        "select c.url, s.sealed from connection c join connection_secret s on s.connection_id = c.id"
    )
    assert made["url"] == "http://127.0.0.1:2222/webhooks"
    told = json.loads((settings.home / "sample" / "told.json").read_text())
    assert told["keys"] == [unseal(made["sealed"], settings.secret_key)]
    await pool.execute("update connection set deleted_at = now() where kind = 'webhook'")
    await customer.connect(pool, settings, "http://127.0.0.1:3333")
    assert await pool.fetchval("select count(*) from connection where kind = 'webhook'") == 1
