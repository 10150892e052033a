"""The shapes of what the API answers about carts that nobody ordered yet, for the contract."""

from datetime import date, datetime
from typing import Any, Literal

from portal.routes.api import bodies
from portal.routes.api.bodies import Code
from portal.routes.api.orders_told import Decimals, Mode, PlacedTotals, Portion, Told


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
