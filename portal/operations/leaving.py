"""Sessions end before their time: by the person, by who administers their account, by the supplier, or with the person.

What is ended here is refused with the next request in every process, whatever stands in Valkey, and open streams of it
are cut when the work commits.
"""

from portal.db import logins, mail
from portal.db.logins import Why
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound


async def end_one(work: Work, person_id: int, login_id: int) -> list[str]:
    """One of a person's own; answers where it is stored."""
    keys = await logins.end_one(work.conn, login_id, person_id, work.now, "revoked")
    if not keys:
        raise NotFound("There is no such session any more.")
    return keys


async def end_others(work: Work, person_id: int, but: str) -> list[str]:
    """All of a person's own but for the one they sit in; answers where these are stored.

    For whoever has changed how they prove who they are, too.
    """
    return await logins.end_all(work.conn, person_id, work.now, "revoked", but)


async def end_all(work: Work, person_id: int, why: Why = "revoked") -> list[str]:
    """Nobody is signed in as this person any more."""
    # First: whoever signs in at this moment waits here, or has a row that ends below (`entering.enter`).
    await work.conn.execute("update person set session_epoch = session_epoch + 1 where id = $1", person_id)
    keys = await logins.end_all(work.conn, person_id, work.now, why)
    await work.conn.execute("select pg_notify('portal_person', $1)", str(person_id))
    # Who looks as them sees nothing more either.
    await work.conn.execute(
        """select pg_notify('portal_impersonation', session) from impersonation
           where subject_id = $1 and ended_at is null""",
        person_id,
    )
    return keys


async def end_of(work: Work, viewer: Viewer, account: str | None, person_id: int) -> int:
    """Somebody else's, by who administers their account (whether they may is the caller's to decide); answers how many.

    They are told by mail; of an account's people it is entered in its audit chain.
    """
    keys = await end_all(work, person_id)
    email = await work.conn.fetchval("select email from person where id = $1", person_id)
    await mail.due(
        work.conn,
        f"sessions-ended:{person_id}:{work.now.isoformat()}",
        mails.SESSIONS_ENDED,
        person_id,
        at=work.now,
        account=account,
        data={"by": viewer.name, "at": work.now.isoformat()},
    )
    if account is not None:
        work.audit(account, "member.sessions_ended", email, {"by": viewer.email, "sessions": len(keys)})
    return len(keys)


async def shut_out(work: Work, person_id: int) -> bool:
    """They may not sign in any more, from this moment on: sessions, tokens in their name, keys and links in mails to
    them are dead. Who may do it, the audit chain and the word to them are the caller's. Answers whether that is new."""
    before = await work.conn.fetchval("select active from person where id = $1 for update", person_id)
    if before is None:
        raise NotFound("There is no such person.")
    if not before:
        return False
    await work.conn.execute("update person set active = false where id = $1", person_id)
    await work.conn.execute("delete from entry_link where person_id = $1 and used_at is null", person_id)
    await end_all(work, person_id, "disabled")
    return True


async def let_in(work: Work, person_id: int) -> bool:
    """They may sign in again, by what they had. Answers whether that is new."""
    changed = await work.conn.fetchval(
        "update person set active = true where id = $1 and not active returning 1", person_id
    )
    return changed is not None
