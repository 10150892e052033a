"""The seeded book, as the role of buyers' connections sees it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import asyncpg
import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool
from portal.seed import seed
from portal.settings import Settings
from tests.servers import Servers

READY = r"""
update invoice_document set state = 'ready', profile = 'en16931', pdf = '\x25', pdf_sha256 = '\x01', cii = '\x3c',
    ubl = '\x3c', made_at = now()
where state = 'waiting'
"""


@pytest.fixture(scope="module")
def book(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    url = asyncio.run(servers.create_database())
    settings = Settings.from_env(
        {
            "PORTAL_MODE": "test",
            "PORTAL_HOME": str(tmp_path_factory.mktemp("scope")),
            "PORTAL_DATABASE_URL": url,
            "PORTAL_VALKEY_URL": servers.valkey_database(),
            "PORTAL_API_REQUESTS_PER_MINUTE": "1000000",
        }
    )
    asyncio.run(_tell(settings))
    yield settings
    asyncio.run(servers.drop_database(url))


async def _tell(settings: Settings) -> None:
    async with await open_pool(settings.database_url) as pool:
        await seed(pool, settings, datetime.now(UTC))
        # No worker makes the papers here, and nobody is to wait for one.
        await pool.execute(READY)


@pytest.fixture
async def pool(book: Settings) -> AsyncIterator[Pool]:
    async with await open_pool(book.database_url) as pool:
        yield pool


@pytest.fixture
async def owner(book: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the tables' owner, in a transaction that is undone."""
    connection = await asyncpg.connect(book.database_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()
