"""The shapes of what the API answers about orders and shipments, for the contract."""

from datetime import date, datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from portal.routes.api.bodies import Code, Note, Text

OrderState = Literal["draft", "pending_approval", "rejected", "held", "open", "closed", "cancelled"]
Status = Literal[
    "returned", "delivered", "shipped", "packed", "picking", "allocated", "held", "awaiting_inspection",
    "awaiting_transfer", "awaiting_production", "awaiting_supplier", "reserved_elsewhere", "backordered", "waiting",
    "cancelled",
]  # fmt: skip
Kind = Literal["purchase_order", "transfer", "production", "inspection"]
Mode = Literal["parcel", "freight"]
# A decimal in a string: quantities without trailing zeros, money with its currency's digits.
Decimals = str


class Told(Struct, forbid_unknown_fields=True):
    """An answer. A field that may be left out is left out when it does not apply."""


class Dates(Told, kw_only=True):
    ships_on: date | None
    arrives_on: date | None


class SupplyTold(Told, kw_only=True):
    kind: Kind
    reference: Code
    line: int
    expected_on: date
    confirmed: bool
    supplier: Text | None


class Portion(Told, kw_only=True):
    quantity: Decimals
    status: Status
    location: str | None
    ships_on: date | None
    arrives_on: date | None
    because: list[dict[str, str | int | bool]]
    sentence: str
    first_promise: Dates | UnsetType = UNSET
    supply: SupplyTold | UnsetType = UNSET
    shipment: str | UnsetType = UNSET
    hold: list[str] | UnsetType = UNSET
    held_from: Status | UnsetType = UNSET


class Line(Told, kw_only=True):
    line: int
    sku: Code
    name: str
    unit: str
    quantity: Decimals
    unit_price: Decimals
    price_source: str
    need_by: date | None
    shipped: Decimals
    delivered: Decimals
    invoiced: Decimals
    cancelled: Decimals
    returned: Decimals
    to_come: Decimals
    portions: list[Portion]


class HoldTold(Told, kw_only=True):
    id: str
    reason: Literal["finance", "credit", "quality", "approval", "address", "manual"]
    note: Note | None
    lines: list[int] | None
    set_at: datetime
    set_by: str
    lifted_by: str


class PackageTold(Told, kw_only=True):
    tracking_number: Text | None
    tracking_url: str | None
    weight_kg: Decimals | None


class ShippedLine(Told, kw_only=True):
    line: int
    quantity: Decimals


class CarrierEvent(Told, kw_only=True):
    state: Literal["in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender"]
    at: datetime
    note: Note | None
    tracking_number: str | UnsetType = UNSET


class Shipment(Told, kw_only=True):
    number: str
    location: Code
    mode: Mode
    carrier: Text | None
    service: Text | None
    state: Literal[
        "pending", "shipped", "in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender",
        "cancelled",
    ]  # fmt: skip
    shipped_at: datetime
    expected_on: date | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    packages: list[PackageTold]
    freight: Decimals | None
    lines: list[ShippedLine]
    events: list[CarrierEvent]
    order: str | UnsetType = UNSET


class PlacedTotals(Told, kw_only=True):
    goods: Decimals
    discount: Decimals
    freight: Decimals
    tax: Decimals
    total: Decimals


class Totals(PlacedTotals, kw_only=True):
    shipped: Decimals
    to_come: Decimals
    invoiced: Decimals
    credited: Decimals
    paid: Decimals
    due: Decimals
    outstanding: Decimals


class Summary(Told, kw_only=True):
    """Quantities are told where all lines have one unit."""

    lines: int
    lines_complete: int
    ordered: Decimals | UnsetType = UNSET
    shipped: Decimals | UnsetType = UNSET
    delivered: Decimals | UnsetType = UNSET
    to_come: Decimals | UnsetType = UNSET
    never: Decimals | UnsetType = UNSET


class SubstitutionTold(Told, kw_only=True):
    """`foreseen`, of an offer that stands: the portions that its line would have if it were accepted now."""

    id: str
    line: int
    quantity: Decimals
    sku: Code
    name: str
    unit: str
    substitute_quantity: Decimals
    unit_price: Decimals
    note: Note | None
    state: Literal["offered", "accepted", "declined", "withdrawn"]
    offered_at: datetime
    offered_by: str
    settled_at: datetime | None
    settled_by: str | None
    settled_note: Note | None
    new_line: int | None
    foreseen: list[Portion] | UnsetType = UNSET


class Substitutions(Told, kw_only=True):
    items: list[SubstitutionTold]
    next: None


class OrdersInvoice(Told, kw_only=True):
    """A document of the order, in brief. `due` below nothing is a surplus."""

    number: str
    kind: Literal["invoice", "credit_note"]
    issued_on: date
    due_on: date | None
    total: Decimals
    paid: Decimals
    credited: Decimals
    due: Decimals
    shipments: list[str]
    corrects: str | None


class OrderHead(Told, kw_only=True):
    number: str
    account: Code
    purchase_order_number: Text | None
    state: OrderState
    version: int
    placed_at: datetime
    requested_on: date | None
    ship_to: Code
    currency: str
    summary: Summary
    updated_at: datetime


class ListedOrder(OrderHead, kw_only=True):
    totals: PlacedTotals
    next_arrival: date | None


class Order(OrderHead, kw_only=True):
    placed_by: str | None
    cost_centre: Text | None
    instructions: Note | None
    delivery_preference: str
    origin: Text | None
    external_id: Text | None
    totals: Totals
    lines: list[Line]
    holds: list[HoldTold]
    shipments: list[Shipment]
    substitutions: list[SubstitutionTold]
    invoices: list[OrdersInvoice]


class Orders(Told, kw_only=True):
    items: list[ListedOrder]
    next: str | None
