"""The label of a return: one page that a scanner reads, with nothing over an edge whatever the names are."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.adapters.pdf import FONTS, Printer
from portal.domain.returns import Post, Return, ReturnLine
from portal.filters import tongue
from portal.pages import Pages, Site
from portal.views.papers.papers import Letterhead
from portal.views.papers.return_labels import return_label
from tests.documents.reading import codes, drawn, fonts, pages, reader

AT = datetime(2026, 11, 18, 9, tzinfo=UTC)
MAIN = Post("Leicester", ("Unit 4, Meridian Park",), "Leicester", "GB", "LE19 1WX")
LEEDS = Post("Goods in, gate 2", ("14 Wharf Street",), "Leeds", "GB", "LS2 7EQ")
EACH = 200 * "W"
LONGEST = Post(EACH, [EACH[n:] for n in range(1, 7)], EACH[7:], "DE", EACH[8:], EACH[9:])
NUMBER = "RMA-2026-000017"


def returned(*skus: str, to: Post = MAIN, sender: Post = LEEDS, po: str | None = "4500118236") -> Return:
    return Return(
        id=1, number=NUMBER, state="authorised", version=2, account="NORDWIND", account_name="Nordwind Maschinenbau",
        order="SO-2026-000417", purchase_order_number=po, shipment="SH-2026-000631", shipment_state="delivered",
        location="MAIN", location_name="Leicester", mode="parcel", carrier="Northline", shipped_at=AT, delivered_at=AT,
        asked_by="petra", asked_at=AT, back_to=to, sent_from=sender,
        lines=[ReturnLine(n, sku, sku, "C62", Decimal(n), "damaged") for n, sku in enumerate(skus, 1)],
    )  # fmt: skip


async def printed(value: Return, locale: str = "en") -> bytes:
    site = Pages(
        site=Site("Harrow & Pike", "/brand.css"), asset=lambda name: f"/static/{name}", zone="Europe/London"
    )
    head = Letterhead("Harrow & Pike", "#1d4a7a", "https://portal.example")
    label = return_label(value, tongue(locale, "Europe/London"), head)
    printer = Printer(children=1, fonts=FONTS)
    try:
        return await printer.print(site.fragment("pdf/return_label.html", locale=locale, paper=label))
    finally:
        await printer.stop()


async def test_a_label_says_where_it_goes_and_what_it_is() -> None:
    pdf = await printed(returned("BOLT", "SEAL-20"))
    [said] = pages(pdf)
    for part in (
        "From Nordwind Maschinenbau Goods in, gate 2 14 Wharf Street Leeds LS2 7EQ United Kingdom",
        "To Harrow & Pike Leicester Unit 4, Meridian Park Leicester LE19 1WX United Kingdom",
        "RETURN",
        NUMBER,
        "SH-2026-000631 · SO-2026-000417 · 4500118236",
        "1 pc BOLT 2 pcs SEAL-20",
    ):
        assert part in said, said
    assert all(name.startswith("Portal-Inter") for name in fonts(pdf))
    assert codes(pdf, dpi=203) == [("QRCode", NUMBER), ("Code128", NUMBER)]


async def test_many_lines_are_counted() -> None:
    [said] = pages(await printed(returned("A", "B", "C", "D", "E")))
    assert "3 pcs C and 2 other lines" in said


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_names_without_end_stay_on_the_label(locale: str) -> None:
    pdf = await printed(returned(*(7 * [EACH]), to=LONGEST, sender=LONGEST, po=EACH), locale)
    assert len(reader(pdf).pages) == 1
    assert ("Code128", NUMBER) in codes(pdf, dpi=203)
    for left, bottom, right, top in drawn(pdf):
        assert left >= 3.9
        assert bottom >= 3.9
        assert right <= 100
        assert top <= 146.5
