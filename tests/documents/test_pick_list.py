"""The pick list: what stands ready at one location, with codes to scan, and what of it may not be taken."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.domain.orders import Hold, Line, Order, Portion
from portal.domain.pick_lists import pick_list, places_to_pick
from tests.documents.conftest import Printed
from tests.documents.reading import codes, fonts, pages, reader, scanned, words
from tests.templates import examples
from tests.templates.examples import held, late, ours, shipped

# A SKU that bars have no room for, one that they cannot carry, and a name that takes several rows.
LONG_SKU, OTHER_SCRIPT = "FLANGE-DN200-PN16-EN1092-1-TYPE11-P265GH", "ÖL-Ø40"
LONG_NAME = "Deep groove ball bearing, sealed both sides, stainless, food grade grease, with certificate " * 2


def line(number: int, *portions: Portion, sku: str = "", name: str = "Shaft seal", unit: str = "C62") -> Line:
    made = examples.line(number, sku or f"SKU-{number:05}", name, "1.00", *portions)
    return replace(made, unit=unit)


def order(*lines: Line, **changes: object) -> Order:
    return examples.order(list(lines), shipments=(), **changes)


@pytest.fixture
def mixed() -> Order:
    """Ready, begun, packed, held, elsewhere, on its way and gone."""
    return order(
        line(1, ours(12)),
        line(2, ours(5), ours(3, "picking"), late(40)),
        line(3, ours(4, "packed")),
        line(4, held(40)),
        line(5, ours(7, location="GRI")),
        line(6, late(9)),
        line(7, replace(shipped(9), quantity=Decimal(9))),
    )


def test_it_takes_what_is_allocated_or_being_picked_at_the_location(mixed: Order) -> None:
    there = pick_list(mixed, "LEI")

    assert [(p.line.line, p.quantity, p.begun) for p in there.lines] == [(1, 12, 0), (2, 8, 3), (4, 40, 0)]
    assert [p.line.line for p in there.free] == [1, 2]
    assert [p.line.line for p in there.held] == [4]
    assert (there.packed, there.waiting) == (1, 2)
    assert [p.line.line for p in pick_list(mixed, "GRI").lines] == [5]
    assert pick_list(mixed, "NOWHERE").lines == []
    assert places_to_pick(mixed) == ["GRI", "LEI"]


def test_the_paper_says_what_to_take_and_for_whom(picked: Printed, mixed: Order) -> None:
    said = words(picked(mixed))

    for part in (
        "Harrow & Pike", "Pick list SO-2026-000417", "From Leicester", "To pick 2 lines, 20 pcs",
        "Nordwind Maschinenbau Goods in, gate 2 14 Wharf Street Leeds LS2 7EQ United Kingdom",
        "Their PO 4500118236", "To ship on Thu 19 Nov 2026", "As of Wed 18 Nov 2026, 14:31",
        "1 SKU-00001 Shaft seal 12 pcs", "2 SKU-00002 Shaft seal 8 3 begun pcs",
        "1 line is on hold and stays on the shelf.", "Of 1 line something stands packed here already.",
        "4 SKU-00004 Shaft seal Do not pick: on hold by our finance team 40 pcs", "Picked by", "Page 1 of 1",
    ):  # fmt: skip
        assert part in said
    assert not any(f"SKU-0000{n}" in said for n in (3, 5, 6, 7)), "nothing that is not on these shelves"
    assert "ships complete" not in said


def test_what_may_not_be_picked_has_no_code_to_scan(picked: Printed, mixed: Order) -> None:
    assert scanned(picked(mixed), dpi=300) == ["SO-2026-000417", "SKU-00001", "SKU-00002"]


def test_an_order_on_hold_says_so_on_top_and_gives_nothing_to_scan(picked: Printed) -> None:
    all_of_it = replace(examples.HELD, reason="credit", lines=None)
    pdf = picked(order(line(1, held(40)), line(2, held(2)), holds=(all_of_it,)))

    assert words(pdf).count("Do not pick: on hold for a credit decision") == 3, "on top, and at each line"
    assert scanned(pdf, dpi=300) == ["SO-2026-000417"]


def test_two_holds_on_a_line_are_both_told(picked: Printed) -> None:
    twice = replace(held(40), holds=("7", "8"))
    quality = Hold("8", "quality", examples.at(18, 9), "dev@harrow.example", "operations")
    said = words(picked(order(line(1, twice), line(2, ours(1)), holds=(examples.HELD, quality))))

    assert "Do not pick: on hold by our finance team, by our quality check" in said


def test_an_order_that_ships_complete_says_what_it_still_waits_for(picked: Printed) -> None:
    waiting = order(line(1, ours(12)), line(2, late(40)), delivery_preference="complete_only")

    assert "This order ships complete, and 1 line still waits for goods." in words(picked(waiting))


def test_what_bars_cannot_carry_stands_in_a_square(picked: Printed) -> None:
    pdf = picked(
        order(
            line(1, ours(1), sku="LUB-EP2-400"),
            line(2, ours(1), sku=LONG_SKU),
            line(3, ours(1), sku=OTHER_SCRIPT),
            line(4, ours(1), sku="A1<&>\"'"),
        )
    )

    assert codes(pdf, dpi=300) == [
        ("Code128", "SO-2026-000417"), ("Code128", "LUB-EP2-400"), ("QRCode", LONG_SKU), ("QRCode", OTHER_SCRIPT),
        ("Code128", "A1<&>\"'"),
    ]  # fmt: skip


def test_a_long_list_keeps_rows_whole_repeats_its_head_and_can_be_scanned_to_the_end(picked: Printed) -> None:
    lines = [
        line(n, ours(n), name=LONG_NAME if n % 6 == 0 else "Shaft seal", unit="MTR" if n == 9 else "C62")
        for n in range(1, 61)
    ]
    pdf = picked(order(*lines))
    said = pages(pdf)

    assert len(said) > 3
    seen = []
    for number, page in enumerate(said):
        assert f"Page {number + 1} of {len(said)}" in page
        assert "Line Item Scan Quantity Unit If other Picked" in page
        here = [text for text in scanned(pdf, number, dpi=300) if text.startswith("SKU")]
        assert all(f"{sku} " in page for sku in here), "the code is on the page of its row"
        seen += here
    assert seen == [f"SKU-{n:05}" for n in range(1, 61)]
    assert sum(page.count(LONG_NAME.strip()) for page in said) == 10, "no row is broken"
    assert "To pick 60 lines" in said[0]
    assert "To pick 60 lines," not in said[0], "metres and pieces are not added up"
    assert all(name.startswith("Portal-Inter") for name in fonts(pdf))


def test_instructions_are_text_and_the_list_speaks_german(picked: Printed, mixed: Order) -> None:
    ship_to = replace(mixed.ship_to, instructions="Ring <b>20</b> minutes before.")
    pdf = picked(replace(mixed, ship_to=ship_to), locale="de")
    said = words(pdf)

    assert "Ring <b>20</b> minutes before." in said
    for part in ("Lieferadresse", "Vereinigtes Königreich", "Do 19. Nov. 2026", "12 Stück", "Seite 1 von 1"):
        assert part in said
    assert str(reader(pdf).trailer["/Root"]["/Lang"]) == "de-DE"  # type: ignore[index]


def test_the_paper_says_what_was_said_of_the_order_and_whose_cost_it_is(
    picked: Printed, mixed: Order
) -> None:
    said = words(picked(replace(mixed, instructions="Ring twice at gate 9", cost_centre="K-100")))

    assert "Ring twice at gate 9" in said
    assert "Cost centre K-100" in said
