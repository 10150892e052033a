"""A count: what stands on the shelf is what was counted, whatever the books said."""

from collections import defaultdict
from decimal import Decimal

from portal.db import ours, portions, stock
from portal.db.stock import Agreement, Level
from portal.db.work import Work
from portal.domain.portions import Portion, nothing, take, total
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable
from portal.operations import planning
from portal.operations.picking import give_back


async def count(work: Work, location: str, sku: str, on_hand: Decimal, quarantined: Decimal | None) -> bool:
    """Set a level to what was counted. Short: reserved shrinks first, then the least urgent unpicked portions.

    Answers whether the level is new.
    """
    unit = await work.conn.fetchval("select unit from product where sku = $1", sku)
    if unit is None:
        raise NotFound(f"There is no product {sku!r}.")
    if await work.conn.fetchval("select 1 from location where code = $1", location) is None:
        raise NotFound(f"There is no location {location!r}.")
    for name, quantity in (("on_hand", on_hand), ("quarantined", quarantined or ZERO)):
        try:
            check_unit(quantity, unit)
        except NotAQuantity as wrong:
            raise Unacceptable(str(wrong), [Problem(f"/{name}", str(wrong))]) from wrong

    await stock.lock(work.conn, [sku])
    before = await stock.level(work.conn, location, sku)
    if before is None:
        await stock.begin(work.conn, location, sku)
    level = before or Level(sku, location, ZERO, ZERO, ZERO, ZERO)
    apart = level.quarantined if quarantined is None else quarantined
    await _fit(work, level, on_hand, apart)
    await planning.replan(work, [sku], {"what": "counted", "location": location})
    return before is None


async def _fit(work: Work, level: Level, on_hand: Decimal, quarantined: Decimal) -> None:
    usable = on_hand - quarantined
    firm = total(await ours.touched_by_hands(work.conn, level.sku, level.location))
    if usable < firm:
        raise Conflict(
            f"{text(max(usable, ZERO))} usable were counted, but {text(firm)} are being picked or packed at "
            f"{level.location}.",
            [Problem("/on_hand", f"less than the {text(firm)} that are being picked or packed")],
        )
    short = level.allocated + level.reserved - usable
    shrunk = await _shrink_reserved(work, level, short) if short > 0 else ZERO
    taken = await _take_back(work, level, short - shrunk) if short > shrunk else ZERO
    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    changes[level.sku, level.location] = {
        "on_hand": on_hand - level.on_hand,
        "quarantined": quarantined - level.quarantined,
        "reserved": -shrunk,
        "allocated": -taken,
    }
    await stock.change(work.conn, changes)


async def _shrink_reserved(work: Work, level: Level, short: Decimal) -> Decimal:
    """The youngest agreement gives way first. Answers by how much less is ring-fenced."""
    mine: list[Agreement] = [
        a for a in (await stock.agreements(work.conn, [level.sku]))[level.sku] if a.location == level.location
    ]
    rows, left = [], short
    for agreement in reversed(mine):
        less = min(agreement.reserved, left)
        left -= less
        if less:
            rows.append((agreement.number, agreement.reserved - less, ZERO))
    await stock.write_agreements(work.conn, rows)
    return short - left


async def _take_back(work: Work, level: Level, short: Decimal) -> Decimal:
    give_way = [portion for portion, _ in await ours.unpicked(work.conn, level.sku, level.location)]
    await back_to_the_queue(work, give_way, short)
    return short


async def back_to_the_queue(work: Work, give_way: list[Portion], quantity: Decimal) -> None:
    """Take stock away from allocated portions, in the order given; they wait again until they are planned."""
    rewriting = nothing()
    today = work.now.date()
    taken = take(give_way, quantity, lambda portion: portion.back_in_the_queue(today), rewriting)
    await portions.rewrite(work.conn, rewriting)
    await give_back(work, taken)
    for order_id, line_id in rewriting.lines:
        work.touch(order_id, [line_id])
