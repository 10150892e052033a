"""What an order would come to, before it is placed: the engine's own plan of all of it, and nothing is written.

It looks at one instant and locks nothing. Others may order meanwhile, so whoever shows it asks anew each time, and
placing tells the buyer what has become later than they saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from portal.db import accounts, quotes, stock
from portal.db.queue import Waiting
from portal.db.work import Pool, Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.delivering import Pieces, Terms, way
from portal.domain.freight import Tariffs
from portal.domain.portions import Portion
from portal.domain.quotes import PREFERENCES, Outlook, Quote, QuotedLine, Way
from portal.domain.refusals import unknown
from portal.operations import approving, crediting, drafting, placing, planning, waiting_longer
from portal.operations.crediting import Heard
from portal.operations.drafting import Draft, Supplier, Wanted
from portal.operations.planning import Book

# Rows have ids from 1 on; an order that is not written has none of them, and its lines count down from there.
UNWRITTEN = -1
SNAPSHOT = "set transaction isolation level repeatable read read only"


async def quote(
    pool: Pool, viewer: Viewer, supplier: Supplier, wanted: Wanted, heard: Heard | None = None
) -> Quote:
    """The order as it would be placed now, in every way of delivering it. Refused as placing would refuse it."""
    work = Work(pool)
    async with work:
        await work.conn.execute(SNAPSHOT)
        account = await accounts.get(work.conn, wanted.account)
        if account is None or not viewer.sees(wanted.account):
            raise unknown("account", wanted.account, "/account")
        draft = await drafting.draft(work.conn, supplier, wanted, account, work.now)
        await drafting.refuse_missing(work, draft)
        return await _quote(work, viewer, wanted, draft, heard)


async def _quote(work: Work, viewer: Viewer, wanted: Wanted, draft: Draft, heard: Heard | None) -> Quote:
    account = draft.account
    agreements = {source for line in draft.lines if (source := _agreement(line.price_source))}
    background = await quotes.background(work.conn, draft.articles, agreements, account.currency)
    lines = [_line(draft, number, background) for number in range(len(draft.lines))]
    book = await planning.read(
        work, await stock.products(work.conn, draft.articles), _unwritten(draft, wanted)
    )
    terms = Terms(Tariffs(background.tariffs, account.currency), wanted.discount, _first_choice(book, draft))
    ways = _ways(book, lines, terms)
    chosen = ways[draft.preference]
    verdict = await crediting.foresee(work.conn, account, chosen.totals.total, heard, work.now)
    agreed_to = replace(draft, totals=chosen.totals)
    chain = await approving.needed(work, viewer, account, draft.terms, placing.facts(wanted, agreed_to))
    return Quote(
        account=account.number,
        currency=account.currency,
        ship_to=draft.ship_to,
        city=draft.city,
        country=draft.country,
        asked_at=work.now,
        lines=lines,
        ways=ways,
        preference=draft.preference,
        credit=verdict,
        chain=chain,
        locations=background.places,
    )


async def outlook(pool: Pool, order_id: int) -> Outlook | None:
    """Of an order that waits to be placed: what it would be given now, and what waiting costs.

    None once it is placed, or will never be. Whoever asks has made sure that they may see the order.
    """
    work = Work(pool)
    async with work:
        await work.conn.execute(SNAPSHOT)
        rows = await quotes.pending(work.conn, order_id)
        if not rows:
            return None
        agreed = await quotes.agreed(work.conn, order_id)
        background = await quotes.background(work.conn, (), (), agreed.currency)
        products = await stock.products(work.conn, {row.portion.sku for row in rows})
        book = await planning.read(work, products, rows)
    quantities = _quantities(rows)
    lines = [
        replace(line, quantity=quantities[line.line]) for line in agreed.lines if line.line in quantities
    ]
    country = agreed.country if rows[0].own_country_first else None
    fallback = next(iter(planning.by_preference(book.places, country)), None)
    terms = Terms(Tariffs(background.tariffs, agreed.currency), agreed.discount, fallback, agreed.freight)
    numbers = {row.portion.line_id: row.line for row in rows}
    zones = {code: place.time_zone for code, place in background.places.items()}
    looked = waiting_longer.Pending(book, order_id, lines, numbers, terms, agreed.preference, zones)
    now = looked.way(0)
    return Outlook(now, waiting_longer.cost(looked, now), background.places)


def _quantities(rows: Sequence[Waiting]) -> dict[int, Decimal]:
    """What still waits of each line: some of it may have been struck out."""
    found: dict[int, Decimal] = {}
    for row in rows:
        found[row.line] = found.get(row.line, Decimal(0)) + row.portion.quantity
    return found


def _agreement(source: str) -> str | None:
    kind, _, number = source.partition(":")
    return number if kind == "agreement" else None


def _line(draft: Draft, number: int, background: quotes.Background) -> QuotedLine:
    line = draft.lines[number]
    return QuotedLine(
        line=line.line,
        sku=line.sku,
        name=line.name,
        unit=line.unit,
        mode=line.mode,
        quantity=line.quantity,
        unit_price=line.unit_price,
        price_source=line.price_source,
        price_until=background.valid_to.get(_agreement(line.price_source) or ""),
        net=money.net(line.priced, draft.account.currency),
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        need_by=line.need_by,
        weight_kg=background.weights.get(line.sku),
        list_price=background.list_prices.get(line.sku),
    )


def _unwritten(draft: Draft, wanted: Wanted) -> list[Waiting]:
    """The lines where they would stand in the queue: behind everybody of the account's priority."""
    account = draft.account
    return [
        Waiting(
            Portion(
                UNWRITTEN - index, UNWRITTEN, account.number, line.sku, line.quantity, "waiting", "waiting",
                waiting_since=draft.today,
            ),
            line.line, line.mode, "", quotes.LAST, wanted.requested_on, draft.preference, account.priority,
            account.path, account.own_country_first, account.weekly_day, draft.city, draft.country,
        )
        for index, line in enumerate(draft.lines)
    ]  # fmt: skip


def _first_choice(book: Book, draft: Draft) -> str | None:
    country = draft.country if draft.account.own_country_first else None
    return next(iter(planning.by_preference(book.places, country)), None)


def _ways(book: Book, lines: Sequence[QuotedLine], terms: Terms) -> dict[str, Way]:
    """Both ways that leave as soon as they can share one plan: complete only waits with what it has."""
    soon = _pieces(book, lines, "as_available")
    plans: Mapping[str, Pieces] = {
        "as_available": soon,
        "complete_only": soon,
        "weekly": _pieces(book, lines, "weekly"),
    }
    inbound = [one for rows in book.inbound.values() for one in rows]
    return {name: way(name, lines, plans[name], inbound, terms) for name in PREFERENCES}


def _pieces(book: Book, lines: Sequence[QuotedLine], preference: str) -> Pieces:
    planned = planning.foresee_all(planning.preferring(book, UNWRITTEN, preference), UNWRITTEN)
    return {line.line: planned[UNWRITTEN - index] for index, line in enumerate(lines)}
