"""What of the order is still to ship: line by line, or by day where that would fill pages nobody reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from portal.domain.invoices import ToFollow
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.order.statuses import word
from portal.views.papers.figures import isolated
from portal.views.papers.papers import day_of
from portal.views.papers.voices import Voice

MOST_LINES = 60
MOST_RUNS = 40


@dataclass(frozen=True, slots=True)
class Follower:
    """A part of a line, or all lines of one day: then `line` is how many and `name` which."""

    line: str
    sku: Markup
    name: Markup
    quantity: str
    unit: str
    status: Markup
    ships: str
    arrives: str


@dataclass(frozen=True, slots=True)
class Followers:
    together: Markup
    rows: Sequence[Follower]
    by_day: bool = False


def followers(parts: Sequence[ToFollow], voice: Voice) -> Followers:
    lines = len({one.line for one in parts})
    together = voice.both(
        lambda tongue: tongue.ngettext("{n} line", "{n} lines", lines).format(n=tongue.number(lines))
    )
    if lines > MOST_LINES:
        return Followers(together, _by_day(parts, voice), by_day=True)
    ordered = sorted(parts, key=lambda one: (one.line, one.ships_on or date.max))
    return Followers(together, [_follower(one, voice) for one in ordered])


def _follower(one: ToFollow, voice: Voice) -> Follower:
    tongue = voice.tongue
    return Follower(
        line=str(one.line),
        sku=isolated(one.sku),
        name=isolated(one.name),
        quantity=tongue.number(one.quantity),
        unit=tongue.unit(one.unit, one.quantity),
        status=voice.both(lambda tongue: word(one.status, tongue)),
        ships=_day(one.ships_on, tongue),
        arrives=_day(one.arrives_on, tongue) if one.arrives_on else "–",
    )


def _by_day(parts: Sequence[ToFollow], voice: Voice) -> list[Follower]:
    def key(one: ToFollow) -> tuple[date, str, date]:
        return one.ships_on or date.max, one.status, one.arrives_on or date.max

    return [_of_day(list(same), voice) for _, same in groupby(sorted(parts, key=key), key=key)]


def _of_day(parts: Sequence[ToFollow], voice: Voice) -> Follower:
    tongue, first = voice.tongue, parts[0]
    lines = sorted({one.line for one in parts})
    units = {one.unit for one in parts}
    quantity = total(one.quantity for one in parts)
    return Follower(
        line=tongue.number(len(lines)),
        sku=Markup(),
        name=escape(_ranges(lines)),
        quantity=tongue.number(quantity) if len(units) == 1 else "",
        unit=tongue.unit(first.unit, quantity) if len(units) == 1 else "",
        status=voice.both(lambda tongue: word(first.status, tongue)),
        ships=_day(first.ships_on, tongue),
        arrives=_day(first.arrives_on, tongue) if first.arrives_on else "–",
    )


def _day(day: date | None, tongue: Tongue) -> str:
    return day_of(day, tongue) if day else tongue.gettext("no date yet")


def _ranges(lines: Sequence[int]) -> str:
    """`3–17, 20, 25–31`."""
    breaks = [n for n, (one, other) in enumerate(pairwise(lines), 1) if other != one + 1]
    runs = [lines[start:end] for start, end in pairwise([0, *breaks, len(lines)])]
    told = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:MOST_RUNS]]
    return ", ".join([*told, "…"] if len(runs) > MOST_RUNS else told)
