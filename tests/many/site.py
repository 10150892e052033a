"""A site as `docs/running.md` describes it: two web processes, one for the live streams and two workers behind
HAProxy with the configuration that we ship, each process with a door of its own."""

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from portal.adapters.children import dies_with_parent, free_port
from portal.settings import Settings
from tests.portals import Portal

# Debian keeps it where only administrators look.
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
CONFIG = Path(__file__).parent.parent.parent / "deploy" / "haproxy.cfg"
# What the configuration says for a machine of its own, and not for one that everybody shares.
NOT_HERE = (
    "user ",
    "group ",
    "log ",
    "stats socket",
    "bind ",
    "http-request redirect",
    "http-request deny deny_status 403",
    "ssl-default",
    "maxconn 20000",
)
PORTS = {"web1": 8001, "web2": 8002, "live1": 8100}
PATIENCE = 60.0
DRAIN = 2


def until(what: Callable[[], object], why: str, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"{why}: not within {seconds} seconds"
        time.sleep(0.05)


@dataclass
class Site:
    """`portal` is called through HAProxy; `doors` are the processes' own."""

    portal: Portal
    home: Path
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    haproxy: subprocess.Popen[bytes] | None = None
    last: str = ""

    def open(self) -> None:
        for name in self.ports:
            self.start(name)
        for _ in range(2):
            self.portal.start("worker")
        self._start_haproxy()
        for name in self.ports:
            until(lambda name=name: self.serves(name), f"{name} serves")
        try:
            until(self._is_whole, "database, Valkey and a worker are there")
        except AssertionError:
            raise AssertionError(f"{self.last}\n{self.portal.said()[-3000:]}") from None

    def start(self, name: str) -> None:
        """A process with its own listening socket, which nobody holds beside it."""
        with socket.create_server(("127.0.0.1", self.ports[name]), backlog=512) as door:
            handle = door.fileno()
            command = "live" if name.startswith("live") else "serve"
            self.processes[name] = self.portal.start(command, "--fd", str(handle), pass_fds=[handle])

    def replace(self, name: str) -> int:
        """As an operator does: told to stop, waited for, started anew; the code that it ended with."""
        self.processes[name].terminate()
        code = self.processes[name].wait(PATIENCE)
        self.start(name)
        until(lambda: self.serves(name), f"{name} serves again")
        return code

    def serves(self, name: str) -> bool:
        """As HAProxy sees it, wherever it stands in the configuration."""
        rows = [row for row in self.said_by_haproxy() if row["svname"] == name]
        return bool(rows) and all(row["status"] == "UP" and row["check_status"] == "L7OK" for row in rows)

    def taken(self, backend: str, name: str) -> int:
        """How many requests the process has had by HAProxy's count."""
        [row] = [r for r in self.said_by_haproxy() if (r["# pxname"], r["svname"]) == (backend, name)]
        return int(row["stot"])

    def said_by_haproxy(self) -> list[dict[str, str]]:
        with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
            asking.connect(str(self.home / "haproxy.sock"))
            asking.sendall(b"show stat\n")
            text = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
            return list(csv.DictReader(text.splitlines()))
        return []

    def door(self, name: str, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=PATIENCE, trust_env=False)

    def stop(self) -> None:
        if self.haproxy is not None:
            self.haproxy.terminate()
            self.haproxy.wait(PATIENCE)

    def _is_whole(self) -> bool:
        answer = self.door("web1", "/readyz")
        self.last = answer.text
        return answer.status_code == 200

    def _start_haproxy(self) -> None:
        config = self.home / "haproxy.cfg"
        config.write_text(self._config())
        with (self.home / "haproxy.log").open("ab") as log:
            self.haproxy = subprocess.Popen(
                [str(HAPROXY), "-db", "-f", str(config)],
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )

    def _config(self) -> str:
        """The one that we ship, but for where everybody is."""
        kept = [line for line in CONFIG.read_text().splitlines() if not line.strip().startswith(NOT_HERE)]
        text = "\n".join(kept) + "\n"
        for name, port in PORTS.items():
            text, many = re.subn(rf"127\.0\.0\.1:{port}\b", f"127.0.0.1:{self.ports[name]}", text)
            assert many == (2 if name.startswith("web") else 1), f"{name} stands in {CONFIG.name} at {port}"
        text = text.replace(
            "global\n", f"global\n    stats socket {self.home / 'haproxy.sock'} level admin\n", 1
        )
        bind = f"frontend portal\n    bind 127.0.0.1:{self.portal.settings.port}\n"
        assert text.count("frontend portal\n") == 1
        return text.replace("frontend portal\n", bind)


def site(home: Path, database_url: str, valkey_url: str, token: str) -> Site:
    """Not open yet."""
    port = free_port()
    settings = Settings.from_env(
        {
            "PORTAL_MODE": "test",
            "PORTAL_HOME": str(home),
            "PORTAL_PORT": str(port),
            "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
            "PORTAL_DATABASE_URL": database_url,
            "PORTAL_VALKEY_URL": valkey_url,
            "PORTAL_DRAIN_SECONDS": str(DRAIN),
            "PORTAL_LOG_LEVEL": "warning",
        }
    )
    portal = Portal(settings=settings, erp_token=token, log=home / "portal.log")
    return Site(portal, home, {name: free_port() for name in PORTS})
