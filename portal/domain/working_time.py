"""Hours in which people work: what runs in working time stands still in the night, at weekends and on holidays."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.calendars import NeverOpen
from portal.domain.dates import WEEKDAYS

# No calendar closes for longer than this; one that seems to has no working day at all.
LONGEST_CLOSURE = 400
# A year of work, more than anybody waits for: a slip of the pen does not keep the machine busy.
MOST_HOURS = 2000


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """On these days of the week (0 = Monday), from one hour of the wall's clock to another, in this time zone.

    `calendar` names the country whose holidays are in `holidays`, which must always give the same answer.
    """

    days: frozenset[int] = frozenset(range(5))
    begins: time = time(9)
    ends: time = time(17)
    time_zone: str = "UTC"
    calendar: str | None = None
    holidays: Container[date] = field(default=frozenset(), compare=False, repr=False)

    def after(self, start: datetime, hours: int) -> datetime:
        """The moment when so many hours of work have passed since `start`, in UTC.

        Real hours count: on the day the clocks change they are what people lived through. No hours end at once.
        """
        left = timedelta(hours=min(hours, MOST_HOURS))
        if not left:
            return start.astimezone(UTC)
        day = start.astimezone(ZoneInfo(self.time_zone)).date()
        closed = 0
        while closed <= LONGEST_CLOSURE:
            opened, shut = self.window(day)
            begin = max(opened, start) if opened else None
            if begin is None or shut is None or begin >= shut:
                closed += 1
            elif begin + left <= shut:
                return begin + left
            else:
                closed, left = 0, left - (shut - begin)
            day += timedelta(days=1)
        raise NeverOpen(f"Nobody works within {LONGEST_CLOSURE} days of {start:%Y-%m-%d}.")

    def window(self, day: date) -> tuple[datetime, datetime] | tuple[None, None]:
        """When work begins and ends that day, in UTC; nothing on a day without work."""
        if day.weekday() not in self.days or day in self.holidays:
            return None, None
        zone = ZoneInfo(self.time_zone)
        begin = datetime.combine(day, self.begins, zone).astimezone(UTC)
        end = datetime.combine(day, self.ends, zone).astimezone(UTC)
        return begin, end

    def is_working(self, moment: datetime) -> bool:
        """Whether anybody is at work then."""
        begin, end = self.window(moment.astimezone(ZoneInfo(self.time_zone)).date())
        return begin is not None and end is not None and begin <= moment < end

    def today(self, moment: datetime) -> date:
        """The day that the wall's calendar shows there."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def told(self) -> dict[str, Any]:
        """As JSON, and as a policy keeps it."""
        return {
            "days": [WEEKDAYS[day] for day in sorted(self.days)],
            "from": f"{self.begins:%H:%M}",
            "to": f"{self.ends:%H:%M}",
            "time_zone": self.time_zone,
            "holidays": self.calendar,
        }
