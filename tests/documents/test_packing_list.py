"""The packing list: exactly what lies in the packages of one shipment, and when the rest of each line comes."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from portal.domain.orders import Order, Package, Portion
from portal.domain.packing_lists import PackingList, packing_list
from portal.domain.quantities import total
from tests.documents.conftest import Printed
from tests.documents.reading import codes, pages, words
from tests.documents.test_delivery_note import FIRST, SECOND, sent, taken_back
from tests.documents.test_paper import LONG, long
from tests.templates import examples
from tests.templates.examples import backordered, cancelled, held, late, line, ours, shipped


def listed(order: Order, number: str) -> PackingList:
    found = packing_list(order, number)
    assert found is not None
    return found


def test_it_holds_exactly_the_shipped_part_and_says_what_follows() -> None:
    first, second = (listed(examples.order(), number) for number in (FIRST, SECOND))

    assert {p.noted.line.line: p.noted.quantity for p in second.lines} == {6: 120, 8: 10, 12: 48, 19: 88}
    sixth = next(p for p in first.lines if p.noted.line.line == 6)
    assert [(f.quantity, f.shipment, str(f.arrives_on)) for f in sixth.follows] == [
        (120, SECOND, "None"),
        (160, None, "2026-11-30"),
    ]
    assert packing_list(examples.order(), "SH-1900-000001") is None


def gone(quantity: int, shipment: str) -> Portion:
    return replace(shipped(quantity), shipment=shipment)


parts_of_a_line = some.lists(
    some.one_of(
        some.builds(gone, some.integers(1, 9), some.sampled_from(["SH-1", "SH-2", "SH-3"])),
        *(some.builds(kind, some.integers(1, 9)) for kind in (ours, late, held, backordered, cancelled)),
    ),
    max_size=8,
)


@given(parts_of_a_line)
def test_what_follows_is_what_is_still_to_come_whatever_became_of_it(parts: list[Portion]) -> None:
    portions = [gone(1, "SH-2"), *parts]
    shipments = tuple(
        sent(number, day, {1: int(quantity)})
        for day, number in enumerate(("SH-1", "SH-2", "SH-3"))
        if (quantity := total(p.quantity for p in portions if p.shipment == number))
    )
    order = examples.order([line(1, "BOLT", "Bolt", "1.00", *portions)], shipments=shipments)

    for shipment in shipments:
        [packed] = listed(order, shipment.number).lines
        assert total(f.quantity for f in packed.follows) == packed.noted.to_come
        assert all(f.quantity > 0 for f in packed.follows)
        days = [f.arrives_on for f in packed.follows if f.arrives_on]
        assert days == sorted(days)
        assert all(f.shipment is None or f.shipment > shipment.number for f in packed.follows)


def test_the_paper_lists_packages_lines_and_what_follows(packed: Printed) -> None:
    pdf = packed(examples.order())
    said = words(pdf)

    for part in (
        "Packing list SH-2026-000631", "4 lines, 266 pcs, 2 packages, 20.5 kg", "1 NP4471193310 12.4 kg",
        "2 NP4471193328 8.1 kg", "Order SO-2026-000417", "Your PO 4500118236", "Sent as Parcel",
        "6 SEA-V40 V-ring seal 40 mm, NBR 400 120 pcs 160 arrives Mon 30 Nov 2026",
        "12 LUB-EP2-400 Grease EP2, 400 g cartridge 48 48 pcs –", "Together 266 pcs",
        "What follows is as planned on Wed 18 Nov 2026.", "30 other lines of this order are still to come",
        "https://portal.example/orders/SO-2026-000417", "Page 1 of 1",
    ):  # fmt: skip
        assert part in said
    assert "SCR-M8-40" not in said, "a line of another shipment"
    assert codes(pdf) == [("Code128", SECOND)]


def test_what_has_no_day_and_what_left_meanwhile_are_told_apart(packed: Printed) -> None:
    portions = (gone(1, "SH-1"), gone(2, "SH-2"), late(20), backordered(10))
    order = examples.order(
        [line(1, "BOLT", "Bolt", "1.00", *portions)],
        shipments=(sent("SH-1", 12, {1: 1}), sent("SH-2", 13, {1: 2})),
    )

    assert "33 1 pc 2 sent as SH-2 20 arrives Mon 30 Nov 2026 10 no date yet" in words(packed(order, "SH-1"))
    assert "33 2 pcs 20 arrives Mon 30 Nov 2026 10 no date yet" in words(packed(order, "SH-2"))


def test_a_list_with_nothing_left_to_follow_does_not_change_any_more(packed: Printed) -> None:
    order = examples.order(
        [line(1, "BOLT", "Bolt", "1.00", gone(5, "SH-1"))], shipments=(sent("SH-1", 12, {1: 5}),)
    )
    later = replace(order, version=order.version + 1, updated_at=examples.at(29, 9))

    assert packed(order, "SH-1") == packed(later, "SH-1")
    assert "as planned on" not in words(packed(order, "SH-1"))


def test_a_cancelled_shipment_says_so(packed: Printed) -> None:
    said = words(packed(taken_back(examples.order(), SECOND)))

    assert "CANCELLED" in said.upper()
    assert "This shipment was cancelled on Thu 19 Nov 2026. Nothing on this list was delivered." in said


def test_packages_without_weight_or_number_and_german(packed: Printed) -> None:
    order = examples.order()
    bare = replace(order.shipments[1], packages=(Package(), Package("NP1", None, Decimal("8.1"))))
    said = words(packed(replace(order, shipments=(order.shipments[0], bare)), locale="de"))

    assert "2 Packstücke 1 – 2 NP1 8,1 kg" in said
    assert "Auftrag SO-2026-000417" in said
    assert "Mo 30. Nov. 2026" in said


def test_a_long_list_repeats_its_head_and_keeps_rows_whole(packed: Printed) -> None:
    order = long(60)
    name = "Deep groove ball bearing, sealed both sides, stainless, with certificate " * 3
    lines = [replace(one, name=name) if one.line % 6 == 0 else one for one in order.lines]
    said = pages(packed(replace(order, lines=lines), LONG))

    assert len(said) > 2
    for number, page in enumerate(said, 1):
        assert f"Page {number} of {len(said)}" in page
        assert "Line Item Ordered In here Unit Follows" in page
    assert all(sum(f"SKU-{n:05} " in page for page in said) == 1 for n in range(1, 61))
    assert sum(page.count(name.strip()) for page in said) == 10, "no row is broken"
