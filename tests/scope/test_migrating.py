"""Tables that are filled get their policies while they are in use, by whoever owns them, and lose them again."""

import asyncio
import secrets
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from portal import schema
from portal.db.pool import open_pool
from portal.db.row_policies import FROM_PARENT, ROLE
from portal.db.scoped import reading
from portal.domain.access import Viewer
from portal.settings import Settings
from tests.servers import Servers

BEFORE = "0012"
HULL = Viewer("leah", "Leah", ("NORDWIND-HULL",), frozenset({"orders:read"}))


async def orders_of_hull(url: str) -> int:
    async with await open_pool(url, role=ROLE, size=1) as buyers, reading(buyers, HULL) as conn:
        return int(await conn.fetchval("select count(*) from orders"))


async def test_what_is_there_already_is_given_its_account(book: Settings) -> None:
    url = book.database_url
    seen = await orders_of_hull(url)
    assert seen

    await asyncio.to_thread(schema.downgrade, url, BEFORE)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await orders_of_hull(url)
    await asyncio.to_thread(schema.upgrade, url)

    assert await orders_of_hull(url) == seen
    connection = await asyncpg.connect(url)
    for name, parent in FROM_PARENT.items():
        wrong = await connection.fetchval(
            f"""select count(*) from {name} c join {parent.table} p on p.{parent.key} = c.{parent.column}
                where c.{parent.into} is distinct from p.{parent.account}"""
        )
        assert not wrong, name
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("update invoice_tax set account = 'SOMEBODY-ELSE'")
    await connection.close()


async def test_an_owner_who_may_make_no_roles_is_told_what_an_administrator_has_to_do(
    servers: Servers,
) -> None:
    name = f"poor_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute(f"create role {name} login password '{name}'")
    await admin.execute(f"create database {name} owner {name}")
    parts = urlsplit(servers.database_url)
    place = parts.netloc.rpartition("@")[2]
    url = urlunsplit(parts._replace(netloc=f"{name}:{name}@{place}", path=f"/{name}"))
    try:
        with pytest.raises(DBAPIError, match="must be able to become"):
            await asyncio.to_thread(schema.upgrade, url)
        await admin.execute(f"grant {ROLE} to {name}")
        await asyncio.to_thread(schema.upgrade, url)
        assert await orders_of_hull(url) == 0
    finally:
        await admin.execute(f"drop database {name} with (force)")
        await admin.execute(f"drop owned by {name}")
        await admin.execute(f"drop role {name}")
        await admin.close()
