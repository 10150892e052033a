"""How certain an arrival is, in words and with an icon: it left, it is ours, its supply is confirmed, or it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from markupsafe import Markup

from portal.domain.arrivals import Arrival
from portal.domain.portions import OURS
from portal.filters import Tongue
from portal.views.order.bars import swatch
from portal.views.order.statuses import LOOKS, Look, hold_word, shipment_state, word

# What the kinds look like where only they are shown, the surest first: solid is yours, a pattern is not yours yet.
SHOWN = {
    "road": Look("shipped", "shipped"),
    "ready": Look("ready", "ready"),
    "sure": Look("inbound", "supplier"),
    "unsure": Look("queued", "unsure"),
}
# What a reader may ask for; the last two are what the day can be relied on for, and what it cannot.
ONLY: Mapping[str, tuple[str, ...]] = {
    "road": ("road",),
    "firm": ("road", "ready", "sure"),
    "ready": ("ready",),
    "sure": ("sure",),
    "unsure": ("unsure",),
}
IN_TROUBLE = Look("held", "held")


@lru_cache(maxsize=64)
def kind_word(kind: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "road": _("On the road"),
        "ready": _("Ready"),
        "sure": _("Confirmed"),
        "unsure": _("Not confirmed"),
        "held": _("Held"),
        "undated": _("No date yet"),
    }[kind]


@lru_cache(maxsize=64)
def only_word(only: str, tongue: Tongue) -> str:
    """The choices of the filter."""
    _ = tongue.gettext
    return {
        "road": _("Only on the road"),
        "firm": _("Only on the road, ready or confirmed"),
        "ready": _("Only ready"),
        "sure": _("Only awaited and confirmed"),
        "unsure": _("Only not confirmed"),
    }[only]


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend; it leaves only what it counts."""

    swatch: Markup
    word: str
    lines: str
    href: str
    is_chosen: bool


def keys(lines: Mapping[str, int], hrefs: Mapping[str, str], chosen: str, tongue: Tongue) -> list[Key]:
    return [
        Key(
            swatch(look.role),
            kind_word(kind, tongue),
            tongue.number(lines[kind]),
            hrefs[kind],
            kind == chosen,
        )
        for kind, look in SHOWN.items()
        if lines.get(kind)
    ]


def look_of(arrival: Arrival) -> Look:
    """As on the order's own page, but that a day nobody has confirmed has an icon of its own."""
    if arrival.is_in_trouble:
        return IN_TROUBLE
    look = LOOKS[arrival.status]
    return Look(look.role, "unsure") if arrival.kind == "unsure" else look


def said_of(arrival: Arrival, tongue: Tongue, today: date) -> tuple[str, str]:
    """The word, and the quieter rest: what confirms it, where it stands, since when it should be there."""
    _ = tongue.gettext
    if arrival.is_in_trouble:
        return shipment_state(str(arrival.shipment_state), tongue), _expected(arrival, tongue, today)
    said = _("On the road") if arrival.kind == "road" else word(arrival.status, tongue)
    return said, ", ".join(filter(None, _rest(arrival, tongue, today)))


def _rest(arrival: Arrival, tongue: Tongue, today: date) -> Sequence[str]:
    _ = tongue.gettext
    if arrival.day is not None and arrival.day < today:
        return (_expected(arrival, tongue, today),)
    match arrival.kind:
        case "road":
            has_news = arrival.shipment_state == "out_for_delivery"
            return (shipment_state("out_for_delivery", tongue) if has_news else "",)
        case "ready":
            return (_("at {place}").format(place=arrival.location) if arrival.location else "",)
        case "sure":
            return (_("confirmed"), _supply(arrival, tongue))
        case "unsure":
            return (_("not confirmed"), _supply(arrival, tongue))
        case "held":
            return (hold_word(arrival.holds[0], tongue) if len(arrival.holds) == 1 else "",)
    return (_("waits for the rest") if arrival.status in OURS else _supply(arrival, tongue),)


def _expected(arrival: Arrival, tongue: Tongue, today: date) -> str:
    if arrival.day is None:
        return ""
    day = tongue.day(arrival.day, today)
    return tongue.gettext("expected {day}, {away}").format(day=day, away=tongue.away(arrival.day, today))


def _supply(arrival: Arrival, tongue: Tongue) -> str:
    _ = tongue.gettext
    if arrival.supply is None:
        return ""
    named = {
        "purchase_order": _("order {reference}"),
        "transfer": _("transfer {reference}"),
        "production": _("job {reference}"),
        "inspection": _("lot {reference}"),
    }
    return named[str(arrival.supply_kind)].format(reference=arrival.supply)
