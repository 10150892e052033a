"""Put a chain together: the rules that apply, the people they ask, and somebody whose authority is enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

from portal.domain import money
from portal.domain.approvals import Chain, ChainStep, Fact, Limit, Reason, Seat, Timing
from portal.domain.asking import Crowd, asking, authority
from portal.domain.merging import Asking, merge
from portal.domain.policies import Facts, Rule, applies, avoiding
from portal.domain.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one account. Those of its parents apply beside them."""

    account: str
    rules: tuple[Rule, ...]
    self_approval: bool = False
    expires_after_hours: int | None = None
    remind_after_hours: int | None = None
    escalate_after_hours: int | None = None
    working: WorkingTime = field(default_factory=WorkingTime)
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Applying:
    """A rule that applies, and why."""

    policy: Policy
    rule: Rule
    because: tuple[Fact, ...]


def applying(policies: Sequence[Policy], facts: Facts) -> list[Applying]:
    """All rules that apply, of all policies: the order's own account first."""
    return [
        Applying(policy, rule, because)
        for policy in policies
        for rule in policy.rules
        if (because := applies(rule, facts)) is not None
    ]


def exceeded(limits: Sequence[Limit], facts: Facts) -> tuple[Fact, ...]:
    """The requester's own limits that the order is beyond, as facts."""
    return tuple(_exceeded(limits, facts))


def _exceeded(limits: Sequence[Limit], facts: Facts) -> Iterator[Fact]:
    for limit in limits:
        if limit.covers(facts.total, facts.currency):
            continue
        fact = {
            "fact": "limit_per_order" if limit.period is None else "limit_per_period",
            "total": money.text(facts.total, facts.currency),
            "amount": money.text(limit.amount, limit.currency),
            "currency": limit.currency,
        }
        if limit.period is not None:
            fact |= {"period": limit.period, "before": money.text(limit.used, limit.currency)}
        yield fact


def may_approve_own(policies: Sequence[Policy]) -> bool:
    """All policies that apply must allow it."""
    return bool(policies) and all(policy.self_approval for policy in policies)


def timing(policies: Sequence[Policy]) -> Timing:
    """The shortest of what the policies say, in the working time of the nearest."""
    return Timing(
        policies[0].working if policies else WorkingTime(),
        *(
            min((hours for policy in policies if (hours := getattr(policy, name)) is not None), default=None)
            for name in ("expires_after_hours", "remind_after_hours", "escalate_after_hours")
        ),
    )


def build(
    policies: Sequence[Policy],
    found: Sequence[Applying],
    beyond: tuple[Fact, ...],
    facts: Facts,
    crowd: Crowd,
) -> Chain:
    """The chain of an order to which these rules apply, or whose requester is `beyond` their limits."""
    levels = _levels(found, crowd)
    steps = merge(levels)
    if not _certainly_covers(steps, facts):
        seated = [seat for step in steps for seat in step.seats]
        steps = merge([*levels, [authority(facts.total, facts.currency, crowd, seated)]])
    reasons = [Reason(one.rule.name, one.policy.account, one.because) for one in found]
    if beyond:
        reasons.append(Reason("authority", crowd.accounts[0], beyond))
    avoid = [fact for one in found for fact in avoiding(one.rule, one.because)]
    avoid += [_below(fact) for fact in beyond]
    return Chain(steps, tuple(reasons), tuple(avoid), timing(policies))


def _levels(found: Sequence[Applying], crowd: Crowd) -> list[list[Asking]]:
    asked = [[asking(one.rule.name, step, crowd) for step in one.rule.steps] for one in found]
    return [[one for one in level if one is not None] for level in zip_longest(*asked)]


def _certainly_covers(steps: Sequence[ChainStep], facts: Facts) -> bool:
    """Whether, whoever approves, somebody among them has the authority for the amount."""

    def lacks(seat: Seat) -> bool:
        return not seat.covers(facts.total, facts.currency)

    return any(step.rule_need - len(step.also) > sum(map(lacks, step.seats)) for step in steps)


def _below(fact: Fact) -> Fact:
    left = Decimal(fact["amount"]) - Decimal(fact.get("before", 0))
    amount = money.text(max(left, Decimal(0)), fact["currency"])
    return {"rule": "authority", "fact": "below", "amount": amount, "currency": fact["currency"]}
