"""Second factors: taken on, used and given back by the person they belong to, or taken away by whoever may.

Whether a passkey has signed, and of which step a code is, was found out before: here it is used up, once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.db import factors, mail
from portal.db.factors import Passkey, kinds
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable
from portal.operations import leaving

LONGEST_NAME = 60
# Whoever has so many does not know them apart.
MOST_PASSKEYS = 20


class LastFactor(Conflict):
    """Somebody who needs a second factor keeps one."""


async def tell(work: Work, person_id: int, what: str, /, **more: Any) -> None:
    """The person reads by mail what was changed about how they sign in."""
    await mail.due(
        work.conn,
        f"security:{person_id}:{what}:{work.now.isoformat()}",
        mails.SECURITY_CHANGED,
        person_id,
        at=work.now,
        data={"what": what, "at": work.now.isoformat()} | more,
    )


async def add_passkey(work: Work, key: Passkey) -> None:
    """A key that this person has made just now."""
    name = key.name.strip()
    if not name or len(name) > LONGEST_NAME:
        detail = f"1 to {LONGEST_NAME} characters"
        raise Unacceptable(f"The name of a passkey has {detail}.", [Problem("/name", detail)])
    await factors.lock(work.conn, key.person_id)
    if len(await factors.passkeys(work.conn, key.person_id)) >= MOST_PASSKEYS:
        raise Conflict(f"Nobody holds more than {MOST_PASSKEYS} passkeys. Remove one first.")
    if not await factors.add_passkey(work.conn, key):
        raise Conflict("This passkey is known already.")
    await tell(work, key.person_id, "passkey_added", name=name)


async def remove_passkey(work: Work, person_id: int, key_id: bytes, *, is_needed: bool) -> str:
    """Answers its name. The last factor of somebody who needs one stays."""
    await factors.lock(work.conn, person_id)
    name = await factors.remove_passkey(work.conn, person_id, key_id)
    if name is None:
        raise NotFound("You have no such passkey.")
    await _after_removal(work, person_id, is_needed=is_needed)
    await tell(work, person_id, "passkey_removed", name=name)
    return name


async def put_authenticator(work: Work, person_id: int, sealed: bytes, step: int) -> None:
    """An app that has just shown a right code; it takes the place of an earlier one."""
    await factors.lock(work.conn, person_id)
    before = await factors.authenticator(work.conn, person_id)
    await factors.put_authenticator(work.conn, person_id, sealed, step, work.now)
    await tell(work, person_id, "authenticator_replaced" if before else "authenticator_added")


async def remove_authenticator(work: Work, person_id: int, *, is_needed: bool) -> None:
    await factors.lock(work.conn, person_id)
    if not await factors.remove_authenticator(work.conn, person_id):
        raise NotFound("You have no authenticator app.")
    await _after_removal(work, person_id, is_needed=is_needed)
    await tell(work, person_id, "authenticator_removed")


async def _after_removal(work: Work, person_id: int, *, is_needed: bool) -> None:
    """Codes stand in for a factor: without one there is nothing that they could stand in for."""
    standing = await factors.standing(work.conn, person_id)
    if standing is None or standing.held.has_second:
        return
    if is_needed:
        raise LastFactor("A second factor is needed, and this is the last one.")
    await factors.remove_codes(work.conn, person_id)


async def put_codes(work: Work, person_id: int, digests: Sequence[bytes]) -> None:
    """New recovery codes; earlier ones are worth nothing from now on."""
    await factors.lock(work.conn, person_id)
    standing = await factors.standing(work.conn, person_id)
    if standing is None or not standing.held.has_second:
        raise Conflict("Codes stand in for a passkey or an app. Set up one of them first.")
    await factors.put_codes(work.conn, person_id, digests)
    await tell(work, person_id, "codes_made")


async def use_code(work: Work, person_id: int, digest: bytes) -> bool:
    """Each once; whoever it belongs to reads that it was used, and how many are left."""
    left = await factors.use_code(work.conn, person_id, digest, work.now)
    if left is None:
        return False
    await tell(work, person_id, "code_used", left=left)
    return True


async def tell_of_guesses(work: Work, person_id: int, device: Mapping[str, str]) -> None:
    """Somebody knows the password and not the second factor. Once an hour at most."""
    await mail.due(
        work.conn,
        f"security:{person_id}:guessed:{work.now:%Y-%m-%dT%H}",
        mails.SECURITY_CHANGED,
        person_id,
        at=work.now,
        data={"what": "guessed", "at": work.now.isoformat()} | dict(device),
    )


async def remove_all(work: Work, viewer: Viewer, person_id: int) -> None:
    """Whoever lost everything begins anew with their password. Whether `viewer` may is asked by whoever calls this;
    nobody does it to themselves."""
    if viewer.person_id == person_id:
        raise Forbidden("Your own factors are removed on your own page.")
    await factors.lock(work.conn, person_id)
    held = (await kinds(work.conn, [person_id])).get(person_id, ())
    if not held:
        raise Conflict("They hold no second factor.")
    row = await work.conn.fetchrow(
        """select p.email, array(select m.account from membership m where m.person_id = p.id order by 1) as accounts
           from person p where p.id = $1""",
        person_id,
    )
    assert row is not None
    await work.conn.execute("delete from passkey where person_id = $1", person_id)
    await factors.remove_authenticator(work.conn, person_id)
    await factors.remove_codes(work.conn, person_id)
    await leaving.end_all(work, person_id)
    for account in row["accounts"]:
        work.audit(account, "member.factors_removed", row["email"], {"kinds": list(held)})
    await tell(work, person_id, "factors_removed", by=viewer.name)
