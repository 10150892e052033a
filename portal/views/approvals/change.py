"""A change of a placed order as those see it who have to agree: what is added at which price, what is taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.domain.money import rounded
from portal.domain.orders import Line, Order
from portal.filters import Tongue

# What products are called, with their units.
Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One thing that changes. `of` says which line it belongs to."""

    sku: str
    name: str
    of: str
    sign: str
    quantity: str
    each: str
    amount: str
    is_more: bool


def changed_rows(
    wanted: Mapping[str, Any], order: Order, names: Names, tongue: Tongue
) -> Sequence[ChangedRow]:
    """What is added first."""
    lines = {line.line: line for line in order.lines}
    added = [_added(one, order, names, tongue) for one in wanted.get("add", ())]
    return [*added, *(_taken(one, order, lines[one["line"]], tongue) for one in wanted.get("cancel", ()))]


def _added(one: Mapping[str, Any], order: Order, names: Names, tongue: Tongue) -> ChangedRow:
    _ = tongue.gettext
    name, unit = names.get(str(one["sku"]), ("", "C62"))
    quantity, price = Decimal(one["quantity"]), Decimal(one["unit_price"])
    return ChangedRow(
        sku=str(one["sku"]),
        name=name,
        of=_("more of line {n}").format(n=one["line"]) if one.get("line") else _("a new line"),
        sign="+",
        quantity=tongue.quantity(quantity, unit),
        each=tongue.price(price, order.currency),
        amount=tongue.money(rounded(quantity * price, order.currency), order.currency),
        is_more=True,
    )


def _taken(one: Mapping[str, Any], order: Order, line: Line, tongue: Tongue) -> ChangedRow:
    quantity = Decimal(one["quantity"])
    return ChangedRow(
        sku=line.sku,
        name=line.name,
        of=tongue.gettext("less of line {n}").format(n=line.line),
        sign="−",
        quantity=tongue.quantity(quantity, line.unit),
        each=tongue.price(line.unit_price, order.currency),
        amount=tongue.money(-rounded(quantity * line.unit_price, order.currency), order.currency),
        is_more=False,
    )
