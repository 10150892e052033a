"""The form in which a buyer changes an order: what of each line may still become less or more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.orders import Line, Order
from portal.domain.quantities import text
from portal.filters import Tongue

# Rows for products that are added.
MORE = 3
CHANGEABLE = ("pending_approval", "held", "open")


@dataclass(frozen=True, slots=True)
class Row:
    """A line. `value` is what its field says, `fixed` what is on its way and stays."""

    line: int
    sku: str
    name: str
    unit: str
    each: str
    now: str
    fixed: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    rows: Sequence[Row]
    is_pending: bool
    is_possible: bool


def change_page(
    order: Order, tongue: Tongue, typed: Mapping[int, str], errors: Mapping[str, str]
) -> ChangePage:
    rows = [_row(order, line, tongue, typed, errors) for line in order.lines if line.never < line.quantity]
    return ChangePage(rows, order.state == "pending_approval", order.state in CHANGEABLE)


def standing(line: Line) -> Decimal:
    """What is ordered of it and was not cancelled."""
    return line.quantity - line.never


def _row(
    order: Order, line: Line, tongue: Tongue, typed: Mapping[int, str], errors: Mapping[str, str]
) -> Row:
    fixed = line.quantity - line.never - line.replaceable
    return Row(
        line=line.line,
        sku=line.sku,
        name=line.name,
        unit=tongue.unit(line.unit, standing(line)),
        each=tongue.price(line.unit_price, order.currency),
        now=tongue.quantity(standing(line), line.unit),
        fixed=tongue.gettext("{n} are on their way and stay").format(n=tongue.number(fixed)) if fixed else "",
        value=typed.get(line.line, text(standing(line))),
        problem=errors.get(f"quantity-{line.line}", ""),
    )
