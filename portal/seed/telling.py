"""A storyteller: the portal's own operations, each at its moment and in somebody's name, all in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.db.inbound import Announced
from portal.db.places import destination
from portal.db.shipments import Package
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import (
    agreeing,
    cancelling,
    counting,
    following,
    holding,
    picking,
    placing,
    receiving,
    shipping,
)
from portal.operations.agreeing import Terms
from portal.operations.following import Message
from portal.operations.moving import Part
from portal.operations.placing import Supplier, Wanted, WantedLine
from portal.operations.receiving import Announcement, Came
from portal.operations.shipping import Leaving
from portal.settings import Settings

ORIGIN = "demo"
SYSTEM = Viewer("erp", "ERP", None, frozenset({"*"}))
Lines = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Days:
    """Working days around the one on which the story stands still: `day(-1)` is the one before it."""

    last: date
    zone: ZoneInfo

    @classmethod
    def before(cls, now: datetime, time_zone: str, until: str) -> "Days":
        """The story ends on the last working day whose clock has struck `until`."""
        zone = ZoneInfo(time_zone)
        there = now.astimezone(zone)
        struck = there.date() if there.strftime("%H:%M") >= until else there.date() - timedelta(days=1)
        return cls(destination("", "GB").open_on_or_before(struck), zone)

    def day(self, number: int) -> date:
        """Counted in working days from the last one."""
        calendar, day = destination("", "GB"), self.last
        step = timedelta(days=1 if number > 0 else -1)
        for _ in range(abs(number)):
            day = (
                calendar.open_on_or_after(day + step)
                if number > 0
                else calendar.open_on_or_before(day + step)
            )
        return day

    def at(self, number: int, clock: str) -> datetime:
        """`at(-1, "09:15")`: a quarter past nine on the working day before."""
        return datetime.fromisoformat(f"{self.day(number)} {clock}").replace(tzinfo=self.zone)


@dataclass(slots=True)
class Teller:
    """Tells one thing after the other."""

    work: Work
    settings: Settings

    async def order(
        self, name: str | None, account: str, buyer: Viewer, lines: Sequence[tuple[str, int]], *,
        reference: str | None, ship_to: str | None = None, freight: str = "0", requested_on: date | None = None,
    ) -> str:  # fmt: skip
        """Answers the order's number. With a `name` it is the demo's own order of that id."""
        rates = self.settings.tax_rates[self.settings.supplier_country]
        wanted = Wanted(
            account=account,
            lines=[
                WantedLine(at, sku, Decimal(quantity)) for at, (sku, quantity) in enumerate(lines, start=1)
            ],
            ship_to=ship_to,
            purchase_order_number=reference,
            requested_on=requested_on,
            freight=Decimal(freight),
            origin=ORIGIN if name else None,
            external_id=name,
        )
        number, _ = await placing.place(
            self.work, buyer, Supplier(self.settings.supplier_time_zone, rates), wanted
        )
        await self.belongs(number, buyer.actor)
        return number

    async def belongs(self, order: str, email: str) -> None:
        """Who has this address, if anybody, is told of the order: it is theirs, though nothing asked what they may."""
        await self.work.conn.execute(
            """update orders o set person_id = p.id from person p
               where o.number = $1 and o.person_id is null and lower(p.email) = lower($2)""",
            order,
            email,
        )

    async def count(self, location: str, sku: str, on_hand: int, quarantined: int = 0) -> None:
        await counting.count(self.work, location, sku, Decimal(on_hand), Decimal(quarantined))

    async def agree(
        self,
        number: str,
        account: str,
        location: str,
        sku: str,
        quantity: int,
        since: date,
        until: date | None,
    ) -> None:
        """Stock that is guaranteed to an account."""
        terms = Terms(number, account, location, sku, Decimal(quantity), since, until)
        await agreeing.put(self.work, terms)

    async def announce(self, announcement: Announcement) -> None:
        """Supply on its way; told again with another date, it has slipped."""
        await receiving.announce(self.work, announcement)

    async def receive(self, kind: str, reference: str, came: Sequence[Came]) -> None:
        await receiving.receive(self.work, kind, reference, came, self.work.now)

    async def hold(self, order: str, reason: str, note: str, lines: Sequence[int]) -> str:
        """Answers the hold's id."""
        return str(await holding.hold(self.work, SYSTEM, order, reason, note, lines))

    async def lift(self, order: str, hold: str) -> None:
        await holding.release(self.work, SYSTEM, order, hold, None)

    async def cancel(self, order: str, lines: Lines, reason: str) -> None:
        await cancelling.cancel(self.work, SYSTEM, order, parts(lines), reason)

    async def pick(self, order: str, location: str, lines: Lines) -> None:
        await picking.pick(self.work, SYSTEM, order, location, parts(lines))

    async def miss(self, order: str, location: str, lines: Lines, reason: str) -> None:
        """So much of these lines is not on the shelf."""
        await picking.short_pick(self.work, SYSTEM, order, location, parts(lines), reason)

    async def pack(self, order: str, location: str, lines: Lines) -> None:
        await picking.pack(self.work, SYSTEM, order, location, parts(lines))

    async def ship(self, order: str, leaving: Leaving) -> str:
        """Answers the shipment's number."""
        number, _ = await shipping.ship(self.work, SYSTEM, order, leaving)
        return number

    async def follow(
        self, shipment: str, state: str, note: str | None = None, at: datetime | None = None
    ) -> None:
        """What the carrier says of this moment, or of one that is over."""
        message = Message(state, at or self.work.now, note)
        await following.follow(self.work, SYSTEM, shipment, message)


@dataclass(slots=True)
class DemoTeller(Teller):
    """Tells the story that the demo opens with, at moments around the day on which it stands still."""

    days: Days

    async def now(self, number: int, clock: str, actor: str) -> None:
        """From here on it is that moment, and `actor` does it."""
        await self.work.close_books()
        self.work.now, self.work.actor = self.days.at(number, clock), actor

    async def keep(self, number: str, account: str, location: str, sku: str, quantity: int) -> None:
        """Stock that is guaranteed to an account for a year."""
        today = self.work.now.date()
        await self.agree(number, account, location, sku, quantity, today, today + timedelta(days=365))

    async def expect(
        self, kind: str, reference: str, location: str, lines: Sequence[tuple[str, int]], expected_on: date,
        supplier: str | None = None, *, confirmed: bool = True,
    ) -> None:  # fmt: skip
        """Supply on its way, all of it expected on one day."""
        announced = [
            Announced(at, sku, Decimal(quantity), expected_on)
            for at, (sku, quantity) in enumerate(lines, start=1)
        ]
        await self.announce(
            Announcement(kind, reference, location, announced, supplier=supplier, confirmed=confirmed)
        )

    async def send(
        self,
        order: str,
        location: str,
        lines: Lines,
        carrier: str,
        tracking: Mapping[str, str],
        *,
        mode: str = "parcel",
    ) -> str:
        """Answers the shipment's number. `tracking` gives the weight of each package by its number."""
        packages = [Package(number, None, Decimal(weight)) for number, weight in tracking.items()]
        return await self.ship(order, Leaving(location, parts(lines), mode, carrier, packages=packages))


def parts(lines: Lines) -> list[Part]:
    """Quantities by line, as operations take them."""
    return [Part(line, Decimal(quantity)) for line, quantity in lines.items()]
