"""What the bars are about, measured while the portal works: for Prometheus, over all processes of this machine.

Each process writes into a file of its own under the portal's home, and whichever is asked at `/metrics` adds them up.
The library decides when it is loaded whether it does so: `begin` comes before anything that loads it.
"""

import logging
import os
from pathlib import Path
from typing import Any

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# How much room each process' files have from the start. The library writes into them as into memory: where the disk
# then has no room left, the kernel would end the process.
ROOM = {"histogram": 4 << 20, "gauge_livesum": 1 << 16}

log = logging.getLogger(__name__)


def begin(home: Path) -> None:
    """To be called by a process that serves or works, before it loads the application."""
    folder = home / "figures"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget(folder)
    try:
        for name, size in ROOM.items():
            _make_room(folder / f"{name}_{os.getpid()}.db", size)
    except OSError as problem:
        log.warning("figures are of one process each, because there is no room for their files: %s", problem)
        os.environ.pop(FOLDER, None)
        return
    os.environ[FOLDER] = str(folder)


def _make_room(path: Path, size: int) -> None:
    """Bytes that are there, not only promised."""
    with path.open("ab") as file:
        if (missing := size - file.tell()) > 0:
            file.write(bytes(missing))
            file.flush()
            os.fsync(file.fileno())


def _forget(folder: Path) -> None:
    """Begin at nought when nobody of the former run lives. While one does, sums must not fall: they would be read as
    begun anew."""
    files = list(folder.glob("*.db"))
    numbers = {file.stem.rpartition("_")[2] for file in files}
    if any(number.isdigit() and _lives(int(number)) for number in numbers):
        return
    for file in files:
        file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Figures:
    """Made at the first measurement, so that commands which measure nothing load nothing."""

    def __init__(self) -> None:
        from prometheus_client import Gauge, Histogram

        fine = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
        slow = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800)
        self.requests = Histogram(
            "portal_request_seconds",
            "From the head of a request to the head of its answer",
            ("method", "route", "status"),
            buckets=fine,
        )
        self.streams = Gauge("portal_live_streams", "Pages that listen now", multiprocess_mode="livesum")
        self.live = Histogram(
            "portal_live_seconds", "From a notification to the messages for all who watch", buckets=fine
        )
        self.first_attempts = Histogram(
            "portal_first_attempt_seconds",
            "From a commit to the first attempt to deliver",
            ("kind",),
            buckets=slow,
        )
        self.papers = Histogram("portal_paper_seconds", "To make the files of one invoice", buckets=slow)
        self.jobs = Histogram("portal_job_seconds", "One run of a job", ("job",), buckets=slow)
        # By (method, route, status): looking a label up costs more than the measurement.
        self.known: dict[tuple[str, str, int], Any] = {}


_made: _Figures | None = None


def figures() -> _Figures:
    global _made
    if _made is None:
        _made = _Figures()
    return _made


def answered(scope: Any, status: int, seconds: float) -> None:
    """A request was answered. An address that no page has is not told: anybody can make those up."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    key = (method, scope.get("path_template") or "none", status // 100)
    made = figures()
    found = made.known.get(key)
    if found is None:
        found = made.known[key] = made.requests.labels(key[0], key[1], f"{key[2]}xx")
    found.observe(seconds)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


def exposed() -> bytes:
    """In Prometheus' own words."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    if FOLDER not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
