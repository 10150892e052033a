"""What failed for good, row by row: what it was, why it failed, and what puts it right."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.db.dead_letters import FailedMail, Letter
from portal.db.delivery_log import Delivery
from portal.db.parked import Case
from portal.domain import pushing
from portal.filters import Tongue
from portal.views.order.statuses import Look


@dataclass(frozen=True, slots=True)
class LetterRow:
    """`said` is the whole of the last answer, `href` its own page where it has one."""

    id: int
    title: str
    order: str
    account: str
    since: str
    tries: str
    problem: str
    said: str
    href: str


@dataclass(frozen=True, slots=True)
class Customer:
    """An account that the ERP does not know, and how much of it waits."""

    account: str
    name: str
    number: str
    letters: str


def rows(found: Sequence[Letter], connection: str, tongue: Tongue, today: date) -> list[LetterRow]:
    return [_row(one, connection, tongue, today) for one in found]


def _row(one: Letter, connection: str, tongue: Tongue, today: date) -> LetterRow:
    tries = tongue.ngettext("{n} try", "{n} tries", one.tries).format(n=tongue.number(one.tries))
    return LetterRow(
        id=one.id,
        title=one.type,
        order=one.order or "",
        account=one.account_name or "",
        since=tongue.moment(one.settled_at or one.created_at, today),
        tries=tries,
        problem=one.problem or tongue.gettext("nobody answered"),
        said=pretty(one.response_body),
        href=f"/settings/webhooks/{connection}/deliveries/{one.id}" if connection != "erp" else "",
    )


def pretty(body: str | None) -> str:
    """An answer as one reads it: JSON laid out, anything else as it came."""
    if not body:
        return ""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def unknown_customers(found: Sequence[Letter], tongue: Tongue) -> list[Customer]:
    """Accounts whose number the ERP did not know, each once."""
    counted: dict[str, tuple[Letter, int]] = {}
    for one in found:
        if one.account and pushing.refusal(one.response_body)[0] == pushing.UNKNOWN_CUSTOMER:
            counted[one.account] = (one, counted.get(one.account, (one, 0))[1] + 1)
    return [
        Customer(
            number,
            one.account_name or number,
            one.erp_number or number,
            tongue.ngettext("{n} message", "{n} messages", count).format(n=tongue.number(count)),
        )
        for number, (one, count) in counted.items()
    ]


@dataclass(frozen=True, slots=True)
class MailRow:
    id: int
    title: str
    name: str
    email: str
    account: str
    order: str
    since: str
    problem: str
    is_stopped: bool


def mail_rows(found: Sequence[FailedMail], tongue: Tongue, today: date) -> list[MailRow]:
    return [
        MailRow(
            one.id,
            mail_word(one.kind, tongue),
            one.name,
            one.email,
            one.account or "",
            one.order or "",
            tongue.moment(one.created_at, today),
            one.problem or "",
            one.mail_problem is not None,
        )
        for one in found
    ]


def mail_word(kind: str, tongue: Tongue) -> str:
    """What a mail was about."""
    _, sort = tongue.gettext, kind.partition(".")[0]
    return {
        "approval": _("About an approval"),
        "delegation": _("About a delegation"),
        "news": _("News of an order"),
        "digest": _("News of the day"),
        "alert": _("About a connection"),
        "endpoint": _("About an endpoint"),
    }.get(sort, _("Mail"))


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: int
    href: str
    title: str
    key: str
    said: str
    actor: str
    since: str
    problem: str


def case_rows(found: Sequence[Case], tongue: Tongue, today: date) -> list[CaseRow]:
    return [case_row(one, tongue, today) for one in found]


def case_row(one: Case, tongue: Tongue, today: date) -> CaseRow:
    _ = tongue.gettext
    return CaseRow(
        one.id,
        f"/connections/messages/{one.id}",
        _("Carrier's message") if one.subject == "shipment" else _("Receipt"),
        one.key,
        _gist(one.subject, one.body),
        one.actor,
        tongue.stamp(one.parked_at, today),
        one.problem or _("what it speaks of is not known yet"),
    )


def _gist(subject: str, body: dict[str, Any]) -> str:
    if subject == "shipment":
        return str(body.get("state") or "").replace("_", " ")
    lines = body.get("lines")
    parts = [part for part in lines if isinstance(part, dict)] if isinstance(lines, list) else []
    return ", ".join(f"{part.get('line')}: {part.get('received', '')}" for part in parts)


@dataclass(frozen=True, slots=True)
class Told:
    """A message in the log of what the ERP was told."""

    title: str
    order: str
    look: Look
    word: str
    note: str
    at: str
    tries: str


STATES = {
    "waiting": Look("queued", "queue"),
    "sending": Look("shipped", "shipped"),
    "delivered": Look("delivered", "tick"),
    "dead": Look("held", "held"),
    "dropped": Look("never", "cancelled"),
}


def log(found: Sequence[Delivery], tongue: Tongue, today: date) -> list[Told]:
    _ = tongue.gettext
    said = {
        "waiting": _("Waits"),
        "sending": _("Under way"),
        "delivered": _("Booked"),
        "dead": _("Failed for good"),
        "dropped": _("Not sent"),
    }
    return [
        Told(
            one.type,
            one.order or "",
            STATES[one.state],
            said[one.state],
            one.problem or "",
            tongue.moment(one.last_at or one.created_at, today),
            tongue.ngettext("{n} try", "{n} tries", one.tries).format(n=tongue.number(one.tries)),
        )
        for one in found
    ]
