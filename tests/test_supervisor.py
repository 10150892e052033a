"""The demo as a person starts it: the real command, on servers of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

START_LIMIT = 120
STOP_LIMIT = 30
HEAL_LIMIT = 40
READY = "Portal ready at http://127.0.0.1:"

pytestmark = pytest.mark.slow


class Demo:
    """`python -m portal demo` in a process of its own."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        self.home = home
        self.out = home.with_name(f"{home.name}.out")
        given = {
            **os.environ,
            "PORTAL_HOME": str(home),
            "PORTAL_PORT": "0",
            "PORTAL_WEB_PROCESSES": "1",
            **environment,
        }
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal", "demo", *arguments], stdout=out, stderr=out, env=given
            )

    def ready(self) -> "Demo":
        until = time.monotonic() + START_LIMIT
        while READY not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)
        return self

    def said(self) -> str:
        return self.out.read_text()

    def told(self) -> dict[str, object]:
        facts: dict[str, object] = json.loads((self.home / "demo.json").read_text())
        return facts

    def family(self) -> list[int]:
        """The supervisor's children, by the kernel's word."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], check=False, capture_output=True, text=True
        )
        return [int(pid) for pid in listed.stdout.split()]

    def is_whole(self) -> bool:
        """Web, worker and both servers, as the portal itself sees them."""
        try:
            return (
                httpx.get(f"{self.told()['base_url']}/readyz", trust_env=False, timeout=5).status_code == 200
            )
        except httpx.TransportError:
            return False

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(with_signal)
        return self.process.wait(STOP_LIMIT)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    if os.geteuid() == 0:
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o711)
    started: list[Demo] = []

    def run(*arguments: str, **environment: str) -> Demo:
        started.append(Demo(tmp_path / "home", *arguments, **environment))
        return started[-1]

    yield run
    for demo in started:
        if demo.process.poll() is None:
            demo.end()


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + STOP_LIMIT
    while time.monotonic() < until:
        listed = subprocess.run(
            ["ps", "-o", "stat=", "-p", ",".join(map(str, pids))], check=False, capture_output=True
        )
        if not any(state and not state.startswith("Z") for state in listed.stdout.decode().split()):
            return True
        time.sleep(0.1)
    return False


def test_the_demo_says_where_it_is_and_who_may_enter(start: Callable[..., Demo]) -> None:
    demo = start().ready()
    told = demo.told()

    assert demo.said().splitlines()[0] == f"Portal ready at {told['base_url']}"
    assert httpx.get(f"{told['base_url']}/healthz", trust_env=False).status_code == 200
    assert httpx.get(str(told["mailbox_url"]), trust_env=False).status_code == 200
    assert (demo.home / "demo.json").stat().st_mode & 0o777 == 0o600
    assert {"erp", "buyer"} <= set(told["tokens"])  # type: ignore[call-overload]
    assert all({"email", "password", "role", "account"} <= set(user) for user in told["users"])  # type: ignore[attr-defined]


def test_a_second_start_keeps_the_data_and_fresh_starts_over(start: Callable[..., Demo]) -> None:
    first = start().ready()
    tokens = first.told()["tokens"]
    assert first.end() == 0

    second = start().ready()
    assert second.told()["tokens"] == tokens
    assert second.end() == 0

    third = start("--fresh").ready()
    assert third.told()["tokens"] != tokens


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_demo_leaves_nothing_behind(start: Callable[..., Demo]) -> None:
    demo = start().ready()
    family = demo.family()
    assert len(family) >= 4

    demo.end(signal.SIGKILL)

    assert gone(family)


def test_a_stopped_demo_leaves_nothing_behind(start: Callable[..., Demo]) -> None:
    demo = start().ready()
    family = demo.family()

    assert demo.end(signal.SIGTERM) == 0

    assert gone(family)
    assert not (demo.home / "servers.json").exists()


def test_a_process_that_dies_is_started_again(start: Callable[..., Demo]) -> None:
    demo = start().ready()
    before = demo.family()
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    until = time.monotonic() + HEAL_LIMIT
    while not demo.is_whole() and time.monotonic() < until:
        time.sleep(0.1)
    assert demo.is_whole(), demo.said()
    assert not set(before) & set(demo.family())


def test_a_taken_port_is_told_in_one_sentence(start: Callable[..., Demo]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = start(PORTAL_PORT=str(taken.getsockname()[1]))

        assert demo.process.wait(START_LIMIT) == 1

    assert demo.said().startswith("portal: Port ")
    assert "set PORTAL_PORT to another one" in demo.said()
    assert "Traceback" not in demo.said()


@pytest.mark.parametrize(
    "environment",
    [{"PORTAL_MODE": "production"}, {"PORTAL_BASE_URL": "https://orders.example"}, {"PORTAL_MODE": "test"}],
)
def test_a_demo_is_refused_where_it_could_be_public(
    start: Callable[..., Demo], environment: dict[str, str]
) -> None:
    demo = start(**environment)

    assert demo.process.wait(START_LIMIT) == 1
    assert "Traceback" not in demo.said()
    assert not (demo.home / "demo.json").exists()
