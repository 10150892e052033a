"""An import that is killed and run again ends where one that was left alone does."""

import asyncio
import os
import signal
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool
from portal.operations import checking
from portal.settings import Settings
from tests.importing.files import book

# Small batches, so that there is a middle; each stage is told as it comes.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from portal.db.pool import open_pool
from portal.importing import import_orders, writing
from portal.settings import Settings

async def run():
    settings = Settings.from_env()
    async with await open_pool(settings.database_url) as pool:
        await import_orders(pool, settings, Path(sys.argv[1]), report=Path(sys.argv[2]),
            progress=lambda stage, done, of: print(stage, done, flush=True))

writing.ORDERS_PER_BATCH = 20
asyncio.run(run())
"""


async def _start(settings: Settings, file: Path, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(file),
        str(folder / "left-out.csv"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **settings.environment()},
    )


async def _kill_at(process: asyncio.subprocess.Process, stage: str) -> None:
    assert process.stdout is not None
    async for told in process.stdout:
        if told.decode().startswith(stage):
            break
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL


@pytest.mark.slow
async def test_a_killed_import_goes_on_where_it_stopped(
    pool: Pool, settings: Settings, database: str, servers: object, tmp_path: Path
) -> None:
    with as_file(files("portal.seed") / "data" / "wholesale-excerpt.csv.gz") as file:
        for stage in ("Reading", "Writing orders 0", "Writing orders 60", "Writing orders 120", "Planning 0"):
            await _kill_at(await _start(settings, file, tmp_path), stage)
            assert await checking.broken_laws(pool) == []
        assert await pool.fetchval("select count(*) from orders") > 100
        process = await _start(settings, file, tmp_path)
        assert process.stdout is not None
        await process.stdout.read()
        assert await process.wait() == 0

        left_alone = await servers.create_database()  # type: ignore[attr-defined]
        process = await _start(settings.replace(database_url=left_alone), file, tmp_path)
        await process.stdout.read()
        assert await process.wait() == 0
    async with await open_pool(left_alone) as other:
        expected = await book(other)
    await servers.drop_database(left_alone)  # type: ignore[attr-defined]
    found = await book(pool)
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert await checking.broken_laws(pool) == []
