"""How Alembic reaches the database: asyncpg, one migration run at a time, no waiting for locks while others work."""

import asyncio
import os
import time

import asyncpg
from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from portal.db.tables import metadata
from portal.db.tables.events import Xid8

ONE_AT_A_TIME = 5_862_310_417
LOCK_LIMIT = "5s"
BETWEEN_LOOKS = 0.1

# For comparing with a database: SQLAlchemy does not know this type of PostgreSQL's.
ischema_names["xid8"] = Xid8


def database_url() -> str:
    url = context.config.attributes.get("database_url") or os.environ.get("PORTAL_DATABASE_URL", "")
    if not url:
        raise SystemExit("Set PORTAL_DATABASE_URL to the database that shall be migrated.")
    return str(url)


def migrate(connection: Connection) -> None:
    _take_turn(connection)
    connection.execute(text("select set_config('lock_timeout', :limit, false)"), {"limit": LOCK_LIMIT})
    connection.commit()
    try:
        # One transaction a migration: what is done stays done, and an index may be built outside of one.
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": ONE_AT_A_TIME})
        connection.commit()


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
