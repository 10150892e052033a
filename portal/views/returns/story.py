"""What happened to a return, step by step: asked for, decided, received, closed."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from markupsafe import Markup

from portal.domain.returns import Return
from portal.filters import Tongue
from portal.views.order.statuses import Look
from portal.views.returns.words import LOOKS, place_said

CAME = Look("delivered", "returned")


@dataclass(frozen=True, slots=True)
class Happened:
    """A step of its story."""

    role: str
    icon: str
    text: Markup
    said: str
    when: str
    instant: str


@dataclass(frozen=True, slots=True)
class _Teller:
    tongue: Tongue
    today: date

    def step(self, at: datetime, look: Look, text: Markup, said: str = "") -> Happened:
        instant = at.isoformat(timespec="minutes")
        return Happened(look.role, look.icon, text, said, self.tongue.stamp(at, self.today), instant)


def story(value: Return, tongue: Tongue, today: date) -> list[Happened]:
    """Who did what, the oldest first."""
    teller = _Teller(tongue, today)
    asked = tongue.strong(tongue.gettext("{who} announced it"), who=value.name(value.asked_by))
    told = [teller.step(value.asked_at, LOOKS["requested"], asked, value.note or "")]
    if value.decided_at is not None:
        told.append(_decided(value, value.decided_at, teller))
    told += _received(value, teller)
    if value.closed_at is not None:
        told.append(_closed(value, value.closed_at, teller))
    return told


def _decided(value: Return, at: datetime, teller: _Teller) -> Happened:
    _ = teller.tongue.gettext
    state = value.state if value.state in ("refused", "cancelled") else "authorised"
    said = {
        "authorised": _("{who} authorised it"),
        "refused": _("{who} refused it"),
        "cancelled": _("{who} called it off"),
    }[state]
    text = teller.tongue.strong(said, who=value.name(value.decided_by))
    return teller.step(at, LOOKS[state], text, value.decision_note or "")


def _received(value: Return, teller: _Teller) -> list[Happened]:
    """What was booked at once is told at once."""
    tongue = teller.tongue
    _ = tongue.gettext
    told = []
    for (at, actor), group in groupby(value.receipts, key=lambda one: (one.at, one.received_by)):
        came = "\n".join(
            _("Line {line}: {came}").format(
                line=one.line, came=place_said(one.went_to, tongue.number(one.quantity), tongue)
            )
            for one in group
        )
        text = tongue.strong(_("{who} received goods"), who=value.name(actor))
        told.append(teller.step(at, CAME, text, came))
    return told


def _closed(value: Return, at: datetime, teller: _Teller) -> Happened:
    tongue = teller.tongue
    _ = tongue.gettext
    missing = ", ".join(
        _("{n} of line {line} did not come").format(
            n=tongue.number(line.quantity - line.received), line=line.line
        )
        for line in value.lines
        if line.received < line.quantity
    )
    return teller.step(at, LOOKS["closed"], Markup("{}").format(_("Nothing more is expected")), missing)
