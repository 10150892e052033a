"""Somebody decides for somebody else between two days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import delegations, mail, policies
from portal.db.delegations import Read
from portal.db.work import Work
from portal.domain import mails, money
from portal.domain.access import Viewer
from portal.domain.asking import Member
from portal.domain.chains import timing
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, refuse_any
from portal.operations import requesting

# Longer than anybody is away: a slip of the pen.
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Delegating:
    """Both by e-mail; both days included. `cap` in `currency`: larger orders stay with whoever delegates."""

    account: str
    from_email: str
    to_email: str
    from_on: date
    to_on: date
    cap: Decimal | None = None
    currency: str | None = None
    note: str | None = None


async def delegate(work: Work, viewer: Viewer, wanted: Delegating) -> int:
    """Answers the delegation's id. People delegate their own decisions; admins of the account anybody's.

    It holds for the orders of the account and of those below it; what waits already can be decided by it too.
    """
    path: Sequence[str] | None = await work.conn.fetchval(
        "select path from account where number = $1", wanted.account
    )
    if path is None or not viewer.sees(wanted.account):
        raise NotFound(f"There is no account {wanted.account!r}.")
    members = await policies.members(work.conn, path)
    giver, taker = _member(members, wanted.from_email), _member(members, wanted.to_email)
    if giver is not None and giver.person_id != viewer.person_id:
        _refuse_stranger(viewer, wanted.account)
    today = timing(await policies.of_path(work.conn, path)).working.today(work.now)
    refuse_any(list(_wrong(wanted, giver, taker, today)))
    assert giver is not None
    assert taker is not None
    delegation_id = await delegations.insert(
        work.conn, wanted.account, giver.person_id, taker.person_id, wanted.from_on, wanted.to_on, wanted.cap,
        wanted.currency, wanted.note,
    )  # fmt: skip
    found = await delegations.get(work.conn, None, delegation_id, work.now)
    assert found is not None
    _audit(work, "delegation.begun", found)
    for person in {giver.person_id, taker.person_id} - {viewer.person_id}:
        await _tell(work, found, mails.DELEGATED, person)
    if found.state == "in_force":
        await _hand_over(work, found)
    return delegation_id


def _member(members: Sequence[Member], email: str) -> Member | None:
    found = [member for member in members if member.email.lower() == email.lower()]
    # Where they may decide, if they may anywhere.
    return next((member for member in found if member.decides), found[0] if found else None)


def _refuse_stranger(viewer: Viewer, account: str) -> None:
    if not (viewer.may("policy:write", account) or viewer.may("accounts:write", account)):
        raise Forbidden("Everybody delegates their own decisions; an account admin those of others.")


def _wrong(wanted: Delegating, giver: Member | None, taker: Member | None, today: date) -> Iterator[Problem]:
    for pointer, email, member in (("/from", wanted.from_email, giver), ("/to", wanted.to_email, taker)):
        if member is None:
            yield Problem(pointer, f"{email} is nobody of {wanted.account} or of an account above it")
        elif not member.decides:
            yield Problem(pointer, f"{email} needs the role approver, finance or account_admin to decide")
    if giver is not None and taker is not None and giver.person_id == taker.person_id:
        yield Problem("/to", "somebody else than who delegates")
    if wanted.to_on < wanted.from_on:
        yield Problem("/to_on", "before it begins")
    elif wanted.to_on < today:
        yield Problem("/to_on", "is over already")
    elif (wanted.to_on - wanted.from_on).days > LONGEST_DAYS:
        yield Problem("/to_on", f"more than {LONGEST_DAYS} days")
    if (wanted.cap is None) != (wanted.currency is None):
        yield Problem("/cap", "an amount with its currency")
    elif wanted.cap is not None and wanted.cap <= 0:
        yield Problem("/cap", "must be more than 0")


async def _hand_over(work: Work, found: Read) -> None:
    """Whoever stands in from now on is asked to what waits already."""
    for number in await delegations.waiting_for(work.conn, found.from_id, found.account):
        request = await requesting.reread(work, number)
        step = request.current
        for seat in step.seats if step else ():
            if seat.person_id == found.from_id and any(d.person_id == found.to_id for d in seat.deputies):
                await requesting.tell(work, request, found.to_id, mails.ASKED)


async def end(work: Work, viewer: Viewer, account: str, delegation_id: str) -> None:
    """It ends now; what was decided stands. Whoever gave or took it may end it, and admins of the account."""
    known = int(delegation_id) if delegation_id.isascii() and delegation_id.isdigit() else -1
    found = await delegations.get(work.conn, viewer.accounts, min(known, 2**62), work.now)
    if found is None or found.account != account:
        raise NotFound(f"Account {account} has no delegation {delegation_id}.")
    if viewer.person_id not in (found.from_id, found.to_id):
        _refuse_stranger(viewer, account)
    if found.state in ("ended", "over"):
        raise Conflict(f"The delegation from {found.from_name} to {found.to_name} has ended already.")
    await delegations.end(work.conn, found.id, work.now)
    _audit(work, "delegation.ended", found)
    for person in {found.from_id, found.to_id} - {viewer.person_id}:
        await _tell(work, found, mails.DELEGATION_ENDED, person)


def _told(found: Read) -> dict[str, Any]:
    return {
        "from": found.from_name,
        "to": found.to_name,
        "from_on": found.from_on.isoformat(),
        "to_on": found.to_on.isoformat(),
        "cap": money.text(found.cap, found.currency) if found.cap is not None and found.currency else None,
        "currency": found.currency,
        "note": found.note,
    }


def _audit(work: Work, action: str, found: Read) -> None:
    emails = {"from_email": found.from_email, "to_email": found.to_email}
    work.audit(found.account, action, f"delegation {found.id}", _told(found) | emails)


async def _tell(work: Work, found: Read, kind: str, person: int) -> None:
    key = f"delegation-{found.id}:{kind}:{person}"
    await mail.due(work.conn, key, kind, person, at=work.now, account=found.account, data=_told(found))
