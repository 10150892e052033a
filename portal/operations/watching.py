"""Somebody minds: thresholds that are passed become alerts, alerts become mail to whoever minds the connection, and the
all-clear is told to the same people.

What a person does about it: take note of it, say who is told and from when on.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog

from portal.db import health, mail
from portal.db.patience import patiently
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.health import Change, Health, changes
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, refuse_any

# The same two looks must not tell it twice.
TURN = "select pg_try_advisory_xact_lock(hashtextextended('watching connections', 0))"
LONGEST_NOTE = 500
# Seconds, messages, percent: beyond these nobody would ever be told.
LIMITS = {"oldest": (10, 7 * 86400), "backlog": (1, 1_000_000), "errors": (1, 100)}

log = structlog.get_logger()


async def watch(pool: Pool, *, may_raise: bool = True) -> int:
    """Look at all connections once; answers how many alerts were raised or cleared. Two at once do no harm.

    `may_raise` False only gives all-clears: when the clock has just been moved, everything is late for a moment.
    """

    async def once() -> int:
        work = Work(pool)
        async with work:
            if not await work.conn.fetchval(TURN):
                return 0
            await health.clear_gone(work.conn, work.now)
            return await _look(work, may_raise=may_raise)

    return await patiently(once)


async def _look(work: Work, *, may_raise: bool) -> int:
    told = 0
    for one in await health.of_all(work.conn, work.now):
        for change in changes(one, work.now):
            if change.what == "cleared" or may_raise:
                told += await _follow(work, one, change)
    return told


async def _follow(work: Work, one: Health, change: Change) -> bool:
    alert_id = await _write(work, one, change)
    if alert_id is None:
        return False
    say = log.info if change.what == "cleared" else log.warning
    say(
        "connection alert", what=change.what, connection=one.id, measure=change.measure, **_said(change.facts)
    )
    kind = mails.ALERT_CLEARED if change.what == "cleared" else mails.ALERT_RAISED
    # An alert that is told again is another mail.
    key = f"alert:{alert_id}:{change.what}:{change.facts.get('newest', '')}"
    data = _data(one, change) | {"alert": alert_id}
    if change.what == "cleared":
        data["stands"] = _still_stands(one, changes(one, work.now))
    people = [person.id for person in await health.watchers(work.conn, one.id) if person.is_told]
    await _tell(work, key, kind, people, data)
    if change.measure == "disabled" and change.what == "raised" and one.account is not None:
        admins = await health.admins(work.conn, one.account)
        await _tell(work, key, mails.ENDPOINT_DISABLED, admins, data)
    return True


def _still_stands(one: Health, found: Sequence[Change]) -> bool:
    """Whether something else is wrong with it when these have come to pass: only without is all well."""
    over = {change.measure for change in found if change.what == "cleared"}
    return any(alert.measure not in over for alert in one.alerts) or any(
        change.what == "raised" for change in found
    )


async def _write(work: Work, one: Health, change: Change) -> int | None:
    """The alert's id, if this is what has changed it."""
    if change.alert is None:
        return await health.raise_(work.conn, one.id, change.measure, change.facts, work.now)
    if change.what == "again":
        did = await health.raise_again(work.conn, change.alert.id, change.facts)
    else:
        did = await health.clear(work.conn, change.alert.id, work.now)
    return change.alert.id if did else None


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: facts[name] for name in ("value", "limit", "problem", "order") if facts.get(name) is not None
    }


def _data(one: Health, change: Change) -> dict[str, Any]:
    """What the letter is written from: the connection as it was then."""
    return {
        "connection": one.id,
        "kind": one.kind,
        "account_name": one.account_name,
        "url": one.url,
        "description": one.description,
        "measure": change.measure,
        "again": change.what == "again",
        "backlog": one.backlog,
        **_said(change.facts),
    }


async def _tell(work: Work, key: str, kind: str, people: Iterable[int], data: Mapping[str, Any]) -> None:
    for person_id in people:
        await mail.due(work.conn, f"{key}:{kind}:{person_id}", kind, person_id, at=work.now, data=data)


async def acknowledge(work: Work, viewer: Viewer, alert_id: int, note: str | None) -> str:
    """Somebody has seen it and looks after it; answers the connection's id. It stands until the figures are well."""
    found = await health.alert(work.conn, alert_id)
    if found is None:
        raise NotFound(f"There is no alert {alert_id}.")
    await _need(work, viewer, found.connection_id)
    assert viewer.person_id is not None
    if not await health.acknowledge(work.conn, alert_id, viewer.person_id, note, work.now):
        raise Conflict("It is over: there is nothing left to take note of.")
    return found.connection_id


async def _need(work: Work, viewer: Viewer, connection_id: str) -> None:
    """Whoever is told of it may say that they have read it."""
    if viewer.may("connections:write"):
        return
    told = [person.id for person in await health.watchers(work.conn, connection_id) if person.is_told]
    if viewer.person_id not in told:
        raise Forbidden("This alert is told to others: one of them takes note of it.")


async def set_limits(work: Work, viewer: Viewer, connection_id: str, limits: Mapping[str, int]) -> None:
    """From when on somebody is told: seconds, messages, percent."""
    viewer.need("connections:write")
    await _known(work, connection_id)
    refuse_any(
        [
            Problem(f"/{name}", f"from {least} to {most}")
            for name, (least, most) in LIMITS.items()
            if not least <= limits[name] <= most
        ]
    )
    await health.set_limits(work.conn, connection_id, limits["oldest"], limits["backlog"], limits["errors"])


async def choose_watchers(work: Work, viewer: Viewer, connection_id: str, people: Sequence[int]) -> None:
    """These are told; nobody in particular: whoever runs things."""
    viewer.need("connections:write")
    await _known(work, connection_id)
    await health.choose_watchers(work.conn, connection_id, people)


async def _known(work: Work, connection_id: str) -> None:
    found = await work.conn.fetchval(
        "select true from connection where id = $1 and deleted_at is null for no key update", connection_id
    )
    if found is None:
        raise NotFound(f"There is no connection {connection_id!r}.")
