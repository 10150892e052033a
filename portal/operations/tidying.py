"""What grows by itself is kept in bounds, and what waited too long is handed to a person."""

from datetime import datetime

import structlog

from portal.db.work import Pool

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
