"""Requests of which something is due by the clock."""

from datetime import datetime

from portal.db.work import Connection

# More of an order that has closed meanwhile cannot be had any more: its request ends too.
OVER = "(r.expires_at <= $1 or (r.kind = 'amendment' and s.state in ('closed', 'cancelled')))"
# What is due first comes first. `expiring` looks at each request once: the mail that says so is kept by its kind.
DUE = f"""
select r.number, case
        when {OVER} then 'expire'
        when t.escalate_at <= $1 then 'escalate'
        when t.remind_at <= $1 then 'remind'
        else 'expiring' end as what
from approval_request r join order_status s on s.order_id = r.order_id
left join approval_step t on t.request_id = r.id and t.position = r.step and t.state = 'open'
where r.state in ('pending', 'asked') and ({OVER} or t.escalate_at <= $1 or t.remind_at <= $1
    or (r.expires_at - least((r.expires_at - r.asked_at) / 4, interval '1 day') <= $1 and not exists (
        select from mail m where m.request_id = r.id and m.kind = 'approval.expiring')))
"""
FIRST = "order by least(r.expires_at, t.escalate_at, t.remind_at), r.id limit $2"


async def due(conn: Connection, now: datetime, limit: int) -> list[str]:
    """The numbers of requests of which something is due, the most urgent first."""
    return [row["number"] for row in await conn.fetch(f"{DUE} {FIRST}", now, limit)]


async def due_of(conn: Connection, now: datetime, number: str) -> str | None:
    """What is due of one request: expire, escalate, remind or expiring."""
    row = await conn.fetchrow(f"{DUE} and r.number = $2", now, number)
    return row["what"] if row else None


async def remind_next(conn: Connection, request_id: int, position: int, remind_at: datetime | None) -> None:
    """When the step reminds once more."""
    await conn.execute(
        "update approval_step set remind_at = $3 where request_id = $1 and position = $2",
        request_id,
        position,
        remind_at,
    )


async def escalate_next(
    conn: Connection, request_id: int, position: int, escalate_at: datetime | None
) -> None:
    """When the step goes further up once more."""
    await conn.execute(
        "update approval_step set escalate_at = $3 where request_id = $1 and position = $2",
        request_id,
        position,
        escalate_at,
    )
