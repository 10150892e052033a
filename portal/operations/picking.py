"""The warehouse works on it: pick, pack, and find out that something is missing."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from portal.db import portions, stock
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import Portion, by, nothing, take, total
from portal.domain.refusals import unknown
from portal.operations import holding, planning
from portal.operations.moving import Grip, Part, grip, refuse_more


async def pick(work: Work, viewer: Viewer, number: str, location: str, parts: Sequence[Part]) -> None:
    """Allocated becomes picking."""
    await _advance(work, viewer, number, location, parts, "allocated", "picking")


async def pack(work: Work, viewer: Viewer, number: str, location: str, parts: Sequence[Part]) -> None:
    """Picking becomes packed."""
    await _advance(work, viewer, number, location, parts, "picking", "packed")


async def _advance(
    work: Work, viewer: Viewer, number: str, location: str, parts: Sequence[Part], before: str, after: str
) -> None:
    held = await grip(work, viewer, number, parts)
    await refuse_unknown(work, location)
    await holding.refuse_held(work, held.order, held.wanted)
    refuse_more(
        held,
        lambda line: total(held.of(line, stages=[before], location=location)),
        f"{{there}} of line {{line}} are {before} at {location}",
    )
    rewriting = nothing()
    for line, quantity in held.wanted.items():
        source = held.of(line, stages=[before], location=location)
        take(source, quantity, lambda portion: portion.to(after), rewriting)
    await portions.rewrite(work.conn, rewriting)
    _say(work, held, f"lines.{after}", {"location": location, "lines": held.told()})


async def short_pick(
    work: Work, viewer: Viewer, number: str, location: str, parts: Sequence[Part], reason: str | None
) -> None:
    """Goods that the books promise are not on the shelf: the stock is corrected and the order planned anew."""
    held = await grip(work, viewer, number, parts, "missing")
    await refuse_unknown(work, location)
    stages = ("picking", "allocated")
    refuse_more(
        held,
        lambda line: total(p for p in held.of(line, stages=stages, location=location) if p.counted),
        f"{{there}} of line {{line}} are being picked or ready at {location}",
        "missing",
    )
    rewriting = nothing()
    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    taken: list[Portion] = []
    today = work.now.date()
    for line, quantity in held.wanted.items():
        source = [p for p in held.of(line, stages=stages, location=location) if p.counted]
        taken += take(source, quantity, lambda portion: portion.back_in_the_queue(today), rewriting)
        changes[held.line(line).sku, location]["on_hand"] -= quantity
        changes[held.line(line).sku, location]["allocated"] -= quantity
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, changes)
    await give_back(work, taken)
    told = [{**line, "missing": line.pop("quantity")} for line in held.told()]
    _say(work, held, "lines.short_picked", {"location": location, "reason": reason, "lines": told})
    await planning.replan(work, held.skus, {"what": "short_picked", "location": location})


async def give_back(work: Work, taken: Sequence[Portion]) -> None:
    """What these portions had drawn on agreements goes back to them."""
    drawn = by(
        (portion for portion in taken if portion.agreement is not None), lambda portion: portion.agreement
    )
    await stock.give_back_draws(work.conn, drawn)


async def refuse_unknown(work: Work, location: str) -> None:
    """A location that is named must exist."""
    if await work.conn.fetchval("select 1 from location where code = $1", location) is None:
        raise unknown("location", location, "/location")


def _say(work: Work, held: Grip, kind: str, data: dict[str, object]) -> None:
    work.record(Event(kind, held.order.account, held.order.id, held.order.number, data))
    work.touch(held.order.id, [held.line(line).id for line in held.wanted])
