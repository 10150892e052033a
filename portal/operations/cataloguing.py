"""Master data: accounts, products, locations, price agreements. Putting a thing again replaces it.

Where the change bears on promises, whatever waits because of it is planned anew in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import accounts, credit, freight, places, stock
from portal.db.work import Work
from portal.domain.freight import Tariff
from portal.domain.refusals import Conflict, Problem, Unacceptable, refuse_any
from portal.operations import planning


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


async def put_account(work: Work, terms: AccountTerms) -> bool:
    """Answers whether the account is new."""
    # The tree is small and changes rarely: one change at a time keeps every path true.
    await work.conn.execute("select pg_advisory_xact_lock(hashtext('account tree'))")
    if terms.draws_on_parent and terms.parent is not None:
        # Before the account itself, as whoever orders does.
        await accounts.lock(work.conn, terms.parent)
    # Not `for update`: that would keep everybody from writing an event of this account, who may hold a product.
    before = await work.conn.fetchrow(
        """select currency, path, priority, weekly_day, own_country_first, credit_source from account where number = $1
           for no key update""",
        terms.number,
    )
    path = await _path(work, terms)
    await _refuse_other_money(work, terms)
    has_orders = "select 1 from orders where account = $1 limit 1"
    if (
        before is not None
        and before["currency"] != terms.currency
        and await work.conn.fetchval(has_orders, terms.number)
    ):
        raise Conflict(
            f"Account {terms.number} has orders in {before['currency']}; its currency cannot change.",
            [Problem("/currency", f"is {before['currency']}")],
        )
    await _write_account(work, terms, path)
    await _write_invoicing(work, terms.number, terms.invoicing)
    if terms.credit_source == "portal":
        await credit.forget_figures(work.conn, terms.number, work.now)
    if before is not None and before["path"] != path:
        await work.conn.execute(
            """update account set path = $2::text[] || path[cardinality($3::text[]) + 1:]
               where path @> array[$1::text] and number <> $1""",
            terms.number,
            path,
            before["path"],
        )
    await work.conn.execute(
        "insert into account_feed (account) values ($1) on conflict do nothing", terms.number
    )
    destinations = await _destinations(work, terms.number)
    await _write_ship_tos(work, terms)
    if before is None:
        return True
    cause = {"what": "account_changed"}
    ranked = (terms.priority, terms.weekly_day, terms.own_country_first)
    if before["path"] != path:
        # Whoever stands below draws on other agreements now.
        below = "p.account in (select number from account where path @> array[$1::text])"
        await _replan_waiting(work, below, terms.number, cause)
    elif (before["priority"], before["weekly_day"], before["own_country_first"]) != ranked or (
        destinations != await _destinations(work, terms.number)
    ):
        await _replan_waiting(work, "p.account = $1", terms.number, cause)
    if before["credit_source"] != terms.credit_source:
        # Last: orders' figures are locked after the products that a plan holds.
        await credit.rebook(work.conn, terms.number, work.now, by_erp=terms.credit_source == "erp")
    return False


async def _destinations(work: Work, account: str) -> dict[str, tuple[str, str]]:
    rows = await work.conn.fetch("select code, city, country from ship_to where account = $1", account)
    return {row["code"]: (row["city"], row["country"]) for row in rows}


async def _path(work: Work, terms: AccountTerms) -> list[str]:
    if terms.parent is None:
        return [terms.number]
    above = await work.conn.fetchval("select path from account where number = $1", terms.parent)
    if above is None:
        raise Unacceptable(
            f"There is no account {terms.parent!r}.",
            [Problem("/parent", f"unknown account {terms.parent!r}")],
        )
    if terms.number in above:
        raise Unacceptable(
            f"{terms.parent} stands below {terms.number}; an account cannot be below itself.",
            [Problem("/parent", f"stands below {terms.number}")],
        )
    return [*above, terms.number]


async def _refuse_other_money(work: Work, terms: AccountTerms) -> None:
    """Whoever shares a limit counts in one currency."""
    if terms.draws_on_parent and terms.parent is None:
        raise Unacceptable(
            f"Account {terms.number} has no parent to draw on.",
            [Problem("/draws_on_parent", "needs a parent")],
        )
    others = await work.conn.fetchrow(
        """select number, currency from account where currency <> $2
           and (number = $3 or parent = $1 and draws_on_parent) limit 1""",
        terms.number,
        terms.currency,
        terms.parent if terms.draws_on_parent else None,
    )
    if others is not None:
        raise Unacceptable(
            f"Account {others['number']} counts in {others['currency']}: it cannot share a credit limit in "
            f"{terms.currency}.",
            [Problem("/currency", f"{others['number']} counts in {others['currency']}")],
        )


async def _write_account(work: Work, terms: AccountTerms, path: list[str]) -> None:
    await work.conn.execute(
        """insert into account (number, name, currency, parent, path, priority, tax_id, credit_limit, credit_hold,
               payment_terms_days, invoice_terms, consolidation, delivery_preference, weekly_day, tax_status,
               freight_policy, own_country_first, credit_source, erp_silence, erp_figures_age_hours, draws_on_parent)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
           on conflict (number) do update set (name, currency, parent, path, priority, tax_id, credit_limit,
               credit_hold, payment_terms_days, invoice_terms, consolidation, delivery_preference, weekly_day,
               tax_status, freight_policy, own_country_first, credit_source, erp_silence, erp_figures_age_hours,
               draws_on_parent)
           = (excluded.name, excluded.currency, excluded.parent, excluded.path, excluded.priority, excluded.tax_id,
               excluded.credit_limit, excluded.credit_hold, excluded.payment_terms_days, excluded.invoice_terms,
               excluded.consolidation, excluded.delivery_preference, excluded.weekly_day, excluded.tax_status,
               excluded.freight_policy, excluded.own_country_first, excluded.credit_source, excluded.erp_silence,
               excluded.erp_figures_age_hours, excluded.draws_on_parent)""",
        terms.number,
        terms.name,
        terms.currency,
        terms.parent,
        path,
        terms.priority,
        terms.tax_id,
        terms.credit_limit,
        terms.credit_hold,
        terms.payment_terms_days,
        terms.invoice_terms,
        terms.consolidation,
        terms.delivery_preference,
        terms.weekly_day,
        terms.tax_status,
        terms.freight_policy,
        terms.own_country_first,
        terms.credit_source,
        terms.erp_silence,
        terms.erp_figures_age_hours,
        terms.draws_on_parent,
    )


async def _write_invoicing(work: Work, number: str, said: Invoicing) -> None:
    await work.conn.execute(
        """update account set legal_name = $2, registration = $3, billing_address = $4, electronic_address = $5,
               buyer_reference = $6, contract_number = $7, document_language = $8
           where number = $1""",
        number,
        said.legal_name,
        said.registration,
        said.bills_go_to,
        said.electronic_address,
        said.buyer_reference,
        said.contract_number,
        said.document_language,
    )


async def _write_ship_tos(work: Work, terms: AccountTerms) -> None:
    codes = [ship_to.code for ship_to in terms.ship_tos]
    if len(set(codes)) < len(codes):
        raise Unacceptable(
            "Two ship-tos have the same code.", [Problem("/ship_tos", "two have the same code")]
        )
    # Orders keep the ship-to they were placed for; one that is left out takes no new ones.
    await work.conn.execute(
        "update ship_to set active = code = any($2::text[]) where account = $1", terms.number, codes
    )
    await work.conn.executemany(
        """insert into ship_to (account, code, name, lines, city, postal_code, region, country, instructions)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (account, code) do update set (name, lines, city, postal_code, region, country, instructions)
           = (excluded.name, excluded.lines, excluded.city, excluded.postal_code, excluded.region,
               excluded.country, excluded.instructions)""",
        [
            (
                terms.number,
                ship_to.code,
                ship_to.name,
                list(ship_to.address.lines),
                ship_to.address.city,
                ship_to.address.postal_code,
                ship_to.address.region,
                ship_to.address.country,
                ship_to.instructions,
            )
            for ship_to in terms.ship_tos
        ],
    )


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
        await _replan_waiting(work, "p.location = $1", facts.code, {"what": "location_changed"})
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


async def _replan_waiting(work: Work, where: str, value: str, cause: planning.Cause) -> None:
    rows = await work.conn.fetch(
        f"select distinct p.sku from portion p where p.stage = 'waiting' and {where} order by p.sku", value
    )
    skus = [row["sku"] for row in rows]
    await stock.lock(work.conn, skus)
    await planning.replan(work, skus, cause)
