"""Closing the books of a unit of work: versions, figures, events, notifications, in that order of locks."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

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
    if not work.touched:
        return

    versions = await _raise_versions(work)
    await _stamp_lines(work, versions)
    if work.values:
        await _write_values(work)
    if work.moves:
        await _write_moves(work, versions)
    if work.events:
        await _write_events(work, versions)
    await _notify(work, versions)


# The figures follow from the portions: nobody sets a state by hand. `held` and the states before placing stay until
# an operation ends them, unless everything was cancelled meanwhile.
RAISE = """
with locked as (
    select order_id, state, complete_ships_on, complete_arrives_on, first_complete_arrives_on
    from order_status where order_id = any($1::bigint[]) order by order_id for update
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
    select order_id, count(*) filter (where not is_open) as lines_complete, coalesce(sum(to_come), 0) as to_come,
        bool_or(some_left) as some_left, min(next_arrival) as next_arrival,
        count(*) filter (where is_undated) as undated_lines, max(last_ships) as last_ships,
        max(last_arrives) as last_arrives
    from line group by order_id
)
update order_status s set
    version = s.version + 1,
    state = case
        when f.to_come > 0 and s.state in ('draft', 'pending_approval', 'rejected', 'held') then s.state
        when f.to_come > 0 then 'open'
        when f.some_left then 'closed'
        else 'cancelled' end,
    lines_complete = f.lines_complete, to_come = f.to_come, next_arrival = f.next_arrival,
    undated_lines = f.undated_lines,
    complete_ships_on = case when o.delivery_preference = 'complete_only' and f.undated_lines = 0 then f.last_ships end,
    complete_arrives_on =
        case when o.delivery_preference = 'complete_only' and f.undated_lines = 0 then f.last_arrives end,
    first_complete_ships_on = coalesce(s.first_complete_ships_on,
        case when o.delivery_preference = 'complete_only' and f.undated_lines = 0 then f.last_ships end),
    first_complete_arrives_on = coalesce(s.first_complete_arrives_on,
        case when o.delivery_preference = 'complete_only' and f.undated_lines = 0 then f.last_arrives end),
    updated_at = $2
from figure f join orders o on o.id = f.order_id join locked on locked.order_id = f.order_id
where s.order_id = f.order_id
returning s.order_id, s.version, s.account, o.number,
    s.state = 'closed' and locked.state <> 'closed' as has_closed,
    locked.first_complete_arrives_on is not null and s.to_come > 0
        and (locked.complete_ships_on, locked.complete_arrives_on)
            is distinct from (s.complete_ships_on, s.complete_arrives_on) as has_moved,
    locked.complete_ships_on as old_ships_on, locked.complete_arrives_on as old_arrives_on,
    s.complete_ships_on as new_ships_on, s.complete_arrives_on as new_arrives_on,
    case when o.delivery_preference = 'complete_only'
        then (select array_agg(l.id) from order_line l where l.order_id = o.id) end as lines
"""


async def _raise_versions(work: "Work") -> dict[int, int]:
    rows = await work.conn.fetch(RAISE, sorted(work.touched), work.now)
    for row in rows:
        if row["has_closed"]:
            closed = Event("order.closed", row["account"], row["order_id"], row["number"])
            work.events.append((closed, work.now))
        if row["has_moved"]:
            await _move_complete(work, row)
        # What ships complete waits for the rest of the order, and says so: each line shows what became of the others.
        work.touched[row["order_id"]].update(row["lines"] or ())
    return {row["order_id"]: row["version"] for row in rows}


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


async def _stamp_lines(work: "Work", versions: dict[int, int]) -> None:
    stamps = [(line, versions[order]) for order, lines in work.touched.items() for line in lines]
    if stamps:
        await work.conn.execute(
            """update order_line l set version = s.version
               from unnest($1::bigint[], $2::bigint[]) as s(id, version) where l.id = s.id""",
            [line for line, _ in stamps],
            [version for _, version in stamps],
        )


async def _write_values(work: "Work") -> None:
    await work.conn.execute(
        """update order_status s set open_value = n.still_open, shipped_value = n.shipped
           from unnest($1::bigint[], $2::numeric[], $3::numeric[]) as n(order_id, still_open, shipped)
           where s.order_id = n.order_id""",
        list(work.values),
        [still_open for still_open, _ in work.values.values()],
        [shipped for _, shipped in work.values.values()],
    )


async def _write_moves(work: "Work", versions: dict[int, int]) -> None:
    await work.conn.copy_records_to_table(
        "promise_change",
        records=[
            (
                m.order_id,
                m.line_id,
                m.account,
                m.quantity,
                m.old_ships_on,
                m.old_arrives_on,
                m.new_ships_on,
                m.new_arrives_on,
                m.cause,
                versions[m.order_id],
                m.at,
            )
            for m in work.moves
        ],
        columns=[
            "order_id",
            "line_id",
            "account",
            "quantity",
            "old_ships_on",
            "old_arrives_on",
            "new_ships_on",
            "new_arrives_on",
            "cause",
            "version",
            "at",
        ],
    )


async def _write_events(work: "Work", versions: dict[int, int]) -> None:
    wanted = Counter(event.account for event, _ in work.events)
    accounts = sorted(wanted)
    # The row locks are taken in order of account; without them two feeds could wait for each other.
    await work.conn.execute(
        "select 1 from account_feed where account = any($1::text[]) order by account for update", accounts
    )
    rows = await work.conn.fetch(
        """update account_feed f set sequence = f.sequence + n.given
           from unnest($1::text[], $2::bigint[]) as n(account, given)
           where f.account = n.account returning f.account, f.sequence - n.given as last""",
        accounts,
        [wanted[account] for account in accounts],
    )
    following = {row["account"]: count(row["last"] + 1) for row in rows}
    await work.conn.copy_records_to_table(
        "event",
        records=[
            (
                event.account,
                next(following[event.account]),
                event.type,
                event.order_id,
                at,
                work.actor,
                versions.get(event.order_id),
                event.data,
            )
            for event, at in work.events
        ],
        columns=["account", "sequence", "type", "order_id", "at", "actor", "version", "data"],
    )


async def _notify(work: "Work", versions: dict[int, int]) -> None:
    pairs = [f"{order}:{version}" for order, version in versions.items()]
    notes = [
        " ".join(pairs[start : start + PAIRS_PER_NOTE]) for start in range(0, len(pairs), PAIRS_PER_NOTE)
    ]
    await work.conn.execute("select pg_notify('portal', note) from unnest($1::text[]) as note", notes)
