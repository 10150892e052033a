"""Take over a file of wholesale orders: stage it, write what is new, supply and plan what is open.

Run again it changes nothing; run again after it was killed it goes on where it stopped. Times of the file are told by
the clock on the supplier's wall, and are kept. `later` moves them all, for a demonstration that is to look like today.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg

from portal import clock, schema
from portal.clock import utc_now
from portal.db.pool import prepare
from portal.db.work import Connection, Pool, Work
from portal.importing import deliveries, staging, supplying, warehouses, writing
from portal.importing.progress import Progress, silent
from portal.importing.reading import CannotImport
from portal.importing.report import LeftOutFile, Report, place_beside
from portal.settings import Settings

ACTOR = "import"
# A file of any size is put together in a few statements: they may take longer than a page's.
STATEMENT_SECONDS = 3600
SESSION = {
    "application_name": "portal import",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": "10000",
    "temp_buffers": "64MB",
    "work_mem": "32MB",
}


class NotReady(CannotImport):
    """The database is not up to date, or another import is at work on it."""


async def import_orders(
    pool: Pool,
    settings: Settings,
    file: Path,
    *,
    supply: Path | None = None,
    report: Path | None = None,
    later: timedelta = timedelta(),
    progress: Progress = silent,
) -> Report:
    """Take over `file`; `report` lists the rows that are left out, by default beside it.

    `supply` is a file of supplier deliveries, by default the excerpt that the portal brings along. Raises `BadFile`
    before anything is written when either file is no good.
    """
    began = time.monotonic()
    listed = report or place_beside(file)
    told = Report(file, left_out_file=listed)
    pattern = deliveries.read(supply)
    if not await schema.is_current(settings.database_url):
        raise NotReady("The database is not up to date: run `python -m portal migrate` first.")
    async with _alone(settings.database_url) as conn:
        if settings.has_simulated_clock:
            await clock.refresh(conn)
        with LeftOutFile(listed) as left_out:
            await staging.stage(
                conn,
                file,
                left_out,
                told,
                zone=settings.supplier_time_zone,
                now=utc_now(),
                later=later,
                progress=_stage(progress, "Reading"),
            )
        work = Work(_OneConnection(conn), actor=ACTOR)  # type: ignore[arg-type] # all that a unit of work asks of a pool
        async with work:
            await warehouses.put_missing(work)
        await writing.write_named(work, settings)
        await writing.write_orders(work, settings, _stage(progress, "Writing orders"))
        await supplying.supply_and_plan(Work(pool, actor=ACTOR), pattern, _stage(progress, "Planning"))
    told.seconds = time.monotonic() - began
    return told


@asynccontextmanager
async def _alone(database_url: str) -> AsyncIterator[Connection]:
    """A connection of its own: what is staged on it is gone with it. Two imports at once would undo each other."""
    conn = await asyncpg.connect(
        database_url,
        server_settings={**SESSION, "statement_timeout": str(STATEMENT_SECONDS * 1000)},
        command_timeout=STATEMENT_SECONDS,
    )
    try:
        await prepare(conn)
        # One that was killed a moment ago may still hold the lock until the server notices.
        await conn.execute("select pg_advisory_lock(hashtext('portal import'))")
        yield conn
    except asyncpg.LockNotAvailableError:
        raise NotReady("Another import is at work on this database: let it end, then start again.") from None
    finally:
        await conn.close(timeout=5)


class _OneConnection:
    """A pool of the one connection on which the rows are staged."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn

    async def acquire(self) -> Connection:
        return self.conn

    async def release(self, conn: Connection) -> None:
        """It stays open: the staged rows live on it."""


def _stage(progress: Progress, name: str) -> Callable[[int, int], None]:
    return lambda done, of: progress(name, done, of)
