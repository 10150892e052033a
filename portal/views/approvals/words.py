"""Approvals in words, the same on every page: how it stands, who is asked, under which condition."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_timedelta

from portal.filters import Tongue
from portal.views.order.statuses import Look

Json = Mapping[str, Any]


def state(code: str, tongue: Tongue) -> tuple[str, Look]:
    """The word of a request's state, and how it looks."""
    _ = tongue.gettext
    return {
        "pending": (_("Waits for approval"), Look("inbound", "approvals")),
        "asked": (_("Waits for an answer"), Look("reserved", "unsure")),
        "approved": (_("Approved"), Look("delivered", "delivered")),
        "rejected": (_("Not approved"), Look("held", "cancelled")),
        "expired": (_("Ended without a decision"), Look("never", "cancelled")),
        "withdrawn": (_("Taken back"), Look("never", "returned")),
    }[code]


def why(seat: str, account: str, tongue: Tongue) -> str:
    """Why somebody is asked, small beside their name."""
    _ = tongue.gettext
    return {
        "named": _("named by the rule"),
        "role": _("by role in {account}"),
        "authority": _("their authority covers the amount, from {account}"),
        "escalated": _("asked because nobody decided in time"),
    }.get(seat, seat).format(account=account)


def need(count: int, of: int, tongue: Tongue) -> str:
    """How many of a step must approve."""
    _ = tongue.gettext
    if of == 1:
        return ""
    if count >= of:
        return _("all of them must approve")
    if count == 1:
        return _("one of them is enough")
    return _("{n} of {all} must approve").format(n=tongue.number(count), all=tongue.number(of))


def condition(said: Json | None, currency: str, tongue: Tongue, today: date) -> str:
    """`up to £80,000.00, until 1 Dec`."""
    if not said:
        return ""
    _ = tongue.gettext
    parts = []
    if said.get("total") is not None:
        parts.append(_("up to {total}").format(total=tongue.money(Decimal(str(said["total"])), currency)))
    if said.get("until"):
        day = date.fromisoformat(str(said["until"]))
        parts.append(_("until {day}").format(day=tongue.day(day, today)))
    return ", ".join(parts)


def left(until: datetime, now: datetime, tongue: Tongue) -> str:
    """`in 3 hours`."""
    if until <= now:
        return tongue.gettext("over")
    return roughly(until - now, tongue, ahead=True)


def roughly(span: timedelta, tongue: Tongue, *, ahead: bool = False) -> str:
    """A span in its largest unit; with `ahead`, as what is to come."""
    return format_timedelta(
        span, granularity="minute", threshold=1.5, add_direction=ahead, locale=tongue.name
    )
