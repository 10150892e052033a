"""One sentence about a whole order: what has left, comes next, moved, waits, or has no date."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import Formatter

from portal.domain.orders import LEFT, Line, Order, Portion
from portal.domain.words import Words

ARRIVED = frozenset({"delivered", "returned"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the sentence; the figures in it are strong."""

    text: str
    strong: bool = False


def truth(order: Order, words: Words) -> tuple[Piece, ...]:
    """The sentence at the head of the order, in pieces. One line is told in quantities, several in lines."""
    clauses = [clause for tell in CLAUSES if (clause := tell(order, words))]
    pieces: list[Piece] = []
    for clause in clauses:
        pieces += [Piece("; "), *clause] if pieces else clause
    # A day may end in a full stop of its own.
    is_ended = bool(pieces) and pieces[-1].text.endswith(".")
    return (*_capitalised(pieces), *(() if is_ended else (Piece("."),)))


def text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _state(order: Order, words: Words) -> list[Piece]:
    """What stands above everything else: a state in which nothing moves."""
    _ = words.gettext
    templates = {
        "draft": _("this order has not been sent yet"),
        "pending_approval": _("this order waits to be approved; nothing is set aside for it yet"),
        "rejected": _("this order was not approved; nothing will come"),
        "held": _("this order waits for a credit decision; nothing is set aside for it yet"),
        "cancelled": _("this order is cancelled; nothing will come"),
    }
    return _filled(templates[order.state]) if order.state in templates else []


def _left(order: Order, words: Words) -> list[Piece]:
    """How much has shipped in full."""
    if order.state not in {"open", "closed"}:
        return []
    _ = words.gettext
    if len(order.lines) == 1:
        line = order.lines[0]
        if _arrived(line):
            return _filled(_("all of it has arrived"))
        wanted = line.quantity - line.never
        if not line.shipped:
            return _filled(_("nothing of {all} has shipped yet"), all=words.quantity(wanted))
        return _filled(
            _("{some} of {all} have shipped"), some=words.quantity(line.shipped), all=words.quantity(wanted)
        )

    coming = [line for line in order.lines if line.never < line.quantity]
    complete = sum(line.is_complete for line in coming)
    if coming and all(map(_arrived, coming)):
        return _filled(_("all {all} lines have arrived"), all=len(coming))
    if not complete:
        return _filled(_("none of the {all} lines has shipped in full yet"), all=len(coming))
    template = words.ngettext(
        "{some} of {all} lines has shipped in full", "{some} of {all} lines have shipped in full", complete
    )
    return _filled(template, some=complete, all=len(coming))


def _back(order: Order, words: Words) -> list[Piece]:
    """What of it came back: a quantity where one unit adds it up, else how many lines are concerned."""
    lines = [line for line in order.lines if line.of("returned")]
    if not lines:
        return []
    if order.unit is not None:
        quantity = words.quantity(sum((line.of("returned") for line in lines), Decimal(0)))
        return _filled(words.gettext("{some} came back"), some=quantity)
    template = words.ngettext(
        "something of {n} line came back", "something of {n} lines came back", len(lines)
    )
    return _filled(template, n=len(lines))


def _next(order: Order, words: Words) -> list[Piece]:
    """The next day on which something arrives, how much of it, and who brings it."""
    days = [p.arrives_on for _, p in _coming(order) if p.arrives_on and p.arrives_on >= words.today]
    if not days:
        return []
    day = min(days)
    some = _amount(order, words, lambda p: p.status not in ARRIVED and p.arrives_on == day)
    carriers = _carriers(order, day)
    _ = words.gettext
    if len(carriers) == 1:
        return _filled(
            _("the next delivery is {day}: {some} with {carrier}"),
            day=words.day(day),
            some=some[0],
            carrier=carriers.pop(),
        )
    return _filled(_("the next delivery is {day}: {some}"), day=words.day(day), some=some[0])


def _late(order: Order, words: Words) -> list[Piece]:
    """What is on the road and should be there."""
    some, count = _amount(
        order,
        words,
        lambda p: p.status == "shipped" and p.arrives_on is not None and p.arrives_on < words.today,
    )
    return (
        _filled(
            words.ngettext("{some} should have arrived by now", "{some} should have arrived by now", count),
            some=some,
        )
        if count
        else []
    )


def _moved(order: Order, words: Words) -> list[Piece]:
    """What comes later than was first said."""

    def moved(portion: Portion) -> bool:
        # A new day that has passed as well is no news: what was to be there by then has been said to be late.
        return _slipped(portion) and portion.arrives_on is not None and portion.arrives_on >= words.today

    late = [p for _, p in _coming(order) if moved(p)]
    some, count = _amount(order, words, moved)
    if not count:
        return []
    days = {(p.first_arrives_on, p.arrives_on) for p in late}
    if len(days) == 1 and (first := late[0].first_arrives_on) and (now := late[0].arrives_on):
        template = words.ngettext(
            "{some} now arrives {now} instead of {first}", "{some} now arrive {now} instead of {first}", count
        )
        return _filled(template, some=some, now=words.day(now), first=words.day(first))
    template = words.ngettext(
        "{some} arrives later than first promised", "{some} arrive later than first promised", count
    )
    return _filled(template, some=some)


def _held(order: Order, words: Words) -> list[Piece]:
    """What a hold stops, and who can lift it when there is one answer."""
    some, count = _amount(order, words, lambda p: p.status == "held")
    if not count:
        return []
    _ = words.gettext
    waits = {
        "finance": (_("{some} waits for our finance team"), _("{some} wait for our finance team")),
        "credit": (_("{some} waits for a credit decision"), _("{some} wait for a credit decision")),
        "quality": (_("{some} waits for our quality check"), _("{some} wait for our quality check")),
        "address": (_("{some} waits for a confirmed address"), _("{some} wait for a confirmed address")),
        "approval": (_("{some} waits for an approval"), _("{some} wait for an approval")),
    }
    reasons = {hold.reason for hold in order.holds}
    one, many = waits.get(
        reasons.pop() if len(reasons) == 1 else "", (_("{some} is held"), _("{some} are held"))
    )
    return _filled(one if count == 1 else many, some=some)


def _undated(order: Order, words: Words) -> list[Piece]:
    some, count = _amount(order, words, has_no_date)
    return (
        _filled(words.ngettext("{some} has no date yet", "{some} have no date yet", count), some=some)
        if count
        else []
    )


def _last(order: Order, words: Words) -> list[Piece]:
    """When everything is there, if that can be said and is not said already."""
    if any(has_no_date(p) or p.status == "held" for _, p in _coming(order)):
        return []
    days = {p.arrives_on for _, p in _coming(order) if p.arrives_on}
    if len(days) < 2:
        return []
    return _filled(words.gettext("the last of it arrives {day}"), day=words.day(max(days)))


CLAUSES: Sequence[Callable[[Order, Words], list[Piece]]] = (
    _state,
    _left,
    _back,
    _next,
    _late,
    _moved,
    _held,
    _undated,
    _last,
)


def has_no_date(portion: Portion) -> bool:
    """Still to come, nobody holds it, and no day can be named."""
    coming = portion.status not in LEFT and portion.status not in {"held", "cancelled"}
    return coming and portion.arrives_on is None


def _slipped(portion: Portion) -> bool:
    first, now = portion.first_arrives_on, portion.arrives_on
    return portion.status not in ARRIVED and first is not None and now is not None and now > first


def _coming(order: Order) -> Iterable[tuple[Line, Portion]]:
    """What has not arrived and still may."""
    if order.state not in {"open", "closed"}:
        return
    for line in order.lines:
        for portion in line.portions:
            if portion.status not in ARRIVED and portion.status != "cancelled":
                yield line, portion


def _arrived(line: Line) -> bool:
    return all(p.status in ARRIVED or p.status == "cancelled" for p in line.portions)


def _amount(order: Order, words: Words, chosen: Callable[[Portion], bool]) -> tuple[str, int]:
    """What is chosen with its noun ("11 lines"; of a single line "180"), and the number for the plural."""
    lines: Counter[int] = Counter()
    quantity = Decimal(0)
    for line, portion in _coming(order):
        if chosen(portion):
            lines[line.line] += 1
            quantity += portion.quantity
    if len(order.lines) == 1:
        return words.quantity(quantity), int(quantity) if quantity in (0, 1) else 2
    count = len(lines)
    return words.ngettext("{n} line", "{n} lines", count).format(n=words.quantity(Decimal(count))), count


def _carriers(order: Order, day: date) -> set[str]:
    """Who brings what arrives on the day; empty when part of it has not left or nobody is named."""
    named: set[str] = set()
    shipments = {shipment.number: shipment for shipment in order.shipments}
    for _, portion in _coming(order):
        if portion.arrives_on == day:
            shipment = shipments.get(portion.shipment or "")
            if shipment is None or not shipment.carrier:
                return set()
            named.add(shipment.carrier)
    return named


def _filled(template: str, **values: object) -> list[Piece]:
    """The template's words, and its figures as strong pieces."""
    pieces = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            pieces.append(Piece(literal))
        if name:
            pieces.append(Piece(str(values[name]), strong=True))
    return pieces


def _capitalised(pieces: list[Piece]) -> list[Piece]:
    if not pieces:
        return pieces
    first = pieces[0]
    return [Piece(first.text[:1].upper() + first.text[1:], first.strong), *pieces[1:]]
