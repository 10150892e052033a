"""A backup taken while the portal runs, and read back into another cluster: nothing is missing, and everything goes on.

The first cluster has given many more transaction numbers than the second, as a cluster has that was at work for years.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portal.adapters.embedded import Postgres, only_here
from portal.db import events
from portal.db.pool import open_pool
from tests.fixtures import supplier_token
from tests.mail.newsroom import PETRA, Newsroom, one
from tests.portals import Portal, running
from tests.servers import CARELESS, PREFIX, Servers

# As if the cluster had been at work for years; the clusters of a test have given some thousands.
YEARS = 7_000_000_000


@dataclass
class Kept:
    """A portal with a past, its backup, and where the database is that the backup is to be brought back to."""

    room: Newsroom
    folder: Path
    order: str
    postgres: Postgres

    @property
    def url(self) -> str:
        return self.postgres.url

    def run(self, *command: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        portal = self.room.portal
        return subprocess.run(
            [sys.executable, "-m", "portal", *command],
            check=False,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                **portal.settings.environment(),
                "PORTAL_DATABASE_URL": url or self.url,
                **environment,
            },
        )

    def ask(self, query: str, url: str = "") -> Any:
        return execute(url or self.url, query)


def execute(url: str, query: str) -> Any:
    async def ask() -> Any:
        async with await open_pool(url, size=1) as pool:
            return await pool.fetchval(query)

    return asyncio.run(ask())


def feed(url: str) -> list[int]:
    """Of all accounts, in the order in which it is told."""

    async def ask() -> list[int]:
        async with await open_pool(url, size=1) as pool, pool.acquire() as conn:
            return [event.id for event in await events.of_all(conn, 0, 500)]

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def another_cluster() -> Iterator[Postgres]:
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX) as directory,
        only_here(Path(directory)),
        # The server ends with the thread that started it.
        ThreadPoolExecutor(1) as thread,
        asyncio.Runner() as runner,
    ):
        Path(directory).chmod(0o711)
        server = Postgres(Path(directory), options=CARELESS)
        thread.submit(runner.run, server.start()).result()
        try:
            yield server
        finally:
            thread.submit(runner.run, server.stop()).result()


@pytest.fixture(scope="module")
def kept(portal: Portal, another_cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    execute(portal.database_url, f"update feed_base set number = {YEARS}")
    place = tmp_path_factory.mktemp("keeping")
    room = Newsroom.open(portal, place / "mail", WASHER=50)
    order = room.order([("BOLT", 10), ("NUT", 5)])["number"]
    room.forget()
    room.world.post("webhook-endpoints", {"url": "https://systems.example/hook", "account": "NORDWIND"})
    # Committed, and told to nobody yet.
    room.order([("WASHER", 3)])
    kept = Kept(room, place / "backup", order, another_cluster)
    made = kept.run("backup", str(kept.folder), url=portal.database_url)
    assert made.returncode == 0, made.stderr
    assert "holds everything" in made.stdout
    return kept


@pytest.fixture(scope="module")
def restored(kept: Kept) -> Kept:
    done = kept.run("restore", str(kept.folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The feed goes on after the last event" in done.stdout
    assert "Every law holds" in done.stdout
    return kept


def test_a_backup_is_for_its_owner_alone_and_says_what_it_is(kept: Kept) -> None:
    manifest = json.loads((kept.folder / "manifest.json").read_text())

    assert kept.folder.stat().st_mode & 0o077 == 0
    assert manifest["roles"] == ["portal_buyer"], "the next cluster has to have it"
    assert manifest["events"] == kept.ask("select count(*) from event", kept.room.portal.database_url)
    written = b"".join(path.read_bytes() for path in kept.folder.rglob("*") if path.is_file())
    assert kept.room.portal.settings.secret_key.encode() not in written


def test_what_is_no_sound_backup_is_refused_and_the_database_stays_empty(kept: Kept, tmp_path: Path) -> None:
    broken_off, damaged = tmp_path / "broken_off", tmp_path / "damaged"
    shutil.copytree(kept.folder, broken_off)
    (broken_off / "manifest.json").unlink()
    shutil.copytree(kept.folder, damaged)
    largest = max((damaged / "database").iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1])

    for folder, problem in ((broken_off, "no backup, or one that was broken off"), (damaged, "is damaged")):
        done = kept.run("restore", str(folder))
        assert (done.returncode, problem in done.stderr) == (1, True), done.stderr
    other_key = kept.run(
        "restore", str(kept.folder), PORTAL_SECRET_KEY="another key of more than 32 characters"
    )
    assert "not the one that the backup's secrets were sealed with" in other_key.stderr
    assert kept.ask("select to_regclass('event')") is None


def test_a_full_disk_leaves_no_half_backup(kept: Kept, tmp_path: Path) -> None:
    """A file may not grow beyond some bytes: to pg_dump it is all the same."""
    url = kept.room.portal.database_url
    limited = f"ulimit -f 8; exec {sys.executable} -m portal backup {tmp_path / 'full'}"
    done = subprocess.run(
        ["/bin/bash", "-c", limited],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **kept.room.portal.settings.environment(), "PORTAL_DATABASE_URL": url},
    )

    assert (done.returncode, "No backup was made" in done.stderr) == (1, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_restored_database_is_what_the_backup_was_taken_of(restored: Kept) -> None:
    before = restored.room.portal.database_url
    for question in (
        "select array_agg(id order by txid, id)::text from event",
        "select array_agg(number order by number)::text from orders",
        "select md5(string_agg(secret::text, '' order by id)) from (select id, c::text as secret from connection c) x",
        "select jsonb_agg(to_jsonb(h) order by h.account)::text from audit_head h",
        "select array_agg(policyname || roles::text order by tablename, policyname)::text from pg_policies",
        "select array_agg(relname || relacl::text order by relname)::text from pg_class where relacl::text ~ '_buyer='",
    ):
        assert restored.ask(question) == restored.ask(question, before), question
    assert feed(restored.url) == feed(before)


def test_it_goes_on_in_the_other_cluster_as_if_nothing_had_been(
    restored: Kept, servers: Servers, tmp_path: Path
) -> None:
    before = feed(restored.url)
    known = restored.ask("select max(id) from mail")
    with running(
        home=restored.room.portal.settings.home,
        database_url=restored.url,
        valkey_url=servers.valkey_database(),
        issue_token=supplier_token,
    ) as portal:
        room = Newsroom(portal, restored.room.world.__class__(portal), tmp_path / "mail")
        room.forget()
        number = room.order([("BOLT", 1)])["number"]
        [*_, last] = portal.erp.get("/events", params={"limit": 200}).json()["items"]
        message = one(room.told(), PETRA)
        portal.check()

    assert last["order"] == number
    after = feed(restored.url)
    assert after[: len(before)] == before
    # Nobody takes it for something that another mail or event has told before the loss.
    assert min(after[len(before) :]) > max(before) + 900_000
    assert int(str(message["message-id"]).split("-")[1]) > (known or 0) + 900_000


def test_nobody_is_signed_in_who_may_have_signed_out_since(restored: Kept) -> None:
    assert restored.ask("select count(*) from login where ended_at is null") == 0
    epochs = "select min(session_epoch) from person"
    assert restored.ask(epochs) > restored.ask(
        "select max(session_epoch) from person", restored.room.portal.database_url
    )


def test_a_database_with_something_in_it_is_never_overwritten(restored: Kept) -> None:
    done = restored.run("restore", str(restored.folder))

    assert (done.returncode, "The database is not empty" in done.stderr) == (1, True)


def test_whoever_restores_with_other_programs_puts_it_in_order_afterwards(restored: Kept) -> None:
    """`check` says that something is wrong, `restore` without a folder mends it."""
    conn_url = restored.url
    execute(conn_url, "update feed_base set number = 0")
    assert "hidden by a transaction number of another cluster" in restored.run("check").stdout
    assert feed(conn_url) == []

    done = restored.run("restore")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(feed(conn_url)) == restored.ask("select count(*) from event")


async def test_the_feed_tells_no_event_before_all_elder_ones_are_certain(database: str) -> None:
    """Raised numbers and a raised horizon go together: an open transaction holds the feed back as it always did."""
    conn, other = await asyncpg.connect(database), await asyncpg.connect(database)
    try:
        await conn.execute(f"update feed_base set number = {YEARS}")
        open_one = conn.transaction()
        await open_one.start()
        mine = await conn.fetchval("select feed_txid()::text::bigint")
        assert mine > YEARS
        assert await other.fetchval("select feed_horizon()::text::bigint") <= mine
        await open_one.rollback()
        assert await other.fetchval("select feed_horizon()::text::bigint") > mine
    finally:
        await conn.close()
        await other.close()
