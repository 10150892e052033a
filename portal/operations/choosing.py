"""Each person says what they want to hear of, how, and when."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from portal.db import choices, mail, places
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.notifying import HOWS, KINDS, NEVER, WHOSE, Choice, default
from portal.domain.refusals import NotFound, Problem, refuse_any

LOCALES = ("en", "de")
HOURS = range(24)


async def choose(work: Work, viewer: Viewer, wanted: Mapping[str, Choice]) -> None:
    """Keep what differs from what their roles make of it: the rest goes on following the roles."""
    refuse_any(
        [Problem(f"/{kind}", f"there is no news {kind!r}") for kind in wanted if kind not in KINDS]
        + [
            Problem(f"/{kind}", "say how and of whose orders")
            for kind, choice in wanted.items()
            if choice.how not in HOWS or choice.whose not in WHOSE
        ]
    )
    own = {kind: choice for kind, choice in wanted.items() if choice != default(kind, viewer.roles)}
    person_id = _person(viewer)
    await choices.forget(work.conn, person_id, wanted.keys() - own.keys())
    await choices.keep(work.conn, person_id, own, work.now)


async def choose_nothing(work: Work, viewer: Viewer) -> None:
    """As their roles make it, in every kind."""
    await choices.forget(work.conn, _person(viewer))


async def stop(work: Work, person_id: int, kinds: Collection[str]) -> tuple[str, ...]:
    """No more mail of these kinds; of those that are not known any more there is none anyway. Answers the kinds."""
    person = await choices.addressee(work.conn, person_id)
    if person is None:
        raise NotFound("There is nobody to write to.")
    before = await choices.chosen(work.conn, person_id)
    known = tuple(kind for kind in KINDS if kind in kinds)
    silent = {kind: replace(before.get(kind) or default(kind, person.roles), how=NEVER) for kind in known}
    await choices.keep(work.conn, person_id, silent, work.now)
    return known


async def read_at(work: Work, viewer: Viewer, locale: str, time_zone: str | None, hour: int) -> None:
    """The language of pages and mails, and the hour at which the day's news comes where they are."""
    refuse_any(
        [
            problem
            for problem, is_wrong in (
                (Problem("/locale", "there is no such language"), locale not in LOCALES),
                (
                    Problem("/time_zone", "there is no such time zone"),
                    time_zone is not None and not places.is_known_zone(time_zone),
                ),
                (Problem("/hour", "an hour is from 0 to 23"), hour not in HOURS),
            )
            if is_wrong
        ]
    )
    await choices.set_reading(work.conn, _person(viewer), locale, time_zone, hour)


async def write_a_test(work: Work, viewer: Viewer, key: str) -> None:
    """A mail to oneself, to see that it arrives. `key` makes it one however often it is asked for."""
    person_id = _person(viewer)
    await mail.due(work.conn, f"test:{person_id}:{key}", mails.TEST, person_id, at=work.now)


def _person(viewer: Viewer) -> int:
    if viewer.person_id is None:
        raise NotFound("Nobody is written to here.")
    return viewer.person_id
