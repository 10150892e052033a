"""A real portal for a test: web processes on a free port, on a database of its own, with tokens and a clock to set."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from portal.adapters.children import dies_with_parent
from portal.db.pool import open_pool
from portal.operations import checking
from portal.settings import Settings

READY_LIMIT = 60
STOP_LIMIT = 15
ANSWER_LIMIT = 60


@dataclass(slots=True)
class Portal:
    """One running portal. `erp` is the supplier's client with every right; paths are below `/api/v1`."""

    settings: Settings
    erp_token: str
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)
    # Where its web processes listen, as long as it runs.
    listener: socket.socket | None = None
    erp: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.erp = self.client(self.erp_token)

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    @property
    def database_url(self) -> str:
        return self.settings.database_url

    @property
    def valkey_url(self) -> str:
        return self.settings.valkey_url

    def client(self, token: str | None = None, **options: Any) -> httpx.Client:
        """A client of the API with that token, or a stranger's; closed when the portal stops."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(
            base_url=f"{self.base_url}/api/v1",
            headers=headers,
            timeout=ANSWER_LIMIT,
            trust_env=False,
            **options,
        )
        self.clients.append(client)
        return client

    def browser(self, **options: Any) -> httpx.Client:
        """A client of the pages, with cookies, that follows no redirects by itself."""
        client = httpx.Client(base_url=self.base_url, timeout=ANSWER_LIMIT, trust_env=False, **options)
        self.clients.append(client)
        return client

    def token(self, account: str | None = None, scopes: Sequence[str] = ("*",), name: str = "test") -> str:
        """A token of the supplier, or of one account."""
        body: dict[str, object] = {"scopes": list(scopes), "name": name}
        if account is not None:
            body["account"] = account
        answer = self.erp.post("/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def clock(self, now: str | datetime) -> None:
        """Set the portal's clock, as in `portal.clock("2026-11-18T09:00:00Z")`; it runs on from there."""
        instant = now if isinstance(now, str) else now.isoformat()
        answer = self.erp.post("/clock", json={"now": instant})
        assert answer.status_code in {200, 204}, answer.text

    def check(self) -> None:
        """What `python -m portal check` does: every law holds on what the tests have left. Not from a coroutine."""

        async def broken() -> list[str]:
            async with await open_pool(self.database_url, size=1) as pool:
                return await checking.broken_laws(pool)

        found = asyncio.run(broken())
        assert found == [], "\n".join(found)

    def said(self) -> str:
        """What the processes have written so far."""
        return self.log.read_text(errors="replace")

    def serve(self) -> subprocess.Popen[bytes]:
        """One more web process, or one in place of another, on the same port."""
        assert self.listener is not None
        handle = self.listener.fileno()
        return self.start("serve", "--fd", str(handle), pass_fds=[handle])

    def start(
        self,
        *command: str,
        program: str = "portal",
        environment: dict[str, str] | None = None,
        **options: Any,
    ) -> subprocess.Popen[bytes]:
        """One more process of this portal, as in `portal.start("worker")`; it is stopped with the portal."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", program, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.settings.environment(), **(environment or {})},
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL),
                **options,
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for client in self.clients:
            client.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def running(
    *,
    home: Path,
    database_url: str,
    valkey_url: str,
    issue_token: Callable[[str], str],
    processes: int = 1,
    worker: bool = False,
    environment: dict[str, str] | None = None,
) -> Iterator[Portal]:
    """Start `processes` web processes behind one port, wait until they answer, stop them at the end."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        settings = Settings.from_env(
            {
                "PORTAL_MODE": "test",
                "PORTAL_HOME": str(home),
                "PORTAL_PORT": str(port),
                "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
                "PORTAL_DATABASE_URL": database_url,
                "PORTAL_VALKEY_URL": valkey_url,
                "PORTAL_WEB_PROCESSES": str(processes),
                "PORTAL_LOG_LEVEL": os.environ.get("PORTAL_TEST_LOG_LEVEL", "warning"),
                **(environment or {}),
            }
        )
        portal = Portal(
            settings=settings,
            erp_token=issue_token(database_url),
            log=home / "portal.log",
            listener=listener,
        )
        try:
            for _ in range(processes):
                portal.serve()
            if worker:
                portal.start("worker")
            _wait_until_ready(portal)
            yield portal
        finally:
            portal.stop()


def _wait_until_ready(portal: Portal) -> None:
    """The port listens before anybody answers on it: so ask with a limit, and look whether somebody died."""
    until = time.monotonic() + READY_LIMIT
    while True:
        if any(process.poll() is not None for process in portal.processes):
            raise RuntimeError(f"the portal ended at once:\n{portal.said()[-6000:]}")
        try:
            if httpx.get(f"{portal.base_url}/healthz", timeout=0.5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass  # not yet: asked again below
        if time.monotonic() > until:
            raise RuntimeError(
                f"the portal did not answer in {READY_LIMIT} seconds:\n{portal.said()[-6000:]}"
            )
        time.sleep(0.02)
