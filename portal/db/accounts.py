"""Buying companies as rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from portal.db.prices import Agreed
from portal.db.work import Connection

_ship_tos = msgspec.json.Decoder(dict[str, tuple[str, str]])
_offers = msgspec.json.Decoder(list[tuple[str, str, Decimal, Decimal]])


@dataclass(frozen=True, slots=True)
class Account:
    """What placing an order needs to know of an account."""

    number: str
    currency: str
    path: list[str]
    priority: int
    credit_limit: Decimal | None
    credit_hold: bool
    delivery_preference: str
    tax_status: str
    own_country_first: bool
    weekly_day: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an account owes or will owe, gross of tax."""

    open_orders: Decimal
    shipped_not_invoiced: Decimal
    invoiced_unpaid: Decimal

    @property
    def total(self) -> Decimal:
        return self.open_orders + self.shipped_not_invoiced + self.invoiced_unpaid


GET = """
select number, currency, path, priority, credit_limit, credit_hold, delivery_preference, tax_status, own_country_first,
    weekly_day
from account where number = $1
"""


async def get(conn: Connection, number: str) -> Account | None:
    """An account as it stands."""
    row = await conn.fetchrow(GET, number)
    return Account(*row.values()) if row else None


async def lock(conn: Connection, number: str) -> Account | None:
    """Lock the account's row: whoever checks credit holds it until commit, so that two cannot pass one limit."""
    row = await conn.fetchrow(f"{GET} for no key update", number)
    return Account(*row.values()) if row else None


async def exposure(conn: Connection, number: str) -> Exposure:
    """Orders that wait for credit or approval do not count."""
    row = await conn.fetchrow(
        """select coalesce(sum(open_value), 0), coalesce(sum(shipped_value), 0) from order_status
           where account = $1 and (open_value > 0 or shipped_value > 0) and state in ('open', 'closed')""",
        number,
    )
    assert row is not None
    return Exposure(row[0], row[1], Decimal(0))


TERMS = """
select
    (select json_object_agg(code, json_build_array(city, country) order by code) from ship_to
        where account = $1 and active)::text as ship_tos,
    (select json_agg(json_build_array(p.sku, p.agreement, p.min_quantity::text, p.amount::text)
            order by array_position($2::text[], a.account) desc, a.valid_from desc, a.number, p.min_quantity desc)
        from price_agreement a join agreed_price p on p.agreement = a.number
        where a.account = any($2) and a.currency = $3 and p.sku = any($4::text[])
            and a.valid_from <= $5 and (a.valid_to is null or a.valid_to >= $5))::text as offers,
    (select coalesce(sum(open_value) + sum(shipped_value), 0) from order_status
        where account = $1 and (open_value > 0 or shipped_value > 0) and state in ('open', 'closed')) as exposure
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order of an account rests on: where it can go ((city, country) by code, of those that are in use), the
    agreed prices that are valid for it by SKU (its own before its parents', the newest first), and what it owes."""

    ship_tos: dict[str, tuple[str, str]]
    offers: dict[str, list[Agreed]]
    exposure: Decimal


async def terms(conn: Connection, account: Account, skus: Iterable[str], day: date) -> Terms:
    """In one trip, under the lock of the account's row."""
    row = await conn.fetchrow(TERMS, account.number, account.path, account.currency, list(skus), day)
    assert row is not None
    offers: dict[str, list[Agreed]] = {}
    for sku, agreement, min_quantity, amount in _offers.decode(row["offers"] or "[]"):
        offers.setdefault(sku, []).append(Agreed(agreement, min_quantity, amount))
    return Terms(_ship_tos.decode(row["ship_tos"] or "{}"), offers, row["exposure"])


async def family(conn: Connection, number: str) -> tuple[str, ...]:
    """The account and all below it."""
    rows = await conn.fetch(
        "select number from account where path @> array[$1::text] order by number", number
    )
    return tuple(row["number"] for row in rows)
