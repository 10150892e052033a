"""Many things asked for at once. Each row is its own transaction, which also writes what came of it.

A verb is a function in `VERBS`. Whoever adds one says which permission asking for it needs; the verb itself refuses
what its operation refuses, and answers what the page of the run tells of the row. `Outside` is what the worker found
out before the row's transaction began.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from portal.db import bulk, holds, orders, people, portions, stock
from portal.db.bulk import Asked, Claimed, Parameters
from portal.db.patience import patiently
from portal.db.work import LawBroken, Pool, Work
from portal.domain.access import Viewer
from portal.domain.portions import OURS, by
from portal.domain.refusals import Conflict, Problem, Refused, Unacceptable
from portal.operations import deciding_many, lifting, picking, shipping
from portal.operations.moving import Part
from portal.operations.outside import Outside
from portal.operations.shipping import Leaving

# More than anybody selects by hand.
MOST_ROWS = 1000
LONGEST_FORM = 64
# The database is away: the row waits for its return.
AWAY = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)

log = logging.getLogger(__name__)

Do = Callable[[Work, Viewer, Claimed, Outside | None], Awaitable[Parameters]]


@dataclass(frozen=True, slots=True)
class Verb:
    """`needs` is the permission without which nobody may ask; `do` answers the row's result."""

    needs: str
    do: Do


async def ask(
    work: Work, viewer: Viewer, what: str, shared: Parameters, rows: Sequence[Asked], form: str
) -> tuple[int, bool]:
    """Write down what is to be done. Answers (the run's id, whether it is new): the same form asks once."""
    verb = VERBS.get(what)
    if verb is None or viewer.person_id is None:
        raise Unacceptable(f"{what!r} cannot be done in bulk.", [Problem("/what", "unknown")])
    viewer.need(verb.needs)
    if not rows:
        raise Unacceptable("Nothing is selected.", [Problem("/rows", "select at least one")])
    if len(rows) > MOST_ROWS:
        raise Unacceptable(f"At most {MOST_ROWS} can be asked for at once.", [Problem("/rows", "too many")])
    if not (0 < len(form) <= LONGEST_FORM and form.isprintable()):
        raise Unacceptable("The form carries no id.", [Problem("/form", "1 to 64 characters")])
    run_id, is_new = await bulk.insert(
        work.conn, what, shared, viewer.person_id, viewer.actor, form, rows, work.now
    )
    if not is_new:
        await _refuse_other(work, run_id, what, shared, rows)
    return run_id, is_new


async def _refuse_other(
    work: Work, run_id: int, what: str, shared: Parameters, rows: Sequence[Asked]
) -> None:
    """Somebody went back to the form and ticked something else: they are not to think that it was done."""
    first = await bulk.find(work.conn, run_id)
    assert first is not None
    known = [Asked(row.subject, row.parameters) for row in first.rows]
    if (first.what, first.shared) != (what, shared) or any(row not in known for row in rows):
        raise Conflict(
            "This form was sent before, for something else; what it did then stands. Send it again."
        )


async def carry_out(pool: Pool, run_id: int, outside: Outside | None = None) -> bool:
    """Do the run's next row, and write what came of it in the same transaction; False when none is left."""
    attempt = _Attempt(pool, run_id, outside)
    try:
        return await patiently(attempt.make)
    except AWAY:
        raise
    except Exception:
        if attempt.row is None:
            raise
        # A row that cannot be done must not stand in the way of those behind it.
        log.exception("row %s of bulk run %s failed", attempt.row.row, run_id)
        await attempt.give_up(attempt.row)
        return True


@dataclass(slots=True)
class _Attempt:
    pool: Pool
    run_id: int
    outside: Outside | None
    row: Claimed | None = None

    async def make(self) -> bool:
        work = Work(self.pool)
        async with work:
            self.row = row = await bulk.claim(work.conn, self.run_id)
            if row is None:
                return False
            work.actor = row.actor
            state, result = await _attempted(work, row, self.outside)
            await bulk.settle(work.conn, row.run_id, row.row, state, result, work.now)
        return True

    async def give_up(self, row: Claimed) -> None:
        work = Work(self.pool)
        async with work:
            await bulk.settle(work.conn, row.run_id, row.row, "refused", {"failed": True}, work.now)


async def _attempted(work: Work, row: Claimed, outside: Outside | None) -> tuple[str, Parameters]:
    try:
        async with work.savepoint():
            return "done", await _do(work, row, outside)
    except LawBroken:
        raise
    except Refused as refusal:
        return "refused", {"said": refusal.detail}
    except asyncpg.LockNotAvailableError:
        return "refused", {"said": "Somebody else was working on it for too long: ask for it again."}


async def _do(work: Work, row: Claimed, outside: Outside | None) -> Parameters:
    """In the name of whoever asked, with the rights that they have now."""
    found = await people.viewer(work.conn, row.person_id)
    if found is None:
        raise Unacceptable("Whoever asked for it may no longer sign in.")
    verb = VERBS[row.what]
    return await verb.do(work, found[0].within(verb.needs), row, outside)


async def _pick(work: Work, viewer: Viewer, row: Claimed, _: Outside | None) -> Parameters:
    """All of the order that is allocated there, of one mode."""
    parts = await _parts(work, viewer, row, ("allocated",), "to be picked")
    await picking.pick(work, viewer, row.subject, row.parameters["location"], parts)
    return {"lines": len(parts)}


async def _pack(work: Work, viewer: Viewer, row: Claimed, _: Outside | None) -> Parameters:
    """All of the order that is being picked there."""
    parts = await _parts(work, viewer, row, ("picking",), "to be packed")
    await picking.pack(work, viewer, row.subject, row.parameters["location"], parts)
    return {"lines": len(parts)}


async def _ship(work: Work, viewer: Viewer, row: Claimed, _: Outside | None) -> Parameters:
    """All of the order that is ready there leaves, with the carrier that the run names."""
    parts = await _parts(work, viewer, row, OURS, "ready")
    leaving = Leaving(
        location=row.parameters["location"],
        lines=parts,
        mode=row.parameters["mode"],
        carrier=row.shared.get("carrier"),
        service=row.shared.get("service"),
        origin="desk",
        external_id=f"bulk-{row.run_id}-{row.row}",
    )
    number, _is_new = await shipping.ship(work, viewer, row.subject, leaving)
    return {"lines": len(parts), "shipment": number}


async def _parts(work: Work, viewer: Viewer, row: Claimed, stages: Sequence[str], words: str) -> list[Part]:
    """What stands there in these stages, of lines that no hold stops, read under the locks that the verb needs."""
    order = await orders.lock(work.conn, viewer, row.subject)
    location, mode = row.parameters["location"], row.parameters["mode"]
    lines = {line.id: line for line in await orders.lines(work.conn, order.id) if line.mode == mode}
    await stock.lock(work.conn, {line.sku for line in lines.values()})
    standing = await holds.standing(work.conn, order.id)
    there = by(
        (
            portion
            for portion in await portions.of_order(work.conn, order.id)
            if portion.location == location and portion.stage in stages and portion.line_id in lines
        ),
        lambda portion: lines[portion.line_id].line,
    )
    parts = [
        Part(line, quantity)
        for line, quantity in there.items()
        if not any(hold.lines is None or line in hold.lines for hold in standing)
    ]
    if not parts:
        raise Unacceptable(f"Nothing of order {order.number} is {words} at {location} now.")
    return parts


async def _lift_hold(work: Work, viewer: Viewer, row: Claimed, outside: Outside | None) -> Parameters:
    """Who may lift it depends on the hold's reason, not on the verb."""
    hold_id, account = str(row.parameters["hold"]), row.parameters.get("account")
    heard = outside.heard.get(account) if outside and account else None
    return {"reason": await lifting.lift(work, viewer, row.subject, hold_id, row.shared.get("note"), heard)}


VERBS: Mapping[str, Verb] = {
    "pick": Verb("shipments:write", _pick),
    "pack": Verb("shipments:write", _pack),
    "ship": Verb("shipments:write", _ship),
    "lift_hold": Verb("desk:read", _lift_hold),
    "approve": Verb("approvals:decide", deciding_many.approve),
    "reject": Verb("approvals:decide", deciding_many.reject),
}
