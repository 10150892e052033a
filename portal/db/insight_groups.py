"""The supplier's figures broken down: by span of the period, by account, by location, by whose goods were waited for.

An order that waited for goods of two suppliers counts for both, and so does a line. A key that is None: of no supplier,
or at no location.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.db.insight_events import DELIVERED, DISPATCHED, WAITED, Scope, backordered
from portal.db.work import Connection

# A span by its place, counted from 1, or a code or a name.
Key = int | str | None

SPAN = "width_bucket({day}, {starts}::date[])"
# Whose goods an order waited for, and whose each of its lines.
OF_ORDERS = f"""
left join lateral (
    select distinct x.supplier from ({WAITED.format(of="c")}) x
    where x.supplier is not null and ($6::text is null or x.supplier = $6)
) s on true
"""
OF_LINES = f"""
left join (
    select distinct o.order_id, x.line, x.supplier from (select distinct order_id from delivered) o
    cross join lateral ({WAITED.format(of="o")}) x
    where x.supplier is not null and ($6::text is null or x.supplier = $6)
) s on s.order_id = c.order_id and s.line = c.line
"""
# The days on which spans begin are always given, so that they are used by each of these.
DISPATCHES_BY = f"""{DISPATCHED}
select {{key}} as key, count(*) filter (where not c.is_partial) as whole,
    count(*) filter (where c.is_partial) as partial, percentile_disc(0.5) within group (order by c.took) as median,
    percentile_disc(0.9) within group (order by c.took) as ninetieth
from counted c {{join}} where $7::date[] is not null group by 1
"""
BACKORDERS_BY = """
select {key} as key, c.outcome, count(*) as lines from judged c where $9::date[] is not null group by 1, 2
"""
DELIVERIES_BY = f"""{DELIVERED}
select {{key}} as key, count(c.first) as first_of, count(*) filter (where c.delivered_on <= c.first) as first_kept,
    count(c.last) as last_of, count(*) filter (where c.delivered_on <= c.last) as last_kept
from delivered c {{join}} where $7::date[] is not null group by 1
"""
# $1 and $2 are instants, $3 an account or null, $4 the supplier's time zone, $5 the days on which spans begin. What was
# told long ago is forgotten, with the time that it took.
LATENCIES_BY = """
with told as (
    select e.account, (e.at at time zone $4)::date as day, d.first_attempt_ms as took
    from delivery d join connection n on n.id = d.connection_id and n.kind = 'webhook' join event e on e.id = d.event_id
    where d.first_attempt_ms is not null and e.at >= $1 and e.at < $2 and ($3::text is null or e.account = $3)
), keyed as (
    select {key} as key, c.took from told c where $5::date[] is not null
)
select grouping(key) = 1 as is_all, key, count(*) as messages,
    percentile_disc(0.5) within group (order by took) as median,
    percentile_disc(0.95) within group (order by took) as high
from keyed group by grouping sets ((key), ())
"""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """First dispatches in one go and in parts, and how long it took from the order."""

    whole: int
    partial: int
    median: timedelta
    ninetieth: timedelta


@dataclass(frozen=True, slots=True)
class Promised:
    """Delivered lines with a first and a last promise, and how many of them kept it."""

    first_of: int
    first_kept: int
    last_of: int
    last_kept: int


@dataclass(frozen=True, slots=True)
class Latency:
    """How long webhooks took from the commit to their first attempt, in milliseconds: half and 95 % took no longer."""

    messages: int
    median: int
    high: int


async def dispatches(conn: Connection, scope: Scope, by: str) -> Mapping[Key, Dispatched]:
    join = OF_ORDERS if by == "supplier" else ""
    query = DISPATCHES_BY.format(key=_key(by, "c.day", "$7"), join=join)
    rows = await conn.fetch(query, *scope.values, _starts(scope))
    return {
        row["key"]: Dispatched(row["whole"], row["partial"], row["median"], row["ninetieth"]) for row in rows
    }


async def backorders(
    conn: Connection, scope: Scope, target: int, today: date, by: str
) -> Mapping[Key, Counter[str]]:
    """How many lines by what became of them. They count in the span of their order."""
    needs_place = scope.needs_place or by in ("location", "supplier")
    key = "c.supplier" if by == "supplier" else _key(by, "c.placed_on", "$9")
    query = f"{backordered(needs_place=needs_place)} {BACKORDERS_BY.format(key=key)}"
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in await conn.fetch(query, *scope.values, target, today, _starts(scope)):
        found[row["key"]][row["outcome"]] += row["lines"]
    return found


async def deliveries(conn: Connection, scope: Scope, by: str) -> Mapping[Key, Promised]:
    join = OF_LINES if by == "supplier" else ""
    query = DELIVERIES_BY.format(key=_key(by, "c.day", "$7"), join=join)
    rows = await conn.fetch(query, *scope.values, _starts(scope))
    return {
        row["key"]: Promised(row["first_of"], row["first_kept"], row["last_of"], row["last_kept"])
        for row in rows
    }


async def latencies(conn: Connection, scope: Scope, by: str) -> tuple[Latency | None, Mapping[Key, Latency]]:
    """Of all, and by span or account: a message comes from no location and of no supplier."""
    first, until, account, _, zone, _ = scope.values
    query = LATENCIES_BY.format(key=_key(by, "c.day", "$5"))
    every, found = None, {}
    for row in await conn.fetch(query, first, until, account, zone, _starts(scope)):
        told = Latency(row["messages"], row["median"], row["high"]) if row["messages"] else None
        if row["is_all"]:
            every = told
        elif told is not None:
            found[row["key"]] = told
    return every, found


def _key(by: str, day: str, starts: str) -> str:
    if by == "period":
        return SPAN.format(day=day, starts=starts)
    return {"account": "c.account", "location": "c.location", "supplier": "s.supplier"}[by]


def _starts(scope: Scope) -> list[date]:
    return [span.first for span in scope.period.spans()]


async def account_names(conn: Connection, numbers: list[str]) -> dict[str, str]:
    rows = await conn.fetch("select number, name from account where number = any($1::text[])", numbers)
    return {row["number"]: row["name"] for row in rows}
