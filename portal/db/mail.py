"""What is to be mailed: a row is written in the commit that makes it due, and a worker sends it after that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.db.work import Connection

DUE = """
with written as (
    insert into mail (key, kind, person_id, account, order_id, request_id, data, due_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (key) do nothing
    returning id
)
select id, pg_notify('portal_mail', '') from written
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that somebody has claimed, and whom it is for."""

    id: int
    key: str
    kind: str
    person_id: int
    account: str | None
    order_id: int | None
    request_id: int | None
    data: Mapping[str, Any]
    # This one included.
    attempts: int
    written_at: datetime
    email: str
    name: str
    locale: str
    # False when they may not sign in any more.
    is_active: bool
    # Why mail to their address comes back.
    mail_problem: str | None = None


async def due(
    conn: "Connection",
    key: str,
    kind: str,
    person_id: int,
    *,
    at: datetime,
    account: str | None = None,
    order_id: int | None = None,
    request_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write to somebody when this commits. `key` names the reason, the person included: the same reason is one mail,
    however often it is found (`AP-2026-000001:asked:3:17`).

    `kind` is one of `domain.mails.KINDS`; `data` is what the words need and the request itself does not say.
    """
    await conn.execute(DUE, key, kind, person_id, account, order_id, request_id, dict(data or {}), at)


# How long ago it was claimed is told by the database's own clock: the portal's may be moved while a mail is under way.
CLAIM = """
with next as (
    select id from mail
    where state = 'waiting' and due_at <= $1 or state = 'sending' and claimed_at < clock_timestamp() - $2::interval
    order by due_at, id limit 1
    for update skip locked
), claimed as (
    update mail m set state = 'sending', claimed_at = clock_timestamp(), attempts = m.attempts + 1
    from next where m.id = next.id
    returning m.*
)
select c.id, c.key, c.kind, c.person_id, c.account, c.order_id, c.request_id, c.data, c.attempts, c.created_at,
    p.email, p.name, p.locale, p.active, p.mail_problem
from claimed c join person p on p.id = c.person_id
"""


async def claim(conn: "Connection", now: datetime, abandoned_after: timedelta) -> Mail | None:
    """The mail that is due first, for the caller alone; also one whose sender has not been heard of since."""
    row = await conn.fetchrow(CLAIM, now, abandoned_after)
    return Mail(*row.values()) if row else None


# Whoever was so slow that somebody else has claimed it since says nothing of it any more.
CLAIMED = "id = $1 and state = 'sending' and attempts = $2"


async def sent(conn: "Connection", mail: Mail, now: datetime) -> None:
    await conn.execute(
        f"update mail set state = 'sent', sent_at = $3, problem = null where {CLAIMED}",
        mail.id,
        mail.attempts,
        now,
    )


async def try_again(conn: "Connection", mail: Mail, at: datetime, problem: str) -> None:
    """It did not get out of the house; later it may."""
    await conn.execute(
        f"update mail set state = 'waiting', due_at = $3, problem = $4 where {CLAIMED}",
        mail.id,
        mail.attempts,
        at,
        problem,
    )


async def give_up(conn: "Connection", mail: Mail, problem: str) -> None:
    """Nobody takes it, and nobody will."""
    await conn.execute(
        f"update mail set state = 'failed', problem = $3 where {CLAIMED}", mail.id, mail.attempts, problem
    )


async def drop(conn: "Connection", mail: Mail, why: str) -> None:
    """It is not true any more, or there is nobody to tell."""
    await conn.execute(
        f"update mail set state = 'dropped', problem = $3 where {CLAIMED}", mail.id, mail.attempts, why
    )
