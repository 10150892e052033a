"""Quantities are exact decimals, counted in a unit of UN/ECE Recommendation 20."""

import re
from collections.abc import Iterable
from decimal import Decimal

ZERO = Decimal(0)
WHOLE_UNITS = frozenset({"C62"})
MOST_DIGITS = 12
MOST_DECIMALS = 6

_SHAPE = re.compile(r"(?P<sign>[-+]?)(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?")


class NotAQuantity(ValueError):
    """The text is no quantity that can be ordered, counted or moved; the message says why."""


def parse(raw: str | int, unit: str | None = None) -> Decimal:
    """Read a quantity of zero or more, as the API takes it: a string holding a decimal, or an integer.

    Without a unit only the shape is checked; `check_unit` does the rest once the product is known.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise NotAQuantity("A quantity is a string holding a decimal, or an integer.")

    # str() itself refuses an integer of thousands of digits, with a message about the interpreter.
    if isinstance(raw, int) and abs(raw) >= 10**MOST_DIGITS:
        raise NotAQuantity(f"A quantity has at most {MOST_DIGITS} digits before the decimal point.")

    match = _SHAPE.fullmatch(str(raw))
    if match is None:
        raise NotAQuantity("A quantity is written in digits, with a point before the decimals, like 12.5.")

    if match["sign"]:
        raise NotAQuantity("A quantity has no sign and is not negative.")

    if len(match["whole"].lstrip("0")) > MOST_DIGITS:
        raise NotAQuantity(f"A quantity has at most {MOST_DIGITS} digits before the decimal point.")

    if len((match["decimals"] or "").rstrip("0")) > MOST_DECIMALS:
        raise NotAQuantity(f"A quantity has at most {MOST_DECIMALS} decimals.")

    quantity = Decimal(match[0])
    if unit is not None:
        check_unit(quantity, unit)

    return quantity


def check_unit(quantity: Decimal, unit: str) -> None:
    """Refuse a fraction of something that is only sold whole."""
    if unit in WHOLE_UNITS and not is_whole(quantity):
        raise NotAQuantity(f"{text(quantity)} is not possible: this is sold in whole pieces only.")


def is_whole(quantity: Decimal) -> bool:
    return quantity == quantity.to_integral_value()


def text(quantity: Decimal) -> str:
    """Write a quantity as the API does: no exponent, no trailing zeros, never "-0"."""
    return format(quantity.normalize(), "f") if quantity else "0"


def total(quantities: Iterable[Decimal]) -> Decimal:
    return sum(quantities, ZERO)
