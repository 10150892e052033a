"""Write staged orders into the portal: what they name first, then batches of orders, each batch in one transaction.

An order is in the portal entirely or not at all, so a run that was killed is simply run again: orders that are there
are passed over. Orders of the file's last days are open; earlier ones are history, written as their stages would have
left them: placed, shipped in one parcel on the day that the promise engine names, delivered on the day it names, less
what was cancelled. The file tells of no shipments; that much is made up, and nothing more.
"""

from collections.abc import Callable
from datetime import date

from portal.db import places
from portal.db.work import Connection, Work
from portal.domain.calendars import Place
from portal.domain.dates import promise
from portal.importing import statements, warehouses
from portal.importing.staging import ORIGIN
from portal.settings import Settings

ORDERS_PER_BATCH = 400
# Where history was shipped from.
LOCATION = warehouses.MAIN.code
CATEGORY = "Wholesale"
CURRENCY = "GBP"

Batch = list[int]


async def write_named(work: Work, settings: Settings) -> None:
    """Accounts, ship-tos and products that the portal does not know yet. Those it knows stay as they are."""
    async with work:
        await work.conn.execute(statements.ACCOUNTS, CURRENCY, settings.supplier_country)
        await work.conn.execute(statements.FEEDS)
        await work.conn.execute(statements.SHIP_TOS)
        await work.conn.execute(statements.PRODUCTS, CURRENCY, CATEGORY)


async def write_orders(work: Work, settings: Settings, progress: Callable[[int, int], None]) -> None:
    """All staged orders that the portal does not have, in the order of the file."""
    async with work:
        place = (await places.load(work.conn, work.now))[LOCATION]
        await _date_history(work.conn, place)
        await work.conn.execute(statements.STAGED_BATCH)
        rows = await work.conn.fetch("select n from staged_order where not is_known order by n")
    numbers = [row["n"] for row in rows]
    progress(0, len(numbers))
    for start in range(0, len(numbers), ORDERS_PER_BATCH):
        batch = numbers[start : start + ORDERS_PER_BATCH]
        async with work:
            await _write(work, batch, settings, place.today)
        progress(start + len(batch), len(numbers))
    if numbers:
        # What comes next reads the tables that were just filled: plans made for empty ones would take minutes.
        async with work:
            await work.conn.execute(statements.ANALYZE)


async def _date_history(conn: Connection, place: Place) -> None:
    """When an order of a day for a destination shipped and arrived, by the calendars of the place that it left."""
    rows = await conn.fetch(statements.DAYS)
    dated = [(*row.values(), *_dates(place, *row.values())) for row in rows]
    await conn.execute(statements.DATES, *([list(column) for column in zip(*dated, strict=True)] or [[]] * 5))
    await conn.execute("analyze staged_order")


def _dates(place: Place, day: date, city: str, country: str) -> tuple[date | None, date | None]:
    dates = promise(place, day, places.destination(city, country), "parcel")
    return dates.ships_on, dates.arrives_on


async def _write(work: Work, batch: Batch, settings: Settings, today: date) -> None:
    conn, zone = work.conn, settings.supplier_time_zone
    rates = settings.tax_rates[settings.supplier_country]
    categories, percents = list(rates), list(rates.values())
    await conn.execute("truncate staged_batch, staged_event")
    await conn.execute(statements.ORDERS, batch, ORIGIN, CURRENCY, zone, categories, percents)
    await conn.execute(statements.SHIPMENTS, batch, LOCATION, zone)
    await conn.execute(statements.DELIVERIES, batch)
    await conn.execute(statements.BATCH, batch, categories, percents)
    await conn.execute(statements.LINES)
    await conn.execute(statements.PORTIONS, LOCATION, today)
    await conn.execute(statements.SHIPMENT_LINES)
    await conn.execute(statements.HAPPENED, batch, zone, LOCATION, CURRENCY)
    await conn.execute(statements.STATUSES, batch, work.now)
    # Locked last and in order, as everywhere.
    await conn.execute(statements.LOCK_FEEDS)
    await conn.execute(statements.EVENTS, work.actor)
    await conn.execute(statements.RAISE_FEEDS)
