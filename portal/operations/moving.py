"""What every movement of an order's quantities shares: reading the wanted lines, and what the order is worth after."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.db import orders, portions, stock
from portal.db.orders import Locked, OrderedLine
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.portions import AWAY, OPEN, Portion, Rewriting
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Problem, refuse_any


@dataclass(frozen=True, slots=True)
class Part:
    """A quantity of a line, as somebody names it."""

    line: int
    quantity: Decimal


@dataclass(slots=True)
class Grip:
    """An order held for a change: its row and the products of the wanted lines are locked."""

    order: Locked
    lines: list[OrderedLine]
    wanted: dict[int, Decimal]
    portions: list[Portion]

    def line(self, number: int) -> OrderedLine:
        return next(line for line in self.lines if line.line == number)

    def of(self, line: int, *, stages: Sequence[str], location: str | None = None) -> list[Portion]:
        """The line's portions in these stages, in the order of the stages."""
        line_id = self.line(line).id
        found = [
            portion
            for portion in self.portions
            if portion.line_id == line_id
            and portion.stage in stages
            and (location is None or portion.location == location)
        ]
        return sorted(found, key=lambda portion: (stages.index(portion.stage), portion.id or 0))

    def told(self) -> list[dict[str, object]]:
        """The wanted lines as an event tells them."""
        return [
            {"line": line, "sku": self.line(line).sku, "quantity": text(quantity)}
            for line, quantity in self.wanted.items()
        ]

    @property
    def skus(self) -> set[str]:
        return {self.line(line).sku for line in self.wanted}


async def grip(
    work: Work,
    viewer: Viewer,
    number: str,
    parts: Sequence[Part],
    name: str = "quantity",
    also: Iterable[str] = (),
) -> Grip:
    """Lock the order and the products of these lines, and read their portions as they stand then.

    `also` are other products that the change concerns: all are locked together, in order.
    """
    order = await orders.lock(work.conn, viewer, number)
    lines = await orders.lines(work.conn, order.id)
    wanted = _wanted(order, lines, parts, name)
    await stock.lock(work.conn, {*also, *(line.sku for line in lines if line.line in wanted)})
    return Grip(order, lines, wanted, await portions.of_order(work.conn, order.id))


def _wanted(
    order: Locked, lines: Sequence[OrderedLine], parts: Sequence[Part], name: str
) -> dict[int, Decimal]:
    known = {line.line: line for line in lines}
    wanted: dict[int, Decimal] = {}
    problems = []
    for index, part in enumerate(parts):
        at = f"/lines/{index}"
        if part.line not in known:
            problems.append(Problem(f"{at}/line", f"order {order.number} has no line {part.line}"))
            continue
        if part.line in wanted:
            problems.append(Problem(f"{at}/line", f"line {part.line} stands here twice"))
        if part.quantity <= 0:
            problems.append(Problem(f"{at}/{name}", "must be more than 0"))
        try:
            check_unit(part.quantity, known[part.line].unit)
        except NotAQuantity as wrong:
            problems.append(Problem(f"{at}/{name}", str(wrong)))
        wanted[part.line] = part.quantity
    if not parts:
        problems.append(Problem("/lines", "name at least one line"))
    refuse_any(problems)
    return wanted


def refuse_more(grip: Grip, there: Callable[[int], Decimal], words: str, name: str = "quantity") -> None:
    """Refuse, with all the numbers, when any line wants more than is there. `words`: "{there} of line {line} are …"."""
    problems = []
    for index, (line, quantity) in enumerate(grip.wanted.items()):
        have = there(line)
        if quantity > have:
            said = words.format(there=text(have), line=line)
            problems.append(Problem(f"/lines/{index}/{name}", f"{text(quantity)} wanted, but {said}"))
    refuse_any(problems)


def value(work: Work, grip: Grip, now: Mapping[int, Sequence[Portion]]) -> Decimal:
    """Say what the order's shipped and open parts are worth, from the portions by line id as they are now. Of an order
    that was billed in part, following its terms says it again.

    Answers what both are worth together, gross of tax.
    """
    priced = [line.priced for line in grip.lines]
    left = [sum((p.quantity for p in now[line.id] if p.stage in AWAY), ZERO) for line in grip.lines]
    still = [sum((p.quantity for p in now[line.id] if p.stage in OPEN), ZERO) for line in grip.lines]
    order = grip.order
    terms = (order.discount, order.freight, order.currency, order.freight_policy)
    shipped = money.worth(priced, left, *terms)
    both = money.worth(priced, [a + b for a, b in zip(left, still, strict=True)], *terms)
    work.value(order.id, still_open=both - shipped, shipped=shipped)
    return both


async def revalue(work: Work, grip: Grip) -> Decimal:
    """Read the portions once more and say what the order is worth now; answers it as `value` does."""
    now: dict[int, list[Portion]] = {line.id: [] for line in grip.lines}
    for portion in await portions.of_order(work.conn, grip.order.id):
        now[portion.line_id].append(portion)
    return value(work, grip, now)


def value_after(work: Work, grip: Grip, rewriting: Rewriting) -> Decimal:
    """The same once its portions are rewritten so; nothing is read for it."""
    now: dict[int, list[Portion]] = {line.id: [] for line in grip.lines}
    changed = {portion.id: portion for portion in rewriting.changed}
    stay = [portion for portion in grip.portions if portion.id not in rewriting.dropped]
    for portion in (*(changed.get(portion.id, portion) for portion in stay), *rewriting.added):
        now[portion.line_id].append(portion)
    return value(work, grip, now)
