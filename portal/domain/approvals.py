"""The chain of an order: who must agree before it is placed, in which sequence, and why.

A chain is made of what each rule that applies asks for (`Asking`), merged by `portal.domain.merging` so that nobody is
asked twice, and completed by somebody whose authority covers the amount.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.working_time import WorkingTime

Fact = Mapping[str, Any]

PENDING = ("pending", "asked")
# Why somebody sits in a step.
WHY = ("named", "role", "authority", "escalated")


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody decides for somebody else, up to and including a day, and perhaps up to an amount."""

    person_id: int
    email: str
    name: str
    until: date
    cap: Decimal | None = None
    cap_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to how much somebody decides; `period` is None for a limit per order. `used` counts within the period."""

    amount: Decimal
    currency: str
    period: str | None = None
    used: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        return self.amount - self.used

    def covers(self, total: Decimal, currency: str) -> bool:
        """An amount in another currency is never covered: nobody has said what it is worth."""
        return currency == self.currency and total <= self.left

    def told(self) -> dict[str, Any]:
        """As JSON."""
        said: dict[str, Any] = {"amount": money.text(self.amount, self.currency), "currency": self.currency}
        if self.period is not None:
            said |= {"period": self.period, "used": money.text(self.used, self.currency)}
        return said


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who is asked in a step. `account` is where their authority comes from; no limits mean all of it."""

    person_id: int
    email: str
    name: str
    account: str
    why: str
    limits: tuple[Limit, ...] = ()
    away: Away | None = None

    def covers(self, total: Decimal, currency: str) -> bool:
        """Whether the person's authority covers the amount."""
        return all(limit.covers(total, currency) for limit in self.limits)

    @property
    def limit(self) -> Limit | None:
        """Of an order, or else of a period: what a page says of the person's authority."""
        return next(iter(sorted(self.limits, key=lambda limit: limit.period is not None)), None)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """So many of the seats must approve. `also` are people of earlier steps whose approval counts here as well, of
    whom `need` takes off only those who are certain to have approved by then; `rule_need` is what the rule asks."""

    position: int
    need: int
    said: str
    rules: tuple[str, ...]
    seats: tuple[Seat, ...]
    rule_need: int
    also: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that applies, whose policy it is of, and the facts with their numbers that made it apply."""

    rule: str
    account: str
    because: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Working hours after which a request reminds, goes further up, and ends; None never does."""

    working: WorkingTime
    expires_after_hours: int | None = None
    remind_after_hours: int | None = None
    escalate_after_hours: int | None = None

    def after(self, start: datetime, hours: int | None) -> datetime | None:
        """The moment when so many working hours have passed."""
        return self.working.after(start, hours) if hours is not None else None


@dataclass(frozen=True, slots=True)
class Chain:
    """Everybody who must agree. `avoid` says, rule by rule, what would make it not apply."""

    steps: tuple[ChainStep, ...]
    reasons: tuple[Reason, ...]
    avoid: tuple[Fact, ...]
    timing: Timing

    @property
    def seats(self) -> Iterator[Seat]:
        return (seat for step in self.steps for seat in step.seats)

    def told(self) -> dict[str, Any]:
        """As JSON: the chain of a quote."""
        return {
            "reasons": reasons_told(self.reasons),
            "avoid": [dict(fact) for fact in self.avoid],
            "steps": [
                {
                    "position": step.position,
                    "need": step.need,
                    "rules": list(step.rules),
                    "approvers": [_told(seat) for seat in step.seats],
                }
                for step in self.steps
            ],
            "expires_after_hours": self.timing.expires_after_hours,
        }


def reasons_told(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """As JSON, and as a request keeps them."""
    return [
        {"rule": reason.rule, "account": reason.account, "because": [dict(fact) for fact in reason.because]}
        for reason in reasons
    ]


def _told(seat: Seat) -> dict[str, Any]:
    away = seat.away
    return {
        "email": seat.email,
        "name": seat.name,
        "account": seat.account,
        "why": seat.why,
        "limits": [limit.told() for limit in seat.limits],
        "away": {"email": away.email, "name": away.name, "until": away.until.isoformat()} if away else None,
    }
