"""PDFs on disk: made when first asked for, found again by the hash of all that they say.

A document that says something else tomorrow has another hash: it is made anew, and the old file goes. The folder may be
emptied at any time.
"""

import asyncio
import hashlib
import logging
import os
import secrets
from pathlib import Path

from portal.adapters.pdf import Printer

log = logging.getLogger(__name__)


class Documents:
    """Several processes may share one folder: they write the same bytes, each file in one step."""

    def __init__(self, folder: Path, printer: Printer) -> None:
        self.folder = folder
        self.printer = printer
        self._making: dict[Path, asyncio.Task[bytes]] = {}

    def digest(self, html: str) -> str:
        """What names the version of a document that this HTML makes."""
        return hashlib.sha256(f"{self.printer.fingerprint}{html}".encode()).hexdigest()[:32]

    async def pdf(self, name: str, html: str) -> bytes:
        """The PDF of `html`. `name` is a path of our own making, like `delivery-notes/SH-2026-000031/en`."""
        path = self.folder / f"{name}.{self.digest(html)}.pdf"
        if (kept := await asyncio.to_thread(_read, path)) is not None:
            return kept
        making = self._making.get(path)
        if making is None:
            making = self._making[path] = asyncio.create_task(self._make(path, html))
            making.add_done_callback(lambda _: self._making.pop(path))
        # Others may wait for it too, so it goes on when one of them has left.
        return await asyncio.shield(making)

    async def stop(self) -> None:
        making = list(self._making.values())
        for one in making:
            one.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        await self.printer.stop()

    async def _make(self, path: Path, html: str) -> bytes:
        pdf = await self.printer.print(html)
        try:
            await asyncio.to_thread(_keep, path, pdf)
        except OSError:
            log.warning("a document was made but could not be kept: %s", path, exc_info=True)
        return pdf


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
