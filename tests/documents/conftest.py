"""Papers made from the orders that the pages' tests know too, and two ways to print them."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache

import pytest

from portal.adapters.pdf import FONTS, Printer
from portal.adapters.pdf_child import Press
from portal.db.addresses import Sender
from portal.domain.delivery_notes import delivery_note
from portal.domain.orders import Order
from portal.domain.packing_lists import packing_list
from portal.domain.pick_lists import pick_list
from portal.filters import Tongue
from portal.pages import Pages, Site
from portal.views.papers.delivery_notes import paper
from portal.views.papers.labels import label_paper
from portal.views.papers.packing_lists import packing_paper
from portal.views.papers.papers import Letterhead, Sheet
from portal.views.papers.pick_lists import pick_paper
from tests.documents.conforming import Validator, validating
from tests.templates import examples

Written = Callable[..., str]
Printed = Callable[..., bytes]

HEAD = Letterhead("Harrow & Pike", "#1d4a7a", "https://portal.example")
LEICESTER = Sender("Leicester", ("Unit 4, Meridian Park",), "Leicester", "GB", "LE19 1WX", None)


@pytest.fixture
async def printer() -> AsyncIterator[Printer]:
    """With a child, as the portal has it."""
    printer = Printer(children=1)
    yield printer
    await printer.stop()


@pytest.fixture(scope="session")
def validator() -> Iterator[Validator]:
    with validating() as validator:
        yield validator


@pytest.fixture(scope="session")
def pages() -> Pages:
    return Pages(
        site=Site("Harrow & Pike", "/brand.css"), asset=lambda name: f"/static/{name}", zone="Europe/London"
    )


@pytest.fixture(scope="session")
def press() -> Callable[[str], bytes]:
    """Prints here: a child takes a while to start."""
    machine = Press(FONTS)
    return lru_cache(lambda html: machine.print(html))


@pytest.fixture(scope="session")
def written(pages: Pages) -> Written:
    """`written("SH-…", order, locale="de")`: the note's HTML, as the route writes it."""

    def write(number: str = "SH-2026-000631", order: Order | None = None, locale: str = "en") -> str:
        note = delivery_note(order or examples.order(), number)
        assert note is not None
        shown = paper(note, pages.tongue(locale), HEAD)
        return str(pages.fragment("pdf/delivery_note.html", locale=locale, paper=shown))

    return write


@pytest.fixture(scope="session")
def printed(written: Written, press: Callable[[str], bytes]) -> Printed:
    """The same as PDF."""
    return lambda *what, **how: press(written(*what, **how))


@pytest.fixture(scope="session")
def picked(pages: Pages, press: Callable[[str], bytes]) -> Printed:
    """`picked(order, "LEI", locale="de")`: a pick list as PDF."""

    def sheet(tongue: Tongue, order: Order, location: str = "LEI") -> Sheet:
        return pick_paper(pick_list(order, location), tongue, HEAD)

    return _printing(pages, press, "pdf/pick_list.html", sheet)


@pytest.fixture(scope="session")
def packed(pages: Pages, press: Callable[[str], bytes]) -> Printed:
    """`packed(order, "SH-…", locale="de")`: a packing list as PDF."""

    def sheet(tongue: Tongue, order: Order, number: str = "SH-2026-000631") -> Sheet:
        packing = packing_list(order, number)
        assert packing is not None
        return packing_paper(packing, tongue, HEAD)

    return _printing(pages, press, "pdf/packing_list.html", sheet)


@pytest.fixture(scope="session")
def labelled(pages: Pages, press: Callable[[str], bytes]) -> Printed:
    """`labelled(order, "SH-…", locale="de", sender=…)`: labels as PDF."""

    def sheet(tongue: Tongue, order: Order, number: str, sender: Sender = LEICESTER) -> Sheet:
        shipment = next(one for one in order.shipments if one.number == number)
        return label_paper(order, shipment, sender, tongue, HEAD)

    return _printing(pages, press, "pdf/label.html", sheet)


def _printing(
    pages: Pages, press: Callable[[str], bytes], template: str, sheet: Callable[..., Sheet]
) -> Printed:
    def printing(*what: object, locale: str = "en", **how: object) -> bytes:
        shown = sheet(pages.tongue(locale), *what, **how)
        return press(str(pages.fragment(template, locale=locale, paper=shown)))

    return printing
