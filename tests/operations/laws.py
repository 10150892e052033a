"""What must hold after every step, beyond the laws that the portal checks by itself."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import detail, stock
from portal.db.work import Connection, Pool, Work
from portal.domain.because import english
from portal.domain.orders import STATUSES, Order
from portal.domain.portions import LEFT, OPEN
from portal.operations import planning
from portal.operations.checking import broken_laws
from portal.routes.api import shapes
from tests.operations import approvals, billed, bills
from tests.operations.supplier import EVERYBODY, SKUS, Announced, Sight

ZERO = Decimal(0)
Json = dict[str, Any]
Promise = tuple[date | None, date | None]
KIND_OF = {
    "awaiting_supplier": "purchase_order",
    "awaiting_transfer": "transfer",
    "awaiting_production": "production",
    "awaiting_inspection": "inspection",
}


@dataclass(slots=True)
class Seen:
    """What was read after a step, to be compared with what is read after the next."""

    today: date
    orders: dict[str, Order] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    firsts: Counter[tuple[int, Promise]] = field(default_factory=Counter)
    dates: dict[int, Counter[Promise]] = field(default_factory=dict)
    gone: dict[int, Decimal] = field(default_factory=dict)
    last_move: int = 0


async def see(pool: Pool, work: Work) -> tuple[Seen, Sight]:
    """Read everything, as it stands."""
    async with work:
        conn = work.conn
        seen = Seen(work.now.date())
        words = english(seen.today)
        for row in await conn.fetch("select number from orders order by id"):
            order = await detail.detail(conn, EVERYBODY, row["number"])
            assert order is not None
            seen.orders[order.number] = order
            seen.documents[order.number] = shapes.order(order, words)
        await _read_promises(conn, seen)
        sight = Sight(
            work.now,
            list(seen.orders.values()),
            [Announced(*row.values()) for row in await conn.fetch(INBOUND)],
            {
                (level.location, level.sku): level
                for levels in (await stock.levels(conn, SKUS)).values()
                for level in levels
            },
            [one for several in (await stock.agreements(conn, SKUS)).values() for one in several],
            {row["sku"] for row in await conn.fetch("select sku from product where managed")},
            await approvals.requests(conn),
            await bills.bills(conn),
            await bills.going_back(conn),
        )
    return seen, sight


INBOUND = """
select n.kind, n.reference, n.location, n.from_location, i.line, i.sku, i.quantity,
    i.received + i.rejected + i.quarantined as came,
    case when i.closed then 0 else greatest(i.quantity - i.received - i.rejected - i.quarantined, 0) end
        as outstanding, i.expected_on
from inbound n join inbound_line i on i.inbound_id = n.id order by n.kind, n.reference, i.line
"""


# An order that ships complete has one promise: the day on which the last of it can.
PROMISES = """
select p.line_id, p.stage, p.quantity, p.first_ships_on, p.first_arrives_on,
    case when o.delivery_preference = 'complete_only' then s.complete_ships_on else p.ships_on end as ships_on,
    case when o.delivery_preference = 'complete_only' then s.complete_arrives_on else p.arrives_on end as arrives_on
from portion p join orders o on o.id = p.order_id join order_status s on s.order_id = o.id
"""


async def _read_promises(conn: Connection, seen: Seen) -> None:
    seen.dates = defaultdict(Counter)
    for row in await conn.fetch(PROMISES):
        if row["first_arrives_on"] is not None:
            seen.firsts[row["line_id"], (row["first_ships_on"], row["first_arrives_on"])] += row["quantity"]
        if row["stage"] in OPEN:
            seen.dates[row["line_id"]][row["ships_on"], row["arrives_on"]] += row["quantity"]
        else:
            seen.gone[row["line_id"]] = seen.gone.get(row["line_id"], ZERO) + row["quantity"]
    seen.last_move = await conn.fetchval("select coalesce(max(id), 0) from promise_change")


async def check(
    pool: Pool, before: Seen, now: Seen, sight: Sight, corrections: Counter[tuple[str, str]]
) -> None:
    """All laws; the first that is broken is said in a sentence."""
    assert await broken_laws(pool) == []
    work = Work(pool, actor="test")
    async with work:
        await nothing_appears_and_nothing_vanishes(work.conn, corrections)
        await every_moved_promise_is_on_record(work.conn, before, now)
        assert await approvals.broken(work.conn) == []
    await planning_again_changes_nothing(pool)
    agreements_hold_no_more_than_they_are_due(sight)
    for key, quantity in before.firsts.items():
        assert now.firsts[key] >= quantity, f"the first promise {key} was given for {quantity}: {now.firsts}"
    async with work:
        books = await billed.read(work.conn)
    for number, order in now.orders.items():
        billed.figures_follow(order, books[number])
        the_document_is_in_order(now.documents[number])
        if number in before.orders:
            if before.orders[number].state == "rejected":
                assert order.state == "rejected", f"{number} was rejected and is {order.state}"
            whatever_shows_has_a_new_version(number, before, now)


async def planning_again_changes_nothing(pool: Pool) -> None:
    work = Work(pool, actor="test")
    async with work:
        before = await everything(work.conn)
        await planning.replan(work, SKUS, {"what": "counted"})
        after = await everything(work.conn)
        assert after == before, f"planned again, {before - after} became {after - before}"
        assert not work.touched
        assert not work.events
        assert not work.moves


WRITTEN = (
    "account", "account_feed", "allocation_agreement", "approval_decision", "approval_policy", "approval_request",
    "approval_seat", "approval_step", "audit_entry", "audit_head", "credit_check", "credit_entry", "credit_figures",
    "delegation", "hold", "inbound", "inbound_line", "location", "mail", "order_line", "order_status", "orders",
    "dispute", "dispute_line", "dispute_message", "goods_return", "goods_return_line", "invoice", "invoice_document",
    "invoice_line", "invoice_status", "invoice_tax", "line_billing", "number_series", "package", "parked_message",
    "payment", "portion", "product", "promise_change", "receipt", "return_credit", "return_receipt", "shipment",
    "stock_level", "substitution",
)  # fmt: skip
EVERYTHING = " union all ".join(f"select '{table} ' || t::text as whole from {table} t" for table in WRITTEN)


async def everything(conn: Connection) -> set[str]:
    """Every row that operations write, as text."""
    return {row["whole"] for row in await conn.fetch(EVERYTHING)}


# What came, less what left: the books of a level.
BOOKS = """
with booked(location, sku, quantity) as (
    select n.location, i.sku, case when n.kind = 'inspection' then -r.rejected else r.received + r.quarantined end
    from receipt r join inbound_line i on i.id = r.inbound_line_id join inbound n on n.id = i.inbound_id
    union all
    select n.from_location, i.sku, -i.quantity
    from inbound_line i join inbound n on n.id = i.inbound_id where n.kind = 'transfer'
    union all
    select h.location, p.sku, -p.quantity from portion p join shipment h on h.id = p.shipment_id where p.counted
    union all
    select h.location, l.sku, r.quantity
    from return_receipt r join goods_return g on g.id = r.return_id join shipment h on h.id = g.shipment_id
    join order_line l on l.id = r.line_id where r.went_to <> 'scrap'
    union all
    select e.data->>'location', missing->>'sku', -(missing->>'missing')::numeric
    from event e cross join jsonb_array_elements(e.data->'lines') missing where e.type = 'lines.short_picked'
)
select coalesce(s.location, b.location) as location, coalesce(s.sku, b.sku) as sku,
    coalesce(s.on_hand, 0) as on_hand, coalesce(b.quantity, 0) as booked
from stock_level s
full join (select location, sku, sum(quantity) as quantity from booked group by location, sku) b
    on b.location = s.location and b.sku = s.sku
"""


async def nothing_appears_and_nothing_vanishes(
    conn: Connection, corrections: Counter[tuple[str, str]]
) -> None:
    for row in await conn.fetch(BOOKS):
        found = corrections[row["location"], row["sku"]]
        assert row["on_hand"] == row["booked"] + found, f"{dict(row)}, counts found {found}"


async def every_moved_promise_is_on_record(conn: Connection, before: Seen, now: Seen) -> None:
    """A date that a quantity had and has no more was moved, and the record says so."""
    moved: Counter[tuple[int, Promise]] = Counter()
    for row in await conn.fetch(
        "select line_id, old_ships_on, old_arrives_on, quantity from promise_change where id > $1",
        before.last_move,
    ):
        moved[row["line_id"], (row["old_ships_on"], row["old_arrives_on"])] += row["quantity"]
    for line, dates in before.dates.items():
        if before.gone.get(line) != now.gone.get(line):
            continue  # what shipped or was cancelled took its dates along
        for promised, quantity in dates.items():
            missing = quantity - now.dates[line][promised]
            if promised != (None, None) and missing > moved[line, promised]:
                raise AssertionError(
                    f"line {line}: {missing} of {quantity} lost the promise {promised}, on record are "
                    f"{moved[line, promised]}; now {now.dates[line]}"
                )


def agreements_hold_no_more_than_they_are_due(sight: Sight) -> None:
    for agreement in sight.agreements:
        if agreement.sku not in sight.managed:
            continue  # nobody counts it, so nothing of it is set apart or given back
        due = agreement.remaining(sight.today)
        assert agreement.reserved <= due, f"{agreement} holds more than {due}"
        level = sight.levels.get((agreement.location, agreement.sku))
        if level is not None and level.free:
            assert agreement.reserved == due, f"{agreement} waits for stock while {level} is free"


def the_document_is_in_order(document: Json) -> None:
    assert document["version"] >= 1
    for line in document["lines"]:
        where = f"{document['number']} line {line['line']}: {line}"
        figures = {
            name: Decimal(line[name]) for name in ("quantity", "shipped", "to_come", "cancelled", "delivered")
        }
        portions = line["portions"]
        assert figures["quantity"] == figures["shipped"] + figures["to_come"] + figures["cancelled"], where
        assert figures["quantity"] == sum(Decimal(portion["quantity"]) for portion in portions), where
        assert figures["shipped"] == _sum(portions, LEFT), where
        assert figures["cancelled"] == _sum(portions, ("cancelled",)), where
        places = [_place(portion) for portion in portions]
        assert places == sorted(places), where
        alike = [
            _without(portion, "quantity", "sentence", "because") | _facts(portion) for portion in portions
        ]
        assert all(one not in alike[:index] for index, one in enumerate(alike)), f"two alike in {where}"
        for portion in portions:
            _portion_is_whole(portion, document["delivery_preference"], where)
    open_lines = [line for line in document["lines"] if Decimal(line["to_come"])]
    assert (document["state"] in ("open", "held", "pending_approval")) == bool(open_lines), document


def _sum(portions: list[Json], statuses: Any) -> Decimal:
    return sum((Decimal(portion["quantity"]) for portion in portions if portion["status"] in statuses), ZERO)


def _place(portion: Json) -> tuple[int, str, str]:
    return (
        STATUSES.index(portion["status"]),
        portion["arrives_on"] or "9999-12-31",
        portion["ships_on"] or "9999-12-31",
    )


def _facts(portion: Json) -> Json:
    return {"because": [fact for fact in portion["because"] if fact["fact"] != "on_shelf"]}


def _portion_is_whole(portion: Json, preference: str, where: str) -> None:
    status = portion["status"]
    assert portion["sentence"], where
    # What came back left on a day, and arrives nowhere any more.
    assert status == "returned" or (portion["ships_on"] is None) == (portion["arrives_on"] is None), where
    if status == "held":
        assert portion["hold"], where
        assert portion["ships_on"] is None, where
        assert portion["because"][0]["fact"] == "hold", where
        return
    assert "hold" not in portion, where
    if portion["ships_on"] and status != "returned":
        assert portion["ships_on"] <= portion["arrives_on"] or status == "delivered", where
    if status in KIND_OF:
        assert portion["supply"]["kind"] == KIND_OF[status], where
        overdue = any(fact["fact"] == "overdue" for fact in portion["because"])
        if preference != "complete_only":
            assert overdue == (portion["ships_on"] is None), where
    if status in ("allocated", "picking", "packed"):
        assert portion["location"], where
        assert portion["ships_on"] or preference == "complete_only", where
    if status in LEFT:
        assert portion["shipment"], where


def _without(document: Json, *names: str) -> Json:
    return {name: value for name, value in document.items() if name not in names}


def whatever_shows_has_a_new_version(number: str, before: Seen, now: Seen) -> None:
    """Pages, ETags and live updates go by versions: nothing may read otherwise under the same one."""
    was, became = before.orders[number], now.orders[number]
    old, new = before.documents[number], now.documents[number]
    assert became.version >= was.version, number
    if became.version == was.version:
        assert _shown(old, before, now) == _shown(new, before, now), f"{number} changed without a new version"
        return
    stamps = {line.line: line.version for line in became.lines}
    later = {line["line"]: line for line in new["lines"]}
    for number_of_line in later.keys() - {line["line"] for line in old["lines"]}:
        assert stamps[number_of_line] > was.version, f"line {number_of_line} of {number} is new"
    for one in old["lines"]:
        other = later[one["line"]]
        if _line_shown(one, before, now) != _line_shown(other, before, now):
            assert stamps[one["line"]] > was.version, (
                f"line {one['line']} of {number} changed from {one} to {other}, and is stamped {stamps[one['line']]}"
            )


def _shown(document: Json, before: Seen, now: Seen) -> Json:
    return document | {"lines": [_line_shown(line, before, now) for line in document["lines"]]}


def _line_shown(line: Json, before: Seen, now: Seen) -> Json:
    """A sentence may speak of today: another day, another sentence."""
    if before.today == now.today:
        return line
    return line | {"portions": [_without(portion, "sentence") for portion in line["portions"]]}
