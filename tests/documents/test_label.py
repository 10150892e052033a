"""Labels: one for each package, 100 by 150 millimetres, with nothing over an edge and codes that a scanner reads."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.adapters.pdf import FONTS
from portal.db.addresses import Sender
from portal.domain.orders import Order, Package, ShipTo
from portal.views.order.fitting import POINTS_PER_MM, fitted, measured
from tests.documents.conftest import Printed
from tests.documents.reading import codes, drawn, fonts, pages, reader
from tests.documents.test_delivery_note import SECOND
from tests.templates import examples

# The printers that labels come from.
THERMAL = 203
# Where lines are drawn across the label, in millimetres from below.
RULES = (150 - 4 - 22, 150 - 4 - 71, 150 - 4 - 105)
EACH = 200 * "W"
LONGEST = ShipTo("X", EACH, [EACH[n:] for n in range(1, 7)], EACH[7:], "GB", EACH[8:], EACH[9:])
GERMAN = ShipTo(
    "X", "Zweigniederlassung Süd-West für Sondermaschinenbau und Anlagentechnik",
    ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft Gebäude 17a",
     "Industriegebiet Nord, Tor 4, Rampe 12", "c/o Wareneingang Großteile, Herr Maximilian von Hohenstein"),
    "Villingen-Schwenningen", "DE", "78052",
)  # fmt: skip


def order(*packages: Package, ship_to: ShipTo = examples.ADDRESS, **changes: object) -> Order:
    made = examples.order(ship_to=ship_to)
    shipment = replace(made.shipments[1], packages=packages, **changes)  # type: ignore[arg-type]
    return replace(made, shipments=(made.shipments[0], shipment))


THREE = order(
    Package("NP4471193310", None, Decimal("12.4")),
    Package("1Z999AA10123456784"),
    Package(),
    service="Express",
)


def test_there_is_one_page_for_each_package(labelled: Printed) -> None:
    pdf = labelled(THREE, SECOND)
    said = pages(pdf)

    assert [(float(p.mediabox.width), float(p.mediabox.height)) for p in reader(pdf).pages] == [
        (pytest.approx(100 * POINTS_PER_MM, abs=0.1), pytest.approx(150 * POINTS_PER_MM, abs=0.1))
    ] * 3
    for nth, page in enumerate(said, 1):
        assert f"Package {nth} of 3" in page
        for part in (
            "Harrow & Pike Leicester Unit 4, Meridian Park Leicester LE19 1WX United Kingdom",
            "To Nordwind Maschinenbau Goods in, gate 2 14 Wharf Street Leeds LS2 7EQ United Kingdom",
            "PARCEL", "Northline Parcel Express", "Shipment SH-2026-000631", "4500118236 · SO-2026-000417",
        ):  # fmt: skip
            assert part in page
    assert "Weight 12.4 kg" in said[0]
    assert "Weight" not in said[1]
    assert all(name.startswith("Portal-Inter") for name in fonts(pdf))


def test_each_label_carries_its_own_number_in_bars_and_in_a_square(labelled: Printed) -> None:
    pdf = labelled(THREE, SECOND)

    for page, number in enumerate(("NP4471193310", "1Z999AA10123456784", SECOND)):
        assert codes(pdf, page, THERMAL) == [("QRCode", number), ("Code128", number)]


def test_a_shipment_without_packages_has_one_label(labelled: Printed) -> None:
    pdf = labelled(order(), SECOND)

    assert len(pages(pdf)) == 1
    assert "Package 1 of 1" in pages(pdf)[0]
    assert codes(pdf, 0, THERMAL) == [("QRCode", SECOND), ("Code128", SECOND)]


@pytest.mark.parametrize("number", ["Ü-17", "JJD 0009 9990 0000 1234 5678 9012 34", EACH])
def test_a_number_that_bars_cannot_carry_stands_in_the_square_alone(labelled: Printed, number: str) -> None:
    pdf = labelled(order(Package(number)), SECOND)

    assert codes(pdf, 0, THERMAL) == [("QRCode", number)]
    assert number.replace(" ", "") in pages(pdf)[0].replace(" ", ""), "to be typed when it cannot be scanned"


def test_it_speaks_german_and_says_freight(labelled: Printed) -> None:
    sent = order(mode="freight", carrier="Hartwell Freight", service="Hebebühne", ship_to=GERMAN)
    [said] = pages(labelled(sent, SECOND, locale="de"))

    assert "FRACHT" in said
    assert "Hartwell Freight Hebebühne" in said
    assert "78052 Villingen-Schwenningen Deutschland" in said


@pytest.mark.parametrize("ship_to", [examples.ADDRESS, GERMAN, LONGEST], ids=["usual", "long", "longest"])
def test_nothing_leaves_its_place_however_long(labelled: Printed, ship_to: ShipTo) -> None:
    """Of the address all is there, but for what no label could take; the codes stay free and readable."""
    longest = ship_to is LONGEST
    more = {"carrier": EACH, "service": EACH} if longest else {}
    sender = Sender(EACH, [EACH[n:] for n in range(1, 7)], EACH[7:], "GB", None, None)
    sent = order(Package("NP4471193310", None, Decimal("123456789.123")), ship_to=ship_to, **more)
    sent = replace(sent, account_name=EACH, purchase_order_number=EACH) if longest else sent
    pdf = labelled(sent, SECOND, sender=sender)
    [said] = pages(pdf)

    assert codes(pdf, 0, THERMAL) == [("QRCode", "NP4471193310"), ("Code128", "NP4471193310")]
    for left, bottom, right, top in drawn(pdf):
        assert 3.9 <= left <= right <= 96.1
        assert 3.9 <= bottom <= top <= 146.1
    assert "123,456,789.123 kg" in said
    if not longest:
        address = [*ship_to.lines, ship_to.name, ship_to.city, ship_to.postal_code or ""]
        assert all(part.replace(" ", "") in said.replace(" ", "") for part in address)
    for rule in RULES:
        across = [box for box in drawn(pdf) if box[1] < rule - 0.6 and box[3] > rule + 0.6]
        assert across == [], "what stands above a rule stays above it"


def test_letters_are_measured_at_least_as_wide_as_they_are() -> None:
    """In the font that the label is set in: of the alphabets of Europe each letter."""
    from fontTools.ttLib import TTFont

    font = TTFont(next(path for path in FONTS if "600" in path.name))
    names, widths, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    text = [chr(code) for code in names if code < 0x180 or 0x391 <= code < 0x3CA or 0x410 <= code < 0x450]
    slim = [c for c in text if c.isprintable() and measured(c) + 0.06 < widths[names[ord(c)]][0] / em]

    assert slim == []


@given(
    some.lists(some.text("abcdefghWMÜ iil-.", min_size=1, max_size=200), min_size=1, max_size=10),
    some.floats(20, 100),
)
def test_what_fits_is_whole_and_what_does_not_is_cut_visibly(lines: list[str], width: float) -> None:
    found = fitted(lines, (width, 60), (16, 12, 8))

    for before, after in zip(lines, found.lines, strict=True):
        assert after == before or (after.endswith("…") and before.startswith(after[:-1]))
    if list(found.lines) != lines:
        assert found.size == 8
        assert all(measured(line) * 8 <= width * POINTS_PER_MM + 1e-6 for line in found.lines)
