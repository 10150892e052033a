"""Approvals: who must agree before an order is placed, and opening the request that asks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import accounts, policies, prices
from portal.db.accounts import Account, Terms
from portal.db.orders import NewLine, Placed
from portal.db.work import Connection, Work
from portal.domain.access import Viewer
from portal.domain.approvals import Chain, Limit
from portal.domain.chains import Policy, applying, build, exceeded, may_approve_own, timing
from portal.domain.money import Totals
from portal.domain.policies import Facts, OrderedLine, When
from portal.operations import requesting
from portal.operations.crowds import crowd_of
from portal.operations.drafting import price_of
from portal.operations.regulating import put_policy

__all__ = ["Asked", "Chain", "ask", "chain_for", "crowd_of", "needed", "put_policy", "requester_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules look at, of an order that is about to be placed.

    `categories` stands for lines where there are none: whoever tries an order out may name categories only. `order_id`
    is set where the order stands already: it is not counted against itself.
    """

    ship_to: str | None
    cost_centre: str | None
    lines: Sequence[NewLine]
    totals: Totals
    categories: Sequence[str] = ()
    order_id: int | None = None


def requester_of(viewer: Viewer) -> int | None:
    """Whose order it is that the viewer places; staff and systems place for nobody in particular."""
    return viewer.person_id if not viewer.is_supplier or "token" in viewer.roles else None


async def needed(work: Work, viewer: Viewer, account: Account, terms: Terms, asked: Asked) -> Chain | None:
    """The chain that the order needs; None when it may be placed at once. Refused where nobody could be asked."""
    requester = requester_of(viewer)
    if requester is None and not terms.has_policies:
        return None
    return await chain_again(work, account, requester, asked)


async def chain_again(work: Work, account: Account, requester: int | None, asked: Asked) -> Chain | None:
    """The same for an order that stands, of whoever asked for it."""
    found, limits = await policies.standing(work.conn, account.path, requester)
    if not found and not limits:
        return None
    today = timing(found).working.today(work.now)
    return await _chain(work.conn, account, found, limits, requester, asked, today)


async def chain_for(
    conn: Connection, account_number: str, requester_id: int | None, asked: Asked, today: date
) -> Chain | None:
    """The same for an order that nobody places: a quote, or the box in which a policy is tried out."""
    account = await accounts.get(conn, account_number)
    assert account is not None
    found, limits = await policies.standing(conn, account.path, requester_id)
    return await _chain(conn, account, found, limits, requester_id, asked, today)


async def _chain(
    conn: Connection,
    account: Account,
    found: Sequence[Policy],
    limits: Sequence[Limit],
    requester: int | None,
    asked: Asked,
    today: date,
) -> Chain | None:
    zone = timing(found).working.time_zone
    facts = await _facts(conn, account, found, asked, today, zone)
    applied = applying(found, facts)
    used = [await _ordered(conn, account, limit, requester, asked, today, zone) for limit in limits]
    beyond = exceeded(used, facts)
    if not applied and not beyond:
        return None
    excluded = None if may_approve_own(found) else requester
    crowd = await crowd_of(conn, account.path, asked.totals.total, account.currency, today, zone, excluded)
    return build(found, applied, beyond, facts, crowd)


async def _ordered(
    conn: Connection,
    account: Account,
    limit: Limit,
    requester: int | None,
    asked: Asked,
    today: date,
    zone: str,
) -> Limit:
    """The limit with what its holder has ordered before within its period."""
    if limit.period is None:
        return limit
    used = await policies.ordered(
        conn,
        account.number,
        limit.currency,
        limit.period,
        today,
        zone,
        person_id=requester,
        but=asked.order_id,
    )
    return replace(limit, used=used)


async def _facts(
    conn: Connection, account: Account, found: Sequence[Policy], asked: Asked, today: date, zone: str
) -> Facts:
    """Only what the rules look at is read."""
    looked_at = [rule.when for policy in found for rule in policy.rules]
    periods = {
        when.period_total_above.period or "month" for when in looked_at if when.period_total_above is not None
    }
    return Facts(
        total=asked.totals.total,
        currency=account.currency,
        today=today,
        ship_to=asked.ship_to,
        cost_centre=asked.cost_centre,
        lines=await _lines(conn, account, looked_at, asked, today),
        categories=frozenset(asked.categories),
        submitted={
            period: await policies.ordered(
                conn, account.number, account.currency, period, today, zone, but=asked.order_id
            )
            for period in sorted(periods)
        },
    )


async def _lines(
    conn: Connection, account: Account, looked_at: Sequence[When], asked: Asked, today: date
) -> list[OrderedLine]:
    skus = {line.sku for line in asked.lines}
    categories: Mapping[str, str | None] = {}
    if any(when.category for when in looked_at):
        categories = await policies.categories(conn, skus)
    known = skus
    if any(when.first_order_of_product for when in looked_at):
        known = await policies.ordered_before(conn, account.number, skus, asked.order_id)
    references: Mapping[int, Decimal | None] = {}
    if any(when.price_deviation_above is not None for when in looked_at):
        references = await _references(conn, account, asked, today)
    return [
        OrderedLine(
            line.line,
            line.sku,
            line.unit_price,
            categories.get(line.sku),
            references.get(line.line),
            line.sku not in known,
            line.price_source == "order",
        )
        for line in asked.lines
    ]


async def _references(
    conn: Connection, account: Account, asked: Asked, today: date
) -> dict[int, Decimal | None]:
    """By line: what the account would pay had nobody named a price."""
    named = [line for line in asked.lines if line.price_source == "order"]
    if not named:
        return {}
    skus = {line.sku for line in named}
    terms = await accounts.terms(conn, account, skus, today)
    articles = await prices.articles(conn, skus)
    found = {
        line.line: price_of(line.quantity, articles[line.sku], terms, account.currency)
        for line in named
        if line.sku in articles
    }
    return {line: price[0] if price else None for line, price in found.items()}


async def ask(
    work: Work, viewer: Viewer, account: Account, order: Placed, chain: Chain, told: dict[str, Any]
) -> str:
    """Open the request for an order that was just written; answers its number."""
    wanted = requesting.New(
        account=account.number,
        order_id=order.id,
        order=order.number,
        kind="order",
        requester_id=requester_of(viewer),
        requester=await requesting.name_of(work, viewer),
        total=Decimal(told["total"]),
        currency=account.currency,
    )
    return await requesting.open_request(work, viewer, wanted, chain, told)
