"""A mail server that may be away, busy, slow, or hang up when it has the mail and before it says so."""

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.adapters import mailbox
from portal.adapters.mailbox import LARGEST_MESSAGE, Mailbox

SLOW = 3.0


@dataclass
class PostOffice:
    """`behaviour` is `ok`, `away`, `busy`, `slow` or `hangs_up`; `refused` counts what was not taken in some way."""

    behaviour: str = "ok"
    refused: int = 0
    open: set[SMTP] = field(default_factory=set)

    async def receive(self, box: Mailbox) -> tuple[asyncio.Server, int]:
        box.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(_Counter(self, box), data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True),
            "127.0.0.1",
            0,
        )
        return server, server.sockets[0].getsockname()[1]


@dataclass
class _Counter:
    office: PostOffice
    box: Mailbox

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.office.behaviour == "away":
            self.office.refused += 1
            server.transport.abort()
        return responses

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.office.behaviour in {"away", "busy"}:
            self.office.refused += 1
            return "451 Later"
        if self.office.behaviour == "slow":
            await asyncio.sleep(SLOW)
        said = await mailbox.Receiver(self.box).handle_DATA(server, session, envelope)
        if self.office.behaviour == "hangs_up":
            self.office.refused += 1
            server.transport.abort()
        return said
