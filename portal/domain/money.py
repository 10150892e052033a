"""Exact money: one rounding where a line becomes an amount, half up, in the currency's own digits.

An order's discount and freight are spread over its tax categories once, by largest remainder. What any part of an
order is worth follows by cumulative proration, so that parts always add up to the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from fractions import Fraction
from functools import cache

# ISO 4217: currencies whose minor unit is not a hundredth.
NO_DIGITS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF"}
)
THREE_DIGITS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
ZERO = Decimal(0)
# Sums of products without any rounding; fractions would do the same, ten times as slowly.
EXACT = Context(prec=400, traps=[Inexact])


def digits(currency: str) -> int:
    """How many decimals amounts of the currency have."""
    if currency in NO_DIGITS:
        return 0
    return 3 if currency in THREE_DIGITS else 2


@cache
def _step(currency: str) -> Decimal:
    """The smallest amount."""
    return Decimal(1).scaleb(-digits(currency))


def rounded(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Half up, to the currency's digits."""
    step = _step(currency)
    if isinstance(amount, Fraction):
        units = amount * 10 ** digits(currency)
        whole = (abs(units.numerator) * 2 + units.denominator) // (units.denominator * 2)
        return (Decimal(whole if units >= 0 else -whole) * step).quantize(step)
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def text(amount: Decimal, currency: str) -> str:
    """As the API writes it: always with all of the currency's digits."""
    return format(rounded(amount, currency), "f")


def price(amount: Decimal, currency: str) -> str:
    """A unit price as the API writes it: the currency's digits at least, all of its own at most."""
    exponent = amount.normalize().as_tuple().exponent
    own = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{amount:.{max(own, digits(currency))}f}"


@dataclass(frozen=True, slots=True)
class Priced:
    """A line as far as money is concerned. `rate` is a percentage.

    Lines of pool 0 share the order's discount and freight. What was added to a placed order is a pool of its own, so
    that it changes nothing of what was billed before.
    """

    quantity: Decimal
    unit_price: Decimal
    category: str
    rate: Decimal
    pool: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order is worth: total = goods - discount + freight + tax."""

    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal


def totals(lines: Sequence[Priced], discount: Decimal, freight: Decimal, currency: str) -> Totals:
    """The order's figures; tax is rounded once per category."""
    goods = sum((net(line, currency) for line in lines), ZERO)
    bases = _bases(lines, discount, freight, currency)
    rates = _rates(lines)
    tax = sum((rounded(base * rates[category] / 100, currency) for category, base in bases.items()), ZERO)
    return Totals(goods, discount, freight, tax, goods - discount + freight + tax)


def net(line: Priced, currency: str) -> Decimal:
    """The line's own amount, rounded once."""
    return rounded(line.unit_price * line.quantity, currency)


def worth(
    lines: Sequence[Priced], parts: Sequence[Decimal], discount: Decimal, freight: Decimal, currency: str
) -> Decimal:
    """The gross value of `parts` (a quantity per line, in the same order): G(q) of the proration.

    Two parts that follow each other are worth the difference of their cumulative values, so nothing is lost.
    """
    bases = _bases(lines, discount, freight, currency)
    rates = _rates(lines)
    gross = ZERO
    for category, base in bases.items():
        base = rounded(Fraction(base) * _share(lines, parts, category), currency)
        gross += base + rounded(base * rates[category] / 100, currency)
    return gross


def _share(lines: Sequence[Priced], parts: Sequence[Decimal], category: str) -> Fraction:
    mine = [(line, part) for line, part in zip(lines, parts, strict=True) if line.category == category]
    whole = share = ZERO
    for line, part in mine:
        whole = EXACT.fma(line.unit_price, line.quantity, whole)
        share = EXACT.fma(line.unit_price, part, share)
    if not whole:
        # Goods without a price still carry their share of the freight: by quantity then.
        for line, part in mine:
            whole, share = EXACT.add(whole, line.quantity), EXACT.add(share, part)
    return Fraction(share) / Fraction(whole)


def _rates(lines: Sequence[Priced]) -> dict[str, Decimal]:
    return {line.category: line.rate for line in lines}


def _bases(lines: Sequence[Priced], discount: Decimal, freight: Decimal, currency: str) -> dict[str, Decimal]:
    nets: dict[str, Decimal] = {}
    for line in lines:
        nets[line.category] = nets.get(line.category, ZERO) + net(line, currency)
    less, more = spread(discount, nets, currency), spread(freight, nets, currency)
    return {category: nets[category] - less[category] + more[category] for category in nets}


def spread(amount: Decimal, weights: Mapping[str, Decimal], currency: str) -> dict[str, Decimal]:
    """Split an amount by weight into rounded shares that add up to it exactly: the largest remainder takes the rest."""
    step = _step(currency)
    units = int(amount / step)
    whole = sum(weights.values(), ZERO)
    share = {
        key: Fraction(weight) / Fraction(whole) if whole else Fraction(1, len(weights))
        for key, weight in weights.items()
    }
    given = {key: int(units * part) for key, part in share.items()}
    rest = sorted(share, key=lambda key: (given[key] - units * share[key], key))
    for key in rest[: units - sum(given.values())]:
        given[key] += 1
    return {key: given[key] * step for key in weights}
