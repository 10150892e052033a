"""What each call answers, for the contract. `shapes` makes the answers; a test holds them against these."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from portal.routes.api import (
    approvals_told,
    credit_told,
    dispute_bodies,
    invoice_bodies,
    master_told,
    orders_told,
    quotes_told,
    return_bodies,
    webhook_bodies,
)
from portal.routes.api.bodies import Code
from portal.routes.api.orders_told import Told


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


class IssuedToken(Told, kw_only=True):
    id: str
    token: str
    account: Code | None
    scopes: list[str]


class MailBounce(Told, kw_only=True):
    mail: str | None
    kind: str | None
    detail: str | None
    # Whose mail it was, and whether they are written to from now on.
    email: str | None
    is_written_to: bool | None


class Clock(Told, kw_only=True):
    now: datetime


class Parked(Told, kw_only=True):
    parked: bool


# What each call answers when it succeeds.
ANSWERS: dict[tuple[str, str], type[Struct]] = {
    ("get", "/accounts/{number}"): master_told.Account,
    ("put", "/accounts/{number}"): master_told.Account,
    ("get", "/accounts/{number}/credit"): credit_told.Credit,
    ("get", "/accounts/{number}/credit/ledger"): credit_told.Ledger,
    ("put", "/accounts/{number}/users/{email}"): master_told.Member,
    ("get", "/products/{sku}"): master_told.Product,
    ("put", "/products/{sku}"): master_told.Product,
    ("get", "/locations/{location}"): master_told.Location,
    ("put", "/locations/{location}"): master_told.Location,
    ("get", "/price-agreements/{number}"): master_told.PriceAgreement,
    ("put", "/price-agreements/{number}"): master_told.PriceAgreement,
    ("get", "/accounts/{number}/own-skus"): master_told.OwnSkus,
    ("put", "/accounts/{number}/own-skus"): master_told.OwnSkus,
    ("get", "/allocation-agreements/{number}"): master_told.AllocationAgreement,
    ("put", "/allocation-agreements/{number}"): master_told.AllocationAgreement,
    ("get", "/stock/{location}/{sku}"): master_told.Stock,
    ("put", "/stock/{location}/{sku}"): master_told.Stock,
    ("get", "/stock"): master_told.Stocks,
    ("get", "/inbound/{kind}/{reference}"): master_told.Inbound,
    ("put", "/inbound/{kind}/{reference}"): master_told.Inbound,
    ("post", "/inbound/{kind}/{reference}/receipts"): master_told.Inbound,
    ("post", "/quotes"): quotes_told.Quote,
    ("get", "/orders"): orders_told.Orders,
    ("post", "/orders"): orders_told.Order,
    ("get", "/orders/{number}"): orders_told.Order,
    ("get", "/orders/{number}/timeline"): Events,
    ("post", "/orders/{number}/holds"): orders_told.HoldTold,
    ("post", "/orders/{number}/holds/{hold_id}/release"): orders_told.Order,
    ("post", "/orders/{number}/cancellations"): orders_told.Order,
    ("post", "/orders/{number}/priorities"): orders_told.Order,
    ("post", "/orders/{number}/reassignments"): orders_told.Order,
    ("post", "/orders/{number}/relocations"): orders_told.Order,
    ("get", "/orders/{number}/substitutions"): orders_told.Substitutions,
    ("post", "/orders/{number}/substitutions"): orders_told.SubstitutionTold,
    ("post", "/orders/{number}/substitutions/{offer_id}/acceptance"): orders_told.Order,
    ("post", "/orders/{number}/substitutions/{offer_id}/refusal"): orders_told.Order,
    ("post", "/orders/{number}/substitutions/{offer_id}/withdrawal"): orders_told.Order,
    ("post", "/orders/{number}/changes"): orders_told.Order,
    ("put", "/accounts/{number}/approval-policy"): approvals_told.ApprovalPolicy,
    ("get", "/accounts/{number}/approval-policy"): approvals_told.ApprovalPolicy,
    ("get", "/approvals"): approvals_told.Approvals,
    ("get", "/approvals/{number}"): approvals_told.Approval,
    ("post", "/approvals/{number}/decisions"): approvals_told.Approval,
    ("post", "/approvals/{number}/answers"): approvals_told.Approval,
    ("post", "/approvals/{number}/withdrawal"): approvals_told.Approval,
    ("post", "/accounts/{number}/delegations"): approvals_told.Delegation,
    ("get", "/accounts/{number}/delegations"): approvals_told.Delegations,
    ("post", "/orders/{number}/picks"): orders_told.Order,
    ("post", "/orders/{number}/packs"): orders_told.Order,
    ("post", "/orders/{number}/short-picks"): orders_told.Order,
    ("post", "/orders/{number}/shipments"): orders_told.Shipment,
    ("get", "/shipments/{number}"): orders_told.Shipment,
    ("post", "/shipments/{number}/events"): orders_told.Order,
    ("post", "/shipments/{number}/cancellation"): orders_told.Order,
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
    **webhook_bodies.ANSWERS,
    ("post", "/clock"): Clock,
    ("post", "/tokens"): IssuedToken,
    ("post", "/mail-bounces"): MailBounce,
}
