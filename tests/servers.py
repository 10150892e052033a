"""The servers behind a test run: one PostgreSQL and one Valkey, started by the first test that needs them.

The process that a person starts (with xdist, the controller) keeps them in a thread of its own and hands out their
addresses over a socket file, so that all workers share them, a run without such tests starts nothing, and a killed run
leaves no server behind. `PORTAL_TEST_DATABASE_URL` (a superuser's or CREATEDB role's) and `PORTAL_TEST_VALKEY_URL` name
servers that run already; `PORTAL_TEST_KEEP=1` keeps the directory with the logs.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import redis

from portal import schema
from portal.adapters.embedded import Postgres, Valkey, only_here
from portal.db import supplier
from portal.db.pool import prepare
from portal.settings import Settings

SOCKET_VARIABLE = "PORTAL_TEST_SERVERS"
PREFIX = "portal-test-"
VALKEY_DATABASES = 2048
LIMIT = 120

# A crash of the machine may cost a test run its data: nothing waits for the disk.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "400",
    "max_wal_size": "2GB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where a run's servers are, and the migrated database that fresh ones are copied from."""

    database_url: str
    template: str
    valkey_url: str

    async def create_database(self) -> str:
        """A fresh copy of the migrated template; the address of it."""
        name = f"test_{secrets.token_hex(8)}"
        await _execute(self.database_url, f'create database "{name}" template "{self.template}"')
        return named(self.database_url, name)

    async def drop_database(self, url: str) -> None:
        """Whoever is still connected is cut off."""
        await _execute(self.database_url, f'drop database if exists "{urlsplit(url).path[1:]}" with (force)')

    def valkey_database(self) -> str:
        """The address of an empty numbered database of its own."""
        with redis.Redis.from_url(self.valkey_url) as valkey:
            number = 1 + int(valkey.incr("test:databases")) % (VALKEY_DATABASES - 1)
            url = named(self.valkey_url, str(number))
        with redis.Redis.from_url(url) as valkey:
            valkey.flushdb()
        return url


def named(url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def addresses() -> Servers:
    """Ask the process that holds the servers; the first to ask waits until they have started."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT)
        client.connect(os.environ[SOCKET_VARIABLE])
        answer = json.loads(client.makefile().readline())
    if "error" in answer:
        raise RuntimeError(f"the test servers did not start: {answer['error']}")
    return Servers(**answer)


@contextlib.contextmanager
def serving() -> Iterator[Path]:
    """Hold the servers of this run, in a directory of its own that is gone afterwards."""
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    home.chmod(0o711)
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    # The servers end when this thread does (see portal.adapters.children), so it lives until the run is over.
    thread = threading.Thread(
        target=lambda: asyncio.run(_Host(home).run(ready)), name="test-servers", daemon=True
    )
    with only_here(home):
        thread.start()
        loop, over = ready.result(LIMIT)
        os.environ[SOCKET_VARIABLE] = str(home / "servers.sock")
        try:
            yield home
        finally:
            del os.environ[SOCKET_VARIABLE]
            loop.call_soon_threadsafe(over.set)
            thread.join(LIMIT)
            if os.environ.get("PORTAL_TEST_KEEP"):
                (home / "keep").touch()
            else:
                shutil.rmtree(home, ignore_errors=True)


class _Host:
    """Starts the servers when first asked, answers everybody with the same addresses, stops them in the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home, options=CARELESS)
        self.valkey = Valkey(
            home, options={"appendonly": "no", "databases": str(VALKEY_DATABASES), "loglevel": "warning"}
        )
        self.answer: asyncio.Task[bytes] | None = None

    async def run(self, ready: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]") -> None:
        over = asyncio.Event()
        server = await asyncio.start_unix_server(self.greet, self.home / "servers.sock")
        ready.set_result((asyncio.get_running_loop(), over))
        async with server:
            await over.wait()
        if self.answer:
            await asyncio.wait([self.answer])
        await self.valkey.stop()
        await self.postgres.stop()

    async def greet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answer = self.answer or asyncio.create_task(self.start())
        writer.write(await asyncio.shield(self.answer) + b"\n")
        await writer.drain()
        writer.close()

    async def start(self) -> bytes:
        """A failure is an answer too: each worker then says why, and does not wait."""
        try:
            return json.dumps(asdict(await self.servers())).encode()
        except Exception as failure:  # noqa: BLE001 (told to whoever asked)
            return json.dumps({"error": f"{type(failure).__name__}: {failure}"}).encode()

    async def servers(self) -> Servers:
        database_url = os.environ.get("PORTAL_TEST_DATABASE_URL", "")
        valkey_url = os.environ.get("PORTAL_TEST_VALKEY_URL", "")
        if not database_url:
            await self.postgres.start()
            database_url = self.postgres.url_of("postgres")
        if not valkey_url:
            await self.valkey.start()
            valkey_url = self.valkey.url
        template = f"template_{secrets.token_hex(4)}"
        await _execute(database_url, f'create database "{template}"')
        await asyncio.to_thread(schema.upgrade, named(database_url, template))
        await self.introduce(named(database_url, template))
        return Servers(database_url, template, valkey_url)

    async def introduce(self, url: str) -> None:
        """The supplier stands in the template, for tests of operations that start no portal."""
        settings = Settings.from_env({"PORTAL_MODE": "test", "PORTAL_HOME": str(self.home)})
        connection = await asyncpg.connect(url)
        try:
            await prepare(connection)
            await supplier.keep(connection, **settings.supplier)
        finally:
            await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _sweep() -> None:
    """Directories of runs that were killed; a living run holds its lock."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (home / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (home / "keep").exists():
                shutil.rmtree(home, ignore_errors=True)
