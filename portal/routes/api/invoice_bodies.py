"""What is sent and told about invoices, credit notes and payments."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from portal.routes.api.bodies import MOST_LINES, Body, Code, Decimals, Part, Text

Kind = Literal["invoice", "credit_note"]
State = Literal["open", "paid", "overdue", "credited"]
FilesState = Literal["waiting", "ready", "failed"]
Words = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]


class PostBilling(Body):
    """Nothing need be said: what is billable is billed."""


class PostPayment(Body):
    amount: Decimals
    received_on: date
    reference: Text | None = None
    origin: Text | None = None
    external_id: Text | None = None


class PostRefund(Body):
    amount: Decimals
    # The supplier's today when nothing is said.
    paid_on: date | None = None
    reference: Text | None = None
    origin: Text | None = None
    external_id: Text | None = None


class PostTransfer(Body):
    # Another invoice of the account.
    to: Code
    # All of the surplus that the other invoice can take when nothing is said.
    amount: Decimals | None = None
    on: date | None = None
    reference: Text | None = None
    origin: Text | None = None
    external_id: Text | None = None


class PostCreditNote(Body):
    reason: Words
    # By the order's line numbers, or an amount gross of tax.
    lines: Annotated[list[Part], Meta(max_length=MOST_LINES)] = field(default_factory=list)
    amount: Decimals | None = None
    # The goods that are credited are billed again when the order is billed next.
    rebill: bool = False


class Told(Struct, forbid_unknown_fields=True, kw_only=True):
    """An answer."""


class AddressTold(Told):
    lines: list[str]
    city: str
    postal_code: str | None
    region: str | None
    country: str


class PartyTold(Told):
    name: str
    legal_name: str | None
    address: AddressTold
    vat_id: str | None
    registration: str | None
    contact: str | None
    email: str | None
    phone: str | None
    electronic_address: str | None


class BankTold(Told):
    holder: str
    iban: str
    bic: str | None
    name: str | None


class InvoiceLine(Told):
    """`outstanding` is what is yet to be billed of the line after this document. A credit note of an amount has one for
    each rate, that names no line of the order and no SKU."""

    line: int | None
    sku: Code | None
    buyer_sku: str | None
    name: str
    unit: str
    shipment: str | None
    ordered: Decimals
    shipped: Decimals
    previously_invoiced: Decimals
    quantity: Decimals
    outstanding: Decimals
    unit_price: Decimals
    net: Decimals
    tax_code: str
    tax_rate: Decimals


class Adjusted(Told):
    amount: Decimals
    reason: Literal["discount", "freight", "rounding"]
    tax_rate: Decimals


class TaxTold(Told):
    """`code` is the VAT category of EN 16931; `reason` says why nothing is charged."""

    code: str
    rate: Decimals
    base: Decimals
    amount: Decimals
    reason: str | None
    reason_code: str | None


class Despatched(Told):
    number: str
    mode: str
    carrier: str | None
    shipped_on: date
    delivered_on: date | None
    tracking_numbers: list[str]


class Following(Told):
    line: int
    sku: Code
    name: str
    unit: str
    quantity: Decimals
    status: str
    ships_on: date | None
    arrives_on: date | None


class Progress(Told):
    """The order as it was agreed, and how much of it stood billed before and with this document, gross of tax."""

    goods: Decimals
    discount: Decimals
    freight: Decimals
    tax: Decimals
    total: Decimals
    billed_before: Decimals
    billed_after: Decimals
    to_bill: Decimals


class Period(Told):
    first: date
    last: date


class PaymentBrief(Told):
    """Negative where money went out; `other` is the invoice at the other end of a transfer."""

    id: str
    kind: Literal["payment", "refund", "transfer"]
    amount: Decimals
    received_on: date
    reference: str | None
    other: str | None
    recorded_at: datetime


class CreditBrief(Told):
    number: str
    issued_on: date
    total: Decimals
    reason: str


class DisputeBrief(Told):
    number: str
    state: str
    reason: str
    opened_at: datetime


class Files(Told):
    """Where its files are, as soon as they are `ready`; `profile` is that of the XML, which not every currency has."""

    state: FilesState
    profile: str | None
    pdf: str
    xml: str | None
    ubl: str | None


class InvoiceHead(Told):
    number: str
    kind: Kind
    state: State
    account: Code
    order: str
    purchase_order_number: str | None
    shipments: list[str]
    corrects: str | None
    issued_on: date
    due_on: date | None
    currency: str
    net: Decimals
    tax_amount: Decimals
    total: Decimals
    paid: Decimals
    credited: Decimals
    due: Decimals
    open_disputes: int


class ListedInvoice(InvoiceHead):
    files: FilesState


class Invoices(Told):
    items: list[ListedInvoice]
    next: str | None


class Invoice(InvoiceHead):
    """Amounts are positive, also of a credit note. net = lines_net - allowances + charges; total = net + tax_amount +
    rounding; `due` below nothing is a surplus of the account. `credits` are the numbers of its credit notes."""

    terms: str
    payment_terms_days: int
    nth: int
    reason: str | None
    language: str
    buyer_reference: str | None
    contract_number: str | None
    cost_centre: str | None
    seller: PartyTold
    bank: BankTold | None
    buyer: PartyTold
    deliver_to: PartyTold
    preceding: list[str]
    despatches: list[Despatched]
    period: Period | None
    lines: list[InvoiceLine]
    lines_net: Decimals
    allowances: Decimals
    charges: Decimals
    adjustments: list[Adjusted]
    tax: list[TaxTold]
    rounding: Decimals
    prepaid: Decimals
    progress: Progress
    to_follow: list[Following]
    payments: list[PaymentBrief]
    credits: list[str]
    credit_notes: list[CreditBrief]
    disputes: list[DisputeBrief]
    files: Files
    # Of what was billed at once: all that was issued, this one among them.
    issued: list[str] | UnsetType = UNSET


class BeingMade(Told):
    """The file of an invoice is not there yet."""

    number: str
    state: Literal["waiting"]


class PaymentTold(Told):
    """A payment, and how the invoice stands since. `amount` is below nothing where money went out."""

    id: str
    invoice: str
    kind: Literal["payment", "refund", "transfer"]
    amount: Decimals
    currency: str
    received_on: date
    reference: str | None
    other: str | None
    recorded_at: datetime
    state: State
    total: Decimals
    credited: Decimals
    paid: Decimals
    due: Decimals


class ReconciledLine(Told):
    """Quantities; and amounts gross of tax: the line's part of each of its invoices."""

    line: int
    sku: Code
    name: str
    unit: str
    ordered: Decimals
    cancelled: Decimals
    shipped: Decimals
    delivered: Decimals
    returned: Decimals
    invoiced: Decimals
    credited: Decimals
    waived: Decimals
    to_invoice: Decimals
    outstanding: Decimals
    invoiced_amount: Decimals
    credited_amount: Decimals
    paid_amount: Decimals
    due_amount: Decimals


class Reconciliation(Told):
    """total = invoiced - credited + outstanding + never; `due` is what is invoiced and not yet paid, below nothing a
    surplus. `invoices` are the order's documents in the order of their issue."""

    order: str
    account: Code
    version: int
    currency: str
    terms: str
    total: Decimals
    shipped: Decimals
    invoiced: Decimals
    credited: Decimals
    paid: Decimals
    due: Decimals
    outstanding: Decimals
    never: Decimals
    is_held: bool
    lines: list[ReconciledLine]
    invoices: list[ListedInvoice]


class StatementEntry(Told):
    """What changed what is owed: `amount` raises it, below nothing it lowers it."""

    on: date
    kind: Literal["invoice", "credit_note", "payment", "refund", "transfer"]
    number: str
    order: str
    purchase_order_number: str | None
    due_on: date | None
    corrects: str | None
    reference: str | None
    amount: Decimals
    balance: Decimals


class OpenItem(Told):
    number: str
    order: str
    purchase_order_number: str | None
    issued_on: date
    due_on: date
    total: Decimals
    due: Decimals


class Ageing(Told):
    """What is open on the last day, by how many days it is overdue."""

    not_due: Decimals
    to_30: Decimals
    to_60: Decimals
    to_90: Decimals
    over_90: Decimals


class Statement(Told):
    """closing = opening + the amounts of all entries = the sum of the open items; a surplus is below nothing."""

    account: Code
    name: str
    currency: str
    first: date
    last: date
    opening: Decimals
    closing: Decimals
    surplus: Decimals
    entries: list[StatementEntry]
    open_items: list[OpenItem]
    ageing: Ageing
