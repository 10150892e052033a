"""How the supplier looks after an account: who does, how long it may be silent, whether its people may look as the
account's buyers, and its number in the ERP."""

from collections.abc import Mapping
from typing import Any

from portal.db import tasks
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound, Problem, Unacceptable
from portal.operations import impersonating

LONGEST_SILENCE = 365
BEFORE = """
select p.email as manager, a.silence_days, a.erp_number, a.impersonation
from account a left join person p on p.id = a.manager_id where a.number = $1 for no key update of a
"""


async def arrange(
    work: Work, viewer: Viewer, number: str, changes: Mapping[str, Any], *, is_new: bool = False
) -> None:
    """Change what is named of `manager` (an e-mail address), `silence_days`, `impersonation` and `erp_number`. What is
    not named stays.

    What the account's people have closed to us, only they open again: once the account is there, `impersonation` can
    be lowered here and no more.
    """
    before = await work.conn.fetchrow(BEFORE, number)
    if before is None or not viewer.sees(number):
        raise NotFound(f"There is no account {number!r}.")
    after = {**before, **changes}
    if after == dict(before):
        return
    _refuse_silence(after["silence_days"])
    level = after.pop("impersonation")
    if not is_new:
        await impersonating.allow(work, viewer, number, level)
    manager_id = await _manager(work, after["manager"])
    await work.conn.execute(
        """update account set manager_id = $2, silence_days = $3, erp_number = $4,
               impersonation = case when $5 then $6 else impersonation end where number = $1""",
        number,
        manager_id,
        after["silence_days"],
        after["erp_number"],
        is_new,
        level,
    )
    was = {name: before[name] for name in after}
    if is_new or after == was:
        return
    work.audit(number, "account.arranged", number, {"before": was, "after": after})
    if after["manager"] != was["manager"]:
        # Tasks are locked after everything else.
        await work.close_books()
        await tasks.hand_over(work.conn, number, manager_id)


def _refuse_silence(days: int | None) -> None:
    if days is not None and not 0 < days <= LONGEST_SILENCE:
        raise Unacceptable(
            f"An account waits for news for 1 to {LONGEST_SILENCE} days, or for as long as it takes.",
            [Problem("/silence_days", f"must be 1 to {LONGEST_SILENCE}, or null")],
        )


async def _manager(work: Work, email: str | None) -> int | None:
    if email is None:
        return None
    manager_id: int | None = await work.conn.fetchval(
        "select id from person where lower(email) = lower($1) and active and cardinality(supplier_roles) > 0",
        email,
    )
    if manager_id is None:
        raise Unacceptable(
            f"{email} is none of the supplier's people.",
            [Problem("/manager", "must be one of the supplier's people")],
        )
    return manager_id
