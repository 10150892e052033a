"""A request for approval as it is read: by the API, the pages, the mails."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who decides for somebody who is away, and until when."""

    person_id: int
    email: str
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class SeatRead:
    """Somebody who is asked. `decided_by` is somebody else when they had delegated."""

    id: int
    position: int
    person_id: int
    email: str
    name: str
    account: str
    why: str
    state: str
    decided_by: str | None
    decided_by_email: str | None
    decided_at: datetime | None
    comment: str | None
    # Approved only up to {"total": "80000.00", "until": "2026-12-01"}.
    condition: dict[str, Any] | None
    deputies: tuple[Deputy, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRead:
    """A step. `state` is waiting, open or passed."""

    position: int
    need: int
    rule_need: int
    # People of earlier steps whose approval counts here as well.
    also: list[int]
    said: str
    rules: list[str]
    state: str
    opened_at: datetime | None
    seats: list[SeatRead]

    @property
    def given(self) -> int:
        """How many have approved."""
        return sum(seat.state == "approved" for seat in self.seats)


@dataclass(frozen=True, slots=True)
class DecisionRead:
    """What was said or done. `name` is None where the clock did it."""

    what: str
    person_id: int | None
    name: str | None
    email: str | None
    for_name: str | None
    comment: str | None
    lines: list[int] | None
    condition: dict[str, Any] | None
    through: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A request, whole."""

    id: int
    number: str
    order: str
    order_id: int
    account: str
    kind: str
    state: str
    version: int
    requester_id: int | None
    requester: str
    requester_email: str | None
    total: Decimal
    currency: str
    # As `approvals.reasons_told` writes them: rule, account, and the facts with their numbers (`because`).
    reasons: list[dict[str, Any]]
    wanted: dict[str, Any] | None
    note: str | None
    step: int
    asked_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    steps: list[StepRead]
    decisions: list[DecisionRead]
    # Seats (their ids) that whoever asks can decide on now: their own, and those of people they stand in for.
    mine: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in ("pending", "asked")

    @property
    def current(self) -> StepRead | None:
        """The step that is asked now."""
        return next((step for step in self.steps if step.position == self.step), None)

    @property
    def seats(self) -> Iterator[SeatRead]:
        return (seat for step in self.steps for seat in step.seats)

    @property
    def question(self) -> DecisionRead | None:
        """The question that waits for an answer."""
        if self.state != "asked":
            return None
        return next((said for said in reversed(self.decisions) if said.what == "ask"), None)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A request as a list shows it. `mine` is whether whoever asks can decide on it now."""

    id: int
    number: str
    order: str
    account: str
    account_name: str
    purchase_order_number: str | None
    kind: str
    state: str
    version: int
    requester_id: int | None
    requester: str
    requester_email: str | None
    total: Decimal
    currency: str
    reasons: list[dict[str, Any]]
    lines: int
    step: int
    steps: int
    asked_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    mine: bool
    # Whether they decided on it before, and whether it is their own request.
    decided: bool
    requested: bool
    waiting_for: list[str]


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of requests; `following` is the key of the next page."""

    rows: list[InboxRow]
    following: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests wait for the person, for others, and for the person's answer; and their own that are open."""

    mine: int = 0
    others: int = 0
    asked: int = 0
    requested: int = 0
    expiring: int = 0
