"""A story carried out by the portal's own operations, in codes of its own and on its own days."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.db.inbound import Announced as Line
from portal.db.shipments import Package
from portal.domain.access import Viewer
from portal.operations import cataloguing, receiving
from portal.operations.cataloguing import Address, LocationFacts, ShipTo
from portal.operations.receiving import Announcement
from portal.operations.shipping import Leaving
from portal.seed import cast, catalogue
from portal.seed.catalogue import Item
from portal.seed.telling import Teller, parts
from portal.stories.happenings import (
    Announced,
    Answered,
    Came,
    Cancelled,
    Company,
    Counted,
    Decided,
    Deputised,
    Employed,
    Followed,
    Guaranteed,
    Happening,
    Held,
    Lifted,
    Missed,
    Ordered,
    Packed,
    Picked,
    Product,
    Received,
    Ruled,
    Shipped,
    Warehouse,
)
from portal.stories.office import Office
from portal.stories.story import day, moment

# Who brings what about, as timelines tell it.
ERP, WAREHOUSE, CARRIER = "erp", "warehouse", "carrier"
# Where all of it takes place, and whose holidays are kept.
COUNTRY = "GB"
# A step that is played this much after its time is late: then it tells of the present.
LATE = timedelta(hours=1)


@dataclass(slots=True)
class Stage:
    """Where one playing takes place.

    `known` has the numbers of what was made, by the names that the story gives them. The companies in `watched` are
    the watchers' own: they stand below `parent`.
    """

    teller: Teller
    tag: str
    later: timedelta
    due: datetime
    known: dict[str, str]
    watched: frozenset[str] = frozenset()
    parent: str | None = None
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.teller.settings.supplier_time_zone)

    async def happens(self, happening: Happening) -> None:
        """One thing happens, told as a work of its own within the step's."""
        match happening:
            case Warehouse() | Product() | Company() | Counted() | Guaranteed() | Announced() | Received():
                await self._at_the_supplier(happening)
            case Picked() | Missed() | Packed() | Shipped() | Followed():
                await self._in_the_warehouse(happening)
            case Ordered() | Held() | Lifted() | Cancelled():
                await self._in_the_office(happening)
            case Employed() | Ruled() | Deputised() | Decided() | Answered():
                await self._at_the_company(happening)
        await self.teller.work.close_books()

    def code(self, name: str) -> str:
        """Of this playing alone."""
        return f"{self.tag}-{name}"

    def day(self, when: str) -> date:
        return day(when, self.later)

    async def _at_the_supplier(
        self,
        happening: Warehouse | Product | Company | Counted | Guaranteed | Announced | Received,
    ) -> None:
        teller = self._as(ERP)
        match happening:
            case Warehouse():
                await cataloguing.put_location(teller.work, self._location(happening))
            case Product(sku, name, price, mode):
                item = Item(self.code(sku), name, price, "", mode)
                await cataloguing.put_product(teller.work, catalogue.facts(item))
            case Company():
                await self._introduce(happening)
            case Counted(location, sku, on_hand, quarantined):
                await teller.count(self.code(location), self.code(sku), on_hand, quarantined)
            case Guaranteed():
                await self._guarantee(happening)
            case Announced():
                await teller.announce(self._announcement(happening))
            case Received(kind, reference, lines):
                await teller.receive(kind, self.code(reference), [_came(line) for line in lines])

    async def _in_the_warehouse(self, happening: Picked | Missed | Packed | Shipped | Followed) -> None:
        teller = self._as(CARRIER if isinstance(happening, Followed) else WAREHOUSE)
        match happening:
            case Picked(order, location, lines):
                await teller.pick(self.known[order], self.code(location), lines)
            case Missed(order, location, lines, reason):
                await teller.miss(self.known[order], self.code(location), lines, reason)
            case Packed(order, location, lines):
                await teller.pack(self.known[order], self.code(location), lines)
            case Shipped(name, order):
                self.known[name] = await teller.ship(self.known[order], self._leaving(happening))
            case Followed(shipment, state, at, note):
                await teller.follow(self.known[shipment], state, note, self._told_of(at))

    async def _in_the_office(self, happening: Ordered | Held | Lifted | Cancelled) -> None:
        match happening:
            case Ordered(name):
                self.known[name] = await self._order(happening)
            case Held(name, order, reason, note, held):
                teller = self._as(cast.FINANCE)
                self.known[name] = await teller.hold(self.known[order], reason, note, held)
            case Lifted(hold, order):
                await self._as(cast.FINANCE).lift(self.known[order], self.known[hold])
            case Cancelled(order, quantities, reason):
                await self._as(ERP).cancel(self.known[order], quantities, reason)

    async def _at_the_company(self, happening: Employed | Ruled | Deputised | Decided | Answered) -> None:
        office = Office(self._as(ERP), self.code, self.day)
        match happening:
            case Employed():
                await office.employ(happening)
            case Ruled():
                await office.rule(happening)
            case Deputised():
                await office.deputise(happening)
            case Decided(order):
                await office.decide(self.known[order], happening)
            case Answered(order):
                await office.answer(self.known[order], happening)

    def _as(self, actor: str) -> Teller:
        self.teller.work.actor = actor
        return self.teller

    def _location(self, place: Warehouse) -> LocationFacts:
        return LocationFacts(
            code=self.code(place.code),
            name=place.name,
            address=Address(["1 Dock Road"], place.name, COUNTRY, "LE1 1AA"),
            time_zone=self.zone.key,
            working_days=("mon", "tue", "wed", "thu", "fri"),
            holiday_calendar=COUNTRY,
            receiving_days=1,
            handling_days=place.handling,
            transit_days={"parcel": place.parcel, "freight": place.freight},
        )

    async def _introduce(self, company: Company) -> None:
        address = Address(["1 Wharf Street"], company.city, COUNTRY, "LS1 4AP")
        ship_to = ShipTo(company.city.upper(), f"Works {company.city}", address)
        parent = self.parent if company.account in self.watched else None
        terms = replace(
            cast.company(self.code(company.account), company.name, ship_to, parent=parent),
            credit_limit=Decimal(company.credit_limit) if company.credit_limit else None,
            payment_terms_days=company.net,
        )
        await cataloguing.put_account(self.teller.work, terms)

    async def _guarantee(self, terms: Guaranteed) -> None:
        await self.teller.agree(
            self.code(terms.agreement),
            self.code(terms.account),
            self.code(terms.location),
            self.code(terms.sku),
            terms.quantity,
            self.day(terms.valid_from),
            self.day(terms.valid_to) if terms.valid_to else None,
        )

    def _announcement(self, announced: Announced) -> Announcement:
        return Announcement(
            announced.kind,
            self.code(announced.reference),
            self.code(announced.location),
            [
                Line(line, self.code(sku), Decimal(quantity), self.day(expected_on))
                for line, sku, quantity, expected_on in announced.lines
            ],
            from_location=self.code(announced.from_location) if announced.from_location else None,
            supplier=announced.supplier,
            confirmed=True,
        )

    async def _order(self, ordered: Ordered) -> str:
        number, by = self.code(ordered.account), ordered.by
        if ordered.who:
            buyer = await Office(self.teller, self.code, self.day).viewer(ordered.who, number)
        else:
            buyer = Viewer(by, by, (number,), frozenset({"orders:read"}))
            self._as(by)
        wanted = [(self.code(sku), quantity) for sku, quantity in ordered.lines]
        order = await self.teller.order(None, number, buyer, wanted, reference=ordered.purchase_order_number)
        if ordered.account in self.watched:
            # Who watches is mailed what happens to it.
            await self.teller.belongs(order, cast.BUYER)
        return order

    def _leaving(self, shipped: Shipped) -> Leaving:
        return Leaving(
            self.code(shipped.location),
            parts(shipped.lines),
            shipped.mode,
            shipped.carrier,
            shipped.service,
            [Package(one.tracking_number, one.tracking_url, Decimal(one.weight)) for one in shipped.packages],
            Decimal(shipped.freight) if shipped.freight else None,
        )

    def _told_of(self, at: str) -> datetime:
        """The moment that a carrier speaks of."""
        now = self.teller.work.now
        return now if now - self.due > LATE else moment(at, self.later, self.zone)


def _came(came: Came) -> receiving.Came:
    return receiving.Came(
        came.line, Decimal(came.received), Decimal(came.rejected), Decimal(came.quarantined), came.closed
    )
