"""What grows by itself is kept in bounds, and what waited too long is handed to a person."""

from datetime import datetime
from typing import cast

import structlog

from portal.db import delivery_results, entries, health, impersonations, logins, parts
from portal.db.work import Connection, Pool

log = structlog.get_logger()


async def forget_answers(pool: Pool, *, before: datetime) -> None:
    """Answers to Idempotency-Keys that are older than keys are kept."""
    async with pool.acquire() as conn:
        await conn.execute("delete from answer where at < $1", before)


async def open_cases(pool: Pool, *, before: datetime, now: datetime) -> int:
    """Messages whose subject never became known become cases for a person; answers how many."""
    async with pool.acquire() as conn:
        rows = await conn.fetch(
            """update parked_message set state = 'case', settled_at = $2,
                   problem = 'what it speaks of did not become known within 7 days'
               where state = 'parked' and parked_at < $1 returning id, subject, subject_key""",
            before,
            now,
        )
    for row in rows:
        log.warning(
            "a parked message became a case", id=row["id"], subject=row["subject"], key=row["subject_key"]
        )
    return len(rows)


async def forget_mails(pool: Pool, *, before: datetime) -> None:
    """What was mailed long ago, with what it told. An address that it may still come back from is not needed then."""
    async with pool.acquire() as conn:
        await conn.execute(
            "delete from mail where state in ('sent', 'dropped', 'failed') and created_at < $1", before
        )


async def forget_deliveries(pool: Pool, *, attempts_before: datetime, deliveries_before: datetime) -> None:
    """What was sent and answered, and what was told long ago. What still waits is never forgotten."""
    async with pool.acquire() as conn:
        await delivery_results.forget(
            cast("Connection", conn), attempts_before=attempts_before, deliveries_before=deliveries_before
        )


async def keep_parts(pool: Pool, *, attempts_before: datetime) -> None:
    """Room ahead for what is written for ever, and what was tried long ago is thrown away by the part: what is left of
    it in the part that is written to goes row by row."""
    async with pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        for table in parts.OWN:
            for name in await parts.look_ahead(conn, table):
                log.info("a part was made", part=name)
        for name in await parts.drop_old(conn, "delivery_attempt", attempts_before):
            log.info("a part was thrown away", part=name)


async def forget_entries(pool: Pool, *, before: datetime) -> None:
    """Sign-ins that ended, and keys in mails that were good, long ago."""
    async with pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        await logins.forget(conn, before)
        await entries.forget(conn, before)


async def forget_logs(pool: Pool, *, before: datetime) -> None:
    """Who looked as whom, and which alerts were over, long ago."""
    async with pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        await impersonations.forget(conn, before)
        await health.forget(conn, before)
