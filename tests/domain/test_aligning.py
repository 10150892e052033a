from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.promising import Piece, align
from portal.domain.quantities import total
from tests.domain.situations import days, november, quantities


@dataclass(frozen=True)
class Earlier:
    quantity: Decimal
    ships_on: date | None
    arrives_on: date | None
    first_ships_on: date | None = None
    first_arrives_on: date | None = None


def before(quantity: int, day: int | None) -> Earlier:
    on = None if day is None else november(day)
    return Earlier(Decimal(quantity), on, on)


def now(quantity: int, day: int | None) -> Piece:
    on = None if day is None else november(day)
    return Piece(Decimal(quantity), "waiting", "awaiting_supplier", ships_on=on, arrives_on=on)


def written(old: Sequence[Earlier], new: Sequence[Piece]) -> list[tuple[int, int | None, int | None]]:
    """(quantity, the day it was promised for, the day it is promised for now)."""

    def day(one: Earlier | Piece | None) -> int | None:
        return one.arrives_on.day if one is not None and one.arrives_on is not None else None

    return [(int(quantity), day(was), day(becomes)) for quantity, was, becomes in align(old, new)]


def test_a_line_that_slips_keeps_what_it_was_promised() -> None:
    assert written([before(100, 20)], [now(100, 24)]) == [(100, 20, 24)]


def test_the_earliest_promise_goes_with_what_arrives_first() -> None:
    assert written([before(60, 25), before(40, 20)], [now(30, 27), now(70, 23)]) == [
        (40, 20, 23),
        (30, 25, 23),
        (30, 25, 27),
    ]


def test_what_has_no_date_comes_last_on_both_sides() -> None:
    assert written([before(50, None), before(50, 20)], [now(60, None), now(40, 22)]) == [
        (40, 20, 22),
        (10, 20, None),
        (50, None, None),
    ]


def test_new_quantity_was_never_promised_before() -> None:
    old, new = [before(10, 20)], [now(15, 20)]

    assert [(int(quantity), was is None) for quantity, was, _ in align(old, new)] == [(10, False), (5, True)]


def test_old_quantity_that_is_gone_is_left_out() -> None:
    assert written([before(10, 20), before(10, 25)], [now(12, 24)]) == [(10, 20, 24), (2, 25, 24)]


def test_an_empty_earlier_portion_is_passed_over() -> None:
    assert written([before(0, 18), before(10, 20)], [now(10, 24)]) == [(10, 20, 24)]


some_day = st.none() | days
earlier = st.lists(st.builds(Earlier, quantities, some_day, some_day), max_size=5)
pieces = st.lists(
    st.builds(
        Piece, quantities, st.just("waiting"), st.just("backordered"), ships_on=some_day, arrives_on=some_day
    ),
    max_size=5,
)


@given(earlier, pieces)
def test_nothing_is_lost_or_doubled(old: list[Earlier], new: list[Piece]) -> None:
    aligned = align(old, new)

    assert total(quantity for quantity, _, _ in aligned) == total(piece.quantity for piece in new)
    assert total(quantity for quantity, was, _ in aligned if was is not None) == min(
        total(one.quantity for one in old), total(piece.quantity for piece in new)
    )
    assert all(quantity > 0 for quantity, _, _ in aligned)


@given(earlier, pieces)
def test_promises_are_carried_over_in_the_order_of_arrival(old: list[Earlier], new: list[Piece]) -> None:
    was = [one.arrives_on or date.max for _, one, _ in align(old, new) if one is not None]
    becomes = [piece.arrives_on or date.max for _, _, piece in align(old, new)]

    assert was == sorted(was)
    assert becomes == sorted(becomes)


promised = st.lists(st.builds(Earlier, quantities, some_day, some_day, some_day, some_day), max_size=5)


def after(old: Sequence[Earlier], new: Sequence[Piece]) -> Counter[tuple[int, date | None, date | None]]:
    """How much of each piece has which first promise, once it is written."""
    written: Counter[tuple[int, date | None, date | None]] = Counter()
    for quantity, was, piece in align(old, new):
        known = was is not None and was.first_arrives_on is not None
        first = (was.first_ships_on, was.first_arrives_on) if known else (piece.ships_on, piece.arrives_on)
        written[(next(i for i, one in enumerate(new) if one is piece), *first)] += quantity
    return written


@given(promised, pieces, st.randoms(use_true_random=False))
def test_aligning_once_more_changes_nothing(old: list[Earlier], new: list[Piece], chance: Random) -> None:
    once = after(old, new)
    rows = [
        Earlier(quantity, new[i].ships_on, new[i].arrives_on, *first)
        for (i, *first), quantity in once.items()
    ]
    chance.shuffle(rows)

    assert after(rows, new) == once
