"""Calendars that somebody subscribes to: a secret address is made and taken back."""

import base64
import hashlib
import hmac

from portal.db import calendar_links
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable

# As many as anybody has devices and colleagues for.
MOST = 20
LONGEST_NAME = 80


def secret(key: str, person_id: int, seed: str) -> str:
    """What stands in the address: made from the portal's own key, so that a form that is sent twice makes one."""
    made = hmac.new(key.encode(), f"calendar:{person_id}:{seed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def digest(raw: str) -> bytes:
    """How it is kept. It is long and random: a fast hash is enough."""
    return hashlib.sha256(raw.encode()).digest()


async def subscribe(work: Work, viewer: Viewer, name: str, ship_to: str | None, raw: str) -> int:
    """A calendar of all that arrives for this person, or of one place (`account/code`)."""
    person_id = _person(viewer)
    if len(name) > LONGEST_NAME:
        raise Unacceptable(
            f"A name has at most {LONGEST_NAME} characters.", [Problem("/name", "it is too long")]
        )
    if ship_to is not None and not await _is_theirs(work, viewer, ship_to):
        raise Unacceptable("There is no such place.", [Problem("/ship_to", "there is no such place")])
    await work.conn.fetchval("select id from person where id = $1 for no key update", person_id)
    if len(await calendar_links.in_use(work.conn, person_id)) >= MOST:
        raise Conflict(f"There are {MOST} calendars already: turn off one that nobody reads.")
    return await calendar_links.make(work.conn, person_id, name, ship_to, digest(raw), work.now)


async def unsubscribe(work: Work, viewer: Viewer, link_id: int) -> None:
    """From now on nobody reads it any more."""
    if not await calendar_links.revoke(work.conn, _person(viewer), link_id, work.now):
        raise NotFound("There is no such calendar in use.")


def _person(viewer: Viewer) -> int:
    if viewer.person_id is None or viewer.is_supplier:
        raise Forbidden("A calendar shows what arrives at a buyer's places; the supplier's people have none.")
    return viewer.person_id


async def _is_theirs(work: Work, viewer: Viewer, ship_to: str) -> bool:
    account, _, code = ship_to.partition("/")
    if not viewer.sees(account):
        return False
    found = "select exists (select from ship_to where account = $1 and code = $2)"
    return bool(await work.conn.fetchval(found, account, code))
