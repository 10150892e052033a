"""Why goods that left are not billed yet, and when they will be, in the reader's words."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from portal.domain.finance import Unbilled
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.order.statuses import Look

LOOKS = {
    "now": Look("held", "held"),
    "held": Look("held", "pause"),
    "delivery": Look("shipped", "shipped"),
    "period": Look("inbound", "supplier"),
    "completion": Look("inbound", "supplier"),
}


def why_word(why: str, tongue: Tongue) -> str:
    """A few words, for a row or a filter."""
    _ = tongue.gettext
    return {
        "now": _("Should be billed by now"),
        "held": _("Stopped by a finance hold"),
        "delivery": _("Billed when it arrives"),
        "period": _("Gathered until its day"),
        "completion": _("Billed when the order is complete"),
    }[why]


def when(one: Unbilled, tongue: Tongue, today: date, first: date) -> str:
    """What the terms say of this order; `first` is the first day whose run is still to come."""
    _ = tongue.gettext
    if (day := one.run_on(first)) is not None:
        return run_word(day, tongue, today)
    return {
        "now": _("nothing stops it: bill it"),
        "held": _("until somebody decides"),
        "delivery": _("when the carrier says so"),
        "completion": _("when the last of it has left"),
    }.get(one.why, "")


def run_word(day: date, tongue: Tongue, today: date) -> str:
    """ "on Fri 27 Nov, in 3 days"."""
    return tongue.gettext("on {day}, {away}").format(day=tongue.day(day, today), away=tongue.away(day, today))


def rhythm(consolidation: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {"weekly": _("weekly"), "monthly": _("monthly"), "completion": _("at completion")}[consolidation]


def sums(amounts: Iterable[tuple[str, Decimal]], tongue: Tongue) -> str:
    """Amounts of several currencies, each added up: "£1,200.00, €40.00"."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, ZERO) + amount
    return ", ".join(tongue.money(amount, currency) for currency, amount in sorted(found.items()))
