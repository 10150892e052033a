"""What every bench stands on: servers of its own in a temporary directory, fresh databases, portals, helpers."""

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import redis.asyncio

from bench.measuring import with_children
from portal import letterhead, schema
from portal.adapters.children import dies_with_parent
from portal.adapters.embedded import Postgres, Valkey, only_here
from portal.adapters.sessions import Sessions
from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.operations import tokens
from tests.portals import Portal, running
from tests.servers import named

TEMPLATE = "bench_template"
# Waiting for the disk takes both sides of a ratio equally long, and would hide what they differ in.
OPTIONS = {"fsync": "off", "synchronous_commit": "off"}
READY_LIMIT = 60


@dataclass(slots=True)
class Ground:
    """Servers that run, and how to get more from them."""

    home: Path
    postgres: Postgres
    valkey: Valkey
    _ends: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def database_pids(self) -> list[int]:
        """PostgreSQL with all of its connections."""
        assert self.postgres.process is not None
        return with_children(self.postgres.process.pid)

    async def database(self) -> str:
        """A fresh, migrated database; the address of it."""
        name = f"bench_{secrets.token_hex(4)}"
        await self.execute(f"create database {name} template {TEMPLATE}")
        return named(self.postgres.url, name)

    async def drop(self, url: str) -> None:
        await self.execute(f'drop database "{url.rpartition("/")[2]}" with (force)')

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.url_of("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def portal(self, database_url: str, *, processes: int = 1) -> AsyncIterator[Portal]:
        """The portal as in production, but for the limit of requests: here one client makes them all."""
        token = await supplier_token(database_url)
        environment = {
            "PORTAL_MODE": "production",
            "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
            "PORTAL_API_REQUESTS_PER_MINUTE": "1000000",
            **letterhead.DEMO,
        }
        with running(
            home=self.home,
            database_url=database_url,
            valkey_url=self.valkey.url,
            issue_token=lambda _: token,
            processes=processes,
            environment=environment,
        ) as portal:
            yield portal
            if said := portal.said():
                raise RuntimeError(f"the portal complained:\n{said[-4000:]}")

    async def sign_in(self, database_url: str, emails: Sequence[str]) -> list[str]:
        """A session cookie for each of these people."""
        valkey = redis.asyncio.from_url(self.valkey.url)
        connection = await asyncpg.connect(database_url)
        try:
            sessions = Sessions(valkey, secure=False)
            people = await connection.fetch("select id, email, session_epoch from person")
            known = {row["email"]: row for row in people}
            started = [
                await sessions.start(known[email]["id"], known[email]["session_epoch"]) for email in emails
            ]
            return [f"{sessions.cookie}={token}" for token in started]
        finally:
            await connection.close()
            await valkey.aclose()


@contextlib.asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Start the servers as the portal starts them, but that no commit waits for the disk; all is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as directory:
        home = Path(directory)
        home.chmod(0o711)
        with only_here(home):
            made = Ground(home, Postgres(home, options=OPTIONS), Valkey(home))
            try:
                await made.postgres.start()
                await made.valkey.start()
                await made.execute(f"create database {TEMPLATE}")
                await asyncio.to_thread(schema.upgrade, named(made.postgres.url, TEMPLATE))
                yield made
            finally:
                await made.valkey.stop()
                await made.postgres.stop()


async def supplier_token(database_url: str) -> str:
    async with await open_pool(database_url, size=1) as pool:
        work = Work(pool)
        async with work:
            _, token = await tokens.issue(
                work, account=None, person=None, scopes=["*"], name="bench", now=datetime.now(UTC)
            )
    return token


@contextlib.asynccontextmanager
async def pool_of(url: str, size: int = 20) -> AsyncIterator[Pool]:
    async with await open_pool(url, size=size) as pool:
        yield pool


@dataclass(slots=True)
class Helper:
    """A process of this package that is told one thing and answers one thing, both as JSON."""

    process: subprocess.Popen[bytes]

    async def answer(self) -> Any:
        line = await asyncio.to_thread(self._line)
        return json.loads(line)

    def tell(self, what: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended without an answer")
        return line


@contextlib.contextmanager
def helper(module: str, told: object = None, **options: Any) -> Iterator[Helper]:
    """Run `python -m bench.MODULE` beside this process, so that it does not disturb what is measured here."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.{module}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=dies_with_parent(signal.SIGKILL),
        **options,
    )
    made = Helper(process)
    try:
        if told is not None:
            made.tell(told)
        yield made
    finally:
        process.kill()
        process.communicate()


@contextlib.asynccontextmanager
async def bare(told: Mapping[str, object]) -> AsyncIterator[tuple[str, int]]:
    """The bare server; its address and its process."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        descriptor = listener.fileno()
        with helper("bare", {"fd": descriptor, **told}, pass_fds=[descriptor]) as server:
            await _answers(port)
            yield f"http://127.0.0.1:{port}", server.process.pid


async def _answers(port: int) -> None:
    """The port listens from the beginning: so wait for an answer."""
    async with asyncio.timeout(READY_LIMIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        await reader.read()
        writer.close()
