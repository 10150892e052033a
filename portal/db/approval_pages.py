"""What the pages about approvals list: who has to decide what, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.inbox import Counts, Listed

# Behind every deadline: a request that never expires.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

# Whose seats somebody may decide on: their own, and those of everybody who has delegated to them, by way of others too.
# What each delegation on the way says of accounts and amounts holds for all of it. A circle ends: no row comes twice.
STANDS = """
with recursive stands(person_id, accounts, cap, currencies) as (
    select $1::bigint, array[]::text[], null::numeric, array[]::text[]
    union
    select d.from_person_id, array(select distinct unnest(s.accounts || d.account) order by 1), least(s.cap, d.cap),
        array(select distinct unnest(s.currencies || d.cap_currency) order by 1)
    from stands s join delegation d on d.to_person_id = s.person_id
    where d.ended_at is null and $2::date between d.from_on and d.to_on and d.from_person_id <> $1
), seat as (
    select distinct on (t.request_id) t.request_id, t.person_id
    from stands s join approval_seat t on t.person_id = s.person_id and t.state = 'open'
    join approval_request r on r.id = t.request_id and r.step = t.position and r.state in ('pending', 'asked')
    join account a on a.number = r.account
    where (r.requester_id is distinct from $1 or t.person_id = $1)
        and a.path @> s.accounts and (s.cap is null or s.cap >= r.total)
        and array_remove(s.currencies, null) <@ array[r.currency]
    order by t.request_id, t.person_id = $1 desc, t.id
)
"""

LIST = """
{stands}, page as (
    select r.*, seat.person_id as seat_of
    from approval_request r join orders o on o.id = r.order_id left join seat on seat.request_id = r.id
    where {conditions}
    order by {key} {direction}, r.id {direction} limit $3
)
select r.id, r.number, r.kind, r.state, r.version, o.number as order, o.purchase_order_number, r.account,
    a.name as account_name, r.requester, r.total, r.currency, r.reasons, r.note, r.step,
    (select count(*)::int from approval_step t where t.request_id = r.id) as steps,
    (select count(distinct l.id)::int from order_line l join portion p on p.line_id = l.id
     where l.order_id = r.order_id and p.stage <> 'cancelled') as lines,
    r.asked_at, r.expires_at, r.settled_at,
    array(select p.name from approval_seat t join person p on p.id = t.person_id
          where t.request_id = r.id and t.position = r.step and t.state = 'open' order by t.id) as waits_for,
    (select name from person where id = r.seat_of and id <> $1) as on_behalf_of,
    case when r.state = 'asked' then (select p.name from approval_decision d join person p on p.id = d.person_id
        where d.request_id = r.id and d.what = 'ask' order by d.id desc limit 1) end as asked_by
from page r join orders o on o.id = r.order_id join account a on a.number = r.account
order by {key} {direction}, r.id {direction}
"""
DEADLINE = f"coalesce(r.expires_at, '{NEVER.isoformat()}'::timestamptz)"
ENDED = f"coalesce(r.settled_at, '{NEVER.isoformat()}'::timestamptz)"
OPEN = "r.state in ('pending', 'asked')"
# What makes a shelf, and its order: first what ends first, or what ended last.
SHELVES = {
    "mine": ("seat.request_id is not null", DEADLINE, "asc"),
    "requested": ("r.requester_id = $1", ENDED, "desc"),
    "others": (f"{OPEN} and seat.request_id is null and r.requester_id is distinct from $1", DEADLINE, "asc"),
    "decided": ("r.settled_at is not null", ENDED, "desc"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which shelf, and what of it. `after` is the key of the last request of the page before."""

    shelf: str
    q: str = ""
    account: str = ""
    after: tuple[datetime, int] | None = None


async def listed(
    conn: Connection, viewer: Viewer, today: date, wanted: Wanted, limit: int
) -> tuple[list[Listed], tuple[datetime, int] | None]:
    """A page of a shelf, and the key of the next one. The supplier's people have no requests of their own."""
    condition, key, direction = SHELVES[wanted.shelf]
    values: list[object] = [viewer.person_id or 0, today, limit + 1]
    conditions = [condition]
    if wanted.shelf in ("others", "decided") and viewer.accounts is not None:
        values.append(list(viewer.accounts))
        conditions.append(f"r.account = any(${len(values)}::text[])")
    if wanted.account:
        values.append(wanted.account)
        conditions.append(f"r.account = ${len(values)}")
    if wanted.q:
        values.append(beginning(wanted.q))
        pattern = f"${len(values)}"
        conditions.append(
            f"(upper(r.number) like {pattern} or upper(o.number) like {pattern} or upper(r.requester) like {pattern}"
            f" or upper(o.purchase_order_number) like {pattern})"
        )
    if wanted.after:
        values += wanted.after
        beyond = ">" if direction == "asc" else "<"
        conditions.append(f"({key}, r.id) {beyond} (${len(values) - 1}::timestamptz, ${len(values)}::bigint)")
    rows = await conn.fetch(
        LIST.format(stands=STANDS, conditions=" and ".join(conditions), key=key, direction=direction), *values
    )
    found = [Listed(*row.values()) for row in rows[:limit]]
    return found, _key(found[-1], wanted.shelf) if len(rows) > limit else None


def _key(last: Listed, shelf: str) -> tuple[datetime, int]:
    at = last.expires_at if SHELVES[shelf][1] == DEADLINE else last.settled_at
    return at or NEVER, last.id


COUNTS = f"""{STANDS}
select (select count(*) from seat)::int as mine,
    count(*) filter (where r.requester_id = $1)::int as requested,
    count(*) filter (where r.requester_id is distinct from $1 and seat.request_id is null
        and ($3::text[] is null or r.account = any($3)))::int as others,
    count(*) filter (where r.requester_id = $1 and r.state = 'asked')::int as asked,
    count(*) filter (where seat.request_id is not null and r.expires_at < $4)::int as soon
from approval_request r left join seat on seat.request_id = r.id where r.state in ('pending', 'asked')
"""


async def counts(conn: Connection, viewer: Viewer, today: date, soon: datetime) -> Counts:
    """How many requests are open on each shelf; `soon` is the instant until which an end is near."""
    accounts = None if viewer.accounts is None else list(viewer.accounts)
    row = await conn.fetchrow(COUNTS, viewer.person_id or 0, today, accounts, soon)
    assert row is not None
    return Counts(*row.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody can decide on, and how many there are; of their own, what was asked and what ends."""

    mine: Sequence[Listed]
    all_mine: int
    asked: Sequence[Listed]
    ending: Sequence[Listed]


# So many of each.
WAITING = 10


async def waiting(conn: Connection, viewer: Viewer, today: date, soon: datetime) -> Waiting:
    """`soon` is the instant until which an end is near."""
    found = await counts(conn, viewer, today, soon)
    mine = (await listed(conn, viewer, today, Wanted("mine"), WAITING))[0] if found.mine else []
    own = (await listed(conn, viewer, today, Wanted("requested"), 5 * WAITING))[0] if found.requested else []
    asked = [one for one in own if one.state == "asked"]
    ending = [one for one in own if one.state == "pending" and one.expires_at and one.expires_at < soon]
    return Waiting(mine, found.mine, asked[:WAITING], ending[:WAITING])


THESE = """{stands}
select r.id, r.number, r.version, r.account, o.number as order, r.requester, r.total, r.currency
from approval_request r join seat on seat.request_id = r.id join orders o on o.id = r.order_id
where r.number = any($3::text[]) order by r.id
"""


@dataclass(frozen=True, slots=True)
class Ticked:
    """A request that the person can decide on now."""

    id: int
    number: str
    version: int
    account: str
    order: str
    requester: str
    total: Decimal
    currency: str


async def these(conn: Connection, viewer: Viewer, today: date, numbers: Collection[str]) -> list[Ticked]:
    """Of requests that were ticked, those that wait for the person."""
    rows = await conn.fetch(THESE.format(stands=STANDS), viewer.person_id or 0, today, sorted(numbers))
    return [Ticked(*row.values()) for row in rows]
