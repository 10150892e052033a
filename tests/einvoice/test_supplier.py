import asyncio
import os
import sys
from collections.abc import Callable

import msgspec

from portal.db import supplier
from portal.db.pool import open_pool
from portal.db.supplier import Kept
from portal.db.work import Pool
from portal.settings import Settings
from tests.portals import Portal


async def test_a_fresh_database_knows_its_supplier(pool: Pool, settings: Settings) -> None:
    kept = await supplier.read(pool)

    assert kept is not None
    assert (kept.time_zone, kept.country) == ("Europe/London", "GB")
    assert kept.seller.party == settings.seller.party


async def test_the_last_word_of_who_serves_holds(pool: Pool, settings: Settings) -> None:
    moved = settings.replace(supplier_country="DE", supplier_time_zone="Europe/Berlin")

    await supplier.keep(pool, **moved.supplier)
    await supplier.begin(pool, **settings.supplier)

    kept = await supplier.read(pool)
    assert kept == Kept(**moved.supplier)


async def test_the_same_again_writes_nothing(pool: Pool, settings: Settings) -> None:
    await supplier.keep(pool, **settings.supplier)
    written = await pool.fetchval("select xmin::text from supplier")

    await supplier.keep(pool, **settings.supplier)

    assert await pool.fetchval("select xmin::text from supplier") == written


def test_a_portal_that_starts_says_who_bills(start_portal: Callable[..., Portal]) -> None:
    portal = start_portal(
        environment={"PORTAL_SUPPLIER_LEGAL_NAME": "Ours Ltd", "PORTAL_SUPPLIER_CITY": "York"}
    )

    async def kept() -> Kept | None:
        async with await open_pool(portal.database_url, size=1) as pool:
            return await supplier.read(pool)

    seen = asyncio.run(kept())
    assert seen is not None
    assert seen.seller == portal.settings.seller
    assert seen.seller.party.legal_name == "Ours Ltd"


async def test_migrating_says_who_bills_but_does_not_overrule_who_serves(
    pool: Pool, settings: Settings
) -> None:
    async def migrated(legal_name: str) -> str:
        named = settings.replace(
            supplier_party=msgspec.structs.replace(settings.supplier_party, legal_name=legal_name)
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portal", "migrate", env={**os.environ, **named.environment()}
        )
        assert await process.wait() == 0
        kept = await supplier.read(pool)
        assert kept is not None
        return str(kept.seller.party.legal_name)

    await pool.execute("delete from supplier")

    assert await migrated("First Ltd") == "First Ltd"
    assert await migrated("Second Ltd") == "First Ltd"
