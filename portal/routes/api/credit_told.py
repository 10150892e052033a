"""The shapes of what the API answers about credit, for the contract."""

from datetime import datetime
from typing import Literal

from portal.routes.api.bodies import Code
from portal.routes.api.orders_told import Decimals, Told


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
