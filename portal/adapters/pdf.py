"""HTML becomes PDF in child processes: laying out pages takes a processor, and a page of the portal must not wait.

Each child (`portal.adapters.pdf_child`) prints one document at a time, is replaced after some, is killed when it takes
too long, goes by itself when nobody needs it, and ends with the process that started it. A document whose child dies
is given to another one, once.
"""

import asyncio
import contextlib
import hashlib
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import msgspec

from portal.adapters.archiving import Archive
from portal.assets import ROOT, STATIC

FONTS = tuple(STATIC / "vendor" / f"inter-{weight}.ttf" for weight in (400, 500, 600))

# A frame between the two: its kind, the length of its content in four bytes, its content.
READY, MISSING, PRINTED, FAILED = b"r", b"m", b"p", b"f"
HEAD = 5

CHILDREN = 2
DOCUMENTS_PER_CHILD = 100
# Characters, some 800 lines: what a child took from the machine for such a document it gives back by ending.
HEAVY = 250_000
SECONDS_PER_DOCUMENT = 120.0
MOST_WAITING = 64


class CannotPrint(Exception):
    """No PDF can be made now; the text says why, and what would help."""


class LibrariesMissing(CannotPrint):
    """Pango and its friends, or the fonts, are not on this machine."""


class TookTooLong(CannotPrint):
    """The document was given up."""


class TooMany(CannotPrint):
    """So many documents wait already that one more would wait in vain."""


class _Died(Exception):
    """The child is gone: killed, out of memory, or it went because nobody had asked for a while."""


class Wanted(msgspec.Struct, frozen=True):
    """What a child is asked for."""

    html: str
    archive: Archive | None = None


class Printer:
    """A few children, started when they are first needed."""

    def __init__(
        self,
        *,
        children: int = CHILDREN,
        documents_per_child: int = DOCUMENTS_PER_CHILD,
        seconds: float = SECONDS_PER_DOCUMENT,
        most_waiting: int = MOST_WAITING,
        fonts: tuple[Path, ...] = FONTS,
    ) -> None:
        self.documents_per_child = documents_per_child
        self.seconds = seconds
        self.most_waiting = most_waiting
        self.fonts = fonts
        self._free = asyncio.Semaphore(children)
        self._asking = 0
        self._most_asking = children + most_waiting
        self._idle: list[_Child] = []

    @cached_property
    def fingerprint(self) -> str:
        """Changes with all that shapes a PDF besides the HTML."""
        digest = hashlib.sha256(version("weasyprint").encode())
        for font in self.fonts:
            digest.update(font.read_bytes() if font.exists() else b"")
        return digest.hexdigest()

    async def print(self, html: str, archive: Archive | None = None) -> bytes:
        """The PDF of a whole HTML document that refers to nothing outside of itself: PDF/UA-1, and PDF/A-3a where it
        goes into an archive. The same content, the same bytes."""
        # Templates answer Markup, which is not what goes over the wire.
        wanted = Wanted(str(html), archive)
        if self._asking >= self._most_asking:
            raise TooMany("Too many documents are being prepared right now; try again in a moment.")
        self._asking += 1
        try:
            async with self._free:
                try:
                    return await self._print(wanted)
                except _Died:
                    return await self._print(wanted)
        except _Died as died:
            raise CannotPrint(
                "The process that prints documents died twice; try again in a moment."
            ) from died
        finally:
            self._asking -= 1

    async def stop(self) -> None:
        while self._idle:
            await self._idle.pop().end()

    async def _print(self, wanted: Wanted) -> bytes:
        child: _Child | None = None
        try:
            async with asyncio.timeout(self.seconds):
                child = self._living() or await _Child.start(self.fonts)
                return await child.print(wanted)
        except TimeoutError:
            raise TookTooLong(
                f"This document was not finished after {self.seconds:g} seconds and was given up."
            ) from None
        finally:
            if child is not None:
                await self._put_back(child)

    async def _put_back(self, child: "_Child") -> None:
        if not child.is_at_rest:
            # An answer that nobody has read must not become the answer to the next one.
            await child.kill()
        elif child.is_heavy or child.printed >= self.documents_per_child:
            await child.end()
        else:
            self._idle.append(child)

    def _living(self) -> "_Child | None":
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
        return None


@dataclass(slots=True)
class _Child:
    process: asyncio.subprocess.Process
    printed: int = 0
    is_heavy: bool = False
    is_at_rest: bool = False

    @classmethod
    async def start(cls, fonts: tuple[Path, ...]) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "portal.adapters.pdf_child",
            *map(str, fonts),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
        child = cls(process)
        try:
            kind, said = await child._answer()
            if kind != READY:
                raise LibrariesMissing(said.decode())
        except BaseException:
            await child.kill()
            raise
        child.is_at_rest = True
        return child

    async def print(self, wanted: Wanted) -> bytes:
        self.is_at_rest = False
        self.is_heavy |= len(wanted.html) >= HEAVY
        content = msgspec.msgpack.encode(wanted)
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(len(content).to_bytes(HEAD - 1) + content)
            await self.process.stdin.drain()
            kind, said = await self._answer()
        except ConnectionError as gone:
            raise _Died from gone
        self.is_at_rest = True
        self.printed += 1
        if kind == FAILED:
            raise RuntimeError(f"a document could not be printed:\n{said.decode()}")
        return said

    async def _answer(self) -> tuple[bytes, bytes]:
        assert self.process.stdout is not None
        try:
            head = await self.process.stdout.readexactly(HEAD)
            return head[:1], await self.process.stdout.readexactly(int.from_bytes(head[1:]))
        except asyncio.IncompleteReadError as gone:
            raise _Died from gone

    async def end(self) -> None:
        """At rest it goes at once when nothing more can come."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()

    async def kill(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                self.process.kill()
        await self.process.wait()


def _environment() -> dict[str, str]:
    """Without the portal's own secrets: a child sees nothing but documents."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {**ours, "PYTHONPATH": str(ROOT)}
