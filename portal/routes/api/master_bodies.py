"""What other systems send about what everybody refers to: accounts, products, locations, prices, stock, inbound."""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from portal.routes.api.bodies import (
    MOST_LINES,
    Address,
    Body,
    Code,
    Currency,
    Days,
    Decimals,
    Instant,
    LineNumber,
    Money,
    Note,
    Text,
    Unit,
    Weekday,
)


class ShipTo(Body):
    code: Code
    name: Text
    address: Address
    instructions: Note | None = None


class BillingAddress(Address):
    """Where bills go; without a name to the account itself."""

    name: Text | None = None


ElectronicAddress = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{4}|[A-Z]{2}):[^\s\x00-\x1f\x7f]{1,100}$",
        description="Scheme and value: a code of the list EAS, or EM for e-mail",
        examples=["9930:DE123456789"],
    ),
]


class PutAccount(Body):
    name: Text
    currency: Currency
    parent: Code | None = None
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    tax_id: Text | None = None
    credit_limit: Decimals | None = None
    credit_hold: bool = False
    payment_terms_days: Days = 30
    invoice_terms: Literal["on_shipment", "on_delivery", "consolidated", "on_order"] = "on_shipment"
    consolidation: Literal["weekly", "monthly", "completion"] | None = None
    delivery_preference: Literal["as_available", "complete_only", "weekly"] = "as_available"
    weekly_day: Weekday = "fri"
    tax_status: Literal["standard", "exempt", "reverse_charge"] = "standard"
    freight_policy: Literal["pro_rata", "first", "actual"] = "pro_rata"
    own_country_first: bool = False
    # Who knows what the account may owe; when that is the ERP and it does not answer, its last figures count for so
    # many hours, or orders wait.
    credit_source: Literal["portal", "erp"] = "portal"
    erp_silence: Literal["last_known", "hold"] = "last_known"
    erp_figures_age_hours: Annotated[int, Meta(ge=0, le=8760)] = 24
    # Its orders count against its parent's credit limit too.
    draws_on_parent: bool = False
    # What its invoices say of it, and in which language.
    legal_name: Text | None = None
    registration: Text | None = None
    billing_address: BillingAddress | None = None
    electronic_address: ElectronicAddress | None = None
    buyer_reference: Text | None = None
    contract_number: Text | None = None
    document_language: Literal["en", "de", "both"] = "en"
    # How the supplier looks after it: not what an ERP knows, so what is left out stays. `manager` is the e-mail address
    # of one of the supplier's people; `impersonation` can be lowered, and raised by the account's own people only.
    manager: Text | UnsetType | None = UNSET
    silence_days: Annotated[int, Meta(ge=1, le=365)] | UnsetType | None = UNSET
    impersonation: Literal["off", "read", "order"] | UnsetType = UNSET
    erp_number: Text | UnsetType | None = UNSET
    ship_tos: Annotated[list[ShipTo], Meta(max_length=1000)] = field(default_factory=list)


class PutProduct(Body):
    name: Text
    unit: Unit
    list_price: Money
    tax_category: Literal["standard", "reduced", "zero"] = "standard"
    mode: Literal["parcel", "freight"] = "parcel"
    weight_kg: Decimals | None = None
    category: Text | None = None
    managed: bool = True
    backorders: Literal["allow", "deny"] = "allow"
    lead_time_days: Days | None = None
    active: bool = True


class TransitDays(Body):
    parcel: Annotated[int, Meta(ge=0, le=365)] = 0
    freight: Annotated[int, Meta(ge=0, le=365)] = 0


class FreightTariff(Body):
    mode: Literal["parcel", "freight"]
    currency: Currency
    per_shipment: Decimals
    per_kg: Decimals = 0
    free_from: Decimals | None = None


class PutLocation(Body):
    name: Text
    address: Address
    time_zone: Annotated[str, Meta(max_length=64)]
    working_days: Annotated[list[Weekday], Meta(min_length=1, max_length=7)] = field(
        default_factory=lambda: ["mon", "tue", "wed", "thu", "fri"]
    )
    holiday_calendar: Annotated[str, Meta(max_length=12)] | None = None
    receiving_days: Annotated[int, Meta(ge=0, le=365)] = 0
    handling_days: Annotated[int, Meta(ge=0, le=365)] = 0
    transit_days: TransitDays = field(default_factory=TransitDays)
    freight_tariffs: Annotated[list[FreightTariff], Meta(max_length=100)] = field(default_factory=list)


class AgreedPrice(Body):
    sku: Code
    amount: Decimals
    min_quantity: Decimals = 0


class PutPriceAgreement(Body):
    account: Code
    currency: Currency
    valid_from: date
    prices: Annotated[list[AgreedPrice], Meta(max_length=MOST_LINES)]
    valid_to: date | None = None


class OwnSku(Body):
    code: Annotated[
        str,
        Meta(
            min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
        ),
    ]
    sku: Code


class PutOwnSkus(Body):
    """What an account calls products; codes that differ only in case are one."""

    items: Annotated[list[OwnSku], Meta(max_length=MOST_LINES)]


class PutAllocationAgreement(Body):
    account: Code
    location: Code
    sku: Code
    quantity: Decimals
    valid_from: date
    valid_to: date | None = None


class PutStock(Body):
    on_hand: Decimals
    quarantined: Decimals | None = None


class InboundLine(Body):
    line: LineNumber
    sku: Code
    quantity: Decimals
    expected_on: date
    for_order: Code | None = None
    for_line: LineNumber | None = None


class PutInbound(Body):
    location: Code
    lines: Annotated[list[InboundLine], Meta(max_length=MOST_LINES)]
    from_location: Code | None = None
    supplier: Text | None = None
    confirmed: bool = False


class ReceiptLine(Body):
    line: LineNumber
    received: Decimals = 0
    rejected: Decimals = 0
    quarantined: Decimals = 0
    closed: bool = False


class PostReceipt(Body):
    lines: Annotated[list[ReceiptLine], Meta(max_length=MOST_LINES)]
    received_at: Instant | None = None
