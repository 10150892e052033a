"""The release before this one and this one, side by side on one database, while it is brought up to date under load.

Nobody's request fails but such as a client repeats, nobody waits for a lock of the migrations for a second, and whoever
is signed in stays so, on either.
"""

import asyncio
import io
import os
import random
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from portal.settings import Settings
from tests.fire.shop import ADDRESS, Ask, client, post, put, send
from tests.fixtures import _now
from tests.portals import Portal, _wait_until_ready
from tests.routes import cast
from tests.scenarios.driver import World
from tests.servers import Servers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
# The release before this one.
BEFORE = "cd08997"
# Nobody waits longer for a lock that a migration holds, or waits for itself.
LONGEST_WAIT = 1.0
AT_A_TIME = 3
PATIENCE = 120
# Who waits for somebody who is not the portal, which is the migration, and since when.
WAITS = """
select coalesce(max(extract(epoch from clock_timestamp() - l.waitstart)), 0)::float8
from pg_locks l join pg_stat_activity w on w.pid = l.pid and w.application_name = 'portal'
where not l.granted and exists (
    select from unnest(pg_blocking_pids(l.pid)) b(pid) join pg_stat_activity a on a.pid = b.pid
    where a.application_name <> 'portal' and a.datname = current_database())
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of that release, with what is built from it."""
    found = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, check=False, capture_output=True)
    if found.returncode:
        pytest.skip(f"the history of this checkout does not go back to {BEFORE}")
    place = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(place, filter="data")
    (place / "node_modules").symlink_to(ROOT / "node_modules")
    subprocess.run([sys.executable, "-m", "portal", "assets"], cwd=place, check=True, capture_output=True)
    return place


@dataclass
class Upgrade:
    """`sides` are the portals that answer at present; both stand on one database."""

    before: Path
    old: Portal
    new: Portal
    sides: list[Portal] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    asked: int = 0
    again: int = 0
    waited: float = 0

    async def insist(self, ask: Ask) -> dict[str, object]:
        """With the same key, on whichever side there is room."""
        while True:
            side = random.choice(self.sides)
            try:
                async with client(side) as sender:
                    answer = await send(sender, ask)
            except httpx.TransportError:
                self.again += 1
                continue
            if answer.is_success:
                self.asked += 1
                told: dict[str, object] = answer.json()
                return told
            may_be_repeated = answer.status_code == 503 or "still running" in answer.text
            assert may_be_repeated, f"{side.log.name}: {ask.method} {ask.path}: {answer.text}"
            self.again += 1
            await asyncio.sleep(0.05)

    async def trade(self, name: str) -> None:
        """What a day is made of, each step on either side."""
        lines = [{"sku": "BOLT", "quantity": "3"}, {"sku": "NUT", "quantity": "1"}]
        order = await self.insist(post("/orders", {"account": "NORDWIND", "lines": lines}, f"place {name}"))
        number = str(order["number"])
        self.placed.add(number)
        part = {"location": "MAIN", "lines": [{"line": 1, "quantity": "2"}]}
        await self.insist(post(f"/orders/{number}/shipments", part, f"ship {name}"))
        gone = {"lines": [{"line": 2, "quantity": "1"}]}
        await self.insist(post(f"/orders/{number}/cancellations", gone, f"cancel {name}"))
        await self.insist(Ask("GET", f"/orders/{number}"))
        await self.insist(Ask("GET", "/events?limit=50"))
        user = {"name": f"Buyer {name}", "roles": ["buyer"]}
        await self.insist(put(f"/accounts/NORDWIND/users/{name}@nordwind.example", user))

    async def trade_on(self, is_over: asyncio.Event, who: int) -> None:
        number = 0
        while not is_over.is_set():
            await self.trade(f"{who}-{number}")
            number += 1

    async def watch_locks(self, is_over: asyncio.Event) -> None:
        conn = await asyncpg.connect(self.new.database_url)
        try:
            while not is_over.is_set():
                self.waited = max(self.waited, await conn.fetchval(WAITS))
                await asyncio.sleep(0.02)
        finally:
            await conn.close()

    async def more(self, many: int) -> None:
        wanted = self.asked + many
        async with asyncio.timeout(PATIENCE):
            while self.asked < wanted:  # noqa: ASYNC110 (requests have no event)
                await asyncio.sleep(0.05)


def run(tree: Path, settings: Settings, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **settings.environment()},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def upgrade(before: Path, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    home = tmp_path_factory.mktemp("portal")
    database, valkey = _now(empty(servers)), servers.valkey_database()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        sides = []
        for listener in (one, other):
            port = listener.getsockname()[1]
            settings = Settings.from_env(
                {
                    "PORTAL_MODE": "test",
                    "PORTAL_HOME": str(home),
                    "PORTAL_PORT": str(port),
                    "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
                    "PORTAL_DATABASE_URL": database,
                    "PORTAL_VALKEY_URL": valkey,
                    "PORTAL_LOG_LEVEL": "warning",
                }
            )
            sides.append((settings, listener))
        run(before, sides[0][0], "-m", "portal", "migrate")
        issue = f"from tests.fixtures import supplier_token; print(supplier_token({database!r}))"
        token = run(before, sides[0][0], "-c", issue)
        old, new = (
            Portal(settings=settings, erp_token=token, log=home / f"{name}.log", listener=listener)
            for name, (settings, listener) in zip(("old", "new"), sides, strict=True)
        )
        try:
            yield Upgrade(before, old, new)
        finally:
            old.stop()
            new.stop()
            _now(servers.drop_database(database))


async def empty(servers: Servers) -> str:
    """A database without tables."""
    url = await servers.create_database()
    conn = await asyncpg.connect(url)
    await conn.execute("drop schema public cascade; create schema public")
    await conn.close()
    return url


def start_old(upgrade: Upgrade) -> None:
    listener = upgrade.old.listener
    assert listener is not None
    handle = listener.fileno()
    upgrade.old.start("serve", "--fd", str(handle), pass_fds=[handle], cwd=upgrade.before)
    upgrade.old.start("worker", cwd=upgrade.before)
    _wait_until_ready(upgrade.old)
    upgrade.sides = [upgrade.old]


def test_old_and_new_work_side_by_side_while_the_database_is_brought_up_to_date(upgrade: Upgrade) -> None:
    start_old(upgrade)
    world = World(upgrade.old, now=None)
    world.shop({"BOLT": 1_000_000, "NUT": 1_000_000})
    world.account("NORDWIND")
    address = {"code": "HULL", "name": "Hull", "address": ADDRESS}
    world.put("accounts/NORDWIND", {"name": "Nordwind", "currency": "GBP", "ship_tos": [address]})
    petra = {"name": "Petra", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/NORDWIND/users/{cast.PETRA}", petra)
    on_old = cast.signed_in(upgrade.old, cast.PETRA)

    asyncio.run(go_through_it(upgrade))

    # As she was signed in on the old one, and the other way round.
    on_new = cast.guest(upgrade.new)
    on_new.client.cookies.update(on_old.client.cookies)
    assert on_new.client.get("/orders").status_code == 200
    back = cast.guest(upgrade.old)
    back.client.cookies.update(cast.signed_in(upgrade.new, cast.PETRA).client.cookies)
    assert back.client.get("/orders").status_code == 200

    for process in upgrade.old.processes:
        process.send_signal(signal.SIGTERM)
    assert {process.wait(30) for process in upgrade.old.processes} <= {0, -signal.SIGTERM}
    upgrade.new.check()
    listed = {order["number"] for order in all_orders(upgrade.new)}
    assert listed == upgrade.placed, "each was placed once"
    assert upgrade.waited < LONGEST_WAIT
    sequences = [event["sequence"] for event in World(upgrade.new, now=None).feed("NORDWIND")]
    assert sequences == list(range(1, len(sequences) + 1))
    print(
        f"{upgrade.asked} requests, {upgrade.again} asked again; the longest wait for a lock of the migrations: "
        f"{upgrade.waited:.2f} s"
    )


async def go_through_it(upgrade: Upgrade) -> None:
    is_over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(upgrade.watch_locks(is_over))
        for who in range(AT_A_TIME):
            tasks.create_task(upgrade.trade_on(is_over, who))
        await upgrade.more(15)
        await asyncio.to_thread(run, ROOT, upgrade.new.settings, "-m", "portal", "migrate")
        await upgrade.more(8)
        # By this thread: they end with the one that started them.
        upgrade.new.serve()
        upgrade.new.start("worker")
        await asyncio.to_thread(_wait_until_ready, upgrade.new)
        upgrade.sides = [upgrade.old, upgrade.new]
        await upgrade.more(25)
        upgrade.sides = [upgrade.new]
        await upgrade.more(8)
        is_over.set()


def all_orders(portal: Portal) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    cursor = ""
    while True:
        page = portal.erp.get(
            "/orders", params={"limit": 200, **({"cursor": cursor} if cursor else {})}
        ).json()
        found += page["items"]
        cursor = page.get("next_cursor") or page.get("next") or ""
        if not cursor:
            return found


def test_a_reader_who_takes_long_holds_up_the_migrations_and_not_everybody(servers: Servers) -> None:
    """A backup reads all tables for hours. Whoever waits for it with a lock in hand would stop the shop: so the
    migrations give up soon, let the others pass, and try again."""
    url = _now(empty(servers))
    settings = Settings.from_env({"PORTAL_MODE": "test", "PORTAL_DATABASE_URL": url})
    try:
        run(ROOT, settings, "-c", f"from portal import schema; schema.upgrade({url!r}, '0011')")
        waited, migrated = asyncio.run(with_a_reader(url, settings))
        assert waited < LONGEST_WAIT
        assert migrated
    finally:
        _now(servers.drop_database(url))


async def with_a_reader(url: str, settings: Settings) -> tuple[float, bool]:
    reader, writer = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        backup = reader.transaction()
        await backup.start()
        await reader.execute("select from event")
        migrating = threading.Thread(target=run, args=(ROOT, settings, "-m", "portal", "migrate"))
        migrating.start()
        slowest, loop = 0.0, asyncio.get_running_loop()
        # Long enough for the migrations to have waited in vain.
        until = loop.time() + 5
        while loop.time() < until:
            began = loop.time()
            await writer.execute("select from event where id = 1 for update")
            slowest = max(slowest, loop.time() - began)
            await asyncio.sleep(0.01)
        await backup.rollback()
        await asyncio.to_thread(migrating.join, PATIENCE)
        return slowest, await writer.fetchval("select to_regclass('feed_base') is not null")
    finally:
        await reader.close()
        await writer.close()
