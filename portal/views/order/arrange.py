"""The lines of an order in the order in which a reader wants them: groups, their lines, and what is folded away."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.orders import LEFT, STATUSES, Line, Portion
from portal.views.order.groups import Group, group
from portal.views.order.rows import Row, row
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS
from portal.views.order.wanted import MOST

# Groups that need somebody come first, what is done comes last.
URGENCY = (
    "held",
    "backordered",
    "reserved_elsewhere",
    "waiting",
    "awaiting_supplier",
    "awaiting_inspection",
    "awaiting_production",
    "awaiting_transfer",
    "ready",
    "shipped",
    "delivered",
    "returned",
    "cancelled",
)
DONE = frozenset({"shipped", "delivered", "returned", "cancelled"})
READY = frozenset({"allocated", "picking", "packed"})
ARRIVED = frozenset({"delivered", "returned"})
# A group that is longer folds what is beyond; a group of things that are done folds all of it.
SHOWN = 8
SLACK = 2
# Where there is little room, a group shows this many.
SHOWN_NARROW = 3
# More line numbers than these are told as from … to.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Rest:
    """Lines that are folded away, and the link that shows them; more of them where there is little room."""

    id: str
    href: str
    label: str
    narrow_label: str
    skus: str
    note: str


@dataclass(frozen=True, slots=True)
class Member:
    """A line in a group; with the portions that belong there, or None for all of them."""

    line: Line
    portions: tuple[Portion, ...] | None = None


Block = Group | Row | Rest


def arrange(scene: Scene) -> list[Block]:
    """Everything in the table's body, from top to bottom."""
    lines = [line for line in scene.order.lines if _is_wanted(scene, line)]
    members = {
        "line": lambda: {"": [Member(line) for line in lines]},
        "status": lambda: _by_status(lines),
        "arrival": lambda: _by_arrival(lines),
        "shipment": lambda: _by_shipment(lines),
    }[scene.view]()
    blocks: list[Block] = []
    for slug, inside in members.items():
        blocks += _group(scene, slug, inside)
    return blocks


def is_open(line: Line) -> bool:
    """Whether some of it is not here yet and still may come."""
    return any(p.status not in ARRIVED and p.status != "cancelled" for p in line.portions)


def _is_wanted(scene: Scene, line: Line) -> bool:
    wanted = scene.wanted
    if wanted.only_open and not is_open(line):
        return False
    return not wanted.status or any(LOOKS[p.status].role == wanted.status for p in line.portions)


def _group(scene: Scene, slug: str, members: Sequence[Member]) -> list[Block]:
    if not members:
        return []
    head: list[Block] = [group(scene, slug, [(m.line, m.portions) for m in members])] if slug else []
    shown, hidden = _fold(scene, slug, members)
    roomy = SHOWN_NARROW if _is_folding(scene, slug) and len(members) > SHOWN_NARROW + SLACK else len(members)
    rows: list[Block] = [
        row(scene, m.line, m.portions, slug if m.portions is not None else "", is_deep=place >= roomy)
        for place, m in enumerate(shown)
    ]
    deep = shown[roomy:]
    return head + rows + ([_rest(scene, slug, shown, hidden, deep)] if hidden or deep else [])


def _is_folding(scene: Scene, slug: str) -> bool:
    """Whether a group folds at all: not when it was opened, nor when a filter has made the choice."""
    wanted = scene.wanted
    return bool(slug) and not (slug in wanted.opened or wanted.is_filtered or wanted.everything)


def _fold(scene: Scene, slug: str, members: Sequence[Member]) -> tuple[Sequence[Member], Sequence[Member]]:
    """What of a group is shown, and what is folded away."""
    if scene.wanted.everything:
        return members, ()
    if not _is_folding(scene, slug):
        return members[:MOST], members[MOST:]
    done = slug in DONE or slug.startswith("arrived")
    if done and len(members) > SLACK:
        return (), members
    if len(members) <= SHOWN + SLACK:
        return members, ()
    return members[:SHOWN], members[SHOWN:]


def _rest(
    scene: Scene, slug: str, shown: Sequence[Member], hidden: Sequence[Member], deep: Sequence[Member]
) -> Rest:
    wanted = scene.wanted.opening(slug) if _is_folding(scene, slug) else scene.wanted.but(everything=True)
    folded = hidden or deep
    skus = [m.line.sku for m in folded[:3]]
    return Rest(
        id=f"rest-{slug or 'lines'}",
        href=scene.link(wanted, f"g-{slug}" if slug else "lines"),
        label=_label(scene, hidden, is_all=not shown) if hidden else "",
        narrow_label=_label(scene, [*deep, *hidden], is_all=not shown) if deep else "",
        skus=", ".join(skus) + (" …" if len(folded) > len(skus) else ""),
        note=_shared_arrival(scene, folded),
    )


def _label(scene: Scene, folded: Sequence[Member], *, is_all: bool) -> str:
    """`3 more: lines 21, 27, 34`."""
    tongue = scene.tongue
    numbers = [str(m.line.line) for m in folded]
    listed = ", ".join(numbers) if len(numbers) <= LISTED else f"{numbers[0]} … {numbers[-1]}"
    if is_all:
        label = tongue.ngettext("{n} line: {lines}", "{n} lines: {lines}", len(folded))
    else:
        label = tongue.ngettext("{n} more: line {lines}", "{n} more: lines {lines}", len(folded))
    return label.format(n=tongue.number(len(folded)), lines=listed)


def _shared_arrival(scene: Scene, hidden: Sequence[Member]) -> str:
    """What the folded lines have in common."""
    tongue = scene.tongue
    _ = tongue.gettext
    portions = [p for m in hidden for p in (m.portions or m.line.portions) if p.status not in ARRIVED]
    days = {p.arrives_on for p in portions if p.status != "cancelled"}
    if not days:
        return ""
    dated = sorted(day for day in days if day)
    if not dated:
        return _("no date yet")
    if len(days) == 1:
        return _("all arrive {day}").format(day=tongue.day(dated[0], scene.today))
    span = _("arriving until {day}").format(day=tongue.day(dated[-1], scene.today))
    return span + (", " + _("some without a date") if None in days else "")


def status_slug(line: Line) -> str:
    """The group of a line: where the last part of it is."""
    coming = [p.status for p in line.portions if p.status not in LEFT and p.status != "cancelled"]
    if coming:
        last = max(coming, key=STATUSES.index)
        return "ready" if last in READY else last
    statuses = {p.status for p in line.portions}
    return next(s for s in ("shipped", "delivered", "returned", "cancelled") if s in statuses)


def _by_status(lines: Iterable[Line]) -> dict[str, list[Member]]:
    groups: defaultdict[str, list[Member]] = defaultdict(list)
    for line in lines:
        groups[status_slug(line)].append(Member(line))
    return {slug: groups[slug] for slug in URGENCY if slug in groups}


def _by_arrival(lines: Iterable[Line]) -> dict[str, list[Member]]:
    """Days ahead first, then what has no day, then what is there. A line stands in each group it has a part in."""
    groups: defaultdict[tuple[int, date, str], dict[int, list[Portion]]] = defaultdict(
        lambda: defaultdict(list)
    )
    known: dict[int, Line] = {}
    for line in lines:
        known[line.line] = line
        for portion in line.portions:
            groups[_arrival_key(portion)][line.line].append(portion)
    return {
        slug: [_member(known[number], portions) for number, portions in inside.items()]
        for (_, _, slug), inside in sorted(groups.items(), key=lambda item: item[0])
    }


def _arrival_key(portion: Portion) -> tuple[int, date, str]:
    if portion.status == "cancelled":
        return 4, date.max, "never"
    if portion.status in ARRIVED:
        return 3, date.max, "arrived"
    if portion.arrives_on is None:
        return (2, date.max, "held") if portion.status == "held" else (1, date.max, "undated")
    return 0, portion.arrives_on, f"on-{portion.arrives_on:%Y%m%d}"


def _by_shipment(lines: Iterable[Line]) -> dict[str, list[Member]]:
    """What is planned, by place and day; then each shipment, the newest first; then what has no day."""
    groups: defaultdict[tuple[int, str], dict[int, list[Portion]]] = defaultdict(lambda: defaultdict(list))
    known: dict[int, Line] = {}
    for line in lines:
        known[line.line] = line
        for portion in line.portions:
            groups[_shipment_key(portion)][line.line].append(portion)
    newest_first = sorted(groups, key=lambda key: key[1], reverse=True)
    ordered = sorted(newest_first, key=lambda key: (key[0], key[1] if key[0] == 0 else ""))
    return {
        key[1]: [_member(known[number], portions) for number, portions in groups[key].items()]
        for key in ordered
    }


def _shipment_key(portion: Portion) -> tuple[int, str]:
    if portion.status == "cancelled":
        return 4, "never"
    if portion.shipment:
        return 2, f"in-{portion.shipment.lower()}"
    if portion.status == "held":
        return 1, "held"
    if portion.ships_on is None:
        return 1, "undated"
    return 0, plan_slug(portion.ships_on, portion.location)


def plan_slug(ships_on: date, location: str | None) -> str:
    """What is planned from one place on one day; fit to be part of an id."""
    return f"plan-{ships_on:%Y%m%d}-" + re.sub(r"[^a-z0-9]", "-", (location or "any").lower())


def _member(line: Line, portions: Sequence[Portion]) -> Member:
    return Member(line, None if len(portions) == len(line.portions) else tuple(portions))
