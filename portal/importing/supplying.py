"""Stock and supply for the open book, made up from how suppliers really deliver, and the plan that rests on it.

The wholesale data tells of demand only. For each product with open demand, one real delivery stands for the one that
came last and another for the one that comes next: what share of it arrived, what was rejected, who sent it. Which ones,
and how well the buyers had planned, follows from the product's code, so the same demand always meets the same supply.
About six products in ten are there in full; the others are short, on order, late, or in nobody's plan. Dates lie around
the present day: who takes over an old book still has to deliver it.

Only products that this import has made are supplied: what another system says of its own stock is left alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from zlib import crc32

from portal.db import places, stock
from portal.db.work import Work
from portal.domain.calendars import Place
from portal.domain.events import Event
from portal.importing import warehouses
from portal.importing.deliveries import Delivery
from portal.importing.staging import ORIGIN
from portal.importing.writing import CATEGORY, LOCATION
from portal.operations import planning

# By how much of the demand the buyers had ordered, in tenths of all products.
COVERS = ("1.5", "1.5", "1.3", "1.3", "1.2", "1.1", "0.8", "0.5", "0.25", "0")
# How much of what is missing the next delivery brings.
BRINGS = ("0.6", "1", "1", "1.5")
LEAD_TIMES = (None, 10, None, 15)
ONE_IN_KEPT = 40
ZERO = Decimal(0)

DEMAND = """
select p.sku, sum(p.quantity) as quantity, r.category = $2 and r.managed as is_ours
from portion p join orders o on o.id = p.order_id join product r on r.sku = p.sku
where o.origin = $1 and p.stage = 'waiting' and p.status = 'waiting'
group by p.sku, r.category, r.managed order by p.sku
"""
UNPLANNED = """
select distinct o.id, o.account, o.number, o.placed_at from portion p join orders o on o.id = p.order_id
where o.origin = $1 and p.stage = 'waiting' and p.status = 'waiting' order by o.id
"""
# Whoever buys most has a contract for stock.
KEEPER = """
select account from orders where origin = $1 group by account order by count(*) desc, account limit 1
"""


@dataclass(frozen=True, slots=True)
class OnOrder:
    """A line of a purchase order; `received` and `rejected` came already, the rest is expected unless it is closed."""

    reference: str
    vendor: str
    location: str
    confirmed: bool
    sku: str
    quantity: Decimal
    received: Decimal
    rejected: Decimal
    expected_on: date


@dataclass(slots=True)
class Made:
    """Supply that was made up."""

    on_hand: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    on_order: list[OnOrder] = field(default_factory=list)
    lead_times: dict[str, int] = field(default_factory=dict)
    kept: dict[tuple[str, str], Decimal] = field(default_factory=dict)


async def supply_and_plan(
    work: Work, deliveries: Sequence[Delivery], progress: Callable[[int, int], None]
) -> int:
    """Give the open orders that were never planned their stock, supply and promises; answers how many products."""
    async with work:
        rows = await work.conn.fetch(DEMAND, ORIGIN, CATEGORY)
        if not rows:
            return 0
        progress(0, len(rows))
        skus = [row["sku"] for row in rows]
        await stock.lock(work.conn, skus)
        place = (await places.load(work.conn, work.now))[LOCATION]
        demand = {row["sku"]: row["quantity"] for row in rows if row["is_ours"]}
        await _write(work, make(demand, deliveries, place))
        new = await work.conn.fetch(UNPLANNED, ORIGIN)
        short = await planning.replan(work, skus, {"what": "order_placed"})
        for order in new:
            data = {"placed_at": order["placed_at"].isoformat(), "waiting": short.get(order["id"], [])}
            work.record(Event("order.planned", order["account"], order["id"], order["number"], data))
    progress(len(rows), len(rows))
    return len(rows)


def make(demand: Mapping[str, Decimal], deliveries: Sequence[Delivery], place: Place) -> Made:
    """Supply for this demand, by SKU."""
    made = Made()
    for sku, wanted in demand.items():
        _make_one(made, sku, wanted, deliveries, place)
    return made


def _make_one(made: Made, sku: str, wanted: Decimal, deliveries: Sequence[Delivery], place: Place) -> None:
    last = deliveries[_draw(sku, "last delivery", len(deliveries))]
    ordered = (wanted * Decimal(COVERS[_draw(sku, "planned", len(COVERS))])).to_integral_value(ROUND_CEILING)
    came, rejected = _share(ordered, last.received, last), _share(ordered, last.rejected, last)
    location = warehouses.NORTH.code if _draw(sku, "location", 7) == 0 else LOCATION
    if came > rejected:
        made.on_hand[sku, location] = came - rejected
    if came > rejected and _draw(sku, "contract", ONE_IN_KEPT) == 0:
        made.kept[sku, location] = (came - rejected).quantize(Decimal(1), ROUND_HALF_UP)
    if came < ordered or rejected:
        day = _day(place, 2 + _draw(sku, "rest", 8))
        made.on_order.append(_line(sku, last, ordered, came - rejected, rejected, day, confirmed=True))
    missing = wanted - (came - rejected) - (ordered - came)
    if missing > 0:
        _make_next(made, sku, missing, deliveries, place)


def _make_next(made: Made, sku: str, missing: Decimal, deliveries: Sequence[Delivery], place: Place) -> None:
    if _draw(sku, "ordered again", 4) == 0:
        if days := LEAD_TIMES[_draw(sku, "lead time", len(LEAD_TIMES))]:
            made.lead_times[sku] = days
        return
    coming = deliveries[_draw(sku, "next delivery", len(deliveries))]
    brings = missing * Decimal(BRINGS[_draw(sku, "brings", len(BRINGS))])
    day = _day(place, _draw(sku, "next", 2 * max(coming.days, 7)) - 2)
    quantity = brings.to_integral_value(ROUND_CEILING)
    confirmed = _draw(sku, "confirmed", 3) > 0
    made.on_order.append(_line(sku, coming, quantity, ZERO, ZERO, day, confirmed=confirmed))


def _line(
    sku: str,
    like: Delivery,
    quantity: Decimal,
    received: Decimal,
    rejected: Decimal,
    day: date,
    *,
    confirmed: bool,
) -> OnOrder:
    location = warehouses.NORTH.code if _draw(like.vendor, "location", 7) == 0 else LOCATION
    reference = f"W{like.purchase_order}"
    return OnOrder(reference, like.vendor, location, confirmed, sku, quantity, received, rejected, day)


def _share(ordered: Decimal, part: Decimal, like: Delivery) -> Decimal:
    return (ordered * part / like.ordered).to_integral_value(ROUND_HALF_UP)


def _day(place: Place, days: int) -> date:
    """An open day around today; one in the past is a delivery that is late."""
    return place.open_on_or_after(place.today + timedelta(days=days))


def _draw(sku: str, what: str, of: int) -> int:
    """A number below `of` that is always the same for this product and this question."""
    return crc32(f"{what} {sku}".encode()) % of


async def _write(work: Work, made: Made) -> None:
    await stock.change(work.conn, {key: {"on_hand": quantity} for key, quantity in made.on_hand.items()})
    await work.conn.execute(
        """update product p set lead_time_days = n.days from unnest($1::text[], $2::int[]) as n(sku, days)
           where p.sku = n.sku and p.lead_time_days is null""",
        list(made.lead_times),
        list(made.lead_times.values()),
    )
    await _write_on_order(work, made.on_order)
    keeper = await work.conn.fetchval(KEEPER, ORIGIN)
    await work.conn.execute(
        """insert into allocation_agreement (number, account, location, sku, quantity, valid_from, in_force)
           select 'AA-' || n.sku, $1, n.location, n.sku, n.quantity, $5, true
           from unnest($2::text[], $3::text[], $4::numeric[]) as n(sku, location, quantity)
           on conflict (number) do nothing""",
        keeper,
        [sku for sku, _ in made.kept],
        [location for _, location in made.kept],
        list(made.kept.values()),
        work.now.date() - timedelta(days=90),
    )


async def _write_on_order(work: Work, lines: Sequence[OnOrder]) -> None:
    """Lines join a purchase order that is there already, after its last line."""
    await work.conn.execute(
        """insert into inbound (kind, reference, location, supplier, confirmed)
           select distinct on (n.reference) 'purchase_order', n.reference, n.location, 'Supplier ' || n.vendor,
               n.confirmed
           from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) as n(reference, location, vendor, confirmed)
           order by n.reference, n.confirmed on conflict (kind, reference) do nothing""",
        [line.reference for line in lines],
        [line.location for line in lines],
        [line.vendor for line in lines],
        [line.confirmed for line in lines],
    )
    await work.conn.execute(
        """with written as (
               insert into inbound_line (inbound_id, line, sku, quantity, received, rejected, expected_on, closed)
               select i.id, coalesce((select max(line) from inbound_line x where x.inbound_id = i.id), 0)
                       + row_number() over (partition by i.id order by n.sku, n.expected_on),
                   n.sku, n.quantity, n.received, n.rejected, n.expected_on, n.received + n.rejected = n.quantity
               from unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::date[])
                   as n(reference, sku, quantity, received, rejected, expected_on)
               join inbound i on i.kind = 'purchase_order' and i.reference = n.reference
               returning id, received, rejected
           )
           insert into receipt (inbound_line_id, received, rejected, quarantined, closed, received_at, actor)
           select id, received, rejected, 0, false, $7, $8 from written where received + rejected > 0""",
        [line.reference for line in lines],
        [line.sku for line in lines],
        [line.quantity for line in lines],
        [line.received for line in lines],
        [line.rejected for line in lines],
        [line.expected_on for line in lines],
        work.now,
        work.actor,
    )
