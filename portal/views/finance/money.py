"""An invoice before finance: how it stands, and the forms by which money comes, goes back, and is moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from portal.db.invoices import Invoice
from portal.domain import money
from portal.domain.disputes import Billed
from portal.domain.finance import Payable
from portal.domain.quantities import ZERO, text
from portal.domain.refusals import Refused
from portal.filters import Tongue
from portal.operations.paying import Money
from portal.views.finance.crediting import read_amount
from portal.views.invoices.words import State, payment_word, state_of

LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed. `sure`: that more came than was due has been read."""

    form: str = ""
    amount: str = ""
    on: str = ""
    reference: str = ""
    to: str = ""
    sure: bool = False

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Typed":
        def said(name: str, longest: int = 64) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:longest]

        return cls(
            said("form"),
            said("amount"),
            said("on"),
            said("reference", LONGEST_REFERENCE),
            said("to"),
            said("sure") == "1",
        )


@dataclass(slots=True)
class Reading:
    """Reads what was typed; `errors` are sentences by the name of the field that they stand beside."""

    typed: Typed
    invoice: Invoice
    tongue: Tongue
    today: date
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, kind: str) -> Money | None:
        """None when something is missing or cannot be read, or when it is more than due and nobody said so twice."""
        _ = self.tongue.gettext
        invoice = self.invoice
        amount = read_amount(self.typed.amount, invoice.currency, self.tongue)
        if isinstance(amount, str):
            self.errors["amount"] = amount
        on = self._day()
        if kind == "transfers" and not self.typed.to:
            self.errors["to"] = _("Choose an invoice.")
        if self.errors or isinstance(amount, str):
            return None
        if kind == "payments" and amount > max(invoice.due, ZERO) and not self.typed.sure:
            self.errors["more"] = self._more(amount)
            return None
        return Money(amount, on, self.typed.reference or None)

    def _more(self, amount: Decimal) -> str:
        invoice, tongue = self.invoice, self.tongue
        return tongue.gettext("{more} more than is due. It would stand in the buyer's favour.").format(
            more=tongue.money(amount - max(invoice.due, ZERO), invoice.currency)
        )

    def _day(self) -> date | None:
        _ = self.tongue.gettext
        if not self.typed.on:
            return None
        try:
            day = date.fromisoformat(self.typed.on)
        except ValueError:
            self.errors["on"] = _("Choose a day.")
            return None
        if not 2000 <= day.year < 2200:
            self.errors["on"] = _("Choose a day.")
        elif day > self.today:
            self.errors["on"] = _("This day is yet to come.")
        return day

    def refused(self, refusal: Refused) -> None:
        names = {"amount": "amount", "received_on": "on", "paid_on": "on", "to": "to"}
        for problem in refusal.problems:
            name = problem.pointer.split("/")[1:2]
            if name and name[0] in names:
                self.errors[names[name[0]]] = problem.detail


@dataclass(frozen=True, slots=True)
class Moved:
    """A payment, refund or transfer that was recorded."""

    word: str
    other: str
    amount: str
    on: str
    reference: str
    by: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the invoice that can still be credited."""

    line: int
    sku: str
    name: str
    billed: str
    left: str
    unit: str


@dataclass(frozen=True, slots=True)
class Page:
    """`surplus` is what can be paid back or moved; `amounts` are what the forms suggest."""

    number: str
    order: str
    account: str
    account_name: str
    currency: str
    state: State
    is_invoice: bool
    corrects: str
    sums: Sequence[tuple[str, str]]
    due: str
    surplus: str
    amounts: Mapping[str, str]
    payments: Sequence[Moved]
    credits: Sequence[tuple[str, str, str]]
    disputes: Sequence[tuple[str, str]]
    payable: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    can_credit: bool


def page(
    invoice: Invoice, billed: Sequence[Billed], payable: Sequence[Payable], tongue: Tongue, today: date
) -> Page:
    _ = tongue.gettext
    currency = invoice.currency
    due, surplus = max(invoice.due, ZERO), invoice.surplus
    return Page(
        number=invoice.number,
        order=invoice.order,
        account=invoice.account,
        account_name=invoice.account_name,
        currency=currency,
        state=state_of(invoice, tongue, today),
        is_invoice=invoice.kind == "invoice",
        corrects=invoice.paper.corrects.number if invoice.paper.corrects else "",
        sums=_sums(invoice, tongue, today),
        due=tongue.money(due, currency) if due else "",
        surplus=tongue.money(surplus, currency) if surplus else "",
        amounts={
            "payments": _written(due, currency, tongue) if due else "",
            "refunds": _written(surplus, currency, tongue),
            "transfers": _written(min([surplus, *(one.due for one in payable[:1])]), currency, tongue),
        },
        payments=[
            Moved(
                payment_word(one.kind, tongue),
                one.other or "",
                tongue.money(one.amount, currency),
                tongue.day_month(one.received_on, today),
                one.reference or "",
                one.name or one.recorded_by,
            )
            for one in invoice.payments
        ],
        credits=[
            (one.number, tongue.money(one.total, currency), tongue.day_month(one.issued_on, today))
            for one in invoice.credits
        ],
        disputes=[(one.number, one.state) for one in invoice.disputes if one.state == "open"],
        payable=[
            (
                one.number,
                _("{number}: {amount}, due {day}").format(
                    number=one.number,
                    amount=tongue.money(one.due, currency),
                    day=tongue.day_month(one.due_on, today),
                ),
            )
            for one in payable
        ],
        lines=_lines(billed, tongue),
        can_credit=invoice.kind == "invoice" and invoice.credited < invoice.total,
    )


def _written(amount: Decimal, currency: str, tongue: Tongue) -> str:
    """As it stands in a field: with the currency's digits, in the language's own way."""
    pattern = "0." + "0" * money.digits(currency) if money.digits(currency) else "0"
    return format_decimal(amount, format=pattern, locale=tongue.name)


def _sums(invoice: Invoice, tongue: Tongue, today: date) -> list[tuple[str, str]]:
    _ = tongue.gettext
    currency = invoice.currency
    found = [(_("Issued"), tongue.day(invoice.issued_on, today))]
    if invoice.due_on:
        found.append((_("Due"), tongue.day(invoice.due_on, today)))
    found.append((_("Total"), tongue.money(invoice.total, currency)))
    if invoice.kind == "invoice":
        found.append((_("Paid"), tongue.money(invoice.paid, currency)))
        found.append((_("Credited"), tongue.money(invoice.credited, currency)))
    return found


def _lines(billed: Sequence[Billed], tongue: Tongue) -> list[Line]:
    """By the order's line: a credit note names lines, whichever shipment they left on."""
    found: dict[int, list[Billed]] = {}
    for one in billed:
        found.setdefault(one.line, []).append(one)
    lines = []
    for line, parts in found.items():
        left = sum((one.quantity - one.credited for one in parts), ZERO)
        quantity = sum((one.quantity for one in parts), ZERO)
        if left > 0:
            first = parts[0]
            lines.append(
                Line(
                    line,
                    first.sku,
                    first.name,
                    tongue.quantity(quantity, first.unit),
                    text(left),
                    tongue.unit(first.unit, left),
                )
            )
    return lines
