"""One shipment at the desk: what is on it, its papers, what the carrier says, and whether it can be called off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.orders import Shipment
from portal.views.order.cards import scene_line
from portal.views.order.rows import is_web
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, mode_word, shipment_state
from portal.views.order.timeline import Happened

# What a shipment's state looks like, where it is not simply on its way.
STATES = {"delivered": "delivered", "cancelled": "cancelled", "exception": "held"}


@dataclass(frozen=True, slots=True)
class Goods:
    line: int
    sku: str
    name: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Parcel:
    number: str
    href: str | None
    weight: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the carrier."""

    when: str
    instant: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class ShipmentPage:
    number: str
    order: str
    location: str
    state: str
    role: str
    icon: str
    facts: Sequence[tuple[str, str]]
    goods: Sequence[Goods]
    parcels: Sequence[Parcel]
    heard: Sequence[Heard]
    called_off: str
    is_cancelled: bool
    can_cancel: bool
    consequence: str


def page(
    scene: Scene,
    shipment: Shipment,
    events: Sequence[Happened],
    names: Mapping[str, str],
    *,
    may: bool,
) -> ShipmentPage:
    tongue, today = scene.tongue, scene.today
    look = LOOKS[STATES.get(shipment.state, "shipped")]
    cancelled = shipment.state == "cancelled"
    arrived = shipment.delivered_at is not None or _delivered_in_part(scene, shipment)
    return ShipmentPage(
        number=shipment.number,
        order=scene.order.number,
        location=shipment.location,
        state=shipment_state(shipment.state, tongue),
        role=look.role,
        icon=look.icon,
        facts=_facts(scene, shipment),
        goods=[_goods(scene, line.line, line.quantity) for line in shipment.lines],
        parcels=[
            Parcel(
                package.tracking_number or "",
                package.tracking_url if is_web(package.tracking_url) else None,
                f"{tongue.number(package.weight_kg)} kg" if package.weight_kg else "",
            )
            for package in shipment.packages
        ],
        heard=[
            Heard(
                tongue.moment(event.at, today),
                event.at.isoformat(timespec="minutes"),
                shipment_state(event.state, tongue),
                event.note or "",
            )
            for event in shipment.events
        ],
        called_off=_called_off(scene, shipment, events, names) if cancelled else "",
        is_cancelled=cancelled,
        can_cancel=may and not cancelled and not arrived,
        consequence=_consequence(scene, shipment),
    )


def _facts(scene: Scene, shipment: Shipment) -> list[tuple[str, str]]:
    order, tongue, today = scene.order, scene.tongue, scene.today
    _ = tongue.gettext
    by = ", ".join(filter(None, (mode_word(shipment.mode, tongue), shipment.carrier, shipment.service)))
    facts = [
        (_("Order"), order.number),
        (_("Account"), f"{order.account_name} ({order.account})"),
        (_("Ship to"), f"{order.ship_to.name}, {order.ship_to.city}"),
        (_("From"), scene.place(shipment.location)),
        (_("How"), by),
        (_("Left"), tongue.stamp(shipment.shipped_at, today)),
    ]
    if shipment.delivered_at:
        facts.append((_("Arrived"), tongue.stamp(shipment.delivered_at, today)))
    elif shipment.expected_on:
        facts.append((_("Expected"), tongue.day(shipment.expected_on, today)))
    if shipment.freight is not None:
        facts.append((_("Freight cost"), tongue.money(shipment.freight, order.currency)))
    return facts


def _goods(scene: Scene, number: int, quantity: Decimal) -> Goods:
    line = scene_line(scene, number)
    return Goods(line.line, line.sku, line.name, scene.tongue.quantity(quantity, line.unit))


def _delivered_in_part(scene: Scene, shipment: Shipment) -> bool:
    return any(
        portion.shipment == shipment.number and portion.stage in {"delivered", "returned"}
        for line in scene.order.lines
        for portion in line.portions
    )


def _called_off(
    scene: Scene, shipment: Shipment, events: Sequence[Happened], names: Mapping[str, str]
) -> str:
    """`Dev Patel called it off at 14:05: wrong pallet.`"""
    tongue = scene.tongue
    _ = tongue.gettext
    for event in reversed(events):
        if event.type == "shipment.cancelled" and event.data.get("shipment") == shipment.number:
            who = names.get(event.actor or "", event.actor or "")
            time = tongue.moment(event.at, scene.today)
            reason = str(event.data.get("reason") or "")
            if reason:
                return _("{who} called it off at {time}: {reason}").format(who=who, time=time, reason=reason)
            return _("{who} called it off at {time}.").format(who=who, time=time)
    return _("It was called off.")


def _consequence(scene: Scene, shipment: Shipment) -> str:
    """What calling it off brings about, before it is confirmed."""
    lines = len(shipment.lines)
    return scene.tongue.ngettext(
        "What is on it, {n} line, will stand in {place} again, set aside for this order as before. The buyer is told.",
        "What is on it, {n} lines, will stand in {place} again, set aside for this order as before. The buyer is told.",
        lines,
    ).format(n=lines, place=scene.place(shipment.location))
