"""What approval tells in an order's timeline: who was asked, what they said, and what came of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.order.scene import Scene

Told = tuple[str, str, Markup, str]
Data = Mapping[str, Any]
# Names that are read at a glance.
NAMES = 4


def requested(scene: Scene, data: Data) -> Told:
    """For the first time, or once more."""
    tongue = scene.tongue
    _ = tongue.gettext
    names = [str(name) for name in data.get("approvers", ())]
    if data.get("again") == "lapsed":
        said = tongue.strong(
            _("The condition of {names} does not hold any more"), names=_names(tongue, names)
        )
        return "held", "approvals", said, _("asked once more")
    if data.get("again") == "changed":
        said = tongue.strong(_("Sent to be approved anew, to {names}"), names=_names(tongue, names))
        return "muted", "approvals", said, _("because more is ordered")
    if data.get("kind") == "amendment":
        said = tongue.strong(_("A change was sent to be approved, to {names}"), names=_names(tongue, names))
    elif names:
        said = tongue.strong(_("Sent to be approved, to {names}"), names=_names(tongue, names))
    else:
        said = escape(_("Sent to be approved"))
    return (
        "muted",
        "approvals",
        said,
        _("by {who}").format(who=data["requester"]) if data.get("requester") else "",
    )


def _names(tongue: Tongue, names: list[str]) -> str:
    if len(names) <= NAMES:
        return ", ".join(names)
    return tongue.ngettext("{names} and {n} other", "{names} and {n} others", len(names) - NAMES).format(
        names=", ".join(names[:NAMES]), n=len(names) - NAMES
    )


def given(scene: Scene, data: Data) -> Told:
    """One of several has agreed."""
    tongue = scene.tongue
    _ = tongue.gettext
    if data.get("for"):
        said = tongue.strong(
            _("{who} approved in the name of {others}"), who=data.get("by"), others=", ".join(data["for"])
        )
    else:
        said = tongue.strong(_("{who} approved"), who=data.get("by"))
    waits = [str(name) for name in data.get("waiting_for", ())]
    then = _("now it waits for {names}").format(names=_names(tongue, waits)) if waits else ""
    return (
        "ready",
        "approvals",
        said,
        _more(condition(tongue, data.get("condition"), scene.today), data.get("comment"), then),
    )


def condition(tongue: Tongue, said: Data | None, today: date) -> str:
    """Up to what somebody agreed."""
    if not said:
        return ""
    _ = tongue.gettext
    total = tongue.number(Decimal(said["total"])) if said.get("total") else None
    until = tongue.day(date.fromisoformat(said["until"]), today) if said.get("until") else None
    if total and until:
        return _("up to {total}, until {day}").format(total=total, day=until)
    return _("up to {total}").format(total=total) if total else _("until {day}").format(day=until)


def _more(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def said(icon_role: str, message: str) -> Any:
    """Somebody said something, in their own words."""

    def tell(scene: Scene, data: Data) -> Told:
        text = scene.tongue.strong(scene.tongue.gettext(message), who=data.get("by") or "?")
        return icon_role, "approvals", text, str(data.get("comment") or "")

    return tell


def approved(scene: Scene, data: Data) -> Told:
    """All of them have agreed."""
    _ = scene.tongue.gettext
    by = _("last by {who}").format(who=data["by"]) if data.get("by") else ""
    return "delivered", "approvals", escape(_("Approved")), _more(by, data.get("comment"))


def rejected(scene: Scene, data: Data) -> Told:
    """It will not be placed: somebody said no, nobody said anything in time, or it was taken back."""
    tongue = scene.tongue
    _ = tongue.gettext
    match data.get("why"):
        case "expired":
            return "never", "approvals", escape(_("Nobody decided in time: not approved")), ""
        case "withdrawn":
            text = tongue.strong(_("{who} took it back"), who=data.get("by"))
        case "rejected":
            text = tongue.strong(_("{who} did not approve it"), who=data.get("by"))
        case _:
            text = escape(_("Not approved"))
    return "never", "approvals", text, str(data.get("comment") or "")


def change_rejected(scene: Scene, data: Data) -> Told:
    """The order stays as it was."""
    tongue = scene.tongue
    _ = tongue.gettext
    match data.get("why"):
        case "expired":
            text = escape(_("Nobody decided on the change in time: the order stays as it was"))
        case "withdrawn":
            text = tongue.strong(_("{who} took the change back"), who=data.get("by"))
        case _:
            text = tongue.strong(
                _("{who} did not approve the change: the order stays as it was"), who=data.get("by")
            )
    return "never", "approvals", text, str(data.get("comment") or "")


def changed(scene: Scene, data: Data) -> Told:
    """More, or something else, was ordered."""
    tongue = scene.tongue
    _ = tongue.gettext
    lines = [int(line["line"]) for line in (*data.get("lines", ()), *data.get("added", ()))]
    listed = ", ".join(map(str, sorted(lines)))
    if data.get("added"):
        text = tongue.strong(
            tongue.ngettext("Ordered besides: line {lines}", "Ordered besides: lines {lines}", len(lines)),
            lines=listed,
        )
    elif lines:
        text = tongue.strong(
            tongue.ngettext("Order changed: line {lines}", "Order changed: lines {lines}", len(lines)),
            lines=listed,
        )
    else:
        text = escape(_("Order changed"))
    by = _("by {who}").format(who=data["by"]) if data.get("by") else ""
    return "muted", "orders", text, _more(by, data.get("note"))


TELL = {
    "order.approval_requested": requested,
    "order.approval_asked": said("held", N_("{who} asked a question")),
    "order.approval_answered": said("muted", N_("{who} answered")),
    "order.approval_given": given,
    "order.approved": approved,
    "order.rejected": rejected,
    "order.changed": changed,
    "order.change_rejected": change_rejected,
}
