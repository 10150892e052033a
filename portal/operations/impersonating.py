"""Account managers who see what a buyer sees: begun with a reason and for a while, ended by either side or by the
clock, and allowed by the account. What may be done meanwhile is decided in `domain.access`."""

from dataclasses import dataclass
from datetime import timedelta

from portal.db import impersonations, mail
from portal.db.impersonations import Member, Row
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.domain.access import LEVELS, Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable, refuse_any

# Minutes that may be asked for; the last is the longest that the database takes.
MINUTES = (10, 20, 30)
LONGEST_REASON = 500
SHORTEST_REASON = 5
# Looked at in one pass of the clock.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whose eyes are borrowed, in which account, why and for how long. `session` is where the actor's is stored."""

    session: str
    account: str
    person_id: int
    reason: str
    minutes: int


async def begin(work: Work, viewer: Viewer, wanted: Beginning) -> int:
    """See what this person sees, in this session only; answers the impersonation's id. They are told by mail."""
    viewer.need("impersonate")
    if viewer.person_id is None or viewer.impersonator is not None:
        raise Forbidden("Only a person can look as another, and only as themselves.")
    place = await impersonations.place(work.conn, wanted.account)
    if place is None:
        raise NotFound(f"There is no account {wanted.account!r}.")
    if place.allowed == "off":
        raise Forbidden(f"Account {place.number} does not let anybody see what its people see.")
    subject = await _subject(work, wanted)
    ends_at = work.now + timedelta(minutes=wanted.minutes)
    made = await impersonations.insert(
        work.conn,
        actor_id=viewer.person_id,
        subject_id=subject.person_id,
        account=place.number,
        session=wanted.session,
        reason=wanted.reason.strip(),
        began_at=work.now,
        ends_at=ends_at,
    )
    if made is None:
        raise Conflict("You look as somebody already. End that first.")
    told = {
        "by": viewer.name,
        "reason": wanted.reason.strip(),
        "until": ends_at.isoformat(),
        "level": place.allowed,
    }
    work.audit(
        place.number,
        "impersonation.begun",
        subject.email,
        {"impersonation": made, "by_email": viewer.email} | told,
    )
    await mail.due(
        work.conn,
        f"impersonation-{made}:begun:{subject.person_id}",
        mails.IMPERSONATED,
        subject.person_id,
        at=work.now,
        account=place.number,
        data=told,
    )
    # Pages of theirs that are open in this session show what they see themselves: they come back and see.
    await work.conn.execute("select pg_notify('portal_impersonation', $1)", wanted.session)
    return made


async def _subject(work: Work, wanted: Beginning) -> Member:
    problems = []
    if not SHORTEST_REASON <= len(wanted.reason.strip()) <= LONGEST_REASON:
        problems.append(Problem("/reason", f"{SHORTEST_REASON} to {LONGEST_REASON} characters"))
    if wanted.minutes not in MINUTES:
        problems.append(Problem("/minutes", f"one of {', '.join(map(str, MINUTES))}"))
    people = await impersonations.members(work.conn, wanted.account)
    subject = next((one for one in people if one.person_id == wanted.person_id), None)
    if subject is None:
        problems.append(Problem("/person", "nobody of this account"))
    refuse_any(problems)
    assert subject is not None
    return subject


async def end(work: Work, viewer: Viewer, impersonation_id: int) -> Row:
    """End it for whoever looks, from their next request on; streams that are open end at once.

    They may, the person whose pages they are, and whoever controls it for the account.
    """
    found = await impersonations.one(work.conn, impersonation_id)
    if found is None or not may_see(viewer, found):
        raise NotFound(f"There is no impersonation {impersonation_id}.")
    if not may_end(viewer, found):
        raise Forbidden("Only who looks, who is looked at, and who administers the account end it.")
    await _end(work, found, viewer.email)
    return found


def may_see(viewer: Viewer, found: Row) -> bool:
    """The person themselves, whoever controls it for the account, and the supplier's people."""
    if viewer.impersonator is not None:
        return False
    if viewer.is_supplier:
        return viewer.person_id is not None
    return found.subject_id == viewer.person_id or (viewer.may("impersonation:control", found.account))


def may_end(viewer: Viewer, found: Row) -> bool:
    """Of the supplier's people only who looks."""
    return may_see(viewer, found) and (not viewer.is_supplier or found.actor_id == viewer.person_id)


async def leave(work: Work, session: str, person_id: int) -> Row | None:
    """Whoever looks is themselves again, whether it had ended or not; answers what was left."""
    found = await impersonations.of_session(work.conn, session, person_id)
    if found is None:
        return None
    await _end(work, found, found.actor_email)
    await impersonations.leave(work.conn, found.id, work.now)
    return found


async def _end(work: Work, found: Row, by: str | None) -> None:
    """Once: whoever comes second finds it ended."""
    if not await impersonations.end(work.conn, found.id, work.now, by):
        return
    said = {
        "impersonation": found.id,
        "by_email": found.actor_email,
        "began": found.began_at,
        "views": found.views,
    }
    is_over = found.ends_at <= work.now
    said |= {"ended": found.ends_at if is_over else work.now, "ended_by": None if is_over else by}
    work.audit(found.account, "impersonation.ended", found.subject_email, said)


async def allow(work: Work, viewer: Viewer, account: str, level: str) -> bool:
    """What the supplier's people may do as this account's: off, read or order. Answers whether that is new.

    The supplier may narrow it; widening is for the account's own people, who would otherwise switch it off in vain.
    """
    if level not in LEVELS:
        raise Unacceptable(
            f"It is one of {', '.join(LEVELS)}.", [Problem("/impersonation", f"one of {', '.join(LEVELS)}")]
        )
    if not viewer.sees(account):
        raise NotFound(f"There is no account {account!r}.")
    before = await work.conn.fetchval(
        "select impersonation from account where number = $1 for no key update", account
    )
    if before is None:
        raise NotFound(f"There is no account {account!r}.")
    if before == level:
        return False
    if not viewer.is_supplier:
        viewer.need("impersonation:control", account)
    elif LEVELS.index(level) > LEVELS.index(before):
        raise Forbidden(
            f"Account {account} has not allowed that: its own people decide on it, in their settings."
        )
    await work.conn.execute("update account set impersonation = $2 where number = $1", account, level)
    work.audit(account, "impersonation.allowed", account, {"before": before, "after": level})
    if level == "off":
        for one in await impersonations.lasting(work.conn, account):
            found = await impersonations.one(work.conn, one)
            if found is not None:
                await _end(work, found, viewer.email)
    return True


async def end_what_is_over(pool: Pool) -> int:
    """Enter the end of those whose time is over; answers how many. Their pages were refused since."""
    work = Work(pool)
    async with work:
        due = await impersonations.overdue(work.conn, work.now, BATCH)
    for one in due:
        work = Work(pool)
        async with work:
            found = await impersonations.one(work.conn, one)
            if found is not None:
                await _end(work, found, None)
    return len(due)
