"""The head of a group of lines: its word, how much it is, and what its lines share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.orders import Line, Portion
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, mode_word, shipment_state, word_in

Members = Sequence[tuple[Line, Sequence[Portion] | None]]


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    role: str
    icon: str
    title: str
    count: str
    note: str


def group(scene: Scene, slug: str, members: Members) -> Group:
    role, icon, title, note = _face(scene, slug, members)
    return Group(f"g-{slug}", role, icon, title, _count(scene, slug, members), note)


def _face(scene: Scene, slug: str, members: Members) -> tuple[str, str, str, str]:
    """Role, icon, title and note of a group, by the kind of its slug."""
    tongue = scene.tongue
    _ = tongue.gettext
    if slug in LOOKS:
        look = LOOKS[slug]
        return look.role, look.icon, _title(slug, scene), _note(scene, slug, members)
    if slug.startswith("on-"):
        day = _slug_day(slug[3:])
        return "", "arrivals", _("Arrives {day}").format(day=tongue.day(day, scene.today)), _away(scene, day)
    if slug.startswith("plan-"):
        return _planned(scene, slug, members)
    if slug.startswith("in-"):
        return _shipped(scene, slug[3:])
    return {
        "ready": ("ready", "ready", _("Ready, picking or packed"), _("Ours, and about to leave.")),
        "undated": ("queued", "queue", _("No date yet"), ""),
        "arrived": ("delivered", "delivered", _("Arrived"), ""),
        "never": ("never", "cancelled", _("Never coming"), ""),
    }[slug]


def _title(status: str, scene: Scene) -> str:
    if status == "reserved_elsewhere":
        return scene.tongue.gettext("Reserved for another agreement")
    return word_in(scene.order.state, status, scene.tongue)


def _away(scene: Scene, day: date) -> str:
    if day < scene.today:
        return scene.tongue.gettext("should have arrived")
    return scene.tongue.away(day, scene.today)


def _slug_day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _planned(scene: Scene, slug: str, members: Members) -> tuple[str, str, str, str]:
    tongue = scene.tongue
    _ = tongue.gettext
    portion = _portions(members)[0]
    look = LOOKS[portion.status]
    day = tongue.day(_slug_day(slug[5:13]), scene.today)
    title = _("Planned from {place}, ships {day}").format(place=scene.place(portion.location), day=day)
    return look.role, look.icon, title, ""


def _shipped(scene: Scene, slug: str) -> tuple[str, str, str, str]:
    shipment = next(s for s in scene.order.shipments if s.number.lower() == slug)
    look = LOOKS["delivered" if shipment.state == "delivered" else "shipped"]
    said = [
        mode_word(shipment.mode, scene.tongue),
        shipment.carrier or "",
        shipment_state(shipment.state, scene.tongue),
    ]
    return look.role, look.icon, shipment.number, ", ".join(filter(None, said))


def _count(scene: Scene, slug: str, members: Members) -> str:
    """`11 lines, 736 pcs still to come`; in a group of parts, how much of them it is."""
    tongue = scene.tongue
    lines = tongue.ngettext("{n} line", "{n} lines", len(members)).format(n=tongue.number(len(members)))
    units = {line.unit for line, _ in members}
    if len(units) != 1:
        return lines
    unit = units.pop()
    if slug in LOOKS or slug == "ready":
        to_come = sum((line.to_come for line, _ in members), Decimal(0))
        if not to_come:
            return lines
        said = tongue.gettext("{quantity} still to come").format(quantity=tongue.quantity(to_come, unit))
    else:
        said = tongue.quantity(sum((p.quantity for p in _portions(members)), Decimal(0)), unit)
    return f"{lines}, {said}"


def _portions(members: Members) -> list[Portion]:
    return [p for line, portions in members for p in (line.portions if portions is None else portions)]


def _note(scene: Scene, slug: str, members: Members) -> str:
    """What the lines of the group have in common."""
    _ = scene.tongue.gettext
    portions = [p for p in _portions(members) if p.status == slug]
    if slug == "held":
        return _hold_note(scene, portions)
    if slug.startswith("awaiting_"):
        return _supply_note(scene, portions)
    return {
        "reserved_elsewhere": _("On our shelf, but kept for a contract of another customer."),
        "backordered": _("Other backorders came first; no supply covers these yet."),
        "waiting": _("Being planned right now."),
        "shipped": _("On the road, or waiting for the carrier's word that it arrived."),
    }.get(slug, "")


def _hold_note(scene: Scene, portions: Sequence[Portion]) -> str:
    """The hold that stops all of them, in the words of whoever set it."""
    ids = {hold for portion in portions for hold in portion.holds}
    notes = {hold.note for hold in scene.order.holds if hold.id in ids and hold.note}
    return notes.pop() if len(notes) == 1 else ""


def _supply_note(scene: Scene, portions: Sequence[Portion]) -> str:
    supplies = {(p.supply.reference, p.supply.supplier, p.supply.expected_on, p.supply.confirmed)
                for p in portions if p.supply}  # fmt: skip
    if len(supplies) != 1:
        return ""
    _ = scene.tongue.gettext
    reference, supplier, expected_on, confirmed = supplies.pop()
    day = scene.tongue.day(expected_on, scene.today)
    said = _("All on {reference} from {supplier}") if supplier else _("All on {reference}")
    expected = _("confirmed for {day}") if confirmed else _("expected {day}, not confirmed")
    if expected_on < scene.today:
        expected = _("was expected {day} and is not in yet")
    return f"{said.format(reference=reference, supplier=supplier)}, {expected.format(day=day)}."
