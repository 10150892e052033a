"""The arithmetic of figures: periods, shares, ranges of days."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.insight import KEPT, OFF, TOOK, Period, last_days, percent

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def test_ninety_days_up_to_today_are_ninety() -> None:
    assert last_days(date(2026, 11, 22)) == Period(date(2026, 8, 25), date(2026, 11, 22))
    assert last_days(date(2026, 11, 22)).days == 90


@given(DAYS, st.integers(1, 4000))
def test_spans_make_up_the_period_without_a_gap(first: date, days: int) -> None:
    period = Period(first, date.fromordinal(first.toordinal() + days - 1))
    spans = list(period.spans())
    assert (spans[0].first, spans[-1].last) == (period.first, period.last)
    assert sum(span.days for span in spans) == period.days
    assert all(span.days >= 1 for span in spans)
    assert len(spans) <= 30


def test_spans_are_weeks_then_months_then_years() -> None:
    assert list(Period(date(2026, 11, 18), date(2026, 11, 30)).spans()) == [
        Period(date(2026, 11, 18), date(2026, 11, 22)),
        Period(date(2026, 11, 23), date(2026, 11, 29)),
        Period(date(2026, 11, 30), date(2026, 11, 30)),
    ]
    months = list(Period(date(2010, 12, 5), date(2011, 9, 30)).spans())
    assert months[0] == Period(date(2010, 12, 5), date(2010, 12, 31))
    assert months[2] == Period(date(2011, 2, 1), date(2011, 2, 28))
    assert len(months) == 10
    assert [span.first.year for span in Period(date(2010, 12, 5), date(2026, 1, 1)).spans()] == [
        *range(2010, 2027)
    ]


def test_a_share_is_all_or_none_only_when_it_is() -> None:
    assert percent(1, 3) == Decimal("33.3")
    assert percent(1999, 2000) == Decimal("99.9")
    assert percent(1, 100_000) == Decimal("0.1")
    assert (percent(0, 7), percent(7, 7)) == (0, 100)
    assert percent(0, 0) is None


@given(st.integers(-400, 400))
def test_every_number_of_days_is_in_one_range(days: int) -> None:
    assert sum(days in some for some in OFF) == 1
    assert sum(days in some for some in TOOK) == (days >= 0)
    assert (days in KEPT) == (days <= 0)
