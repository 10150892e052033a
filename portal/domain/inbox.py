"""Requests to approve as their lists show them: what waits for whom, until when, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

# What waits for the reader, what they asked for themselves, what waits for others, what is over.
SHELVES = ("mine", "requested", "others", "decided")
OPEN = ("pending", "asked")


@dataclass(frozen=True, slots=True)
class Listed:
    """A request. `waits_for` are those who are asked now, `asked_by` wants to know something; `on_behalf_of` is whose
    seat the reader would decide on, when it is not their own; `lines` are the order's that are not cancelled."""

    id: int
    number: str
    kind: str
    state: str
    version: int
    order: str
    purchase_order_number: str | None
    account: str
    account_name: str
    requester: str
    total: Decimal
    currency: str
    reasons: Sequence[Mapping[str, Any]]
    note: str | None
    step: int
    steps: int
    lines: int
    asked_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    waits_for: Sequence[str]
    on_behalf_of: str | None
    asked_by: str | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are open of each; `soon` of the reader's own end within a day."""

    mine: int = 0
    requested: int = 0
    others: int = 0
    asked: int = 0
    soon: int = 0
