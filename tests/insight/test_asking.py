"""What a page of figures can be asked for, and what it answers to nonsense."""

import re

import pytest

from tests.insight.conftest import staff
from tests.insight.reading import figures
from tests.portals import Portal
from tests.routes.cast import Guest
from tests.scenarios.driver import World


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.shop({"BOLT": 500})
    world.account("OTHER", name="Otherwise & Sons")
    for _ in range(55):
        world.ship(world.order("BUYER", {"BOLT": 1}), "MAIN", {1: 1})
    world.ship(world.order("OTHER", {"BOLT": 1}), "MAIN", {1: 1})
    return world


@pytest.fixture(scope="module")
def dev(world: World) -> Guest:
    return staff(world.portal)


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input [^>]*name="(from|to|account|target)" value="([^"]*)"', page))


def test_the_last_ninety_days_are_asked_for_by_default(dev: Guest) -> None:
    page = dev.client.get("/insight").text
    assert fields(page) == {"from": "2026-08-21", "to": "2026-11-18", "account": "", "target": "14"}
    assert figures(page)["partial"].heads["dispatched in parts"][1] == "0 of 56 orders"
    assert len(figures(page)["partial"].rows) == 14, "by weeks, cut at both ends"
    assert 'aria-current="true">Last 90 days' in page


@pytest.mark.parametrize("words", ["OTHER", "otherwise & sons", " Otherwise & Sons "])
def test_an_account_by_its_number_or_its_name(dev: Guest, words: str) -> None:
    page = dev.client.get("/insight", params={"account": words}).text
    assert figures(page)["partial"].heads["dispatched in parts"][1] == "0 of 1 order"
    assert "account OTHER" in page


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"from": "yesterday"}, "from", "This is not a day"),
        ({"to": "2026-02-30"}, "to", "This is not a day"),
        ({"to": "9999-12-31"}, "to", "This is not a day"),
        ({"from": "0001-01-01"}, "from", "This is not a day"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "from", "ends before it begins"),
        ({"target": "0"}, "target", "from 1 to 365"),
        ({"target": "two weeks"}, "target", "from 1 to 365"),
        ({"target": "９"}, "target", "from 1 to 365"),
        ({"account": "NOBODY"}, "account", "no account with this number or name"),
        ({"account": "<b>%_'\x00"}, "account", "no account with this number or name"),
        ({"location": "MOON"}, "location", "no such location"),
        ({"supplier": "Nobody & Sons"}, "supplier", "Nobody of this name supplies us"),
    ],
)
def test_nonsense_is_said_beside_its_field(
    dev: Guest, query: dict[str, str], field: str, sentence: str
) -> None:
    answer = dev.client.get("/insight", params=query)
    assert answer.status_code == 422
    found = re.search(rf'<span class="problem" id="problem-{field}">(.*?)</span>', answer.text)
    assert found is not None, answer.text
    assert sentence in found[1]
    assert f'aria-describedby="problem-{field}"' in answer.text
    assert 'class="figure' not in answer.text, "nothing is counted"
    if field in fields(answer.text) and "<" not in query[field]:
        assert fields(answer.text)[field] == query[field], "what was typed stays"
    listed = dev.client.get("/insight/dispatches", params=query)
    assert listed.status_code == 303
    assert dev.client.get(listed.headers["location"]).status_code == 422


def test_a_long_list_is_told_page_by_page(dev: Guest) -> None:
    first = dev.client.get("/insight/dispatches").text
    assert "<b>56 orders</b>" in first
    assert first.count('<tr><th scope="row">') == 50
    assert "Page 1 of 2" in first
    second = dev.client.get("/insight/dispatches?page=2").text
    assert second.count('<tr><th scope="row">') == 6
    assert 'rel="next"' not in second
    too_far = dev.client.get("/insight/dispatches?page=3")
    assert (too_far.status_code, "page" in too_far.headers["location"]) == (303, False)


def test_a_list_of_nothing_says_so(dev: Guest) -> None:
    page = dev.client.get("/insight/backorders").text
    assert "Nothing was counted here." in page
    assert "<table" not in page


def test_filters_that_are_not_known_are_left_out(dev: Guest) -> None:
    answer = dev.client.get("/insight/dispatches?outcome=never&days=banana&promise=x&page=-1")
    assert "<b>56 orders</b>" in answer.text


def test_there_are_no_other_figures(dev: Guest) -> None:
    assert dev.client.get("/insight/profit").status_code == 404
