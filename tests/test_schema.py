import asyncio
import os
import sys

import asyncpg
import pytest

from portal import schema
from tests.servers import Servers, named


@pytest.fixture
async def empty(servers: Servers) -> str:
    connection = await asyncpg.connect(servers.database_url)
    name = "empty_for_migrations"
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.execute(f"create database {name}")
    await connection.close()
    return named(servers.database_url, name)


async def shape(url: str) -> set[tuple[str, str, str]]:
    connection = await asyncpg.connect(url)
    columns = await connection.fetch(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
    )
    await connection.close()
    return {tuple(row) for row in columns if row["table_name"] != "alembic_version"}


async def test_there_is_one_newest_revision() -> None:
    assert len(schema.heads()) == 1


@pytest.mark.filterwarnings("ignore:.*operator clause")  # of such an index only the columns are compared
async def test_the_migrations_make_what_the_code_declares(database: str) -> None:
    await asyncio.to_thread(schema.drift, database)


async def test_migrations_go_up_and_all_the_way_down_and_up_again(empty: str) -> None:
    assert not await schema.is_current(empty)
    await asyncio.to_thread(schema.upgrade, empty)
    first = await shape(empty)

    await asyncio.to_thread(schema.downgrade, empty, "base")
    assert await shape(empty) == set()

    await asyncio.to_thread(schema.upgrade, empty)
    assert await shape(empty) == first
    assert await schema.is_current(empty)


async def test_processes_that_migrate_at_once_take_turns(empty: str) -> None:
    run = ("-m", "portal", "migrate")
    environment = {**os.environ, "PORTAL_DATABASE_URL": empty}
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, *run, env=environment) for _ in range(3)
    ]

    assert [await process.wait() for process in processes] == [0, 0, 0]
    assert await schema.is_current(empty)


def test_the_revision_that_a_web_process_needs_is_the_one_that_alembic_leads_to() -> None:
    """It is read from the files, so that no web process has to load Alembic."""
    from alembic.script import ScriptDirectory

    assert schema.heads() == frozenset(ScriptDirectory(str(schema.MIGRATIONS)).get_heads())
