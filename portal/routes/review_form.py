"""The form of a review as it was sent: how the order is delivered, what is said of it, the days it is needed by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from portal.db.checkout import Destination
from portal.domain.carts import Cart
from portal.domain.quotes import PREFERENCES
from portal.filters import Tongue
from portal.routes.asking import lines_of

LONGEST = 80
LONGEST_NOTE = 2000
# Nobody orders for a day so far ahead: it is a slip of the pen.
FARTHEST = timedelta(days=366 * 3)


@dataclass(frozen=True, slots=True)
class Details:
    """What the cart keeps of it: the first four change prices, dates, or who is asked."""

    ship_to: str | None = None
    delivery_preference: str | None = None
    requested_on: date | None = None
    cost_centre: str | None = None
    purchase_order_number: str | None = None
    instructions: str | None = None

    @property
    def weighty(self) -> tuple[object, ...]:
        """What must have been looked at before anything is ordered."""
        return self.ship_to, self.delivery_preference, self.requested_on, self.cost_centre


@dataclass(slots=True)
class Filled:
    """The form as it was read. `raw` is what was typed, by field; `errors` what is wrong with it, by field."""

    details: Details = field(default_factory=Details)
    need_by: dict[int, date | None] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    repeated_because: str | None = None
    agrees: bool = False


def filled(
    form: Mapping[str, Any], cart: Cart, known: Sequence[Destination], tongue: Tongue, today: date
) -> Filled:
    """What cannot be read stays in the form, with what is wrong beside it."""
    found = Filled(raw={name: str(value) for name, value in form.items() if not name.startswith("_")})
    found.agrees = bool(form.get("agree"))
    found.repeated_because = _text(form, "repeated_because", LONGEST_NOTE)
    ship_to, preference = _text(form, "ship_to"), _text(form, "delivery_preference")
    _ = tongue.gettext
    if ship_to is not None and ship_to not in {one.code for one in known}:
        found.errors["ship_to"] = _("Choose one of your destinations.")
        ship_to = None
    found.details = Details(
        ship_to=ship_to,
        delivery_preference=preference if preference in PREFERENCES else None,
        requested_on=_day(found, form, "requested_on", tongue, today),
        cost_centre=_text(form, "cost_centre"),
        purchase_order_number=_text(form, "purchase_order_number"),
        instructions=_text(form, "instructions", LONGEST_NOTE),
    )
    typed = lines_of(form, "need")
    for line in cart.orderable:
        # Only lines that the form had: a line that came meanwhile keeps its day.
        if f"need-{line.position}" in form:
            raw = {f"need-{line.position}": typed.get(line.position, "")}
            found.need_by[line.position] = _day(found, raw, f"need-{line.position}", tongue, today)
    return found


def _text(form: Mapping[str, Any], name: str, longest: int = LONGEST) -> str | None:
    said = str(form.get(name, "")).replace("\r\n", "\n").replace("\x00", "").strip()
    return said[:longest] or None


def _day(found: Filled, form: Mapping[str, Any], name: str, tongue: Tongue, today: date) -> date | None:
    raw = str(form.get(name, "")).strip()
    if not raw:
        return None
    _ = tongue.gettext
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        found.errors[name] = _("This date cannot be read. Choose a day, or leave it empty.")
        return None
    if day < today:
        found.errors[name] = _("This day is over.")
        return None
    if day - today > FARTHEST:
        found.errors[name] = _("This day is too far away.")
        return None
    return day
