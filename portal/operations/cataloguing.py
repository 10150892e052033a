"""Master data: products, locations, price agreements; accounts are in `founding`. Putting a thing again replaces it.

Where the change bears on promises, whatever waits because of it is planned anew in the same transaction.
"""

from collections.abc import Sequence

from portal.db import freight, places
from portal.db.work import Work
from portal.domain.freight import Tariff
from portal.domain.refusals import Conflict, Problem, refuse_any
from portal.operations import planning
from portal.operations.founding import put_account
from portal.operations.masters import (
    AccountTerms,
    Address,
    Invoicing,
    LocationFacts,
    Price,
    PriceTerms,
    ProductFacts,
    ShipTo,
)
from portal.operations.replanning import replan_waiting

# All of master data is put through here, wherever it is written.
__all__ = [
    "AccountTerms",
    "Address",
    "Invoicing",
    "LocationFacts",
    "Price",
    "PriceTerms",
    "ProductFacts",
    "ShipTo",
    "put_account",
    "put_location",
    "put_price_agreement",
    "put_product",
]


async def put_product(work: Work, facts: ProductFacts) -> bool:
    """Answers whether the product is new."""
    before = await work.conn.fetchrow(
        "select unit, managed, lead_time_days from product where sku = $1 for no key update", facts.sku
    )
    if before is not None and before["unit"] != facts.unit:
        used = await work.conn.fetchval(
            "select 1 from order_line where upper(sku) = upper($1) limit 1", facts.sku
        )
        if used or await work.conn.fetchval("select 1 from stock_level where sku = $1", facts.sku):
            raise Conflict(
                f"{facts.sku} is counted in {before['unit']}; what is ordered or in stock cannot change its unit.",
                [Problem("/unit", f"is {before['unit']}")],
            )
    await work.conn.execute(
        """insert into product (sku, name, unit, list_price, list_currency, tax_category, mode, weight_kg, category,
               managed, backorders, lead_time_days, active)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           on conflict (sku) do update set (name, unit, list_price, list_currency, tax_category, mode, weight_kg,
               category, managed, backorders, lead_time_days, active)
           = (excluded.name, excluded.unit, excluded.list_price, excluded.list_currency, excluded.tax_category,
               excluded.mode, excluded.weight_kg, excluded.category, excluded.managed, excluded.backorders,
               excluded.lead_time_days, excluded.active)""",
        facts.sku,
        facts.name,
        facts.unit,
        facts.list_price,
        facts.list_currency,
        facts.tax_category,
        facts.mode,
        facts.weight_kg,
        facts.category,
        facts.managed,
        facts.backorders,
        facts.lead_time_days,
        facts.active,
    )
    if before is not None and (before["managed"], before["lead_time_days"]) != (
        facts.managed,
        facts.lead_time_days,
    ):
        await planning.replan(work, [facts.sku], {"what": "product_changed"})
    return before is None


def _wrong_tariffs(tariffs: Sequence[Tariff]) -> list[Problem]:
    seen = set()
    problems = []
    for index, tariff in enumerate(tariffs):
        if (key := (tariff.mode, tariff.currency)) in seen:
            problems.append(
                Problem(f"/freight_tariffs/{index}", f"{tariff.mode} in {tariff.currency} stands here twice")
            )
        seen.add(key)
    return problems


async def put_location(work: Work, facts: LocationFacts) -> bool:
    """Answers whether the location is new."""
    problems = _wrong_tariffs(facts.freight_tariffs)
    if not places.is_known_zone(facts.time_zone):
        problems.append(Problem("/time_zone", f"unknown time zone {facts.time_zone!r}"))
    if facts.holiday_calendar is not None and not places.is_known_calendar(facts.holiday_calendar):
        problems.append(Problem("/holiday_calendar", f"no holidays are known for {facts.holiday_calendar!r}"))
    refuse_any(problems)
    before = await work.conn.fetchval("select 1 from location where code = $1 for no key update", facts.code)
    await work.conn.execute(
        """insert into location (code, name, lines, city, postal_code, region, country, time_zone, working_days,
               holiday_calendar, receiving_days, handling_days, transit_days)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           on conflict (code) do update set (name, lines, city, postal_code, region, country, time_zone,
               working_days, holiday_calendar, receiving_days, handling_days, transit_days)
           = (excluded.name, excluded.lines, excluded.city, excluded.postal_code, excluded.region,
               excluded.country, excluded.time_zone, excluded.working_days, excluded.holiday_calendar,
               excluded.receiving_days, excluded.handling_days, excluded.transit_days)""",
        facts.code,
        facts.name,
        list(facts.address.lines),
        facts.address.city,
        facts.address.postal_code,
        facts.address.region,
        facts.address.country,
        facts.time_zone,
        list(facts.working_days),
        facts.holiday_calendar,
        facts.receiving_days,
        facts.handling_days,
        dict(facts.transit_days),
    )
    await freight.write(work.conn, facts.code, facts.freight_tariffs)
    if before is not None:
        await replan_waiting(work, "p.location = $1", facts.code, {"what": "location_changed"})
    return before is None


async def put_price_agreement(work: Work, terms: PriceTerms) -> bool:
    """Answers whether the agreement is new. Orders keep the price they were placed at."""
    problems = []
    if not await work.conn.fetchval("select 1 from account where number = $1", terms.account):
        problems.append(Problem("/account", f"unknown account {terms.account!r}"))
    if terms.valid_to is not None and terms.valid_to < terms.valid_from:
        problems.append(Problem("/valid_to", "lies before valid_from"))
    rows = await work.conn.fetch(
        "select sku from product where sku = any($1::text[])", [price.sku for price in terms.prices]
    )
    known = {row["sku"] for row in rows}
    seen = set()
    for index, price in enumerate(terms.prices):
        if price.sku not in known:
            problems.append(Problem(f"/prices/{index}/sku", f"unknown product {price.sku!r}"))
        if (price.sku, price.min_quantity) in seen:
            problems.append(
                Problem(f"/prices/{index}", f"{price.sku} has two prices from the same quantity on")
            )
        seen.add((price.sku, price.min_quantity))
    refuse_any(problems)
    before = await work.conn.fetchval(
        "select account from price_agreement where number = $1 for update", terms.number
    )
    if before is not None and before != terms.account:
        raise Conflict(
            f"Agreement {terms.number} belongs to another account.", [Problem("/account", "is another's")]
        )
    await work.conn.execute(
        """insert into price_agreement (number, account, currency, valid_from, valid_to) values ($1, $2, $3, $4, $5)
           on conflict (number) do update set currency = excluded.currency, valid_from = excluded.valid_from,
               valid_to = excluded.valid_to""",
        terms.number,
        terms.account,
        terms.currency,
        terms.valid_from,
        terms.valid_to,
    )
    await work.conn.execute("delete from agreed_price where agreement = $1", terms.number)
    await work.conn.copy_records_to_table(
        "agreed_price",
        records=[(terms.number, price.sku, price.min_quantity, price.amount) for price in terms.prices],
        columns=["agreement", "sku", "min_quantity", "amount"],
    )
    return before is None
