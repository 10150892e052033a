"""Accounts, products, locations and prices, as the systems tell them that keep them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.freight import Tariff


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is. `country` is an ISO 3166 code of two letters."""

    lines: Sequence[str]
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class ShipTo:
    """A place where an account takes goods in."""

    code: str
    name: str
    address: Address
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class Invoicing:
    """What an account's invoices say of it. Bills go to `billing_address`, where there is one, under `billing_name`;
    `electronic_address` is `scheme:value` (EN 16931, BT-49)."""

    legal_name: str | None = None
    registration: str | None = None
    billing_name: str | None = None
    billing_address: Address | None = None
    electronic_address: str | None = None
    buyer_reference: str | None = None
    contract_number: str | None = None
    document_language: str = "en"

    @property
    def bills_go_to(self) -> dict[str, Any] | None:
        """As it is kept."""
        if self.billing_address is None:
            return None
        return {"name": self.billing_name, **asdict(self.billing_address)}


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """A buying company as the ERP tells it."""

    number: str
    name: str
    currency: str
    parent: str | None
    priority: int
    tax_id: str | None
    credit_limit: Decimal | None
    credit_hold: bool
    payment_terms_days: int
    invoice_terms: str
    consolidation: str | None
    delivery_preference: str
    weekly_day: str
    tax_status: str
    freight_policy: str
    own_country_first: bool
    ship_tos: Sequence[ShipTo]
    credit_source: str = "portal"
    erp_silence: str = "last_known"
    erp_figures_age_hours: int = 24
    draws_on_parent: bool = False
    invoicing: Invoicing = Invoicing()


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product as the ERP tells it."""

    sku: str
    name: str
    unit: str
    list_price: Decimal
    list_currency: str
    tax_category: str
    mode: str
    weight_kg: Decimal | None
    category: str | None
    managed: bool
    backorders: str
    lead_time_days: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A warehouse as the WMS tells it."""

    code: str
    name: str
    address: Address
    time_zone: str
    working_days: Sequence[str]
    holiday_calendar: str | None
    receiving_days: int
    handling_days: int
    transit_days: Mapping[str, int]
    # What a shipment from here costs the buyer.
    freight_tariffs: Sequence[Tariff] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """A price from a quantity on."""

    sku: str
    amount: Decimal
    min_quantity: Decimal


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """Prices of one account between two dates."""

    number: str
    account: str
    currency: str
    valid_from: date
    valid_to: date | None
    prices: Sequence[Price]
