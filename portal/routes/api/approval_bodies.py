"""What is sent about approvals: policies, decisions, delegations, changes of orders."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from portal.routes.api.bodies import (
    MOST_LINES,
    PRINTABLE,
    Body,
    Code,
    Currency,
    Decimals,
    LineNumber,
    Money,
    Note,
    Text,
    Weekday,
)

Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=PRINTABLE)]
Hours = Annotated[int, Meta(ge=1, le=2000)]
Hour = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
Words = Annotated[list[Text], Meta(min_length=1, max_length=100)]
Role = Literal["approver", "finance", "account_admin"]


class PeriodMoney(Body):
    amount: Decimals
    currency: Currency
    period: Literal["month", "quarter", "year"]


class When(Body, omit_defaults=True):
    total_above: Money | None = None
    period_total_above: PeriodMoney | None = None
    category: Text | Words | None = None
    cost_centre: Text | Words | None = None
    ship_to: Text | Words | None = None
    # In percent over the agreed price, or the list's where nothing is agreed.
    price_deviation_above: Decimals | None = None
    first_order_of_product: bool = False


class Step(Body):
    # People by e-mail, or everybody with a role.
    approvers: Annotated[list[Email], Meta(min_length=1, max_length=100)] | Role
    need: Literal["all", "any"] | Annotated[int, Meta(ge=1, le=100)] = "all"


class Rule(Body):
    name: Text
    steps: Annotated[list[Step], Meta(min_length=1, max_length=20)]
    when: When = field(default_factory=When)


class WorkingHours(Body):
    days: Annotated[list[Weekday], Meta(min_length=1, max_length=7)] = field(
        default_factory=lambda: ["mon", "tue", "wed", "thu", "fri"]
    )
    begins: Hour = field(name="from", default="09:00")
    ends: Hour = field(name="to", default="17:00")
    time_zone: Annotated[str, Meta(max_length=64)] | None = None
    holidays: Annotated[str, Meta(max_length=12)] | None = None


class PutApprovalPolicy(Body):
    rules: Annotated[list[Rule], Meta(max_length=100)]
    self_approval: bool = False
    expires_after_hours: Hours | None = None
    escalate_after_hours: Hours | None = None
    remind_after_hours: Hours | None = None
    working_time: WorkingHours | None = None


class ConditionSent(Body, omit_defaults=True):
    total: Decimals | None = None
    until: date | None = None


class PostDecision(Body):
    decision: Literal["approve", "reject", "ask"]
    comment: Note | None = None
    lines: Annotated[list[LineNumber], Meta(max_length=MOST_LINES)] | None = None
    condition: ConditionSent | None = None
    version: int | None = None


class PostAnswer(Body):
    comment: Note
    version: int | None = None


class PostWithdrawal(Body):
    comment: Note | None = None
    version: int | None = None


class ChangedLine(Body):
    quantity: Decimals
    line: LineNumber | None = None
    sku: Code | None = None
    need_by: date | None = None


class PostChange(Body):
    lines: Annotated[list[ChangedLine], Meta(min_length=1, max_length=MOST_LINES)]
    note: Note | None = None


class PostDelegation(Body):
    sender: Email = field(name="from")
    to: Email
    from_on: date
    to_on: date
    cap: Money | None = None
    note: Note | None = None
