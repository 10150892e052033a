"""A company with a buyer, an admin and a manager at the supplier's, in a portal without a worker."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from tests.calendar.conftest import field
from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import World

PATH = "/settings/notifications"


@dataclass
class House:
    world: World

    def guest(self, email: str = cast.PETRA) -> Guest:
        return cast.at_home(self.world.portal, email)

    def page(self, email: str = cast.PETRA) -> str:
        return self.guest(email).client.get(PATH).text

    def send(self, path: str = PATH, email: str = cast.PETRA, **said: str) -> str:
        """Send a form of the page; answers the page that follows."""
        guest = self.guest(email)
        text = guest.client.get(PATH).text
        form = {"_csrf": field(text, "_csrf"), "form": field(text, "form"), **said}
        answer = guest.client.post(path, data=form, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        async def fetch() -> list[dict[str, Any]]:
            conn = await asyncpg.connect(self.world.portal.database_url)
            found = [dict(row) for row in await conn.fetch(sql, *values)]
            await conn.close()
            return found

        found: list[dict[str, Any]] = now(fetch())
        return found

    def person(self, email: str = cast.PETRA) -> dict[str, Any]:
        return self.rows("select * from person where email = $1", email)[0]

    def mailed(self, key: str, email: str = cast.PETRA) -> int:
        """A mail to them that left the house; its number."""
        sql = """insert into mail (key, kind, person_id, account, data, state, due_at, sent_at)
                 values ($1, 'test', $2, 'NORDWIND', '{}', 'sent', now(), now()) returning id"""
        found: int = self.rows(sql, key, self.person(email)["id"])[0]["id"]
        return found


@pytest.fixture(scope="module")
def house(portal: Portal) -> House:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.account("NORDWIND")
    for email, role in ((cast.PETRA, "buyer"), (cast.ROBIN, "reader")):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/NORDWIND/users/{email}", person)
    now(employ(portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    return House(world)
