"""Who watches: where the demo's people were never introduced, they come with the first story; one click signs in."""

from __future__ import annotations

import re

import pytest

from portal.stories import reserved_for_another
from tests.portals import Portal
from tests.routes.cast import PASSWORD, Guest, guest
from tests.scenarios.driver import World
from tests.stories.theatre import Theatre

STORY = reserved_for_another.STORY
PATH = f"/demo/{STORY.name}"


@pytest.fixture(scope="module")
def theatre(portal: Portal) -> Theatre:
    """Only Olga of another company is there, and she has begun a story up to the order."""
    world = World(portal)
    world.account("OTHER")
    person = {"name": "Olga", "roles": ["buyer"], "password": PASSWORD}
    world.put("accounts/OTHER/users/olga@other.example", person)
    olga = guest(portal)
    assert olga.sign_in("olga@other.example").status_code == 303
    theatre = Theatre(portal, olga)
    assert "sign-in?next" in guest(portal).client.get("/demo").text, "nobody to choose yet"
    theatre.start_over(STORY)
    theatre.next(STORY)
    return theatre


def choose(somebody: Guest, name: str, path: str = PATH) -> str:
    """Press the button with that name; answers where it leads."""
    page = somebody.client.get(path).text
    for form in re.findall(r'<form method="post" action="/sign-in">(.*?)</form>', page, re.DOTALL):
        if f"<b>{name}</b>" in form:
            answer = somebody.client.post(
                "/sign-in", data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
            )
            assert answer.status_code == 303, answer.text
            return str(answer.headers["location"])
    raise AssertionError(f"there is no {name}")


def test_one_click_makes_a_stranger_petra_who_sees_her_order(theatre: Theatre) -> None:
    somebody = guest(theatre.portal)
    assert choose(somebody, "Petra Vogt") == PATH
    page = somebody.client.get(PATH).text
    known = theatre.latest(STORY).known
    assert f'<iframe id="order-{known["order"]}"' in page
    assert somebody.client.get(f"/orders/{known['order']}").status_code == 200


def test_the_suppliers_people_look_at_both_sides(theatre: Theatre) -> None:
    theatre.next(STORY)
    known = theatre.latest(STORY).known
    dev = guest(theatre.portal)
    assert choose(dev, "Dev Patel", "/demo") == "/demo"
    assert f'src="/orders/{known["order"]}"' in dev.client.get(PATH).text
    other = dev.client.get(f"{PATH}?order={known['theirs']}").text
    assert f'src="/orders/{known["theirs"]}"' in other
    assert "Veltro Distribution" in other


def test_whoever_does_not_see_the_order_is_told_so_and_may_become_somebody_who_does(theatre: Theatre) -> None:
    page = theatre.page(STORY)
    assert "You do not see this order" in page
    assert "<iframe" not in page
    assert choose(theatre.petra, "Leah Stone") == PATH, "she is of a subsidiary"
    assert "You do not see this order" in theatre.page(STORY)


def test_a_story_is_told_in_german_as_well(theatre: Theatre) -> None:
    answer = guest(theatre.portal).client.get(PATH, headers={"accept-language": "de"})
    assert answer.status_code == 200
    assert '<html lang="de-DE"' in answer.text
