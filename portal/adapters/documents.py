"""PDFs on disk: made when first asked for, found again by the hash of all that they say.

A document that says something else tomorrow has another hash: it is made anew, and the old file goes. The folder may be
emptied at any time. Whoever cannot wait is told that it is being made, and finds it when they come again.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from portal.adapters.pdf import Printer

log = logging.getLogger(__name__)

# How often a process looks whether another one has finished the document.
SECONDS_BETWEEN_LOOKS = 0.1
# Failures that nobody has come back for: of more than so many the oldest is forgotten.
MOST_FAILURES = 64


class BeingMade(Exception):
    """The document takes longer than somebody wanted to wait. It goes on being made."""


class Documents:
    """Several processes may share one folder: one of them makes a document, and writes it in one step."""

    def __init__(self, folder: Path, printer: Printer) -> None:
        self.folder = folder
        self.printer = printer
        self._making: dict[Path, asyncio.Task[bytes]] = {}
        self._left: set[Path] = set()
        self._failed: dict[Path, BaseException] = {}

    def digest(self, html: str) -> str:
        """What names the version of a document that this HTML makes."""
        return hashlib.sha256(f"{self.printer.fingerprint}{html}".encode()).hexdigest()[:32]

    async def pdf(self, name: str, html: str, *, patience: float | None = None) -> bytes:
        """The PDF of `html`. `name` is a path of our own making, like `delivery-notes/SH-2026-000031/en`.

        After `patience` seconds `BeingMade` is raised; what then becomes of it is told to who asks next.
        """
        path = self.folder / f"{name}.{self.digest(html)}.pdf"
        if (kept := await asyncio.to_thread(_read, path)) is not None:
            return kept
        if (failed := self._failed.pop(path, None)) is not None:
            raise failed
        making = self._making.get(path) or self._begin(path, html)
        # Others may wait for it too, so it goes on when one of them has left.
        done, _ = await asyncio.wait({making}, timeout=patience)
        if not done:
            self._left.add(path)
            raise BeingMade
        return making.result()

    async def stop(self) -> None:
        making = list(self._making.values())
        for one in making:
            one.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        await self.printer.stop()

    def _begin(self, path: Path, html: str) -> asyncio.Task[bytes]:
        making = self._making[path] = asyncio.create_task(self._make(path, html))
        making.add_done_callback(lambda done: self._end(path, done))
        return making

    def _end(self, path: Path, made: asyncio.Task[bytes]) -> None:
        """What went wrong is kept for those who have left, so that it is not tried over and over behind their backs."""
        del self._making[path]
        was_left = path in self._left
        self._left.discard(path)
        if made.cancelled() or (failure := made.exception()) is None or not was_left:
            return
        self._failed[path] = failure
        if len(self._failed) > MOST_FAILURES:
            del self._failed[next(iter(self._failed))]

    async def _make(self, path: Path, html: str) -> bytes:
        async with self._alone(path):
            if (kept := await asyncio.to_thread(_read, path)) is not None:
                return kept
            pdf = await self.printer.print(html)
            try:
                await asyncio.to_thread(_keep, path, pdf)
            except OSError:
                log.warning("a document was made but could not be kept: %s", path, exc_info=True)
            return pdf

    @asynccontextmanager
    async def _alone(self, path: Path) -> AsyncIterator[None]:
        """No other process makes the same document meanwhile. There are 256 locks, which nobody needs to clean up."""
        locks = self.folder / ".locks"
        try:
            locks.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (locks / path.name.rsplit(".", 2)[-2][:2]).open("a")
        except OSError:
            # Where nothing can be kept, nothing can be shared.
            yield
            return
        with file:
            while not _is_locked(file.fileno()):  # noqa: ASYNC110 - no event comes from another process
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            yield


def _is_locked(file: int) -> bool:
    """Whether the lock is ours now; it is given back when the file is closed, also by a process that dies."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _keep(path: Path, pdf: bytes) -> None:
    """Write it in one step, and drop what it said before."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    name = path.name.split(".", 1)[0]
    for other in path.parent.glob(f"{name}.*.pdf"):
        if other != path:
            other.unlink(missing_ok=True)
