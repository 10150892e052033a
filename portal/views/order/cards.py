"""Shipments as cards: the ones that left, and the ones that are planned from what has a day and a place."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.orders import Line, Portion, Shipment
from portal.views.order.arrange import plan_slug
from portal.views.order.returns import return_href
from portal.views.order.rows import TO_COME, is_web
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, mode_word, shipment_state, word

RANK = {"shipped": 1, "in_transit": 2, "out_for_delivery": 3, "delivered": 4}


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    when: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    label: str
    number: str
    href: str | None
    weight: str


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    title: str
    role: str
    icon: str
    word: str
    line: str
    when_label: str
    when: str
    when_note: str
    steps: Sequence[Step]
    goods: str
    parcels: Sequence[Parcel]
    note: str
    href: str
    href_label: str
    is_planned: bool
    # An address and its word each.
    papers: Sequence[tuple[str, str]] = ()
    # Where goods of it are announced to come back; empty where nothing can, or nobody may.
    return_href: str = ""


def cards(scene: Scene) -> list[Card]:
    """What is on the road first, then what is planned, then what arrived or was called off."""
    sent = sorted(scene.order.shipments, key=lambda s: (_settled(s), -s.shipped_at.timestamp()))
    drawn = [_sent(scene, s) for s in sent]
    moving = sum(not _settled(s) for s in sent)
    return [*drawn[:moving], *_planned(scene), *drawn[moving:]]


def _settled(shipment: Shipment) -> bool:
    return shipment.state in {"delivered", "cancelled"}


def _sent(scene: Scene, shipment: Shipment) -> Card:
    tongue = scene.tongue
    _ = tongue.gettext
    status = {"delivered": "delivered", "cancelled": "cancelled", "exception": "held"}.get(
        shipment.state, "shipped"
    )
    look = LOOKS[status]
    by = ", ".join(filter(None, (mode_word(shipment.mode, tongue), shipment.carrier, shipment.service)))
    lines = len(shipment.lines)
    label, when, note = _when(scene, shipment)
    return Card(
        id=shipment.number,
        title=shipment.number,
        role=look.role,
        icon=look.icon,
        word=shipment_state(shipment.state, tongue),
        line=_("{by}, from {place}").format(by=by, place=scene.place(shipment.location)),
        when_label=label,
        when=when,
        when_note=note,
        steps=_steps(scene, shipment),
        goods=_goods(scene, [(scene_line(scene, s.line), s.quantity) for s in shipment.lines]),
        parcels=_parcels(scene, shipment),
        note=next((e.note for e in reversed(shipment.events) if e.note), "") or "",
        href=scene.link(
            scene.wanted.but(view="shipment", status="", only_open=False), f"g-in-{shipment.number.lower()}"
        ),
        href_label=tongue.ngettext("Its line", "Its {n} lines", lines).format(n=lines),
        is_planned=False,
        papers=_papers(scene, shipment),
        return_href=return_href(scene, shipment),
    )


def _papers(scene: Scene, shipment: Shipment) -> list[tuple[str, str]]:
    """What goes with the goods; labels are for who sends them."""
    _, path = scene.tongue.gettext, f"/shipments/{shipment.number}"
    if shipment.state == "cancelled":
        return []
    papers = [
        (f"{path}/delivery-note.pdf", _("Delivery note (PDF)")),
        (f"{path}/packing-list.pdf", _("Packing list (PDF)")),
    ]
    return [*papers, (f"{path}/label.pdf", _("Label (PDF)"))] if scene.for_supplier else papers


def scene_line(scene: Scene, number: int) -> Line:
    return next(line for line in scene.order.lines if line.line == number)


def _when(scene: Scene, shipment: Shipment) -> tuple[str, str, str]:
    """The day that matters most, what it is, and how far away or how punctual."""
    tongue, today = scene.tongue, scene.today
    _ = tongue.gettext
    if shipment.state == "cancelled":
        return _("Called off"), tongue.day(tongue.on(shipment.cancelled_at or shipment.shipped_at), today), ""
    if shipment.delivered_at:
        day = tongue.on(shipment.delivered_at)
        return _("Arrived"), tongue.day(day, today), _punctuality(scene, shipment.expected_on, day)
    if shipment.expected_on is None:
        return _("Left"), tongue.day(tongue.on(shipment.shipped_at), today), _("no arrival date yet")
    late = shipment.expected_on < today
    note = _("should have arrived") if late else tongue.away(shipment.expected_on, today)
    return _("Arrives"), tongue.day(shipment.expected_on, today), note


def _punctuality(scene: Scene, promised: date | None, day: date) -> str:
    tongue = scene.tongue
    if promised is None:
        return ""
    days = (day - promised).days
    if days == 0:
        return tongue.gettext("on the day promised")
    template = (
        tongue.ngettext("{n} day early", "{n} days early", -days)
        if days < 0
        else tongue.ngettext("{n} day late", "{n} days late", days)
    )
    return template.format(n=abs(days))


def _steps(scene: Scene, shipment: Shipment) -> list[Step]:
    """Shipped, on the road, out for delivery, delivered: with the moment it happened or the day it should."""
    tongue, today = scene.tongue, scene.today
    happened = {event.state: event.at for event in shipment.events}
    happened.setdefault("shipped", shipment.shipped_at)
    if shipment.delivered_at:
        happened["delivered"] = shipment.delivered_at
    reached = max((RANK[state] for state in happened if state in RANK), default=0)
    steps = []
    for state, rank in RANK.items():
        at = happened.get(state)
        if state == "out_for_delivery" and at is None:
            continue
        when = tongue.moment(at, today) if at else ""
        if state == "delivered" and at is None and shipment.expected_on:
            when = tongue.day_month(shipment.expected_on, today)
        steps.append(Step(shipment_state(state, tongue), when, rank <= reached, rank == reached))
    return steps


def _goods(scene: Scene, goods: Sequence[tuple[Line, Decimal]]) -> str:
    """`266 pcs of 4 lines`."""
    tongue = scene.tongue
    of_lines = tongue.ngettext("{n} line", "{n} lines", len(goods)).format(n=len(goods))
    units = {line.unit for line, _ in goods}
    if len(units) != 1:
        return of_lines
    quantity = sum((quantity for _, quantity in goods), Decimal(0))
    said = tongue.quantity(quantity, units.pop())
    return tongue.gettext("{quantity} of {lines}").format(quantity=said, lines=of_lines)


def _parcels(scene: Scene, shipment: Shipment) -> list[Parcel]:
    tongue = scene.tongue
    _ = tongue.gettext
    named = _("Waybill") if shipment.mode == "freight" else _("Package {n}")
    return [
        Parcel(
            label=named.format(n=n),
            number=package.tracking_number or "",
            href=package.tracking_url if is_web(package.tracking_url) else None,
            weight=f"{tongue.number(package.weight_kg)} kg" if package.weight_kg else "",
        )
        for n, package in enumerate(shipment.packages, 1)
    ]


def _planned(scene: Scene) -> list[Card]:
    """Portions with a day to ship, grouped by place, day and mode of waiting."""
    groups: defaultdict[tuple[date, str, date], list[tuple[Line, Portion]]] = defaultdict(list)
    for line in scene.order.lines:
        for portion in line.portions:
            if (
                portion.stage in TO_COME
                and portion.status != "held"
                and portion.ships_on
                and portion.arrives_on
            ):
                groups[portion.ships_on, portion.location or "", portion.arrives_on].append((line, portion))
    return [_plan(scene, key, members) for key, members in sorted(groups.items(), key=lambda g: g[0])]


def _plan(scene: Scene, key: tuple[date, str, date], members: Sequence[tuple[Line, Portion]]) -> Card:
    tongue, today = scene.tongue, scene.today
    _ = tongue.gettext
    ships_on, location, arrives_on = key
    ours = all(p.stage != "waiting" for _, p in members)
    statuses = {p.status for _, p in members}
    look = (
        LOOKS[next(iter(statuses))]
        if len(statuses) == 1
        else LOOKS["allocated" if ours else "awaiting_supplier"]
    )
    firsts = {
        p.first_arrives_on for _, p in members if p.first_arrives_on and p.first_arrives_on != arrives_on
    }
    place = scene.place(location) or _("a location still to be chosen")
    wait = _("Waits for")
    references = sorted({p.supply.reference for _, p in members if p.supply})
    slug = plan_slug(ships_on, location)
    count = len({line.line for line, _ in members})
    return Card(
        id=f"{slug}-{arrives_on:%Y%m%d}",
        title=_("Planned"),
        role=look.role,
        icon=look.icon,
        word=word(next(iter(statuses)), tongue)
        if len(statuses) == 1
        else (_("Ready") if ours else _("Awaiting supply")),
        line=_("From {place}").format(place=place),
        when_label=_("Arrives"),
        when=tongue.day(arrives_on, today),
        when_note=_("was {day}").format(day=tongue.day_month(firsts.pop(), today))
        if len(firsts) == 1
        else tongue.away(arrives_on, today),
        steps=_plan_steps(scene, ships_on, arrives_on, [p for _, p in members], ours=ours),
        goods=_goods(scene, [(line, p.quantity) for line, p in members]),
        parcels=[Parcel(wait, ", ".join(references), None, "")] if references else [],
        note="",
        href=scene.link(scene.wanted.but(view="shipment", status="", only_open=False), f"g-{slug}"),
        href_label=tongue.ngettext("Its line", "Its {n} lines", count).format(n=count),
        is_planned=True,
    )


def _plan_steps(
    scene: Scene, ships_on: date, arrives_on: date, portions: Sequence[Portion], *, ours: bool
) -> list[Step]:
    tongue, today = scene.tongue, scene.today
    _ = tongue.gettext
    steps = [Step(_("Ships"), tongue.day_month(ships_on, today), False, False),
             Step(_("Arrives"), tongue.day_month(arrives_on, today), False, False)]  # fmt: skip
    if ours:
        reached = "packed" if all(p.status == "packed" for p in portions) else "allocated"
        return [Step(word(reached, tongue), "", True, True), *steps]
    expected = [p.supply.expected_on for p in portions if p.supply]
    if expected:
        return [Step(_("Expected in"), tongue.day_month(max(expected), today), False, False), *steps]
    return steps
