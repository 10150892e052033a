"""Two people on one request: whoever comes second is told what has happened meanwhile, and does nothing."""

from collections.abc import Sequence
from datetime import datetime

from portal.domain.refusals import Conflict, Forbidden, Refused
from portal.domain.requests import DecisionRead, Request, SeatRead

# What makes nobody's decision another one: that others agree, or are asked too.
HARMLESS = frozenset({"approve", "remind", "escalate"})
DONE = {
    "request": "asked for it",
    "approve": "approved",
    "reject": "rejected it",
    "reject_lines": "rejected some lines",
    "ask": "asked a question",
    "answer": "answered",
    "withdraw": "withdrew it",
    "change": "changed what is ordered",
    "escalate": "went further up",
    "remind": "reminded",
    "expire": "ended it, because time was up",
    "lapse": "let a condition lapse",
}


class Meanwhile(Conflict):
    """Something has happened since the version that was decided on; `since` is what."""

    def __init__(self, number: str, since: Sequence[DecisionRead]) -> None:
        super().__init__(f"{number} has changed since you looked: {_listed(since)}.")
        self.since = tuple(since)


class Settled(Conflict):
    """It was decided already; `last` is by whom."""

    def __init__(self, request: Request) -> None:
        last = request.decisions[-1] if request.decisions else None
        how = f": {_said(last)}" if last else ""
        super().__init__(f"{request.number} is {request.state} already{how}.")
        self.last = last


def refuse_settled(request: Request, now: datetime) -> None:
    """Refuse when the request is not open any more."""
    if not request.is_open:
        raise Settled(request)
    if request.expires_at is not None and request.expires_at <= now:
        raise Conflict(
            f"{request.number} expired on {request.expires_at:%d %b %Y at %H:%M} UTC: nobody decided in time."
        )


def refuse_overtaken(request: Request, version: int | None, through: str) -> None:
    """Refuse what was decided on another version. From a mail, or on many at once, people decide on what they read:
    that others have agreed meanwhile changes nothing of it."""
    if version is None or version == request.version:
        return
    since = [said for said in request.decisions if said.version > version]
    if version < request.version and through in ("mail", "bulk") and {s.what for s in since} <= HARMLESS:
        return
    raise Meanwhile(request.number, since)


def refuse_changer(request: Request, person: int | None) -> None:
    """Whoever has changed what is ordered asked for it too, however they came to be asked afterwards."""
    changed = {said.person_id for said in request.decisions if said.what == "change"}
    if person is not None and person in changed:
        raise Forbidden(f"You changed {request.number} yourself: somebody else has to approve it.")


def not_asked(request: Request, person: int | None, there: Sequence[SeatRead]) -> Refused:
    """Why this person cannot decide now."""
    if there:
        seat = there[0]
        by = "" if seat.person_id == person else f", in the name of {seat.name}"
        return Conflict(f"{request.number} is approved by {seat.decided_by}{by} already.")
    mine = [seat for seat in request.seats if seat.person_id == person]
    if mine and mine[0].position > request.step:
        names = [
            s.name
            for step in request.steps
            if step.position == request.step
            for s in step.seats
            if s.state == "open"
        ]
        return Conflict(f"It is not your turn yet: {request.number} waits for {', '.join(names)}.")
    if mine:
        said = (
            "approved it already" if mine[0].state == "approved" else "are not needed any more: others agreed"
        )
        return Conflict(f"{request.number} is past your step; you {said}.")
    if person is not None and person == request.requester_id:
        return Forbidden(f"You asked for {request.number} yourself: somebody else has to decide on it.")
    return Forbidden(f"{request.number} does not ask you.")


def _listed(since: Sequence[DecisionRead]) -> str:
    return "; ".join(map(_said, since)) or "read it again"


def _said(one: DecisionRead) -> str:
    return f"{one.name or 'the portal'} {DONE[one.what]} on {one.at:%d %b at %H:%M} UTC"
