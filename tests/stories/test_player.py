"""Stories that are played end in exactly the state that the scenarios assert: the same claims, after every step."""

import pytest

from portal.stories import STORIES
from portal.stories.story import Story
from tests.scenarios import (
    test_01_thirty_eight_lines,
    test_02_six_hundred_units,
    test_03_a_short_delivery,
    test_04_reserved_for_another,
    test_05_two_supplier_deliveries,
    test_06_parcel_and_freight,
    test_07_short_pick,
    test_08_four_stages,
    test_09_seventy_five_thousand,
    test_11_slip_short_and_failed,
)
from tests.scenarios.laws import readable_laws_hold
from tests.scenarios.telling import Claims, fits, hold
from tests.stories.theatre import THE_EVE, Theatre, see, world_of

SCENARIOS: dict[str, Claims] = {
    scenario.STORY.name: scenario.CLAIMS
    for scenario in (
        test_01_thirty_eight_lines,
        test_02_six_hundred_units,
        test_03_a_short_delivery,
        test_04_reserved_for_another,
        test_05_two_supplier_deliveries,
        test_06_parcel_and_freight,
        test_07_short_pick,
        test_08_four_stages,
        test_09_seventy_five_thousand,
        test_11_slip_short_and_failed,
    )
}


def test_the_player_has_the_stories_of_the_scenarios() -> None:
    assert {story.name for story in STORIES} == SCENARIOS.keys()
    assert [story.scenario for story in STORIES] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_that_is_played_is_its_scenario(theatre: Theatre, story: Story) -> None:
    fits(story, SCENARIOS[story.name])
    theatre.portal.clock(THE_EVE)
    play = theatre.next(story)
    world = world_of(theatre, play)
    for at, step in enumerate(story.steps):
        if at:
            world.before = world.mark()
            play = theatre.next(story)
        assert play.step == at + 1
        see(world, step, play)
        hold(world, step, SCENARIOS[story.name])
    readable_laws_hold(world)
    theatre.portal.check()
