"""Another product offered in place of what a line waits for: side by side, what is ordered and what is offered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.because import sentence
from portal.domain.money import rounded
from portal.domain.orders import Line, Portion, Substitution
from portal.domain.telling import told
from portal.views.order.scene import Scene


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two products. `arrives` are days with their quantities, `notes` what is to be known about them."""

    sku: str
    name: str
    quantity: str
    arrives: Sequence[str]
    note: str
    each: str
    amount: str
    more: str


@dataclass(frozen=True, slots=True)
class Compared:
    """An offer as it is read. `action` is what the reader may do about it, `obstacle` why it cannot be accepted.

    `is_theirs`: it is the reader's to answer or to withdraw. `is_urgent`: it waits for this reader.
    """

    id: str
    line: int
    href: str
    title: str
    ordered: Side
    offered: Side
    said: str
    note: str
    obstacle: str
    action: str
    is_theirs: bool
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Standing:
    title: str
    offers: Sequence[Compared]


def standing(scene: Scene) -> Standing:
    """The offers that wait for the buyer's answer."""
    offers = scene.order.standing_offers
    tongue = scene.tongue
    if scene.for_supplier:
        title = tongue.ngettext(
            "{n} offer waits for the buyer's answer", "{n} offers wait for the buyer's answer", len(offers)
        )
    else:
        title = tongue.ngettext(
            "{n} offer waits for your answer", "{n} offers wait for your answer", len(offers)
        )
    return Standing(title.format(n=len(offers)), [compared(scene, offer) for offer in offers])


def compared(scene: Scene, offer: Substitution) -> Compared:
    _ = scene.tongue.gettext
    line = line_of(scene, offer.line)
    return Compared(
        id=offer.id,
        line=offer.line,
        href=f"{scene.path}/offers/{offer.id}",
        title=_("{sku} instead of line {line}, {old}").format(sku=offer.sku, line=line.line, old=line.sku),
        ordered=_ordered(scene, line, offer),
        offered=_offered(scene, line, offer),
        said=_said(scene, offer),
        note=offer.note or "",
        obstacle=_obstacle(scene, line, offer),
        action=_action(scene, line, offer),
        is_theirs=scene.may_offer,
        is_urgent=scene.may_offer and not scene.for_supplier and not _obstacle(scene, line, offer),
    )


def line_of(scene: Scene, number: int) -> Line:
    return next(line for line in scene.order.lines if line.line == number)


def _ordered(scene: Scene, line: Line, offer: Substitution) -> Side:
    """What it is like without the offer: of the line, what would be cancelled first."""
    tongue, currency = scene.tongue, scene.order.currency
    parts = least_certain(line, offer.quantity)
    return Side(
        line.sku,
        line.name,
        tongue.quantity(offer.quantity, line.unit),
        days(scene, parts),
        _unsure(scene, [portion for _, portion in parts]),
        tongue.price(line.unit_price, currency),
        tongue.money(offer.quantity * line.unit_price, currency),
        "",
    )


def least_certain(line: Line, quantity: Decimal) -> list[tuple[Decimal, Portion]]:
    """So much of what nobody works on yet, in the order in which it would be cancelled."""

    def certainty(portion: Portion) -> tuple[int, int]:
        if portion.stage == "allocated":
            return (2, 0)
        return (1, -(portion.arrives_on or date.max).toordinal()) if portion.supply else (0, 0)

    parts = []
    for portion in sorted((p for p in line.portions if p.stage in ("waiting", "allocated")), key=certainty):
        if part := min(quantity, portion.quantity):
            parts.append((part, portion))
            quantity -= part
    return parts


def days(scene: Scene, parts: Iterable[tuple[Decimal, Portion]]) -> list[str]:
    """`Fri 20 Nov` for all of it, or each day with how much comes then, the earliest first."""
    _ = scene.tongue.gettext
    amounts: dict[tuple[bool, date], Decimal] = {}
    words: dict[tuple[bool, date], str] = {}
    for quantity, portion in parts:
        day = portion.arrives_on
        key = (day is None, day or date.max)
        amounts[key] = amounts.get(key, Decimal(0)) + quantity
        if day:
            words[key] = scene.tongue.day(day, scene.today)
        else:
            words[key] = _("not while held") if portion.status == "held" else _("no date yet")
    if len(amounts) == 1:
        return list(words.values())
    return [
        _("{n}: {day}").format(n=scene.tongue.number(amounts[key]), day=words[key]) for key in sorted(amounts)
    ]


def _unsure(scene: Scene, portions: Iterable[Portion]) -> str:
    """A day that rests on a usual lead time or an order that nobody has confirmed says so."""
    for portion in portions:
        for fact in portion.because:
            guessed = fact["fact"] == "lead_time" or (fact["fact"] == "inbound" and not fact["confirmed"])
            if guessed and portion.arrives_on:
                return scene.tongue.gettext("not confirmed")
    return ""


def _offered(scene: Scene, line: Line, offer: Substitution) -> Side:
    tongue, currency = scene.tongue, scene.order.currency
    foreseen = scene.foreseen.get(offer.id)
    portions = foreseen.portions if foreseen else ()
    return Side(
        offer.sku,
        offer.name,
        tongue.quantity(offer.substitute_quantity, offer.unit),
        days(scene, [(portion.quantity, portion) for portion in portions]),
        ", ".join(filter(None, (_sooner(scene, line, offer, portions), _unsure(scene, portions)))),
        tongue.price(offer.unit_price, currency),
        tongue.money(offer.substitute_quantity * offer.unit_price, currency),
        difference(scene, line, offer),
    )


def _sooner(scene: Scene, line: Line, offer: Substitution, portions: Sequence[Portion]) -> str:
    """How many days earlier the last of it would be there."""
    tongue = scene.tongue
    before = _last(portion for _, portion in least_certain(line, offer.quantity))
    after = _last(portions)
    if before is None or after is None or before == after:
        return tongue.gettext("on the same day") if before and before == after else ""
    count = abs((before - after).days)
    if after < before:
        return tongue.ngettext("{n} day earlier", "{n} days earlier", count).format(n=count)
    return tongue.ngettext("{n} day later", "{n} days later", count).format(n=count)


def _last(portions: Iterable[Portion]) -> date | None:
    found = [portion.arrives_on for portion in portions]
    return max((day for day in found if day), default=None) if all(found) else None


def difference(scene: Scene, line: Line, offer: Substitution) -> str:
    """What it costs more or less, before tax."""
    currency, _ = scene.order.currency, scene.tongue.gettext
    old = rounded(offer.quantity * line.unit_price, currency)
    new = rounded(offer.substitute_quantity * offer.unit_price, currency)
    if new == old:
        return _("the same amount")
    template = _("{money} more") if new > old else _("{money} less")
    return template.format(money=scene.tongue.money(abs(new - old), currency))


def _said(scene: Scene, offer: Substitution) -> str:
    stamp = scene.tongue.stamp(offer.offered_at, scene.today)
    return scene.tongue.gettext("Offered {moment} by {who}").format(moment=stamp, who=offer.offered_by)


def _obstacle(scene: Scene, line: Line, offer: Substitution) -> str:
    """Why it cannot be accepted as it stands."""
    if not offer.is_standing or line.replaceable >= offer.quantity:
        return ""
    left = scene.tongue.quantity(line.replaceable, line.unit)
    said = scene.tongue.gettext(
        "Of line {line}, {left} can still be replaced: less than is offered, so this cannot be accepted any more."
    )
    return said.format(left=left, line=line.line)


def _action(scene: Scene, line: Line, offer: Substitution) -> str:
    _ = scene.tongue.gettext
    if not scene.may_offer:
        return _("Look at the offer")
    if scene.for_supplier:
        return _("Look at it or withdraw it")
    return _("Decline") if _obstacle(scene, line, offer) else _("Accept or decline")


def sentences(scene: Scene, offer: Substitution, portions: Iterable[Portion]) -> list[str]:
    """What becomes, or became, of the offered goods, in the engine's own sentences."""
    return [sentence(told(scene.order, offer, portion, scene.shipments), scene.words) for portion in portions]


def settled(scene: Scene, offer: Substitution) -> str:
    """How the offer ended, and who ended it."""
    if offer.settled_at is None:
        return ""
    _ = scene.tongue.gettext
    template = {
        "accepted": _("Accepted {moment} by {who}"),
        "declined": _("Declined {moment} by {who}"),
        "withdrawn": _("Withdrawn {moment} by {who}"),
    }[offer.state]
    return template.format(
        moment=scene.tongue.stamp(offer.settled_at, scene.today), who=offer.settled_by or ""
    )
