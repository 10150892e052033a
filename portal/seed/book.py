"""The book around the story: an excerpt of a real wholesaler's orders, moved by whole weeks to end in the last one.

What stands ready of its elder orders is shipped, so that there are orders of which a part has left.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import as_file, files

from portal.db.work import Pool, Work
from portal.importing import import_orders
from portal.importing.staging import ORIGIN
from portal.operations import shipping
from portal.operations.moving import Part
from portal.operations.shipping import Leaving
from portal.seed.telling import SYSTEM, Days
from portal.settings import Settings

EXCERPT = "wholesale-excerpt.csv.gz"
ENDS = date(2011, 9, 30)
WEEK = timedelta(days=7)
# Orders that are older than this were picked already, as far as the goods are there.
PICKED_AFTER = timedelta(days=5)
LEAVES = "16:30"
ORDERS_PER_WORK = 10

READY = """
select o.number, p.location, l.line, sum(p.quantity) as quantity
from orders o join order_line l on l.order_id = o.id join portion p on p.line_id = l.id
where o.origin = $1 and o.placed_at < $2 and p.stage = 'allocated'
    and not exists (select from shipment s where s.order_id = o.id)
group by o.id, o.number, p.location, l.line order by o.id, p.location, l.line
"""


async def open_up(pool: Pool, settings: Settings, now: datetime) -> None:
    """Import the excerpt and ship what is ready of it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    later = (now.date() - ENDS - timedelta(days=1)) // WEEK * WEEK
    with as_file(files("portal.seed") / "data" / EXCERPT) as file:
        told = await import_orders(
            pool, settings, file, report=settings.home / "excerpt-left-out.csv", later=later
        )
    if told.orders:
        await _ship(pool, now, Days.before(now, settings.supplier_time_zone, LEAVES).at(0, LEAVES))


async def _ship(pool: Pool, now: datetime, shipped_at: datetime) -> None:
    ready: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for number, location, line, quantity in await pool.fetch(READY, ORIGIN, now - PICKED_AFTER):
        ready[number, location].append(Part(line, Decimal(quantity)))
    work = Work(pool, actor="warehouse")
    shipments = list(ready.items())
    for start in range(0, len(shipments), ORDERS_PER_WORK):
        async with work:
            for (number, location), parts in shipments[start : start + ORDERS_PER_WORK]:
                await shipping.ship(
                    work,
                    SYSTEM,
                    number,
                    Leaving(location, parts, "parcel", "Northline Parcel", shipped_at=shipped_at),
                )
