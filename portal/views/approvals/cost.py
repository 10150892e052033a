"""What waiting costs, in one sentence and its details: which promises move when nobody has decided by then."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup, escape

from portal.domain.quotes import CostOfWaiting, Slip
from portal.filters import Tongue

# So many ways in which lines move are told one by one.
TOLD = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """`is_dear`: a promise moves when nobody decides in time."""

    text: Markup
    moves: Sequence[Markup]
    at_hand: str
    is_dear: bool
    until: str


def cost(found: CostOfWaiting, tongue: Tongue, today: date, ends_at: datetime | None = None) -> Cost:
    """In words. What would move only after the request has ended by itself costs nothing."""
    _ = tongue.gettext
    is_dear = bool(found.slips)
    if is_dear and ends_at and found.keeps_until and found.keeps_until >= ends_at:
        return Cost(
            escape(_("Waiting moves no promise before it ends.")),
            (),
            _at_hand(found.at_hand, tongue),
            False,
            "",
        )
    several = len({_days(slip) for slip in found.slips}) > 1
    return Cost(
        text=_text(found, tongue, today),
        moves=_moves(found.slips, tongue, today) if several else (),
        at_hand=_at_hand(found.at_hand, tongue),
        is_dear=is_dear,
        until=found.keeps_until.isoformat(timespec="seconds") if is_dear and found.keeps_until else "",
    )


def _text(found: CostOfWaiting, tongue: Tongue, today: date) -> Markup:
    """`If not approved today the promise of 12 lines moves from 20 to 27 Nov.`"""
    _ = tongue.gettext
    if not found.slips:
        return escape(_("Waiting moves no promise within the next days."))
    count = len(found.slips)
    said = {_days(slip) for slip in found.slips}
    moved = _moved(*said.pop(), tongue, today) if len(said) == 1 else escape(_("to later days"))
    lines = _strong(tongue.ngettext("{n} line", "{n} lines", count).format(n=tongue.number(count)))
    day = found.last_day
    if day is None or day < today:
        return escape(_("With each day of waiting the promise of {lines} moves {moved}.")).format(
            lines=lines, moved=moved
        )
    if day == today:
        return escape(_("If not approved {today} the promise of {lines} moves {moved}.")).format(
            today=_strong(_("today")), lines=lines, moved=moved
        )
    return escape(_("If not approved by {day} the promise of {lines} moves {moved}.")).format(
        day=_strong(tongue.day(day, today)), lines=lines, moved=moved
    )


def _days(slip: Slip) -> tuple[date | None, date | None]:
    return slip.old_arrives_on, slip.new_arrives_on


def _moved(old: date | None, new: date | None, tongue: Tongue, today: date) -> Markup:
    _ = tongue.gettext
    if new is None:
        return escape(_("from {old} to no date")).format(old=_strong(_day(old, tongue, today)))
    return escape(_("from {old} to {new}")).format(
        old=_strong(_day(old, tongue, today)), new=_strong(_day(new, tongue, today))
    )


def _day(day: date | None, tongue: Tongue, today: date) -> str:
    return tongue.day(day, today) if day else tongue.gettext("no date")


def _strong(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _moves(slips: Sequence[Slip], tongue: Tongue, today: date) -> list[Markup]:
    """Lines that move alike are told together, the largest group first."""
    _ = tongue.gettext
    alike: defaultdict[tuple[date | None, date | None], list[Slip]] = defaultdict(list)
    for slip in slips:
        alike[_days(slip)].append(slip)
    largest = sorted(alike.items(), key=lambda item: -len(item[1]))
    told = [
        Markup("{} {}").format(_which(some, tongue), _moved(old, new, tongue, today))
        for (old, new), some in largest[:TOLD]
    ]
    if left := sum(len(some) for _, some in largest[TOLD:]):
        told.append(
            escape(tongue.ngettext("{n} more line", "{n} more lines", left).format(n=tongue.number(left)))
        )
    return told


def _which(some: Sequence[Slip], tongue: Tongue) -> str:
    if len(some) > TOLD:
        return tongue.ngettext("{n} line", "{n} lines", len(some)).format(n=tongue.number(len(some)))
    listed = ", ".join(str(slip.line) for slip in some)
    return tongue.ngettext("line {lines}", "lines {lines}", len(some)).format(lines=listed)


def _at_hand(count: int, tongue: Tongue) -> str:
    if not count:
        return ""
    said = tongue.ngettext(
        "{n} line is on the shelf now; it is kept for nobody while this waits.",
        "{n} lines are on the shelf now; they are kept for nobody while this waits.",
        count,
    )
    return said.format(n=tongue.number(count))
