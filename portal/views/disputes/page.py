"""One dispute: what is disputed against what came, what was said, and what the reader can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from portal.domain.access import Viewer
from portal.domain.disputes import Dispute, DisputedLine, Said
from portal.domain.quantities import text
from portal.filters import Tongue
from portal.views.disputes.words import arrived, truth
from portal.views.invoices.words import State, credit_reason, dispute_reason, dispute_state


@dataclass(frozen=True, slots=True)
class Row:
    """A disputed line. `left` is what can still be credited of it."""

    line: int
    href: str
    sku: str
    name: str
    billed: str
    came: str
    came_on: str
    shipment: str
    disputed: str
    price: str
    worth: str
    credited: str


@dataclass(frozen=True, slots=True)
class Message:
    who: str
    side: str
    is_suppliers: bool
    text: str
    when: str
    instant: str


@dataclass(frozen=True, slots=True)
class Can:
    """What the reader may do while it is open."""

    say: bool
    withdraw: bool
    settle: bool


@dataclass(frozen=True, slots=True)
class Page:
    number: str
    invoice: str
    order: str
    is_open: bool
    state: State
    reason: str
    truth: Markup
    facts: Sequence[tuple[str, Markup | str]]
    rows: Sequence[Row]
    thread: Sequence[Message]
    can: Can
    # Credit notes that could settle it as they are: (number, what it says).
    notes: Sequence[tuple[str, str]]
    currency: str
    worth: str


def page(found: Dispute, viewer: Viewer, tongue: Tongue, today: date, supplier: str) -> Page:
    """`supplier` is our name, which stands beside what our people say."""
    may_say = found.is_open and viewer.may("invoices:dispute", found.account)
    return Page(
        number=found.number,
        invoice=found.invoice,
        order=found.order,
        is_open=found.is_open,
        state=dispute_state(found.state, tongue),
        reason=dispute_reason(found.reason, tongue),
        truth=truth(found, tongue, today, is_supplier=viewer.is_supplier),
        facts=_facts(found, viewer, tongue, today),
        rows=[_row(found, line, tongue, today) for line in found.lines],
        thread=[_message(said, found, tongue, today, supplier) for said in found.messages],
        can=Can(
            say=may_say,
            withdraw=may_say,
            settle=found.is_open and viewer.is_supplier and viewer.may("invoices:write"),
        ),
        notes=[
            (
                note.number,
                f"{note.number}, {tongue.money(note.total, found.currency)}: {credit_reason(note.reason, tongue)}",
            )
            for note in found.notes
        ],
        currency=found.currency,
        worth=tongue.money(found.worth, found.currency),
    )


def _facts(found: Dispute, viewer: Viewer, tongue: Tongue, today: date) -> list[tuple[str, Markup | str]]:
    _ = tongue.gettext
    linked = Markup('<a href="{}">{}</a>')
    facts: list[tuple[str, Markup | str]] = [
        (_("Invoice"), linked.format(f"/invoices/{found.invoice}", found.invoice)),
        (_("Order"), linked.format(f"/orders/{found.order}", found.order)),
    ]
    if found.purchase_order_number:
        facts.append((_("PO"), found.purchase_order_number))
    if viewer.is_supplier or len(viewer.accounts or ()) > 1:
        facts.append((_("Account"), f"{found.account_name} ({found.account})"))
    facts.append((_("Opened"), tongue.stamp(found.opened_at, today)))
    facts.append((_("Invoice total"), tongue.money(found.invoice_total, found.currency)))
    if found.is_open and found.invoice_due > 0:
        facts.append((_("Still due"), tongue.money(found.invoice_due, found.currency)))
    if found.credit_note:
        facts.append((_("Credit note"), linked.format(f"/invoices/{found.credit_note}", found.credit_note)))
    return facts


def _row(found: Dispute, line: DisputedLine, tongue: Tongue, today: date) -> Row:
    came, came_on = arrived(line, tongue, today)
    return Row(
        line=line.line,
        href=f"/orders/{found.order}?view=line#line-{line.line}",
        sku=line.sku,
        name=line.name,
        billed=tongue.quantity(line.billed, line.unit),
        came=came,
        came_on=came_on,
        shipment=line.shipment or "",
        disputed=tongue.quantity(line.quantity, line.unit),
        price=tongue.price(line.unit_price, found.currency),
        worth=tongue.money(line.unit_price * line.quantity, found.currency),
        credited=tongue.quantity(line.credited, line.unit) if line.credited else "",
    )


def _message(said: Said, found: Dispute, tongue: Tongue, today: date, supplier: str) -> Message:
    return Message(
        who=said.author,
        side=supplier if said.is_suppliers else found.account_name,
        is_suppliers=said.is_suppliers,
        text=said.text,
        when=tongue.moment(said.at, today),
        instant=said.at.isoformat(timespec="minutes"),
    )


def suggested(found: Dispute) -> dict[int, str]:
    """What a settlement credits unless somebody types otherwise: by the order's line, as it stands in a field."""
    return {line: text(quantity) for line, quantity in found.by_line().items()}
