"""The shapes of what the API answers about approvals, for the contract."""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct, field

from portal.routes.api import approval_bodies as sent
from portal.routes.api.bodies import Code, Currency, Money


class Told(Struct, forbid_unknown_fields=True):
    """An answer."""


class ApprovalPolicy(sent.PutApprovalPolicy, kw_only=True):
    account: Code
    version: int
    changed_at: datetime
    changed_by: str


class Condition(Told, kw_only=True):
    total: str | None = None
    until: date | None = None


class Approver(Told, kw_only=True):
    email: str
    name: str
    account: Code
    why: Literal["named", "role", "authority", "escalated"]
    state: Literal["open", "approved"]
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None
    condition: Condition | None
    deputies: list[str]


class ApprovalStep(Told, kw_only=True):
    position: int
    need: int
    rules: list[str]
    state: Literal["waiting", "open", "passed"]
    approvers: list[Approver]


class Reason(Told, kw_only=True):
    rule: str
    account: Code
    because: list[dict[str, Any]]


class DecisionTold(Told, kw_only=True):
    what: str
    by: str | None
    name: str | None
    on_behalf_of: str | None
    comment: str | None
    lines: list[int] | None
    condition: Condition | None
    through: str
    version: int
    at: datetime


class Requester(Told, kw_only=True):
    name: str
    email: str | None


class ApprovalHead(Told, kw_only=True):
    id: str
    order: str
    account: Code
    kind: Literal["order", "amendment"]
    state: Literal["pending", "asked", "approved", "rejected", "expired", "withdrawn"]
    version: int
    requester: Requester
    total: str
    currency: Currency
    reasons: list[Reason]
    asked_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    step: int


class Approval(ApprovalHead, kw_only=True):
    note: str | None
    wanted: dict[str, Any] | None
    steps: list[ApprovalStep]
    decisions: list[DecisionTold]


class ListedApproval(ApprovalHead, kw_only=True):
    waiting_for: list[str]


class Approvals(Told, kw_only=True):
    items: list[ListedApproval]
    next: str | None


class Delegation(Told, kw_only=True):
    id: str
    account: Code
    sender: str = field(name="from")
    to: str
    from_on: date
    to_on: date
    cap: Money | None
    note: str | None
    state: Literal["coming", "in_force", "over", "ended"]
    ended_at: datetime | None


class Delegations(Told, kw_only=True):
    items: list[Delegation]
    next: None
