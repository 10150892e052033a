"""What an invoice comes to, what became of it, and how its order adds up: tables of amounts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.db.invoices import Invoice
from portal.domain.invoices import Adjustment, Document, Tax
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.invoices.words import credit_reason, kind_word, payment_word, rate_word


@dataclass(frozen=True, slots=True)
class Sum:
    """A row of a table of amounts."""

    label: str
    note: str
    amount: str
    is_sum: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of it: money that came or went, a correction."""

    on: Markup
    what: str
    note: str
    href: str
    link: str
    amount: str


def totals(paper: Document, tongue: Tongue) -> list[Sum]:
    """From the lines to the total, as on the paper."""
    _ = tongue.gettext
    money = tongue.money
    count = tongue.ngettext("{n} line", "{n} lines", len(paper.lines)).format(
        n=tongue.number(len(paper.lines))
    )
    found = [Sum(_("Lines"), count, money(paper.lines_net, paper.currency))]
    found += [
        Sum(word, "", money(-amount, paper.currency)) for word, amount in _adjusted(paper.allowances, tongue)
    ]
    found += [
        Sum(word, "", money(amount, paper.currency)) for word, amount in _adjusted(paper.charges, tongue)
    ]
    if len(found) > 1:
        found.append(Sum(_("Net"), "", money(paper.net, paper.currency)))
    found += [_tax(tax, paper, tongue) for tax in paper.taxes]
    if paper.rounding:
        found.append(
            Sum(
                _("Rounding"),
                _("so that all invoices add up to the order"),
                money(paper.rounding, paper.currency),
            )
        )
    return [*found, Sum(_("Total"), "", money(paper.total, paper.currency), is_sum=True)]


def _adjusted(those: Sequence[Adjustment], tongue: Tongue) -> list[tuple[str, Decimal]]:
    """By reason: rates are told apart in the file, not here."""
    _ = tongue.gettext
    words = {"discount": _("Discount"), "freight": _("Freight"), "rounding": _("Rounding of shares")}
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in those:
        sums[one.reason] += one.amount
    return [(words[reason], amount) for reason, amount in sums.items()]


def _tax(tax: Tax, paper: Document, tongue: Tongue) -> Sum:
    _ = tongue.gettext
    label = _("VAT {rate}").format(rate=rate_word(tax.rate, tongue))
    note = _("on {base}").format(base=tongue.money(tax.base, paper.currency))
    if tax.reason:
        note = f"{note}, {tax.reason}"
    return Sum(label, note, tongue.money(tax.amount, paper.currency))


def afterwards(invoice: Invoice, tongue: Tongue) -> list[Sum]:
    """What was paid and credited of it, and what that leaves."""
    if invoice.kind == "credit_note":
        return []
    _ = tongue.gettext
    money = tongue.money
    found = []
    if invoice.paid:
        found.append(Sum(_("Paid"), "", money(-invoice.paid, invoice.currency)))
    if invoice.credited:
        found.append(Sum(_("Credited"), "", money(-invoice.credited, invoice.currency)))
    word = _("Open") if invoice.due >= 0 else _("Too much")
    return [*found, Sum(word, "", money(abs(invoice.due), invoice.currency), is_sum=True)] if found else []


def happened(invoice: Invoice, tongue: Tongue, today: date) -> list[Happened]:
    """Payments and corrections in the order in which they came."""
    _ = tongue.gettext
    found: list[tuple[date, Happened]] = []
    for payment in invoice.payments:
        to = payment.other or ""
        what = payment_word(payment.kind, tongue)
        if payment.kind == "transfer":
            what = _("Moved to") if payment.amount < 0 else _("Moved from")
        told = Happened(
            tongue.day_html(payment.received_on, today),
            what,
            payment.reference or "",
            f"/invoices/{to}" if to else "",
            to,
            tongue.money(payment.amount, invoice.currency),
        )
        found.append((payment.received_on, told))
    for credit in invoice.credits:
        told = Happened(
            tongue.day_html(credit.issued_on, today),
            _("Credit note"),
            credit_reason(credit.reason, tongue),
            f"/invoices/{credit.number}",
            credit.number,
            tongue.money(credit.total, invoice.currency),
        )
        found.append((credit.issued_on, told))
    return [told for _on, told in sorted(found, key=lambda one: one[0])]


def reconciled(paper: Document, tongue: Tongue, today: date) -> list[Sum]:
    """The order added up: what was billed before, this, and what is still to be billed."""
    _ = tongue.gettext
    order, money = paper.order, tongue.money
    found = [
        Sum(
            before.number,
            ", ".join((kind_word(before.kind, tongue), tongue.day_month(before.issued_on, today))),
            money(-before.total if before.kind == "credit_note" else before.total, paper.currency),
            href=f"/invoices/{before.number}",
        )
        for before in paper.preceding
    ]
    own = -paper.total if paper.kind == "credit_note" else paper.total
    this = _("this credit note") if paper.kind == "credit_note" else _("this invoice")
    found.append(Sum(paper.number, this, money(own, paper.currency)))
    found.append(Sum(_("Billed so far"), "", money(order.billed_after, paper.currency), is_sum=True))
    found.append(Sum(_("Still to be billed"), "", money(order.to_bill, paper.currency)))
    whole = order.billed_after + order.to_bill
    note = ""
    if whole != order.total:
        note = _("{total} was ordered; the rest is cancelled or credited").format(
            total=money(order.total, paper.currency)
        )
    found.append(
        Sum(_("The order"), note, money(whole, paper.currency), is_sum=True, href=f"/orders/{order.number}")
    )
    return found


def bank_of(paper: Document, tongue: Tongue) -> list[tuple[str, str]]:
    """Where to pay, and what to write there."""
    bank = paper.seller.bank
    if bank is None:
        return []
    _ = tongue.gettext
    found = [(_("Account holder"), bank.holder), (_("IBAN"), spaced(bank.iban))]
    if bank.bic:
        found.append((_("BIC"), bank.bic))
    if bank.name:
        found.append((_("Bank"), bank.name))
    return [*found, (_("Reference"), paper.number)]


def spaced(iban: str) -> str:
    """In groups of four, as it stands on cards."""
    plain = iban.replace(" ", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
