"""Accounts as the ERP tells them: their place in the tree, their terms, where they take goods in, what their bills say.

Where the change bears on promises, whatever waits because of it is planned anew in the same transaction.
"""

from portal.db import accounts, credit
from portal.db.work import Work
from portal.domain.refusals import Conflict, Problem, Unacceptable
from portal.operations.masters import AccountTerms, Invoicing
from portal.operations.replanning import replan_waiting


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
        await replan_waiting(work, below, terms.number, cause)
    elif (before["priority"], before["weekly_day"], before["own_country_first"]) != ranked or (
        destinations != await _destinations(work, terms.number)
    ):
        await replan_waiting(work, "p.account = $1", terms.number, cause)
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
