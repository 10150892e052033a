"""What was accepted on old figures, or waits because there were none: asked for again until the ERP answers."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, cast

from portal import clock
from portal.db import credit
from portal.db.credit import Check
from portal.db.patience import patiently
from portal.db.work import Connection, Work
from portal.domain.credit import Heard
from portal.operations import rechecking

# Seconds; an order that has begun is finished.
SLICE = 12.0
AT_ONCE = 100


async def recheck_credit(ctx: dict[str, Any]) -> int:
    """Judge again whatever waits for the ERP's figures; answers how many orders are settled now. Running it twice, or
    twice at once, does nothing more."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    until = time.monotonic() + SLICE
    settled = 0
    async with ctx["pool"].acquire() as conn:
        waiting = await credit.waiting(cast("Connection", conn))
    for checks in _slices(waiting):
        heard, silent = await _hear(ctx, checks)
        for check in checks:
            if check.account in silent:
                continue
            if time.monotonic() > until:
                return settled
            settled += await _recheck(ctx, check, heard) != "waiting"
    return settled


def _slices(waiting: Sequence[Check]) -> Iterable[Sequence[Check]]:
    for start in range(0, len(waiting), AT_ONCE):
        yield waiting[start : start + AT_ONCE]


async def _hear(ctx: dict[str, Any], checks: Sequence[Check]) -> tuple[Heard | None, set[str]]:
    """What the ERP says of everybody that these orders count against, and of which accounts it said nothing."""
    async with ctx["pool"].acquire() as acquired:
        conn = cast("Connection", acquired)
        needed = {check.account: await credit.known_to_erp(conn, check.account) for check in checks}
        asked = sorted({account for accounts in needed.values() for account in accounts})
        heard = None
        if asked and ctx["erp"].is_connected:
            heard = await _ask(ctx["erp"], asked)
        silent = {
            account
            for account, accounts in needed.items()
            if accounts and not any(heard is not None and one in heard.figures for one in accounts)
        }
        if silent:
            await credit.still_silent(conn, sorted(silent))
    return heard, silent


async def _ask(erp: Any, asked: Sequence[str]) -> Heard:
    found = [await erp.ask(asked[start : start + AT_ONCE]) for start in range(0, len(asked), AT_ONCE)]
    figures = {account: told for heard in found for account, told in heard.figures.items()}
    problems = {account: problem for heard in found for account, problem in heard.problems.items()}
    return Heard(found[-1].at, figures, problems)


async def _recheck(ctx: dict[str, Any], check: Check, heard: Heard | None) -> str:
    async def once() -> str:
        work = Work(ctx["pool"], actor="credit")
        async with work:
            return await rechecking.recheck(work, check, heard)

    return await patiently(once)
