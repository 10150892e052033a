"""Passwords: checked, set, and hashed anew when hashing has become dearer."""

import asyncio
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.db import factors
from portal.db.work import Pool, Work
from portal.domain.passwords import LONGEST, SHORTEST, Weakness, weaknesses
from portal.domain.refusals import Problem, Unacceptable
from portal.operations import leaving
from portal.operations.factors import tell

hasher = PasswordHasher()
# Somebody unknown takes as long as somebody known.
NOBODY = hasher.hash("nobody has this password")

SAID = {
    Weakness.SHORT: f"at least {SHORTEST} characters",
    Weakness.LONG: f"at most {LONGEST} characters",
    Weakness.COMMON: "it is among the first that are tried",
    Weakness.REPEATED: "it is one thing again and again, or a row of the keyboard",
    Weakness.KNOWN: "it is made of a name that anybody knows",
}


class Weak(Unacceptable):
    """A password that is not good enough, with what is wrong with it."""

    def __init__(self, found: Iterable[Weakness]) -> None:
        self.found = tuple(found)
        super().__init__(
            f"This password cannot be taken: {'; '.join(SAID[one] for one in self.found)}.",
            [Problem("/password", SAID[one]) for one in self.found],
        )


def fits(stored: str | None, password: str) -> bool:
    """Slow on purpose: to be asked in a thread. Nobody's password takes as long as somebody's."""
    try:
        hasher.verify(stored or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_dated(stored: str) -> bool:
    """Whether it was hashed with less care than is taken today."""
    return hasher.check_needs_rehash(stored)


async def refresh(pool: Pool, person_id: int, stored: str, password: str) -> None:
    """Hash a password that was right just now anew, if it is dated."""
    if not is_dated(stored):
        return
    fresh = await asyncio.to_thread(hasher.hash, password)
    async with Work(pool) as work:
        await work.conn.execute(
            "update person set password_hash = $3 where id = $1 and password_hash = $2",
            person_id,
            stored,
            fresh,
        )


async def refuse_weak(work: Work, person_id: int, password: str, about: Iterable[str] = ()) -> None:
    """`about`: what else anybody could guess, such as what the portal is called."""
    known = [*await factors.about(work.conn, person_id), *about]
    if found := weaknesses(password, known):
        raise Weak(found)


async def keep_hash(work: Work, person_id: int, hashed: str, *, keep: str) -> int:
    """From now on it is this one, which is good and was hashed before anything was locked; all sessions end but the
    one under `keep`, and the person is told by mail. Sign-ins that were begun with the former one lead nowhere, and
    keys in mails open no more. Answers the epoch under which the session that is kept has to go on."""
    epoch: int = await work.conn.fetchval(
        """update person set password_hash = $2, session_epoch = session_epoch + 1 where id = $1
           returning session_epoch""",
        person_id,
        hashed,
    )
    await leaving.end_others(work, person_id, but=keep)
    await work.conn.execute("delete from entry_link where person_id = $1 and used_at is null", person_id)
    await tell(work, person_id, "password_changed")
    return epoch
