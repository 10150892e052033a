"""What the supplier does about an account's own sign-in: agree to its mail domains, and open a way back in for people
whom their provider has locked out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.db import providers
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden
from portal.operations.providing import own, standing_of
from portal.operations.sign_ins_told import changed

# So long the people of an account that is locked out may come in by other ways.
WAY_BACK = timedelta(hours=24)
HELPS = "sign_in:help"


async def confirm(work: Work, viewer: Viewer, account: str, domains: Sequence[str]) -> None:
    """The supplier agrees that these mail domains are the company's."""
    _ours(viewer)
    standing = await standing_of(work, account)
    if not domains or any(one not in standing.domains for one in domains):
        raise Conflict("The account has named other domains meanwhile. Look at them again.")
    if not (news := [one for one in standing.unconfirmed if one in domains]):
        return
    await _refuse_taken_since(work, account, news)
    await work.conn.execute(
        "update identity_provider set confirmed_domains = $2 where account = $1",
        account,
        [one for one in standing.domains if one in standing.confirmed_domains or one in news],
    )
    await changed(work, viewer, account, "confirmed", {"domains": news})


async def _refuse_taken_since(work: Work, account: str, domains: Sequence[str]) -> None:
    if claimed := await providers.claimed(work.conn, account, domains):
        raise Conflict(f"{', '.join(claimed)} is in use by somebody else here.")


async def open_way_back(work: Work, viewer: Viewer, account: str) -> datetime:
    """For a day the account's people come in by passwords and passkeys, too; answers until when."""
    _ours(viewer)
    standing = await standing_of(work, account)
    if not (standing.active and standing.is_only_way):
        raise Conflict("Its people can sign in by other ways already.")
    until = work.now + WAY_BACK
    await work.conn.execute("update identity_provider set open_until = $2 where account = $1", account, until)
    await changed(work, viewer, account, "way_back", {"until": until})
    return until


async def close_way_back(work: Work, viewer: Viewer, account: str) -> None:
    """The account gets on by its provider alone again: the supplier says so, or the account."""
    if viewer.is_supplier:
        _ours(viewer)
    else:
        await own(work, viewer, account)
    standing = await standing_of(work, account)
    if standing.open_until is None or standing.open_until <= work.now:
        return
    await work.conn.execute("update identity_provider set open_until = null where account = $1", account)
    await changed(work, viewer, account, "way_back_closed", {})


def _ours(viewer: Viewer) -> None:
    if not viewer.is_supplier:
        raise Forbidden("This is for the supplier to say.")
    viewer.need(HELPS)
