"""What one invoice or credit note comes to, so that all documents of an order add up to it, whatever the split.

A document bills the difference between what its order comes to with it and what was billed before. Both are sums over
all earlier documents, never recomputed states: a credit note that takes an invoice back whole equals it to the cent,
and what that leaves over is taken up by the next invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.domain import money
from portal.domain.money import Priced, Share
from portal.domain.quantities import ZERO

Shares = Mapping[str, Share]
NOTHING = Share()


@dataclass(frozen=True, slots=True)
class Agreed:
    """An order's money as it was agreed. `carried` is the freight of each shipment by tax category, where each
    shipment's own is billed."""

    currency: str
    discount: Decimal
    freight: Decimal
    policy: str
    lines: Sequence[Priced]
    carried: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)

    def target(self, quantities: Sequence[Decimal], shipments: frozenset[int]) -> dict[str, Share]:
        """What so much of each line comes to by tax category, where these shipments are billed at least in part."""
        shares = money.target(self.lines, quantities, self.discount, self.freight, self.currency, self.policy)
        for shipment in shipments & self.carried.keys():
            for category, freight in self.carried[shipment].items():
                was = shares[category]
                shares[category] = Share(was.discount, was.freight + freight, was.base + freight)
        return shares

    def gross(self, shares: Shares) -> Decimal:
        return money.gross(shares, self.lines, self.currency)

    def net(self, line: int, quantity: Decimal) -> Decimal:
        """A quantity of the line, at its price."""
        return money.rounded(self.lines[line].unit_price * quantity, self.currency)

    def rate(self, category: str) -> Decimal:
        return next(line.rate for line in self.lines if line.category == category)


@dataclass(frozen=True, slots=True)
class Sums:
    """What documents come to together: by tax category, and gross."""

    shares: Shares
    gross: Decimal

    def of(self, category: str) -> Share:
        return self.shares.get(category, NOTHING)

    def plus(self, other: "Sums") -> "Sums":
        categories = {*self.shares, *other.shares}
        shares = {category: _sum(self.of(category), other.of(category)) for category in categories}
        return Sums(shares, self.gross + other.gross)

    def minus(self, other: "Sums") -> "Sums":
        """`other` taken off."""
        gone = {
            category: Share(-share.discount, -share.freight, -share.base)
            for category, share in other.shares.items()
        }
        return self.plus(Sums(gone, -other.gross))


@dataclass(frozen=True, slots=True)
class Item:
    """A quantity of a line (by its place in the order), at its net amount."""

    line: int
    quantity: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What falls in one tax category: base = lines_net - allowance + charge. What is left over when discount and
    freight are rounded is in the allowance or the charge."""

    category: str
    rate: Decimal
    lines_net: Decimal
    discount: Decimal
    freight: Decimal
    base: Decimal
    amount: Decimal

    @property
    def rest(self) -> Decimal:
        """What discount and freight, each rounded on its own, leave over."""
        return self.base - self.lines_net + self.discount - self.freight

    @property
    def allowance(self) -> Decimal:
        return self.discount + max(-self.rest, ZERO)

    @property
    def charge(self) -> Decimal:
        return self.freight + max(self.rest, ZERO)


@dataclass(frozen=True, slots=True)
class Bill:
    """The amounts of a document, all of them positive. total = net + tax + rounding."""

    items: Sequence[Item]
    parts: Sequence[TaxPart]
    total: Decimal

    @property
    def lines_net(self) -> Decimal:
        return sum((part.lines_net for part in self.parts), ZERO)

    @property
    def allowances(self) -> Decimal:
        return sum((part.allowance for part in self.parts), ZERO)

    @property
    def charges(self) -> Decimal:
        return sum((part.charge for part in self.parts), ZERO)

    @property
    def net(self) -> Decimal:
        return sum((part.base for part in self.parts), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def rounding(self) -> Decimal:
        return self.total - self.net - self.tax


def bill(
    agreed: Agreed,
    billed: Sums,
    quantities: Sequence[Decimal],
    shipments: frozenset[int],
    items: Sequence[Item],
) -> Bill:
    """The invoice over these items, with which so much of each line stands billed."""
    target = agreed.target(quantities, shipments)
    more = {
        category: _between(_difference(share, billed.of(category)), None)
        for category, share in target.items()
    }
    total = max(agreed.gross(target) - billed.gross, ZERO)
    drawn = _drawn_up(agreed, items, more, total)
    return drawn if _is_rounding(agreed, drawn) else _by_its_rates(drawn)


def credit(
    agreed: Agreed,
    billed: Sums,
    quantities: Sequence[Decimal],
    shipments: frozenset[int],
    items: Sequence[Item],
    left: Sums,
) -> Bill:
    """The credit note over these items, with which so much of each line stays billed. It is never more than what is
    `left` of the invoice that it corrects."""
    target = agreed.target(quantities, shipments)
    less = {
        category: _between(_difference(billed.of(category), share), left.of(category))
        for category, share in target.items()
    }
    gross = min(max(billed.gross - agreed.gross(target), ZERO), left.gross)
    drawn = _drawn_up(agreed, items, less, gross)
    if _is_rounding(agreed, drawn):
        return drawn
    drawn = _by_its_rates(drawn)
    return drawn if drawn.total <= left.gross else _shared_out(agreed, items, left, left.gross)


def credit_the_rest(agreed: Agreed, items: Sequence[Item], left: Sums) -> Bill:
    """The credit note that takes all that is left of an invoice: exactly that."""
    # An amount that was credited before may have been rounded to a unit more than there was.
    there = {category: _between(share, None) for category, share in left.shares.items()}
    drawn = _drawn_up(agreed, items, there, left.gross)
    return drawn if _is_rounding(agreed, drawn) else _shared_out(agreed, items, left, left.gross)


def credit_amount(agreed: Agreed, amount: Decimal, left: Sums) -> Bill:
    """A credit note of an amount, gross of tax, that no goods stand for: over the invoice's rates, by what is left."""
    bases = _bases_of(agreed, amount, left)
    shares = {category: Share(base=base) for category, base in bases.items()}
    return Bill((), _taxed(agreed, shares, bases), amount)


def _bases_of(agreed: Agreed, gross: Decimal, left: Sums) -> dict[str, Decimal]:
    """An amount gross of tax, over the rates of what is left of an invoice, net of tax."""
    weights = {
        category: share.base * (100 + agreed.rate(category)) for category, share in left.shares.items()
    }
    some = {category: weight for category, weight in weights.items() if weight > 0} or weights
    return {
        category: money.rounded(part * 100 / (100 + agreed.rate(category)), agreed.currency)
        for category, part in money.spread(gross, some, agreed.currency).items()
    }


def _is_rounding(agreed: Agreed, drawn: Bill) -> bool:
    """Each rate may leave a unit; what is more is no rounding, but tax on another amount than was billed."""
    return abs(drawn.rounding).scaleb(money.digits(agreed.currency)) <= len(drawn.parts)


def _by_its_rates(drawn: Bill) -> Bill:
    """After an amount was credited, goods may be worth more than is left of their invoice: then the document comes to
    what its own rates do."""
    return Bill(drawn.items, drawn.parts, drawn.net + drawn.tax)


def _shared_out(agreed: Agreed, items: Sequence[Item], left: Sums, total: Decimal) -> Bill:
    """What is left of an invoice after amounts were credited, over its rates; the lines' own amounts are adjusted."""
    nets: dict[str, Decimal] = {}
    for item in items:
        category = agreed.lines[item.line].category
        nets[category] = nets.get(category, ZERO) + item.net
    bases = dict.fromkeys(nets, ZERO) | _bases_of(agreed, total, left)
    return Bill(items, _taxed(agreed, {key: Share(base=base) for key, base in bases.items()}, nets), total)


def _sum(one: Share, other: Share) -> Share:
    return Share(one.discount + other.discount, one.freight + other.freight, one.base + other.base)


def _difference(one: Share, other: Share) -> Share:
    return Share(one.discount - other.discount, one.freight - other.freight, one.base - other.base)


def _between(share: Share, most: Share | None) -> Share:
    """Not below nothing, and not above `most`: what earlier credits in full have left over is not billed as less than
    nothing."""

    def held(amount: Decimal, limit: Decimal | None) -> Decimal:
        return max(amount if limit is None else min(amount, limit), ZERO)

    if most is None:
        return Share(held(share.discount, None), held(share.freight, None), held(share.base, None))
    return Share(
        held(share.discount, most.discount), held(share.freight, most.freight), held(share.base, most.base)
    )


def _drawn_up(agreed: Agreed, items: Sequence[Item], shares: Shares, total: Decimal) -> Bill:
    nets: dict[str, Decimal] = {}
    for item in items:
        category = agreed.lines[item.line].category
        nets[category] = nets.get(category, ZERO) + item.net
    # Freight may fall on categories of which there are no goods here; a cent that is left over there may not.
    touched = {
        category: share
        for category, share in shares.items()
        if category in nets or (agreed.policy != "pro_rata" and share.freight)
    }
    return Bill(items, _taxed(agreed, touched, nets), total)


def _taxed(agreed: Agreed, shares: Shares, nets: Mapping[str, Decimal]) -> list[TaxPart]:
    """Tax is rounded once per rate; where categories share one, each has its part."""
    by_rate: dict[Decimal, dict[str, Decimal]] = {}
    for category, share in shares.items():
        by_rate.setdefault(agreed.rate(category), {})[category] = share.base
    parts = []
    for rate, bases in by_rate.items():
        tax = money.rounded(sum(bases.values(), ZERO) * rate / 100, agreed.currency)
        amounts = money.spread(tax, bases, agreed.currency)
        for category, base in bases.items():
            share = shares[category]
            parts.append(
                TaxPart(
                    category,
                    rate,
                    nets.get(category, ZERO),
                    share.discount,
                    share.freight,
                    base,
                    amounts[category],
                )
            )
    return sorted(parts, key=lambda part: (-part.rate, part.category))
