"""Closing the books of a unit of work: versions, figures, the audit chain, events, notifications, in that order of
locks."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from portal.db import audit
from portal.db.owed import COUNTS
from portal.domain.events import Event

if TYPE_CHECKING:
    import asyncpg

    from portal.db.work import Work

# NOTIFY carries at most 8,000 bytes.
PAIRS_PER_NOTE = 200


@dataclass(frozen=True, slots=True)
class Move:
    """A promise that is said anew for a quantity of a line."""

    order_id: int
    line_id: int
    account: str
    quantity: Decimal
    old_ships_on: date | None
    old_arrives_on: date | None
    new_ships_on: date | None
    new_arrives_on: date | None
    cause: dict[str, Any]
    at: datetime


async def close(work: "Work") -> None:
    """Write what the work has gathered. Nothing else is locked after this."""
    versions, entries = await _raise_versions(work) if work.touched else ({}, [])
    if work.moves:
        await _write_moves(work, versions)
    if work.said:
        await audit.write(work.conn, work.said, work.actor)
    if work.touched:
        await _tell(work, versions, entries)


# The figures follow from the portions: nobody sets a state by hand. `held` and the states before placing stay until
# an operation ends them, unless everything was cancelled meanwhile.
# A row that somebody else changed while this waited for it is left out: its portions are seen here as they were before.
RAISE = f"""
with newest as (
    select order_id, version, state, complete_ships_on, complete_arrives_on, first_complete_arrives_on,
        coalesce(counted_open, case when {COUNTS} then open_value else 0 end) as counted_open,
        coalesce(counted_shipped, case when {COUNTS} then shipped_value else 0 end)
            as counted_shipped,
        counted_invoiced, counted_paid
    from order_status where order_id = any($1::bigint[]) order by order_id for update
), locked as (
    select n.* from newest n join order_status seen on seen.order_id = n.order_id and seen.version = n.version
), line as (
    select p.order_id, p.line_id,
        bool_or(p.stage in ('waiting', 'allocated', 'picking', 'packed')) as is_open,
        bool_or(p.stage in ('waiting', 'allocated', 'picking', 'packed') and p.arrives_on is null) as is_undated,
        sum(p.quantity) filter (where p.stage in ('waiting', 'allocated', 'picking', 'packed')) as to_come,
        bool_or(p.stage in ('shipped', 'delivered', 'returned')) as some_left,
        min(p.arrives_on) filter (where p.stage in ('waiting', 'allocated', 'picking', 'packed', 'shipped'))
            as next_arrival,
        max(p.ships_on) filter (where p.stage in ('waiting', 'allocated', 'picking', 'packed')) as last_ships,
        max(p.arrives_on) filter (where p.stage in ('waiting', 'allocated', 'picking', 'packed')) as last_arrives
    from portion p join locked on locked.order_id = p.order_id
    group by p.order_id, p.line_id
), figure as (
    select order_id, count(*) as lines, count(*) filter (where not is_open) as lines_complete,
        coalesce(sum(to_come), 0) as to_come, bool_or(some_left) as some_left, min(next_arrival) as next_arrival,
        count(*) filter (where is_undated) as undated_lines, max(last_ships) as last_ships,
        max(last_arrives) as last_arrives
    from line group by order_id
), dated as (
    select f.*, o.number, o.delivery_preference = 'complete_only' as ships_whole, w.whole_ships, w.whole_arrives,
        -- The ERP that knows what the account owes counts its invoices and payments: not twice.
        a.credit_source = 'erp' as is_billed_by_erp,
        case
            when f.to_come > 0 and s.state in ('draft', 'pending_approval', 'rejected', 'held') then s.state
            when f.to_come > 0 then 'open'
            when s.state = 'rejected' then s.state
            when f.some_left then 'closed'
            else 'cancelled' end as state
    from figure f join orders o on o.id = f.order_id join locked s on s.order_id = f.order_id
    join account a on a.number = o.account
    left join lateral (select f.last_ships as whole_ships, f.last_arrives as whole_arrives) w
        on f.undated_lines = 0 and o.delivery_preference = 'complete_only'
), worth as (
    select * from unnest($3::bigint[], $4::numeric[], $5::numeric[]) as w(order_id, still_open, shipped)
), bills as (
    select * from unnest($7::bigint[], $8::numeric[], $9::numeric[]) as b(order_id, invoiced, paid)
), raised as (
    update order_status s set
        version = s.version + 1,
        state = f.state,
        lines = f.lines, lines_complete = f.lines_complete, to_come = f.to_come, next_arrival = f.next_arrival,
        undated_lines = f.undated_lines,
        complete_ships_on = f.whole_ships, complete_arrives_on = f.whole_arrives,
        first_complete_ships_on = coalesce(s.first_complete_ships_on, f.whole_ships),
        first_complete_arrives_on = coalesce(s.first_complete_arrives_on, f.whole_arrives),
        open_value = coalesce(w.still_open, s.open_value), shipped_value = coalesce(w.shipped, s.shipped_value),
        counted_open = case when f.{COUNTS} then coalesce(w.still_open, s.open_value) else 0 end,
        counted_shipped = case when f.{COUNTS} then coalesce(w.shipped, s.shipped_value) else 0 end,
        invoiced_value = s.invoiced_value + coalesce(b.invoiced, 0), paid_value = s.paid_value + coalesce(b.paid, 0),
        counted_invoiced = case when f.{COUNTS}
            then s.invoiced_value + coalesce(b.invoiced, 0) else 0 end,
        counted_paid = case when f.{COUNTS} then s.paid_value + coalesce(b.paid, 0) else 0 end,
        updated_at = $2
    from dated f join locked on locked.order_id = f.order_id left join worth w on w.order_id = f.order_id
        left join bills b on b.order_id = f.order_id and not f.is_billed_by_erp
    where s.order_id = f.order_id
    returning s.order_id, s.version, s.account, f.number,
        s.state = 'closed' and locked.state <> 'closed' as has_closed,
        locked.first_complete_arrives_on is not null and s.to_come > 0
            and (locked.complete_ships_on, locked.complete_arrives_on)
            is distinct from (s.complete_ships_on, s.complete_arrives_on) as has_moved,
        locked.complete_ships_on as old_ships_on, locked.complete_arrives_on as old_arrives_on,
        s.complete_ships_on as new_ships_on, s.complete_arrives_on as new_arrives_on, f.ships_whole,
        s.counted_open - locked.counted_open as more_open,
        s.counted_shipped - locked.counted_shipped - (s.counted_invoiced - locked.counted_invoiced) as more_shipped,
        s.counted_invoiced - locked.counted_invoiced - (s.counted_paid - locked.counted_paid) as more_invoiced
), stamped as (
    -- What ships complete waits for the rest of the order, and says so: each line shows what became of the others.
    update order_line l set version = r.version
    from raised r where l.order_id = r.order_id and (r.ships_whole or l.id = any($6::bigint[]))
)
select * from raised order by order_id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """By how much what an order counts for has changed: a line of its account's ledger."""

    account: str
    order_id: int
    more_open: Decimal
    # Shipped and not invoiced; invoiced and not paid.
    more_shipped: Decimal
    more_invoiced: Decimal


ENTRY = attrgetter("account", "order_id", "more_open", "more_shipped", "more_invoiced")


async def _raise_versions(work: "Work") -> tuple[dict[int, int], list[Entry]]:
    """The new versions by order, and what the ledgers have to be told."""
    versions: dict[int, int] = {}
    entries: list[Entry] = []
    lines = sorted(line for lines in work.touched.values() for line in lines)
    worth = work.values.values()
    # What was left out is locked by now, so the second time sees it as it is.
    for _ in range(2):
        left = sorted(work.touched.keys() - versions)
        if not left:
            break
        rows = await work.conn.fetch(
            RAISE,
            left,
            work.now,
            list(work.values),
            [still_open for still_open, _ in worth],
            [shipped for _, shipped in worth],
            lines,
            list(work.bills),
            [invoiced for invoiced, _ in work.bills.values()],
            [paid for _, paid in work.bills.values()],
        )
        for row in rows:
            await _follow(work, row)
            versions[row["order_id"]] = row["version"]
            entry = Entry(
                row["account"], row["order_id"], row["more_open"], row["more_shipped"], row["more_invoiced"]
            )
            if entry.more_open or entry.more_shipped or entry.more_invoiced:
                entries.append(entry)
    return versions, entries


async def _follow(work: "Work", row: "asyncpg.Record") -> None:
    """What the figures themselves bring about."""
    if row["has_closed"]:
        closed = Event("order.closed", row["account"], row["order_id"], row["number"])
        work.events.append((closed, work.now))
    if row["has_moved"]:
        await _move_complete(work, row)


async def _move_complete(work: "Work", row: "asyncpg.Record") -> None:
    """An order that ships complete has one promise; when it moves, it moves for every line that is still open."""
    lines = await work.conn.fetch(
        """select l.id, l.line, l.sku, sum(p.quantity) as quantity from portion p join order_line l on l.id = p.line_id
           where p.order_id = $1 and p.stage in ('waiting', 'allocated', 'picking', 'packed')
           group by l.id order by l.line""",
        row["order_id"],
    )
    dates = {name: row[name] for name in ("old_ships_on", "old_arrives_on", "new_ships_on", "new_arrives_on")}
    cause = {"what": "complete_only"}
    for line in lines:
        work.moves.append(
            Move(
                row["order_id"],
                line["id"],
                row["account"],
                line["quantity"],
                cause=cause,
                at=work.now,
                **dates,
            )
        )
    iso = {name: day.isoformat() if day else None for name, day in dates.items()}
    told = [
        {
            "line": line["line"],
            "sku": line["sku"],
            "quantity": format(line["quantity"].normalize(), "f"),
            "old": {"ships_on": iso["old_ships_on"], "arrives_on": iso["old_arrives_on"]},
            "new": {"ships_on": iso["new_ships_on"], "arrives_on": iso["new_arrives_on"]},
        }
        for line in lines
    ]
    data = {"lines": told, "cause": cause}
    work.events.append(
        (Event("promise.changed", row["account"], row["order_id"], row["number"], data), work.now)
    )


MOVES = """
insert into promise_change (order_id, line_id, account, quantity, old_ships_on, old_arrives_on, new_ships_on,
    new_arrives_on, cause, version, at)
select m.order_id, m.line_id, m.account, m.quantity, m.old_ships_on, m.old_arrives_on, m.new_ships_on, m.new_arrives_on,
    m.cause::jsonb, m.version, m.at
from unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::date[], $6::date[], $7::date[], $8::date[],
        $9::text[], $10::bigint[], $11::timestamptz[]) with ordinality
    as m(order_id, line_id, account, quantity, old_ships_on, old_arrives_on, new_ships_on, new_arrives_on, cause,
        version, at, place)
order by m.place
"""
MOVED = attrgetter(
    "order_id",
    "line_id",
    "account",
    "quantity",
    "old_ships_on",
    "old_arrives_on",
    "new_ships_on",
    "new_arrives_on",
)


async def _write_moves(work: "Work", versions: dict[int, int]) -> None:
    columns = [list(column) for column in zip(*map(MOVED, work.moves), strict=True)]
    causes = [_json(move.cause) for move in work.moves]
    of_versions = [versions[move.order_id] for move in work.moves]
    await work.conn.execute(MOVES, *columns, causes, of_versions, [move.at for move in work.moves])


# The rows of feeds are locked in order of account: without that, two that tell the same accounts could wait for each
# other. An account's events are numbered on from its last; `nth` counts them.
TELL = """
with locked as (
    select account, sequence from account_feed where account = any($1::text[]) order by account for update
), raised as (
    update account_feed f set sequence = l.sequence + n.given
    from locked l join unnest($1::text[], $2::bigint[]) as n(account, given) on n.account = l.account
    where f.account = l.account returning f.account, l.sequence as last
), told as (
    insert into event (account, sequence, type, order_id, at, actor, version, data)
    select e.account, r.last + e.nth, e.type, e.order_id, e.at, $3, e.version, e.data::jsonb
    from unnest($4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::timestamptz[], $9::bigint[], $10::text[])
            with ordinality as e(account, nth, type, order_id, at, version, data, place)
        join raised r on r.account = e.account
    order by e.place
    returning id, account, type, order_id, at
), heard as materialized (
    -- Who listens to these accounts: their own endpoints and those of the accounts above them, and the supplier's.
    select a.number as account, c.id, c.types from account a
        cross join lateral (
            select id, types from connection
            where account = any(a.path) and kind in ('webhook', 'erp') and state <> 'disabled' and deleted_at is null
            union all
            select id, types from connection
            where account is null and kind in ('webhook', 'erp') and state <> 'disabled' and deleted_at is null
        ) c
    where a.number = any($1)
), owed as (
    -- The outbox of whoever listens, in the commit of what they are to hear. `jobs.couriers` takes it from here.
    insert into delivery (connection_id, event_id, account, order_id, type, due_at)
    select h.id, t.id, t.account, t.order_id, t.type, t.at from told t join heard h on h.account = t.account
    where h.types is null or t.type = any(h.types)
    order by t.id, h.id
    returning id
)
select pg_notify('portal', note) from unnest($11::text[]) as note
union all
select pg_notify('portal_deliveries', '') where exists (select from owed)
"""
# The same, with the ledgers: their entries stand in the order of the feed, which is locked by then.
ENTER = """
), entered as (
    insert into credit_entry (account, order_id, because, open_orders, shipped_not_invoiced, invoiced_unpaid, at)
    select c.* from unnest($12::text[], $13::bigint[], $14::text[], $15::numeric[], $16::numeric[], $17::numeric[],
            $18::timestamptz[])
        as c(account, order_id, because, more_open, more_shipped, more_invoiced, at)
    where (select count(*) from raised) >= 0
)
select pg_notify"""
TELL_AND_ENTER = TELL.replace("\n)\nselect pg_notify", ENTER)


async def _tell(work: "Work", versions: dict[int, int], entries: list[Entry]) -> None:
    """Write the events and the ledgers' entries, and notify whoever listens."""
    given: Counter[str] = Counter()
    nth = []
    for event, _ in work.events:
        given[event.account] += 1
        nth.append(given[event.account])
    events = [event for event, _ in work.events]
    pairs = [f"{order}:{version}" for order, version in versions.items()]
    notes = [
        " ".join(pairs[start : start + PAIRS_PER_NOTE]) for start in range(0, len(pairs), PAIRS_PER_NOTE)
    ]
    await work.conn.execute(
        TELL_AND_ENTER if entries else TELL,
        list(given),
        list(given.values()),
        work.actor,
        [event.account for event in events],
        nth,
        [event.type for event in events],
        [event.order_id for event in events],
        [at for _, at in work.events],
        [versions.get(event.order_id) for event in events],
        [_json(event.data) for event in events],
        notes,
        *(_columns(work, entries) if entries else ()),
    )


def _columns(work: "Work", entries: list[Entry]) -> list[list[Any]]:
    """Each entry with the first event of its order: that is what brought it about."""
    because: dict[int, str] = {}
    for event, _ in work.events:
        because.setdefault(event.order_id, event.type)
    accounts, ids, *amounts = (list(column) for column in zip(*map(ENTRY, entries), strict=True))
    return [
        accounts,
        ids,
        [because.get(order_id, "order.changed") for order_id in ids],
        *amounts,
        [work.now] * len(entries),
    ]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
