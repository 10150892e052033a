"""Endpoints of customers' systems: made, changed, signed with another secret, tried out, told again, taken away.

Whoever administers an account arranges its endpoints, and so does a token of the account: an endpoint shows nothing
that the token could not read. The supplier's own, which hear of every account, are its tokens' with `webhooks:write`
and its people's with `connections:write`; those people also help with an account's (try out, tell again, pause), but
never see a secret of it or say where it leads.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from portal.db import connections, delivery_log
from portal.db.connections import Locked
from portal.db.delivery_log import Events
from portal.db.work import Work
from portal.domain import webhooks
from portal.domain.access import Viewer
from portal.domain.events import TYPES
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable, refuse_any, unknown

MOST_ENDPOINTS = 20
MOST_REPLAYED = 10_000
LONGEST_URL = 2_000
LONGEST_DESCRIPTION = 200
# How long a secret that was replaced signs beside the new one.
# Each adds a signature to every message's headers.
MOST_SECRETS = 8
BOTH_SIGN = timedelta(hours=24)
TEST = "endpoint.test"
OWNER, HELPER = "owner", "helper"

# Makes (a secret, the same sealed).
Mint = Callable[[], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Arranged:
    """What can be said of an endpoint. `types` None: all of them."""

    url: str
    types: Sequence[str] | None = None
    description: str = ""


def rights(viewer: Viewer, account: str | None) -> str | None:
    """`owner` arranges everything, `helper` makes things flow again; None only looks."""
    if viewer.person_id is None or "token" in viewer.roles:
        return OWNER if not viewer.is_supplier or viewer.may("webhooks:write") else None
    if viewer.is_supplier:
        may = viewer.may("connections:write")
        return (OWNER if account is None else HELPER) if may else None
    return OWNER if account is not None and viewer.may("webhooks:write", account) else None


def _need(viewer: Viewer, account: str | None, least: str) -> None:
    held = rights(viewer, account)
    if held in (OWNER, least):
        return
    if held == HELPER:
        raise Forbidden(
            "Where an account's endpoint leads and what it is signed with is the account's to arrange."
        )
    raise Forbidden(f"This needs the permission 'webhooks:write', which {viewer.actor} does not have.")


async def create(
    work: Work, viewer: Viewer, account: str | None, arranged: Arranged, mint: Mint, *, simulated: bool
) -> tuple[str, str]:
    """Answers (id, secret). The secret is told once; what is kept of it is sealed.

    A buyer's token or person who names no account means their own; the supplier then means every account.
    """
    account = account if viewer.is_supplier else account or viewer.account
    if account is not None:
        known = await work.conn.fetchval("select 1 from account where number = $1", account)
        if known is None or not viewer.sees(account):
            raise unknown("account", account, "/account")
    _need(viewer, account, OWNER)
    refuse_any(list(_wrong(arranged, simulated=simulated)))
    if await connections.count(work.conn, account) >= MOST_ENDPOINTS:
        raise Unacceptable(f"There are {MOST_ENDPOINTS} endpoints already: take one away that nobody needs.")
    made = Locked(
        id="we_" + secrets.token_hex(8),
        account=account,
        url=arranged.url,
        description=arranged.description,
        types=_sorted(arranged.types),
        state="active",
        disabled_at=None,
    )
    await connections.insert(work.conn, made, viewer.actor, work.now)
    secret, sealed = mint()
    await connections.add_secret(work.conn, made.id, sealed, work.now)
    _note(work, made, "created", _told(made))
    return made.id, secret


def _wrong(arranged: Arranged, *, simulated: bool) -> Iterator[Problem]:
    if len(arranged.url) > LONGEST_URL:
        yield Problem("/url", f"longer than {LONGEST_URL} characters")
    elif said := webhooks.check_url(arranged.url, simulated):
        yield Problem("/url", said)
    if arranged.types is not None and not arranged.types:
        yield Problem("/types", "name at least one type, or leave it out for all")
    for index, one in enumerate(arranged.types or ()):
        if one not in TYPES:
            yield Problem(f"/types/{index}", f"unknown type {one!r}")
    if len(arranged.description) > LONGEST_DESCRIPTION:
        yield Problem("/description", f"longer than {LONGEST_DESCRIPTION} characters")


def _sorted(types: Sequence[str] | None) -> list[str] | None:
    """Each once, in the order in which they are listed everywhere; all of them is no filter."""
    if types is None or set(types) >= set(TYPES):
        return None
    return [one for one in TYPES if one in set(types)]


async def change(
    work: Work, viewer: Viewer, endpoint_id: str, arranged: Callable[[Arranged], Arranged], *, simulated: bool
) -> None:
    """Say where it leads, what it hears of, what it is called. What waits goes to the new address."""
    standing = await _lock(work, viewer, endpoint_id, OWNER)
    before = Arranged(standing.url, standing.types, standing.description)
    after = arranged(before)
    if after == before:
        return
    refuse_any(list(_wrong(after, simulated=simulated)))
    types = _sorted(after.types)
    await connections.update(
        work.conn, endpoint_id, {"url": after.url, "types": types, "description": after.description}
    )
    changed = replace(standing, url=after.url, types=types, description=after.description)
    _note(work, standing, "changed", {"before": _told(standing), "after": _told(changed)})


async def pause(work: Work, viewer: Viewer, endpoint_id: str) -> None:
    """Nothing is sent; what happens meanwhile waits."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    if standing.state == "disabled":
        raise Conflict("It is disabled already: nothing is sent.")
    await _turn(work, standing, "paused")


async def resume(work: Work, viewer: Viewer, endpoint_id: str) -> None:
    """Send again, also after it was disabled: what it missed meanwhile is sent only when a replay asks for it."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    await _turn(work, standing, "active")
    await delivery_log.nudge(work.conn)


async def disable(work: Work, viewer: Viewer, endpoint_id: str) -> None:
    """Nothing is sent, and what happens meanwhile is not kept for it."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    await _turn(work, standing, "disabled")


async def _turn(work: Work, standing: Locked, state: str) -> None:
    if standing.state == state:
        return
    is_over = state == "disabled"
    changes: dict[str, Any] = {
        "state": state,
        "disabled_because": "by_hand" if is_over else None,
        "disabled_at": work.now if is_over else None,
    }
    if state == "active":
        changes["failing_since"] = None
    await connections.update(work.conn, standing.id, changes)
    _note(work, standing, "changed", {"before": {"state": standing.state}, "after": {"state": state}})


async def delete(work: Work, viewer: Viewer, endpoint_id: str) -> None:
    """It is told nothing more; what it was told stays on record until it is tidied away."""
    standing = await _lock(work, viewer, endpoint_id, OWNER)
    gone = {
        "state": "disabled",
        "disabled_because": "deleted",
        "disabled_at": standing.disabled_at or work.now,
        "deleted_at": work.now,
    }
    await connections.update(work.conn, endpoint_id, gone)
    await connections.drop_waiting(work.conn, endpoint_id, work.now)
    _note(work, standing, "deleted", _told(standing))


async def rotate(work: Work, viewer: Viewer, endpoint_id: str, mint: Mint) -> tuple[str, datetime]:
    """(the new secret, until when the former one signs as well). It is told once."""
    standing = await _lock(work, viewer, endpoint_id, OWNER)
    if await connections.signing(work.conn, endpoint_id, work.now) >= MOST_SECRETS:
        raise Conflict(
            f"{MOST_SECRETS} secrets sign for it already. One more is made when the first of them has retired, "
            "a day after it was replaced."
        )
    until = work.now + BOTH_SIGN
    secret, sealed = mint()
    await connections.retire_secrets(work.conn, endpoint_id, work.now, until)
    await connections.add_secret(work.conn, endpoint_id, sealed, work.now)
    _note(work, standing, "secret_rotated", {"url": standing.url, "both_until": until})
    return secret, until


async def try_out(work: Work, viewer: Viewer, endpoint_id: str) -> int:
    """Send something that says that it is a test. Answers the delivery's id."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    if standing.state != "active":
        raise Conflict(f"It is {standing.state}: nothing is sent to it, a test neither.")
    body = {
        "message": "This is a test. Nothing has happened.",
        "endpoint": standing.id,
        "account": standing.account,
        "asked_by": viewer.actor,
    }
    return await delivery_log.insert_test(work.conn, standing.id, standing.account, TEST, body, work.now)


async def replay_event(work: Work, viewer: Viewer, endpoint_id: str, event_id: int) -> int:
    """Tell one event again, or for the first time; answers 1. It must be one that the endpoint hears of."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    events = Events(standing.id, standing.account, event_id=event_id)
    if not await delivery_log.matching(work.conn, events, 1):
        raise Unacceptable(
            f"There is no event evt_{event_id} that this endpoint hears of.",
            [Problem("/event", "no event of this endpoint")],
        )
    return await delivery_log.replay(work.conn, events, work.now)


async def replay_period(
    work: Work, viewer: Viewer, endpoint_id: str, since: datetime, until: datetime | None
) -> int:
    """Tell again what happened from one moment up to another, or up to now; answers how many events."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    if until is not None and until <= since:
        raise Unacceptable("It ends before it begins.", [Problem("/until", "before it begins")])
    events = Events(
        standing.id, standing.account, since=since, until=until or work.now + timedelta(seconds=1)
    )
    found = await delivery_log.matching(work.conn, events, MOST_REPLAYED)
    if found > MOST_REPLAYED:
        raise Unacceptable(
            f"More than {MOST_REPLAYED:,} events happened then: replay them in shorter periods.",
            [Problem("/since", f"more than {MOST_REPLAYED:,} events")],
        )
    return await delivery_log.replay(work.conn, events, work.now)


async def tell_again(
    work: Work, viewer: Viewer, endpoint_id: str, delivery_ids: Sequence[int] | None = None
) -> int:
    """These deliveries, or all that were given up, are sent again; answers how many."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    return await delivery_log.tell_again(work.conn, standing.id, work.now, delivery_ids)


async def drop(
    work: Work, viewer: Viewer, endpoint_id: str, delivery_ids: Sequence[int] | None = None
) -> int:
    """These deliveries, or all that were given up, are not sent any more; answers how many."""
    standing = await _lock(work, viewer, endpoint_id, HELPER)
    return await delivery_log.drop(work.conn, standing.id, work.now, delivery_ids)


async def _lock(work: Work, viewer: Viewer, endpoint_id: str, least: str) -> Locked:
    found = await connections.lock(work.conn, viewer, endpoint_id)
    if found is None:
        raise NotFound(f"There is no endpoint {endpoint_id!r}.")
    _need(viewer, found.account, least)
    return found


def _told(endpoint: Locked) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "types": None if endpoint.types is None else list(endpoint.types),
        "description": endpoint.description,
    }


def _note(work: Work, endpoint: Locked, what: str, snapshot: dict[str, Any]) -> None:
    """To whom an account's news go is part of its own records; the supplier's own endpoints belong to nobody's."""
    if endpoint.account is not None:
        work.audit(endpoint.account, f"endpoint.{what}", endpoint.id, snapshot)
