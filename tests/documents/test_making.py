"""The files of invoices: made once by whoever claims them, whatever happens to who makes them."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from portal import clock
from portal.adapters.pdf import CannotPrint, LibrariesMissing, Printer
from portal.db import documents
from portal.db.work import Pool
from portal.domain.access import Viewer
from portal.jobs import documents as making
from portal.jobs.documents import MOST_ATTEMPTS, Press
from portal.settings import Settings
from tests.documents.issued import issue, numbered, row
from tests.documents.reading import words

SUPPLIER = Viewer("test", "Test", None, frozenset({"*"}))
NOT_LONG = 60


class Paper:
    """A printer that is quick, or does what a test wants of it."""

    def __init__(self, *problems: Exception) -> None:
        self.problems = list(problems)
        self.printed: list[str] = []
        self.hold: asyncio.Event | None = None
        # The number of an invoice that it cannot print.
        self.hates = ""

    async def print(self, html: str, archive: object = None) -> bytes:
        self.printed.append(html.partition("<title>")[2].partition("<")[0])
        if self.hold is not None:
            await self.hold.wait()
        if self.hates and self.hates in html:
            raise RuntimeError("a glyph is\nmissing")
        if self.problems:
            raise self.problems.pop(0)
        return b"%PDF-" + html.encode()

    async def stop(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_ahead", timedelta())


@pytest.fixture
async def press(pool: Pool, settings: Settings) -> AsyncIterator[Press]:
    """What a worker has, with a real printer."""
    press = Press(pool, settings)
    yield press
    await press.stop()


def with_printer(pool: Pool, settings: Settings, printer: Any) -> Press:
    return Press(pool, settings, printer)


async def until(is_so: Callable[[], Awaitable[bool] | bool]) -> None:
    async with asyncio.timeout(NOT_LONG):
        while True:
            so = is_so()
            if so if isinstance(so, bool) else await so:
                return
            await asyncio.sleep(0.005)


async def made(press: Press) -> None:
    press.wake()
    async with asyncio.timeout(NOT_LONG):
        await press.rest()


async def test_all_files_are_made_and_kept_with_their_hash(pool: Pool, press: Press) -> None:
    invoice = await issue(pool, numbered(1, 3))
    await made(press)
    kept = await row(pool, invoice)

    assert (kept["state"], kept["profile"], kept["attempts"]) == ("ready", "en16931", 1)
    assert kept["pdf_sha256"] == hashlib.sha256(kept["pdf"]).digest()
    assert "Invoice INV-2026-000001" in words(kept["pdf"])
    assert b"CrossIndustryInvoice" in kept["cii"]
    assert b"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" in kept["ubl"]
    assert kept["claimed_until"] is None
    assert kept["made_at"] is not None


async def test_the_same_invoice_makes_the_same_bytes(pool: Pool, press: Press, settings: Settings) -> None:
    invoice = await issue(pool, numbered(1, 3, language="both"))
    async with pool.acquire() as conn:
        claimed = await documents.claim(conn, timedelta(seconds=1))  # type: ignore[arg-type]
    assert claimed is not None
    assert claimed.invoice_id == invoice
    other = Press(pool, settings)
    one, two = await press.files(claimed), await other.files(claimed)
    await other.stop()

    assert one == two


async def test_what_is_made_is_never_made_again(pool: Pool, press: Press) -> None:
    invoice = await issue(pool, numbered(1))
    await made(press)
    before = await row(pool, invoice)
    await made(press)
    async with pool.acquire() as conn:
        assert not await documents.keep(conn, invoice, documents.Files(b"other"), clock.utc_now())  # type: ignore[arg-type]
        assert not await documents.again(conn, "INV-2026-000001")  # type: ignore[arg-type]

    assert await row(pool, invoice) == before
    for change in ("pdf = 'x'", "state = 'waiting', pdf = null, pdf_sha256 = null", "claimed_until = now()"):
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(f"update invoice_document set {change}")
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("delete from invoice_document")


async def test_a_currency_with_three_decimals_has_a_pdf_and_no_xml(pool: Pool, press: Press) -> None:
    invoice = await issue(pool, numbered(1, currency="KWD"))
    await made(press)
    kept = await row(pool, invoice)
    async with pool.acquire() as conn:
        file = await documents.file(conn, SUPPLIER, "INV-2026-000001", "cii")  # type: ignore[arg-type]

    assert (kept["state"], kept["profile"], kept["cii"], kept["ubl"]) == ("ready", "none", None, None)
    assert b"factur-x" not in kept["pdf"]
    assert file is not None
    assert file.is_impossible


async def test_several_workers_make_each_of_many_once(pool: Pool, settings: Settings) -> None:
    for number in range(1, 31):
        await issue(pool, numbered(number))
    printers = [Paper() for _ in range(4)]
    workers = [with_printer(pool, settings, printer) for printer in printers]
    await asyncio.gather(*(made(worker) for worker in workers))

    printed = [title for printer in printers for title in printer.printed]
    assert sorted(printed) == [f"Invoice INV-2026-{number:06}" for number in range(1, 31)]
    assert await pool.fetchval("select count(*) from invoice_document where state = 'ready'") == 30


async def test_short_ones_do_not_wait_for_a_long_one(pool: Pool, settings: Settings) -> None:
    paper = Paper()
    paper.hold = asyncio.Event()
    long = await issue(pool, numbered(1, making.SHORT + 1))
    worker = with_printer(pool, settings, paper)
    worker.wake()
    await until(lambda: bool(paper.printed))
    short = [await issue(pool, numbered(number)) for number in (2, 3)]
    # Whoever asks from now on is served at once; the long one is still being printed.
    hold, paper.hold = paper.hold, None
    worker.wake()

    async def is_made() -> bool:
        return bool((await row(pool, short[1]))["state"] == "ready")

    await until(is_made)
    assert (await row(pool, long))["state"] == "waiting"
    hold.set()
    await worker.rest()

    assert (await row(pool, long))["state"] == "ready"


async def test_a_claim_is_renewed_as_long_as_somebody_works(
    pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr(making, "RENEWALS", 0.1)
    slow, other = Paper(), Paper()
    slow.hold = asyncio.Event()
    await issue(pool, numbered(1))
    worker, second = (with_printer(pool, settings, paper) for paper in (slow, other))
    worker.wake()
    await asyncio.sleep(1.5)
    await made(second)
    assert other.printed == []

    slow.hold.set()
    await worker.rest()
    assert await pool.fetchval("select state from invoice_document") == "ready"


async def test_a_worker_that_stops_gives_back_what_it_was_at(pool: Pool, settings: Settings) -> None:
    paper = Paper()
    paper.hold = asyncio.Event()
    invoice = await issue(pool, numbered(1))
    worker = with_printer(pool, settings, paper)
    worker.wake()
    await until(lambda: bool(paper.printed))
    await worker.stop()

    left = await row(pool, invoice)
    assert (left["state"], left["claimed_until"], left["attempts"]) == ("waiting", None, 0)
    next_one = with_printer(pool, settings, Paper())
    await made(next_one)
    assert (await row(pool, invoice))["state"] == "ready"


async def test_what_fails_is_tried_again_later_and_given_up_in_the_end(
    pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(making, "FIRST_PAUSE", timedelta(milliseconds=1))
    paper = Paper()
    paper.hates = "INV-2026-000001"
    invoice = await issue(pool, numbered(1))
    good = await issue(pool, numbered(2))
    worker = with_printer(pool, settings, paper)
    for _ in range(20):
        await made(worker)
        await asyncio.sleep(0.02)
        if (await row(pool, invoice))["state"] == "failed":
            break

    left = await row(pool, invoice)
    assert (left["state"], left["problem"], left["attempts"]) == ("failed", "missing", MOST_ATTEMPTS)
    assert (await row(pool, good))["state"] == "ready", "others do not wait for it"
    assert "the files of INV-2026-000001 cannot be made" in caplog.text
    async with pool.acquire() as conn:
        assert await documents.again(conn, "INV-2026-000001")  # type: ignore[arg-type]
    paper.hates = ""
    await made(worker)
    assert (await row(pool, invoice))["state"] == "ready"


async def test_a_pause_is_kept_between_attempts(pool: Pool, settings: Settings) -> None:
    paper = Paper(CannotPrint("The process that prints documents died twice; try again in a moment."))
    invoice = await issue(pool, numbered(1))
    worker = with_printer(pool, settings, paper)
    await made(worker)
    await made(worker)

    left = await row(pool, invoice)
    assert len(paper.printed) == 1
    assert (left["state"], left["attempts"]) == ("waiting", 1)
    assert left["problem"] == "The process that prints documents died twice; try again in a moment."


async def test_a_missing_library_is_nobodys_failure(pool: Pool, settings: Settings) -> None:
    paper = Paper(LibrariesMissing("apt-get install libpango-1.0-0"))
    invoice = await issue(pool, numbered(1))
    worker = with_printer(pool, settings, paper)
    with contextlib.suppress(TimeoutError):
        await made(worker)
    left = await row(pool, invoice)
    if left["state"] == "waiting":
        assert (left["attempts"], left["problem"]) == (0, "apt-get install libpango-1.0-0")
        await made(worker)
    assert (await row(pool, invoice))["state"] == "ready"


async def test_what_kills_its_maker_each_time_is_given_up(pool: Pool, settings: Settings) -> None:
    paper = Paper()
    invoice = await issue(pool, numbered(1))
    await pool.execute("update invoice_document set attempts = $1", MOST_ATTEMPTS)
    await made(with_printer(pool, settings, paper))

    left = await row(pool, invoice)
    assert (left["state"], paper.printed) == ("failed", [])
    assert left["problem"] == "RuntimeError: whoever made it was killed each time"


async def test_a_printer_that_is_killed_in_the_middle_is_replaced(pool: Pool, press: Press) -> None:
    """The child that prints, by the kernel's hand: the worker lives on and gives the work to another one."""
    invoice = await issue(pool, numbered(1, 40))
    printer: Printer = press.printer
    await printer.print("<html lang=en><title>Warm</title><p>Warm")
    [child] = printer._idle
    press.wake()
    await until(lambda: not child.is_at_rest)
    child.process.kill()
    async with asyncio.timeout(NOT_LONG):
        await press.rest()

    kept = await row(pool, invoice)
    assert (kept["state"], kept["attempts"]) == ("ready", 1)
