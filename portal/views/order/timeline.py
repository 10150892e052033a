"""What happened, told: the timeline, and what is new since the reader's last visit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Protocol

from markupsafe import Markup, escape

from portal.domain.reasons import because, decision
from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.order import timeline_approvals, timeline_money, timeline_returns, timeline_silence
from portal.views.order.scene import Scene
from portal.views.order.statuses import hold_word, shipment_state
from portal.views.signed import in_whose_name

# The newest events stand on the page at first.
NEWEST = 30
# A panel of news is read at a glance.
GLANCE = 6


class Happened(Protocol):
    """An event as the feed tells it, with the order's version that it made."""

    @property
    def type(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def version(self) -> int | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


# Role, icon, sentence, and the quieter rest.
Told = tuple[str, str, Markup, str]
Tell = Callable[[Scene, Happened], Told]


@dataclass(frozen=True, slots=True)
class Entry:
    role: str
    icon: str
    text: Markup
    more: str
    when: str
    instant: str


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class News:
    """`entries` are the newest, `more` is how many there are besides."""

    title: str
    entries: Sequence[Entry]
    more: int
    version: int
    is_unread: bool


def timeline(scene: Scene, events: Sequence[Happened], newest: int = NEWEST) -> list[Day]:
    """Days from the newest to the oldest; what one transaction did to one kind of thing is told once."""
    tongue, today = scene.tongue, scene.today
    shown = list(reversed(events[-newest:]))
    days = []
    for day, happened in groupby(shown, key=lambda e: tongue.on(e.at)):
        written = tongue.day(day, today)
        title = tongue.gettext("Today, {day}").format(day=written) if day == today else written
        days.append(Day(title, list(_entries(scene, happened, on_day=True))))
    return days


def news(scene: Scene, events: Sequence[Happened], read: tuple[int, datetime] | None) -> News:
    """What happened after the version that the reader has read; all of it for somebody who has read nothing."""
    tongue = scene.tongue
    version = read[0] if read else 0
    entries = since_version(scene, events, version)
    if read is None:
        title = tongue.gettext("What has happened so far")
    elif entries:
        title = tongue.ngettext(
            "{n} change since your last visit", "{n} changes since your last visit", len(entries)
        ).format(n=len(entries))
    else:
        title = tongue.gettext("Nothing new since {moment}").format(moment=tongue.stamp(read[1], scene.today))
    return News(title, entries[:GLANCE], max(0, len(entries) - GLANCE), scene.order.version, bool(entries))


def since_version(scene: Scene, events: Sequence[Happened], version: int) -> list[Entry]:
    """What happened after that version, the newest first."""
    return list(_entries(scene, [e for e in reversed(events) if (e.version or 0) > version], on_day=False))


def _entries(
    scene: Scene, happened: Sequence[Happened] | Iterator[Happened], *, on_day: bool
) -> Iterator[Entry]:
    for event in happened:
        role, icon, text, more = _told(scene, event)
        more = " ".join(filter(None, (more, in_whose_name(event.actor, scene.tongue))))
        when = scene.tongue.clock(event.at) if on_day else scene.tongue.moment(event.at, scene.today)
        yield Entry(role, icon, text, more, when, event.at.isoformat(timespec="minutes"))


def _told(scene: Scene, event: Happened) -> Told:
    """Role, icon, sentence and the quieter rest of one event."""
    tell = TELL.get(event.type)
    if tell is None:
        return "muted", "orders", escape(event.type), ""
    return tell(scene, event)


def named_lines(scene: Scene, event: Happened) -> str:
    """`lines 6, 7`; from the fourth on, how many."""
    tongue = scene.tongue
    numbers = sorted(
        {int(line["line"]) if isinstance(line, Mapping) else int(line) for line in _of(event, "lines")}
    )
    if not numbers:
        return tongue.gettext("the whole order")
    if len(numbers) > 3:
        return tongue.ngettext("{n} line", "{n} lines", len(numbers)).format(n=len(numbers))
    listed = ", ".join(map(str, numbers))
    return tongue.ngettext("line {lines}", "lines {lines}", len(numbers)).format(lines=listed)


def _of(event: Happened, name: str) -> list[Any]:
    value = event.data.get(name)
    return list(value) if isinstance(value, list | tuple) else []


def _placed(scene: Scene, event: Happened) -> Told:
    """The lines that it was placed with: more may have come since."""
    tongue, order = scene.tongue, scene.order
    count = int(event.data.get("lines", len(order.lines)))
    lines = tongue.ngettext("{n} line", "{n} lines", count).format(n=tongue.number(count))
    said = tongue.gettext("Ordered, {lines}").format(lines=lines)
    return "muted", "orders", escape(said), _by(tongue, order.placed_by)


def _by(tongue: Tongue, who: str | None) -> str:
    return tongue.gettext("by {who}").format(who=who) if who else ""


def _allocated(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    places = {scene.place(line.get("location")) for line in _of(event, "lines")}
    said = scene.tongue.strong(_("Set aside for you: {lines}"), lines=named_lines(scene, event))
    at = _("at {place}").format(place=places.pop()) if len(places) == 1 else ""
    cause = event.data.get("cause")
    decided = _decided(scene.tongue, cause) if isinstance(cause, Mapping) and cause.get("reason") else ""
    return "ready", "ready", said, ", ".join(filter(None, (at, decided)))


def _released(scene: Scene, event: Happened) -> Told:
    said = scene.tongue.strong(
        scene.tongue.gettext("No longer set aside, waiting again: {lines}"), lines=named_lines(scene, event)
    )
    return "queued", "queue", said, _cause(scene.tongue, event)


def _queue_changed(scene: Scene, event: Happened) -> Told:
    """Staff changed the line's place in the queue, or the location it is served from."""
    tongue = scene.tongue
    _ = tongue.gettext
    reason = because(event.data.get("reason"), _)
    if "location" not in event.data:
        said = tongue.strong(_("New place in the queue: {lines}"), lines=named_lines(scene, event))
    elif event.data["location"] is None:
        said = tongue.strong(_("Served from any location again: {lines}"), lines=named_lines(scene, event))
    else:
        said = tongue.strong(
            _("Served from {place} now: {lines}"),
            place=scene.place(str(event.data["location"])),
            lines=named_lines(scene, event),
        )
    return "queued", "queue", said, reason


def _moved(scene: Scene, event: Happened) -> Told:
    """`11 lines now arrive 30 Nov, not 25 Nov`, with what moved them."""
    tongue = scene.tongue
    _ = tongue.gettext
    moves = {(_day(line, "old"), _day(line, "new")) for line in _of(event, "lines")}
    values: dict[str, object] = {"lines": named_lines(scene, event)}
    if all(old == new for old, new in moves):
        template = _("New ship date, same arrival: {lines}")
    elif len(moves) != 1:
        template = _("New dates for {lines}")
    else:
        old, new = moves.pop()
        values |= {"old": old and tongue.day(old, scene.today), "new": new and tongue.day(new, scene.today)}
        template = _moved_template(tongue, old, new)
    return "inbound", "supplier", tongue.strong(template, **values), _cause(tongue, event)


def _moved_template(tongue: Tongue, old: date | None, new: date | None) -> str:
    _ = tongue.gettext
    if new is None:
        return _("No date any more for {lines}; it was {old}") if old else _("No date any more for {lines}")
    if old is None:
        return _("A date for {lines}: arriving {new}")
    return _("New date for {lines}: {new}, not {old}")


def _day(line: Mapping[str, Any], side: str) -> date | None:
    text = (line.get(side) or {}).get("arrives_on")
    return date.fromisoformat(text) if text else None


def _cause(tongue: Tongue, event: Happened) -> str:
    cause = event.data.get("cause")
    if isinstance(cause, Mapping) and cause.get("reason"):
        return _decided(tongue, cause)
    if isinstance(cause, Mapping) and cause.get("what") == "day_passed":
        return tongue.gettext("the day passed before it could leave")
    if not isinstance(cause, Mapping) or not cause.get("reference"):
        return ""
    sources = {
        "purchase_order": tongue.gettext("because of supplier order {reference}"),
        "transfer": tongue.gettext("because of transfer {reference}"),
        "production": tongue.gettext("because of production order {reference}"),
        "inspection": tongue.gettext("because of inspection {reference}"),
    }
    return sources[str(cause.get("kind"))].format(reference=cause["reference"])


def _decided(tongue: Tongue, cause: Mapping[str, Any]) -> str:
    """What staff decided, and why; whom else it concerns is not told."""
    return decision(str(cause.get("what")), cause.get("reason"), tongue.gettext)


def _picking(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    return (
        "ready",
        "picking",
        scene.tongue.strong(_("Being picked: {lines}"), lines=named_lines(scene, event)),
        _at(scene, event),
    )


def _packed(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    return (
        "ready",
        "packed",
        scene.tongue.strong(_("Packed: {lines}"), lines=named_lines(scene, event)),
        _at(scene, event),
    )


def _at(scene: Scene, event: Happened) -> str:
    place = event.data.get("location")
    return scene.tongue.gettext("at {place}").format(place=scene.place(place)) if place else ""


def _short(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    return (
        "held",
        "held",
        scene.tongue.strong(_("Short in the warehouse: {lines}"), lines=named_lines(scene, event)),
        _at(scene, event),
    )


def _shipment(scene: Scene, event: Happened) -> Markup:
    """The shipment's number, linked to its card."""
    value = event.data.get("shipment") or event.data.get("number") or ""
    number = value.get("number", "") if isinstance(value, Mapping) else str(value)
    if number not in scene.shipments:
        return escape(number)
    return Markup('<a href="#{0}">{0}</a>').format(number)


def _shipped(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    place = scene.place(str(event.data.get("location") or ""))
    said = escape(_("{shipment} left {place}")).format(shipment=_shipment(scene, event), place=place)
    return "shipped", "shipped", said, named_lines(scene, event)


def _carried(scene: Scene, event: Happened) -> Told:
    state = shipment_state(str(event.data.get("state") or ""), scene.tongue)
    said = escape("{shipment}: {state}").format(shipment=_shipment(scene, event), state=state)
    return "shipped", "shipped", said, str(event.data.get("note") or "")


def _delivered(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    said = escape(_("{shipment} delivered")).format(shipment=_shipment(scene, event))
    return "delivered", "delivered", said, str(event.data.get("note") or "")


def _shipment_cancelled(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    said = escape(_("{shipment} called off; its goods are here again")).format(
        shipment=_shipment(scene, event)
    )
    return "never", "cancelled", said, str(event.data.get("reason") or "")


def _cancelled(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    lines = _of(event, "lines")
    if len(lines) == 1 and isinstance(lines[0], Mapping) and lines[0].get("quantity"):
        quantity = scene.tongue.number(Decimal(str(lines[0]["quantity"])))
        said = scene.tongue.strong(_("{n} of line {line} cancelled"), n=quantity, line=lines[0]["line"])
    else:
        said = scene.tongue.strong(_("Cancelled: {lines}"), lines=named_lines(scene, event))
    instead = event.data.get("substitute")
    if isinstance(instead, Mapping):
        return "never", "swap", said, _("line {line} comes instead").format(line=instead["line"])
    return "never", "cancelled", said, str(event.data.get("reason") or "")


def _hold_set(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    said = scene.tongue.strong(_("Held: {lines}"), lines=named_lines(scene, event))
    return "held", "held", said, _hold_reason(scene, event)


def _hold_reason(scene: Scene, event: Happened) -> str:
    note = event.data.get("note")
    return str(note) if note else hold_word(str(event.data.get("reason") or ""), scene.tongue)


def _hold_released(scene: Scene, event: Happened) -> Told:
    _ = scene.tongue.gettext
    said = scene.tongue.strong(_("Released: {lines}"), lines=named_lines(scene, event))
    return "ready", "tick", said, str(event.data.get("note") or "")


def _of_offer(role: str, icon: str, message: str) -> Tell:
    """Another product was offered in place of a part of a line, or the offer was answered."""

    def tell(scene: Scene, event: Happened) -> Told:
        data, tongue = event.data, scene.tongue
        said = tongue.strong(
            tongue.gettext(message),
            n=tongue.number(Decimal(str(data["quantity"]))),
            line=data["line"],
            sku=data["substitute"]["sku"],
            new=data.get("new_line"),
        )
        return role, icon, said, str(data.get("note") or "")

    return tell


def _plain(icon: str, role: str, message: str) -> Tell:
    def tell(scene: Scene, _event: Happened) -> Told:
        return role, icon, escape(scene.tongue.gettext(message)), ""

    return tell


def _of_data(tell: Callable[[Scene, Mapping[str, Any]], Told]) -> Tell:
    return lambda scene, event: tell(scene, event.data)


TELL: Mapping[str, Tell] = {
    "order.placed": _placed,
    "order.planned": _plain("orders", "muted", N_("Planned for the first time")),
    **{name: _of_data(tell) for name, tell in timeline_approvals.TELL.items()},
    **{name: _of_data(tell) for name, tell in timeline_money.TELL.items()},
    **{name: _of_data(tell) for name, tell in timeline_returns.TELL.items()},
    **{name: _of_data(tell) for name, tell in timeline_silence.TELL.items()},
    "order.closed": _plain("tick", "delivered", N_("Closed: nothing is still to come")),
    "portion.allocated": _allocated,
    "portion.released": _released,
    "promise.changed": _moved,
    "queue.changed": _queue_changed,
    "lines.picking": _picking,
    "lines.packed": _packed,
    "lines.short_picked": _short,
    "shipment.shipped": _shipped,
    "shipment.updated": _carried,
    "shipment.delivered": _delivered,
    "shipment.cancelled": _shipment_cancelled,
    "line.cancelled": _cancelled,
    "substitution.offered": _of_offer("inbound", "swap", N_("Offered instead of {n} of line {line}: {sku}")),
    "substitution.accepted": _of_offer(
        "ready", "tick", N_("Accepted instead of {n} of line {line}: {sku}, now line {new}")
    ),
    "substitution.declined": _of_offer("never", "cancelled", N_("Declined for line {line}: {sku}")),
    "substitution.withdrawn": _of_offer("never", "cancelled", N_("Offer withdrawn for line {line}: {sku}")),
    "hold.set": _hold_set,
    "hold.released": _hold_released,
}
