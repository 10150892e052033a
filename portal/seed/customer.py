"""The demo's customer has a system of its own, which is told what happens by webhook."""

from datetime import UTC, datetime
from pathlib import Path

from portal.adapters import sample, sealed, signing
from portal.db import connections
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.operations import connecting
from portal.operations.connecting import Arranged
from portal.settings import Settings

ACCOUNT = "NORDWIND"
NAME = "Nordwind purchasing system (sample)"
WHO = Viewer(
    actor="ines.albers@nordwind.example",
    name="Ines Albers",
    accounts=(ACCOUNT,),
    permissions=frozenset({"webhooks:write"}),
    person_id=0,
    account=ACCOUNT,
)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def directory(settings: Settings) -> Path:
    """Where it keeps what it was told."""
    return settings.home / "sample"


async def connect(pool: Pool, settings: Settings, address: str) -> None:
    """Make its endpoint at the first start; at later ones it may have moved to another port. Whoever took the endpoint
    away keeps it so."""
    url = f"{address}{sample.HOOK}"
    work = Work(pool, actor=WHO.actor)
    async with work:
        known = await work.conn.fetchrow(
            """select id, url, deleted_at from connection where account = $1 and description = $2
               order by made_at limit 1""",
            ACCOUNT,
            NAME,
        )
        if known is None:
            secret = await _make(work, settings, url)
            sample.tell(directory(settings), key=secret)
        elif known["url"] != url and known["deleted_at"] is None:
            await connections.update(work.conn, known["id"], {"url": url})


async def _make(work: Work, settings: Settings, url: str) -> str:
    def mint() -> tuple[str, bytes]:
        secret = signing.new_secret()
        return secret, sealed.seal(secret, settings.secret_key)

    endpoint_id, secret = await connecting.create(
        work, WHO, ACCOUNT, Arranged(url, None, NAME), mint, simulated=settings.has_simulated_clock
    )
    # From the first number on, so that its page shows a feed without a hole.
    await connecting.replay_period(work, WHO, endpoint_id, LONG_AGO, None)
    return secret
