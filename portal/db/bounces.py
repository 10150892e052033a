"""Mail that came back, and whose address takes none."""

from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that came back; `account` is where somebody looks after its reader, if anybody does."""

    person_id: int
    email: str
    name: str
    account: str | None
    is_known: bool
    # Its reader has said since then that their mailbox works.
    is_forgiven: bool


READER = "select id from person where id = (select person_id from mail where id = $1) for no key update"
LOCK = """
select m.person_id, p.email, p.name,
    coalesce(m.account, (select min(s.account) from membership s where s.person_id = p.id)) as account,
    m.bounced_at is not null as is_known, m.data ? 'forgiven' as is_forgiven
from mail m join person p on p.id = m.person_id where m.id = $1
for no key update of m
"""


async def lock(conn: Connection, mail_id: int) -> Returned | None:
    """The mail and its reader, for the caller alone: the person first, as everywhere."""
    await conn.fetchval(READER, mail_id)
    row = await conn.fetchrow(LOCK, mail_id)
    return Returned(*row.values()) if row else None


async def note(conn: Connection, mail_id: int, detail: str, now: datetime) -> None:
    await conn.execute("update mail set bounced_at = $2, problem = $3 where id = $1", mail_id, now, detail)


async def count(conn: Connection, person_id: int, since: datetime) -> int:
    """How many mails to them came back since then."""
    found: int = await conn.fetchval(
        "select count(*) from mail where person_id = $1 and bounced_at >= $2 and not data ? 'forgiven'",
        person_id,
        since,
    )
    return found


async def stop(conn: Connection, person_id: int, problem: str, now: datetime) -> bool:
    """Whether they were still written to."""
    done = await conn.execute(
        "update person set mail_problem = $2, mail_problem_at = $3 where id = $1 and mail_problem is null",
        person_id,
        problem,
        now,
    )
    return done != "UPDATE 0"


async def go_on(conn: Connection, person_id: int) -> None:
    """They are written to again, and what came back before counts no more."""
    await conn.execute(
        "update person set mail_problem = null, mail_problem_at = null where id = $1", person_id
    )
    await conn.execute(
        """update mail set data = data || '{"forgiven": true}'
           where person_id = $1 and bounced_at is not null and not data ? 'forgiven'""",
        person_id,
    )


async def is_written_to(conn: Connection, person_id: int) -> bool:
    return bool(await conn.fetchval("select mail_problem is null from person where id = $1", person_id))
