"""Papers that take long: whoever cannot wait leaves and comes back, and however many ask, each is made once."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.documents import BeingMade, Documents
from portal.adapters.pdf import TookTooLong
from tests.documents.reading import pages
from tests.portals import Portal
from tests.routes import cast
from tests.routes.conftest import _run, _supplier_person
from tests.scenarios.driver import World

HTML = "<p>2,000 lines"


class SlowPrinter:
    """Prints when it is told to."""

    fingerprint = "slow"

    def __init__(self) -> None:
        self.asked = 0
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def print(self, html: str) -> bytes:
        self.asked += 1
        await self.go.wait()
        if self.failure:
            raise self.failure
        return b"%PDF " + html.encode()

    async def stop(self) -> None:
        pass


@pytest.fixture
def printer() -> Any:
    return SlowPrinter()


async def test_who_cannot_wait_finds_it_later(tmp_path: Path, printer: Any) -> None:
    documents = Documents(tmp_path, printer)
    for _ in range(3):
        with pytest.raises(BeingMade):
            await documents.pdf("notes/SH-1/en", HTML, patience=0.01)
    printer.go.set()

    assert await documents.pdf("notes/SH-1/en", HTML, patience=5) == b"%PDF <p>2,000 lines"
    assert printer.asked == 1
    assert len(list((tmp_path / "notes/SH-1").iterdir())) == 1


async def test_two_processes_make_it_once(tmp_path: Path, printer: Any) -> None:
    one, other = Documents(tmp_path, printer), Documents(tmp_path, printer)
    asked = [asyncio.create_task(each.pdf("notes/SH-1/en", HTML)) for each in (one, other, one)]
    await asyncio.sleep(0.2)
    with pytest.raises(BeingMade):
        await other.pdf("notes/SH-1/en", HTML, patience=0.01)
    printer.go.set()

    assert await asyncio.gather(*asked) == [b"%PDF <p>2,000 lines"] * 3
    assert printer.asked == 1


async def test_what_a_process_leaves_half_done_another_one_makes(tmp_path: Path, printer: Any) -> None:
    one, other = Documents(tmp_path, printer), Documents(tmp_path, SlowPrinter())  # type: ignore[arg-type]
    with pytest.raises(BeingMade):
        await other.pdf("notes/SH-1/en", HTML, patience=0.05)
    waiting = asyncio.create_task(one.pdf("notes/SH-1/en", HTML))
    await asyncio.sleep(0.05)
    assert printer.asked == 0
    await other.stop()
    printer.go.set()

    assert await waiting == b"%PDF <p>2,000 lines"


async def test_a_failure_is_told_to_who_comes_back_and_the_next_try_is_a_new_one(
    tmp_path: Path, printer: Any
) -> None:
    documents = Documents(tmp_path, printer)
    with pytest.raises(BeingMade):
        await documents.pdf("notes/SH-1/en", HTML, patience=0.01)
    printer.failure = TookTooLong("given up")
    printer.go.set()
    await asyncio.sleep(0.05)
    assert printer.asked == 1, "nobody tries it again behind their backs"

    with pytest.raises(TookTooLong, match="given up"):
        await documents.pdf("notes/SH-1/en", HTML, patience=0.01)
    assert printer.asked == 1
    printer.failure = None
    assert await documents.pdf("notes/SH-1/en", HTML, patience=5) == b"%PDF <p>2,000 lines"


async def test_without_locks_a_paper_is_made_all_the_same(tmp_path: Path, printer: Any) -> None:
    (tmp_path / ".locks").write_text("a file where the folder should be")
    printer.go.set()

    assert await Documents(tmp_path, printer).pdf("notes/SH-1/en", HTML) == b"%PDF <p>2,000 lines"


@pytest.mark.slow
def test_a_person_is_told_that_a_long_list_is_being_made_and_gets_it(portal: Portal) -> None:
    """400 lines take some eight seconds; meanwhile the portal answers others as ever."""
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 5000)
    world.account("NORDWIND")
    _run(_supplier_person(portal.database_url))
    order = world.order("NORDWIND", [("BOLT", 1)] * 400)
    dev = cast.at_home(portal, cast.DEV).client
    dev.headers["accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
    path = f"/orders/{order['number']}/pick-list.pdf?location=MAIN"

    told = dev.get(path)
    assert told.status_code == 202
    assert told.headers["refresh"] == "3"
    assert f"Pick list {order['number']}" in told.text
    assert f'href="{path}"' in told.text
    begun = time.monotonic()
    assert dev.get("/orders").status_code == 200
    assert time.monotonic() - begun < 3

    answers = [dev.get(path) for _ in range(2)]
    while answers[-1].status_code == 202 and len(answers) < 20:
        answers.append(dev.get(path))
    assert answers[-1].headers["content-type"] == "application/pdf"
    said = pages(answers[-1].content)
    assert f"Page {len(said)} of {len(said)}" in said[-1]
    assert "400 BOLT Part BOLT 1 pc" in said[-1]
