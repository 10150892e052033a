"""Connections, their figures and their alerts in words: the same on the page and in the mail."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_timedelta

from portal.filters import Tongue


def name(kind: str, account_name: str | None, url: str | None, description: str, tongue: Tongue) -> str:
    """What people call it."""
    _ = tongue.gettext
    fixed = {"erp": _("ERP"), "mail": _("Mail"), "inbound": _("Messages from others")}
    if kind in fixed:
        return fixed[kind]
    called = description or host(url)
    return f"{account_name}: {called}" if account_name else called


def host(url: str | None) -> str:
    parts = urlsplit(url or "")
    return parts.netloc or (url or "")


def purpose(kind: str, tongue: Tongue) -> str:
    """What goes through it."""
    _ = tongue.gettext
    return {
        "erp": _("Orders, shipments, invoices and payments that the ERP books"),
        "mail": _("What people are told"),
        "inbound": _("Carriers' messages and receipts about something that is not known yet"),
        "webhook": _("What a customer's system is told"),
    }[kind]


def lasted(seconds: int, tongue: Tongue) -> str:
    """ "6 minutes": one unit is enough to act on."""
    return format_timedelta(timedelta(seconds=max(seconds, 0)), threshold=1.5, locale=tongue.name)


def headline(measure: str, kind: str, facts: Mapping[str, Any], tongue: Tongue) -> str:
    """What passed its threshold, in a few words."""
    _, ngettext = tongue.gettext, tongue.ngettext
    value = facts.get("value")
    if measure == "oldest":
        return _("The oldest has waited {time}").format(time=lasted(int(value or 0), tongue))
    if measure == "backlog":
        count = int(value or 0)
        return ngettext("{n} message waits", "{n} messages wait", count).format(n=tongue.number(count))
    if measure == "errors":
        return _("{n} % of the attempts fail").format(n=tongue.number(int(value or 0)))
    if measure == "dead":
        return _dead(kind, int(value or 0), tongue)
    return because(str(value or ""), tongue)


def _dead(kind: str, count: int, tongue: Tongue) -> str:
    ngettext = tongue.ngettext
    said = {
        "mail": ngettext("{n} mail is taken by nobody", "{n} mails are taken by nobody", count),
        "inbound": ngettext("{n} message could not be applied", "{n} messages could not be applied", count),
        "erp": ngettext("{n} message is refused", "{n} messages are refused", count),
    }.get(kind, ngettext("{n} message failed for good", "{n} messages failed for good", count))
    return said.format(n=tongue.number(count))


def limit(measure: str, facts: Mapping[str, Any], tongue: Tongue) -> str:
    """The threshold that it passed; empty where there is none to speak of."""
    _, most = tongue.gettext, facts.get("limit")
    if measure == "oldest":
        return _("told from {time} on").format(time=lasted(int(most or 0), tongue))
    if measure == "backlog":
        return _("told from {n} on").format(n=tongue.number(int(most or 0)))
    if measure == "errors":
        return _("told from {n} % on").format(n=tongue.number(int(most or 0)))
    return ""


def because(why: str, tongue: Tongue) -> str:
    """Why nothing is sent to it."""
    _ = tongue.gettext
    said = {
        "gone": _("Disabled: it answered that it is gone (410)"),
        "failing": _("Disabled: nothing has gone through for five days"),
        "by_hand": _("Disabled by hand"),
    }
    return said.get(why, _("Disabled"))


def advice(measure: str, kind: str, tongue: Tongue) -> str:
    """What whoever is told can do."""
    _ = tongue.gettext
    if measure == "dead" and kind == "inbound":
        return _("Put right what they say and apply them, or dismiss them.")
    if measure == "dead":
        return _(
            "Nothing happens by itself any more: put right what is wrong and send it again, or let it go."
        )
    if measure == "disabled":
        return _("Nothing more is sent. What happens meanwhile can be replayed once it is enabled again.")
    if kind == "inbound":
        return _("They are applied when what they speak of becomes known; after seven days a person decides.")
    return _("It is tried again by itself, with growing pauses. Nothing is lost.")
