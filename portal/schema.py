"""The database's shape over time: bring it up to date, or say whether it is."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the missing migrations; two processes that start at once run them one after the other.

    Alembic starts an event loop of its own: from a coroutine, call this through `asyncio.to_thread`.
    """
    command.upgrade(configuration(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    command.downgrade(configuration(database_url), revision)


def drift(database_url: str) -> None:
    """Raise where the migrations do not lead to the tables that the code declares."""
    command.check(configuration(database_url))


def heads() -> frozenset[str]:
    """The newest revisions that this code brings along; more than one is a mistake."""
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())


async def is_current(database_url: str) -> bool:
    """True where `upgrade` would have nothing to do."""
    connection = await asyncpg.connect(database_url)
    try:
        known = await connection.fetch("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()
    return {row["version_num"] for row in known} == await asyncio.to_thread(heads)


def configuration(database_url: str) -> Config:
    """Alembic without its ini file; the address goes round it, because a % in a password means something there."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config
