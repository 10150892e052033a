"""The files of invoices: each is made by whoever claims it, once, after the commit that issued the invoice.

Whoever is killed in the middle loses the claim when its time is over, and somebody else begins anew; the same invoice
gives the same bytes. What cannot be made after some attempts is given up, told in the log and on the finance page.
"""

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from portal import clock, figures, tracing
from portal.adapters import einvoice
from portal.adapters.archiving import Archive, Invoice
from portal.adapters.pdf import CannotPrint, LibrariesMissing, Printer
from portal.clock import utc_now
from portal.db import documents
from portal.db.documents import Claimed, Files
from portal.db.work import Pool, Work
from portal.domain.invoices import Document
from portal.jobs.lanes import Lane
from portal.pages import Pages, Site
from portal.settings import Settings
from portal.views.papers.invoice_files import html_of

log = logging.getLogger(__name__)

# How long a claim holds without being renewed: as long as others wait after a worker was killed.
LEASE = timedelta(seconds=20)
RENEWALS = 5.0
# Lines. What is longer takes many seconds, and must not stand in the way of what takes one.
SHORT = 300
# By the clock. 2,000 lines take half a minute of the processor, which those who look at pages have first.
LONGEST = 3600.0
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PROBLEM = 500
# As Factur-X calls the profiles.
CONFORMANCE = {"en16931": "EN 16931", "extended": "EXTENDED"}


async def make_documents(ctx: dict[str, Any]) -> None:
    """There is, or may be, something to make: it is made beside the jobs."""
    ctx["press"].wake()


class Press:
    """Makes what waits: one lane for everything, and one for what is short."""

    def __init__(self, pool: Pool, settings: Settings, printer: Printer | None = None) -> None:
        self.pool = pool
        self.settings = settings
        self.printer = printer or Printer(children=2, seconds=LONGEST)
        self.pages = Pages(
            site=Site(settings.supplier_name, ""),
            asset=lambda name: f"/static/{name}",
            zone=settings.supplier_time_zone,
        )
        self.lanes = (
            Lane("documents", self.make_next),
            Lane("short documents", lambda: self.make_next(SHORT)),
        )

    def wake(self) -> None:
        for lane in self.lanes:
            lane.wake()

    async def rest(self) -> None:
        """Wait until nothing is left to make."""
        for lane in self.lanes:
            await lane.rest()

    async def stop(self) -> None:
        for lane in self.lanes:
            await lane.stop()
        await self.printer.stop()

    async def make_next(self, most_lines: int | None = None) -> bool:
        """Make the files of one invoice; False when none waits."""
        if self.settings.has_simulated_clock:
            await clock.refresh(self.pool)
        async with self._work() as work:
            claimed = await documents.claim(work.conn, LEASE, most_lines=most_lines)
        if claimed is None:
            return False
        return await self._make(claimed)

    async def _make(self, claimed: Claimed) -> bool:
        """Whether to go on with the next one."""
        structlog.contextvars.bind_contextvars(invoice=claimed.number)
        began = time.monotonic()
        try:
            async with self._renewing(claimed):
                if claimed.attempts > MOST_ATTEMPTS:
                    raise RuntimeError("whoever made it was killed each time")
                with tracing.span("make documents", portal_invoice=claimed.number):
                    files = await self.files(claimed)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(claimed))
            raise
        except LibrariesMissing as missing:
            # Nothing is wrong with this invoice, and with the next one it would be the same.
            await self._give_back(claimed, str(missing))
            log.warning("documents wait: %s", missing)
            return False
        except Exception as failure:  # noqa: BLE001 (kept with the invoice, and logged)
            await self._failed(claimed, failure)
            return True
        figures.figures().papers.observe(time.monotonic() - began)
        async with self._work() as work:
            await documents.keep(work.conn, claimed.invoice_id, files, utc_now())
        return True

    async def files(self, claimed: Claimed) -> Files:
        document = msgspec.convert(claimed.facts, Document)
        html = await asyncio.to_thread(html_of, document, self.pages)
        profile = einvoice.profile(document)
        if profile == "none":
            pdf = await self.printer.print(html, Archive(claimed.issued_at))
            return Files(pdf, lacks=" ".join(einvoice.lacks(document)))
        cii = await asyncio.to_thread(einvoice.cii, document)
        ubl = await asyncio.to_thread(einvoice.ubl, document)
        invoice = Invoice(cii, CONFORMANCE[profile])
        pdf = await self.printer.print(html, Archive(claimed.issued_at, invoice))
        return Files(pdf, profile, cii, ubl)

    @asynccontextmanager
    async def _renewing(self, claimed: Claimed) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew(claimed))
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, claimed: Claimed) -> None:
        while True:
            await asyncio.sleep(RENEWALS)
            try:
                async with self._work() as work:
                    await documents.renew(work.conn, claimed.invoice_id, LEASE)
            except Exception:
                # The database is away: then nobody else can begin either.
                log.warning("the claim of %s was not renewed", claimed.number, exc_info=True)

    async def _failed(self, claimed: Claimed, failure: Exception) -> None:
        """Again after a pause that doubles; in the end somebody has to look into it."""
        problem = _told(failure)
        async with self._work() as work:
            if claimed.attempts >= MOST_ATTEMPTS:
                await documents.give_up(work.conn, claimed.invoice_id, problem)
                log.error("the files of %s cannot be made: %s", claimed.number, problem, exc_info=failure)
            else:
                pause = FIRST_PAUSE * 2 ** (claimed.attempts - 1)
                await documents.put_off(work.conn, claimed.invoice_id, problem, pause)
                log.warning("the files of %s were not made, again in %s: %s", claimed.number, pause, problem)

    async def _give_back(self, claimed: Claimed, problem: str | None = None) -> None:
        async with self._work() as work:
            await documents.give_back(work.conn, claimed.invoice_id, problem)

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[Work]:
        work = Work(self.pool)
        async with work:
            yield work


def _told(failure: Exception) -> str:
    """What the finance page says: the sentence, or the last line of what the program says."""
    if isinstance(failure, CannotPrint):
        return str(failure)[:LONGEST_PROBLEM]
    last = "".join(traceback.format_exception_only(failure)).strip().splitlines()[-1]
    return last[-LONGEST_PROBLEM:]
