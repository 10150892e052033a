"""What a delivery note says of each line: ordered = shipped before + on this one + still to come + cancelled."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from portal.domain.delivery_notes import DeliveryNote, delivery_note
from portal.domain.orders import Order, Shipment, ShipmentLine
from portal.domain.quantities import text
from tests.templates import examples
from tests.templates.examples import at, cancelled, line, ours

FIRST, SECOND = "SH-2026-000598", "SH-2026-000631"


def noted(order: Order, number: str) -> DeliveryNote:
    note = delivery_note(order, number)
    assert note is not None
    return note


def told(note: DeliveryNote) -> dict[int, tuple[str, str, str]]:
    """Of each line: before, here, still to come."""
    return {n.line.line: (text(n.before), text(n.quantity), text(n.to_come)) for n in note.lines}


def taken_back(order: Order, number: str) -> Order:
    """The order after one of its shipments was cancelled."""
    lines = [
        replace(
            one,
            portions=[
                replace(p, stage="allocated", status="allocated", shipment=None)
                if p.shipment == number
                else p
                for p in one.portions
            ],
        )
        for one in order.lines
    ]
    shipments = [
        replace(one, state="cancelled", cancelled_at=at(19, 9)) if one.number == number else one
        for one in order.shipments
    ]
    return replace(order, lines=lines, shipments=shipments)


def test_the_first_note_has_nothing_before_it() -> None:
    note = noted(examples.order(), FIRST)

    assert told(note)[6] == ("0", "120", "280")
    assert told(note)[3] == ("0", "370", "230")
    assert (note.nth, note.is_last) == (1, False)


def test_the_second_note_counts_what_the_first_one_brought() -> None:
    note = noted(examples.order(), SECOND)

    assert told(note) == {
        6: ("120", "120", "160"),
        8: ("0", "10", "0"),
        12: ("0", "48", "0"),
        19: ("0", "88", "0"),
    }
    assert note.nth == 2


def test_a_cancelled_shipment_counts_for_nobody() -> None:
    order = taken_back(examples.order(), FIRST)

    assert told(noted(order, SECOND))[6] == ("0", "120", "280")
    assert noted(order, SECOND).nth == 1
    assert told(noted(order, FIRST))[6] == ("0", "120", "400")
    assert noted(order, FIRST).nth is None


def test_a_later_shipment_is_still_to_come_on_an_earlier_note() -> None:
    order = examples.order()

    assert noted(order, FIRST).others_to_come == 32
    assert noted(order, SECOND).others_to_come == 30


def test_the_last_note_says_so() -> None:
    parts = (replace(examples.shipped(1), shipment=number) for number in ("SH-1", "SH-2"))
    lines = [line(1, "BOLT", "Bolt", "1.00", *parts)]
    order = examples.order(lines, shipments=(sent("SH-1", 12, {1: 1}), sent("SH-2", 13, {1: 1})))

    assert not noted(order, "SH-1").is_last
    assert noted(order, "SH-2").is_last


def test_a_shipment_of_another_order_has_no_note_here() -> None:
    assert delivery_note(examples.order(), "SH-2026-999999") is None


def sent(number: str, day: int, quantities: dict[int, int]) -> Shipment:
    lines = [ShipmentLine(line, Decimal(quantity)) for line, quantity in quantities.items()]
    return Shipment(number, "LEI", "parcel", "shipped", at(1, 8) + timedelta(days=day), 1, lines)


@given(
    some.lists(
        some.tuples(some.integers(1, 9), some.integers(0, 5), some.booleans()), min_size=1, max_size=6
    ),
    some.integers(0, 9),
    some.integers(0, 9),
)
def test_every_note_adds_up(parts: list[tuple[int, int, bool]], open_: int, never: int) -> None:
    """Shipments of one line on any days, some of them called off, with a rest: open, or cancelled."""
    portions, shipments = [], []
    for index, (quantity, day, is_cancelled) in enumerate(parts):
        number = f"SH-{index}"
        shipment = sent(number, day, {1: quantity})
        if is_cancelled:
            shipments.append(replace(shipment, state="cancelled", cancelled_at=at(20, 9)))
            portions.append(ours(quantity))
        else:
            shipments.append(shipment)
            portions.append(replace(examples.shipped(quantity), shipment=number))
    portions += [ours(open_)] * bool(open_) + [cancelled(never)] * bool(never)
    order = examples.order([line(1, "BOLT", "Bolt", "1.00", *portions)], shipments=tuple(shipments))

    notes = [noted(order, shipment.number) for shipment in shipments]

    for note in notes:
        [one] = note.lines
        assert one.line.quantity == one.before + one.here + one.to_come + one.line.never
        assert min(one.before, one.here, one.to_come) >= 0
        assert one.here == (0 if note.is_cancelled else one.quantity)
    left = [note for note in notes if not note.is_cancelled]
    assert sorted(note.nth or 0 for note in left) == list(range(1, len(left) + 1))
    for note in left:
        following = [other for other in left if other.nth == (note.nth or 0) + 1]
        assert all(other.lines[0].before == note.lines[0].before + note.lines[0].here for other in following)
