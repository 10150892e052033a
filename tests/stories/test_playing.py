"""The player as a machine: a step is played once, time only moves forward, and nothing is ever taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from portal.stories import STORIES, a_short_delivery, reserved_for_another
from portal.stories.story import Story, day, moment
from tests.routes.cast import guest
from tests.scenarios.claims import portions_of
from tests.stories.theatre import THE_EVE, Theatre, form_of, see, world_of

SHORT = a_short_delivery.STORY
RESERVED = reserved_for_another.STORY
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def _the_eve(theatre: Theatre) -> None:
    theatre.portal.clock(THE_EVE)


def now(theatre: Theatre) -> datetime:
    """What the portal takes for the present: an order that is placed says it."""
    shown = theatre.petra.client.get("/demo").text
    assert "The demo&#39;s clock" in shown or "The demo's clock" in shown
    credit = theatre.portal.erp.get("/accounts/NORDWIND/credit").json()
    return datetime.fromisoformat(credit["as_of"])


def play_on(theatre: Theatre, story: Story, upto: str) -> None:
    """Begin anew, and play until this step is done."""
    theatre.start_over(story)
    names = [step.name for step in story.steps]
    for _ in range(names.index(upto)):
        theatre.next(story)


def test_a_double_click_plays_one_step(theatre: Theatre) -> None:
    play_on(theatre, RESERVED, "stage")
    form = form_of(theatre.page(RESERVED))
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: theatre.send(form), range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    play = theatre.latest(RESERVED)
    assert play.step == 2
    world = world_of(theatre, play)
    see(world, RESERVED.steps[1], play)
    assert world.level("MAIN", "BEARING")["allocated"] == "20", "ordered once"


def test_a_double_click_begins_one_playing(theatre: Theatre) -> None:
    before = theatre.start_over(RESERVED)
    form = form_of(theatre.page(RESERVED), "plays")
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda _: theatre.send(form), range(4)))
    play = theatre.latest(RESERVED)
    assert play.id == before.id + 1
    assert play.step == 1


def test_a_page_that_is_out_of_date_plays_nothing(theatre: Theatre) -> None:
    play_on(theatre, RESERVED, "stage")
    stale = form_of(theatre.page(RESERVED))
    theatre.start_over(RESERVED)
    theatre.send(stale)
    assert theatre.latest(RESERVED).step == 1


def test_starting_over_takes_nothing_back(theatre: Theatre) -> None:
    play_on(theatre, RESERVED, "drawn")
    first = theatre.latest(RESERVED)
    second = theatre.start_over(RESERVED)
    assert second.tag != first.tag
    assert "to come" in theatre.page(RESERVED)
    world = world_of(theatre, first)
    see(world, RESERVED.steps[1], first)
    assert [one["quantity"] for one in portions_of(world.the("order"), 1)] == ["20", "30"]


def test_time_moves_forward_to_the_step_and_not_back(theatre: Theatre) -> None:
    play_on(theatre, SHORT, "told")
    assert (
        timedelta() <= now(theatre) - moment("2026-12-11 15:00", timedelta(), LONDON) < timedelta(minutes=1)
    )
    theatre.start_over(RESERVED)
    begins = moment("2026-12-16 09:00", timedelta(), LONDON)
    assert timedelta() <= now(theatre) - begins < timedelta(minutes=1), "the next Wednesday"
    # The first story is late now: it goes on at the present, and says so.
    page = theatre.page(SHORT)
    assert "has passed this story" in page
    theatre.next(SHORT)
    assert now(theatre) - begins < timedelta(minutes=1)
    play = theatre.latest(SHORT)
    assert world_of(theatre, play).get(f"orders/{play.known['order']}")["lines"][0]["shipped"] == "0"
    assert "has passed this story" not in theatre.page(SHORT), "the next step is of this very day"


def test_a_story_that_is_moved_tells_its_own_days(theatre: Theatre) -> None:
    """A week later than the calendar alone would have it: Acme does not write on Good Friday."""
    theatre.portal.clock("2027-02-25T12:00:00Z")
    play_on(theatre, SHORT, "ordered")
    assert "400 gaskets are on a supplier order, expected on Tue 6 Apr." in theatre.page(SHORT)
    play = theatre.latest(SHORT)
    told = portions_of(world_of(theatre, play).get(f"orders/{play.known['order']}"), 1)
    assert "6 Apr" in told[0]["sentence"]


def test_a_story_is_moved_by_whole_weeks_past_days_on_which_nobody_works() -> None:
    holidays = {date(2026, 12, 25), date(2027, 1, 1)}
    at = datetime(2026, 11, 22, tzinfo=UTC)
    later = SHORT.weeks_after(at, LONDON, lambda on: on in holidays)
    assert later == timedelta(weeks=4), "something would happen at Christmas or on New Year's Day before"
    for story in STORIES:
        for began in (datetime(2026, 11, 18, 9, tzinfo=UTC), datetime(2027, 5, 2, 3, tzinfo=UTC), at):
            later = story.weeks_after(began, LONDON, lambda _: False)
            begins = moment(story.steps[0].when, later, LONDON)
            assert begins >= began
            assert begins - began < timedelta(weeks=1)
            assert day("2026-11-18", later).strftime("%a") == "Wed"


def test_the_clock_goes_back_to_real_time(theatre: Theatre) -> None:
    play_on(theatre, SHORT, "told")
    answer = theatre.send(form_of(theatre.page(SHORT), where="real-time"))
    assert answer.headers["location"] == "/demo/a-short-delivery"
    assert abs(now(theatre) - datetime.now(UTC)) < timedelta(seconds=10)
    assert "real time" not in theatre.page(SHORT).split("<summary>")[1].split("A story takes")[0]


def test_who_is_signed_out_reads_the_steps_and_plays_none(theatre: Theatre) -> None:
    play = theatre.start_over(RESERVED)
    stranger = guest(theatre.portal)
    page = stranger.client.get(f"/demo/{RESERVED.name}")
    assert page.status_code == 200
    assert "200 bearings are on the shelf" in page.text
    assert "<iframe" not in page.text
    assert "data-step" not in page.text
    form = {"_csrf": stranger.token("/demo"), "play": str(play.id), "step": "1"}
    answer = stranger.client.post(f"/demo/{RESERVED.name}/steps", data=form)
    assert answer.headers["location"].startswith("/sign-in")
    assert theatre.latest(RESERVED).step == 1


def test_a_buyer_sees_her_own_order_and_not_the_other_sides(theatre: Theatre) -> None:
    play_on(theatre, RESERVED, "drawn")
    known = theatre.latest(RESERVED).known
    page = theatre.page(RESERVED)
    assert f'src="/orders/{known["order"]}"' in page
    assert known["theirs"] not in page
    other = theatre.petra.client.get(f"/demo/{RESERVED.name}?order={known['theirs']}").text
    assert f'src="/orders/{known["order"]}"' in other
    assert f"/orders/{known['theirs']}" not in other


def test_there_is_no_other_story(theatre: Theatre) -> None:
    assert theatre.petra.client.get("/demo/sleeping-beauty").status_code == 404
    answer: httpx.Response = theatre.petra.post("/demo/sleeping-beauty/plays", after="0")
    assert answer.status_code == 404


@pytest.mark.parametrize("form", [{}, {"play": "x", "step": "-1"}, {"play": "9" * 40, "step": "1"}])
def test_an_odd_form_plays_nothing(theatre: Theatre, form: dict[str, str]) -> None:
    before = theatre.start_over(RESERVED)
    assert theatre.petra.post(f"/demo/{RESERVED.name}/steps", **form).status_code == 303
    assert theatre.petra.post(f"/demo/{RESERVED.name}/plays", after="x").status_code == 303
    assert theatre.latest(RESERVED) == before


def test_the_page_may_show_the_order_and_nobody_else_may_show_the_page(theatre: Theatre) -> None:
    play_on(theatre, RESERVED, "ordered")
    number = theatre.latest(RESERVED).known["order"]
    story = theatre.petra.client.get(f"/demo/{RESERVED.name}").headers
    assert "frame-src 'self'" in story["content-security-policy"]
    assert "frame-ancestors 'none'" in story["content-security-policy"]
    assert story["x-frame-options"] == "DENY"
    order = theatre.petra.client.get(f"/orders/{number}").headers
    assert "frame-ancestors 'self'" in order["content-security-policy"]
    assert "frame-src" not in order["content-security-policy"]
    assert order["x-frame-options"] == "SAMEORIGIN"
