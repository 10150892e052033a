"""Figures in columns: without the sign of the currency, which stands in the head, and with a minus that is one."""

import unicodedata
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from portal.domain.money import digits
from portal.filters import Tongue

RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
DASH = "–"


@lru_cache(maxsize=8192)
def figure(amount: Decimal, currency: str, tongue: Tongue) -> str:
    """An amount with all of the currency's digits: 1,234.50."""
    decimals = "0" * digits(currency)
    return _minus(format_decimal(amount, format=f"#,##0.{decimals}".rstrip("."), locale=tongue.name))


@lru_cache(maxsize=8192)
def price_figure(price: Decimal, currency: str, tongue: Tongue) -> str:
    """A unit price: the currency's digits at least, all of its own."""
    decimals = "0" * digits(currency)
    return format_decimal(price, format=f"#,##0.{decimals:#<6}", locale=tongue.name)


def money(amount: Decimal, currency: str, tongue: Tongue) -> str:
    """With the currency's sign: £1,234.50, −£6.17."""
    return _minus(tongue.money(amount, currency))


def count(quantity: Decimal, tongue: Tongue) -> str:
    """A quantity in a column; nothing is a dash, so that what there is stands out."""
    return tongue.number(quantity) if quantity else DASH


@lru_cache(maxsize=256)
def percent(rate: Decimal, tongue: Tongue) -> str:
    """A rate of so many hundredths: 20%, 7,5 %."""
    pattern = tongue.locale.percent_formats[None].pattern.replace("#,##0", "#,##0.####")
    return format_percent(rate / 100, format=pattern, locale=tongue.name)


def isolated(text: str) -> Markup:
    """Codes and names from elsewhere, which must not turn the order of what stands beside them."""
    if any(unicodedata.bidirectional(c) in RIGHT_TO_LEFT for c in text):
        return Markup("<bdi>{}</bdi>").format(text)
    return escape(text)


def _minus(written: str) -> str:
    return written.replace("-", "−")
