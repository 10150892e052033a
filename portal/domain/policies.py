"""Policies: what rules look at, and whether they apply. A rule applies when all of its conditions hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.approvals import Fact
from portal.domain.periods import period_of
from portal.domain.quantities import text

ROLES = ("approver", "finance", "account_admin")


@dataclass(frozen=True, slots=True)
class Above:
    """More than this; `period` is None for the order alone.

    An order in another currency counts as more: nobody has said what it is worth, and what is not known must not pass.
    """

    amount: Decimal
    currency: str
    period: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule. Words of one condition are alternatives; a rule without conditions always applies."""

    total_above: Above | None = None
    period_total_above: Above | None = None
    category: tuple[str, ...] = ()
    cost_centre: tuple[str, ...] = ()
    ship_to: tuple[str, ...] = ()
    # In percent of the agreed price, or of the list's where nothing is agreed.
    price_deviation_above: Decimal | None = None
    first_order_of_product: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Who is asked: people by e-mail, or everybody with a role; and how many of them must agree."""

    approvers: tuple[str, ...] = ()
    role: str | None = None
    need: str | int = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its steps are asked in sequence."""

    name: str
    steps: tuple[Step, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line as rules look at it. `reference` is what it should cost; None where nothing says so."""

    line: int
    sku: str
    unit_price: Decimal
    category: str | None = None
    reference: Decimal | None = None
    is_first: bool = False
    # Named by somebody, not taken from the agreement or the list: only then can it deviate.
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """An order as rules look at it. `submitted` is what the account ordered before it in each period."""

    total: Decimal
    currency: str
    today: date
    ship_to: str | None = None
    cost_centre: str | None = None
    lines: Sequence[OrderedLine] = ()
    categories: frozenset[str] = frozenset()
    submitted: Mapping[str, Decimal] = field(default_factory=dict)


def applies(rule: Rule, facts: Facts) -> tuple[Fact, ...] | None:
    """The facts, with their numbers, that make the rule apply; None when any of its conditions does not hold."""
    found = list(_looked_at(rule.when, facts))
    if any(fact is None for fact in found):
        return None
    return tuple(fact for fact in found if fact is not None) or ({"fact": "always"},)


def _looked_at(when: When, facts: Facts) -> Iterator[Fact | None]:
    if when.total_above is not None:
        yield _total(when.total_above, facts)
    if when.period_total_above is not None:
        yield _period(when.period_total_above, facts)
    if when.category:
        yield _category(when.category, facts)
    if when.cost_centre:
        yield _word("cost_centre", when.cost_centre, facts.cost_centre)
    if when.ship_to:
        yield _word("ship_to", when.ship_to, facts.ship_to)
    if when.price_deviation_above is not None:
        yield _deviation(when.price_deviation_above, facts)
    if when.first_order_of_product:
        yield _first(facts)


def _total(above: Above, facts: Facts) -> Fact | None:
    if facts.currency != above.currency:
        return _other_currency(above, facts)
    if facts.total <= above.amount:
        return None
    return {
        "fact": "total_above",
        "total": money.text(facts.total, facts.currency),
        "amount": money.text(above.amount, above.currency),
        "currency": above.currency,
    }


def _period(above: Above, facts: Facts) -> Fact | None:
    assert above.period is not None
    if facts.currency != above.currency:
        return _other_currency(above, facts)
    before = facts.submitted.get(above.period, Decimal(0))
    if before + facts.total <= above.amount:
        return None
    first, last = period_of(above.period, facts.today)
    return {
        "fact": "period_total_above",
        "total": money.text(before + facts.total, facts.currency),
        "before": money.text(before, facts.currency),
        "amount": money.text(above.amount, above.currency),
        "currency": above.currency,
        "period": above.period,
        "from": first.isoformat(),
        "to": last.isoformat(),
    }


def _other_currency(above: Above, facts: Facts) -> Fact:
    return {
        "fact": "other_currency",
        "ordered_in": facts.currency,
        "amount": money.text(above.amount, above.currency),
        "currency": above.currency,
    }


def _category(words: Sequence[str], facts: Facts) -> Fact | None:
    lines = [line.line for line in facts.lines if line.category in words]
    named = {line.category for line in facts.lines} | facts.categories
    found = [word for word in words if word in named]
    return {"fact": "category", "categories": found, "lines": lines} if found else None


def _word(name: str, words: Sequence[str], said: str | None) -> Fact | None:
    return {"fact": name, name: said} if said in words else None


def _deviation(above: Decimal, facts: Facts) -> Fact | None:
    """A named price where nothing says what it should be deviates, too: nobody could tell by how much."""
    lines = []
    for line in facts.lines:
        if not line.is_named:
            continue
        percent = deviation(line)
        if percent is None or percent > above:
            lines.append(
                {
                    "line": line.line,
                    "sku": line.sku,
                    "price": money.price(line.unit_price, facts.currency),
                    "agreed": money.price(line.reference, facts.currency)
                    if line.reference is not None
                    else None,
                    "percent": text(round(percent, 2)) if percent is not None else None,
                }
            )
    return {"fact": "price_deviation_above", "percent": text(above), "lines": lines} if lines else None


def deviation(line: OrderedLine) -> Decimal | None:
    """By how many percent the line costs more than agreed; what costs less does not deviate. None: nobody can tell."""
    if line.reference is None or (not line.reference and line.unit_price):
        return None
    if line.unit_price <= line.reference:
        return Decimal(0)
    return (line.unit_price - line.reference) * 100 / line.reference


def _first(facts: Facts) -> Fact | None:
    lines = [{"line": line.line, "sku": line.sku} for line in facts.lines if line.is_first]
    return {"fact": "first_order_of_product", "lines": lines} if lines else None


AVOIDED = {
    "category": "without_category",
    "cost_centre": "other_cost_centre",
    "ship_to": "other_ship_to",
    "first_order_of_product": "without_first_order",
}


def avoiding(rule: Rule, because: Sequence[Fact]) -> Iterator[Fact]:
    """What would make a rule that applies not apply: each fact by itself is enough for this rule."""
    for fact in because:
        said: dict[str, Any] = {"rule": rule.name}
        match fact["fact"]:
            case "total_above":
                yield said | {"fact": "below", "amount": fact["amount"], "currency": fact["currency"]}
            case "period_total_above":
                left = max(Decimal(fact["amount"]) - Decimal(fact["before"]), Decimal(0))
                amount = money.text(left, fact["currency"])
                yield said | {
                    "fact": "below",
                    "amount": amount,
                    "currency": fact["currency"],
                    "to": fact["to"],
                }
            case "price_deviation_above":
                yield said | {"fact": "price_within", "percent": fact["percent"], "lines": fact["lines"]}
            case name if name in AVOIDED:
                yield said | {**fact, "fact": AVOIDED[name]}
