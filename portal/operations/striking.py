"""Take lines out of an order that is not placed yet."""

from collections.abc import Sequence
from decimal import Decimal

from portal.db import orders, portions
from portal.db.work import Work
from portal.domain.portions import OPEN, by
from portal.domain.refusals import Problem, refuse_any
from portal.operations.cancelling import strike
from portal.operations.moving import Part, grip, revalue
from portal.operations.requesting import EVERYBODY, Grasp


async def strike_lines(
    work: Work, held: Grasp, numbers: Sequence[int], said_by: str, comment: str | None
) -> Decimal | None:
    """Cancel all of these lines; answers what the order comes to without them, gross of tax. None, and nothing is done,
    when nothing of it would be left."""
    order = held.order
    lines = {line.id: line.line for line in await orders.lines(work.conn, order.id)}
    rows = [row for row in await portions.of_order(work.conn, order.id) if row.stage in OPEN]
    there = by(rows, lambda row: lines[row.line_id])
    problems = [] if numbers else [Problem("/lines", "name at least one line")]
    for index, number in enumerate(numbers):
        if number not in lines.values():
            problems.append(Problem(f"/lines/{index}", f"order {order.number} has no line {number}"))
        elif number not in there:
            problems.append(Problem(f"/lines/{index}", f"nothing of line {number} is left to reject"))
    refuse_any(problems)
    if set(there) <= set(numbers):
        return None
    parts = [Part(number, there[number]) for number in sorted(set(numbers))]
    gripped = await grip(work, EVERYBODY, order.number, parts)
    await strike(work, gripped, {"reason": comment, "rejected_by": said_by})
    return await revalue(work, gripped)
