"""What is sent and told about disputes of invoices."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from portal.routes.api.bodies import (
    MOST_LINES,
    Body,
    Code,
    Currency,
    Decimals,
    LineNumber,
    Note,
    Part,
    Text,
)

Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Reason = Literal["not_received", "damaged", "wrong_goods", "wrong_price", "other"]
State = Literal["open", "credited", "rejected", "withdrawn"]


class ClaimedLine(Body):
    # Of the order. The shipment where the invoice bills the line more than once.
    line: LineNumber
    quantity: Decimals
    shipment: Code | None = None


class PostDispute(Body):
    reason: Reason
    # Only `other` may name none: freight, tax, an address.
    lines: Annotated[list[ClaimedLine], Meta(max_length=MOST_LINES)] = field(default_factory=list)
    # Needed for `other` and `wrong_price`.
    text: Words | None = None


class PostMessage(Body):
    text: Words


class PostSettlement(Body):
    outcome: Literal["credited", "rejected", "withdrawn"]
    # For the thread; a rejection needs it.
    note: Words | None = None
    # What is credited: lines, an amount gross of tax, or what a credit note took back already. All that is disputed
    # when nothing is said.
    lines: Annotated[list[Part], Meta(max_length=MOST_LINES)] = field(default_factory=list)
    amount: Decimals | None = None
    credit_note: Code | None = None
    # What the credit note says.
    reason: Text | None = None
    # Goods that are credited are billed again when the order is billed next.
    rebill: bool = False


class Told(Struct, forbid_unknown_fields=True, kw_only=True):
    """An answer."""


class DisputedLine(Told):
    line: int
    sku: Code
    name: str
    unit: str
    quantity: str
    billed: str
    credited: str
    unit_price: str
    shipment: str | None
    delivered: str


class Message(Told):
    author: str
    side: Literal["buyer", "supplier"]
    text: Note
    at: datetime


class DisputeHead(Told):
    number: str
    state: State
    reason: Reason
    invoice: str
    order: str
    account: Code
    currency: Currency
    # The disputed goods at their prices, before discount and tax.
    worth: str
    opened_by: str
    opened_at: datetime
    settled_at: datetime | None


class ListedDispute(DisputeHead):
    last_at: datetime
    # The side that is to say something next; nobody, once it is settled.
    waits_for: Literal["buyer", "supplier"] | None


class Dispute(DisputeHead):
    version: int
    settled_by: str | None
    credit_note: str | None
    lines: list[DisputedLine]
    messages: list[Message]


class Disputes(Told):
    items: list[ListedDispute]
    next: str | None
