"""A standby serves lists, history, figures and files: never too old, never older than what one has just done, and when
it is away nobody notices."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from portal import schema
from portal.adapters.embedded import Postgres, only_here
from portal.adapters.replica import Replica
from portal.db.pool import open_pool
from portal.db.row_policies import ROLE
from portal.db.scoped import Readers
from tests.fire.machines import until
from tests.fire.shop import Shop
from tests.fixtures import supplier_token
from tests.many.standby import Standby, may_be_reached
from tests.portals import Portal, running
from tests.routes import cast
from tests.routes.cast import Guest
from tests.servers import CARELESS, PREFIX, Servers

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "a long password for everybody"
READ = re.compile(r'^portal_reads_that_may_be_late_total\{where="(\w+)"\} (\d+)', re.MULTILINE)


@dataclass
class Pair:
    """A primary and its standby, with a portal that has both."""

    primary: Postgres
    standby: Standby
    portal: Portal
    shop: Shop

    def read_from(self) -> dict[str, int]:
        """How many pages were read where, by the portal's own count."""
        text = httpx.get(f"{self.portal.base_url}/metrics", trust_env=False).text
        return {"standby": 0, "primary": 0} | {where: int(many) for where, many in READ.findall(text)}

    async def has_caught_up(self) -> None:
        """A page is read from the standby, and shows the newest order."""
        newest = self.shop.place(BOLT=1)["number"]

        async def shows() -> bool:
            before = self.read_from()["standby"]
            page = self.petra().client.get("/orders").text
            return newest in page and self.read_from()["standby"] > before

        await until(shows, "the standby has caught up")

    def petra(self) -> Guest:
        """In a browser that has changed nothing lately."""
        found = cast.at_home(self.portal, PETRA)
        found.client.cookies.delete("written") if "written" in found.client.cookies else None
        return found


PETRA, RITA = "petra@pair.example", "rita@stranger.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(servers: Servers) -> AsyncIterator[Pair]:
    with tempfile.TemporaryDirectory(prefix=PREFIX) as directory, only_here(Path(directory)):
        home = Path(directory)
        may_be_reached(home)
        primary = Postgres(home, options={**CARELESS, "full_page_writes": "on"})
        await primary.start()
        await asyncio.to_thread(schema.upgrade, primary.url)
        standby = Standby(primary, home)
        try:
            await standby.copy()
            await standby.start()
            (home / "portal").mkdir()
            with running(
                home=home / "portal",
                database_url=primary.url,
                valkey_url=servers.valkey_database(),
                issue_token=supplier_token,
                environment={"PORTAL_REPLICA_URL": standby.url, "PORTAL_REPLICA_LAG_SECONDS": "600"},
            ) as portal:
                yield Pair(primary, standby, portal, _shop(portal))
                await asyncio.to_thread(portal.check)
        finally:
            await standby.stop()
            await primary.stop()


def _shop(portal: Portal) -> Shop:
    shop = Shop(portal, "PAIR")
    shop.open("BOLT", on_hand=1000)
    shop.account("STRANGER")
    for account, email in (("BUYER", PETRA), ("STRANGER", RITA)):
        person = {"name": email.split("@")[0].title(), "roles": ["account_admin"], "password": PASSWORD}
        shop.put(f"/accounts/{shop.code(account)}/users/{email}", person)
    return shop


async def test_lists_files_and_history_come_from_the_standby_and_only_what_is_theirs(pair: Pair) -> None:
    await pair.has_caught_up()
    number = pair.shop.place(BOLT=2)["number"]
    petra, rita = pair.petra(), cast.signed_in(pair.portal, RITA)
    for path in ("/orders", "/arrivals", "/arrivals.csv", "/invoices", "/invoices.csv", "/returns", "/audit"):
        before = pair.read_from()
        assert petra.client.get(path).status_code == 200, path
        after = pair.read_from()
        assert after["standby"] > before["standby"], f"{path} may be late"
        assert after["primary"] == before["primary"], f"{path} may be late"

    async def is_shown() -> bool:
        return number in petra.client.get("/orders").text

    await until(is_shown, "it has come to the standby")
    assert number not in rita.client.get("/orders").text


async def test_whoever_has_changed_something_reads_it_and_others_may_be_late(pair: Pair) -> None:
    await pair.has_caught_up()
    petra = pair.petra()
    await pair.standby.hold()
    try:
        number = pair.shop.place(BOLT=3)["number"]
        assert number not in petra.client.get("/orders").text, "the standby does not know of it yet"
        assert petra.post("/today/visit").status_code == 303
        assert "written" in petra.client.cookies
        assert number in petra.client.get("/orders").text, "she has done something since"
        assert number not in pair.petra().client.get("/orders").text, "another browser has not"
    finally:
        await pair.standby.follow()

    async def reads_there_again() -> bool:
        before = pair.read_from()["standby"]
        found = petra.client.get("/orders").text
        return number in found and pair.read_from()["standby"] > before

    await until(reads_there_again, "the standby has come as far as what she has done")


async def test_while_the_standby_is_away_everything_is_read_where_it_is_written(pair: Pair) -> None:
    await pair.has_caught_up()
    petra = pair.petra()
    await pair.standby.stop()
    petra.client.follow_redirects = True
    number = pair.shop.place(BOLT=4)["number"]
    for _ in range(3):
        page = petra.client.get("/orders")
        assert page.status_code == 200, page.text
        assert number in page.text
    before = pair.read_from()["primary"]
    assert pair.petra().client.get("/arrivals").status_code == 200
    assert pair.read_from()["primary"] > before
    await pair.standby.start()
    await pair.has_caught_up()


class Clock:
    """Runs when it is told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest_asyncio.fixture(loop_scope="module")
async def readers(pair: Pair) -> AsyncIterator[tuple[Readers, Readers]]:
    pools = [
        await open_pool(url, size=2, least=0, role=role)
        for url in (pair.primary.url, pair.standby.url)
        for role in ("", ROLE)
    ]
    yield Readers(*pools[:2]), Readers(*pools[2:])
    for pool in pools:
        await pool.close()


async def test_what_is_older_than_the_limit_is_not_shown(
    pair: Pair, readers: tuple[Readers, Readers]
) -> None:
    primary, standby = readers
    clock = Clock()
    replica = Replica(primary, standby, most=5, now=clock)
    assert replica.readers(0) is primary, "nobody has looked yet"

    async def shows(seconds: float) -> bool:
        """Somebody looks, and looks again: it has what was written when the first did."""
        await replica.look()
        return replica.late_by is not None and replica.late_by <= seconds

    await until(lambda: shows(0), "it has everything")
    assert replica.readers(0) is standby
    await pair.standby.hold()
    try:
        pair.shop.place(BOLT=1)
        clock.time += 4
        await replica.look()
        assert replica.late_by == 4
        assert replica.readers(0) is standby
        clock.time += 2
        await replica.look()
        assert replica.late_by == 6
        assert replica.readers(0) is primary, "too old"
    finally:
        await pair.standby.follow()
    await until(lambda: shows(0), "it has caught up")
    assert replica.readers(0) is standby
    assert replica.readers(replica.replayed + 1) is primary, "somebody has written more than that"


async def test_a_primary_is_never_taken_for_a_standby(pair: Pair, readers: tuple[Readers, Readers]) -> None:
    primary, _ = readers
    replica = Replica(primary, primary, most=5, now=Clock())
    for _ in range(3):
        await replica.look()
    assert replica.late_by is None
