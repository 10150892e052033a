"""A streaming standby of a primary, both with the programs that come with the tests."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from portal.adapters import embedded
from portal.adapters.children import end, free_port, spawn
from portal.adapters.embedded import Postgres


@dataclass
class Standby:
    """A copy of `primary` that follows it. What it replays can be held up."""

    primary: Postgres
    home: Path
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        parts = urlsplit(self.primary.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.replace(str(self.primary.port), str(self.port))))

    @property
    def data(self) -> Path:
        return self.home / "standby"

    async def copy(self) -> None:
        """What `pg_basebackup` takes, as `docs/running.md` says."""
        owner = embedded._owner_of_postgres(self.primary.data, self.primary.home)
        self.port = free_port()
        self.data.mkdir(mode=0o700)
        owner.give(self.data)
        program = embedded._postgres_program("pg_basebackup")
        command = owner.command(
            program, "-D", self.data, "-d", self.primary.url, "-R", "-X", "stream", "-c", "fast"
        )
        taken = await asyncio.to_thread(
            subprocess.run, command, check=False, cwd="/", capture_output=True, text=True, **owner.identity
        )
        assert taken.returncode == 0, taken.stderr

    async def start(self) -> None:
        owner = embedded._owner_of_postgres(self.primary.data, self.primary.home)
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "hot_standby_feedback": "on",
            "fsync": "off",
            # Never fewer than the primary has.
            "max_connections": self.primary.options.get("max_connections", "200"),
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "standby.log").open("ab") as log:
            self.process = await spawn(
                owner.command(embedded._postgres_program("postgres"), "-D", self.data, *arguments),
                log=log,
                parent_death=signal.SIGINT,
                **owner.identity,
            )
        await self._answers()

    async def stop(self) -> None:
        await end(self.process, signal.SIGINT)
        self.process = None

    async def hold(self) -> None:
        """From here on it replays nothing."""
        await self._tell("select pg_wal_replay_pause()")

    async def follow(self) -> None:
        await self._tell("select pg_wal_replay_resume()")

    async def _tell(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _answers(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    await self._tell("select 1")
                except (OSError, asyncpg.PostgresError):
                    assert self.process is not None
                    assert self.process.returncode is None, (self.home / "standby.log").read_text()
                    await asyncio.sleep(0.05)
                else:
                    return


def may_be_reached(home: Path) -> None:
    """PostgreSQL runs as another user when we are root, and must get there."""
    if os.geteuid() == 0:
        for folder in (home, *home.parents[:2]):
            folder.chmod(0o711)
