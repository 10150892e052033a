"""A worker is killed in the middle of printing an invoice, as a machine that loses its power kills it."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.db.work import Pool
from portal.jobs.documents import LEASE
from tests.documents.issued import issue, numbered, row
from tests.documents.reading import words
from tests.portals import Portal

# Enough that it is still being printed when it is looked at.
LINES = 250


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(worker=True)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if b"pdf_child" in Path(f"/proc/{child}/cmdline").read_bytes()]


def computed(pid: int) -> float:
    """Seconds of the processor that it has had so far."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(ticks[11]) / os.sysconf("SC_CLK_TCK")


async def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - no event comes from another process
            await asyncio.sleep(0.02)


async def printing(*workers: subprocess.Popen[bytes]) -> tuple[subprocess.Popen[bytes], int]:
    """The worker that prints what was issued just now and the child that does it, once it is in the middle of it: it
    has computed for a while, and on the fastest machine is far from its end."""
    before = {child: computed(child) for worker in workers for child in children(worker.pid)}
    found: list[tuple[subprocess.Popen[bytes], int]] = []

    def is_busy() -> bool:
        for worker in workers:
            busy = [one for one in children(worker.pid) if computed(one) - before.get(one, 0) > 0.7]
            found.extend((worker, child) for child in busy)
        return bool(found)

    await until(is_busy)
    return found[0]


async def ready(pool: Pool, invoice: int, seconds: float) -> float:
    """How long it took until its files were there."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(seconds):
        while (await row(pool, invoice))["state"] != "ready":  # noqa: ASYNC110 - it comes from another process
            await asyncio.sleep(0.1)
    return asyncio.get_running_loop().time() - began


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


@pytest.mark.slow
async def test_the_next_worker_makes_what_a_killed_one_was_at(portal: Portal, portal_pool: Pool) -> None:
    invoice = await issue(portal_pool, numbered(1, LINES))
    worker, child = await printing(portal.processes[-1])
    claimed = await row(portal_pool, invoice)
    assert (claimed["state"], claimed["attempts"]) == ("waiting", 1)
    assert claimed["claimed_until"] is not None

    worker.kill()
    worker.wait()
    await until(lambda: is_gone(child), 5)
    left = await row(portal_pool, invoice)
    assert left["state"] == "waiting", "half a file is no file"
    assert left["pdf"] is None

    portal.start("worker")
    await ready(portal_pool, invoice, LEASE.total_seconds() + 60)
    made = await row(portal_pool, invoice)
    assert made["attempts"] == 2
    assert "INV-2026-000001" in words(made["pdf"])


@pytest.mark.slow
async def test_a_killed_worker_does_not_hold_up_the_others(portal: Portal, portal_pool: Pool) -> None:
    """Two workers, one of which dies: what it had not begun is made at once."""
    first = next(process for process in reversed(portal.processes) if process.poll() is None)
    second = portal.start("worker")
    long = await issue(portal_pool, numbered(2, LINES))
    victim, _ = await printing(first, second)
    victim.kill()
    short = await issue(portal_pool, numbered(3))

    assert await ready(portal_pool, short, 20) < LEASE.total_seconds() / 2
    assert (await row(portal_pool, long))["state"] == "waiting"
    await ready(portal_pool, long, LEASE.total_seconds() + 60)
