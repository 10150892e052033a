"""Printing in child processes: the same bytes, side by side, and whatever happens to a child, the next one works."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from portal.adapters import pdf as printing
from portal.adapters import pdf_child
from portal.adapters.pdf import FONTS, CannotPrint, LibrariesMissing, Printer, TookTooLong, TooMany
from portal.assets import ROOT
from tests.documents.conftest import Written
from tests.documents.reading import words

SMALL = "<html lang=en><title>Small</title><style>p{font-family:'Portal Inter'}</style><p>Small</p>"
# Takes a child many seconds.
ENDLESS = "<html lang=en><title>Long</title><table>" + "<tr><td>1<td>2<td>3</tr>" * 20_000


@asynccontextmanager
async def printer_of(**options: Any) -> AsyncIterator[Printer]:
    printer = Printer(**options)
    try:
        yield printer
    finally:
        await printer.stop()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process ids of all children, as they are started."""
    pids: list[int] = []
    start = asyncio.create_subprocess_exec

    async def noted(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    return pids


async def test_the_same_html_gives_the_same_bytes(written: Written, started: list[int]) -> None:
    """From one child again and again, after other documents, and from another child."""
    async with printer_of(children=1, documents_per_child=3) as printer:
        first = await printer.print(written())
        other = await printer.print(written("SH-2026-000598"))
        again = await printer.print(written())
        elsewhere = await printer.print(written())

    assert first == again == elsewhere
    assert other != first
    assert len(started) == 2


async def test_two_are_printed_side_by_side(written: Written, started: list[int]) -> None:
    async with printer_of(children=2) as printer:
        one, two = await asyncio.gather(printer.print(written()), printer.print(written("SH-2026-000598")))

    assert "SH-2026-000631" in words(one)
    assert "SH-2026-000598" in words(two)
    assert len(started) == 2


async def test_more_than_there_are_children_wait_for_their_turn(written: Written, started: list[int]) -> None:
    numbers = ["SH-2026-000631", "SH-2026-000598"] * 3
    async with printer_of(children=1) as printer:
        printed = await asyncio.gather(*(printer.print(written(number)) for number in numbers))

    assert [number in words(pdf) for number, pdf in zip(numbers, printed, strict=True)] == [True] * 6
    assert len(started) == 1


async def test_a_child_goes_after_some_documents(started: list[int]) -> None:
    async with printer_of(children=1, documents_per_child=2) as printer:
        for _ in range(5):
            await printer.print(SMALL)
        assert [is_alive(pid) for pid in started] == [False, False, True]

    assert not any(map(is_alive, started))


async def test_a_child_goes_after_a_heavy_document(started: list[int]) -> None:
    async with printer_of(children=1) as printer:
        await printer.print(f"{SMALL}<!-- {'x' * printing.HEAVY} -->")
        assert not is_alive(started[0])


def test_a_child_goes_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_child, "IDLE_SECONDS", 0.01)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", 0) as requests, os.fdopen(writing, "wb", 0) as asking:
        asking.write(len(SMALL).to_bytes(4) + SMALL.encode())

        assert pdf_child._next(requests) == SMALL.encode()
        assert pdf_child._next(requests) is None


async def test_a_child_that_is_killed_in_the_middle_costs_nothing(started: list[int]) -> None:
    async with printer_of(children=1) as printer:
        await printer.print(SMALL)
        printing_it = asyncio.create_task(printer.print(SMALL.replace("<p>", "<p>x" * 3000)))
        await asyncio.sleep(0.05)
        os.kill(started[0], signal.SIGKILL)

        assert (await printing_it).startswith(b"%PDF-1.7")
        assert (await printer.print(SMALL)).startswith(b"%PDF-1.7")
    assert len(started) == 2


async def test_a_child_that_died_in_its_sleep_is_replaced(started: list[int]) -> None:
    async with printer_of(children=1) as printer:
        first = await printer.print(SMALL)
        os.kill(started[0], signal.SIGKILL)

        assert await printer.print(SMALL) == first


async def test_a_document_whose_children_all_die_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    start = asyncio.create_subprocess_exec

    async def doomed(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **options)
        process.kill()
        return process

    async with printer_of(children=1) as printer:
        monkeypatch.setattr(asyncio, "create_subprocess_exec", doomed)
        with pytest.raises(CannotPrint, match="died twice"):
            await printer.print(SMALL)
        monkeypatch.undo()

        assert (await printer.print(SMALL)).startswith(b"%PDF")


async def test_a_document_that_takes_too_long_is_given_up(started: list[int]) -> None:
    async with printer_of(children=1) as printer:
        await printer.print(SMALL)
        printer.seconds = 0.3
        begun = time.monotonic()
        with pytest.raises(TookTooLong, match=r"not finished after 0\.3 seconds"):
            await printer.print(ENDLESS)
        assert time.monotonic() - begun < 5
        assert not is_alive(started[0])

        printer.seconds = 60
        assert (await printer.print(SMALL)).startswith(b"%PDF")


async def test_who_asks_when_too_many_wait_is_told(started: list[int]) -> None:
    async with printer_of(children=1, most_waiting=1) as printer:
        two = [asyncio.create_task(printer.print(SMALL)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooMany, match="try again"):
            await printer.print(SMALL)
        await asyncio.gather(*two)

        assert (await printer.print(SMALL)).startswith(b"%PDF")


async def test_who_leaves_does_not_leave_an_answer_to_the_next(started: list[int]) -> None:
    async with printer_of(children=1) as printer:
        await printer.print(SMALL)
        leaving = asyncio.create_task(printer.print(SMALL.replace("Small", "Left behind")))
        await asyncio.sleep(0.01)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving

        assert words(await printer.print(SMALL)) == "Small"


@pytest.mark.parametrize(
    "reference",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<img src="data:,x">',
    ],
)
async def test_a_document_cannot_make_us_fetch_anything(printer: Printer, reference: str) -> None:
    with pytest.raises(RuntimeError, match="a document refers to"):
        await printer.print(SMALL + reference)

    assert (await printer.print(SMALL)).startswith(b"%PDF")


async def test_missing_fonts_are_named_with_what_to_run(tmp_path: Path) -> None:
    async with printer_of(children=1, fonts=(tmp_path / "inter-400.ttf",)) as printer:
        with pytest.raises(LibrariesMissing, match=r"inter-400\.ttf.*make assets"):
            await printer.print(SMALL)


def test_missing_libraries_are_told_with_what_to_install() -> None:
    """As on a machine without Pango, where importing WeasyPrint fails."""
    program = (
        "import sys; from pathlib import Path; sys.modules['weasyprint'] = None\n"
        "from portal.adapters.pdf_child import main; main([Path(name) for name in sys.argv[1:]])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, *map(str, FONTS)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout

    assert said[:1] == printing.MISSING
    assert b"apt-get install libpango-1.0-0" in said


def test_children_end_with_the_process_that_started_them() -> None:
    program = (
        "import asyncio, sys\n"
        "from portal.adapters import pdf\n"
        "async def main():\n"
        "    printer = pdf.Printer(children=1)\n"
        f"    await printer.print({SMALL!r})\n"
        "    print(printer._idle[0].process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent:
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()

    assert soon(lambda: not is_alive(child))


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()
