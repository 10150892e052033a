"""Play a story: the next step at its moment, once, through the same operations as real life."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.clock import utc_now
from portal.db import plays
from portal.db.patience import patiently
from portal.db.places import destination
from portal.db.plays import Play
from portal.db.work import Pool, Work
from portal.operations import breaking_silence, keeping_up, timing
from portal.seed import cast
from portal.seed.telling import Teller
from portal.settings import Settings
from portal.stories.happenings import Ordered
from portal.stories.stage import COUNTRY, Stage
from portal.stories.story import Story, moment

ACTOR = "demo"
# The company whose people watch.
WATCHERS = "NORDWIND"


def shift(story: Story, play: Play | None, zone: ZoneInfo) -> timedelta:
    """How much later than it is written the story happens, or would if it began now."""
    calendar = destination("", COUNTRY)
    return story.weeks_after(
        play.began_at if play else utc_now(), zone, lambda day: calendar.open_on_or_after(day) != day
    )


async def begin(pool: Pool, story: Story, after: int) -> bool:
    """A new playing, in which nothing has happened yet; `after` is the playing that whoever asks has seen, or 0.

    What earlier ones have made stays: nothing that happened is ever taken back.
    """
    work = Work(pool, actor=ACTOR)
    async with work:
        return await plays.begin(work.conn, story.name, after, work.now)


async def play(pool: Pool, settings: Settings, story: Story, seen: Play, at: int) -> bool:
    """Play step `at`. Answers False when it was played already, or its turn has not come."""
    if at != seen.step or at >= len(story.steps):
        return False
    zone = ZoneInfo(settings.supplier_time_zone)
    later = shift(story, seen, zone)
    due = moment(story.steps[at].when, later, zone)
    await _until(pool, due)
    return await patiently(lambda: _take(pool, settings, story, seen.id, at, later, due))


async def to_real_time(pool: Pool) -> None:
    """The clock shows again what it is. What was promised meanwhile stays promised."""
    work = Work(pool, actor=ACTOR)
    async with work:
        await timing.back_to_real_time(work)
    await clock.refresh(pool)
    await patiently(lambda: keeping_up.keep_up(pool, actor=ACTOR))


async def _until(pool: Pool, due: datetime) -> None:
    """Time only moves forward. On the way the portal does what it does when days pass."""
    if utc_now() >= due:
        return
    work = Work(pool, actor=ACTOR)
    async with work:
        await timing.set_clock(work, due)
    await clock.refresh(pool)
    await patiently(lambda: keeping_up.keep_up(pool, actor=ACTOR))
    await breaking_silence.listen(pool, actor=ACTOR)


async def _take(
    pool: Pool, settings: Settings, story: Story, play: int, at: int, later: timedelta, due: datetime
) -> bool:
    step = story.steps[at]
    work = Work(pool, actor=ACTOR)
    async with work:
        taken = await plays.take(work.conn, play, at)
        if taken is None:
            return False
        await _invite(work, settings)
        stage = Stage(
            Teller(work, settings), taken.tag, later, due, dict(taken.known), _watched(story), WATCHERS
        )
        for happening in step.happens:
            await stage.happens(happening)
        await plays.remember(work.conn, play, stage.known)
    return True


def _watched(story: Story) -> frozenset[str]:
    """The company that placed the watcher's own order."""
    return frozenset(
        happening.account
        for step in story.steps
        for happening in step.happens
        if isinstance(happening, Ordered) and happening.name == story.watching[0]
    )


async def _invite(work: Work, settings: Settings) -> None:
    """The demo's people watch. Where its story was never told, they come now."""
    if settings.is_production:
        raise ValueError(
            "stories are played in demo and test mode only: whoever watches has a known password"
        )
    if await work.conn.fetchval("select 1 from account where number = $1", WATCHERS) is None:
        await cast.introduce(work)
