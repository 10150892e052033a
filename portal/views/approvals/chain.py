"""The chain of a request drawn: its steps, who is asked in each, what they said, and who stands in for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain.requests import Request, SeatRead, StepRead
from portal.filters import Tongue
from portal.views.approvals.facts import rule_name
from portal.views.approvals.words import condition, need, roughly, why
from portal.views.order.statuses import Look

WAITS = Look("muted", "queue")
ASKED = Look("inbound", "supplier")
GIVEN = Look("delivered", "delivered")
SKIPPED = Look("muted", "tick")
REFUSED = Look("held", "cancelled")


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who is asked. `away` says who decides for them, `habit` how long they usually take."""

    name: str
    why: str
    look: Look
    word: str
    by: str
    when: str
    comment: str
    condition: str
    away: str
    habit: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is waiting, open or passed."""

    position: int
    title: str
    rules: str
    need: str
    state: str
    word: str
    look: Look
    seats: Sequence[Seat]


def chain(
    request: Request, tongue: Tongue, today: date, habits: Mapping[int, timedelta] | None = None
) -> list[Step]:
    """`habits`: how long people have usually taken, by their id."""
    return [_step(request, step, tongue, today, habits or {}) for step in request.steps]


def _step(
    request: Request, step: StepRead, tongue: Tongue, today: date, habits: Mapping[int, timedelta]
) -> Step:
    state, word, look = _stands(request, step, tongue)
    return Step(
        position=step.position,
        title=tongue.gettext("Step {n}").format(n=tongue.number(step.position)),
        rules=", ".join(rule_name(rule, tongue) for rule in step.rules),
        need=need(step.need, len(step.seats), tongue),
        state=state,
        word=word,
        look=look,
        seats=[_seat(request, step, seat, tongue, today, habits) for seat in step.seats],
    )


def _stands(request: Request, step: StepRead, tongue: Tongue) -> tuple[str, str, Look]:
    _ = tongue.gettext
    if step.state == "passed":
        return "passed", _("passed"), GIVEN
    if request.is_open and step.position == request.step:
        return "open", _("asked now"), ASKED
    if request.is_open:
        return "waiting", _("comes later"), WAITS
    return "waiting", _("was asked") if step.opened_at else _("was not asked"), WAITS


def _seat(
    request: Request,
    step: StepRead,
    seat: SeatRead,
    tongue: Tongue,
    today: date,
    habits: Mapping[int, timedelta],
) -> Seat:
    look, word = _state(request, step, seat, tongue)
    is_waited_for = seat.state == "open" and request.is_open
    return Seat(
        name=seat.name,
        why=why(seat.why, seat.account, tongue),
        look=look,
        word=word,
        by=_by(seat, tongue),
        when=_when(seat.decided_at, tongue, today),
        comment=seat.comment or "",
        condition=condition(seat.condition, request.currency, tongue, today),
        away=_away(seat, tongue, today) if is_waited_for else "",
        habit=_habit(habits.get(seat.person_id), tongue) if is_waited_for else "",
        is_mine=seat.id in request.mine,
    )


def _state(request: Request, step: StepRead, seat: SeatRead, tongue: Tongue) -> tuple[Look, str]:
    _ = tongue.gettext
    if seat.state == "approved":
        return GIVEN, _("approved")
    if request.state == "rejected" and _rejected(request, seat):
        return REFUSED, _("did not approve")
    if step.state == "passed":
        return SKIPPED, _("was not needed")
    if request.is_open:
        is_now = step.position == request.step
        return (ASKED, _("is asked")) if is_now else (WAITS, _("not asked yet"))
    return WAITS, _("did not decide") if step.opened_at else _("was not asked")


def _rejected(request: Request, seat: SeatRead) -> bool:
    """Whether it was this seat on which the whole was rejected."""
    last = next((said for said in reversed(request.decisions) if said.what == "reject"), None)
    return last is not None and seat.name == (last.for_name or last.name)


def _by(seat: SeatRead, tongue: Tongue) -> str:
    """Who decided on the seat, where that was somebody else."""
    if seat.decided_by is None or seat.decided_by_email == seat.email:
        return ""
    return tongue.gettext("by {name}, who stands in").format(name=seat.decided_by)


def _when(at: datetime | None, tongue: Tongue, today: date) -> str:
    return tongue.moment(at, today) if at else ""


def _away(seat: SeatRead, tongue: Tongue, today: date) -> str:
    said = [
        tongue.gettext("{name} decides for them until {day}").format(
            name=deputy.name, day=tongue.day(deputy.until, today)
        )
        for deputy in seat.deputies
    ]
    return "; ".join(said)


def _habit(usual: timedelta | None, tongue: Tongue) -> str:
    if usual is None:
        return ""
    return tongue.gettext("usually decides within {time}").format(time=roughly(usual, tongue))
