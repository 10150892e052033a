"""What was accepted on old figures, or waits because there were none, is judged again when the ERP answers.

Nothing that was let pass is forgotten, and nothing that waits is lost: an order that has room after all is released,
one that has none is stopped as far as it has not shipped.
"""

from dataclasses import dataclass

from portal.db import accounts, credit, holds, orders, portions
from portal.db.accounts import Account
from portal.db.credit import Check
from portal.db.holds import Standing
from portal.db.orders import Locked
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.credit import Heard, Verdict
from portal.domain.portions import OPEN
from portal.domain.quantities import ZERO
from portal.operations import crediting, holding

# It acts for nobody, and sees everything.
PORTAL = Viewer("portal", "portal", None, frozenset({"*"}))
LIFTED = "There is room for it now."


@dataclass(frozen=True, slots=True)
class _Looked:
    """An order whose account and row are locked, and the hold that an earlier judgement has set on it."""

    account: Account
    order: Locked
    hold: Standing | None


async def recheck(work: Work, check: Check, heard: Heard | None) -> str:
    """Judge one order again. Answers what came of it: `waiting` while there are no better figures, else `settled`,
    `released`, `stopped` or `kept`."""
    account = await accounts.lock(work.conn, check.account)
    order = await orders.lock(work.conn, PORTAL, check.order)
    assert account is not None
    if not await credit.is_waiting(work.conn, check.id):
        return "settled"
    if order.state not in ("held", "open"):
        # It has left, or it never will: there is nothing to stop.
        await credit.settle(work.conn, order.id, work.now)
        return "settled"
    looked = _Looked(account, order, await credit.hold_of(work.conn, order.id))
    verdict = await _judged(work, looked, check, heard)
    if not verdict.is_settled and not (verdict.is_covered and looked.hold):
        return "waiting"
    came_of = await (_passed if verdict.is_covered else _stopped)(work, looked, verdict)
    await crediting.keep(work, account, order.id, verdict)
    return came_of


async def _judged(work: Work, looked: _Looked, check: Check, heard: Heard | None) -> Verdict:
    """What is held as a whole comes on top; what counts already is judged as if nothing had been accepted after it."""
    if looked.order.state == "held":
        return await crediting.judge(work, looked.account, looked.order.open_value, heard)
    verdict = await crediting.judge(work, looked.account, ZERO, heard)
    if verdict.outcome == "over" and verdict.account is not None:
        later = await credit.accepted_after(work.conn, check.id, verdict.account)
        if later:
            before = await crediting.judge(work, looked.account, -later, heard)
            return before if before.is_covered else verdict
    return verdict


async def _passed(work: Work, looked: _Looked, verdict: Verdict) -> str:
    if looked.hold is None:
        return "kept"
    await holding.lift(work, looked.order, looked.hold, verdict.note or LIFTED)
    return "released"


async def _stopped(work: Work, looked: _Looked, verdict: Verdict) -> str:
    """A hold that stands says from now on what is true by now."""
    order, standing = looked.order, looked.hold
    if standing is not None:
        await holds.reword(work.conn, standing.id, verdict.note)
        work.touch(order.id)
        return "kept"
    lines = await orders.lines(work.conn, order.id)
    rows = await portions.of_order(work.conn, order.id)
    still_open = {portion.line_id for portion in rows if portion.stage in OPEN}
    stopped = [line for line in lines if line.id in still_open]
    await holding.write(
        work, order.id, order.number, order.account, "credit", verdict.note,
        None if len(stopped) == len(lines) else [line.line for line in stopped],
    )  # fmt: skip
    work.touch(order.id, [line.id for line in stopped])
    return "stopped"
