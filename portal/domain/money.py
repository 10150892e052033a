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
    """The order's figures; tax is rounded once per rate."""
    goods = sum((net(line, currency) for line in lines), ZERO)
    whole = target(lines, [line.quantity for line in lines], discount, freight, currency)
    tax = taxed(whole, lines, currency)
    return Totals(goods, discount, freight, tax, goods - discount + freight + tax)


def net(line: Priced, currency: str) -> Decimal:
    """The line's own amount, rounded once."""
    return rounded(line.unit_price * line.quantity, currency)


@dataclass(frozen=True, slots=True)
class Share:
    """What a part of an order comes to in one tax category: the discount and the freight that fall on it, and its base,
    each rounded on its own."""

    discount: Decimal = ZERO
    freight: Decimal = ZERO
    base: Decimal = ZERO


def worth(
    lines: Sequence[Priced],
    parts: Sequence[Decimal],
    discount: Decimal,
    freight: Decimal,
    currency: str,
    policy: str = "pro_rata",
) -> Decimal:
    """The gross value of `parts` (a quantity per line, in the same order): G(q) of the proration.

    Two parts that follow each other are worth the difference of their cumulative values, so nothing is lost.
    """
    return gross(target(lines, parts, discount, freight, currency, policy), lines, currency)


def target(
    lines: Sequence[Priced],
    parts: Sequence[Decimal],
    discount: Decimal,
    freight: Decimal,
    currency: str,
    policy: str = "pro_rata",
) -> dict[str, Share]:
    """What `parts` come to by tax category: T(q) of the proration, of which invoices bill the differences.

    `policy` says how the order's freight falls on its parts: in proportion (`pro_rata`), whole with the first goods
    (`first`), or not at all, because each shipment has its own (`actual`).
    """
    groups = _groups(lines, parts)
    nets = {
        category: sum((net(line, currency) for line, _ in mine), ZERO)
        for (pool, category), mine in groups.items()
        if not pool
    }
    less = spread(discount, nets, currency) if nets else {}
    more = spread(freight, nets, currency) if nets and policy != "actual" else {}
    has_begun = any(part for line, part in zip(lines, parts, strict=True) if not line.pool)
    shares: dict[str, Share] = {}
    for (pool, category), mine in groups.items():
        part = _share(mine)
        if pool:
            off = on = ZERO
            goods = sum((net(line, currency) for line, _ in mine), ZERO)
        else:
            off, on, goods = less[category], more.get(category, ZERO), nets[category]
        if policy == "first":
            freight_now = on if has_begun else ZERO
            base = rounded(Fraction(goods - off) * part, currency) + freight_now
        else:
            freight_now = rounded(Fraction(on) * part, currency)
            base = rounded(Fraction(goods - off + on) * part, currency)
        discount_now = rounded(Fraction(off) * part, currency)
        before = shares.get(category, Share())
        shares[category] = Share(
            before.discount + discount_now, before.freight + freight_now, before.base + base
        )
    return shares


def gross(shares: Mapping[str, Share], lines: Sequence[Priced], currency: str) -> Decimal:
    """The bases with the tax on them."""
    return sum((share.base for share in shares.values()), ZERO) + taxed(shares, lines, currency)


def taxed(shares: Mapping[str, Share], lines: Sequence[Priced], currency: str) -> Decimal:
    """The tax on the bases, rounded once per rate."""
    rates = {line.category: line.rate for line in lines}
    bases: dict[Decimal, Decimal] = {}
    for category, share in shares.items():
        bases[rates[category]] = bases.get(rates[category], ZERO) + share.base
    return sum((rounded(base * rate / 100, currency) for rate, base in bases.items()), ZERO)


Group = list[tuple[Priced, Decimal]]


def _groups(lines: Sequence[Priced], parts: Sequence[Decimal]) -> dict[tuple[int, str], Group]:
    """The lines with their parts, by pool and tax category."""
    groups: dict[tuple[int, str], Group] = {}
    for line, part in zip(lines, parts, strict=True):
        groups.setdefault((line.pool, line.category), []).append((line, part))
    return groups


def _share(mine: Group) -> Fraction:
    """How much of the lines' value the parts are, exactly."""
    whole = share = ZERO
    for line, part in mine:
        whole = EXACT.fma(line.unit_price, line.quantity, whole)
        share = EXACT.fma(line.unit_price, part, share)
    if not whole:
        # Goods without a price still carry their share of the freight: by quantity then.
        for line, part in mine:
            whole, share = EXACT.add(whole, line.quantity), EXACT.add(share, part)
    return Fraction(share) / Fraction(whole)


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
