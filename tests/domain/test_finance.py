"""On which day what was gathered is billed, and how much of an invoice's lines a dispute may claim."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.domain.disputes import Billed, Claimed, positions
from portal.domain.finance import first_run, run_on
from portal.domain.refusals import Unacceptable


@pytest.mark.parametrize(
    ("consolidation", "day", "first", "expected"),
    [
        ("weekly", "fri", date(2026, 11, 18), date(2026, 11, 20)),
        ("weekly", "fri", date(2026, 11, 20), date(2026, 11, 20)),
        ("weekly", "fri", date(2026, 11, 21), date(2026, 11, 27)),
        ("weekly", "mon", date(2026, 12, 31), date(2027, 1, 4)),
        ("monthly", "fri", date(2026, 11, 18), date(2026, 11, 30)),
        ("monthly", "fri", date(2026, 11, 30), date(2026, 11, 30)),
        ("monthly", "fri", date(2028, 2, 1), date(2028, 2, 29)),
        ("completion", "fri", date(2026, 11, 18), None),
    ],
)
def test_a_run_is_on_its_day(consolidation: str, day: str, first: date, expected: date | None) -> None:
    assert run_on(consolidation, day, first) == expected


def test_the_run_of_a_day_is_over_when_the_warehouses_close() -> None:
    assert first_run(datetime(2026, 11, 20, 17, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert first_run(datetime(2026, 11, 20, 18, 0, tzinfo=UTC)) == date(2026, 11, 21)


def billed(
    position: int, line: int, quantity: int, shipment: str, gone: int = 0, unit: str = "C62"
) -> Billed:
    return Billed(
        position, line, "BOLT", "Bolt", unit, Decimal(quantity), Decimal(1), Decimal(quantity), Decimal(gone),
        Decimal(0), shipment, "shipped", None, Decimal(0),
    )  # fmt: skip


TWICE = [billed(1, 4, 10, "A", gone=4), billed(2, 4, 10, "B"), billed(3, 5, 1, "B")]


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        ([Claimed(4, Decimal(5))], {1: 5}),
        ([Claimed(4, Decimal(16))], {1: 6, 2: 10}),
        ([Claimed(4, Decimal(3), "B")], {2: 3}),
        ([Claimed(4, Decimal(6), "A"), Claimed(4, Decimal(10), "B")], {1: 6, 2: 10}),
        ([Claimed(4, Decimal(2), "B"), Claimed(4, Decimal(14))], {1: 6, 2: 10}),
        ([], {}),
    ],
)
def test_a_line_that_came_on_two_shipments_is_filled_from_its_first(
    claimed: list[Claimed], expected: dict[int, int]
) -> None:
    assert positions(TWICE, claimed) == {position: Decimal(n) for position, n in expected.items()}


@pytest.mark.parametrize(
    "claimed",
    [
        [Claimed(4, Decimal(17))],
        [Claimed(4, Decimal(7), "A")],
        [Claimed(4, Decimal(2), "B"), Claimed(4, Decimal(15))],
        [Claimed(4, Decimal(1)), Claimed(4, Decimal(1))],
        [Claimed(6, Decimal(1))],
        [Claimed(5, Decimal(1), "A")],
        [Claimed(5, Decimal("0.5"))],
        [Claimed(5, Decimal(-1))],
    ],
)
def test_more_than_is_left_is_never_disputed(claimed: list[Claimed]) -> None:
    with pytest.raises(Unacceptable):
        positions(TWICE, claimed)
