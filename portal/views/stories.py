"""The stories as their pages show them: what has happened, what comes next, and when it is in the demo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from markupsafe import Markup

from portal.db.plays import Face, Play
from portal.domain.access import Viewer
from portal.filters import Tongue
from portal.stories.story import Step, Story, day, moment

# Beyond this, a step that is still to come happens late.
LATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Card:
    """A story in the list."""

    href: str
    number: int
    title: str
    question: str
    watcher: str
    extent: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step of a story: `fate` is done, next or later. Its day is empty when it is that of the step before."""

    id: str
    on: Markup
    clock: str
    sentence: str
    fate: str
    word: str


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is in the demo, and by how much that differs from what it is; empty when it does not."""

    now: str
    apart: str


@dataclass(frozen=True, slots=True)
class Watched:
    """An order that one can look at while the story goes on."""

    number: str
    company: str
    href: str
    is_chosen: bool


def cards(stories: Iterable[Story], plays: Mapping[str, Play], tongue: Tongue) -> list[Card]:
    return [_card(story, plays.get(story.name), tongue) for story in stories]


def _card(story: Story, play: Play | None, tongue: Tongue) -> Card:
    _ = tongue.gettext
    steps, weeks = len(story.steps), story.weeks
    extent = (
        tongue.ngettext("{n} step", "{n} steps", steps).format(n=steps),
        tongue.ngettext("{n} week", "{n} weeks", weeks).format(n=weeks),
    )
    return Card(
        f"/demo/{story.name}",
        story.scenario,
        _(story.title),
        _(story.question),
        _(story.watcher),
        ", ".join(extent),
        progress(story, play, tongue),
    )


def progress(story: Story, play: Play | None, tongue: Tongue) -> str:
    """How far the playing has come."""
    _ = tongue.gettext
    if play is None:
        return _("Not played yet")
    if play.step >= len(story.steps):
        return _("Played to its end")
    return _("{n} of {total} steps played").format(n=play.step, total=len(story.steps))


def lines(story: Story, play: Play | None, later: timedelta, tongue: Tongue) -> list[Line]:
    """The steps, with the days on which they happen in this playing."""
    _ = tongue.gettext
    words = {"done": _("done"), "next": _("next"), "later": _("to come")}
    reached = play.step if play else 0
    shown, before = [], None
    for at, step in enumerate(story.steps):
        fate = "done" if at < reached else "next" if at == reached else "later"
        happens = moment(step.when, later, _zone(tongue))
        on = tongue.on(happens)
        day_of = tongue.day_html(on, on) if on != before else Markup("")
        told = sentence(step, later, tongue)
        shown.append(Line(f"step-{step.name}", day_of, tongue.clock(happens), told, fate, words[fate]))
        before = on
    return shown


def sentence(step: Step, later: timedelta, tongue: Tongue) -> str:
    """What a watcher sees happen, with the days as they are in this playing."""
    happens = day(step.when[:10], later)
    dates = {name: tongue.day(day(on, later), happens) for name, on in step.dates.items()}
    return tongue.gettext(step.sentence).format(**dates)


def is_late(story: Story, play: Play | None, later: timedelta, now: datetime, tongue: Tongue) -> bool:
    """The demo's clock has passed the next step: what happens now happens later than the story has it."""
    if play is None or play.step >= len(story.steps):
        return False
    return now - moment(story.steps[play.step].when, later, _zone(tongue)) > LATE


def clock(now: datetime, ahead: timedelta, tongue: Tongue) -> Clock:
    _ = tongue.gettext
    shown = f"{tongue.full_day(tongue.on(now))}, {tongue.clock(now)}"
    if abs(ahead) < timedelta(minutes=1):
        return Clock(shown, "")
    much = format_timedelta(abs(ahead), granularity="minute", threshold=1.5, locale=tongue.name)
    words = _("{much} ahead of real time") if ahead > timedelta() else _("{much} behind real time")
    return Clock(shown, words.format(much=much))


def watched(story: Story, seen: Sequence[tuple[str, str]], chosen: str) -> list[Watched]:
    """`seen` are the orders that the viewer may see, with their companies."""
    numbers = [number for number, _ in seen]
    showing = chosen if chosen in numbers else next(iter(numbers), "")
    return [
        Watched(number, company, f"/demo/{story.name}?order={number}", number == showing)
        for number, company in seen
    ]


def faces(found: Iterable[Face], viewer: Viewer | None, tongue: Tongue) -> list[tuple[Face, str]]:
    """Who may be chosen to watch, each with what they do; not the one who watches already."""
    _ = tongue.gettext
    roles = {
        "buyer": _("buyer"),
        "approver": _("approver"),
        "account_admin": _("account administrator"),
        "finance": _("finance"),
        "reader": _("reader"),
        "account_manager": _("account manager"),
        "operations": _("operations"),
        "admin": _("administrator"),
    }
    return [(face, roles[face.role]) for face in found if viewer is None or viewer.email != face.email]


def _zone(tongue: Tongue) -> ZoneInfo:
    return ZoneInfo(str(tongue.zone))
