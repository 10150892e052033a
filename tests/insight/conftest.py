"""Somebody of the supplier's, before the pages of figures."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
from argon2 import PasswordHasher

from tests.portals import Portal
from tests.routes import cast


def staff(portal: Portal) -> cast.Guest:
    """Dev of operations, signed in."""

    async def put() -> None:
        connection = await asyncpg.connect(portal.database_url)
        await connection.execute(
            "insert into person (email, name, password_hash, supplier_roles) values ($1, 'Dev Patel', $2, $3)",
            cast.DEV,
            PasswordHasher().hash(cast.PASSWORD),
            [cast.ROLES[cast.DEV]],
        )
        await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, put()).result()
    return cast.signed_in(portal, cast.DEV)
