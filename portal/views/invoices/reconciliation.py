"""An order reconciled line by line: what was ordered, has left, was billed, credited and paid, and what is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.db.invoice_list import Listed
from portal.domain import money as exact
from portal.domain.quantities import ZERO
from portal.domain.reconciling import Reconciled, Reconciliation
from portal.filters import Tongue
from portal.views.invoices.listing import Eyes, Row, row

# More lines are for the file.
MOST_ON_PAGE = 2_500


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    sku: str
    name: str
    ordered: str
    unit: str
    never: str
    shipped: str
    delivered: str
    returned: str
    billed: str
    credited: str
    to_bill: str
    billed_amount: str
    credited_amount: str
    paid_amount: str
    open_amount: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    order: str
    truth: Markup
    sums: Sequence[tuple[str, str, bool]]
    lines: Sequence[Line]
    left_out: str
    total: Line
    papers: Sequence[Row]


def drawn(found: Reconciliation, papers: Sequence[Listed], tongue: Tongue, today: date) -> Drawn:
    shown = found.lines[:MOST_ON_PAGE]
    due = sum((one.due for one in papers if one.due > 0), ZERO)
    surplus = -sum((one.due for one in papers if one.due < 0), ZERO)
    left = len(found.lines) - len(shown)
    return Drawn(
        order=found.order,
        truth=_truth(found, due, surplus, tongue),
        sums=_sums(found, due, surplus, tongue),
        lines=[_line(one, found.currency, tongue) for one in shown],
        left_out=tongue.ngettext(
            "{n} more line is in the file", "{n} more lines are in the file", left
        ).format(n=tongue.number(left))
        if left
        else "",
        total=_total(found, tongue),
        papers=[row(Eyes(tongue, today, ()), one) for one in papers],
    )


def _truth(found: Reconciliation, due: Decimal, surplus: Decimal, tongue: Tongue) -> Markup:
    """`£2,129.40 of £22,166.62 is billed. £964.49 is to pay. £19,943.86 is still to be billed.`"""
    _ = tongue.gettext

    def money(amount: Decimal) -> str:
        return tongue.money(amount, found.currency)

    billed = found.invoiced - found.credited
    said = [
        tongue.strong(_("{billed} of {total} is billed."), billed=money(billed), total=money(found.total))
    ]
    if due:
        said.append(tongue.strong(_("{amount} is to pay."), amount=money(due)))
    if surplus:
        said.append(tongue.strong(_("{amount} was paid too much."), amount=money(surplus)))
    if found.outstanding:
        said.append(tongue.strong(_("{amount} is still to be billed."), amount=money(found.outstanding)))
    if found.is_held:
        said.append(tongue.strong(_("Our finance team has stopped billing a part of it.")))
    return Markup(" ").join(said)


def _sums(
    found: Reconciliation, due: Decimal, surplus: Decimal, tongue: Tongue
) -> list[tuple[str, str, bool]]:
    """The order as a whole, from what was ordered to what is open; some only where there is something."""
    _ = tongue.gettext
    amounts = (
        (_("Ordered"), found.total, True, False),
        (_("Not charged"), -found.never, False, False),
        (_("Shipped"), found.shipped, True, False),
        (_("Billed"), found.invoiced, True, False),
        (_("Credited"), -found.credited, False, False),
        (_("Paid"), found.paid, True, False),
        (_("To pay"), due, True, True),
        (_("Paid too much"), surplus, False, False),
        (_("Still to be billed"), found.outstanding, True, False),
    )
    return [
        (word, tongue.money(amount, found.currency), is_sum)
        for word, amount, always, is_sum in amounts
        if amount or always
    ]


def _line(one: Reconciled, currency: str, tongue: Tongue) -> Line:
    number = tongue.number

    def quantity(amount: Decimal) -> str:
        return number(amount) if amount else "0"

    def money(amount: Decimal) -> str:
        return tongue.money(amount, currency) if amount else ""

    never = one.cancelled + one.waived
    return Line(
        line=one.line,
        sku=one.sku,
        name=one.name,
        ordered=number(one.ordered),
        unit=tongue.unit(one.unit, one.ordered),
        never=number(never) if never else "",
        shipped=quantity(one.shipped),
        delivered=quantity(one.delivered),
        returned=number(one.returned) if one.returned else "",
        billed=quantity(one.invoiced),
        credited=number(one.credited) if one.credited else "",
        to_bill=quantity(one.outstanding),
        billed_amount=money(one.invoiced_amount),
        credited_amount=money(-one.credited_amount),
        paid_amount=money(one.paid_amount),
        open_amount=money(one.due_amount),
        is_done=not one.outstanding,
    )


def _total(found: Reconciliation, tongue: Tongue) -> Line:
    """The foot of the table: amounts alone can be added up."""

    def money(amount: Decimal) -> str:
        return tongue.money(amount, found.currency)

    return Line(
        0, "", "", "", "", "", "", "", "", "", "", "",
        money(found.invoiced),
        money(-found.credited) if found.credited else "",
        money(found.paid) if found.paid else "",
        money(sum((one.due_amount for one in found.lines), ZERO)),
        False,
    )  # fmt: skip


def table(found: Reconciliation, tongue: Tongue) -> Iterator[list[str]]:
    """For a spreadsheet: plain figures, a row for each line, and one for the order."""
    _ = tongue.gettext
    yield [
        _("Order"), _("Line"), "SKU", _("Item"), _("Unit"), _("Ordered"), _("Cancelled"), _("Shipped"), _("Delivered"),
        _("Returned"), _("Billed"), _("Credited"), _("Not billed any more"), _("Still to bill"), _("Currency"),
        _("Billed amount"), _("Credited amount"), _("Paid amount"), _("Open amount"),
    ]  # fmt: skip
    for one in found.lines:
        quantities = (
            one.ordered, one.cancelled, one.shipped, one.delivered, one.returned, one.invoiced, one.credited,
            one.waived, one.outstanding,
        )  # fmt: skip
        amounts = (one.invoiced_amount, one.credited_amount, one.paid_amount, one.due_amount)
        yield [
            found.order, str(one.line), one.sku, one.name, one.unit,
            *(f"{quantity.normalize():f}" for quantity in quantities),
            found.currency,
            *(exact.text(amount, found.currency) for amount in amounts),
        ]  # fmt: skip
    sums = (found.invoiced, found.credited, found.paid, found.due)
    yield [
        found.order, "", "", _("The order"), *[""] * 10, found.currency,
        *(exact.text(amount, found.currency) for amount in sums),
    ]  # fmt: skip
