"""Each piece of news as a mail shows it: the sentence of the order's timeline, why, and the lines it is about with what
is to be said of them now."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.because import sentence
from portal.domain.orders import COMPLETE, Line, Portion, Shipment
from portal.domain.telling import told
from portal.views.letters.bursts import Happened
from portal.views.letters.letters import Item, Part
from portal.views.order.moved import shift, why
from portal.views.order.scene import Scene
from portal.views.order.statuses import shipment_state
from portal.views.order.timeline import named_lines, since_version

# A mail is read at a glance: the rest is one click away. A confirmation is kept, so it shows more.
MOST_ITEMS = 12
MOST_CONFIRMED = 40
# With which a sentence about a portion begins.
QUANTITY = re.compile(r"^[\d.,]+ ")
# The addresses of a page's links, which in a mail stand alone.
ANCHOR = re.compile(r'<a href="([#/][^"]*)">')


def part(scene: Scene, one: Happened, page: str) -> Part:
    """A piece of news with its lines. `page` is where the portal is."""
    role = _HOW.get(one.type)
    if role is None:
        return brief(scene, one, page)
    more, items = role(scene, one)
    most = MOST_CONFIRMED if one.type == "order.placed" else MOST_ITEMS
    said = brief(scene, one, page)
    left = len(items) - most
    return Part(
        text=said.text,
        more=more or said.more,
        items=items[:most],
        more_items=_more(scene, left) if left > 0 else "",
    )


def brief(scene: Scene, one: Happened, page: str) -> Part:
    """The sentence alone, with the quieter rest."""
    [entry] = since_version(scene, [one], -1)
    if one.type == "promise.changed":
        return Part(text=entry.text, more=_why_moved(scene, one))
    return Part(text=_outside(entry.text, scene, page), more=entry.more)


def headline(scene: Scene, one: Happened, said: Part) -> str:
    """As a subject says it: of goods on their way what they are and when they arrive, which matters more than the
    shipment's number."""
    _ = scene.tongue.gettext
    shipment = scene.shipments.get(str(one.data.get("shipment")))
    if shipment is None or one.type not in {"shipment.shipped", "shipment.updated", "shipment.delivered"}:
        return said.text.striptags()
    lines = named_lines(scene, one)
    state = "shipped" if one.type == "shipment.shipped" else str(one.data.get("state"))
    word = shipment_state("delivered" if one.type == "shipment.delivered" else state, scene.tongue)
    if one.type == "shipment.shipped" and shipment.expected_on:
        day = scene.tongue.day(shipment.expected_on, scene.today)
        return _("{what}: {lines}, arriving {day}").format(what=word, lines=lines, day=day)
    return f"{word}: {lines}"


def _outside(text: Markup, scene: Scene, page: str) -> Markup:
    """The page's own links, as they lead there from elsewhere."""

    def lead(found: re.Match[str]) -> str:
        place = found[1] if found[1].startswith("/") else f"{scene.path}{found[1]}"
        return f'<a class="link" style="color:#1b4f8f" href="{page}{place}">'

    return Markup(ANCHOR.sub(lead, text))  # noqa: S704 - it was safe, and only its own addresses have changed


def _more(scene: Scene, left: int) -> str:
    said = scene.tongue.ngettext("and {n} more line", "and {n} more lines", left)
    return said.format(n=scene.tongue.number(left))


def _why_moved(scene: Scene, one: Happened) -> str:
    """`3 days later: supplier order 4711 from Acme is late`."""
    line = one.lines[0]
    old, new = (
        date.fromisoformat(day) if (day := line[side]["arrives_on"]) else None for side in ("old", "new")
    )
    by = shift(old, new, scene.tongue) if old and new else ""
    cause = one.data.get("cause") or {}
    return ": ".join(filter(None, (by, why(cause, scene.tongue))))


How = tuple[str, list[Item]]


def _moved(scene: Scene, one: Happened) -> How:
    return "", _items(scene, one, lambda line: [p for p in line.portions if p.stage not in COMPLETE])


def _placed(scene: Scene, _one: Happened) -> How:
    items = [
        _item(scene, line, line.quantity - line.never, line.portions)
        for line in scene.order.lines
        if line.quantity > line.never
    ]
    return "", items


def _set_aside(scene: Scene, one: Happened) -> How:
    return "", _items(
        scene, one, lambda line: [p for p in line.portions if p.stage in {"allocated", "picking", "packed"}]
    )


def _waiting(scene: Scene, one: Happened) -> How:
    waits = {int(line["line"]): line for line in one.data.get("waiting") or ()}
    return "", [
        _item(
            scene,
            line,
            Decimal(str(waits[line.line]["quantity"])),
            [p for p in line.portions if p.stage not in COMPLETE],
        )
        for line in scene.order.lines
        if line.line in waits
    ]


def _offered(scene: Scene, one: Happened) -> How:
    """What is offered, and where what it would replace stands."""
    offer = next((offer for offer in scene.order.substitutions if offer.id == str(one.data.get("id"))), None)
    line = next((line for line in scene.order.lines if line.line == one.data.get("line")), None)
    if offer is None or line is None:
        return "", []
    waits = [p for p in line.portions if p.stage == "waiting"]
    price = scene.tongue.gettext("{price} each").format(
        price=scene.tongue.price(offer.unit_price, scene.order.currency)
    )
    quantity = scene.tongue.quantity(offer.substitute_quantity, offer.unit)
    said = [price, *([offer.note] if offer.note else [])]
    return "", [Item(offer.sku, offer.name, quantity, said), _item(scene, line, offer.quantity, waits)]


def _held(scene: Scene, one: Happened) -> How:
    """Who stops it and what is kept meanwhile, line by line."""
    numbers = set(one.data.get("lines") or (line.line for line in scene.order.lines))
    lines = [line for line in scene.order.lines if line.line in numbers]
    held = [(line, [p for p in line.portions if p.status == "held"]) for line in lines]
    return "", _once(
        [
            _item(scene, line, sum((p.quantity for p in portions), Decimal(0)), portions)
            for line, portions in held
            if portions
        ]
    )


def _named(scene: Scene, one: Happened) -> How:
    """Lines of which nothing more is to be said than how much."""
    return "", _items(scene, one, lambda _: [])


def _on_the_way(scene: Scene, one: Happened) -> How:
    """Who brings it, when, and what it is. Of an event that names no lines, those of the shipment."""
    shipment = scene.shipments.get(str(one.data.get("shipment")))
    if shipment is None:
        return "", _items(scene, one, lambda _: [])
    said = filter(None, (str(one.data.get("note") or ""), _journey(scene, shipment)))
    return ", ".join(said), _shipped_items(scene, one, shipment)


def _journey(scene: Scene, shipment: Shipment) -> str:
    """`with DHL, arriving Fri 27 Nov, tracking number 00340434161094042557`."""
    tongue = scene.tongue
    _ = tongue.gettext
    said = [_("with {carrier}").format(carrier=shipment.carrier)] if shipment.carrier else []
    if shipment.expected_on and shipment.state in {"shipped", "in_transit", "out_for_delivery"}:
        said.append(_("arriving {day}").format(day=tongue.day(shipment.expected_on, scene.today)))
    numbers = [package.tracking_number for package in shipment.packages if package.tracking_number]
    if numbers:
        template = tongue.ngettext("tracking number {numbers}", "tracking numbers {numbers}", len(numbers))
        said.append(template.format(numbers=", ".join(numbers[:5])))
    return ", ".join(said)


def _shipped_items(scene: Scene, one: Happened, shipment: Shipment) -> list[Item]:
    if one.lines:
        return _items(scene, one, lambda _: [])
    lines = {line.line: line for line in scene.order.lines}
    return [_item(scene, lines[part.line], part.quantity, []) for part in shipment.lines]


def _items(scene: Scene, one: Happened, of: Callable[[Line], Iterable[Portion]]) -> list[Item]:
    """The lines that the event names, with so much of each as it names."""
    lines = {line.line: line for line in scene.order.lines}
    return _once(
        [
            _item(scene, found, Decimal(str(line.get("quantity") or found.quantity)), of(found))
            for line in one.lines
            if (found := lines.get(int(line["line"])))
        ]
    )


def _once(items: Sequence[Item]) -> list[Item]:
    """What is said alike of one line after the other is said with the first: only the quantities differ."""
    before: list[str] = []
    told = []
    for item in items:
        said = [QUANTITY.sub("", sentence) for sentence in item.said]
        told.append(replace(item, said=()) if said and said == before else item)
        before = said
    return told


def _item(scene: Scene, line: Line, quantity: Decimal, portions: Iterable[Portion]) -> Item:
    said = [sentence(told(scene.order, line, portion, scene.shipments), scene.words) for portion in portions]
    return Item(line.sku, line.name, scene.tongue.quantity(quantity, line.unit), said)


_HOW: Mapping[str, Callable[[Scene, Happened], How]] = {
    "order.placed": _placed,
    "promise.changed": _moved,
    "portion.allocated": _set_aside,
    "order.still_waiting": _waiting,
    "hold.set": _held,
    "line.cancelled": _named,
    **{f"return.{what}": _named for what in ("requested", "authorised", "refused", "received", "closed")},
    "substitution.offered": _offered,
    "shipment.shipped": _on_the_way,
    "shipment.updated": _on_the_way,
    "shipment.delivered": _on_the_way,
}


def parts(scene: Scene, happened: Sequence[Happened], page: str) -> list[Part]:
    return [part(scene, one, page) for one in happened]
