"""The work page of one order at one location: what stands there of each line, and the form as it was typed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.filling import Goods, Ready
from portal.domain.orders import Line, Order, Portion
from portal.domain.portions import OURS
from portal.domain.quantities import ZERO, text
from portal.filters import Tongue
from portal.views.desk.form import Typed, TypedPackage
from portal.views.order.scene import Scene
from portal.views.order.statuses import hold_word, mode_word, order_state, shipment_state
from portal.views.order.timeline import Entry, Happened, since_version

# What was done last is told at a glance.
LATEST = 5


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands of a line at one location. `holds` are the reasons why none of it may move."""

    line: Line
    allocated: Decimal
    picking: Decimal
    packed: Decimal
    holds: Sequence[str]
    promised: date | None

    @property
    def ready(self) -> Decimal:
        return self.allocated + self.picking + self.packed

    @property
    def was(self) -> str:
        """As the form carries it."""
        return "/".join(map(text, (self.allocated, self.picking, self.packed)))


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    sku: str
    name: str
    ordered: str
    allocated: str
    picking: str
    packed: str
    ready: str
    ready_value: str
    was: str
    mode: str
    weight: str
    promised: Markup
    late: str
    held: str
    quantity: str
    missing: str
    quantity_error: str
    missing_error: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    href: str
    lines: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A shipment that left from here, with its papers."""

    number: str
    state: str
    when: str
    is_standing: bool


@dataclass(frozen=True, slots=True)
class WorkPage:
    number: str
    state: str
    state_code: str
    version: int
    form: str
    location: str
    place: str
    facts: Sequence[tuple[str, str]]
    instructions: str
    places: Sequence[Place]
    rows: Sequence[Row]
    elsewhere: str
    weight: str
    weight_note: str
    stops: Sequence[str]
    waits: str
    can_work: bool
    can_ship: bool
    typed: Typed
    packages: Sequence[TypedPackage]
    carriers: Sequence[str]
    modes: Sequence[tuple[str, str, bool]]
    currency: str
    shipments: Sequence[Left]
    done: Sequence[Entry]
    just_left: Left | None
    errors: Mapping[str, str]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What the page knows beside the order. `may` is whether this person may work, not only look."""

    location: str
    goods: Mapping[int, Goods]
    carriers: Sequence[str]
    events: Sequence[Happened]
    form: str
    may: bool
    since: int | None = None
    shipped: str = ""


def stocks(order: Order, location: str, also: Collection[int] = ()) -> list[Stock]:
    """Every line of which something stands at the location, and these lines."""
    found = []
    for line in order.lines:
        here = [p for p in line.portions if p.stage in OURS and p.location == location]
        if here or line.line in also:
            found.append(_stock(order, line, here))
    return found


def _stock(order: Order, line: Line, here: Sequence[Portion]) -> Stock:
    def of(stage: str) -> Decimal:
        return sum((p.quantity for p in here if p.stage == stage), ZERO)

    reasons = {hold.id: hold.reason for hold in order.holds}
    holds = sorted({reasons[hold] for p in here for hold in p.holds})
    promised = min((p.first_ships_on for p in here if p.first_ships_on), default=None)
    return Stock(line, of("allocated"), of("picking"), of("packed"), holds, promised)


def ready(found: Sequence[Stock], goods: Mapping[int, Goods], stage: str = "ready") -> list[Ready]:
    """What may be taken of each line: all that is ready, or what is in one stage; nothing while it is held."""
    return [
        Ready(
            one.line.line,
            one.line.sku,
            one.line.unit,
            goods[one.line.line].mode,
            ZERO if one.holds else getattr(one, stage),
            goods[one.line.line].weight,
        )
        for one in found
    ]


def working(order: Order) -> dict[str, int]:
    """How many lines have something standing at each location, the most first."""
    counted: dict[str, int] = {}
    for line in order.lines:
        for location in {p.location for p in line.portions if p.stage in OURS and p.location}:
            counted[location] = counted.get(location, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def page(
    scene: Scene,
    around: Around,
    typed: Typed,
    errors: Mapping[str, str],
    *,
    changed: Sequence[int] = (),
    renewed: bool = True,
) -> WorkPage:
    """Everything the template places. `changed` are lines that somebody else has worked on meanwhile.

    Unless the form is `renewed`, what it decides on stays the order as it was first drawn: what changed since must
    still be told.
    """
    order, tongue = scene.order, scene.tongue
    # What was typed stays, also where somebody else has left nothing to take.
    found = stocks(order, around.location, also=changed)
    waits = _waits(order, tongue)
    rows = [
        _row(scene, around, one, Marks(typed, errors, one.line.line in changed, renewed)) for one in found
    ]
    weight, note = _weight(tongue, found, around.goods)
    left = [_left(scene, number) for number in _from_here(order, around.location)]
    return WorkPage(
        number=order.number,
        state=order_state(order.state, tongue),
        state_code=order.state,
        version=order.version if renewed else typed.version,
        form=around.form if renewed else typed.form,
        location=around.location,
        place=scene.place(around.location),
        facts=_facts(scene),
        instructions=order.ship_to.instructions or "",
        places=_places(scene, around.location),
        rows=rows,
        elsewhere=_elsewhere(tongue, len(order.lines), sum(one.ready > 0 for one in found)),
        weight=weight,
        weight_note=note,
        stops=_stops(scene),
        waits=waits,
        can_work=around.may and any(not one.holds for one in found),
        can_ship=around.may and not waits,
        typed=typed,
        packages=typed.packages or [TypedPackage()],
        carriers=around.carriers,
        modes=[(mode, mode_word(mode, tongue), mode == typed.mode) for mode in ("parcel", "freight")],
        currency=order.currency,
        shipments=left,
        done=_done(scene, around),
        just_left=next((one for one in left if one.number == around.shipped), None),
        # A field without an error asks as well.
        errors=defaultdict(str, errors),
        is_empty=not found,
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """What the form says of a line."""

    typed: Typed
    errors: Mapping[str, str]
    is_changed: bool
    renewed: bool


def _row(scene: Scene, around: Around, one: Stock, marks: Marks) -> Row:
    tongue, line, typed, errors = scene.tongue, one.line, marks.typed, marks.errors
    number = line.line
    is_late = one.promised is not None and one.promised < scene.today
    goods = around.goods[number]
    return Row(
        line=number,
        sku=line.sku,
        name=line.name,
        ordered=tongue.quantity(line.quantity, line.unit),
        allocated=_or_nothing(tongue, one.allocated),
        picking=_or_nothing(tongue, one.picking),
        packed=_or_nothing(tongue, one.packed),
        ready=tongue.number(one.ready),
        ready_value=text(one.ready),
        was=one.was if marks.renewed else typed.was.get(number, one.was),
        mode=mode_word(goods.mode, tongue),
        weight=_kilograms(tongue, goods.weight * one.ready) if goods.weight is not None else "",
        promised=tongue.day_html(one.promised, scene.today) if one.promised else Markup(""),
        late=tongue.away(one.promised, scene.today) if is_late and one.promised else "",
        held=", ".join(hold_word(reason, tongue) for reason in one.holds),
        quantity=typed.quantities.get(number, ""),
        missing=typed.missing.get(number, ""),
        quantity_error=errors.get(f"quantity-{number}", ""),
        missing_error=errors.get(f"missing-{number}", ""),
        is_changed=marks.is_changed,
    )


def _or_nothing(tongue: Tongue, quantity: Decimal) -> str:
    return tongue.number(quantity) if quantity else ""


def _kilograms(tongue: Tongue, weight: Decimal) -> str:
    return f"{tongue.number(weight.quantize(Decimal('0.1')).normalize() + 0)} kg"


def _weight(tongue: Tongue, found: Sequence[Stock], goods: Mapping[int, Goods]) -> tuple[str, str]:
    """All that stands here, as far as the weight is known, and how much of it is not."""
    weights = [(goods[one.line.line].weight, one.ready) for one in found]
    known = [weight * quantity for weight, quantity in weights if weight is not None]
    unknown = len(found) - len(known)
    note = tongue.ngettext("{n} line has no weight", "{n} lines have no weight", unknown).format(n=unknown)
    if not known:
        return "", ""
    return _kilograms(tongue, sum(known, ZERO)), note if unknown else ""


def _facts(scene: Scene) -> list[tuple[str, str]]:
    """The account, the destination, the buyer's number and wishes."""
    order, tongue = scene.order, scene.tongue
    _ = tongue.gettext
    facts = [
        (_("Account"), f"{order.account_name} ({order.account})"),
        (_("Ship to"), f"{order.ship_to.name}, {order.ship_to.city}"),
    ]
    if order.purchase_order_number:
        facts.append((_("PO"), order.purchase_order_number))
    if order.requested_on:
        facts.append((_("Wanted by"), tongue.day(order.requested_on, scene.today)))
    return facts


def _places(scene: Scene, chosen: str) -> list[Place]:
    counted = working(scene.order)
    counted.setdefault(chosen, 0)
    return [
        Place(
            scene.place(code),
            f"/desk/orders/{scene.order.number}?location={code}",
            lines,
            code == chosen,
        )
        for code, lines in counted.items()
    ]


def _elsewhere(tongue: Tongue, lines: int, here: int) -> str:
    if here == lines:
        return ""
    return tongue.gettext(
        "Of {n} lines, {here} stand here; the others wait, have left, or stand elsewhere."
    ).format(n=lines, here=here)


def _stops(scene: Scene) -> list[str]:
    """One sentence for each hold that stands."""
    tongue = scene.tongue
    _ = tongue.gettext
    said = []
    for hold in scene.order.holds:
        reason = hold_word(hold.reason, tongue)
        if hold.lines is None:
            said.append(_("The whole order is held {reason}.").format(reason=reason))
        else:
            lines = ", ".join(map(str, hold.lines))
            template = tongue.ngettext(
                "Line {lines} is held {reason}.", "Lines {lines} are held {reason}.", len(hold.lines)
            )
            said.append(template.format(lines=lines, reason=reason))
    return said


def _waits(order: Order, tongue: Tongue) -> str:
    """Why nothing of an order that ships complete may leave yet; empty when nothing keeps it."""
    if order.delivery_preference != "complete_only":
        return ""
    waiting = [line for line in order.lines if line.of("waiting")]
    if not waiting:
        return ""
    return tongue.ngettext(
        "This order ships complete only, and {n} line still waits. It can be picked and packed, not shipped.",
        "This order ships complete only, and {n} lines still wait. It can be picked and packed, not shipped.",
        len(waiting),
    ).format(n=len(waiting))


def _from_here(order: Order, location: str) -> list[str]:
    return [shipment.number for shipment in reversed(order.shipments) if shipment.location == location]


def _left(scene: Scene, number: str) -> Left:
    shipment = scene.shipments[number]
    return Left(
        number=number,
        state=shipment_state(shipment.state, scene.tongue),
        when=scene.tongue.moment(shipment.shipped_at, scene.today),
        is_standing=shipment.state != "cancelled",
    )


def _done(scene: Scene, around: Around) -> list[Entry]:
    """What happened since the version that the last step began with."""
    if around.since is None:
        return []
    return since_version(scene, around.events, around.since)[:LATEST]
