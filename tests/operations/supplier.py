"""The supplier that the state machine plays with: small enough to collide, varied enough to matter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.db.stock import Agreement, Level
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.orders import Order
from portal.operations import cataloguing
from portal.operations.cataloguing import AccountTerms, Address, LocationFacts, ProductFacts, ShipTo
from portal.operations.placing import Supplier

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
EVERYBODY = Viewer("test", "test", None, frozenset({"*"}))
SUPPLIER = Supplier("Europe/London", {"standard": Decimal(20), "reduced": Decimal(5), "zero": Decimal(0)})

ACCOUNTS = ("GROUP", "NORTH", "RIVAL", "SMALL")
LOCATIONS = ("EAST", "MAIN", "WEST")
ZONES = {"EAST": "Europe/Berlin", "MAIN": "Europe/London", "WEST": "America/New_York"}
SKUS = ("BOLT", "CABLE", "CARE", "MADE", "RARE")
KINDS = ("purchase_order", "transfer", "production", "inspection")

GB = Address(["1 Dock Road"], "Leeds", "GB")
DE = Address(["Hafenstr. 1"], "Bremen", "DE")


@dataclass(frozen=True, slots=True)
class Announced:
    """An inbound line as it stands."""

    kind: str
    reference: str
    location: str
    from_location: str | None
    line: int
    sku: str
    quantity: Decimal
    came: Decimal
    outstanding: Decimal
    expected_on: date


@dataclass(slots=True)
class Sight:
    """What a move can see before it is made."""

    now: datetime
    orders: list[Order] = field(default_factory=list)
    inbound: list[Announced] = field(default_factory=list)
    levels: dict[tuple[str, str], Level] = field(default_factory=dict)
    agreements: list[Agreement] = field(default_factory=list)
    managed: set[str] = field(default_factory=set)
    # Requests for approval that are open.
    requests: list[Any] = field(default_factory=list)
    # Invoices, and returns of which something may still come.
    bills: list[Any] = field(default_factory=list)
    returns: list[Any] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def stages(self) -> set[str]:
        """In which stages something is, whether something is held, and in which states offers are."""
        portions = [portion for order in self.orders for line in order.lines for portion in line.portions]
        offers = {offer.state for order in self.orders for offer in order.substitutions}
        asked = {request.state for request in self.requests}
        money = {"billed" for _ in self.bills[:1]} | {"coming back" for _ in self.returns[:1]}
        return (
            asked
            | offers
            | money
            | {portion.stage for portion in portions}
            | {portion.status for portion in portions}
        )


def account(number: str, **changes: object) -> AccountTerms:
    """An account as it is at first, with changes."""
    ship_tos = [ShipTo("LEEDS", "Leeds", GB)]
    if number == "RIVAL":
        ship_tos.append(ShipTo("BREMEN", "Bremen", DE))
    terms: dict[str, object] = {
        "number": number,
        "name": number.title(),
        "currency": "GBP",
        "parent": "GROUP" if number == "NORTH" else None,
        "priority": {"RIVAL": 5, "SMALL": -5}.get(number, 0),
        "tax_id": None,
        "credit_limit": Decimal(400) if number == "SMALL" else None,
        "credit_hold": False,
        "payment_terms_days": 30,
        "invoice_terms": "on_shipment",
        "consolidation": None,
        "delivery_preference": "weekly" if number == "RIVAL" else "as_available",
        "weekly_day": "fri",
        "tax_status": "exempt" if number == "RIVAL" else "standard",
        "freight_policy": "pro_rata",
        "own_country_first": number == "RIVAL",
        "ship_tos": ship_tos,
    }
    return AccountTerms(**(terms | changes))  # type: ignore[arg-type]


def product(sku: str, **changes: object) -> ProductFacts:
    """A product as it is at first, with changes."""
    facts: dict[str, object] = {
        "sku": sku,
        "name": sku.title(),
        "unit": "MTR" if sku == "CABLE" else "C62",
        "list_price": Decimal("3.337"),
        "list_currency": "GBP",
        "tax_category": "reduced" if sku == "RARE" else "standard",
        "mode": "freight" if sku == "CABLE" else "parcel",
        "weight_kg": None,
        "category": None,
        "managed": sku != "CARE",
        "backorders": "deny" if sku == "RARE" else "allow",
        "lead_time_days": {"MADE": 5, "CARE": 2}.get(sku),
        "active": True,
    }
    return ProductFacts(**(facts | changes))  # type: ignore[arg-type]


def location(code: str, **changes: object) -> LocationFacts:
    """A location as it is at first, with changes."""
    facts: dict[str, object] = {
        "code": code,
        "name": code.title(),
        "address": DE if code == "EAST" else GB,
        "time_zone": ZONES[code],
        "working_days": ["mon", "tue", "wed", "thu", "fri", *(["sat"] if code == "EAST" else [])],
        "holiday_calendar": {"EAST": "DE", "MAIN": "GB"}.get(code),
        "receiving_days": 1 if code == "MAIN" else 0,
        "handling_days": 0 if code == "EAST" else 1,
        "transit_days": {"parcel": 2, "freight": 4},
    }
    return LocationFacts(**(facts | changes))  # type: ignore[arg-type]


TABLES = """select string_agg(format('%I', tablename), ', ') from pg_tables
            where schemaname = 'public' and tablename not in ('alembic_version', 'supplier')"""


async def begin_anew(pool: Pool) -> None:
    """An empty portal with master data and nothing in stock."""
    async with pool.acquire() as conn:
        await conn.execute(f"truncate {await conn.fetchval(TABLES)} restart identity cascade")
        for sequence in ("order_number", "shipment_number", "arrival", "approval_number"):
            await conn.execute(f"alter sequence {sequence} restart")
        # What every portal begins with.
        await conn.execute("insert into told_position (id) values (1)")
        await conn.execute(
            "insert into connection (id, kind) values ('mail', 'mail'), ('inbound', 'inbound')"
        )
    work = Work(pool, actor="test")
    async with work:
        for code in LOCATIONS:
            await cataloguing.put_location(work, location(code))
        for sku in SKUS:
            await cataloguing.put_product(work, product(sku))
        for number in ACCOUNTS:
            await cataloguing.put_account(work, account(number))


def share(sku: str, whole: int) -> Decimal:
    """A quantity of a product: cable is sold by the quarter metre."""
    return Decimal(whole) / 4 if sku == "CABLE" else Decimal(whole)


def steps(sku: str, quantity: Decimal) -> int:
    """The other way round: how many pieces or quarter metres that is."""
    return int(quantity * 4 if sku == "CABLE" else quantity)


def numbers(orders: Sequence[Order]) -> list[str]:
    return [order.number for order in orders]
