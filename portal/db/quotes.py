"""What a quote shows beside the plan: what things weigh, until when prices hold, what freight costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from portal.db.portions import COLUMNS, LISTED, read
from portal.db.queue import Waiting
from portal.db.work import Connection
from portal.domain.freight import Tariff
from portal.domain.orders import Place
from portal.domain.quotes import QuotedLine

# Behind everybody who waits.
LAST = 2**62

BACKGROUND = """
select
    (select json_object_agg(sku, json_build_array(weight_kg::text, list_price::text)) from product
        where sku = any($1::text[]))::text as products,
    (select json_object_agg(number, valid_to) from price_agreement where number = any($2::text[]))::text as agreements,
    (select json_agg(json_build_array(location, mode, currency, per_shipment::text, per_kg::text, free_from::text))
        from freight_tariff where currency = $3)::text as tariffs,
    (select json_object_agg(code, json_build_array(name, city, country, time_zone)) from location)::text as places
"""
_products = msgspec.json.Decoder(dict[str, tuple[Decimal | None, Decimal]])
_agreements = msgspec.json.Decoder(dict[str, date | None])
_tariffs = msgspec.json.Decoder(list[tuple[str, str, str, Decimal, Decimal, Decimal | None]])
_places = msgspec.json.Decoder(dict[str, tuple[str, str, str, str]])


@dataclass(frozen=True, slots=True)
class Background:
    """By SKU the weight of one unit, where it is known, and the list price; by number until when an agreement holds."""

    weights: dict[str, Decimal | None]
    list_prices: dict[str, Decimal]
    valid_to: dict[str, date | None]
    tariffs: list[Tariff]
    places: dict[str, Place]


async def background(
    conn: Connection, skus: Iterable[str], agreements: Iterable[str], currency: str
) -> Background:
    """In one trip."""
    row = await conn.fetchrow(BACKGROUND, list(skus), list(agreements), currency)
    assert row is not None
    products = _products.decode(row["products"] or "{}")
    return Background(
        {sku: weight for sku, (weight, _) in products.items()},
        {sku: price for sku, (_, price) in products.items()},
        _agreements.decode(row["agreements"] or "{}"),
        [Tariff(*one) for one in _tariffs.decode(row["tariffs"] or "[]")],
        {code: Place(*facts) for code, facts in _places.decode(row["places"] or "{}").items()},
    )


PENDING = f"""
select {LISTED}, l.line, l.mode, o.number, {LAST}::bigint as arrival, o.requested_on, o.delivery_preference,
    a.priority, a.path, a.own_country_first, a.weekly_day, t.city, t.country
from portion p
join order_line l on l.id = p.line_id
join orders o on o.id = p.order_id
join order_status s on s.order_id = p.order_id
join account a on a.number = p.account
join ship_to t on t.account = o.account and t.code = o.ship_to
where p.order_id = $1 and p.stage = 'waiting' and s.state in ('draft', 'pending_approval', 'held')
order by l.line, p.id
"""


async def pending(conn: Connection, order_id: int) -> list[Waiting]:
    """What would take its place in the queue, last of all, if the order were placed now: nothing once it is."""
    rows = await conn.fetch(PENDING, order_id)
    return [Waiting(read(row), *tuple(row.values())[len(COLUMNS) :]) for row in rows]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What stays as it was agreed of an order that waits to be placed."""

    currency: str
    country: str
    discount: Decimal
    freight: Decimal
    preference: str
    lines: list[QuotedLine]


async def agreed(conn: Connection, order_id: int) -> Agreed:
    """As the order was submitted, its lines in order."""
    rows = await conn.fetch(
        """select o.currency, t.country, o.discount, o.freight, o.delivery_preference, l.line, l.sku, l.name, l.unit,
               l.mode, l.quantity, l.unit_price, l.price_source, l.tax_category, l.tax_rate, l.need_by, p.weight_kg
           from order_line l join orders o on o.id = l.order_id join product p on p.sku = l.sku
           join ship_to t on t.account = o.account and t.code = o.ship_to
           where l.order_id = $1 order by l.line""",
        order_id,
    )
    lines = [
        QuotedLine(
            row["line"], row["sku"], row["name"], row["unit"], row["mode"], row["quantity"], row["unit_price"],
            row["price_source"], None, row["quantity"] * row["unit_price"], row["tax_category"], row["tax_rate"],
            row["need_by"], row["weight_kg"],
        )
        for row in rows
    ]  # fmt: skip
    first = rows[0]
    return Agreed(
        first["currency"],
        first["country"],
        first["discount"],
        first["freight"],
        first["delivery_preference"],
        lines,
    )
