"""Notes made from the orders that the pages' tests know too, and two ways to print them."""

from collections.abc import AsyncIterator, Callable
from functools import lru_cache

import pytest

from portal.adapters.pdf import FONTS, Printer
from portal.adapters.pdf_child import Press
from portal.domain.delivery_notes import delivery_note
from portal.domain.orders import Order
from portal.pages import Pages, Site
from portal.views.delivery_notes import paper
from tests.templates import examples

Written = Callable[..., str]
Printed = Callable[..., bytes]


@pytest.fixture
async def printer() -> AsyncIterator[Printer]:
    """With a child, as the portal has it."""
    printer = Printer(children=1)
    yield printer
    await printer.stop()


@pytest.fixture(scope="session")
def written() -> Written:
    """`written("SH-…", order, locale="de")`: the note's HTML, as the route writes it."""
    pages = Pages(
        site=Site("Harrow & Pike", "/brand.css"), asset=lambda name: f"/static/{name}", zone="Europe/London"
    )

    def write(number: str = "SH-2026-000631", order: Order | None = None, locale: str = "en") -> str:
        note = delivery_note(order or examples.order(), number)
        assert note is not None
        tongue = pages.tongue(locale)
        shown = paper(
            note, tongue, supplier="Harrow & Pike", brand="#1d4a7a", base_url="https://portal.example"
        )
        return str(pages.fragment("pdf/delivery_note.html", locale=locale, paper=shown))

    return write


@pytest.fixture(scope="session")
def printed(written: Written) -> Printed:
    """The same as PDF, printed here: a child takes a while to start."""
    press = Press(FONTS)
    print_once = lru_cache(press.print)
    return lambda *what, **how: print_once(written(*what, **how).encode())
