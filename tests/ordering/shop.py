"""A small shop at a fixed instant: two warehouses, what they hold and expect, and accounts that ask."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from portal import clock
from portal.db import detail
from portal.db.inbound import Announced
from portal.db.work import Pool, Work
from portal.domain.freight import Tariff
from portal.domain.orders import Order
from portal.domain.quotes import Quote
from portal.operations import agreeing, cataloguing, counting, placing, quoting, receiving
from portal.operations.placing import Wanted, WantedLine
from portal.operations.receiving import Announcement
from tests.operations.supplier import EVERYBODY, NOON, SUPPLIER, account, location, product


def tariffs(code: str) -> list[Tariff]:
    """Parcels from 250.00 on are free; freight never is."""
    return [
        Tariff(code, "parcel", "GBP", Decimal("6.50"), Decimal("0.40"), Decimal(250)),
        Tariff(code, "freight", "GBP", Decimal(45), Decimal("0.15"), None),
    ]


class Shop:
    """Every verb is one line."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def open(self, now: datetime = NOON) -> None:
        clock._ahead = now - datetime.now(now.tzinfo)
        work = Work(self.pool, actor="test")
        async with work:
            for code in ("MAIN", "WEST"):
                facts = location(code, time_zone="Europe/London", freight_tariffs=tariffs(code))
                await cataloguing.put_location(work, facts)
            for sku, mode, weight in (
                ("BOLT", "parcel", "0.2"),
                ("CABLE", "freight", "12"),
                ("CARE", "parcel", None),
            ):
                kg = Decimal(weight) if weight else None
                await cataloguing.put_product(work, product(sku, mode=mode, unit="C62", weight_kg=kg))
            await cataloguing.put_product(work, product("MADE", weight_kg=Decimal(1)))
            await cataloguing.put_product(work, product("RARE", weight_kg=Decimal(1)))
            for number in ("NORTH", "RIVAL"):
                await cataloguing.put_account(work, account(number, parent=None))

    async def stock(self, where: str, sku: str, quantity: int) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await counting.count(work, where, sku, Decimal(quantity), None)

    async def expect(self, reference: str, where: str, sku: str, quantity: int, day: date) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            line = Announced(1, sku, Decimal(quantity), day)
            await receiving.announce(
                work,
                Announcement("purchase_order", reference, where, [line], supplier="Acme", confirmed=True),
            )

    async def agree(self, number: str, who: str, where: str, sku: str, quantity: int) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await agreeing.put(work, agreeing.Terms(number, who, where, sku, Decimal(quantity), NOON.date()))

    def wanted(self, lines: Sequence[tuple[str, int]], **changes: object) -> Wanted:
        return Wanted(
            **{  # type: ignore[arg-type]
                "account": "NORTH",
                "lines": [WantedLine(n, sku, Decimal(q)) for n, (sku, q) in enumerate(lines, 1)],
                **changes,
            }
        )

    async def quote(self, wanted: Wanted) -> Quote:
        return await quoting.quote(self.pool, EVERYBODY, SUPPLIER, wanted)

    async def place(self, wanted: Wanted) -> Order:
        work = Work(self.pool, actor="test")
        async with work:
            number, _ = await placing.place(work, EVERYBODY, SUPPLIER, wanted)
        return await self.read(number)

    async def read(self, number: str) -> Order:
        async with self.pool.acquire() as conn:
            order = await detail.detail(conn, EVERYBODY, number)  # type: ignore[arg-type]
        assert order is not None
        return order
