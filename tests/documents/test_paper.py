"""The delivery note as PDF: what is on the paper, in both languages, for people, scanners and screen readers."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pypdf.generic import DictionaryObject

from portal.adapters.pdf import FONTS
from portal.adapters.pdf_child import Press
from portal.domain.orders import Order, Package, Shipment, ShipmentLine
from tests.documents.conftest import Printed, Written
from tests.documents.reading import fonts, pages, reader, scanned, words
from tests.documents.test_delivery_note import SECOND, taken_back
from tests.templates import examples

LONG = "SH-2026-000700"


def long(count: int) -> Order:
    """All of an order of many lines on one pallet shipment."""
    order = examples.long_order(count)
    lines = [
        replace(line, portions=[replace(examples.shipped(1), quantity=line.quantity, shipment=LONG)])
        for line in order.lines
    ]
    shipment = Shipment(
        LONG, "LEI", "freight", "shipped", examples.at(18, 12), 1,
        [ShipmentLine(line.line, line.quantity) for line in lines],
        [Package(f"WB-{n}", None, Decimal(240)) for n in range(1, 4)], carrier="Hartwell Freight", service="Tail-lift",
    )  # fmt: skip
    ship_to = replace(order.ship_to, instructions="Ring <b>20</b> minutes before.")
    return replace(order, lines=lines, shipments=[shipment], ship_to=ship_to)


def test_the_paper_says_who_what_and_how_much(printed: Printed) -> None:
    said = words(printed())

    for part in (
        "Harrow & Pike", "Delivery note SH-2026-000631", "Delivery 2 of this order, more will follow",
        "Nordwind Maschinenbau Goods in, gate 2 14 Wharf Street Leeds LS2 7EQ United Kingdom",
        "Order SO-2026-000417", "Your PO 4500118236", "Shipped Wed 18 Nov 2026", "Expected Fri 20 Nov 2026",
        "Carrier Northline Parcel", "From Leicester", "2 packages, 20.5 kg", "1 NP4471193310 12.4 kg",
        "2 NP4471193328 8.1 kg", "6 SEA-V40 V-ring seal 40 mm, NBR 400 120 120 160 pcs",
        "12 LUB-EP2-400 Grease EP2, 400 g cartridge 48 – 48 – pcs", "2 cancelled", "Together 548 120 266 160 pcs",
        "30 other lines of this order are still to come", "https://portal.example/orders/SO-2026-000417",
        "Signature", "Page 1 of 1",
    ):  # fmt: skip
        assert part in said
    assert "SCR-M8-40" not in said, "a line of another shipment"
    assert "CANCELLED" not in said.upper().replace("2 CANCELLED", "")


def test_the_paper_speaks_german(printed: Printed) -> None:
    pdf = printed(locale="de")
    said = words(pdf)

    for part in (
        "Lieferschein SH-2026-000631", "Lieferung 2 dieses Auftrags, weitere folgen", "Lieferadresse",
        "Vereinigtes Königreich", "Versandt Mi 18. Nov. 2026", "2 Packstücke, 20,5 kg", "Diese Lieferung",
        "Noch offen", "Unterschrift", "Seite 1 von 1", "400 120 120 160 Stück",
    ):  # fmt: skip
        assert part in said
    assert str(reader(pdf).trailer["/Root"]["/Lang"]) == "de-DE"  # type: ignore[index]


def test_a_cancelled_shipment_says_so_and_asks_for_no_signature(printed: Printed) -> None:
    said = words(printed(order=taken_back(examples.order(), SECOND)))

    assert "CANCELLED" in said
    assert "This shipment was cancelled on Thu 19 Nov 2026." in said
    assert "400 120 120 280 pcs" in said
    assert "Signature" not in said


def test_a_long_note_repeats_its_head_and_counts_its_pages(printed: Printed) -> None:
    said = pages(printed(LONG, long(60)))

    assert len(said) > 2
    for number, page in enumerate(said, 1):
        assert f"Page {number} of {len(said)}" in page
        assert "This delivery Still to come Unit" in page
    assert all(page.count("Harrow & Pike") == 1 for page in said)
    assert all(sum(f"SKU-{n:05} " in page for page in said) == 1 for n in range(1, 61))
    assert "The whole order" in said[0]
    assert "Ring <b>20</b> minutes before." in said[0], "what somebody wrote is text"


def test_a_scanner_reads_the_shipment_number(printed: Printed) -> None:
    assert scanned(printed()) == [SECOND]


def test_all_fonts_are_ours_and_embedded(printed: Printed) -> None:
    for pdf in (printed(), printed(locale="de"), printed(LONG, long(60))):
        found = fonts(pdf)
        assert found
        assert all(name.startswith("Portal-Inter") for name in found), found


def test_the_file_is_made_for_screen_readers(printed: Printed) -> None:
    """PDF/UA-1: it declares so, is tagged, has a title to show and a language; pictures and links say what they are."""
    pdf = reader(printed())
    root: Any = pdf.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert str(root["/Lang"]) == "en-GB"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Delivery note SH-2026-000631"
    assert pdf.metadata.author == "Harrow & Pike"
    tags = structure(root["/StructTreeRoot"].get_object())
    kinds = [str(tag["/S"]) for tag in tags if "/S" in tag]
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Link", "/Figure"} <= set(kinds)
    pictures = [str(tag["/Alt"]) for tag in tags if tag.get("/S") == "/Figure"]
    assert pictures == ["Harrow & Pike", "QR code of the shipment number SH-2026-000631"]
    links = [annotation.get_object() for page in pdf.pages for annotation in page.get("/Annots", ())]
    assert len(links) == 3
    assert all(link["/Contents"] for link in links)


def structure(node: DictionaryObject) -> list[DictionaryObject]:
    """The tag and all below it."""
    found = [node]
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        child = child.get_object()
        if isinstance(child, DictionaryObject):
            found += structure(child)
    return found


def test_the_file_is_dated_by_the_shipment(printed: Printed) -> None:
    metadata = reader(printed()).metadata

    assert metadata is not None
    assert metadata.creation_date == datetime(2026, 11, 18, 11, 5, tzinfo=UTC)
    assert metadata.modification_date == metadata.creation_date


def test_the_style_sheet_is_understood_to_the_last_word(
    written: Written, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        Press(FONTS).print(written())

    assert caplog.messages == []
