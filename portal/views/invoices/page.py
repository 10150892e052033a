"""One invoice or credit note as a page: what it says on paper, and what became of it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from portal.db.invoices import Invoice
from portal.domain.invoices import Document, Party
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.insight.charts import Part
from portal.views.invoices.amounts import Happened, Sum, afterwards, bank_of, happened, reconciled, totals
from portal.views.invoices.lines import TO_FOLLOW, Later, Row, later, more_later, row
from portal.views.invoices.words import (
    State,
    credit_reason,
    dispute_reason,
    dispute_state,
    kind_word,
    state_of,
    terms_word,
)

# Lines that stand on the page at first: of more, all on another address.
LINES_AT_FIRST = 200


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what stands there; several links one after the other where it is links."""

    name: str
    text: str = ""
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute about it."""

    number: str
    state: State
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    number: str
    title: str
    kind: str
    is_credit: bool
    order: str
    state: State
    version: int
    chip: str
    truth: Markup
    facts: Sequence[Fact]
    progress: Sequence[Part]
    progress_words: Sequence[tuple[str, str, str]]
    rows: Sequence[Row]
    more_rows: str
    has_shipments: bool
    totals: Sequence[Sum]
    happened: Sequence[Happened]
    reconciled: Sequence[Sum]
    cases: Sequence[Case]
    later: Sequence[Later]
    more_later: str
    # The day of which the paper speaks: what was billed or has left since does not stand in it.
    as_of: str
    bank: Sequence[tuple[str, str]]
    files: str
    files_word: str
    has_xml: bool
    may_be_disputed: bool
    # What finance may do about it.
    acts: Sequence[tuple[str, str]]


def page(invoice: Invoice, tongue: Tongue, today: date, *, shows_all: bool, is_supplier: bool) -> Page:
    """`shows_all`: every line, however many there are."""
    paper = invoice.paper
    shown = paper.lines if shows_all else paper.lines[:LINES_AT_FIRST]
    left = len(paper.lines) - len(shown)
    to_follow = [part for part in paper.to_follow if part.status != "cancelled"]
    return Page(
        number=invoice.number,
        title=f"{kind_word(invoice.kind, tongue)} {invoice.number}",
        kind=kind_word(invoice.kind, tongue),
        is_credit=invoice.kind == "credit_note",
        order=invoice.order,
        state=state_of(invoice, tongue, today),
        version=invoice.version,
        chip=_chip(paper, tongue),
        truth=_truth(invoice, tongue, today, is_supplier=is_supplier),
        facts=_facts(invoice, tongue, today, is_supplier=is_supplier),
        progress=_progress(paper),
        progress_words=_progress_words(paper, tongue),
        rows=[row(paper, line, tongue) for line in shown],
        more_rows=tongue.ngettext("Show {n} more line", "Show {n} more lines", left).format(
            n=tongue.number(left)
        )
        if left
        else "",
        has_shipments=len(paper.shipments) > 1,
        totals=[*totals(paper, tongue), *afterwards(invoice, tongue)],
        happened=happened(invoice, tongue, today),
        reconciled=reconciled(paper, tongue, today),
        cases=[
            Case(
                one.number,
                dispute_state(one.state, tongue),
                f"{dispute_reason(one.reason, tongue)}, {tongue.stamp(one.opened_at, today)}",
            )
            for one in invoice.disputes
        ],
        later=[later(part, tongue, today) for part in to_follow[:TO_FOLLOW]],
        more_later=more_later(len(to_follow), tongue),
        as_of=tongue.gettext("as it stood on {day}").format(day=tongue.day(paper.issued_on, today)),
        bank=bank_of(paper, tongue) if invoice.due > 0 else (),
        files=invoice.files.state if invoice.files else "waiting",
        files_word=_files_word(invoice, tongue),
        has_xml=invoice.files is not None and invoice.files.profile not in (None, "none"),
        may_be_disputed=invoice.kind == "invoice" and invoice.state != "credited",
        acts=_acts(invoice, tongue),
    )


def _chip(paper: Document, tongue: Tongue) -> str:
    """`partial invoice 2 of SO-2026-000017`; a single one that bills all of it says so."""
    _ = tongue.gettext
    if paper.kind == "credit_note":
        return _("corrects {number}").format(number=paper.corrects.number) if paper.corrects else ""
    if paper.nth == 1 and not paper.order.to_bill:
        return _("bills all of {order}").format(order=paper.order.number)
    if not paper.order.to_bill:
        return _("invoice {n} and last of {order}").format(n=paper.nth, order=paper.order.number)
    return _("partial invoice {n} of {order}").format(n=paper.nth, order=paper.order.number)


def _truth(invoice: Invoice, tongue: Tongue, today: date, *, is_supplier: bool) -> Markup:
    """What is to do about it, in one sentence or two."""
    _ = tongue.gettext
    due = tongue.money(abs(invoice.due), invoice.currency)
    if invoice.kind == "credit_note":
        return _truth_of_credit(invoice, tongue)
    if invoice.due < 0:
        whose = (
            _("{amount} too much was paid or credited: it is the account's until it is paid back or moved.")
            if is_supplier
            else _("{amount} too much was paid or credited: it is yours until it is paid back or moved.")
        )
        return tongue.strong(whose, amount=due)
    if invoice.state == "credited":
        return tongue.strong(_("It was credited in full: nothing of it is to pay."))
    if not invoice.due:
        return tongue.strong(_("{total} is paid."), total=tongue.money(invoice.total, invoice.currency))
    assert invoice.due_on is not None
    day, away = tongue.day(invoice.due_on, today), tongue.away(invoice.due_on, today)
    late = invoice.due_on < today
    said = _("{amount} has been due since {day}, {away}.") if late else _("{amount} is due on {day}, {away}.")
    found = tongue.strong(said, amount=due, day=day, away=away)
    if invoice.due != invoice.total:
        rest = tongue.strong(
            _("It was issued over {total}."), total=tongue.money(invoice.total, invoice.currency)
        )
        return Markup("{} {}").format(found, rest)
    return found


def _truth_of_credit(invoice: Invoice, tongue: Tongue) -> Markup:
    _ = tongue.gettext
    corrects = invoice.paper.corrects
    said = escape(
        tongue.strong(
            _("{amount} of {number} is credited."),
            amount=tongue.money(invoice.total, invoice.currency),
            number=corrects.number if corrects else "",
        )
    )
    reason = credit_reason(invoice.paper.reason, tongue)
    if not reason:
        return said
    why = _("The reason: {reason}").format(reason=reason)
    return Markup("{} {}").format(said, why if why.endswith((".", "!", "?")) else f"{why}.")


def _facts(invoice: Invoice, tongue: Tongue, today: date, *, is_supplier: bool) -> list[Fact]:
    """What is not told is left out."""
    paper = invoice.paper
    _ = tongue.gettext
    corrects = [(f"/invoices/{paper.corrects.number}", paper.corrects.number)] if paper.corrects else []
    shipments = [(f"/orders/{invoice.order}#{one.number}", one.number) for one in paper.shipments]
    found = [
        Fact(_("Issued"), tongue.day(paper.issued_on, today)),
        Fact(_("Due"), tongue.day(paper.due_on, today) if paper.due_on else ""),
        Fact(_("Corrects"), links=corrects),
        Fact(_("Return"), links=[(f"/returns/{number}", number) for number in invoice.returns]),
        Fact(_("Order"), links=[(f"/orders/{invoice.order}", invoice.order)]),
        Fact(_("PO"), paper.order.purchase_order_number or ""),
        Fact(tongue.ngettext("Shipment", "Shipments", len(shipments)), links=shipments),
        Fact(_("Period"), _period(paper, tongue, today)),
        Fact(_("Delivered to"), address(paper.deliver_to)),
        Fact(_("Account"), f"{invoice.account_name} ({invoice.account})" if is_supplier else ""),
        Fact(_("Cost centre"), paper.order.cost_centre or ""),
        Fact(_("Your reference"), paper.buyer_reference or ""),
        Fact(_("Contract"), paper.contract_number or ""),
        Fact(_("Billed"), terms_word(paper.terms, tongue) if paper.kind == "invoice" else ""),
    ]
    return [fact for fact in found if fact.text or fact.links]


def _period(paper: Document, tongue: Tongue, today: date) -> str:
    """Of several shipments on one invoice."""
    if paper.period is None or paper.period[0] == paper.period[1]:
        return ""
    first, last = (tongue.day_month(day, today) for day in paper.period)
    return tongue.gettext("{first} to {last}").format(first=first, last=last)


def address(party: Party) -> str:
    """Where to, in one line."""
    return ", ".join(filter(None, (party.name, party.address.city)))


def _progress(paper: Document) -> list[Part]:
    """How much of the order was billed before, is billed by this, and is still to be billed."""
    whole = paper.order.billed_after + paper.order.to_bill
    if paper.kind == "credit_note" or whole <= 0:
        return []
    parts, x = [], ZERO
    amounts = (
        (paper.order.billed_before, "m-inv"),
        (paper.order.billed_after - paper.order.billed_before, "m-this"),
        (paper.order.to_bill, "m-ordered"),
    )
    for amount, css in amounts:
        if amount > 0:
            width = amount * 100 / whole
            parts.append(Part(f"{x:.2f}%", f"{width:.2f}%", css))
            x += width
    return parts


def _progress_words(paper: Document, tongue: Tongue) -> list[tuple[str, str, str]]:
    if not _progress(paper):
        return []
    _ = tongue.gettext
    order = paper.order
    return [
        ("m-inv", _("Billed before"), tongue.money(order.billed_before, paper.currency)),
        ("m-this", _("This invoice"), tongue.money(order.billed_after - order.billed_before, paper.currency)),
        ("m-ordered", _("Still to be billed"), tongue.money(order.to_bill, paper.currency)),
    ]


def _acts(invoice: Invoice, tongue: Tongue) -> list[tuple[str, str]]:
    """What finance may do about an invoice: where, and the word for it."""
    if invoice.kind == "credit_note":
        return []
    return [(f"/finance/invoices/{invoice.number}", tongue.gettext("Payments and credit notes"))]


def _files_word(invoice: Invoice, tongue: Tongue) -> str:
    _ = tongue.gettext
    files = invoice.files
    if files is None or files.state == "waiting":
        return _("The files are being made; they are here in a moment.")
    if files.state == "failed":
        return _("The files could not be made yet. Our people have been told.")
    if files.profile in (None, "none"):
        return _("There is no XML: the standard knows two decimals, and {currency} has three.").format(
            currency=invoice.currency
        )
    return ""
