"""What other systems send: exact shapes. An unknown or mistyped field is an error, so that a typo is not lost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from portal.clock import utc_now
from portal.domain import money
from portal.domain.quantities import NotAQuantity, parse
from portal.domain.refusals import Problem, Unacceptable

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
DECIMAL = r"^-?[0-9]{1,40}(\.[0-9]{1,40})?$"

# Of a currency, a country, a unit: always upper case.
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["GBP"])]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["GB"])]
Unit = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{2,3}$", description="UN/ECE Recommendation 20", examples=["C62"])
]
Code = Annotated[
    str,
    Meta(
        min_length=1, max_length=64, pattern=r"^[^\s/\x00-\x1f\x7f]([^/\x00-\x1f\x7f]*[^\s/\x00-\x1f\x7f])?$"
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE)]
Note = Annotated[str, Meta(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
LineNumber = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=0, le=1000)]
Instant = Annotated[datetime, Meta(tz=True)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Decimals = Annotated[str, Meta(pattern=DECIMAL, examples=["12.50"])] | int
MOST_LINES = 10_000
FURTHEST_DAYS = 3660


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """Everything that is sent refuses what it does not know."""


class Money(Body):
    amount: Decimals
    currency: Currency


class Address(Body):
    lines: Annotated[list[Text], Meta(min_length=1, max_length=6)]
    city: Text
    country: Country
    postal_code: Text | None = None
    region: Text | None = None


class OrderLine(Body):
    sku: Code
    quantity: Decimals
    line: LineNumber | None = None
    unit_price: Decimals | None = None
    need_by: date | None = None


class PostQuote(Body):
    account: Code
    lines: Annotated[list[OrderLine], Meta(max_length=MOST_LINES)]
    ship_to: Code | None = None
    requested_on: date | None = None
    delivery_preference: Literal["as_available", "complete_only", "weekly"] | None = None
    cost_centre: Text | None = None
    discount: Decimals = 0


class PostOrder(Body):
    account: Code
    lines: Annotated[list[OrderLine], Meta(max_length=MOST_LINES)]
    purchase_order_number: Text | None = None
    ship_to: Code | None = None
    placed_at: Instant | None = None
    requested_on: date | None = None
    delivery_preference: Literal["as_available", "complete_only", "weekly"] | None = None
    origin: Text | None = None
    external_id: Text | None = None
    discount: Decimals = 0
    freight: Decimals = 0
    cost_centre: Text | None = None
    instructions: Note | None = None
    approval: Literal["bypass"] | None = None


class PostHold(Body):
    reason: Literal["finance", "credit", "quality", "address", "manual"]
    note: Note | None = None
    lines: Annotated[list[LineNumber], Meta(max_length=MOST_LINES)] | None = None


class PostRelease(Body):
    note: Note | None = None


class Part(Body):
    line: LineNumber
    quantity: Decimals


class PostCancellation(Body):
    lines: Annotated[list[Part], Meta(max_length=MOST_LINES)]
    reason: Note | None = None


class PostSubstitution(Body):
    line: LineNumber
    quantity: Decimals
    sku: Code
    substitute_quantity: Decimals | None = None
    unit_price: Decimals | None = None
    note: Note | None = None


class PostNote(Body):
    note: Note | None = None


class PostMove(Body):
    location: Code
    lines: Annotated[list[Part], Meta(max_length=MOST_LINES)]


class Missing(Body):
    line: LineNumber
    missing: Decimals


class PostShortPick(Body):
    location: Code
    lines: Annotated[list[Missing], Meta(max_length=MOST_LINES)]
    reason: Note | None = None


Reason = Literal["line_down", "safety", "contract", "our_error", "agreed"]


class PostPriority(Body):
    line: LineNumber
    reason: Reason
    priority: Annotated[int, Meta(ge=-1000, le=1000)] | None = None
    note: Note | None = None


class PostReassignment(Body):
    line: LineNumber
    from_order: Code
    from_line: LineNumber
    quantity: Decimals
    location: Code
    reason: Reason


class PostRelocation(Body):
    line: LineNumber
    reason: Reason
    quantity: Decimals | None = None
    from_location: Code | None = None
    to_location: Code | None = None
    transfer_expected_on: date | None = None


class Package(Body):
    tracking_number: Text | None = None
    tracking_url: Annotated[str, Meta(max_length=500, pattern=r"^https?://[^\s\x00-\x1f\"<>]+$")] | None = (
        None
    )
    weight_kg: Decimals | None = None


class PostShipment(Body):
    location: Code
    lines: Annotated[list[Part], Meta(max_length=MOST_LINES)]
    mode: Literal["parcel", "freight"] | None = None
    carrier: Text | None = None
    service: Text | None = None
    packages: Annotated[list[Package], Meta(max_length=1000)] = field(default_factory=list)
    freight: Decimals | None = None
    shipped_at: Instant | None = None
    origin: Text | None = None
    external_id: Text | None = None


class PostCarrierEvent(Body):
    state: Literal["in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender"]
    at: Instant
    note: Note | None = None
    tracking_number: Text | None = None
    lines: Annotated[list[Part], Meta(min_length=1, max_length=MOST_LINES)] | None = None


class PostReason(Body):
    reason: Note | None = None


class PeriodLimit(Body):
    amount: Decimals
    currency: Currency
    period: Literal["day", "week", "month", "quarter", "year"] = "month"


class PutUser(Body):
    name: Text
    roles: Annotated[
        list[Literal["buyer", "approver", "finance", "account_admin", "reader"]],
        Meta(min_length=1, max_length=5),
    ]
    password: Annotated[str, Meta(min_length=8, max_length=200)] | None = None
    # Whether they may sign in, anywhere; left out, it stays as it is.
    active: bool | None = None
    limit_per_order: Money | None = None
    limit_per_period: PeriodLimit | None = None


class PostToken(Body):
    scopes: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=20)]
    name: Text
    account: Code | None = None
    user: Annotated[str, Meta(max_length=254)] | None = None


class PostMailBounce(Body):
    # The whole message as it came back, or else what it says.
    message: Annotated[str, Meta(max_length=1_000_000)] | None = None
    # The number of the mail, or the address of its own that it was sent from.
    mail: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE)] | None = None
    # `hard`: the address is wrong for good.
    kind: Literal["hard", "soft"] | None = None
    detail: Annotated[str, Meta(max_length=300, pattern=PRINTABLE)] | None = None


class PostClock(Body):
    now: Instant


def quantity(raw: str | int, pointer: str) -> Decimal:
    """A quantity of zero or more; what is out of range is refused with its place."""
    try:
        return parse(raw)
    except NotAQuantity as wrong:
        raise Unacceptable(str(wrong), [Problem(pointer, str(wrong))]) from wrong


def amount(raw: str | int, pointer: str, currency: str | None = None) -> Decimal:
    """An amount of money of zero or more, with no more decimals than its currency has, or 6 for a price."""
    value = quantity(raw, pointer)
    if currency is not None and value != money.rounded(value, currency):
        words = f"{currency} has {money.digits(currency)} decimals"
        raise Unacceptable(f"{words}; {raw} has more.", [Problem(pointer, words)])
    return value


def within_reach(day: date | None, pointer: str) -> None:
    """A day that promises can be counted from; a slip of the pen like the year 9999 is refused."""
    today = utc_now().date()
    if day is not None and abs((day - today).days) > FURTHEST_DAYS:
        words = f"{day.isoformat()} lies more than ten years away"
        raise Unacceptable(f"{words}.", [Problem(pointer, words)])


def optional(raw: str | int | None, pointer: str) -> Decimal | None:
    """A quantity, when there is one."""
    return None if raw is None else quantity(raw, pointer)
