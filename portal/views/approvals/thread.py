"""What was said and done about a request, in order: questions and answers, decisions, what the clock did."""

from dataclasses import dataclass
from datetime import date

from portal.domain.requests import DecisionRead, Request
from portal.filters import Tongue
from portal.views.approvals.words import condition
from portal.views.order.statuses import Look


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said or done: who, what, in which words."""

    who: str
    what: str
    look: Look
    comment: str
    when: str
    instant: str


SAID = {
    "approve": Look("delivered", "delivered"),
    "reject": Look("held", "cancelled"),
    "reject_lines": Look("held", "cancelled"),
    "ask": Look("reserved", "unsure"),
    "answer": Look("ready", "returned"),
    "escalate": Look("inbound", "up"),
    "remind": Look("inbound", "supplier"),
}


def said(one: DecisionRead, request: Request, tongue: Tongue, today: date) -> Said:
    _ = tongue.gettext
    lines = ", ".join(map(str, one.lines or ()))
    what = {
        "request": _("asked for approval"),
        "approve": _("approved"),
        "reject": _("did not approve"),
        "reject_lines": tongue.ngettext(
            "took line {lines} out", "took lines {lines} out", len(one.lines or ())
        ).format(lines=lines),
        "ask": _("asked"),
        "answer": _("answered"),
        "withdraw": _("took it back"),
        "change": _("changed the order"),
        "escalate": _("asked further up, because nobody decided in time"),
        "remind": _("reminded those who are asked"),
        "expire": _("ended it: nobody decided in time"),
        "lapse": _("asks anew: a condition does not hold any more"),
    }.get(one.what, one.what)
    if one.condition:
        what = f"{what} {condition(one.condition, request.currency, tongue, today)}"
    if one.for_name and one.for_name != one.name:
        what = _("{what} for {name}").format(what=what, name=one.for_name)
    return Said(
        who=one.name or _("The portal"),
        what=what,
        look=SAID.get(one.what, Look("muted", "approvals")),
        comment=one.comment or "",
        when=tongue.moment(one.at, today),
        instant=one.at.isoformat(timespec="minutes"),
    )
