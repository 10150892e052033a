"""A story: a question, and the steps that answer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.stories.happenings import Happening

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a watcher sees happen, at a moment by the clock on the supplier's wall.

    `dates` are the days that its sentence names: they move with the story.
    """

    name: str
    when: str
    sentence: str
    happens: Sequence[Happening]
    dates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """`watching` names the orders that one may look at meanwhile; the first is the watcher's own."""

    name: str
    scenario: int
    title: str
    question: str
    watcher: str
    watching: Sequence[str]
    steps: Sequence[Step]

    def weeks_after(self, now: datetime, zone: ZoneInfo, closed: Callable[[date], bool]) -> timedelta:
        """By how many whole weeks the story moves to begin with the present or later, all of it on days of work."""
        begins = moment(self.steps[0].when, timedelta(), zone)
        later = -((begins - now) // WEEK) * WEEK
        while any(closed(day(step.when[:10], later)) for step in self.steps):
            later += WEEK
        return later

    @property
    def weeks(self) -> int:
        """In how many weeks it happens, at least one."""
        first, last = (date.fromisoformat(self.steps[at].when[:10]) for at in (0, -1))
        return max(1, -(-(last - first).days // 7))


def moment(when: str, later: timedelta, zone: ZoneInfo) -> datetime:
    """`2026-11-18 09:00` by the clock on the supplier's wall, so much later."""
    return (datetime.fromisoformat(when) + later).replace(tzinfo=zone)


def day(when: str, later: timedelta) -> date:
    """A day of the story's calendar, so much later."""
    return date.fromisoformat(when) + later
