"""What would become of an order if another product were taken: the engine's own plan, and nothing is written.

It looks at one instant and locks nothing, so it may come otherwise by the time the buyer accepts: whoever shows it asks
anew each time, and accepting refuses a later day than was shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from portal.db import orders, portions, stock, substitutions
from portal.db.work import Pool, Work
from portal.domain.orders import Foreseen, Order, Portion, Substitution
from portal.domain.portions import OPEN, nothing, take, total
from portal.domain.portions import Portion as Kept
from portal.domain.promising import Piece
from portal.operations import planning
from portal.operations.cancelling import least_certain_first

# Rows have ids from 1 on; a line that is not written has none of them.
UNWRITTEN = -1
Promise = tuple[date | None, date | None]


async def foresee(pool: Pool, order: Order, offers: Sequence[Substitution]) -> dict[str, Foreseen]:
    """By the offer's id, each as if it alone were accepted now."""
    if not offers:
        return {}
    work = Work(pool)
    async with work:
        await work.conn.execute("set transaction isolation level repeatable read read only")
        products = await stock.products(work.conn, {offer.sku for offer in offers})
        planned = {offer.id: await _planned(work, order, offer, products) for offer in offers}
        rest = await _rest(work, order, offers) if order.delivery_preference == "complete_only" else {}
    return {
        offer.id: _foreseen(order, planned[offer.id], _whole(planned[offer.id], rest.get(offer.id)))
        for offer in offers
    }


def _foreseen(order: Order, pieces: Sequence[Piece], whole: Promise | None) -> Foreseen:
    day = last(piece.arrives_on for piece in pieces) if whole is None else whole[1]
    return Foreseen([_read(order, piece, whole) for piece in pieces], day)


def last(days: Iterable[date | None]) -> date | None:
    """The last of these days; none when one of them cannot be named."""
    known = list(days)
    return max((day for day in known if day), default=None) if all(known) else None


async def _planned(
    work: Work, order: Order, offer: Substitution, products: Mapping[str, stock.Product]
) -> Sequence[Piece]:
    new = Kept(UNWRITTEN, order.id, order.account, offer.sku, offer.substitute_quantity, "waiting", "waiting")
    line = max(line.line for line in order.lines) + 1
    waiting = await substitutions.place_in_queue(work.conn, new, line, offer.mode)
    book = await planning.read(work, {offer.sku: products[offer.sku]}, [waiting])
    return planning.foresee(book, offer.sku, UNWRITTEN)


async def _rest(work: Work, order: Order, offers: Sequence[Substitution]) -> dict[str, list[Promise]]:
    """What else of the order is still to come once an offer has taken its part away, by the offer's id."""
    rows = [row for row in await portions.of_order(work.conn, order.id) if row.stage in OPEN]
    ids = {line.line: line.id for line in await orders.lines(work.conn, order.id)}
    return {offer.id: _left(rows, ids[offer.line], offer.quantity) for offer in offers}


def _left(rows: Sequence[Kept], line_id: int, quantity: Decimal) -> list[Promise]:
    mine = [row for row in rows if row.line_id == line_id and row.stage in ("waiting", "allocated")]
    whole = {row.id: row.quantity for row in mine}
    taken = take(least_certain_first(mine), min(quantity, total(mine)), lambda portion: portion, nothing())
    gone = {part.id for part in taken if part.quantity == whole[part.id]}
    return [(row.ships_on, row.arrives_on) for row in rows if row.id not in gone]


def _whole(pieces: Sequence[Piece], rest: Sequence[Promise] | None) -> Promise | None:
    """The one day of an order that ships complete."""
    if rest is None:
        return None
    promises = [*rest, *((piece.ships_on, piece.arrives_on) for piece in pieces)]
    return last(ships for ships, _ in promises), last(arrives for _, arrives in promises)


def _read(order: Order, piece: Piece, whole: Promise | None) -> Portion:
    """As the order would tell it."""
    portion = Portion(
        quantity=piece.quantity,
        status=piece.status,
        stage=piece.stage,
        because=piece.because,
        location=piece.location,
        ships_on=piece.ships_on,
        arrives_on=piece.arrives_on,
    )
    holds = [hold for hold in order.holds if hold.lines is None]
    if holds:
        return portion.held(holds)
    return portion if whole is None else replace(portion, ships_on=whole[0], arrives_on=whole[1])
