"""A supplier with something of everything: stock, late supply, stock that is kept for others, long queues, holds."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from portal.db.inbound import Announced
from portal.db.shipments import Package
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.operations import agreeing, cataloguing, counting, holding, people, placing, receiving, shipping
from portal.operations.cataloguing import AccountTerms, Address, LocationFacts, ProductFacts, ShipTo
from portal.operations.moving import Part
from portal.operations.placing import Supplier, Wanted, WantedLine

EVERYBODY = Viewer("bench", "bench", None, frozenset({"*"}))
SUPPLIER = Supplier("Europe/London", {"standard": Decimal(20), "reduced": Decimal(5), "zero": Decimal(0)})
MUCH = Decimal(10_000_000)
# What can be the matter with a line; products of each kind are called STOCK-0, STOCK-1 and so on.
KINDS = ("STOCK", "SHIPPED", "LATE", "KEPT", "QUEUED", "HELD")
PER_KIND = 6


async def open_shop(pool: Pool, *, accounts: int = 16, products: int = 0) -> None:
    """MAIN, accounts A0, A1 ... with a person each, and plain products P000, P001 ... of which there is plenty."""
    work = Work(pool)
    async with work:
        await cataloguing.put_location(
            work,
            LocationFacts(
                code="MAIN", name="Leicester", address=_address("Leicester"), time_zone="Europe/London",
                working_days=("mon", "tue", "wed", "thu", "fri"), holiday_calendar="GB", receiving_days=1,
                handling_days=1, transit_days={"parcel": 2, "freight": 4},
            ),
        )  # fmt: skip
        for number in range(accounts):
            await put_account(work, f"A{number}")
            await people.put_member(
                work, people.Member(f"A{number}", email_of(number), f"Buyer {number}", ["buyer"], None)
            )
        for number in range(products):
            await put_product(work, f"P{number:03}")
    for number in range(products):
        await put_stock(pool, f"P{number:03}")


def email_of(account: int) -> str:
    return f"buyer{account}@example.com"


async def put_account(work: Work, number: str) -> None:
    await cataloguing.put_account(
        work,
        AccountTerms(
            number=number, name=f"Company {number}", currency="GBP", parent=None, priority=0, tax_id=None,
            credit_limit=Decimal(1_000_000_000), credit_hold=False, payment_terms_days=30, invoice_terms="on_shipment",
            consolidation=None, delivery_preference="as_available", weekly_day="fri", tax_status="standard",
            freight_policy="pro_rata", own_country_first=False, ship_tos=[ShipTo("LEEDS", "Leeds", _address("Leeds"))],
        ),
    )  # fmt: skip


async def put_product(work: Work, sku: str, *, backorders: str = "allow") -> None:
    await cataloguing.put_product(
        work,
        ProductFacts(
            sku=sku, name=f"Angle bracket {sku}, galvanised", unit="C62", list_price=Decimal("1.50"),
            list_currency="GBP", tax_category="standard", mode="parcel", weight_kg=None, category=None, managed=True,
            backorders=backorders, lead_time_days=None, active=True,
        ),
    )  # fmt: skip


async def put_stock(pool: Pool, sku: str, quantity: Decimal = MUCH) -> None:
    work = Work(pool)
    async with work:
        await counting.count(work, "MAIN", sku, quantity, None)


def _address(city: str) -> Address:
    return Address(["1 Dock Road"], city, "GB", "LE1 1AA")


async def open_story(pool: Pool) -> None:
    """Products of each kind, and what others have of them."""
    await open_shop(pool)
    work = Work(pool)
    async with work:
        for kind in KINDS:
            for number in range(PER_KIND):
                await put_product(work, f"{kind}-{number}")
    for kind in ("STOCK", "SHIPPED", "HELD"):
        for number in range(PER_KIND):
            await put_stock(pool, f"{kind}-{number}")
    for number in range(PER_KIND):
        await put_stock(pool, f"KEPT-{number}", Decimal(24))
        async with work:
            await agreeing.put(
                work,
                agreeing.Terms(
                    f"AA-{number}", "A15", "MAIN", f"KEPT-{number}", Decimal(24), date(2020, 1, 1)
                ),
            )
    await place(pool, "A15", [WantedLine(n + 1, f"QUEUED-{n}", Decimal(40)) for n in range(PER_KIND)])
    await late_supply(pool, 14)


async def late_supply(pool: Pool, days: int) -> None:
    """The one purchase order of all LATE products, expected so many days from now."""
    work = Work(pool)
    expected_on = date.today() + timedelta(days=days)  # noqa: DTZ011 - any day in the future does
    lines = [Announced(n + 1, f"LATE-{n}", MUCH, expected_on) for n in range(PER_KIND)]
    async with work:
        await receiving.announce(
            work,
            receiving.Announcement("purchase_order", "4711", "MAIN", lines, supplier="Acme", confirmed=True),
        )


async def place(pool: Pool, account: str, lines: Sequence[WantedLine]) -> str:
    work = Work(pool)
    async with work:
        number, _ = await placing.place(
            work, EVERYBODY, SUPPLIER, Wanted(account, lines, purchase_order_number="4500118236")
        )
    return number


async def place_story(pool: Pool, account: str, length: int) -> str:
    """An order in which each sixth line is of the same kind; part of it has shipped, part of it is held."""
    lines = [
        WantedLine(n + 1, f"{KINDS[n % 6]}-{n // 6 % PER_KIND}", Decimal(10 + n % 7)) for n in range(length)
    ]
    number = await place(pool, account, lines)
    shipped = [line for line in lines if line.sku.startswith("SHIPPED")]
    work = Work(pool)
    for part, quantity in ((shipped[::2], Decimal(10)), (shipped[1::2], Decimal(6))):
        if part:
            async with work:
                parts = [Part(line.line, quantity) for line in part]
                packages = [Package(f"NP{number[-6:]}{quantity}", "https://track.example/NP4471193310")]
                await shipping.ship(
                    work,
                    EVERYBODY,
                    number,
                    shipping.Leaving("MAIN", parts, carrier="Northline", packages=packages),
                )
    held = [line.line for line in lines if line.sku.startswith("HELD")]
    async with work:
        await holding.hold(work, EVERYBODY, number, "finance", "May this order be invoiced in parts?", held)
    return number
