"""Buying companies as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from portal.db.owed import COUNTS, OWED, OWING
from portal.db.prices import Agreed
from portal.db.work import Connection

if TYPE_CHECKING:
    import asyncpg

_ship_tos = msgspec.json.Decoder(dict[str, tuple[str, str, str | None]])
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
    credit_source: str = "portal"
    erp_silence: str = "last_known"
    erp_figures_age_hours: int = 24
    parent: str | None = None
    draws_on_parent: bool = False
    # Whether others draw on its limit.
    lends: bool = False
    # Whose limits its orders count against besides its own, the nearest first.
    lenders: tuple["Account", ...] = ()


COLUMNS = """
number, currency, path, priority, credit_limit, credit_hold, delivery_preference, tax_status, own_country_first,
    weekly_day, credit_source, erp_silence, erp_figures_age_hours, parent, draws_on_parent,
    exists (select from account below where below.parent = account.number and below.draws_on_parent) as lends
"""
# An account and those on whose limit it draws, from the top: they are locked in that order.
GET = f"""
select {COLUMNS} from account
where number = any(array_append(array(
    with recursive above (number) as (
        select parent from account where number = $1 and draws_on_parent
        union all
        select a.parent from above join account a on a.number = above.number where a.draws_on_parent
    )
    select number from above), $1))
order by cardinality(path)
"""
# Most draw on nobody: their row is all there is to lock.
LOCK_ALONE = f"select {COLUMNS} from account where number = $1 and not draws_on_parent for no key update"
LOCK = f"{GET} for no key update"
# The tree may be changed while a lock is waited for.
TRIES = 3


async def get(conn: Connection, number: str) -> Account | None:
    """An account as it stands."""
    return _read(await conn.fetch(GET, number), number)


async def lock(conn: Connection, number: str) -> Account | None:
    """Lock the account's row, and before it those of the parents whose limit it draws on: whoever checks credit holds
    them until commit, so that two cannot pass one limit."""
    if (row := await conn.fetchrow(LOCK_ALONE, number)) is not None:
        return Account(*row.values())
    found = None
    for _ in range(TRIES):
        found = _read(await conn.fetch(LOCK, number), number)
        if found is None or not (found.lenders[-1] if found.lenders else found).draws_on_parent:
            break
    return found


def _read(rows: Sequence["asyncpg.Record"], number: str) -> Account | None:
    if len(rows) == 1:
        return Account(*rows[0].values())
    known = {row["number"]: Account(*row.values()) for row in rows}
    found = known.get(number)
    if found is None:
        return None
    lenders, at = [], found
    while at.draws_on_parent and at.parent in known:
        at = known[at.parent]
        lenders.append(at)
    return replace(found, lenders=tuple(lenders))


TERMS = f"""
select
    (select json_object_agg(code, json_build_array(city, country, delivery_preference) order by code) from ship_to
        where account = $1 and active)::text as ship_tos,
    (select json_agg(json_build_array(p.sku, p.agreement, p.min_quantity::text, p.amount::text)
            order by array_position($2::text[], a.account) desc, a.valid_from desc, a.number, p.min_quantity desc)
        from price_agreement a join agreed_price p on p.agreement = a.number
        where a.account = any($2) and a.currency = $3 and p.sku = any($4::text[])
            and a.valid_from <= $5 and (a.valid_to is null or a.valid_to >= $5))::text as offers,
    (select coalesce(sum({OWED}), 0) from order_status
        where account = $1 and {OWING} and {COUNTS}) as exposure,
    exists (select from approval_policy where account = any($2::text[])) as has_policies
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order of an account rests on: where it can go ((city, country, how its people prefer to get it) by code,
    of those that are in use), the agreed prices that are valid for it by SKU (its own before its parents', the newest
    first), what it owes, and whether anybody may have to agree."""

    ship_tos: dict[str, tuple[str, str, str | None]]
    offers: dict[str, list[Agreed]]
    exposure: Decimal
    has_policies: bool


async def terms(conn: Connection, account: Account, skus: Iterable[str], day: date) -> Terms:
    """In one trip, under the lock of the account's row."""
    row = await conn.fetchrow(TERMS, account.number, account.path, account.currency, list(skus), day)
    assert row is not None
    offers: dict[str, list[Agreed]] = {}
    for sku, agreement, min_quantity, amount in _offers.decode(row["offers"] or "[]"):
        offers.setdefault(sku, []).append(Agreed(agreement, min_quantity, amount))
    return Terms(_ship_tos.decode(row["ship_tos"] or "{}"), offers, row["exposure"], row["has_policies"])


async def family(conn: Connection, number: str) -> tuple[str, ...]:
    """The account and all below it."""
    rows = await conn.fetch(
        "select number from account where path @> array[$1::text] order by number", number
    )
    return tuple(row["number"] for row in rows)
