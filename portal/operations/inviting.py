"""People are let in by a mail: invited by who administers their account, or back in when they forgot their password.

The mail carries a key that opens once. It is made when the mail is written (`jobs.writing_entries`) and kept as a hash:
whoever reads the database learns none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.db import entries, mail, providers
from portal.db.entries import Link
from portal.db.logins import Device
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, NotFound, Problem, refuse_any
from portal.operations import leaving, people
from portal.operations.people import Limit, Member

LONGEST_NAME = 200
# Of mails with a key that anybody may have asked for.
MOST_RESETS, RESETS_WITHIN = 3, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much whoever is invited may decide on."""

    per_order: Limit | None = None
    per_period: Limit | None = None


async def invite(
    work: Work,
    viewer: Viewer,
    account: str,
    email: str,
    name: str,
    roles: Sequence[str],
    limits: Limits = Limits(),
    *,
    locale: str | None = None,
) -> int:
    """Make somebody one of the account's people and write to them; answers their id.

    Who may give which roles is the caller's to decide. Somebody who can sign in already is told that they belong to
    one more account; somebody who cannot gets a key to set a password with, and an earlier one opens no more.
    """
    email, name = email.strip(), " ".join(name.split())
    refuse_any(_problems(email, name))
    before = await entries.standing(work.conn, email)
    if before is not None and not before.active:
        raise Conflict(f"{email} is shut out of the portal. Let them in again first.")
    if before is not None and not viewer.is_supplier:
        await _refuse_anothers(work, before.person_id, email, account)
    member = Member(
        account,
        before.email if before else email,
        # Nobody renames somebody who is known.
        before.name if before else name,
        roles,
        per_order=limits.per_order,
        per_period=limits.per_period,
        locale=before.locale if before else locale or viewer.locale,
    )
    await people.put_member(work, member)
    person_id = before.person_id if before else await entries.id_of(work.conn, email)
    await _write(work, viewer, account, person_id, is_new=before is None or not before.can_enter)
    return person_id


async def _refuse_anothers(work: Work, person_id: int, email: str, account: str) -> None:
    """Nobody is taken into a company who works for another and was not asked: whoever administers it would see them,
    and could keep them from signing in by their own. The supplier's people know both."""
    if await entries.belongs_to_another_company(work.conn, person_id, account):
        raise Conflict(f"{email} belongs to another company here. Ask us to make them one of yours, too.")


async def invite_staff_again(work: Work, viewer: Viewer, person_id: int) -> None:
    """As with an account's people, for one of the supplier's."""
    await invite_again(work, viewer, None, person_id)


async def invite_again(work: Work, viewer: Viewer, account: str | None, person_id: int) -> None:
    """A new key by mail for somebody who has not come yet; the earlier one opens no more."""
    found = await entries.standing_of(work.conn, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    if not found.active:
        raise Conflict(f"{found.email} is shut out of the portal. Let them in again first.")
    if found.can_enter:
        raise Conflict(f"{found.email} has come already.")
    await _write(work, viewer, account, person_id, is_new=True)


async def invite_staff(
    work: Work, viewer: Viewer, email: str, name: str, roles: Sequence[str], *, locale: str | None = None
) -> int:
    """The same for one of the supplier's own people."""
    email, name = email.strip(), " ".join(name.split())
    refuse_any(_problems(email, name))
    before = await entries.standing(work.conn, email)
    if before is not None:
        raise Conflict(f"{email} is known already.")
    await people.put_staff(work, email, name, roles, locale=locale or viewer.locale)
    person_id = await entries.id_of(work.conn, email)
    await _write(work, viewer, None, person_id, is_new=True)
    return person_id


async def _write(work: Work, viewer: Viewer, account: str | None, person_id: int, *, is_new: bool) -> None:
    data = {"by": viewer.name, "by_email": viewer.email}
    kind = mails.INVITED if is_new else mails.WELCOMED
    if is_new:
        await entries.replace(work.conn, person_id, mails.INVITED)
    key = f"{kind}:{account or 'staff'}:{person_id}:{work.now.isoformat()}"
    await mail.due(work.conn, key, kind, person_id, at=work.now, account=account, data=data)
    if account is not None and is_new:
        email = await entries.email_of(work.conn, person_id)
        work.audit(account, "member.invited", email, data)


async def forgot(work: Work, email: str) -> None:
    """Write to whoever has this address; nothing happens for anybody else. A key for a new password, good once.

    Somebody else may ask for it as well: so many in an hour, the earlier ones stay good, and nothing has changed yet.
    """
    found = await entries.standing(work.conn, email)
    if found is None or not found.active:
        return
    since = work.now - RESETS_WITHIN
    if await entries.asked_lately(work.conn, found.person_id, mails.RESET, since) >= MOST_RESETS:
        return
    key = f"{mails.RESET}:{found.person_id}:{work.now.isoformat()}"
    await mail.due(work.conn, key, mails.RESET, found.person_id, at=work.now)


async def accept(work: Work, link: Link, password_hash: str, device: Device) -> None:
    """Whoever has the key has the mailbox: they set a password. A new one ends every session there is.

    Refused when the key was used meanwhile, or its time is over.
    """
    if not await entries.use(work.conn, link.sha256, work.now):
        raise UsedMeanwhile("This link was used a moment ago.")
    if await providers.only_way(work.conn, link.person_id, work.now):
        raise Conflict("Your company signs you in: a password opens nothing.")
    await work.conn.execute(
        # Their mailbox answers: what came back is over.
        """update person set password_hash = $2, mail_problem = null, mail_problem_at = null
           where id = $1 and active""",
        link.person_id,
        password_hash,
    )
    await leaving.end_all(work, link.person_id)
    if link.kind == "invitation":
        for account in await entries.accounts(work.conn, link.person_id):
            work.audit(account, "member.joined", link.email, {"invited_at": link.made_at})
        return
    await mail.due(
        work.conn,
        f"{mails.PASSWORD_SET}:{link.sha256.hex()}",
        mails.PASSWORD_SET,
        link.person_id,
        at=work.now,
        data={"at": work.now.isoformat(), "address": device.address, "agent": device.agent},
    )


class UsedMeanwhile(Conflict):
    """Another sending of the same form was first, or the time was over."""


def _problems(email: str, name: str) -> list[Problem]:
    problems = []
    if not mails.is_address(email) or "." not in email.rpartition("@")[2]:
        problems.append(Problem("/email", "an e-mail address"))
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(Problem("/name", f"a name of 1 to {LONGEST_NAME} characters"))
    return problems
