"""The files of an invoice: 38 lines against WeasyPrint alone, 2,000 lines in the background while people look at pages."""

import asyncio
import subprocess
import time as clock
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import weasyprint
from pypdf import PdfReader

from bench import shop
from bench.calling import Caller, caller, get
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns, medians, peak_memory, processor_seconds
from bench.telling import Findings, Table, count, ratio, size, time
from portal.adapters import einvoice
from portal.adapters.archiving import Archive, Invoice
from portal.adapters.pdf import FONTS
from portal.adapters.pdf_child import Press
from portal.db.work import Pool
from portal.domain.invoices import Document
from portal.pages import Pages, Site
from portal.views.papers.invoice_files import html_of
from tests.documents.issued import issue, numbered
from tests.portals import Portal

ROUNDS = 5
AT = datetime(2026, 11, 19, tzinfo=UTC)
LINES = 38
LONG = 2000
# People who look at a page each second, and how long they are watched.
PEOPLE, EVERY, SECONDS = 40, 1.0, 12.0
# A child has begun to print when it has computed for longer than starting takes.
BEGUN = 2.5
TURNS = 4


async def run(ground: Ground) -> Findings:
    findings = Findings()
    alone = findings.table("lines", "what", "CPU", "× bare", "bar")
    beside = findings.table("pages, p95", "quiet", "while 2,000 lines are printed", "moves by", "bar")
    long = findings.table("lines", "pages", "PDF", "ready after", "CPU of the printer", "its memory at most")
    await _short(alone)
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_story(pool)
        orders = [await shop.place_story(pool, "A0", LINES) for _ in range(8)]
        [cookie] = await ground.sign_in(url, [shop.email_of(0)])
        invoices = [
            row["number"] for row in await pool.fetch("select number from invoice where account = 'A0'")
        ]
        paths = [f"/orders/{number}" for number in orders] + [f"/invoices/{n}" for n in invoices[:8]]
        paths += ["/orders", "/invoices", "/today"]
        requests = [get(path, cookie=cookie, accept_encoding="br, gzip") for path in paths]
        await pool.execute("vacuum analyze")
        async with ground.portal(url) as portal, caller(lambda: ground.database_pids) as load:
            worker = portal.start("worker")
            await _until_all_made(pool)
            watch = _Watch(pool, portal, load, worker, requests)
            quiet, printing, made = await watch.in_turns()
            beside.add(
                f"{len(paths)} of {PEOPLE} people", time(quiet["p95"]), time(printing["p95"]),
                f"{100 * (printing['p95'] / quiet['p95'] - 1):+.0f} %", "< 20 %",
            )  # fmt: skip
            beside.add("the same, p50", time(quiet["p50"]), time(printing["p50"]), "", "")
            long.add(
                count(LONG), count(made["pages"]), size(made["octets"]), time(made["after"]), time(made["cpu"]),
                size(made["memory"]),
            )  # fmt: skip
    findings.say(
        "*Bare* is `weasyprint.HTML(html).write_pdf()` of the same HTML with the same fonts in the same process: no tags, no "
        "archive, no XML. *All files* is what the worker does for an invoice: HTML from what is kept of it, CII, UBL, and the "
        "PDF/A-3a + PDF/UA-1 with the CII inside. The pages are asked for at a steady pace, one per person and second, while "
        "the worker has nothing to do and while it prints; medians of the turns. *Ready after* is from the commit of the "
        "invoice to its file, beside that load."
    )
    return findings


async def _short(table: Table) -> None:
    press = Press(FONTS)
    pages = Pages(site=Site("Bench", ""), asset=lambda name: name, zone="Europe/London")
    said = numbered(1, LINES)
    html = html_of(said, pages)

    def bare() -> bytes:
        pdf: bytes = weasyprint.HTML(string=html, url_fetcher=press.fetcher).write_pdf(
            font_config=press.configuration, stylesheets=[press.faces]
        )
        return pdf

    def archived() -> bytes:
        return press.print(html, Archive(AT, Invoice(b"<none/>")))

    found = await in_turns(
        {
            "bare": lambda: _cpu(bare),
            "PDF/A-3a and PDF/UA-1": lambda: _cpu(archived),
            "all files": lambda: _cpu(lambda: _all_files(press, pages, said)),
        },
        rounds=ROUNDS,
    )
    for name, sample in found.items():
        is_all = name == "all files"
        table.add(
            LINES, name, time(sample["cpu"]), "" if name == "bare" else ratio(sample["cpu"], found["bare"]["cpu"]),
            "≤ 1.5 ×" if is_all else "",
        )  # fmt: skip


def _all_files(press: Press, pages: Pages, said: Document) -> None:
    cii = einvoice.cii(said)
    einvoice.ubl(said)
    press.print(html_of(said, pages), Archive(AT, Invoice(cii)))


async def _cpu(what: Callable[[], object]) -> Sample:
    began = clock.process_time()
    what()
    return {"cpu": clock.process_time() - began}


class _Watch:
    def __init__(
        self,
        pool: Pool,
        portal: Portal,
        load: Caller,
        worker: subprocess.Popen[bytes],
        requests: list[str],
    ) -> None:
        self.pool = pool
        self.portal = portal
        self.load = load
        self.worker = worker
        self.requests = requests

    async def in_turns(self) -> tuple[Sample, Sample, Sample]:
        await self._look()
        quiet, printing, made = [], [], []
        for turn in range(TURNS):
            quiet.append(await self._look())
            watched, file = await self._while_printing(turn)
            printing.append(watched)
            made.append(file)
        return medians(quiet), medians(printing), medians(made)

    async def _look(self) -> Sample:
        pids = [process.pid for process in self.portal.processes if process is not self.worker]
        cost = await self.load.call(
            self.portal.base_url, self.requests, pids, connections=PEOPLE, seconds=SECONDS, every=EVERY
        )
        assert set(cost.statuses) == {200}, cost.statuses
        return cost.sample()

    async def _while_printing(self, turn: int) -> tuple[Sample, Sample]:
        began = clock.monotonic()
        before = processor_seconds(_children(self.worker.pid))
        invoice = await issue(self.pool, numbered(900_000 + turn, LONG, account="A0"))
        child = await self._busy_child(before)
        following = asyncio.create_task(self._follow(invoice, child, began))
        watched = await self._look()
        assert not following.done(), "it was printed before the pages were looked at"
        return watched, await following

    async def _busy_child(self, before: Mapping[int, float]) -> int:
        while True:
            for pid, seconds in processor_seconds(_children(self.worker.pid)).items():
                if seconds - before.get(pid, 0) > BEGUN:
                    return pid
            await asyncio.sleep(0.05)

    async def _follow(self, invoice: int, child: int, began: float) -> Sample:
        memory = cpu = 0.0
        while True:
            row = await self.pool.fetchrow(
                "select state, pdf from invoice_document where invoice_id = $1", invoice
            )
            if row["state"] == "ready":
                return {
                    "after": clock.monotonic() - began, "memory": memory, "cpu": cpu, "octets": len(row["pdf"]),
                    "pages": len(PdfReader(BytesIO(row["pdf"])).pages),
                }  # fmt: skip
            cpu = max(cpu, processor_seconds([child]).get(child, 0))
            if Path(f"/proc/{child}/status").exists():
                memory = max(memory, _peak(child, memory))
            await asyncio.sleep(0.25)


def _peak(pid: int, before: float) -> float:
    try:
        return peak_memory(pid)
    except (OSError, ValueError):
        return before  # it has just ended


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def _until_all_made(pool: Pool) -> None:
    while await pool.fetchval("select exists (select from invoice_document where state <> 'ready')"):  # noqa: ASYNC110
        await asyncio.sleep(0.2)
