"""What is sent and told about returns."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from portal.routes.api.bodies import MOST_LINES, Body, Code, Decimals, LineNumber, Note, Text

Reason = Literal["damaged", "wrong_goods", "not_needed", "faulty", "late", "other"]
State = Literal["requested", "authorised", "refused", "cancelled", "closed"]
Place = Literal["shelf", "quarantine", "scrap"]
# Ten megabytes as base64.
Base64 = Annotated[str, Meta(min_length=1, max_length=14_000_000, pattern=r"^[A-Za-z0-9+/\r\n]+={0,2}\s*$")]


class ReturnedLine(Body):
    line: LineNumber
    quantity: Decimals
    reason: Reason
    # Needed for `other`, here or for the whole return.
    note: Note | None = None


class PostReturn(Body):
    shipment: Code
    lines: Annotated[list[ReturnedLine], Meta(max_length=MOST_LINES)]
    note: Note | None = None
    origin: Text | None = None
    external_id: Text | None = None


class PostReturnDecision(Body):
    # A refusal needs it: the buyer reads it.
    note: Note | None = None


class ReceivedLine(Body):
    line: LineNumber
    received: Decimals
    # Back on the shelf, or thrown away.
    restock: bool = True
    # Says the same and more; it goes before `restock`.
    to: Place | None = None
    # Nothing more of the line will come.
    closed: bool = False


class PostReturnReceipt(Body):
    lines: Annotated[list[ReceivedLine], Meta(max_length=MOST_LINES)]


class PostPicture(Body):
    """A JPEG, PNG or WebP; it is looked at, drawn anew as a JPEG, and kept without anything else that it held."""

    content: Base64
    line: LineNumber | None = None


class Told(Struct, forbid_unknown_fields=True, kw_only=True):
    """An answer."""


class ReturnLineTold(Told):
    line: int
    sku: Code
    name: str
    unit: str
    quantity: str
    received: str
    outstanding: str
    closed: bool
    reason: Reason
    note: str | None


class ReturnReceiptTold(Told):
    line: int
    quantity: str
    to: Place
    received_by: str
    at: datetime


class ReturnPictureTold(Told):
    id: str
    line: int | None
    media_type: str
    width: int
    height: int
    added_by: str
    at: datetime
    href: str


class ReturnPackageTold(Told):
    tracking_number: str | None
    tracking_url: str | None
    weight_kg: str | None


class ReturnLabelTold(Told):
    """What stands on the parcel; None until the return is authorised."""

    to: list[str]
    sender: list[str] = field(name="from")
    code: str


class ReturnRow(Told):
    number: str
    state: State
    account: Code
    order: str
    purchase_order_number: str | None
    shipment: str
    location: Code
    carrier: str | None
    asked_at: datetime
    decided_at: datetime | None
    closed_at: datetime | None
    lines: int
    credit_notes: list[str]


class Returns(Told):
    items: list[ReturnRow]
    next: str | None


class Return(Told):
    number: str
    state: State
    version: int
    account: Code
    order: str
    purchase_order_number: str | None
    shipment: str
    location: Code
    mode: Literal["parcel", "freight"]
    carrier: str | None
    packages: list[ReturnPackageTold]
    asked_by: str
    asked_at: datetime
    note: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    closed_at: datetime | None
    origin: str | None
    external_id: str | None
    lines: list[ReturnLineTold]
    receipts: list[ReturnReceiptTold]
    pictures: list[ReturnPictureTold]
    credit_notes: list[str]
    label: ReturnLabelTold | None
