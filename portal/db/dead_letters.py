"""What failed for good and waits for a person: deliveries and mail, with why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that failed for good. `response_body` is the last answer's."""

    id: int
    event_id: int | None
    type: str
    account: str | None
    account_name: str | None
    erp_number: str | None
    order: str | None
    created_at: datetime
    settled_at: datetime | None
    tries: int
    problem: str | None
    status: int | None
    response_body: str | None


DEAD = """
select d.id, d.event_id, d.type, d.account, a.name as account_name, a.erp_number, o.number as "order", d.created_at,
    d.settled_at, coalesce(t.number, 0) as tries, d.problem, t.status, t.response_body
from delivery d left join account a on a.number = d.account left join orders o on o.id = d.order_id
left join lateral (select t.number, t.status, t.response_body from delivery_attempt t where t.delivery_id = d.id
    order by t.id desc limit 1) t on true
where d.connection_id = $1 and d.state = 'dead' and d.id > $2 order by d.id limit $3
"""


async def deliveries(
    conn: Connection, connection_id: str, after: int, limit: int
) -> tuple[list[Letter], int | None]:
    """The eldest first; and the key of the next page."""
    rows = await conn.fetch(DEAD, connection_id, after, limit + 1)
    found = [Letter(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def of_account(conn: Connection, connection_id: str, account: str) -> list[int]:
    rows = await conn.fetch(
        "select id from delivery where connection_id = $1 and account = $2 and state = 'dead' order by id",
        connection_id,
        account,
    )
    return [row["id"] for row in rows]


async def hurry(conn: Connection, connection_id: str, now: datetime) -> int:
    """What was tried before and waits is due now, and pace that was asked for is forgotten; answers how many."""
    rows = await conn.fetch(
        """update delivery set due_at = $2 where connection_id = $1 and state = 'waiting' and due_at > $2
           returning attempts, pg_notify('portal_deliveries', '')""",
        connection_id,
        now,
    )
    await conn.execute("update connection set free_at = null where id = $1", connection_id)
    return sum(row["attempts"] > 0 for row in rows)


async def turn(conn: Connection, connection_id: str, state: str) -> None:
    """Send to it, or do not; one that was disabled begins anew."""
    await conn.execute(
        """update connection set state = $2, disabled_because = null, disabled_at = null,
               failing_since = case when $2 = 'active' then null else failing_since end where id = $1""",
        connection_id,
        state,
    )


@dataclass(frozen=True, slots=True)
class FailedMail:
    """A mail that nobody takes. `mail_problem`: nothing more is sent to this address."""

    id: int
    kind: str
    person_id: int
    name: str
    email: str
    account: str | None
    order: str | None
    created_at: datetime
    attempts: int
    problem: str | None
    mail_problem: str | None


FAILED = """
select m.id, m.kind, m.person_id, p.name, p.email,
    coalesce(m.account, (select min(s.account) from membership s where s.person_id = p.id)) as account,
    o.number as "order", m.created_at, m.attempts, m.problem, p.mail_problem
from mail m join person p on p.id = m.person_id left join orders o on o.id = m.order_id
where m.state = 'failed' and m.id > $1 order by m.id limit $2
"""


async def failed_mail(conn: Connection, after: int, limit: int) -> tuple[list[FailedMail], int | None]:
    """The eldest first; and the key of the next page."""
    rows = await conn.fetch(FAILED, after, limit + 1)
    found = [FailedMail(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def mail_again(conn: Connection, now: datetime, ids: Sequence[int] | None) -> list[int]:
    """These, or all that failed, are sent again: the ids of the people whom they are for, one for each mail."""
    # The people first, as whoever notes a mail that came back does.
    await conn.execute(
        """select from person where id in (
               select person_id from mail where state = 'failed' and ($1::bigint[] is null or id = any($1)))
           order by id for no key update""",
        None if ids is None else list(ids),
    )
    rows = await conn.fetch(
        """update mail set state = 'waiting', attempts = 1, due_at = $1, problem = null, claimed_at = null
           where state = 'failed' and ($2::bigint[] is null or id = any($2)) returning person_id""",
        now,
        None if ids is None else list(ids),
    )
    if rows:
        await conn.execute("select pg_notify('portal_mail', '')")
    return [row["person_id"] for row in rows]


async def drop_mail(conn: Connection, ids: Sequence[int] | None) -> int:
    rows = await conn.fetch(
        """update mail set state = 'dropped' where state = 'failed' and ($1::bigint[] is null or id = any($1))
           returning id""",
        None if ids is None else list(ids),
    )
    return len(rows)


async def hurry_mail(conn: Connection, now: datetime) -> int:
    """Mail that did not get out of the house is tried at once; answers how many."""
    rows = await conn.fetch(
        """update mail set due_at = $1 where state = 'waiting' and attempts > 0 and due_at > $1
           returning pg_notify('portal_mail', '')""",
        now,
    )
    return len(rows)
