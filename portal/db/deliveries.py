"""Deliveries as whoever sends them claims and settles them: each once at a time, and an order's one after the other.

`books.close` writes them in the commit of their event. What is claimed and what is settled is decided under a lock on
the connection's row, so that all workers together keep its concurrency, its pace and the order of each order. Leases
and pace go by the database's own clock, because several machines share it; when something is due goes by the portal's.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.db.events import Recorded
from portal.db.work import Connection

# Of one connection at a time: what stands behind something else is put off, and then more is looked at.
LOOKED_AT = 40
# What stands behind a delivery that is under way looks again then, if nobody has called it meanwhile.
BEHIND = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that nobody else sends until the lease is over. `event` None: a test, which says `body`."""

    id: int
    connection_id: str
    kind: str
    url: str
    account: str | None
    order_id: int | None
    type: str
    # This one included.
    attempt: int
    event: Recorded | None
    body: dict[str, Any] | None
    created_at: datetime
    # Nothing has gone through to this connection lately.
    is_failing: bool
    # What it is signed with, sealed; the newest first.
    secrets: Sequence[bytes] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Round:
    """What was claimed, and in how many seconds something more can be; None: when somebody says so."""

    claimed: Sequence[Claimed]
    again_in: float | None


# In the order of their ids, as whoever settles locks them; who has one locked looks for more afterwards.
ASKING = """
select id, kind, url, failing_since is not null as is_failing, per_second, under_way.lost > 0 as has_lost,
    coalesce(greatest(extract(epoch from free_at - clock_timestamp()), 0), 0)::float8 as wait,
    case when failing_since is null then concurrency else 1 end as wide,
    case when failing_since is null then concurrency else 1 end - (under_way.many - under_way.lost) as room,
    array(select s.sealed from connection_secret s where s.connection_id = c.id
        and (s.retires_at is null or s.retires_at > $1) order by s.made_at desc, s.id desc) as secrets
from connection c cross join lateral (
    select count(*)::int as many, count(*) filter (where d.claimed_until < clock_timestamp())::int as lost
    from delivery d where d.connection_id = c.id and d.state = 'sending') under_way
where kind = any($2::text[]) and state = 'active' and deleted_at is null and (under_way.lost > 0
    or under_way.many < case when failing_since is null then concurrency else 1 end
    and exists (select from delivery d where d.connection_id = c.id and d.state = 'waiting' and d.due_at <= $1))
order by id for no key update of c skip locked
"""

# Whoever had them was killed, or lost the database: they are sent again, with the same id.
TAKE_BACK = """
with abandoned as (
    update delivery set state = 'waiting', claimed_until = null, due_at = $2
    where connection_id = any($1::text[]) and state = 'sending' and claimed_until < clock_timestamp()
    returning id, attempts, connection_id
)
insert into delivery_attempt (delivery_id, number, at, problem, connection)
select id, attempts, $2, 'abandoned', connection_id from abandoned order by id
"""

# `room` is how many may be under way. What stands behind another delivery of its order is put off until that has ended
# or is tried again: so a long queue costs nothing each time, and whoever settles calls the next.
CLAIM = f"""
with asking as materialized (
    select c.id, c.room - (select count(*) from delivery d where d.connection_id = c.id and d.state = 'sending') as room
    from unnest($1::text[], $2::int[]) as c(id, room)
), due as (
    select d.*, a.room from asking a cross join lateral (
        select d.id, d.connection_id, d.order_id, d.due_at from delivery d
        where d.connection_id = a.id and d.state = 'waiting' and d.due_at <= $3
        order by d.due_at, d.id limit {LOOKED_AT}
    ) d
    where a.room > 0
), judged as (
    select due.*, ahead.id as ahead, ahead.until from due left join lateral (
        select o.id, case when o.state = 'sending' then $3 + $5::interval else o.due_at end as until from delivery o
        where o.connection_id = due.connection_id and o.order_id = due.order_id and o.state in ('waiting', 'sending')
            and o.id <> due.id and (o.id < due.id or o.state = 'sending')
        order by o.id limit 1
    ) ahead on true
), put_off as (
    -- Also behind one that is due, but stands later among all that is looked at: it would never be seen.
    update delivery d set due_at = j.until from judged j where d.id = j.id and j.until > least($3, j.due_at)
    returning d.id
), chosen as (
    select id from (
        select id, room, row_number() over (partition by connection_id order by due_at, id) as nth
        from judged where ahead is null
    ) next where nth <= room
), claimed as (
    update delivery d set state = 'sending', attempts = d.attempts + 1,
        claimed_until = clock_timestamp() + $4::interval,
        -- What was written by hand later was not told late.
        first_attempt_ms = case when d.replays > 0 then d.first_attempt_ms else coalesce(d.first_attempt_ms,
            least(extract(epoch from clock_timestamp() - d.created_at) * 1000, 2000000000)::int) end
    from chosen where d.id = chosen.id
    returning d.id, d.connection_id, d.account, d.order_id, d.event_id, d.type, d.attempts, d.body, d.created_at
), paced as (
    update connection c
    set free_at = greatest(c.free_at, clock_timestamp()) + n.begun * interval '1 second' / c.per_second
    from (select connection_id, count(*) as begun from claimed group by connection_id) n where c.id = n.connection_id
)
select c.id, c.connection_id, c.account, c.order_id, c.type, c.attempts, c.body, c.created_at, e.sequence,
    e.id as event_id, e.type as event_type, e.at, e.actor, o.number as order, e.account as event_account, e.version,
    e.data, (select count(*) from put_off) as put_off
from (select) once left join claimed c on true
    left join event e on e.id = c.event_id left join orders o on o.id = e.order_id
order by c.id
"""


async def claim(
    conn: Connection, kinds: Sequence[str], now: datetime, lease: timedelta, *, room: int, failing_room: int
) -> Round:
    """What is due, as far as each connection's concurrency and pace and the sender's own `room` go.

    Of connections that have failed lately one delivery at a time is tried, and `failing_room` of them in all: they keep
    a sender waiting longest.
    """
    asking = await conn.fetch(ASKING, now, list(kinds))
    if not asking:
        return Round((), None)
    if lost := [row["id"] for row in asking if row["has_lost"]]:
        await conn.execute(TAKE_BACK, lost, now)
    free = [row for row in asking if row["wait"] == 0]
    rooms = _rooms(free, room, failing_room)
    found = await conn.fetch(CLAIM, list(rooms), list(rooms.values()), now, lease, BEHIND) if rooms else []
    rows = [row for row in found if row["id"] is not None]
    begun = {row["connection_id"] for row in rows}
    at = {row["id"]: row for row in asking}
    claimed = [_claimed(row, at[row["connection_id"]]) for row in rows]
    if any(row["put_off"] for row in found) and len(rows) < room:
        return Round(claimed, 0.0)
    waits = [row["wait"] or 1 / row["per_second"] for row in asking if row["wait"] or row["id"] in begun]
    return Round(claimed, min(waits, default=None))


def _rooms(free: list[Any], room: int, failing_room: int) -> dict[str, int]:
    """How many deliveries of each connection may be under way: those that answer come first, in any order, so that no
    one is always last."""
    rooms: dict[str, int] = {}
    random.shuffle(free)
    for row in sorted(free, key=lambda row: row["is_failing"]):
        more = min(row["room"], room, failing_room if row["is_failing"] else room)
        if more > 0:
            rooms[row["id"]] = row["wide"] - row["room"] + more
            room -= more
            failing_room -= more if row["is_failing"] else 0
    return rooms


def _claimed(row: Any, connection: Any) -> Claimed:
    event = None
    if row["event_id"] is not None:
        event = Recorded(
            row["sequence"],
            row["event_id"],
            row["event_type"],
            row["at"],
            row["actor"],
            row["order"],
            row["event_account"],
            row["version"],
            row["data"],
        )
    return Claimed(
        row["id"],
        row["connection_id"],
        connection["kind"],
        connection["url"],
        row["account"],
        row["order_id"],
        row["type"],
        row["attempts"],
        event,
        row["body"],
        row["created_at"],
        connection["is_failing"],
        connection["secrets"],
    )
