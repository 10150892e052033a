"""Who waits for what, over the whole book: a list by age, value or date, and the queue of one product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import asyncpg

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.desk import Queued, Supply, Waiting

SORTS = ("age", "value", "date")
ONLIES = ("late", "undated", "overdue", "offered", "held")
# Orders in these states have no place in the queue.
OUTSIDE = "('draft', 'pending_approval', 'rejected', 'held')"


@dataclass(frozen=True, slots=True)
class BackorderFilter:
    """Which waiting parts of lines, and in which order; empty says nothing. `after` is where the last page ended."""

    q: str = ""
    reason: str = ""
    account: str = ""
    sku: str = ""
    only: str = ""
    sort: str = "age"
    after: tuple[str, int] | None = None


# By what a page is sorted: the value, its type, and which way. No date at all comes last.
KEYS = {
    "age": ("o.placed_at", "timestamptz", "asc"),
    "value": ("p.quantity * l.unit_price", "numeric", "desc"),
    "date": ("coalesce(p.arrives_on, '9999-12-31')", "date", "asc"),
}
STOPPED = """exists (
    select from hold h where h.order_id = p.order_id and h.released_at is null
        and (h.lines is null or l.line = any(h.lines)))"""
OFFERED = "exists (select from substitution u where u.line_id = p.line_id and u.state = 'offered')"
# First which, then all about them: what is shown of a row is looked up for one page only. A place in the queue is
# counted among the lines that wait for the same product.
LIST = """
with page as materialized (
    select p.id, {key} as key from portion p {joins}
    where p.stage = 'waiting' {conditions}
    order by key {way}, p.id {way} limit $1
), places as (
    select p.line_id, dense_rank() over queue as place, p.sku
    from portion p join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
    join order_status s on s.order_id = p.order_id join account a on a.number = p.account
    left join queue_override v on v.line_id = p.line_id
    where p.stage = 'waiting' and s.state not in {outside}
        and p.sku = any(array(select w.sku from page join portion w on w.id = page.id))
    window queue as (partition by p.sku order by coalesce(v.priority, a.priority) desc, o.arrival, l.line)
), lengths as (select sku, max(place) as lines from places group by sku),
at as (select distinct line_id, place from places)
select p.id, o.number, l.line, p.sku, l.name, l.unit, p.quantity, o.currency, p.quantity * l.unit_price as value,
    p.account, a.name as account_name, p.status, o.placed_at, p.ships_on, p.arrives_on, p.first_arrives_on,
    {stopped} as is_held, {offered} as is_offered, v.line_id is not null as is_moved, at.place,
    coalesce(lengths.lines, 0) as in_queue, n.kind, n.reference, i.expected_on, n.confirmed, n.supplier,
    page.key::text as key
from page join portion p on p.id = page.id join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
join account a on a.number = p.account
left join queue_override v on v.line_id = p.line_id
left join inbound_line i on i.id = p.inbound_line_id left join inbound n on n.id = i.inbound_id
left join at on at.line_id = p.line_id left join lengths on lengths.sku = p.sku
order by page.key {way}, page.id {way}
"""
SUM = """
select count(*) as parts, count(distinct p.line_id) as lines, count(distinct p.order_id) as orders
from portion p {joins} where p.stage = 'waiting' {conditions}
"""


async def search(
    conn: Connection, wanted: BackorderFilter, today: date, limit: int
) -> tuple[list[Waiting], tuple[str, int] | None]:
    """A page of it, and where the next one begins."""
    _, kind, way = KEYS[wanted.sort]
    asked = _ask(wanted, today, [limit + 1])
    if wanted.after is not None:
        beyond = ">" if way == "asc" else "<"
        key, last = wanted.after
        asked.say(
            f"({KEYS[wanted.sort][0]}, p.id) {beyond} ({asked.give(key)}::text::{kind}, {asked.give(last)})"
        )
    asked.joins |= NEEDS[wanted.sort]
    rows = await conn.fetch(
        LIST.format(
            key=KEYS[wanted.sort][0], way=way, joins=asked.joined, conditions=asked.conditions, outside=OUTSIDE,
            stopped=STOPPED, offered=OFFERED,
        ),
        *asked.values,
    )  # fmt: skip
    following = (rows[limit - 1]["key"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return [_waiting(row) for row in rows[:limit]], following


async def count(conn: Connection, wanted: BackorderFilter, today: date) -> Mapping[str, int]:
    """How many parts, lines and orders fit, over all pages."""
    asked = _ask(wanted, today, [])
    row = await conn.fetchrow(SUM.format(joins=asked.joined, conditions=asked.conditions), *asked.values)
    assert row is not None
    return dict(row)


@dataclass(slots=True)
class _Asked:
    """A condition that grows, with the joins that it needs."""

    values: list[object]
    said: list[str] = field(default_factory=list)
    joins: set[str] = field(default_factory=set)

    def give(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def say(self, condition: str, *joins: str) -> None:
        self.said.append(condition)
        self.joins |= set(joins)

    @property
    def conditions(self) -> str:
        return "".join(f" and {condition}" for condition in self.said)

    @property
    def joined(self) -> str:
        return " ".join(JOINS[name] for name in sorted(self.joins))


# What a page is sorted by stands in these.
NEEDS = {"age": {"o"}, "value": {"l"}, "date": set[str]()}
JOINS = {
    "i": "join inbound_line i on i.id = p.inbound_line_id",
    "l": "join order_line l on l.id = p.line_id",
    "o": "join orders o on o.id = p.order_id",
}


def _ask(wanted: BackorderFilter, today: date, values: list[object]) -> _Asked:
    asked = _Asked(values)
    for name, value in (("status", wanted.reason), ("account", wanted.account), ("sku", wanted.sku)):
        if value:
            asked.say(f"p.{name} = {asked.give(value)}")
    if wanted.q:
        pattern = asked.give(beginning(wanted.q))
        asked.say(
            f"(upper(o.number) like {pattern} or upper(o.purchase_order_number) like {pattern} "
            f"or upper(p.sku) like {pattern})",
            "o",
        )
    match wanted.only:
        case "late":
            asked.say(f"p.first_arrives_on < {asked.give(today)}")
        case "undated":
            asked.say("p.arrives_on is null")
        case "overdue":
            asked.say(f"i.expected_on < {asked.give(today)}", "i")
        case "offered":
            asked.say(OFFERED)
        case "held":
            asked.say(STOPPED, "l")
    return asked


def _waiting(row: asyncpg.Record) -> Waiting:
    supply = None
    if row["reference"] is not None:
        supply = Supply(row["kind"], row["reference"], row["expected_on"], row["confirmed"], row["supplier"])
    return Waiting(
        id=row["id"],
        order=row["number"],
        line=row["line"],
        sku=row["sku"],
        name=row["name"],
        unit=row["unit"],
        quantity=row["quantity"],
        currency=row["currency"],
        value=row["value"],
        account=row["account"],
        account_name=row["account_name"],
        reason=row["status"],
        placed_at=row["placed_at"],
        ships_on=row["ships_on"],
        arrives_on=row["arrives_on"],
        first_arrives_on=row["first_arrives_on"],
        supply=supply,
        is_held=row["is_held"],
        is_offered=row["is_offered"],
        is_moved=row["is_moved"],
        place=row["place"],
        in_queue=row["in_queue"],
    )


QUEUE = f"""
with lines as (
    select p.line_id, min(p.order_id) as order_id, min(p.account) as account, sum(p.quantity) as quantity,
        case when bool_and(p.arrives_on is not null) then max(p.arrives_on) end as arrives_on,
        array_agg(distinct p.status) as reasons,
        array_agg(p.inbound_line_id order by p.arrives_on, p.id) filter (where p.inbound_line_id is not null) as pegs
    from portion p where p.sku = $1 and p.stage = 'waiting' group by p.line_id
), queue as (
    select w.*, l.line, o.number, o.placed_at, o.arrival, a.name as account_name, a.priority as account_priority,
        coalesce(v.priority, a.priority) as priority, v.reason as decided, v.set_by as decided_by, v.note,
        v.location as only, s.state not in {OUTSIDE} as is_in
    from lines w join order_line l on l.id = w.line_id join orders o on o.id = w.order_id
    join order_status s on s.order_id = w.order_id join account a on a.number = w.account
    left join queue_override v on v.line_id = w.line_id
), placed as (
    select *, case when is_in then row_number() over turn end as place, sum(quantity) over turn - quantity as ahead
    from queue window turn as (partition by is_in order by priority desc, arrival, line
        rows between unbounded preceding and current row)
)
select q.number, q.line, q.account, q.account_name, q.quantity, q.ahead, q.priority, q.account_priority, q.decided,
    q.decided_by, q.note, q.only, q.placed_at, q.arrives_on, q.reasons, (
        select coalesce(
            array_agg(row(n.kind, n.reference, i.expected_on, n.confirmed, n.supplier) order by peg.place), '{{}}')
        from (select id, min(nr) as place from unnest(q.pegs) with ordinality as u(id, nr) group by id) peg
        join inbound_line i on i.id = peg.id join inbound n on n.id = i.inbound_id) as supplies,
    exists (select from hold h where h.order_id = q.order_id and h.released_at is null
        and (h.lines is null or q.line = any(h.lines))) as is_held, q.place
from placed q
"""


async def queue(conn: Connection, sku: str, after: int, limit: int) -> tuple[list[Queued], int | None]:
    """The queue of a product behind a place in it; orders that have no place stand at its end."""
    rows = await conn.fetch(
        f"{QUEUE} where coalesce(q.place, 1000000000) > $2 order by q.place nulls last, q.number, q.line limit $3",
        sku,
        after,
        limit + 1,
    )
    found = [_queued(row) for row in rows[:limit]]
    return found, found[-1].place if len(rows) > limit else None


async def in_queue(conn: Connection, sku: str, number: str, line: int) -> Queued | None:
    """One line where it stands; None when nothing of it waits."""
    row = await conn.fetchrow(f"{QUEUE} where q.number = $2 and q.line = $3", sku, number, line)
    return _queued(row) if row else None


def _queued(row: asyncpg.Record) -> Queued:
    values: list[object] = list(row.values())
    supplies: Sequence[asyncpg.Record] = row["supplies"]
    values[15] = [Supply(*supply) for supply in supplies]
    return Queued(*values)  # type: ignore[arg-type]


async def length(conn: Connection, sku: str) -> tuple[int, Decimal]:
    """How many lines wait for a product, and how much they want together."""
    row = await conn.fetchrow(
        """select count(distinct line_id) as lines, coalesce(sum(quantity), 0) as quantity
           from portion where sku = $1 and stage = 'waiting'""",
        sku,
    )
    assert row is not None
    return row["lines"], row["quantity"]
