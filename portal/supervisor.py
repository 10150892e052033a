"""`python -m portal demo`: everything the portal needs, started in order, kept running, stopped in reverse.

PostgreSQL, the migrations, Valkey, a mail catcher, the seed, the web processes, the worker. Each child leads a session
of its own, so that a terminal's Ctrl-C reaches only the supervisor, which stops them one kind after the other; each
dies with the supervisor when that is killed. The web processes share one listening socket that the supervisor holds:
while one is started again, connections wait and none is refused.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal import schema
from portal.adapters import mailbox
from portal.adapters.children import dies_with_parent, free_port
from portal.adapters.embedded import Postgres, Valkey, only_here
from portal.clock import utc_now
from portal.db import supplier
from portal.db.pool import open_pool
from portal.settings import Settings

READY_LIMIT = 60
STOP_LIMIT = 12
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STABLE_SECONDS = 60
SAMPLE = "sample receiver"
OURS = (
    "postgres",
    "valkey",
    "mail",
    "erp",
    "sample",
    "logs",
    "demo.json",
    "servers.json",
    "postgres.password",
    "postgres.log",
    "valkey.log",
)

logger = logging.getLogger(__name__)


class CannotRun(Exception):
    """The portal does not come up; the text says why and what to do."""


@dataclass(slots=True)
class Service:
    """Something that is started, watched, started again when it ends, and stopped."""

    name: str
    start: Callable[[], Awaitable[asyncio.subprocess.Process]]
    stop_signal: signal.Signals = signal.SIGTERM
    process: asyncio.subprocess.Process | None = None
    watch: asyncio.Task[None] | None = None

    async def run(self) -> None:
        self.process = await self.start()
        self.watch = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        if self.watch is not None:
            self.watch.cancel()
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_LIMIT)
        except TimeoutError:
            logger.warning("%s does not stop: killed", self.name)
            self.process.kill()
            await self.process.wait()

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            if self.process is not None:
                code = await self.process.wait()
                if time.monotonic() - since > STABLE_SECONDS:
                    pause = FIRST_PAUSE
                logger.warning("%s ended (%s): started again in %.1f s", self.name, code, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                self.process = await self.start()
            except Exception:  # whatever kept it from starting may pass
                logger.exception("%s did not start", self.name)
                self.process = None


@dataclass(slots=True)
class Supervisor:
    """Starts what the settings do not name the address of; `settings` fills up as things start."""

    settings: Settings
    services: list[Service] = field(default_factory=list)
    mailbox_url: str = ""
    mail_server: asyncio.Server | None = None
    sample_url: str = ""

    @property
    def home(self) -> Path:
        return self.settings.home

    async def demo(self, *, fresh: bool, announce: Callable[[dict[str, Any]], None]) -> None:
        """Run until SIGINT or SIGTERM; `announce` is called once, when the portal answers."""
        with only_here(self.home), listen(self.settings) as listener:
            if fresh:
                self._start_over()
            (self.home / "logs").mkdir(exist_ok=True, mode=0o700)
            self._take_port(listener)
            over = self._stop_on_signals()
            try:
                await _first(over, self._start_demo(listener, announce))
                await over.wait()
            finally:
                await self._stop()
                (self.home / "servers.json").unlink(missing_ok=True)

    async def web(self) -> None:
        """`python -m portal serve` with more than one web process: no other server is started."""
        with listen(self.settings) as listener:
            over = self._stop_on_signals()
            try:
                await self._start_web(listener, log=None)
                await over.wait()
            finally:
                await self._stop()

    async def _start_demo(self, listener: socket.socket, announce: Callable[[dict[str, Any]], None]) -> None:
        await self._start_database()
        if not await schema.is_current(self.settings.database_url):
            await asyncio.to_thread(schema.upgrade, self.settings.database_url)
        await self._start_valkey()
        await self._start_mail()
        await self._start_erp()
        write_private(
            self.home / "servers.json",
            {"database_url": self.settings.database_url, "valkey_url": self.settings.valkey_url},
        )
        story = await self._seeded()
        await self._start_sample()
        await self._start_web(listener, log="web")
        await self._start_workers()
        await _answers(f"http://{self.settings.host}:{self.settings.port}", self.services)
        facts = {
            "base_url": self.settings.base_url,
            "mailbox_url": self.mailbox_url,
            "erp_url": self.settings.erp_url,
            "sample_url": self.sample_url,
            **story,
        }
        write_private(self.home / "demo.json", facts)
        announce(facts)

    async def _start_database(self) -> None:
        if self.settings.database_url:
            return
        server = Postgres(self.home)
        await self._run(_server("PostgreSQL", server, signal.SIGINT))
        self.settings = self.settings.replace(database_url=server.url)

    async def _start_valkey(self) -> None:
        if self.settings.valkey_url:
            return
        server = Valkey(self.home)
        await self._run(_server("Valkey", server, signal.SIGTERM))
        self.settings = self.settings.replace(valkey_url=server.url)

    async def _start_mail(self) -> None:
        box = mailbox.Mailbox(self.home / "mail")
        self.mail_server, port = await mailbox.receive(box)
        self.mailbox_url = f"http://127.0.0.1:{mailbox.show(box).server_port}/"
        self.settings = self.settings.replace(smtp_host="127.0.0.1", smtp_port=port)

    async def _start_erp(self) -> None:
        """The sandbox, unless the settings name an ERP."""
        if self.settings.erp_url:
            return
        self.settings = self.settings.replace(
            erp_url=f"http://127.0.0.1:{free_port()}", erp_token=secrets.token_urlsafe(24)
        )
        await self._start_portal("ERP sandbox", ("erp-sandbox",), log="erp-sandbox")

    async def _start_sample(self) -> None:
        """The customer's system that is told by webhook; its page says what came."""
        from portal.seed import customer

        port = free_port()
        self.sample_url = f"http://127.0.0.1:{port}"
        async with await open_pool(self.settings.database_url, size=1) as pool:
            await customer.connect(pool, self.settings, self.sample_url)
        await self._start_portal(SAMPLE, ("sample-receiver", "--port", str(port)), log="sample-receiver")

    async def _start_web(self, listener: socket.socket, *, log: str | None) -> None:
        handle = listener.fileno()
        for number in range(1, self.settings.web_processes + 1):
            await self._start_portal(
                f"web {number}",
                ("serve", "--fd", str(handle)),
                log=f"{log}-{number}" if log else None,
                pass_fds=(handle,),
            )

    async def _start_workers(self) -> None:
        for number in range(1, self.settings.worker_processes + 1):
            await self._start_portal(f"worker {number}", ("worker",), log=f"worker-{number}")

    async def _start_portal(
        self, name: str, command: Sequence[str], *, log: str | None, pass_fds: Sequence[int] = ()
    ) -> None:
        environment = {**os.environ, **self.settings.environment()}

        async def start() -> asyncio.subprocess.Process:
            with contextlib.ExitStack() as stack:
                out = stack.enter_context((self.home / "logs" / f"{log}.log").open("ab")) if log else None
                return await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "portal", *command),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=environment,
                    pass_fds=pass_fds,
                    start_new_session=True,
                    preexec_fn=dies_with_parent(signal.SIGKILL),
                )

        await self._run(Service(name, start))

    async def _run(self, service: Service) -> None:
        self.services.append(service)
        await service.run()

    async def _seeded(self) -> dict[str, Any]:
        """The people and tokens of the demo; told again from `demo.json` when the story is in the database already."""
        async with await open_pool(self.settings.database_url) as pool:
            await supplier.keep(pool, **self.settings.supplier)
            told = read_private(self.home / "demo.json")
            if told.get("tokens") and await pool.fetchval("select exists (select from account)"):
                return {"users": told["users"], "tokens": told["tokens"]}
            # Imported when it is told: a second start has no use for it.
            from portal.seed import seed

            told = await seed(pool, self.settings, utc_now())
            return {"users": told["users"], "tokens": told["tokens"]}

    async def _stop(self) -> None:
        """Web first, so that nobody is served by half a portal; the servers last, when all their clients are gone."""
        for service in self.services:
            if service.watch is not None:
                service.watch.cancel()
        last = [
            service
            for service in self.services
            if service.name in {"PostgreSQL", "Valkey", "ERP sandbox", SAMPLE}
        ]
        await asyncio.gather(*(service.stop() for service in self.services if service.name.startswith("web")))
        await asyncio.gather(
            *(service.stop() for service in self.services if service.name.startswith("worker"))
        )
        for service in reversed(last):
            await service.stop()

    def _stop_on_signals(self) -> asyncio.Event:
        """The first signal stops in order; a second one ends everything at once."""
        over = asyncio.Event()

        def stop() -> None:
            if over.is_set():
                for service in self.services:
                    service.kill()
            over.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        return over

    def _take_port(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        if self.settings.base_url == f"http://127.0.0.1:{self.settings.port}":
            self.settings = self.settings.replace(base_url=f"http://127.0.0.1:{port}")
        self.settings = self.settings.replace(port=port)

    def _start_over(self) -> None:
        if self.settings.database_url or self.settings.valkey_url:
            raise CannotRun(
                "FRESH starts over on the demo's own servers only: empty the ones that you named yourself."
            )
        for name in OURS:
            path = self.home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=8192)
    except OSError as failure:
        raise CannotRun(
            f"Port {settings.port} of {settings.host} is not to be had ({failure.strerror}): "
            "set PORTAL_PORT to another one, or to 0 for any that is free."
        ) from None


def write_private(path: Path, content: dict[str, Any]) -> None:
    """For the owner's eyes: it holds passwords."""
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)


def read_private(path: Path) -> dict[str, Any]:
    """What was written there, or nothing."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return content if isinstance(content, dict) else {}


def _server(name: str, server: Postgres | Valkey, stop_signal: signal.Signals) -> Service:
    async def start() -> asyncio.subprocess.Process:
        await server.start()
        assert server.process is not None
        return server.process

    return Service(name, start, stop_signal)


async def _first(over: asyncio.Event, start: Any) -> None:
    """Start, unless told to stop in the middle of it."""
    starting = asyncio.ensure_future(start)
    stopping = asyncio.ensure_future(over.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting


async def _answers(base_url: str, services: Sequence[Service]) -> None:
    def ask() -> bool:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{base_url}/healthz", timeout=1
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until = time.monotonic() + READY_LIMIT
    while not await asyncio.to_thread(ask):
        ended = [s.name for s in services if s.process is not None and s.process.returncode is not None]
        if time.monotonic() > until or (ended and time.monotonic() > until - READY_LIMIT + 10):
            raise CannotRun(
                f"The portal does not answer{': ' + ', '.join(ended) + ' ended' if ended else ''}."
            )
        await asyncio.sleep(0.05)
