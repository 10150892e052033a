"""The shapes of what the API answers, for the contract. `shapes` makes the answers; a test holds them against these."""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from portal.routes.api import approvals_told, bodies, dispute_bodies, invoice_bodies, return_bodies
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


class FeedEvent(Told, kw_only=True):
    sequence: int
    position: str
    id: str
    type: str
    at: datetime
    account: Code
    order: str | None
    version: int | None
    data: dict[str, Any]


class AuditEntry(Told, kw_only=True):
    account: Code
    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    # What it was decided on, as it stands in the body.
    snapshot: dict[str, Any]
    # Exactly what was hashed; both hashes in hexadecimal digits.
    body: str
    previous_hash: str
    hash: str


class AuditEntries(Told, kw_only=True):
    items: list[AuditEntry]
    next: str | None


class Events(Told, kw_only=True):
    items: list[FeedEvent]
    next: str | None


class Account(bodies.PutAccount, kw_only=True):
    number: Code


class Product(bodies.PutProduct, kw_only=True):
    sku: Code


class Location(bodies.PutLocation, kw_only=True):
    code: Code


class PriceAgreement(bodies.PutPriceAgreement, kw_only=True):
    number: Code


class OwnSkus(Told, kw_only=True):
    account: Code
    items: list[bodies.OwnSku]


class AllocationAgreement(bodies.PutAllocationAgreement, kw_only=True):
    number: Code
    drawn: Decimals
    reserved: Decimals


class Stock(Told, kw_only=True):
    location: Code
    sku: Code
    on_hand: Decimals
    quarantined: Decimals
    allocated: Decimals
    reserved: Decimals
    free: Decimals


class Stocks(Told, kw_only=True):
    items: list[Stock]
    next: None


class InboundLineTold(bodies.InboundLine, kw_only=True):
    received: Decimals
    rejected: Decimals
    quarantined: Decimals
    outstanding: Decimals
    closed: bool


class Inbound(Told, kw_only=True):
    kind: Kind
    reference: Code
    location: Code
    from_location: Code | None
    supplier: Text | None
    confirmed: bool
    lines: list[InboundLineTold]


class Member(Told, kw_only=True):
    email: str
    name: Text
    account: Code
    roles: list[str]
    limit_per_order: bodies.Money | None
    limit_per_period: bodies.PeriodLimit | None


class Exposure(Told, kw_only=True):
    open_orders: Decimals
    shipped_not_invoiced: Decimals
    invoiced_unpaid: Decimals


class CreditProblem(Told, kw_only=True):
    code: str
    title: str
    detail: str | None


class Limit(Told, kw_only=True):
    limit: Decimals | None
    available: Decimals | None
    hold: bool
    as_of: datetime | None
    # What the figures rest on: the portal's tables, the ERP's answer, its last figures, or nothing.
    source: Literal["portal", "erp", "last_known", "silent"]
    problem: CreditProblem | None


class GroupLimit(Limit, kw_only=True):
    account: Code
    exposure: Decimals


class Credit(Limit, kw_only=True):
    currency: str
    exposure: Exposure
    # The parents' limits that its orders count against too, the nearest first.
    group: list[GroupLimit]


class LedgerEntry(Exposure, kw_only=True):
    id: str
    at: datetime
    because: str
    order: str | None
    currency: str
    balance: Decimals


class Ledger(Told, kw_only=True):
    items: list[LedgerEntry]
    next: str | None


class QuotedLine(Told, kw_only=True):
    line: int
    sku: Code
    name: str
    unit: str
    quantity: Decimals
    unit_price: Decimals
    price_source: str
    price_until: date | None
    net: Decimals
    need_by: date | None
    is_unlikely: bool
    portions: list[Portion]


class PlannedShipment(Told, kw_only=True):
    location: Code | None
    mode: Mode
    ships_on: date | None
    arrives_on: date | None
    goods: Decimals
    weight_kg: Decimals
    is_weighed: bool
    freight: Decimals
    lines: list[bodies.Part]


class Way(Told, kw_only=True):
    delivery_preference: Literal["as_available", "complete_only", "weekly"]
    first_on: date | None
    complete_on: date | None
    undated: list[int]
    shipments: int
    freight: Decimals
    total: Decimals


class JudgedCredit(Told, kw_only=True):
    outcome: Literal["covered", "over", "on_hold", "unknown"]
    basis: Literal["portal", "erp", "last_known", "silent"]
    problem: str | None
    account: Code | None
    currency: str | None
    order: Decimals | None
    exposure: Decimals | None
    limit: Decimals | None
    as_of: datetime | None
    sentence: str


class Quote(Told, kw_only=True):
    account: Code
    ship_to: Code
    currency: str
    asked_at: datetime
    state: Literal["pending_approval", "held", "open"]
    delivery_preference: Literal["as_available", "complete_only", "weekly"]
    totals: PlacedTotals
    first_on: date | None
    complete_on: date | None
    lines: list[QuotedLine]
    shipments: list[PlannedShipment]
    ways: list[Way]
    credit: JudgedCredit
    # Who would have to agree, step by step, and why; nothing when nobody need be asked.
    approval: dict[str, Any] | None


class IssuedToken(Told, kw_only=True):
    id: str
    token: str
    account: Code | None
    scopes: list[str]


class Clock(Told, kw_only=True):
    now: datetime


class Parked(Told, kw_only=True):
    parked: bool


# What each call answers when it succeeds.
ANSWERS: dict[tuple[str, str], type[Struct]] = {
    ("get", "/accounts/{number}"): Account,
    ("put", "/accounts/{number}"): Account,
    ("get", "/accounts/{number}/credit"): Credit,
    ("get", "/accounts/{number}/credit/ledger"): Ledger,
    ("put", "/accounts/{number}/users/{email}"): Member,
    ("get", "/products/{sku}"): Product,
    ("put", "/products/{sku}"): Product,
    ("get", "/locations/{location}"): Location,
    ("put", "/locations/{location}"): Location,
    ("get", "/price-agreements/{number}"): PriceAgreement,
    ("put", "/price-agreements/{number}"): PriceAgreement,
    ("get", "/accounts/{number}/own-skus"): OwnSkus,
    ("put", "/accounts/{number}/own-skus"): OwnSkus,
    ("get", "/allocation-agreements/{number}"): AllocationAgreement,
    ("put", "/allocation-agreements/{number}"): AllocationAgreement,
    ("get", "/stock/{location}/{sku}"): Stock,
    ("put", "/stock/{location}/{sku}"): Stock,
    ("get", "/stock"): Stocks,
    ("get", "/inbound/{kind}/{reference}"): Inbound,
    ("put", "/inbound/{kind}/{reference}"): Inbound,
    ("post", "/inbound/{kind}/{reference}/receipts"): Inbound,
    ("post", "/quotes"): Quote,
    ("get", "/orders"): Orders,
    ("post", "/orders"): Order,
    ("get", "/orders/{number}"): Order,
    ("get", "/orders/{number}/timeline"): Events,
    ("post", "/orders/{number}/holds"): HoldTold,
    ("post", "/orders/{number}/holds/{hold_id}/release"): Order,
    ("post", "/orders/{number}/cancellations"): Order,
    ("post", "/orders/{number}/priorities"): Order,
    ("post", "/orders/{number}/reassignments"): Order,
    ("post", "/orders/{number}/relocations"): Order,
    ("get", "/orders/{number}/substitutions"): Substitutions,
    ("post", "/orders/{number}/substitutions"): SubstitutionTold,
    ("post", "/orders/{number}/substitutions/{offer_id}/acceptance"): Order,
    ("post", "/orders/{number}/substitutions/{offer_id}/refusal"): Order,
    ("post", "/orders/{number}/substitutions/{offer_id}/withdrawal"): Order,
    ("post", "/orders/{number}/changes"): Order,
    ("put", "/accounts/{number}/approval-policy"): approvals_told.ApprovalPolicy,
    ("get", "/accounts/{number}/approval-policy"): approvals_told.ApprovalPolicy,
    ("get", "/approvals"): approvals_told.Approvals,
    ("get", "/approvals/{number}"): approvals_told.Approval,
    ("post", "/approvals/{number}/decisions"): approvals_told.Approval,
    ("post", "/approvals/{number}/answers"): approvals_told.Approval,
    ("post", "/approvals/{number}/withdrawal"): approvals_told.Approval,
    ("post", "/accounts/{number}/delegations"): approvals_told.Delegation,
    ("get", "/accounts/{number}/delegations"): approvals_told.Delegations,
    ("post", "/orders/{number}/picks"): Order,
    ("post", "/orders/{number}/packs"): Order,
    ("post", "/orders/{number}/short-picks"): Order,
    ("post", "/orders/{number}/shipments"): Shipment,
    ("get", "/shipments/{number}"): Shipment,
    ("post", "/shipments/{number}/events"): Order,
    ("post", "/shipments/{number}/cancellation"): Order,
    ("get", "/invoices"): invoice_bodies.Invoices,
    ("get", "/invoices/{number}"): invoice_bodies.Invoice,
    ("post", "/orders/{number}/invoices"): invoice_bodies.Invoice,
    ("post", "/invoices/{number}/credit-notes"): invoice_bodies.Invoice,
    ("post", "/invoices/{number}/payments"): invoice_bodies.PaymentTold,
    ("post", "/invoices/{number}/refunds"): invoice_bodies.PaymentTold,
    ("post", "/invoices/{number}/transfers"): invoice_bodies.PaymentTold,
    ("get", "/orders/{number}/reconciliation"): invoice_bodies.Reconciliation,
    ("get", "/accounts/{number}/statement"): invoice_bodies.Statement,
    ("post", "/invoices/{number}/disputes"): dispute_bodies.Dispute,
    ("get", "/disputes"): dispute_bodies.Disputes,
    ("get", "/disputes/{number}"): dispute_bodies.Dispute,
    ("post", "/disputes/{number}/messages"): dispute_bodies.Dispute,
    ("post", "/disputes/{number}/settlement"): dispute_bodies.Dispute,
    ("post", "/returns"): return_bodies.Return,
    ("get", "/returns"): return_bodies.Returns,
    ("get", "/returns/{number}"): return_bodies.Return,
    ("post", "/returns/{number}/authorisation"): return_bodies.Return,
    ("post", "/returns/{number}/refusal"): return_bodies.Return,
    ("post", "/returns/{number}/cancellation"): return_bodies.Return,
    ("post", "/returns/{number}/receipts"): return_bodies.Return,
    ("post", "/returns/{number}/pictures"): return_bodies.Return,
    ("get", "/events"): Events,
    ("get", "/accounts/{number}/audit"): AuditEntries,
    ("post", "/clock"): Clock,
    ("post", "/tokens"): IssuedToken,
}
