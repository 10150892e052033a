"""Beginning to look as somebody, as an account manager does it at a browser."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest

REASON = "Call about the delayed seals"


def ask(portal: Portal, query: str, *values: object) -> list[asyncpg.Record]:
    """What stands in the portal's database, or is written there."""

    async def fetch() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(portal.database_url)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, fetch()).result()


def one(portal: Portal, query: str, *values: object) -> Any:
    return ask(portal, query, *values)[0][0]


def allow(portal: Portal, level: str, account: str = "NORDWIND") -> None:
    """The account says so, and those below it: the narrowest of them counts."""
    ask(portal, "update account set impersonation = $2 where path @> array[$1]", account, level)


def person(portal: Portal, email: str) -> str:
    return str(one(portal, "select id from person where email = $1", email))


def begin(jo: Guest, portal: Portal, whom: str = cast.PETRA, account: str = "NORDWIND", **more: str) -> Any:
    """Send the form of the page with which one begins; answers the answer."""
    path = f"/accounts/{account}/impersonate"
    form = re.search(r'name="form" value="([^"]+)"', jo.client.get(path).text)
    typed = {
        "person": person(portal, whom),
        "reason": REASON,
        "minutes": "30",
        "form": form[1] if form else "x",
    }
    return jo.post(path, seen_on=path, **(typed | more))


def looking(
    portal: Portal, who: str = cast.AMARA, whom: str = cast.PETRA, account: str = "NORDWIND"
) -> Guest:
    """Somebody who looks as somebody else, in a session of its own."""
    jo = cast.signed_in(portal, who)
    answer = begin(jo, portal, whom, account)
    assert answer.status_code == 303, answer.text
    return jo
