"""A worker is killed while the mail server takes what it tells: another tells it again, and a mailbox knows it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.adapters.children import free_port
from tests.mail.newsroom import PETRA, Newsroom
from tests.portals import Portal


@dataclass
class Server:
    """A mail server that thinks about each mail for as long as `is_slow`."""

    is_slow: bool = True
    heard: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    has_heard: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        assert isinstance(content, bytes)
        self.heard.append(content)
        self.senders.append(str(envelope.mail_from))
        self.has_heard.set()
        while self.is_slow:  # noqa: ASYNC110 - the test changes it from another thread
            await asyncio.sleep(0.05)
        self.taken.append(content)
        return "250 Kept"


@pytest.fixture(scope="module")
def post() -> Iterator[tuple[Server, int]]:
    server, port = Server(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, port
    server.is_slow = False
    controller.stop()


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal], post: tuple[Server, int]) -> Portal:
    environment = {"PORTAL_SMTP_PORT": str(post[1]), "PORTAL_NEWS_AFTER_SECONDS": "0"}
    return start_portal(environment=environment)


def test_a_worker_that_is_killed_while_it_sends_loses_nothing_and_doubles_nothing(
    portal: Portal, post: tuple[Server, int], tmp_path: Path
) -> None:
    server, _ = post
    room = Newsroom.open(portal, tmp_path)
    worker = portal.start("worker")
    order = room.order([("BOLT", 10)])

    assert server.has_heard.wait(60), portal.said()
    worker.kill()
    worker.wait()
    room.rows("update mail set claimed_at = claimed_at - interval '10 minutes' where state = 'sending'")
    server.is_slow = False
    portal.start("worker")
    until = time.monotonic() + 60
    while not room.rows("select from mail where state = 'sent'") and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(12)  # the next time that workers look, nothing is left

    told = {str(message_from_bytes(raw, policy=policy.default)["message-id"]) for raw in server.heard}
    assert len(told) == 1, "its mailbox knows it by that"
    # What the first worker had handed over when it was killed may have been taken.
    assert 1 <= len(server.taken) <= 2
    [sent] = room.rows("select p.email, m.state, m.attempts from mail m join person p on p.id = m.person_id")
    assert (sent["email"], sent["state"], sent["attempts"]) == (PETRA, "sent", 2)
    assert order["number"].encode() in server.taken[0]
    assert all(one.startswith("bounce+") for one in server.senders), "each has an address to come back to"
