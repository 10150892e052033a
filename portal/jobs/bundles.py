"""Bundles of documents: packed as soon as all that goes into one is made."""

import asyncio
import io
import logging
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from typing import Any, cast

from portal import clock
from portal.clock import utc_now
from portal.db import bundles
from portal.db.bundles import Claimed, Paper
from portal.db.work import Connection, Pool, Work
from portal.jobs.lanes import Lane

log = logging.getLogger(__name__)

# Packing 500 documents takes some seconds.
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
AT_A_TIME = 20
# Octets; 500 long invoices would not be too much, 500 of the longest would.
LARGEST = 150 * 1024 * 1024
KEPT = timedelta(days=1)


async def make_bundles(ctx: dict[str, Any]) -> None:
    """There is, or may be, something to pack: it is packed beside the jobs."""
    ctx["packer"].wake()


async def forget_bundles(ctx: dict[str, Any]) -> None:
    """What nobody needs any more."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    async with ctx["pool"].acquire() as acquired:
        await bundles.forget(cast("Connection", acquired), utc_now() - KEPT)


class TooLarge(Exception):
    """More than fits into one file."""


class Packer:
    """One bundle at a time."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.lane = Lane("bundles", self.pack_next)

    def wake(self) -> None:
        self.lane.wake()

    async def rest(self) -> None:
        await self.lane.rest()

    async def stop(self) -> None:
        await self.lane.stop()

    async def pack_next(self) -> bool:
        """Pack one bundle; False when none waits that could be packed."""
        work = Work(self.pool)
        async with work:
            claimed = await bundles.claim(work.conn, LEASE)
        if claimed is None:
            return False
        try:
            if claimed.attempts > MOST_ATTEMPTS:
                raise TooLarge("it could not be packed")
            packed, missing = await self._pack(claimed)
        except asyncio.CancelledError:
            await asyncio.shield(self._settle(bundles.give_back, claimed.id))
            raise
        except TooLarge as reason:
            log.warning("bundle of %s documents: %s", len(claimed.numbers), reason)
            await self._settle(bundles.give_up, claimed.id, str(reason))
            return True
        await self._settle(bundles.keep, claimed.id, packed, ", ".join(missing))
        return True

    async def _pack(self, claimed: Claimed) -> tuple[bytes, Sequence[str]]:
        """The file, and the numbers of what is not in it."""
        file, missing = io.BytesIO(), []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            for numbers in _slices(sorted(claimed.numbers)):
                async with self.pool.acquire() as acquired:
                    papers = await bundles.papers(cast("Connection", acquired), numbers)
                missing += [paper.number for paper in papers if paper.pdf is None]
                for paper in papers:
                    if paper.pdf is not None:
                        packed.writestr(_entry(paper), paper.pdf)
                if file.tell() > LARGEST:
                    raise TooLarge("these documents are too large for one file: choose fewer")
        return file.getvalue(), missing

    async def _settle(self, how: Any, *what: Any) -> None:
        work = Work(self.pool)
        async with work:
            await how(work.conn, *what)


def _slices(numbers: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(numbers), AT_A_TIME):
        yield numbers[start : start + AT_A_TIME]


def _entry(paper: Paper) -> zipfile.ZipInfo:
    """PDFs are compressed already. The day is that of issue, so that the same documents make the same file."""
    entry = zipfile.ZipInfo(f"{paper.number}.pdf", paper.issued_at.astimezone(UTC).timetuple()[:6])
    entry.external_attr = 0o644 << 16
    return entry
