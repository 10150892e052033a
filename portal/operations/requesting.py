"""A request from its opening on: whose turn it is, who is told, and what is written down of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.db import accounts, mail, orders, policies, requests
from portal.db import approvals as read
from portal.db.accounts import Account
from portal.db.orders import Locked
from portal.db.requests import New, Said
from portal.db.work import Work
from portal.domain import mails, money
from portal.domain.access import Viewer
from portal.domain.approvals import Chain, Timing
from portal.domain.chains import may_approve_own, timing
from portal.domain.events import Event
from portal.domain.refusals import NotFound
from portal.domain.requests import Request, SeatRead, StepRead

__all__ = ["Grasp", "New", "Said", "grasp", "open_request"]


@dataclass(slots=True)
class Grasp:
    """A request held for a change: its account, its order and with them the request are locked."""

    account: Account
    order: Locked
    request: Request
    timing: Timing
    today: date
    # Whether all policies let people approve what they asked for themselves.
    is_own_allowed: bool

    @property
    def subject(self) -> tuple[str, int, str]:
        """What an event is about."""
        return self.order.account, self.order.id, self.order.number


async def open_request(work: Work, viewer: Viewer, new: New, chain: Chain, told: dict[str, Any]) -> str:
    """Write the request and ask whoever comes first; answers its number. The order is locked, or new."""
    expires_at = chain.timing.after(work.now, chain.timing.expires_after_hours)
    request_id, number = await requests.insert(work.conn, new, chain, work.now, expires_at)
    data = told | {
        "approval": number,
        "kind": new.kind,
        "total": money.text(new.total, new.currency),
        "requester": new.requester,
        "reasons": chain.told()["reasons"],
        "steps": len(chain.steps),
        "approvers": [seat.name for seat in chain.seats],
        "expires_at": expires_at.isoformat() if expires_at else None,
    }
    work.record(Event("order.approval_requested", new.account, new.order_id, new.order, data))
    said = Said("request", new.requester_id, "api" if "token" in viewer.roles else "page", new.note)
    await note(work, new.account, new.order_id, number, request_id, said, 1, chain=chain.told())
    asked = await reread(work, number)
    await advance(work, asked, chain.timing)
    return number


async def grasp(work: Work, viewer: Viewer, number: str) -> Grasp:
    """Lock the account, the order, and read the request as it stands then; a stranger's is not found."""
    found = await requests.where(work.conn, viewer.accounts, number)
    account = await accounts.lock(work.conn, found[0]) if found else None
    if found is None or account is None:
        raise NotFound(f"There is no approval {number!r}.")
    order = await orders.lock(work.conn, viewer, found[1])
    return await regrasp(work, account, order, number, viewer.person_id)


async def regrasp(work: Work, account: Account, order: Locked, number: str, person: int | None) -> Grasp:
    """The request of an order that is locked."""
    request = await reread(work, number, person)
    found = await policies.of_path(work.conn, account.path)
    when = timing(found)
    return Grasp(account, order, request, when, when.working.today(work.now), may_approve_own(found))


EVERYBODY = Viewer("portal", "portal", None, frozenset())


async def reread(work: Work, number: str, person: int | None = None) -> Request:
    """The request as this work has made it."""
    found = await read.request(work.conn, EVERYBODY, number, person, work.now)
    assert found is not None
    return found


async def note(
    work: Work,
    account: str,
    order_id: int,
    number: str,
    request_id: int,
    said: Said,
    version: int,
    **more: Any,
) -> None:
    """Write down what was said or done, with the order it was said on, in the request and in the audit chain."""
    snapshot = await requests.snapshot(work.conn, order_id) | more
    await requests.note_decision(work.conn, request_id, said, version, snapshot, work.now)
    entry = {
        "what": said.what,
        "person_id": said.person_id,
        "for_person_id": said.for_person_id,
        "comment": said.comment,
        "lines": said.lines,
        "condition": said.condition,
        "through": said.through,
        "version": version,
    }
    kept = {name: value for name, value in entry.items() if value is not None}
    work.audit(account, ACTIONS[said.what], number, kept | snapshot)


ACTIONS = {
    "request": "approval.requested",
    "approve": "approval.approved",
    "reject": "approval.rejected",
    "reject_lines": "approval.lines_rejected",
    "ask": "approval.asked",
    "answer": "approval.answered",
    "withdraw": "approval.withdrawn",
    "change": "approval.changed",
    "escalate": "approval.escalated",
    "remind": "approval.reminded",
    "expire": "approval.expired",
    "lapse": "approval.lapsed",
}


async def advance(work: Work, request: Request, when: Timing) -> bool:
    """Pass the steps in which enough have agreed, and ask the first in which not; answers whether all have passed.

    What people said in an earlier step counts in later ones, so that nobody is asked twice.
    """
    approved = {seat.person_id for seat in request.seats if seat.state == "approved"}
    for step in request.steps:
        if step.state == "passed":
            continue
        need = min(max(0, step.rule_need - len(approved & set(step.also))), len(step.seats))
        if step.given >= need:
            await requests.pass_step(work.conn, request.id, step.position, need)
            continue
        if step.state != "open":
            await _open(work, request, step, need, when)
            await ask_seats(work, request, step.seats, mails.ASKED)
        return False
    return True


async def _open(work: Work, request: Request, step: StepRead, need: int, when: Timing) -> None:
    await requests.open_step(
        work.conn, request.id, step.position, need, work.now,
        when.after(work.now, when.remind_after_hours), when.after(work.now, when.escalate_after_hours),
    )  # fmt: skip


async def ask_seats(
    work: Work, request: Request, seats: Iterable[SeatRead], kind: str, data: dict[str, Any] | None = None
) -> None:
    """Write to whoever can decide on these seats, those who stand in for them included."""
    for person in people_of(seats):
        await tell(work, request, person, kind, data)


def people_of(seats: Iterable[SeatRead]) -> list[int]:
    """Everybody who can decide on the seats that are open."""
    found: dict[int, None] = {}
    for seat in seats:
        if seat.state == "open":
            found |= dict.fromkeys((seat.person_id, *(deputy.person_id for deputy in seat.deputies)))
    return list(found)


async def tell(
    work: Work, request: Request, person: int | None, kind: str, data: dict[str, Any] | None = None
) -> None:
    """Write to one person about the request; the same thing of the same version once."""
    if person is None:
        return
    key = f"{request.number}:{kind}:{request.version}:{request.step}:{person}"
    if kind == mails.REMINDED:
        key += f":{work.now:%Y%m%d%H%M}"
    await mail.due(
        work.conn, key, kind, person, at=work.now, account=request.account, order_id=request.order_id,
        request_id=request.id, data=data,
    )  # fmt: skip


async def name_of(work: Work, viewer: Viewer) -> str:
    """What whoever acts is called: a token acts for its person."""
    if viewer.person_id is None or viewer.impersonator is not None:
        return viewer.author
    found = await policies.names(work.conn, [viewer.person_id])
    return found[viewer.person_id][1] if viewer.person_id in found else viewer.name


def waiting_for(step: StepRead | None) -> Sequence[str]:
    """The names of those who have not decided yet."""
    return [seat.name for seat in step.seats if seat.state == "open"] if step else []
