"""A line and its portions as rows of the table: ready strings, so that the template only places them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from portal.domain.because import sentence
from portal.domain.orders import Line, Moved, Portion
from portal.domain.telling import told, waits_for_rest
from portal.filters import Tongue
from portal.views.order.bars import bar
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, hold_word, shipment_state, word_in

TO_COME = frozenset({"waiting", "allocated", "picking", "packed"})


@dataclass(frozen=True, slots=True)
class Part:
    """One portion. `ships` and `arrives` are ready cells; `has_*` is false where there is no date to show."""

    quantity: str
    unit: str
    role: str
    icon: str
    word: str
    note: str
    ships: Markup
    ships_label: str
    has_ships: bool
    arrives: Markup
    arrives_label: str
    has_arrives: bool
    arrived: bool
    unsure: str
    sentence: Markup
    tracking: tuple[str, str] | None
    shipment: str | None
    amount: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line, whole or, in a view by arrival or shipment, the part of it that belongs there.

    `is_deep`: far down in its group, folded away where there is little room.
    """

    id: str
    line: int
    sku: str
    name: str
    quantity: str
    unit: str
    whole: str
    bar: Markup
    split: Markup
    amount: str
    each: str
    parts: Sequence[Part]
    # By when it is needed, and whether that will probably be missed.
    need: str = ""
    is_unlikely: bool = False
    # Where staff offer another product for what waits.
    offer: str = ""
    is_deep: bool = False


def row(
    scene: Scene,
    line: Line,
    portions: Sequence[Portion] | None = None,
    slug: str = "",
    *,
    is_deep: bool = False,
) -> Row:
    """`portions` and `slug` are given when only some of the line belongs to a group."""
    order, tongue = scene.order, scene.tongue
    shown = line.portions if portions is None else portions
    total = sum((p.quantity for p in shown), Decimal(0))
    return Row(
        id=f"line-{line.line}-{slug}" if slug else f"line-{line.line}",
        line=line.line,
        sku=line.sku,
        name=line.name,
        quantity=tongue.number(line.quantity if portions is None else total),
        unit=tongue.unit(line.unit, total),
        whole="" if portions is None else tongue.gettext("of {n}").format(n=tongue.number(line.quantity)),
        bar=bar(by_role(shown)),
        split=_split(scene, line, shown),
        amount=tongue.money(total * line.unit_price, order.currency),
        each=tongue.gettext("{price} each").format(price=tongue.price(line.unit_price, order.currency)),
        parts=[part(scene, line, portion) for portion in shown],
        need=_need(scene, line),
        is_unlikely=line.is_unlikely,
        offer=_offer(scene, line),
        is_deep=is_deep,
    )


def _need(scene: Scene, line: Line) -> str:
    if line.need_by is None:
        return ""
    day, _ = scene.tongue.day(line.need_by, scene.today), scene.tongue.gettext
    if line.is_unlikely:
        return _("needed by {day}, which will probably be missed").format(day=day)
    return _("needed by {day}").format(day=day)


def _offer(scene: Scene, line: Line) -> str:
    order = scene.order
    able = scene.for_supplier and scene.may_offer and order.state == "open" and line.of("waiting")
    if any(offer.line == line.line for offer in order.standing_offers):
        return ""
    return f"/desk/orders/{order.number}/lines/{line.line}/substitute" if able else ""


def by_role(portions: Sequence[Portion]) -> dict[str, Decimal]:
    """Quantities by role, for a bar."""
    quantities: dict[str, Decimal] = {}
    for portion in portions:
        role = LOOKS[portion.status].role
        quantities[role] = quantities.get(role, Decimal(0)) + portion.quantity
    return quantities


def part(scene: Scene, line: Line, portion: Portion) -> Part:
    tongue, look = scene.tongue, LOOKS[portion.status]
    _ = tongue.gettext
    old = moved_from(line, portion, scene.read)
    left, arrived = portion.status in {"shipped", "delivered", "returned"}, portion.status == "delivered"
    arrives_on = _arrival(scene, portion)
    said = _sentence(scene, line, portion)
    return Part(
        quantity=tongue.number(portion.quantity),
        unit=tongue.unit(line.unit, portion.quantity),
        role=look.role,
        icon=look.icon,
        word=word_in(scene.order.state, portion.status, tongue),
        note=_note(scene, portion),
        ships=_day(scene, portion.ships_on, old.old_ships_on if old else None, "–"),
        ships_label=_("Shipped") if left else _("Ships"),
        has_ships=portion.ships_on is not None,
        arrives=_day(scene, arrives_on, old.old_arrives_on if old else None, _undated(scene, portion)),
        arrives_label=_("Arrived") if arrived else _("Arrives"),
        has_arrives=arrives_on is not None,
        arrived=arrived,
        unsure=_unsure(scene, portion) if arrives_on else "",
        sentence=said,
        tracking=_tracking(scene, portion),
        shipment=portion.shipment if portion.shipment and portion.shipment not in said else None,
        amount=_("not charged")
        if portion.status == "cancelled"
        else tongue.money(portion.quantity * line.unit_price, scene.order.currency),
    )


def _sentence(scene: Scene, line: Line, portion: Portion) -> Markup:
    """The engine's sentence; the shipment in it leads to its card."""
    said = escape(sentence(told(scene.order, line, portion, scene.shipments), scene.words))
    if portion.shipment is None:
        return said
    return said.replace(escape(portion.shipment), _to_card(portion.shipment))


@lru_cache(maxsize=4096)
def _to_card(number: str) -> Markup:
    return Markup('<a href="#{0}">{0}</a>').format(number)


def moved_from(line: Line, portion: Portion, read: int) -> Moved | None:
    """What was promised before it moved to today's dates, going back over all moves that are not read yet."""
    if portion.status not in {"held", "cancelled"} and portion.stage in TO_COME:
        ships_on, arrives_on, oldest = portion.ships_on, portion.arrives_on, None
        for move in sorted(
            (m for m in line.moves if m.version > read), key=lambda m: m.version, reverse=True
        ):
            if (move.new_ships_on, move.new_arrives_on) == (ships_on, arrives_on):
                oldest, ships_on, arrives_on = move, move.old_ships_on, move.old_arrives_on
        same = oldest and (oldest.old_ships_on, oldest.old_arrives_on) == (
            portion.ships_on,
            portion.arrives_on,
        )
        return None if same else oldest
    return None


def _split(scene: Scene, line: Line, shown: Sequence[Portion]) -> Markup:
    """`In 3 parts: 240 shipped, 160 still to come`; never and still to come stay two figures."""
    tongue, number = scene.tongue, scene.tongue.number
    _ = tongue.gettext
    if len(shown) == 1:
        return Markup("")
    said = []
    if line.shipped:
        said.append(tongue.strong(_("{n} shipped"), n=number(line.shipped)))
    if line.to_come:
        said.append(tongue.strong(_("{n} still to come"), n=number(line.to_come)))
    if line.never:
        said.append(tongue.strong(_("{n} never coming"), n=number(line.never)))
    if len(shown) < len(line.portions):
        whole = tongue.strong(_("Of {n}"), n=tongue.quantity(line.quantity, line.unit))
    else:
        whole = tongue.strong(tongue.ngettext("In {n} part", "In {n} parts", len(shown)), n=len(shown))
    return Markup("{}: {}").format(whole, Markup(", ").join(said))


def _day(scene: Scene, day: date | None, old: date | None, otherwise: str) -> Markup:
    """A day; old → new where it moved."""
    if day is None and old is None:
        return escape(otherwise)
    now = scene.tongue.day_html(day, scene.today) if day else escape(otherwise)
    if old is None or old == day:
        return now
    return _moved(scene.tongue, scene.tongue.day_html(old, scene.today), now)


@lru_cache(maxsize=1024)
def _moved(tongue: Tongue, was: Markup, now: Markup) -> Markup:
    return Markup('<del><span class="vh">{} </span>{}</del><ins><span class="vh">{} </span>{}</ins>').format(
        tongue.gettext("was"), was, tongue.gettext("now"), now
    )


def _arrival(scene: Scene, portion: Portion) -> date | None:
    """The day it came, once it did; else the day it is promised for."""
    shipment = scene.shipments.get(portion.shipment or "")
    if portion.status == "delivered" and shipment and shipment.delivered_at:
        return scene.tongue.on(shipment.delivered_at)
    return portion.arrives_on


def _undated(scene: Scene, portion: Portion) -> str:
    _ = scene.tongue.gettext
    if portion.status == "held":
        return _("not while held")
    if portion.status == "cancelled":
        return _("never")
    return _("–") if portion.status == "returned" else _("no date yet")


def _unsure(scene: Scene, portion: Portion) -> str:
    """A date that rests on a usual lead time or an unconfirmed order says so."""
    if portion.stage != "waiting":
        return ""
    guessed = any(fact.get("fact") == "lead_time" for fact in portion.because)
    unconfirmed = portion.supply is not None and not portion.supply.confirmed
    return scene.tongue.gettext("not confirmed") if guessed or unconfirmed else ""


def _note(scene: Scene, portion: Portion) -> str:
    """The small second line under the status."""
    tongue, status = scene.tongue, portion.status
    _ = tongue.gettext
    if status == "held":
        reasons = {hold.reason for hold in scene.order.holds if hold.id in portion.holds}
        return hold_word(reasons.pop(), tongue) if len(reasons) == 1 else ""
    if portion.supply is not None and portion.stage == "waiting":
        return _supply(portion, scene)
    if status == "shipped" and (shipment := scene.shipments.get(portion.shipment or "")):
        return shipment_state(shipment.state, tongue) if shipment.state != "shipped" else ""
    if status == "reserved_elsewhere":
        return _("for another agreement")
    if status == "backordered" and (ahead := _fact(portion, "queue_ahead")):
        return _("{n} ahead of you").format(n=tongue.number(Decimal(str(ahead["quantity"]))))
    if waits_for_rest(scene.order, portion):
        return _("waits for the rest")
    return _("never coming") if status == "cancelled" else ""


def _supply(portion: Portion, scene: Scene) -> str:
    _ = scene.tongue.gettext
    if portion.supply is None:
        return ""
    match portion.supply.kind:
        case "purchase_order":
            template = _("order {reference}")
        case "transfer":
            template = _("transfer {reference}")
        case "production":
            template = _("job {reference}")
        case "inspection":
            template = _("lot {reference}")
        case _other:
            template = "{reference}"
    return template.format(reference=portion.supply.reference)


def _fact(portion: Portion, name: str) -> dict[str, object] | None:
    return next((dict(fact) for fact in portion.because if fact.get("fact") == name), None)


def _tracking(scene: Scene, portion: Portion) -> tuple[str, str] | None:
    """The carrier's page and the number of the first package that has both."""
    shipment = scene.shipments.get(portion.shipment or "")
    for package in shipment.packages if shipment else ():
        if package.tracking_number and is_web(package.tracking_url):
            return str(package.tracking_url), package.tracking_number
    return None


def is_web(url: str | None) -> bool:
    """Whether the address may be a link: what other systems send must not become a script."""
    return url is not None and urlsplit(url).scheme in {"http", "https"}
