"""Who looked as whom, why, when, and at what: for those whose pages were seen."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db.impersonations import Place, Row, View
from portal.filters import Tongue

PER_PAGE = 30
MOST_VIEWS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One impersonation. `lasts` while it does."""

    id: int
    who: str
    email: str
    whom: str
    account: str
    reason: str
    began: str
    ended: str
    views: str
    lasts: bool
    may_end: bool


def entry(found: Row, now: datetime, tongue: Tongue, today: date, *, may_end: bool) -> Entry:
    at = found.ended(now)
    return Entry(
        id=found.id,
        who=found.actor_name,
        email=found.actor_email,
        whom=found.subject_name,
        account=found.account_name,
        reason=found.reason,
        began=tongue.stamp(found.began_at, today),
        ended=_ended(found, at, tongue, today),
        views=tongue.ngettext("{n} page", "{n} pages", found.views).format(n=tongue.number(found.views)),
        lasts=at is None,
        may_end=may_end and at is None,
    )


def _ended(found: Row, at: datetime | None, tongue: Tongue, today: date) -> str:
    _ = tongue.gettext
    if at is None:
        return _("until {time} at the latest").format(time=tongue.clock(found.ends_at))
    if found.ended_by is None:
        return _("until {time}, when the time was over").format(time=tongue.moment(at, today))
    return _("until {time}, ended by {who}").format(
        time=tongue.moment(at, today), who=found.ended_by_name or found.ended_by
    )


@dataclass(frozen=True, slots=True)
class Look:
    """One request. `result` is empty when the page was shown; `did` says that it was no mere look."""

    at: str
    text: str
    href: str
    result: str
    is_refused: bool
    did: bool


def look(found: View, tongue: Tongue) -> Look:
    _ = tongue.gettext
    status = found.status or 0
    did = found.method not in ("GET", "HEAD")
    is_refused = status in (403, 404, 409, 422)
    result = ""
    if is_refused:
        result = _("not there") if status == 404 else _("refused")
    elif status >= 500:
        result = _("did not work")
    elif did:
        result = _("done in your name") if status else ""
    return Look(
        at=tongue.clock(found.at),
        text=page(found.path, tongue),
        href="" if did or is_refused or found.path.endswith("/live") else found.path,
        result=result,
        is_refused=is_refused,
        did=did,
    )


def page(path: str, tongue: Tongue) -> str:
    """What a page is called; its address where nobody has a word for it."""
    _ = tongue.gettext
    parts = path.strip("/").split("/")
    one = {
        "orders": _("Order {number}"),
        "invoices": _("Invoice {number}"),
        "returns": _("Return {number}"),
        "disputes": _("Dispute {number}"),
        "approvals": _("Approval {number}"),
        "shipments": _("Shipment {number}"),
    }
    many = {
        "": _("Home"),
        "today": _("Today"),
        "orders": _("Orders"),
        "arrivals": _("Arrivals"),
        "arrivals.csv": _("Arrivals as CSV"),
        "invoices": _("Invoices"),
        "invoices.csv": _("Invoices as CSV"),
        "returns": _("Returns"),
        "disputes": _("Disputes"),
        "approvals": _("Approvals"),
        "credit": _("Credit"),
        "new-order": _("New order"),
        "lists": _("Saved lists"),
        "settings": _("Settings"),
    }
    if len(parts) > 1 and parts[0] in one and any(c.isdigit() for c in parts[1]):
        named = one[parts[0]].format(number=parts[1])
        kind = _part(parts[2], tongue) if len(parts) > 2 else ""
        return f"{named}: {kind}" if kind else named
    if len(parts) == 1:
        return many.get(parts[0], path)
    return f"{many[parts[0]]}: {_part(parts[1], tongue)}" if parts[0] in ("settings", "new-order") else path


def _part(name: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    known = {
        "timeline": _("everything that happened"),
        "live": _("live updates"),
        "lines.csv": _("lines as CSV"),
        "reconciliation": _("ordered against billed"),
        "changes": _("change"),
        "visit": _("marked as read"),
        "dispute": _("dispute"),
        "return": _("return"),
        "delivery": _("delivery"),
        "delegation": _("delegation"),
        "approvals": _("approval policy"),
        "notifications": _("notifications"),
        "calendar": _("calendar"),
        "webhooks": _("webhooks"),
        "tokens": _("tokens"),
        "access-log": _("who looked"),
        "review": _("review"),
    }
    return known.get(name, name)


def levels(tongue: Tongue, supplier: str) -> list[tuple[str, str, str]]:
    """(level, its name, what it means) of what an account may allow."""
    _ = tongue.gettext
    return [
        (
            "off",
            _("Nobody"),
            _("{supplier} cannot see what you see. On the phone, you describe it.").format(supplier=supplier),
        ),
        (
            "read",
            _("To look"),
            _("Your account manager can open your pages as you see them, and do nothing there."),
        ),
        (
            "order",
            _("To look and to order"),
            _("They can also order, announce returns and dispute for you, marked with both names."),
        ),
    ]


def stands(chosen: Place | None, tongue: Tongue) -> str:
    """What is allowed, in a sentence."""
    _ = tongue.gettext
    if chosen is None:
        return ""
    said = {
        "off": _("Nobody of ours may see what your people see."),
        "read": _(
            "Account managers may see what your people see, with a reason, for half an hour, and do nothing."
        ),
        "order": _(
            "Account managers may see what your people see, and order for them, with a reason, for half an hour."
        ),
    }
    more = ""
    if chosen.own != "off" and chosen.allowed == "off":
        more = " " + _("An account above yours has switched it off for all below.")
    return said[chosen.allowed] + more
