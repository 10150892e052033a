"""When goods ship and arrive, and the facts that explain it."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from portal.domain.calendars import Destination, Place, shift

Fact: TypeAlias = dict[str, str | int | bool]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Dates:
    """A promise: the day goods leave, the day they arrive, and why. Nobody changes the facts."""

    ships_on: date | None
    arrives_on: date | None
    because: tuple[Fact, ...]


NO_DATES = Dates(None, None, ())


def promise(
    place: Place,
    start: date,
    destination: Destination,
    mode: str,
    *,
    receiving: bool = False,
    lead_time: int | None = None,
    requested_on: date | None = None,
    weekly_day: int | None = None,
) -> Dates:
    """Count from the day goods are at `place` (or come there: `receiving`) to their arrival.

    Stock on the shelf starts today with neither; an inbound starts on its expected day with `receiving`; a
    lead time is open days before that. With `weekly_day` (0 = Monday) goods leave on that weekday, or on the
    next open day if it is closed. With `requested_on` they leave as late as they can and still arrive by then.
    """
    facts: list[Fact] = []
    day = start
    if lead_time is not None:
        # What a supplier quotes as lead time runs until the goods leave: receiving and handling are in it.
        ready = place.count_open(day, lead_time)
        facts.append({"fact": "lead_time", "days": lead_time})
    else:
        if receiving:
            day = place.count_open(day, place.receiving_days)
            if place.receiving_days:
                facts.append({"fact": "receiving", "days": place.receiving_days})
        ready = place.count_open(day, place.handling_days)
        if place.handling_days:
            facts.append({"fact": "handling", "days": place.handling_days})

    earliest = ready if weekly_day is None else _weekly(place, ready, weekly_day)
    if weekly_day is not None and earliest != ready:
        facts.append({"fact": "weekly", "day": WEEKDAYS[weekly_day]})

    if requested_on is None:
        return _leaving(place, earliest, destination, mode, facts)

    ships_on = _as_late_as_wanted(place, earliest, destination, mode, requested_on, weekly_day)
    wanted: list[Fact] = (
        [{"fact": "requested", "on": requested_on.isoformat()}] if ships_on != earliest else []
    )
    return _leaving(place, ships_on, destination, mode, facts, wanted)


def arrival(place: Place, shipped_on: date, destination: Destination, mode: str) -> Dates:
    """When goods arrive that left `place` on a day that is already known."""
    return _leaving(place, shipped_on, destination, mode, [])


def _weekly(place: Place, ready: date, weekday: int) -> date:
    return place.open_on_or_after(shift(ready, (weekday - ready.weekday()) % 7))


def _as_late_as_wanted(
    place: Place,
    earliest: date,
    destination: Destination,
    mode: str,
    requested_on: date,
    weekly_day: int | None,
) -> date:
    if requested_on <= earliest:
        return earliest

    latest = shift(destination.open_on_or_before(requested_on), -place.transit(mode))
    if latest <= earliest:
        return earliest

    if weekly_day is None:
        return max(earliest, place.open_on_or_before(latest))

    day = shift(latest, -((latest.weekday() - weekly_day) % 7))
    while day > earliest:
        ships_on = place.open_on_or_after(day)
        if ships_on <= latest:
            return ships_on
        day = shift(day, -7)
    return earliest


def _leaving(
    place: Place,
    ships_on: date,
    destination: Destination,
    mode: str,
    before: list[Fact],
    after: list[Fact] | None = None,
) -> Dates:
    transit = place.transit(mode)
    comes_on = shift(ships_on, transit)
    arrives_on = destination.open_on_or_after(comes_on)

    facts: list[Fact] = [*before, {"fact": "transit", "days": transit, "mode": mode}]
    if arrives_on != comes_on:
        facts.append({"fact": "closed_days", "days": (arrives_on - comes_on).days})
    return Dates(ships_on, arrives_on, (*facts, *(after or ())))
