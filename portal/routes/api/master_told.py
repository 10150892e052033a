"""The shapes of what the API answers about what everybody else refers to, for the contract."""

from portal.routes.api import bodies, master_bodies
from portal.routes.api.bodies import Code, Text
from portal.routes.api.orders_told import Decimals, Kind, Told


class Account(master_bodies.PutAccount, kw_only=True):
    number: Code


class Product(master_bodies.PutProduct, kw_only=True):
    sku: Code


class Location(master_bodies.PutLocation, kw_only=True):
    code: Code


class PriceAgreement(master_bodies.PutPriceAgreement, kw_only=True):
    number: Code


class OwnSkus(Told, kw_only=True):
    account: Code
    items: list[master_bodies.OwnSku]


class AllocationAgreement(master_bodies.PutAllocationAgreement, kw_only=True):
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


class InboundLineTold(master_bodies.InboundLine, kw_only=True):
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
    # Whether they may sign in at all.
    active: bool
    account: Code
    roles: list[str]
    limit_per_order: bodies.Money | None
    limit_per_period: bodies.PeriodLimit | None
