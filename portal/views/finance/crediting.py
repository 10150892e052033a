"""A credit note before it is issued: what was typed, and what it would come to. Disputes and invoices share it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.invoices import Adjustment, Document
from portal.domain.quantities import ZERO
from portal.domain.refusals import Refused
from portal.filters import Tongue
from portal.operations.moving import Part
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.disputes.opening import by_number, words_of
from portal.views.invoices.words import rate_word
from portal.views.settings.typed_money import amount as typed_amount

WAYS = ("lines", "amount", "note")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed: by lines, by an amount, or with a credit note that there is already. `quantities` by the order's
    line; `shown` is the total that was shown before it was confirmed, `sure` that it was."""

    form: str = ""
    by: str = ""
    quantities: Mapping[int, str] = field(default_factory=dict)
    amount: str = ""
    credit_note: str = ""
    reason: str = ""
    words: str = ""
    rebill: bool = False
    shown: str = ""
    sure: bool = False

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Typed":
        def said(name: str, longest: int = 64) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:longest]

        by = said("by")
        return cls(
            form=said("form"),
            by=by if by in WAYS else "",
            quantities=by_number(form, "quantity"),
            amount=said("amount"),
            credit_note=said("credit_note"),
            reason=said("reason", LONGEST_REASON),
            words=words_of(form, "words"),
            rebill=said("rebill") == "1",
            shown=said("shown"),
            sure=said("sure") == "1",
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be credited: lines or an amount gross of tax."""

    lines: Sequence[Part] = ()
    amount: Decimal | None = None


@dataclass(slots=True)
class Reading:
    """Reads what was typed; `units` are those of the lines that can be credited, by the order's line."""

    typed: Typed
    units: Mapping[int, str]
    currency: str
    tongue: Tongue
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, *, needs_reason: bool = True) -> Wanted | None:
        """None when something is missing or cannot be read."""
        _ = self.tongue.gettext
        if needs_reason and not self.typed.reason:
            self.errors["reason"] = _("Say why: it stands on the credit note.")
        wanted = None
        if self.typed.by == "amount":
            wanted = Wanted(amount=self._amount())
        elif self.typed.by == "lines":
            wanted = Wanted(lines=self._lines())
            if not wanted.lines and not self.errors:
                self.errors["lines"] = _("Type beside at least one line how much of it is credited.")
        else:
            self.errors["by"] = _("Choose what is credited.")
        return None if self.errors else wanted

    def _amount(self) -> Decimal | None:
        found = read_amount(self.typed.amount, self.currency, self.tongue)
        if isinstance(found, str):
            self.errors["amount"] = found
            return None
        return found

    def _lines(self) -> list[Part]:
        found = []
        for line, raw in sorted(self.typed.quantities.items()):
            try:
                quantity = typed_quantity(raw, self.units.get(line), self.tongue)
            except Mistyped as wrong:
                self.errors[f"quantity-{line}"] = str(wrong)
                continue
            if quantity and line in self.units:
                found.append(Part(line, quantity))
        return found

    def refused(self, refusal: Refused, wanted: Wanted) -> None:
        """What the operation found wrong, beside the fields that it speaks of."""
        for problem in refusal.problems:
            match problem.pointer.split("/")[1:]:
                case ["lines", index, *_] if index.isdigit() and int(index) < len(wanted.lines):
                    self.errors[f"quantity-{wanted.lines[int(index)].line}"] = problem.detail
                case [name, *_] if name in ("amount", "reason", "lines"):
                    self.errors[name] = problem.detail

    @property
    def shown(self) -> Decimal | None:
        """The total that was shown, as the page wrote it into the form."""
        raw = self.typed.shown
        plain = raw.replace(".", "", 1)
        return Decimal(raw) if plain.isascii() and plain.isdigit() and len(raw) < 20 else None


def read_amount(raw: str, currency: str, tongue: Tongue) -> Decimal | str:
    """An amount above nothing with no more digits than its currency has; else the sentence that says what is wrong."""
    _ = tongue.gettext
    try:
        found = typed_amount(raw, tongue)
    except Mistyped as wrong:
        return str(wrong)
    if found is None or not found:
        return _("Write an amount.")
    if found != money.rounded(found, currency):
        return _("{currency} has {n} decimals.").format(currency=currency, n=money.digits(currency))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    sku: str
    name: str
    quantity: str
    price: str
    net: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a credit note would say. `sums` are (word, amount) from its lines to its total; `after` is how the invoice
    stands once it is issued."""

    lines: Sequence[Line]
    sums: Sequence[tuple[str, str]]
    total: str
    shown: str
    after: str


def preview(document: Document, due: Decimal, tongue: Tongue) -> Preview:
    """`due` is what is open of the invoice before it."""
    return Preview(
        lines=[
            Line(
                one.line,
                one.sku,
                one.name,
                tongue.quantity(one.quantity, one.unit),
                tongue.price(one.unit_price, document.currency),
                tongue.money(one.net, document.currency),
            )
            for one in document.lines
        ],
        sums=_sums(document, tongue),
        total=tongue.money(document.total, document.currency),
        shown=money.text(document.total, document.currency),
        after=_after(due - document.total, document.currency, tongue),
    )


def _sums(document: Document, tongue: Tongue) -> list[tuple[str, str]]:
    _ = tongue.gettext
    currency = document.currency
    found = []
    if document.lines:
        # A credited amount stands on lines of its own, which are none of the order's.
        word = _("Goods") if any(one.line for one in document.lines) else _("Amount")
        found.append((word, tongue.money(document.lines_net, currency)))
    found += [
        (word, tongue.money(-amount, currency)) for word, amount in _summed(document.allowances, tongue)
    ]
    found += [(word, tongue.money(amount, currency)) for word, amount in _summed(document.charges, tongue)]
    for tax in document.taxes:
        said = _("VAT {rate} on {base}").format(
            rate=rate_word(tax.rate, tongue), base=tongue.money(tax.base, currency)
        )
        found.append((said, tongue.money(tax.amount, currency)))
    if document.rounding:
        found.append((_("Rounding of the total"), tongue.money(document.rounding, currency)))
    return found


def _summed(adjustments: Sequence[Adjustment], tongue: Tongue) -> list[tuple[str, Decimal]]:
    """Over all rates, by what it is for."""
    _ = tongue.gettext
    words = {"discount": _("Discount"), "freight": _("Freight"), "rounding": _("Rounding")}
    sums: dict[str, Decimal] = {}
    for one in adjustments:
        sums[one.reason] = sums.get(one.reason, ZERO) + one.amount
    return [(words[reason], amount) for reason, amount in sums.items()]


def _after(due: Decimal, currency: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    if due > 0:
        return _("{amount} of the invoice is still to pay then.").format(amount=tongue.money(due, currency))
    if due < 0:
        return _(
            "The invoice is settled then, and {amount} is in the buyer's favour: to pay back or to move elsewhere."
        ).format(amount=tongue.money(-due, currency))
    return _("Nothing of the invoice is left to pay then.")
