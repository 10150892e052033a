"""Who administers an account says who its people are and what each may do; the supplier's admin does it for its own.

Nobody gives or takes a role that allows more than they may themselves, and no account is left without somebody who
administers it by its own people: whoever administers it last stays. Whoever is concerned is told by mail, and it stands
in the account's audit chain.
"""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from portal.db import mail, members
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES, Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable
from portal.operations import factors, inviting, leaving, people
from portal.operations.inviting import Limits
from portal.operations.people import Member

log = structlog.get_logger()
WRITES, WRITES_STAFF = "people:write", "staff:write"
ADMIN = "account_admin"


async def invite(
    work: Work, viewer: Viewer, account: str, email: str, name: str, roles: Sequence[str], limits: Limits
) -> int:
    """Somebody becomes one of the account's people; answers their id."""
    await _lock(work, viewer, account)
    if await members.is_member(work.conn, account, email.strip()):
        raise Conflict(f"{email.strip()} is one of them already.", [Problem("/email", "one of them already")])
    _refuse_beyond(viewer, roles, BUYER_ROLES, account)
    return await inviting.invite(work, viewer, account, email, name, roles, limits)


async def change(
    work: Work, viewer: Viewer, account: str, person_id: int, roles: Sequence[str], limits: Limits
) -> None:
    """What somebody may do in the account, and up to how much they may decide there."""
    await _lock(work, viewer, account)
    email, name, locale, before = await _member(work, account, person_id)
    _refuse_beyond(viewer, set(roles) ^ set(before), BUYER_ROLES, account)
    if ADMIN in before and ADMIN not in roles:
        await _refuse_last(work, viewer, [account], person_id)
    order, period = limits.per_order, limits.per_period
    member = Member(account, email, name, roles, per_order=order, per_period=period, locale=locale)
    await people.put_member(work, member, by=viewer.name)


async def remove(work: Work, viewer: Viewer, account: str, person_id: int) -> None:
    """They are none of the account's people any more. What they did stays theirs."""
    await _lock(work, viewer, account)
    email, _, _, before = await _member(work, account, person_id)
    _refuse_beyond(viewer, before, BUYER_ROLES, account)
    if ADMIN in before:
        await _refuse_last(work, viewer, [account], person_id)
    await people.remove_member(work, account, person_id, email, before, by=viewer.name)


async def shut_out(work: Work, viewer: Viewer, person_id: int) -> None:
    """They may not sign in any more, anywhere: with the next request, streams and tokens included."""
    places = await _theirs_alone(work, viewer, person_id)
    if person_id == viewer.person_id:
        raise Conflict("Somebody else has to shut you out.")
    await _refuse_last(work, viewer, [one for one, roles in places.items() if ADMIN in roles], person_id)
    if await leaving.shut_out(work, person_id):
        await _tell(work, viewer, places, person_id, "member.shut_out", mails.SHUT_OUT)


async def let_in(work: Work, viewer: Viewer, person_id: int) -> None:
    """They may sign in again, by what they had."""
    places = await _theirs_alone(work, viewer, person_id)
    if await leaving.let_in(work, person_id):
        await _tell(work, viewer, places, person_id, "member.let_in", mails.LET_IN)


async def invite_again(work: Work, viewer: Viewer, account: str, person_id: int) -> None:
    """A new key by mail for somebody who has not come yet."""
    await _lock(work, viewer, account)
    await _member(work, account, person_id)
    await inviting.invite_again(work, viewer, account, person_id)


async def end_sessions(work: Work, viewer: Viewer, account: str, person_id: int) -> None:
    """They sign in again, on every device."""
    await _lock(work, viewer, account)
    await _member(work, account, person_id)
    await leaving.end_of(work, viewer, account, person_id)


async def remove_factors(work: Work, viewer: Viewer, person_id: int) -> None:
    """Whoever has lost their passkeys, app and codes signs in with their password, and sets them up anew."""
    await _theirs_alone(work, viewer, person_id)
    await factors.remove_all(work, viewer, person_id)


async def _lock(work: Work, viewer: Viewer, account: str) -> None:
    """The account and those above it, so that two who administer it do not remove each other at the same time."""
    if not viewer.sees(account) or account not in await members.lock(work.conn, [account]):
        raise NotFound(f"There is no account {account!r}.")
    viewer.need(WRITES, account)


async def _member(work: Work, account: str, person_id: int) -> tuple[str, str, str, Sequence[str]]:
    """(address, name, language, roles) of one of the account's own people."""
    found = await members.member(work.conn, account, person_id)
    if found is None:
        raise NotFound("There is nobody of that number.")
    return found


def _refuse_beyond(
    viewer: Viewer, roles: Iterable[str], table: Mapping[str, frozenset[str]], account: str | None
) -> None:
    """The supplier's people hold none of a buyer's permissions as their own, and give what the buyer asks them to."""
    if viewer.is_supplier and account is not None:
        return
    for role in roles:
        if not all(viewer.may(permission, account) for permission in table.get(role, ())):
            raise Forbidden(f"The role {role} allows more than you may yourself: you cannot give or take it.")


async def _refuse_last(work: Work, viewer: Viewer, accounts: Iterable[str], person_id: int) -> None:
    """The supplier may: it can name somebody new, and is asked to when nobody else is left."""
    if viewer.is_supplier:
        return
    for account in accounts:
        if not await members.administrators(work.conn, account, but=person_id):
            raise Conflict(f"Nobody else administers {account}: name somebody first.")


async def _theirs_alone(work: Work, viewer: Viewer, person_id: int) -> dict[str, Sequence[str]]:
    """The roles of a person by account, all of which the viewer administers: whoever belongs to others as well can
    only be taken out of one's own."""
    first = await members.known(work.conn, person_id)
    await members.lock(work.conn, list(first.places) if first else [])
    found = await members.known(work.conn, person_id, locks=True)
    if found is None or not (viewer.is_supplier or any(viewer.may(WRITES, one) for one in found.places)):
        raise NotFound("There is nobody of that number.")
    if first is None or first.places.keys() != found.places.keys():
        raise Conflict("Somebody else has just changed where they belong: look again.")
    viewer.need(WRITES)
    for account, roles in found.places.items():
        if not viewer.may(WRITES, account):
            raise Conflict(
                "They belong to other accounts too, which you do not administer: take them out of yours instead."
            )
        _refuse_beyond(viewer, roles, BUYER_ROLES, account)
    return found.places


async def _tell(
    work: Work, viewer: Viewer | None, accounts: Iterable[str], person_id: int, action: str, kind: str
) -> None:
    email = await work.conn.fetchval("select email from person where id = $1", person_id)
    account = None
    for account in accounts:
        work.audit(account, action, email, {"by": viewer.email if viewer else None})
    key = f"{kind}:{person_id}:{work.now.isoformat()}"
    await mail.due(
        work.conn,
        key,
        kind,
        person_id,
        at=work.now,
        account=account,
        data={"by": viewer.name if viewer else None},
    )


# -- as the supplier's systems tell them --


async def turn(work: Work, account: str, email: str, *, active: bool) -> None:
    """Shut a person out, or let them in again."""
    await members.lock(work.conn, [account])
    person_id = await members.member_of(work.conn, account, email)
    if person_id is None:
        raise NotFound(f"Account {account} has nobody of the address {email}.")
    changed = await (leaving.let_in if active else leaving.shut_out)(work, person_id)
    if changed:
        action, kind = ("member.let_in", mails.LET_IN) if active else ("member.shut_out", mails.SHUT_OUT)
        await _tell(work, None, [account], person_id, action, kind)


async def take_out(work: Work, account: str, email: str) -> None:
    """They are none of the account's people any more."""
    await members.lock(work.conn, [account])
    person_id = await members.member_of(work.conn, account, email)
    if person_id is None:
        raise NotFound(f"Account {account} has nobody of the address {email}.")
    written, _, _, roles = await _member(work, account, person_id)
    await people.remove_member(work, account, person_id, written, roles)


# -- the supplier's own --


async def invite_staff(work: Work, viewer: Viewer, email: str, name: str, roles: Sequence[str]) -> int:
    viewer.need(WRITES_STAFF)
    _refuse_beyond(viewer, roles, SUPPLIER_ROLES, None)
    return await inviting.invite_staff(work, viewer, email, name, roles)


async def change_staff(work: Work, viewer: Viewer, person_id: int, roles: Sequence[str]) -> None:
    email, before = await _of_staff(work, viewer, person_id)
    unknown = [role for role in roles if role not in SUPPLIER_ROLES]
    if unknown or not roles:
        raise Unacceptable("Choose at least one role.", [Problem("/roles", "choose at least one")])
    _refuse_beyond(viewer, set(roles) ^ set(before), SUPPLIER_ROLES, None)
    if "admin" in before and "admin" not in roles:
        await _refuse_last_of_staff(work, person_id)
    if set(roles) == set(before):
        return
    await work.conn.execute("update person set supplier_roles = $2 where id = $1", person_id, list(roles))
    await leaving.end_all(work, person_id)
    await people.tell_rights(work, None, person_id, {"roles": list(roles)}, by=viewer.name)
    log.info("what somebody of ours may do was changed", person=email, before=list(before), after=list(roles))


async def shut_out_staff(work: Work, viewer: Viewer, person_id: int) -> None:
    _, roles = await _of_staff(work, viewer, person_id)
    if person_id == viewer.person_id:
        raise Conflict("Somebody else has to shut you out.")
    if "admin" in roles:
        await _refuse_last_of_staff(work, person_id)
    if await leaving.shut_out(work, person_id):
        await _tell(work, viewer, (), person_id, "staff.shut_out", mails.SHUT_OUT)


async def let_in_staff(work: Work, viewer: Viewer, person_id: int) -> None:
    await _of_staff(work, viewer, person_id)
    if await leaving.let_in(work, person_id):
        await _tell(work, viewer, (), person_id, "staff.let_in", mails.LET_IN)


async def end_sessions_of_staff(work: Work, viewer: Viewer, person_id: int) -> None:
    await _of_staff(work, viewer, person_id)
    await leaving.end_of(work, viewer, None, person_id)


async def remove_factors_of_staff(work: Work, viewer: Viewer, person_id: int) -> None:
    await _of_staff(work, viewer, person_id)
    await factors.remove_all(work, viewer, person_id)


async def invite_staff_again(work: Work, viewer: Viewer, person_id: int) -> None:
    await _of_staff(work, viewer, person_id)
    await inviting.invite_staff_again(work, viewer, person_id)


async def _of_staff(work: Work, viewer: Viewer, person_id: int) -> tuple[str, Sequence[str]]:
    viewer.need(WRITES_STAFF)
    found = await members.lock_staff(work.conn, person_id)
    if found is None:
        raise NotFound("There is nobody of that number.")
    return found


async def _refuse_last_of_staff(work: Work, person_id: int) -> None:
    if not await members.admins_of_staff(work.conn, but=person_id):
        raise Conflict("Nobody else is an admin: name somebody first.")
