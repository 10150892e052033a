"""Difficult orders, told step by step: scenarios that must be true, played in the demo and told by the tests."""

from portal.domain.refusals import NotFound
from portal.stories import (
    a_short_delivery,
    a_short_pick,
    four_stages,
    parcel_and_freight,
    reserved_for_another,
    seventy_five_thousand,
    six_hundred_units,
    slip_short_and_failed,
    thirty_eight_lines,
    two_deliveries,
)
from portal.stories.story import Story

STORIES: tuple[Story, ...] = (
    thirty_eight_lines.STORY,
    six_hundred_units.STORY,
    a_short_delivery.STORY,
    reserved_for_another.STORY,
    two_deliveries.STORY,
    parcel_and_freight.STORY,
    a_short_pick.STORY,
    four_stages.STORY,
    seventy_five_thousand.STORY,
    slip_short_and_failed.STORY,
)


def find(name: str) -> Story:
    """The story of that name, as addresses write it."""
    for story in STORIES:
        if story.name == name:
            return story
    raise NotFound(f"There is no story {name!r}.")
