"""Messages that came too early: kept, and applied when what they speak of becomes known."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.db.work import Connection, Work
from portal.domain.refusals import Refused


@dataclass(frozen=True, slots=True)
class Parked:
    """A message as it came."""

    id: int
    body: dict[str, Any]
    actor: str


async def park(work: Work, subject: str, key: str, body: dict[str, Any]) -> None:
    """Keep a message about something not known yet."""
    await work.conn.execute(
        """insert into parked_message (subject, subject_key, body, actor, parked_at) values ($1, $2, $3, $4, $5)""",
        subject,
        key,
        body,
        work.actor,
        work.now,
    )


async def claim(conn: Connection, subject: str, keys: Sequence[str]) -> None:
    """Until commit nobody else parks a message under these names or looks for one.

    Whoever parks claims before it looks for the subject once more; else it would park what was just looked for.
    """
    for key in sorted(set(keys)):
        await conn.execute(
            "select pg_advisory_xact_lock(hashtextextended('parked ' || $1 || ' ' || $2, 0))", subject, key
        )


async def waiting_for(conn: Connection, subject: str, keys: Sequence[str]) -> list[Parked]:
    """The messages that waited for one of these, in the order in which they came; they are locked."""
    await claim(conn, subject, keys)
    rows = await conn.fetch(
        """select id, body, actor from parked_message
           where subject = $1 and subject_key = any($2::text[]) and state = 'parked' order by id for update""",
        subject,
        list(keys),
    )
    return [Parked(*row.values()) for row in rows]


async def attempt(work: Work, message: Parked, apply: Callable[[], Awaitable[None]]) -> None:
    """Apply a message now. If it cannot be, it becomes a case for a person and everything else goes on."""
    problem: str | None = None
    try:
        # Half of a message is never applied.
        async with work.savepoint():
            await apply()
    except Refused as refusal:
        problem = refusal.detail
    await work.conn.execute(
        "update parked_message set state = $2, problem = $3, settled_at = $4 where id = $1",
        message.id,
        "case" if problem else "applied",
        problem,
        work.now,
    )
