"""The steps of an order's money, from what was ordered to what is still to be billed: a row with a bar for each."""

from dataclasses import dataclass
from decimal import Decimal

from portal.domain.quantities import ZERO
from portal.filters import Tongue


@dataclass(frozen=True, slots=True)
class Figures:
    """total = (invoiced - credited) + to_bill + never. `due` is what is to pay on invoices, and `surplus` what was paid
    too much on others: neither is taken off the other before somebody moves it."""

    currency: str
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    never: Decimal
    shipped: Decimal
    invoiced: Decimal
    credited: Decimal
    paid: Decimal
    to_bill: Decimal
    due: Decimal
    surplus: Decimal

    @property
    def billed(self) -> Decimal:
        return self.invoiced - self.credited


@dataclass(frozen=True, slots=True)
class Step:
    """A row: its bar goes from `x` over `width`, both in percent of what was ordered."""

    word: str
    note: str
    amount: str
    x: str
    width: str
    css: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """What stands small beside the steps."""

    never: str = ""
    shipped: str = ""
    invoiced: str = ""
    paid: str = ""
    due: str = ""
    to_bill: str = ""


def steps(figures: Figures, notes: Notes, tongue: Tongue) -> list[Step]:
    """From what was ordered to what is still to be billed; steps at which nothing has happened are left out."""
    _ = tongue.gettext
    f = figures
    found = [_step(f, _("Ordered"), made_of(f, tongue), f.total, (ZERO, f.total), "m-ordered", tongue)]
    if f.never:
        span = (f.total - f.never, f.never)
        found.append(_step(f, _("Not charged"), notes.never, -f.never, span, "m-ordered", tongue))
    found.append(_step(f, _("Shipped"), notes.shipped, f.shipped, (ZERO, f.shipped), "m-shipped", tongue))
    found.append(_step(f, _("Billed"), notes.invoiced, f.invoiced, (ZERO, f.invoiced), "m-inv", tongue))
    if f.credited:
        span = (f.billed, f.credited)
        found.append(_step(f, _("Credited"), "", -f.credited, span, "m-ordered", tongue))
    if f.paid or f.invoiced:
        found.append(_step(f, _("Paid"), notes.paid, f.paid, (ZERO, f.paid), "m-paid", tongue))
        span = (f.paid - f.surplus, f.due)
        found.append(_step(f, _("To pay"), notes.due, f.due, span, "m-due", tongue, is_sum=True))
    if f.surplus:
        span = (f.paid - f.surplus, f.surplus)
        note = _("to be paid back, or moved to another invoice")
        found.append(_step(f, _("Paid too much"), note, f.surplus, span, "m-paid", tongue))
    if f.to_bill:
        span = (f.billed, f.to_bill)
        found.append(_step(f, _("Still to be billed"), notes.to_bill, f.to_bill, span, "m-ordered", tongue))
    return found


def _step(
    figures: Figures,
    word: str,
    note: str,
    amount: Decimal,
    span: tuple[Decimal, Decimal],
    css: str,
    tongue: Tongue,
    *,
    is_sum: bool = False,
) -> Step:
    x, width = (_percent(part, figures.total) for part in span)
    return Step(word, note, tongue.money(amount, figures.currency), x, width, css, is_sum)


def _percent(part: Decimal, whole: Decimal) -> str:
    """Within the row, whatever was credited or paid beyond what was ordered."""
    if whole <= 0:
        return "0%"
    return f"{min(max(part * 100 / whole, ZERO), Decimal(100)):.2f}%"


def made_of(figures: Figures, tongue: Tongue) -> str:
    """`goods £18,292.18, discount £10.00, freight £180.00, VAT £3,694.44`."""
    _ = tongue.gettext
    parts = (
        (_("goods {amount}"), figures.goods),
        (_("discount {amount}"), figures.discount),
        (_("freight {amount}"), figures.freight),
        (_("VAT {amount}"), figures.tax),
    )
    return ", ".join(
        template.format(amount=tongue.money(amount, figures.currency)) for template, amount in parts if amount
    )
