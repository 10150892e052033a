"""Cancel quantities: what nobody works on yet, from the least certain to the most."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.db import portions, stock
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import LEFT, Portion, nothing, take, total
from portal.domain.quantities import text
from portal.domain.refusals import Conflict, Problem, Unacceptable
from portal.operations import planning
from portal.operations.moving import Grip, Part, grip, revalue
from portal.operations.picking import give_back


async def cancel(work: Work, viewer: Viewer, number: str, parts: Sequence[Part], reason: str | None) -> None:
    """Backordered quantities go first, then pegged ones (the latest first), then allocated stock."""
    held = await grip(work, viewer, number, parts)
    for index, (line, quantity) in enumerate(held.wanted.items()):
        _refuse(held, index, line, quantity)
    rewriting = nothing()
    freed: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    taken: list[Portion] = []
    for line, quantity in held.wanted.items():
        taken += take(_least_certain_first(held, line), quantity, _cancelled, rewriting)
    for portion in taken:
        if portion.stage == "allocated" and portion.counted and portion.location is not None:
            freed[portion.sku, portion.location]["allocated"] -= portion.quantity
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, freed)
    await give_back(work, taken)
    order = held.order
    work.record(
        Event(
            "line.cancelled", order.account, order.id, order.number, {"lines": held.told(), "reason": reason}
        )
    )
    work.touch(order.id, [held.line(line).id for line in held.wanted])
    await planning.replan(work, held.skus, {"what": "cancelled"})
    await revalue(work, held)


def _refuse(held: Grip, index: int, line: int, quantity: Decimal) -> None:
    free = total(held.of(line, stages=("waiting", "allocated")))
    busy = total(held.of(line, stages=("picking", "packed")))
    left = total(held.of(line, stages=LEFT))
    if quantity <= free:
        return
    at = [Problem(f"/lines/{index}/quantity", f"{text(free)} can be cancelled")]
    wanted = f"{text(quantity)} of line {line} cannot be cancelled: {text(free)} can"
    if quantity <= free + busy:
        raise Conflict(f"{wanted}, {text(busy)} are being picked or packed.", at)
    if quantity <= free + busy + left:
        raise Conflict(f"{wanted}, {text(left)} have shipped and can only come back as a return.", at)
    raise Unacceptable(f"{wanted}, and the line has no more.", at)


def _least_certain_first(held: Grip, line: int) -> list[Portion]:
    def certainty(portion: Portion) -> tuple[int, int, int]:
        if portion.stage == "allocated":
            return (2, 0, portion.id or 0)
        if portion.inbound_line_id is not None:
            return (1, -(portion.arrives_on or date.max).toordinal(), portion.id or 0)
        return (0, 0, portion.id or 0)

    return sorted(held.of(line, stages=("waiting", "allocated")), key=certainty)


def _cancelled(portion: Portion) -> Portion:
    return portion.to(
        "cancelled",
        location=None,
        agreement=None,
        inbound_line_id=None,
        ships_on=None,
        arrives_on=None,
        because=(),
    )
