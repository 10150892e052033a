"""What came of the invoices: paid, paid too much, disputed, credited, and goods that are on their way back."""

from decimal import Decimal

from portal.db import people
from portal.domain.access import Viewer
from portal.domain.disputes import Claimed
from portal.operations import disputing, paying, returning, taking_back
from portal.operations.disputing import Claim
from portal.operations.paying import Money
from portal.operations.returning import Wanted, WantedLine
from portal.operations.taking_back import Came
from portal.seed import cast
from portal.seed.telling import SYSTEM, DemoTeller

INVOICE = """
select i.number, s.due from invoice i join invoice_status s on s.invoice_id = i.id join orders o on o.id = i.order_id
where o.origin = 'demo' and o.external_id = $1 and i.kind = 'invoice' order by i.id
"""
SHIPMENT = """
select h.number from shipment h join orders o on o.id = h.order_id
where o.origin = 'demo' and o.external_id = $1 order by h.id
"""


async def tell(teller: DemoTeller) -> None:
    """From last week until this morning; the orders themselves were told before."""
    await _the_bearings_are_paid(teller)
    await _two_cartridges_come_back(teller)
    await _a_hose_is_missing(teller)
    await _meridian_pays_too_much(teller)


async def _the_bearings_are_paid(teller: DemoTeller) -> None:
    await teller.now(-2, "09:05", "bank")
    await _pay(teller, "bearings", reference="Nordwind 4500117804")


async def _two_cartridges_come_back(teller: DemoTeller) -> None:
    """Three were announced, two arrive: so many are credited, of an invoice that was paid."""
    shipment = await teller.work.conn.fetchval(SHIPMENT, "bearings")
    petra = await _person(teller, cast.BUYER)
    await teller.now(-4, "13:10", petra.actor)
    burst = WantedLine(3, Decimal(3), "damaged", "Three cartridges of the second box have burst.")
    number, _ = await returning.ask(teller.work, petra, Wanted(shipment, [burst]))
    dev = await _person(teller, cast.OPERATIONS)
    await teller.now(-4, "15:25", dev.actor)
    await returning.authorise(
        teller.work, dev, number, "Send them to goods in at Leicester, gate 4; the label is on the page."
    )
    await teller.now(-1, "11:35", dev.actor)
    await taking_back.receive(teller.work, dev, number, [Came(3, Decimal(2), "scrap", closed=True)])


async def _a_hose_is_missing(teller: DemoTeller) -> None:
    """The buyer disputes a line against what came in; finance has not answered yet."""
    (invoice, _) = (await _invoices(teller, "hydraulics"))[0]
    petra = await _person(teller, cast.BUYER)
    await teller.now(-1, "14:20", petra.actor)
    words = "Our gate counted 114 m of hose, not 120. The count sheet is signed by your driver."
    await disputing.dispute(
        teller.work, petra, invoice, Claim("not_received", [Claimed(3, Decimal(6))], words)
    )


async def _meridian_pays_too_much(teller: DemoTeller) -> None:
    await teller.now(-1, "09:05", "bank")
    await _pay(teller, "meridian", reference="MP-20931", more=Decimal("25.00"))


async def _pay(teller: DemoTeller, order: str, *, reference: str, more: Decimal = Decimal(0)) -> None:
    """All that is due of the order's first invoice, or `more`."""
    invoice, due = (await _invoices(teller, order))[0]
    await paying.pay(teller.work, SYSTEM, invoice, Money(due + more, teller.work.now.date(), reference))


async def _invoices(teller: DemoTeller, order: str) -> list[tuple[str, Decimal]]:
    return [(row["number"], row["due"]) for row in await teller.work.conn.fetch(INVOICE, order)]


async def _person(teller: DemoTeller, email: str) -> Viewer:
    person = await people.by_email(teller.work.conn, email)
    found = await people.viewer(teller.work.conn, person.id) if person else None
    assert found is not None
    return found[0]
