"""Amounts as people type them: with or without thousands, in their own language's way or with a point."""

import re
from decimal import Decimal, InvalidOperation

from babel.numbers import NumberFormatError, parse_decimal

from portal.filters import Tongue
from portal.views.desk.words import Mistyped

PLAIN = re.compile(r"\d{1,14}(\.\d{1,4})?")
LONGEST = 40
LARGEST = Decimal(10) ** 14


def amount(raw: str, tongue: Tongue) -> Decimal | None:
    """None where nothing is typed. An amount that could be read in two ways is read as the language writes it."""
    said = raw.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("'", "")
    if not said:
        return None
    problem = Mistyped(tongue.gettext("Write an amount in digits, such as 5000 or 5000.50."))
    if len(said) > LONGEST or not said.isascii():
        raise problem
    try:
        found = parse_decimal(said, locale=tongue.name, strict=True)
    except NumberFormatError:
        if not PLAIN.fullmatch(said):
            raise problem from None
        found = Decimal(said)
    except InvalidOperation:
        raise problem from None
    if not found.is_finite() or not 0 <= found < LARGEST:
        raise problem
    return found


def written(value: Decimal | None, tongue: Tongue) -> str:
    """As it stands in a field: without a currency, in the language's own way."""
    if value is None:
        return ""
    whole = value == value.to_integral_value()
    return tongue.number(value.quantize(Decimal(1)) if whole else value)
