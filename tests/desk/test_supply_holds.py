"""Holds: whoever they wait for finds them first, lifts one or many with a note, and nobody else can."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.desk.floor import MIRA, Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

PATIENCE = 30


@pytest.fixture(scope="module")
def floor(start_portal: Callable[..., Portal]) -> Floor:
    return furnish(start_portal(worker=True))


def holds(floor: Floor, who: str = cast.DEV, query: str = "") -> Sheet:
    return Sheet.open(floor.person(who), f"/desk/holds{query}")


def held(floor: Floor, reason: str = "quality", **more: object) -> tuple[Json, str]:
    order = floor.order(("BOLT", 5), ("NUT", 5), ("HOSE", 5))
    return order, floor.world.hold(order, reason, **more)  # type: ignore[arg-type]


def standing(floor: Floor, order: Json) -> list[str]:
    return [hold["reason"] for hold in floor.world.read(order)["holds"]]


def test_what_waits_for_me_stands_first_and_apart_from_the_rest(floor: Floor) -> None:
    quality, _ = held(floor, "quality", lines=[1, 3], note="Check the seal")
    finance, _ = held(floor, "finance")
    page = holds(floor)
    mine, others = page.text.split("Wait for others")
    assert quality["number"] in mine
    assert finance["number"] not in mine
    assert finance["number"] in others
    row = page.row(quality["number"])
    assert row[1] == f"{quality['number']} lines 1, 3"
    assert row[4] == "Check the seal"
    assert page.row(finance["number"])[-1] == "finance"
    hers = holds(floor, cast.AMARA)
    assert finance["number"] in hers.text.split("Wait for others")[0]


def test_a_hold_is_lifted_with_a_note_that_the_buyer_reads(floor: Floor) -> None:
    order, hold = held(floor)
    page = holds(floor).send("/releases", one=hold, note="The seal is fine.")
    assert f"The hold of {order['number']} is lifted: Quality check" in page.text
    assert standing(floor, order) == []
    assert "The seal is fine." in floor.person(cast.PETRA).client.get(f"/orders/{order['number']}").text


def test_only_whoever_it_waits_for_can_lift_it(floor: Floor) -> None:
    order, hold = held(floor, "finance")
    page = holds(floor)
    answer = page.guest.client.post(
        "/desk/holds/releases", data=page.form("/releases").fields | {"one": hold}
    )
    assert answer.status_code == 403
    assert standing(floor, order) == ["finance"]


def test_the_second_of_two_who_lift_a_hold_is_told(floor: Floor) -> None:
    order, hold = held(floor)
    mine, hers = holds(floor), holds(floor, MIRA)
    hers.send("/releases", one=hold)
    told = mine.send("/releases", 409, one=hold, note="Fine.")
    assert f"Hold {hold} was lifted already, on 18 Nov 2026 at 09:00 UTC." in told.text
    released = [event for event in floor.world.feed("NORDWIND") if event["type"] == "hold.released"]
    assert len([event for event in released if event["order"] == order["number"]]) == 1


def test_a_button_that_is_pressed_twice_lifts_once(floor: Floor) -> None:
    order, hold = held(floor)
    page = holds(floor)
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.post("/releases", one=hold), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert standing(floor, order) == []


def test_many_are_lifted_in_a_run_that_tells_of_each(floor: Floor) -> None:
    orders = [held(floor) for _ in range(3)]
    page = holds(floor)
    floor.world.release(orders[1][0], orders[1][1])
    still, _ = held(floor)
    ticked = {f"hold-{hold}": "1" for _, hold in orders}
    run = page.guest.client.post(
        "/desk/holds/releases", data=page.form("/releases").fields | ticked | {"note": "All checked."}
    )
    assert run.status_code == 303, run.text
    said = until_over(page, run.headers["location"])
    assert said.row(orders[0][0]["number"], "Done")
    assert said.row(orders[2][0]["number"], "Done")
    assert [standing(floor, order) for order, _ in orders] == [[], [], []]
    assert standing(floor, still) == ["quality"], "it was not ticked"
    notes = [
        event["data"]["note"] for event in floor.world.feed("NORDWIND") if event["type"] == "hold.released"
    ]
    assert notes[-2:] == ["All checked."] * 2


def until_over(page: Sheet, address: str) -> Sheet:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        run = Sheet.open(page.guest, address)
        if "Finished:" in run.text:
            return run
        time.sleep(0.1)
    raise AssertionError("the run is not over")


def test_an_order_or_some_of_its_lines_can_be_held_from_the_list(floor: Floor) -> None:
    order = floor.order(("BOLT", 5), ("NUT", 5), ("HOSE", 5))
    page = holds(floor, query=f"?order={order['number']}")
    assert page.form("/desk/holds").fields
    form = next(form for form in page.forms if "lines" in form.fields)
    assert form.fields["order"] == order["number"]
    typed = {"lines": "1, 3", "reason": "address", "note": "Gate closed"}
    answer = page.guest.client.post(form.action, data=form.fields | typed)
    assert answer.status_code == 303
    assert "Delivery address" in page.guest.client.get(answer.headers["location"]).text
    [hold] = floor.world.read(order)["holds"]
    assert (hold["reason"], hold["lines"], hold["note"]) == ("address", [1, 3], "Gate closed")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"order": "SO-1900-000001", "reason": "manual"}, "There is no order SO-1900-000001."),
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "manual", "lines": "first"}, "Write line numbers, such as 1, 4-6."),
        ({"reason": "manual", "lines": "3-1"}, "Write line numbers, such as 1, 4-6."),
        ({"reason": "manual", "lines": "1-999999"}, "Write line numbers, such as 1, 4-6."),
        ({"reason": "manual", "lines": "9"}, "has no line 9"),
    ],
)
def test_a_bad_hold_is_said_beside_its_field_and_not_set(
    floor: Floor, typed: dict[str, str], said: str
) -> None:
    order = floor.order(("BOLT", 5))
    page = holds(floor, query=f"?order={order['number']}")
    form = next(form for form in page.forms if "lines" in form.fields)
    answer = Sheet.of(page.guest, page.guest.client.post(form.action, data=form.fields | typed), 422)
    assert said in answer.text
    again = next(form for form in answer.forms if "lines" in form.fields)
    assert again.fields["lines"] == typed.get("lines", "")
    assert standing(floor, order) == []


def test_nothing_ticked_lifts_nothing(floor: Floor) -> None:
    held(floor)
    assert "Tick at least one hold." in holds(floor).send("/releases", 422).text


def test_holds_are_searched_and_paged(floor: Floor) -> None:
    floor.world.account("LONG")
    for _ in range(55):
        floor.world.hold(floor.order(("BOLT", 1), account="LONG"), "manual")
    seen: list[str] = []
    address = "/desk/holds?whose=mine&q=LONG"
    while address:
        page = Sheet.open(floor.person(), address)
        seen += [row[1].split()[0] for row in page.rows[1:] if len(row) > 1]
        address = next((link for link in page.links("/desk/holds?") if "after=" in link), "")
    assert len(seen) == len(set(seen)) == 55
    assert "No hold fits." in holds(floor, query="?q=nothing").text
    assert {row[3] for row in holds(floor, query="?reason=manual").rows[1:] if len(row) > 3} <= {
        "Set by hand"
    }
