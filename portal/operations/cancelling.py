"""Cancel quantities: what nobody works on yet, from the least certain to the most."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from portal.db import portions, stock
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import LEFT, Portion, by, nothing, take, total
from portal.domain.quantities import ZERO, text
from portal.domain.refusals import Conflict, Problem, Unacceptable
from portal.operations import billing, planning, shrinking
from portal.operations.moving import Grip, Part, grip, revalue
from portal.operations.picking import give_back


async def cancel(work: Work, viewer: Viewer, number: str, parts: Sequence[Part], reason: str | None) -> None:
    """Backordered quantities go first, then pegged ones (the latest first), then allocated stock."""
    held = await grip(work, viewer, number, parts)
    for index, (line, quantity) in enumerate(held.wanted.items()):
        _refuse(held, index, line, quantity)
    await strike(work, held, {"reason": reason})
    await planning.replan(work, held.skus, {"what": "cancelled"})
    worth = await revalue(work, held)
    await shrinking.follow(work, viewer, held.order, worth, reason)
    billing.follow_later(work, held.order.id)


async def strike(work: Work, held: Grip, why: Mapping[str, object]) -> None:
    """Take the wanted quantities off their lines, of which there is enough; a new plan has to follow.

    `why` is what the event tells besides.
    """
    rewriting = nothing()
    freed: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    taken: list[Portion] = []
    for line, quantity in held.wanted.items():
        source = least_certain_first(held.of(line, stages=("waiting", "allocated")))
        taken += take(source, quantity, _cancelled, rewriting)
    for portion in taken:
        if portion.stage == "allocated" and portion.counted and portion.location is not None:
            freed[portion.sku, portion.location]["allocated"] -= portion.quantity
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, freed)
    await give_back(work, taken)
    order = held.order
    data = {"lines": _told(held, taken), **why}
    work.record(Event("line.cancelled", order.account, order.id, order.number, data))
    work.touch(order.id, [held.line(line).id for line in held.wanted])


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


def _told(held: Grip, taken: Sequence[Portion]) -> list[dict[str, object]]:
    """With how much of each line has no stock now."""
    gone = by((portion for portion in taken if portion.stage == "waiting"), lambda portion: portion.line_id)
    return [
        line
        | {"waits": text(total(held.of(number, stages=["waiting"])) - gone.get(held.line(number).id, ZERO))}
        for number, line in zip(held.wanted, held.told(), strict=True)
    ]


def least_certain_first(portions: Iterable[Portion]) -> list[Portion]:
    """The order in which portions that wait or stand ready are cancelled."""

    def certainty(portion: Portion) -> tuple[int, int, int]:
        if portion.stage == "allocated":
            return (2, 0, portion.id or 0)
        if portion.inbound_line_id is not None:
            return (1, -(portion.arrives_on or date.max).toordinal(), portion.id or 0)
        return (0, 0, portion.id or 0)

    return sorted(portions, key=certainty)


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
