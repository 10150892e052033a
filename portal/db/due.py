"""Supply on its way as staff look at it: what is due when, one document to receive, and what a receipt gave to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from portal.db.work import Connection
from portal.domain.receiving import Concerned, Due, DueLine, Effect, Given, Receipt

WHENS = ("overdue", "today", "week", "later", "done")
# A page of a document: its form has five fields a line, and a form may be 64 kB.
LINES_PER_PAGE = 100
# So many lines of an effect are listed; all of them are counted.
LISTED = 100
# Receipts of one document that are listed.
RECEIPTS = 200


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Which documents; empty says nothing. `when` is one of WHENS, `after` the last (date, id) of the page before."""

    q: str = ""
    kind: str = ""
    location: str = ""
    when: str = ""
    after: tuple[date | None, int] | None = None


LIST = """
with open as (
    select i.inbound_id, min(i.expected_on) as expected_on, count(*) as lines
    from inbound_line i
    where not i.closed and i.quantity > i.received + i.rejected + i.quarantined
    group by i.inbound_id
), page as (
    select n.id, n.kind, n.reference, n.location, n.from_location, n.supplier, n.confirmed, o.expected_on,
        coalesce(o.lines, 0) as open_lines
    from inbound n {join} join open o on o.inbound_id = n.id
    where {conditions}
    order by {order} limit $1
)
select page.id, kind, reference, location, from_location, supplier, confirmed, expected_on,
    (select count(*) from inbound_line i where i.inbound_id = page.id) as lines, open_lines,
    waits.lines as waiting_lines, waits.orders as waiting_orders
from page, lateral (
    select count(distinct p.line_id) as lines, count(distinct p.order_id) as orders
    from inbound_line i join portion p on p.inbound_line_id = i.id where i.inbound_id = page.id
) waits
order by {outer}
"""


async def search(
    conn: Connection, wanted: DueFilter, today: date, limit: int
) -> tuple[list[Due], tuple[date | None, int] | None]:
    """Documents by their next date, or with `done` those of which nothing is outstanding, the newest first.

    The second answer is where the next page begins.
    """
    values: list[object] = [limit + 1]
    conditions = _conditions(wanted, today, values)
    is_done = wanted.when == "done"
    sql = LIST.format(
        join="left" if is_done else "",
        conditions=" and ".join(conditions) or "true",
        order="n.id desc" if is_done else "o.expected_on, n.id",
        outer="page.id desc" if is_done else "expected_on, page.id",
    )
    rows = await conn.fetch(sql, *values)
    found = [Due(*row.values()) for row in rows[:limit]]
    return found, (found[-1].expected_on, found[-1].id) if len(rows) > limit else None


def _conditions(wanted: DueFilter, today: date, values: list[object]) -> list[str]:
    def given(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    said = []
    if wanted.kind:
        said.append(f"n.kind = {given(wanted.kind)}")
    if wanted.location:
        said.append(f"n.location = {given(wanted.location)}")
    if wanted.q:
        said.append(_matches(given(beginning(wanted.q))))
    if (span := _span(wanted.when, today)) is not None:
        said.append(f"o.expected_on between {given(span[0])} and {given(span[1])}")
    if wanted.when == "done":
        said.append("o.inbound_id is null")
    if wanted.after is not None:
        day, last = wanted.after
        said.append(
            f"n.id < {given(last)}"
            if day is None
            else f"(o.expected_on, n.id) > ({given(day)}, {given(last)})"
        )
    return said


def _matches(pattern: str) -> str:
    """A reference or a supplier that begins like this, or a product on one of the lines."""
    return (
        f"(upper(n.reference) like {pattern} or upper(n.supplier) like {pattern} or exists ("
        f"select from inbound_line s where s.inbound_id = n.id and upper(s.sku) like {pattern}))"
    )


def beginning(typed: str) -> str:
    """A pattern for what begins like this; nothing in it but what was typed means anything."""
    return typed.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _span(when: str, today: date) -> tuple[date, date] | None:
    """The days that a word names: this week is the next seven days."""
    return {
        "overdue": (date.min, today - timedelta(days=1)),
        "today": (today, today),
        "week": (today, today + timedelta(days=6)),
        "later": (today + timedelta(days=7), date.max),
    }.get(when)


async def one(conn: Connection, kind: str, reference: str) -> Due | None:
    """One document."""
    row = await conn.fetchrow(
        """select n.id, n.kind, n.reference, n.location, n.from_location, n.supplier, n.confirmed,
               min(i.expected_on) filter (where is_open), count(i.id), count(i.id) filter (where is_open), 0, 0
           from inbound n left join inbound_line i on i.inbound_id = n.id,
               lateral (select not i.closed and i.quantity > i.received + i.rejected + i.quarantined as is_open)
           where n.kind = $1 and n.reference = $2 group by n.id""",
        kind,
        reference,
    )
    if row is None:
        return None
    found = Due(*row.values())
    waiting = await conn.fetchrow(
        """select count(distinct p.line_id) as lines, count(distinct p.order_id) as orders
           from inbound_line i join portion p on p.inbound_line_id = i.id where i.inbound_id = $1""",
        found.id,
    )
    assert waiting is not None
    return replace(found, waiting_lines=waiting["lines"], waiting_orders=waiting["orders"])


LINES = """
select i.id, i.line, i.sku, a.name, a.unit, i.quantity, i.received, i.rejected, i.quarantined, i.expected_on, i.closed,
    i.for_order, i.for_line, waits.quantity as waiting, waits.lines as waiting_lines
from inbound_line i join product a on a.sku = i.sku, lateral (
    select coalesce(sum(p.quantity), 0) as quantity, count(distinct p.line_id) as lines
    from portion p where p.inbound_line_id = i.id) waits
where i.inbound_id = $1 and
"""


async def lines(conn: Connection, inbound_id: int, after: int) -> tuple[list[DueLine], int | None]:
    """A page of lines behind a line number, and the number that the next page begins behind."""
    sql = f"{LINES} i.line > $2 order by i.line limit $3"
    rows = await conn.fetch(sql, inbound_id, after, LINES_PER_PAGE + 1)
    found = [DueLine(*row.values()) for row in rows[:LINES_PER_PAGE]]
    return found, found[-1].line if len(rows) > LINES_PER_PAGE else None


async def these(conn: Connection, inbound_id: int, numbers: Sequence[int]) -> dict[int, DueLine]:
    """The lines with these numbers, as far as there are such."""
    rows = await conn.fetch(f"{LINES} i.line = any($2::int[])", inbound_id, list(numbers))
    return {row["line"]: DueLine(*row.values()) for row in rows}


async def receipts(conn: Connection, inbound_id: int) -> list[Receipt]:
    """What came of a document, the newest first."""
    rows = await conn.fetch(
        """select i.line, i.sku, a.unit, r.received, r.rejected, r.quarantined, r.closed, r.received_at, r.actor
           from inbound_line i join product a on a.sku = i.sku join receipt r on r.inbound_line_id = i.id
           where i.inbound_id = $1 order by r.id desc limit $2""",
        inbound_id,
        RECEIPTS,
    )
    return [Receipt(*row.values()) for row in rows]


async def quarantined(conn: Connection, location: str, skus: Sequence[str]) -> dict[str, Any]:
    """What stands in quarantine at a location, by SKU: so much can be inspected there."""
    rows = await conn.fetch(
        "select sku, quarantined from stock_level where location = $1 and sku = any($2::text[])",
        location,
        list(skus),
    )
    return {row["sku"]: row["quarantined"] for row in rows}


async def works(
    conn: Connection, kind: str, reference: str, instants: Sequence[datetime]
) -> dict[datetime, int]:
    """The transactions, by their instant, in which a receipt of the document gave stock to somebody."""
    rows = await conn.fetch(
        """select at, max(txid::text::bigint) as work from event
           where type = 'portion.allocated' and at = any($1::timestamptz[])
               and data -> 'cause' ->> 'kind' = $2 and data -> 'cause' ->> 'reference' = $3
           group by at""",
        list(instants),
        kind,
        reference,
    )
    return {row["at"]: row["work"] for row in rows}


async def transaction(conn: Connection) -> int:
    """The number of the transaction that runs; its events carry it."""
    return int(await conn.fetchval("select feed_txid()::text"))


# What an event says of a line comes in parts; those that read alike are told as one. Whoever was given stock is told of
# there, with the new date, and not once more among those whose date has moved.
EFFECT = """
with said as (
    select o.number, e.account, a.name, (l ->> 'line')::int as line, l ->> 'sku' as sku,
        sum((l ->> 'quantity')::numeric) as quantity, l ->> 'location' as location,
        coalesce(l ->> 'ships_on', l -> 'new' ->> 'ships_on')::date as ships_on,
        coalesce(l ->> 'arrives_on', l -> 'new' ->> 'arrives_on')::date as arrives_on,
        (l -> 'old' ->> 'arrives_on')::date as arrived_before, min(e.id) as first
    from event e join orders o on o.id = e.order_id join account a on a.number = e.account,
        lateral jsonb_array_elements(e.data -> 'lines') l
    where e.txid = $1::text::xid8 and e.type = $2
    group by 1, 2, 3, 4, 5, 7, 8, 9, 10
), given as (
    select distinct o.number, (l ->> 'line')::int as line, (l ->> 'arrives_on')::date as arrives_on
    from event e join orders o on o.id = e.order_id, lateral jsonb_array_elements(e.data -> 'lines') l
    where e.txid = $1::text::xid8 and e.type = 'portion.allocated' and $2 = 'promise.changed'
), told as (
    select * from said s where not exists (
        select from given g where (g.number, g.line, g.arrives_on) = (s.number, s.line, s.arrives_on))
)
select number, account, name, line, sku, quantity, location, ships_on, arrives_on, arrived_before,
    (select count(distinct (number, line)) from told)::int as lines,
    (select count(distinct number) from told)::int as orders, (select count(*) from told)::int as parts
from told order by first, line, arrives_on limit $3
"""


async def effect(conn: Connection, work: int) -> Effect:
    """What one transaction gave to whom, took from whom, and whose promise it moved."""
    return Effect(
        given=await _concerned(conn, work, "portion.allocated"),
        taken=await _concerned(conn, work, "portion.released"),
        moved=await _concerned(conn, work, "promise.changed"),
    )


async def _concerned(conn: Connection, work: int, kind: str) -> Concerned:
    rows = await conn.fetch(EFFECT, str(work), kind, LISTED)
    if not rows:
        return Concerned()
    first = rows[0]
    given = [Given(*tuple(row.values())[:-3]) for row in rows]
    return Concerned(given, first["lines"], first["orders"], first["parts"])
