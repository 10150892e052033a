"""The demo's story and the wholesale book beside it, told with the portal's own operations; twice adds nothing."""

from datetime import datetime
from typing import Any

from portal.db import notices
from portal.db.work import Pool, Work
from portal.operations import keeping_up, tokens
from portal.seed import book, cast, credit, story
from portal.seed.telling import Days
from portal.settings import Settings

ACCOUNT = "NORDWIND"


async def seed(pool: Pool, settings: Settings, now: datetime) -> dict[str, Any]:
    """Answers who can sign in, and fresh tokens: `{"users": [{email, password, role, account}], "tokens": {...}}`.

    Tokens are kept as hashes only, so each telling issues new ones and revokes those of the last.
    """
    if settings.is_production:
        raise ValueError("the story has known passwords: it is told in demo and test mode only")
    is_new = not await pool.fetchval("select exists (select from event)")
    await book.open_up(pool, settings, now)
    work = Work(pool, actor="demo")
    async with work:
        await story.tell(work, settings, Days.before(now, settings.supplier_time_zone, story.ENDS))
    await keeping_up.keep_up(pool, actor="demo")
    await credit.hand_over(work, settings)
    if is_new:
        async with work:
            await notices.skip_to_the_end(work.conn)
    return {"users": cast.users(), "tokens": await _issue(work, now)}


async def _issue(work: Work, now: datetime) -> dict[str, str]:
    issued = {}
    async with work:
        await work.conn.execute(
            "update token set revoked_at = $1 where name like 'demo %' and revoked_at is null", now
        )
        for name, account, scope in (("erp", None, "*"), ("buyer", ACCOUNT, "orders:read")):
            _, issued[name] = await tokens.issue(
                work, account=account, person=None, scopes=[scope], name=f"demo {name}", now=now
            )
    return issued
