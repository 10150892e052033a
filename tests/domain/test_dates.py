from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.calendars import Destination, Place
from portal.domain.dates import Dates, arrival, promise
from tests.domain.situations import LEEDS, MAIN, TODAY, days, destinations, holidays, locations, november

law = settings(deadline=None, max_examples=200)
stores = locations("A")


def both(dates: Dates) -> tuple[date, date]:
    assert dates.ships_on is not None
    assert dates.arrives_on is not None
    return dates.ships_on, dates.arrives_on


def test_an_inbound_of_wednesday_is_received_on_thursday_and_ships_on_friday() -> None:
    dates = promise(MAIN, november(25), LEEDS, "parcel", receiving=True)

    assert both(dates) == (november(27), november(30))
    assert dates.because == (
        {"fact": "receiving", "days": 1},
        {"fact": "handling", "days": 1},
        {"fact": "transit", "days": 3, "mode": "parcel"},
    )


def test_stock_on_the_shelf_needs_no_receiving() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel")

    assert both(dates) == (november(19), november(23))
    assert dates.because == (
        {"fact": "handling", "days": 1},
        {"fact": "transit", "days": 3, "mode": "parcel"},
        {"fact": "closed_days", "days": 1},
    )


def test_days_that_take_no_time_are_not_told_except_on_the_road() -> None:
    at_once = replace(MAIN, receiving_days=0, handling_days=0, transit_days={})

    dates = promise(at_once, TODAY, LEEDS, "parcel", receiving=True)

    assert both(dates) == (TODAY, TODAY)
    assert dates.because == ({"fact": "transit", "days": 0, "mode": "parcel"},)


def test_a_lead_time_counts_working_days_until_goods_leave() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", lead_time=5)

    # Five working days from Wed 18 are Wed 25; then three on the road, to a Saturday: Mon 30.
    assert both(dates) == (november(25), november(30))
    assert [fact["fact"] for fact in dates.because] == ["lead_time", "transit", "closed_days"]
    assert dates.because[0] == {"fact": "lead_time", "days": 5}


def test_an_arrival_on_a_holiday_of_the_destination_moves_on() -> None:
    hull = Destination("Hull", "GB", frozenset({november(30), date(2026, 12, 1)}))

    dates = promise(MAIN, november(25), hull, "parcel", receiving=True)

    assert both(dates) == (november(27), date(2026, 12, 2))
    assert dates.because[-1] == {"fact": "closed_days", "days": 2}


def test_goods_that_are_wanted_later_leave_later() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", requested_on=november(27))

    assert both(dates) == (november(24), november(27))
    assert dates.because[-1] == {"fact": "requested", "on": "2026-11-27"}


def test_goods_that_are_wanted_on_a_closed_day_arrive_before_it() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", requested_on=november(29))

    assert both(dates) == (november(24), november(27))


def test_goods_that_are_wanted_sooner_than_possible_come_as_soon_as_possible() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", requested_on=november(20))

    assert dates == promise(MAIN, TODAY, LEEDS, "parcel")


def test_weekly_goods_leave_on_their_weekday() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", weekly_day=2)

    assert both(dates) == (november(25), november(30))
    assert {"fact": "weekly", "day": "wed"} in dates.because


def test_weekly_goods_that_are_ready_on_their_weekday_leave_at_once() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", weekly_day=3)

    assert both(dates) == (november(19), november(23))
    assert "weekly" not in [fact["fact"] for fact in dates.because]


def test_weekly_goods_leave_on_the_next_open_day_when_their_weekday_is_closed() -> None:
    closed = replace(MAIN, holidays=frozenset({november(25)}))

    assert promise(closed, TODAY, LEEDS, "parcel", weekly_day=2).ships_on == november(26)


def test_weekly_goods_that_are_wanted_later_leave_in_the_last_week_that_is_in_time() -> None:
    dates = promise(MAIN, TODAY, LEEDS, "parcel", weekly_day=2, requested_on=date(2026, 12, 11))

    assert both(dates) == (date(2026, 12, 2), date(2026, 12, 7))


def test_a_closed_week_may_send_weekly_goods_a_week_earlier() -> None:
    closed = replace(MAIN, holidays=frozenset(date(2026, 12, day) for day in (2, 3, 4, 7, 8)))

    dates = promise(closed, TODAY, LEEDS, "parcel", weekly_day=2, requested_on=date(2026, 12, 7))

    assert dates.ships_on == november(25)


def test_goods_that_left_arrive_after_the_transit_days() -> None:
    dates = arrival(MAIN, november(19), LEEDS, "parcel")

    assert both(dates) == (november(19), november(23))
    assert [fact["fact"] for fact in dates.because] == ["transit", "closed_days"]


@law
@given(
    stores, days, destinations, st.none() | days, st.none() | st.integers(0, 6), st.none() | st.integers(0, 9)
)
def test_goods_leave_and_arrive_on_open_days(
    place: Place, start: date, to: Destination, wanted: date | None, weekly: int | None, lead_time: int | None
) -> None:
    dates = promise(
        place,
        start,
        to,
        "parcel",
        receiving=True,
        requested_on=wanted,
        weekly_day=weekly,
        lead_time=lead_time,
    )

    ships_on, arrives_on = both(dates)
    assert place.is_open(ships_on)
    assert to.is_open(arrives_on)
    assert start <= ships_on <= arrives_on


@law
@given(stores, days, destinations, st.none() | days, st.none() | st.integers(0, 6))
def test_what_comes_later_never_leaves_or_arrives_earlier(
    place: Place, start: date, to: Destination, wanted: date | None, weekly: int | None
) -> None:
    today = promise(place, start, to, "parcel", receiving=True, requested_on=wanted, weekly_day=weekly)
    tomorrow = promise(
        place, start + timedelta(days=1), to, "parcel", receiving=True, requested_on=wanted, weekly_day=weekly
    )

    assert both(today)[0] <= both(tomorrow)[0]
    assert both(today)[1] <= both(tomorrow)[1]


@law
@given(stores, days, st.builds(Destination, st.just("Leeds"), st.just("GB"), holidays), days)
def test_no_later_day_would_still_bring_goods_in_time(
    place: Place, start: date, to: Destination, wanted: date
) -> None:
    """As late as possible, tried day by day."""
    earliest, _ = both(promise(place, start, to, "parcel"))
    ships_on, _ = both(promise(place, start, to, "parcel", requested_on=wanted))

    open_days = filter(place.is_open, (earliest + timedelta(days=count) for count in range(60)))
    in_time = [day for day in open_days if both(arrival(place, day, to, "parcel"))[1] <= wanted]
    assert ships_on == max(in_time, default=earliest)
