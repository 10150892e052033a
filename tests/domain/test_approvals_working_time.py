"""Working time: hours run while people work, and stand still while they do not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.calendars import NeverOpen
from portal.domain.working_time import WorkingTime

LONDON = WorkingTime(frozenset(range(5)), time(9), time(17), "Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-18T09:00", 8, "2026-11-18T17:00"),
        ("2026-11-18T10:00", 8, "2026-11-19T10:00"),
        ("2026-11-18T20:00", 1, "2026-11-19T10:00"),
        ("2026-11-20T16:30", 1, "2026-11-23T09:30"),
        ("2026-11-21T12:00", 9, "2026-11-24T10:00"),
        ("2026-11-18T09:00", 0, "2026-11-18T09:00"),
    ],
)
def test_hours_of_work(start: str, hours: int, end: str) -> None:
    assert LONDON.after(utc(start), hours) == utc(end)


def test_holidays_do_not_count() -> None:
    closed = WorkingTime(holidays=frozenset({date(2026, 12, 25)}))
    assert closed.after(utc("2026-12-24T16:00"), 2) == utc("2026-12-28T10:00")


def test_the_wall_s_clock_decides_also_when_it_changes() -> None:
    """In summer London's nine o'clock is eight in UTC."""
    assert LONDON.after(utc("2026-03-27T16:00"), 2) == utc("2026-03-30T09:00")
    night = WorkingTime(frozenset(range(7)), time(0), time(6), "Europe/London")
    # On 29 March the hour from one to two does not exist: five hours of six.
    assert night.after(utc("2026-03-29T00:00"), 6) == utc("2026-03-30T00:00")


def test_nobody_ever_works() -> None:
    with pytest.raises(NeverOpen):
        WorkingTime(frozenset(), holidays=frozenset()).after(utc("2026-11-18T09:00"), 1)


def test_who_is_at_work() -> None:
    assert LONDON.is_working(utc("2026-11-18T09:00"))
    assert not LONDON.is_working(utc("2026-11-18T17:00"))
    assert not LONDON.is_working(utc("2026-11-21T12:00"))


moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: utc("2025-01-01") + timedelta(minutes=minutes)
)
zones = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])


@settings(max_examples=200, deadline=None)
@given(start=moments, hours=st.integers(1, 200), more=st.integers(1, 50), zone=zones)
def test_time_adds_up_and_never_runs_back(start: datetime, hours: int, more: int, zone: str) -> None:
    working = WorkingTime(time_zone=zone)
    end = working.after(start, hours)

    assert end - start >= timedelta(hours=hours)
    assert working.is_working(end - timedelta(seconds=1))
    assert working.after(end, more) == working.after(start, hours + more)
