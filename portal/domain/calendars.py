"""On which days goods can be received, handled and taken in."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

MONDAY_TO_FRIDAY = frozenset(range(5))
# No calendar closes for longer than this; one that seems to has no open day at all.
_LONGEST_CLOSURE = 400


class NeverOpen(ValueError):
    """A calendar has no open day where one is needed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location as the promise engine sees it.

    `holidays` answers `day in holidays` and must always give the same answer. `transit_days` counts calendar
    days by mode; a mode that is not listed takes none.
    """

    code: str
    name: str
    country: str
    today: date
    working_days: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: Container[date] = field(default=frozenset(), compare=False, repr=False)
    receiving_days: int = 0
    handling_days: int = 0
    transit_days: Mapping[str, int] = field(default_factory=dict, compare=False)

    def is_open(self, day: date) -> bool:
        return day.weekday() in self.working_days and day not in self.holidays

    def open_on_or_after(self, day: date) -> date:
        return _first_open(self.is_open, day, 1, self.name)

    def open_on_or_before(self, day: date) -> date:
        return _first_open(self.is_open, day, -1, self.name)

    def count_open(self, start: date, days: int) -> date:
        """The first open day on or after `start`, then `days` open days on (0: that day itself)."""
        day = self.open_on_or_after(start)
        for _ in range(days):
            day = self.open_on_or_after(shift(day, 1))
        return day

    def transit(self, mode: str) -> int:
        return self.transit_days.get(mode, 0)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods go: the name said in the sentence, and the days on which goods are taken in.

    Two destinations of equal name and country are taken to close on the same days.
    """

    name: str
    country: str
    holidays: Container[date] = field(default=frozenset(), compare=False, repr=False)

    def is_open(self, day: date) -> bool:
        return day.weekday() in MONDAY_TO_FRIDAY and day not in self.holidays

    def open_on_or_after(self, day: date) -> date:
        return _first_open(self.is_open, day, 1, self.name)

    def open_on_or_before(self, day: date) -> date:
        return _first_open(self.is_open, day, -1, self.name)


def shift(day: date, days: int) -> date:
    """So many calendar days on, or back."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise NeverOpen(f"There is no calendar for {days:+} days from {day}.") from None


def _first_open(is_open: Callable[[date], bool], start: date, step: int, name: str) -> date:
    day = start
    for _ in range(_LONGEST_CLOSURE):
        if is_open(day):
            return day
        day = shift(day, step)
    raise NeverOpen(f"{name} has no open day within {_LONGEST_CLOSURE} days of {start}.")
