"""Orders of which nothing was heard for longer than their accounts wait, and what of them still waits."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db.work import Connection
from portal.domain.silence import Waiting

# Of what is ready, that which may leave by now: what was asked for a later day is not late. `{day}` stands for today.
WAITS = """(p.stage = 'waiting'
    or p.stage in ('allocated', 'picking', 'packed') and (p.ships_on is null or p.ships_on <= {day}::date))"""
# The last event of an order is found by its index; one look for each open order.
SILENT = f"""
select s.order_id, o.number from order_status s join account a on a.number = s.account
join orders o on o.id = s.order_id
cross join lateral (select e.at from event e where e.order_id = s.order_id order by e.id desc limit 1) last
where s.state in ('open', 'held') and s.to_come > 0 and a.silence_days is not null and s.order_id > $3
    and last.at < $1::timestamptz - make_interval(days => a.silence_days) and ($5::bigint is null or s.order_id = $5)
    and exists (select from portion p where p.order_id = s.order_id and {WAITS.format(day="$2")})
order by s.order_id limit $4
"""


async def silent(
    conn: Connection, now: datetime, today: date, after: int, limit: int
) -> list[tuple[int, str]]:
    """(id, number) of orders whose account has waited too long, after this id."""
    return [(row[0], row[1]) for row in await conn.fetch(SILENT, now, today, after, limit, None)]


async def is_silent(conn: Connection, order_id: int, now: datetime, today: date) -> bool:
    """Whether it still is, now that its row is locked."""
    return bool(await conn.fetch(SILENT, now, today, 0, 1, order_id))


@dataclass(frozen=True, slots=True)
class Last:
    """`event` is the last of all; `at` is when the last news was, which saying that there are none is not."""

    event: int
    at: datetime


async def last_news(conn: Connection, order_id: int) -> Last:
    row = await conn.fetchrow(
        """select (select max(id) from event where order_id = $1) as event, coalesce(
               (select at from event where order_id = $1 and type <> 'order.still_waiting' order by id desc limit 1),
               (select placed_at from orders where id = $1)) as at""",
        order_id,
    )
    assert row is not None
    return Last(row["event"], row["at"])


# A day that is over is none, and a hold leaves none.
WAITING = f"""
select l.line, l.sku, sum(p.quantity) as quantity, min(d.day) filter (where d.day >= $2::date) as expected
from portion p join order_line l on l.id = p.line_id left join inbound_line i on i.id = p.inbound_line_id
cross join lateral (select case when not exists (select from hold h where h.order_id = p.order_id
        and h.released_at is null and (h.lines is null or l.line = any(h.lines)))
    then coalesce(i.expected_on, p.ships_on) end as day) d
where p.order_id = $1 and {WAITS.format(day="$2")}
group by l.id order by l.line
"""


async def waiting(conn: Connection, order_id: int, today: date) -> list[Waiting]:
    """What still waits, line by line."""
    rows = await conn.fetch(WAITING, order_id, today)
    return [Waiting(row["line"], row["sku"], row["quantity"], row["expected"]) for row in rows]
