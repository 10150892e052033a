"""What moved dates come to for somebody who has read none of the moves."""

from datetime import UTC, date, datetime
from decimal import Decimal

from portal.domain.today import Change, net

MON, TUE, WED, THU = (date(2026, 11, day) for day in (23, 24, 25, 26))


def change(old: date | None, new: date | None, version: int, quantity: int = 10, line: int = 1) -> Change:
    at = datetime(2026, 11, 18, version, tzinfo=UTC)
    return Change(line, Decimal(quantity), old, new, version, at, {"what": "inbound_changed"})


def told(*changes: Change) -> set[tuple[int, int, date | None, date | None]]:
    return {(one.line, int(one.quantity), one.old, one.new) for one in net(changes)}


def test_two_moves_are_one() -> None:
    assert told(change(MON, TUE, 2), change(TUE, WED, 3)) == {(1, 10, MON, WED)}


def test_there_and_back_is_no_move() -> None:
    assert told(change(MON, WED, 2), change(WED, MON, 3)) == set()


def test_what_moves_at_one_version_moves_side_by_side() -> None:
    assert told(change(MON, TUE, 2), change(TUE, WED, 2)) == {(1, 10, MON, TUE), (1, 10, TUE, WED)}


def test_a_part_that_moves_on_leaves_the_rest_where_it_came_to() -> None:
    assert told(change(MON, TUE, 2), change(TUE, THU, 3, quantity=4)) == {(1, 6, MON, TUE), (1, 4, MON, THU)}


def test_lines_do_not_carry_each_other_on() -> None:
    assert told(change(MON, TUE, 2), change(TUE, WED, 3, line=2)) == {(1, 10, MON, TUE), (2, 10, TUE, WED)}


def test_a_date_that_is_lost_and_found_again_moved_once() -> None:
    assert told(change(MON, None, 2), change(None, THU, 3)) == {(1, 10, MON, THU)}
