"""Messages that came too early: kept, and applied when what they speak of becomes known."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Case:
    """A message that waits for a person, or will: as it came, who sent it, and what became of it."""

    id: int
    subject: str
    key: str
    body: dict[str, Any]
    actor: str
    state: str
    problem: str | None
    parked_at: datetime
    settled_at: datetime | None
    corrected: dict[str, Any] | None
    settled_by: str | None
    note: str | None


CASES = """
select m.id, m.subject, m.subject_key, m.body, coalesce(t.name, m.actor) as actor, m.state, m.problem, m.parked_at,
    m.settled_at, m.corrected, m.settled_by, m.note
from parked_message m left join token t on t.id = m.actor
"""


async def case(conn: Connection, message_id: int) -> Case | None:
    row = await conn.fetchrow(f"{CASES} where m.id = $1", message_id)
    return Case(*row.values()) if row else None


async def cases(conn: Connection, state: str, after: int, limit: int) -> tuple[list[Case], int | None]:
    """The eldest first; and the key of the next page."""
    rows = await conn.fetch(
        f"{CASES} where m.state = $1 and m.id > $2 order by m.id limit $3", state, after, limit + 1
    )
    found = [Case(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def decide(
    conn: Connection,
    message_id: int,
    state: str,
    by: str,
    note: str | None,
    corrected: dict[str, Any] | None,
    now: datetime,
) -> bool:
    """Whether nobody has decided before."""
    return bool(
        await conn.fetchval(
            """update parked_message set state = $2, settled_by = $3, note = $4, corrected = $5, settled_at = $6
               where id = $1 and state in ('parked', 'case') returning true""",
            message_id,
            state,
            by,
            note,
            corrected,
            now,
        )
    )
