"""The supplier's figures over a period, counted."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from portal.db.insight_events import DELIVERED, DISPATCHED, Scope, backordered
from portal.db.work import Connection

DISPATCHES = f"""{DISPATCHED}
select day, days, count(*) filter (where not is_partial) as whole, count(*) filter (where is_partial) as partial,
    percentile_disc(0.5) within group (order by took) as median,
    percentile_disc(0.9) within group (order by took) as ninetieth
from counted group by grouping sets ((day), (days), ())
"""
BACKORDERS = "select outcome, count(*) as lines from judged group by outcome"
DELIVERIES = f"""{DELIVERED}
select delivered_on - first as first_off, delivered_on - last as last_off, count(*) as lines
from delivered group by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Dispatches:
    """First dispatches: (in one go, in parts) by day, how many by the whole days that they took, and two quantiles."""

    by_day: dict[date, tuple[int, int]]
    took: dict[int, int]
    whole: int
    partial: int
    median: timedelta | None
    ninetieth: timedelta | None

    @property
    def total(self) -> int:
        return self.whole + self.partial


async def dispatches(conn: Connection, scope: Scope) -> Dispatches:
    rows = await conn.fetch(DISPATCHES, *scope.values)
    whole = next(row for row in rows if row["day"] is None and row["days"] is None)
    return Dispatches(
        {row["day"]: (row["whole"], row["partial"]) for row in rows if row["day"] is not None},
        {row["days"]: row["whole"] + row["partial"] for row in rows if row["days"] is not None},
        *(whole[name] for name in ("whole", "partial", "median", "ninetieth")),
    )


async def backorders(conn: Connection, scope: Scope, target: int, today: date) -> dict[str, int]:
    """How many lines by what became of them. Their location is where they were filled, or else will be."""
    query = f"{backordered(needs_place=scope.needs_place)} {BACKORDERS}"
    rows = await conn.fetch(query, *scope.values, target, today)
    return {row["outcome"]: row["lines"] for row in rows}


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How many lines were delivered so many days after the day promised first, and last; None: no day was promised."""

    first: Counter[int | None]
    last: Counter[int | None]


async def deliveries(conn: Connection, scope: Scope) -> Deliveries:
    found = Deliveries(Counter(), Counter())
    for row in await conn.fetch(DELIVERIES, *scope.values):
        found.first[row["first_off"]] += row["lines"]
        found.last[row["last_off"]] += row["lines"]
    return found


async def first_day(conn: Connection, zone: ZoneInfo) -> date | None:
    """The day of the first order."""
    at = await conn.fetchval("select min(at) from event where type = 'order.placed'")
    return at.astimezone(zone).date() if at else None


async def account_called(conn: Connection, words: str) -> str | None:
    """The number of the account with this number or this name."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """select number from account where number = $1 or lower(name) = lower($1)
           order by number = $1 desc, number limit 1""",
        words,
    )


async def locations(conn: Connection) -> list[tuple[str, str]]:
    """(code, name) of those that can be chosen."""
    return [tuple(row) for row in await conn.fetch("select code, name from location order by code")]


async def supplier_called(conn: Connection, words: str) -> str | None:
    """The name of one of those who supply us, as it is written."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """select supplier from inbound where lower(trim(supplier)) = lower($1)
           order by trim(supplier) = $1 desc, id desc limit 1""",
        words,
    )
