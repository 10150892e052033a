"""Figures over a period: the arithmetic that is more than counting. What is counted stands in events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

DAY = timedelta(days=1)
DEFAULT_DAYS = 90
# Two weeks, which are ten working days: counted in days of the calendar, so that it needs no calendar of anybody.
DEFAULT_TARGET = 14
# Up to so many days a period is told by weeks, and by months; a longer one by years.
DAYS_BY_WEEK, DAYS_BY_MONTH = 112, 800

# What figures are broken down by.
BY = ("period", "account", "location", "supplier")

TENTH = Decimal("0.1")
ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def spans(self) -> "Iterator[Period]":
        """Weeks, months or years that make it up, without a gap; those at the ends are cut to fit."""
        first = self.first
        while first <= self.last:
            last = min(_end(first, self.days), self.last)
            yield Period(first, last)
            first = last + DAY


def last_days(today: date, days: int = DEFAULT_DAYS) -> Period:
    """So many days up to today."""
    return Period(today - timedelta(days=days - 1), today)


def _end(first: date, days: int) -> date:
    """The last day of the week, month or year that a day is in."""
    if days <= DAYS_BY_WEEK:
        return first + timedelta(days=6 - first.weekday())
    if days <= DAYS_BY_MONTH:
        return (first.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY
    return first.replace(month=12, day=31)


def percent(part: int, whole: int) -> Decimal | None:
    """With one decimal; 0 and 100 only when it is none or all of them. None when there is nothing to count."""
    if not whole:
        return None
    exact = ALL * part / whole
    rounded = exact.quantize(TENTH, ROUND_HALF_UP)
    if 0 < part < whole:
        return min(max(rounded, TENTH), ALL - TENTH)
    return rounded


@dataclass(frozen=True, slots=True)
class Days:
    """A range of whole days, ends included; an end that is None is open."""

    least: int | None
    most: int | None

    @property
    def code(self) -> str:
        """How an address names it."""
        return "less" if self.least is None else str(self.least)

    def __contains__(self, days: int) -> bool:
        return (self.least is None or days >= self.least) and (self.most is None or days <= self.most)

    def of(self, counts: Mapping[int, int]) -> int:
        """How many of these fall into it."""
        return sum(count for days, count in counts.items() if days in self)


def ranges(*starts: int, open_below: bool = False) -> tuple[Days, ...]:
    """Ranges that begin with these days and leave no day out from there on."""
    ends: Sequence[int | None] = (*(start - 1 for start in starts[1:]), None)
    below = (Days(None, starts[0] - 1),) if open_below else ()
    return (*below, *(Days(start, end) for start, end in zip(starts, ends, strict=True)))


# Whole days of 24 hours from the order to its first dispatch.
TOOK = ranges(0, 1, 2, 3, 4, 5, 7, 10, 14)
# Days from the one that was promised to the one of the delivery: fewer than none is early.
OFF = ranges(0, 1, 2, 4, 8, open_below=True)
KEPT = Days(None, 0)

# What can have become of a backorder.
OUTCOMES = ("in_time", "late", "missed", "waiting", "cancelled")
# Those whose time is up or that are filled: a rate is told of them only.
JUDGED = ("in_time", "late", "missed")
