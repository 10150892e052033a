"""Products as an account may buy them: prices with their breaks and validity, what it calls them, what is free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import asyncpg
import msgspec

from portal.db.work import Connection
from portal.domain.carts import Offer, Product
from portal.domain.quantities import ZERO

_offers = msgspec.json.Decoder(list[tuple[str, Decimal, Decimal, date | None]])


@dataclass(frozen=True, slots=True)
class Customer:
    """The account that buys: whose prices hold, and whose words are understood."""

    number: str
    name: str
    currency: str
    path: Sequence[str]


async def customer(conn: Connection, number: str) -> Customer | None:
    row = await conn.fetchrow("select number, name, currency, path from account where number = $1", number)
    return Customer(*row.values()) if row else None


# The same order of offers as placing asks them in (`accounts.TERMS`): the account's own before its parents', the newest
# first, the deepest break first.
SHELF = """
select p.sku, p.name, p.unit, p.mode, p.category, p.tax_category, p.weight_kg, p.backorders, p.lead_time_days, p.active,
    case when p.managed then greatest(coalesce(l.free, 0) + coalesce(g.mine, 0), 0) end as free,
    case when p.list_currency = $3 then p.list_price end as list_price, o.offers::text, w.codes
from product p
left join (select sku, sum(on_hand - quarantined - allocated - reserved) as free from stock_level
    where sku = any($1::text[]) group by sku) l on l.sku = p.sku
left join (select sku, sum(reserved) as mine from allocation_agreement
    where sku = any($1::text[]) and account = any($2::text[]) group by sku) g on g.sku = p.sku
left join (select p.sku, json_agg(json_build_array(a.number, p.min_quantity::text, p.amount::text, a.valid_to)
        order by array_position($2::text[], a.account) desc, a.valid_from desc, a.number, p.min_quantity desc) as offers
    from price_agreement a join agreed_price p on p.agreement = a.number
    where a.account = any($2::text[]) and a.currency = $3 and p.sku = any($1::text[])
        and a.valid_from <= $4 and (a.valid_to is null or a.valid_to >= $4) group by p.sku) o on o.sku = p.sku
left join (select sku, array_agg(code order by array_position($2::text[], account) desc, code) as codes from own_sku
    where account = any($2::text[]) and sku = any($1::text[]) group by sku) w on w.sku = p.sku
where p.sku = any($1::text[])
"""


async def products(
    conn: Connection, customer: Customer, skus: Iterable[str], day: date
) -> dict[str, Product]:
    """By SKU, at the prices of that day; what was never sold is missing."""
    wanted = list(dict.fromkeys(skus))
    if not wanted:
        return {}
    rows = await conn.fetch(SHELF, wanted, list(customer.path), customer.currency, day)
    return {row["sku"]: _product(row) for row in rows}


def _product(row: asyncpg.Record) -> Product:
    offers = [
        Offer(amount, f"agreement:{number}", least, valid_to)
        for number, least, amount, valid_to in _offers.decode(row["offers"] or "[]")
    ]
    if row["list_price"] is not None:
        offers.append(Offer(row["list_price"], "list", ZERO))
    return Product(
        sku=row["sku"],
        name=row["name"],
        unit=row["unit"],
        mode=row["mode"],
        category=row["category"],
        tax_category=row["tax_category"],
        weight_kg=row["weight_kg"],
        backorders=row["backorders"],
        lead_time_days=row["lead_time_days"],
        is_active=row["active"],
        free=row["free"],
        offers=tuple(offers),
        own_codes=tuple(row["codes"] or ()),
    )


# What begins like the words, the buyer's own codes first; then what has all of them in its name, number or category.
FOUND = """
select sku from (
    select o.sku, 0 as how from own_sku o where o.account = any($1::text[]) and upper(o.code) like $2
    union all
    select p.sku, 1 from product p where upper(p.sku) like $2
    union all
    select p.sku, 2 from product p
        where concat_ws(' ', p.name, p.sku, regexp_replace(p.sku, '[^[:alnum:]]', '', 'g'), p.category)
            ilike all($3::text[])
    union all
    select o.sku, 3 from own_sku o where o.account = any($1::text[]) and o.code ilike all($3::text[])
) found join product using (sku) where active
group by sku order by min(how), sku limit $4
"""


async def search(conn: Connection, customer: Customer, words: str, day: date, limit: int) -> list[Product]:
    """Products that are sold, by the beginning of a SKU, the buyer's own code, or words of the name; best first."""
    patterns = [f"%{_literal(word)}%" for word in words.split()]
    if not patterns:
        return []
    beginning = f"{_literal(words.upper())}%"
    rows = await conn.fetch(FOUND, list(customer.path), beginning, patterns, limit)
    known = await products(conn, customer, [row["sku"] for row in rows], day)
    return [known[row["sku"]] for row in rows if row["sku"] in known]


def _literal(words: str) -> str:
    """For `like`: nothing in it stands for anything else."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
