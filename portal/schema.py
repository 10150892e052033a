"""The database's shape over time: bring it up to date, or say whether it is.

Alembic is imported only where something migrates: every web process asks which revision it needs, and would wait.
"""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"
REVISION = re.compile(r'^(?P<name>revision|down_revision)\b[^=]*= (?:"(?P<value>[^"]+)"|None)', re.MULTILINE)


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the missing migrations; two processes that start at once run them one after the other.

    Alembic starts an event loop of its own: from a coroutine, call this through `asyncio.to_thread`.
    """
    from alembic import command

    command.upgrade(configuration(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    from alembic import command

    command.downgrade(configuration(database_url), revision)


def drift(database_url: str) -> None:
    """Raise where the migrations do not lead to the tables that the code declares."""
    from alembic import command

    command.check(configuration(database_url))


def heads() -> frozenset[str]:
    """The newest revisions that this code brings along; more than one is a mistake."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (MIGRATIONS / "versions").glob("*.py"):
        for found in REVISION.finditer(path.read_text()):
            if found["value"]:
                named[found["name"]].add(found["value"])
    return frozenset(named["revision"] - named["down_revision"])


def knows(revision: str) -> bool:
    """Whether this code brings the revision along; one that it does not know was made by a newer program."""
    return any((MIGRATIONS / "versions").glob(f"{revision}_*.py"))


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


def configuration(database_url: str) -> "Config":
    """Alembic without its ini file; the address goes round it, because a % in a password means something there."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config
