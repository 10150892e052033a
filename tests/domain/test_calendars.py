from dataclasses import replace
from datetime import date

import pytest

from portal.domain.calendars import Destination, NeverOpen
from tests.domain.situations import LEEDS, MAIN, november


def test_counting_starts_on_the_first_open_day() -> None:
    saturday = november(21)

    assert MAIN.count_open(saturday, 0) == november(23)
    assert MAIN.count_open(saturday, 1) == november(24)


def test_counting_nothing_from_an_open_day_stays_on_it() -> None:
    assert MAIN.count_open(november(18), 0) == november(18)


def test_counting_skips_weekends_and_holidays() -> None:
    closed_on_monday = replace(MAIN, holidays=frozenset({november(23)}))

    assert closed_on_monday.count_open(november(20), 1) == november(24)
    assert MAIN.count_open(november(20), 1) == november(23)


def test_a_location_keeps_its_own_working_week() -> None:
    sunday_to_thursday = replace(MAIN, working_days=frozenset({6, 0, 1, 2, 3}))

    assert sunday_to_thursday.count_open(november(19), 1) == november(22)


def test_the_last_open_day_before_a_closed_one_is_found() -> None:
    assert MAIN.open_on_or_before(november(22)) == november(20)
    assert LEEDS.open_on_or_before(november(22)) == november(20)


def test_a_destination_is_open_from_monday_to_friday_but_not_on_its_holidays() -> None:
    hull = Destination("Hull", "GB", frozenset({november(20)}))

    assert hull.open_on_or_after(november(20)) == november(23)
    assert hull.open_on_or_after(november(19)) == november(19)


def test_a_location_without_a_working_day_is_told_and_not_waited_for() -> None:
    never = replace(MAIN, working_days=frozenset())

    with pytest.raises(NeverOpen, match="Main has no open day within 400 days of 2026-11-18"):
        never.count_open(november(18), 1)


def test_the_end_of_all_calendars_is_told() -> None:
    with pytest.raises(NeverOpen, match=r"There is no calendar for \+1 days from 9999-12-31"):
        MAIN.count_open(date(9999, 12, 31), 1)


def test_a_mode_without_transit_days_takes_none() -> None:
    assert MAIN.transit("parcel") == 3
    assert MAIN.transit("freight") == 0
