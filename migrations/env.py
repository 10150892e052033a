"""How Alembic reaches the database: asyncpg, one migration run at a time, no waiting for locks while others work."""

import asyncio
import os
import re
import time
from typing import Any

import asyncpg
from alembic import context
from sqlalchemy import Connection, event, pool, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from portal.db.tables import metadata
from portal.db.tables.events import Xid8

ONE_AT_A_TIME = 5_862_310_417
# Whoever waits for a lock on a table holds up everybody who comes after: so not for long, and then once more. An index
# that is built beside other work holds up nobody, and waits as long as it has to.
LOCK_LIMIT = "800ms"
MOST_TRIES = 60
BETWEEN_TRIES = 1.0
BETWEEN_LOOKS = 0.1
LOCKED = {asyncpg.LockNotAvailableError.sqlstate, asyncpg.DeadlockDetectedError.sqlstate}
PART = re.compile(r"\w+_from_\d+")
BESIDE_OTHERS = "INDEX CONCURRENTLY"
UNFINISHED = """
select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid
where not i.indisvalid and c.relnamespace = 'public'::regnamespace
"""

# For comparing with a database: SQLAlchemy does not know this type of PostgreSQL's.
ischema_names["xid8"] = Xid8


def database_url() -> str:
    url = context.config.attributes.get("database_url") or os.environ.get("PORTAL_DATABASE_URL", "")
    if not url:
        raise SystemExit("Set PORTAL_DATABASE_URL to the database that shall be migrated.")
    return str(url)


def migrate(connection: Connection) -> None:
    _take_turn(connection)
    event.listen(connection, "before_cursor_execute", _be_patient)
    event.listen(connection, "after_cursor_execute", _be_quick_again)
    try:
        for tries in range(1, MOST_TRIES + 1):
            try:
                _run_all(connection)
                break
            except DBAPIError as problem:
                connection.rollback()
                if not _was_locked(problem) or tries == MOST_TRIES:
                    raise
                time.sleep(BETWEEN_TRIES)
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": ONE_AT_A_TIME})
        connection.commit()


def _run_all(connection: Connection) -> None:
    """One transaction a migration: what is done stays done, and an index may be built outside of one."""
    connection.execute(text("select set_config('lock_timeout', :limit, false)"), {"limit": LOCK_LIMIT})
    unfinished = connection.scalars(text(UNFINISHED)).all()
    connection.commit()
    for index in unfinished:
        # Whoever built it was killed: it would count as there, and serve nobody.
        connection.execute(text(f"drop index {index}"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        include_object=_is_declared,
    )
    with context.begin_transaction():
        context.run_migrations()


def _is_declared(found: Any, name: str | None, kind: str, *_: Any) -> bool:
    """The parts of a table are made as it grows, and declared nowhere; nor are the references to them."""
    if kind == "foreign_key_constraint":
        name = found.elements[0].target_fullname.rpartition(".")[0]
    elif kind != "table":
        return True
    return PART.fullmatch(name or "") is None


def _be_patient(_: Connection, cursor: Any, statement: str, *__: Any) -> None:
    if BESIDE_OTHERS in statement:
        cursor.execute("set lock_timeout = 0")


def _be_quick_again(_: Connection, cursor: Any, statement: str, *__: Any) -> None:
    if BESIDE_OTHERS in statement:
        cursor.execute(f"set lock_timeout = '{LOCK_LIMIT}'")


def _was_locked(problem: DBAPIError) -> bool:
    """Somebody reads or writes for longer than others can be made to wait (a backup, a long report), or waits for us."""
    return getattr(problem.orig, "sqlstate", None) in LOCKED


def _take_turn(connection: Connection) -> None:
    """Ask again and again: an index that is built beside other work waits for every statement that is under way,
    so one that waited for this lock would hold up the migration that holds it."""
    while not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": ONE_AT_A_TIME}):
        connection.commit()
        time.sleep(BETWEEN_LOOKS)


async def run() -> None:
    url = database_url()
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        target_metadata=metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    context.execute(f"SET lock_timeout = '{LOCK_LIMIT}'")
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(run())
