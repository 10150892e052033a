"""The lines of a request: as they would ship if the order were placed now, or as they stand once it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.orders import Line, Order
from portal.domain.quotes import Outlook, is_late
from portal.domain.requests import Request
from portal.filters import Tongue
from portal.views.order.rows import Row, row
from portal.views.order.scene import Scene
from portal.views.order.wanted import Wanted


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as it would ship if it were placed now. `late` warns of a day on which it is needed."""

    row: Row
    late: str
    is_cancelled: bool


def shown_lines(
    request: Request, order: Order, outlook: Outlook | None, tongue: Tongue, today: date
) -> Sequence[ShownLine]:
    """Every line of the order."""
    drawn = order
    if outlook is not None and request.is_open:
        portions = outlook.way.portions
        lines = [replace(line, portions=portions.get(line.line) or line.portions) for line in order.lines]
        drawn = replace(order, lines=lines, state="open", locations=outlook.locations or order.locations)
    scene = Scene(drawn, tongue, today, Wanted())
    return [
        ShownLine(
            row(scene, line), _late(line, outlook, tongue, today), not line.to_come and not line.shipped
        )
        for line in drawn.lines
    ]


def _late(line: Line, outlook: Outlook | None, tongue: Tongue, today: date) -> str:
    """A line that will probably not be there when it is needed."""
    if line.need_by is None or outlook is None or line.line not in outlook.way.portions:
        return ""
    if not is_late(line.need_by, outlook.way.arrives_on(line.line)):
        return ""
    return tongue.gettext("needed {day}: unlikely").format(day=tongue.day(line.need_by, today))
