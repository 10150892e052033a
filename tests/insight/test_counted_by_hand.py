"""The figures of a few short stories, which one can count on one's fingers."""

import pytest

from tests.insight.conftest import staff
from tests.insight.reading import Count, Figure, figures, listing
from tests.insight.telling import tell
from tests.portals import Portal
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World


@pytest.fixture(scope="module")
def told(portal: Portal) -> World:
    return tell(portal)


@pytest.fixture(scope="module")
def dev(told: World) -> Guest:
    return staff(told.portal)


def read(dev: Guest, **query: str) -> dict[str, Figure]:
    answer = dev.client.get("/insight", params={"from": "2026-11-01", "to": "2026-12-31"} | query)
    assert answer.status_code == 200, answer.text
    return figures(answer.text)


def test_orders_in_one_go_and_in_parts(told: World, dev: Guest) -> None:
    """Plain, sent back, from the east, and complete left in one go; parts did not."""
    partial = read(dev)["partial"]
    assert partial.heads == {"dispatched in parts": ("20.0%", "1 of 5 orders")}
    assert partial.numbers() == {"16 Nov – 22 Nov": [3, 1], "30 Nov – 6 Dec": [1, 0]}
    assert partial.rows["16 Nov – 22 Nov"][1].share == "25.0%"


def test_the_time_to_the_first_dispatch_is_one_of_the_orders(told: World, dev: Guest) -> None:
    """Six hours, three times a day and seven hours, and fifteen days."""
    dispatch = read(dev)["dispatch"]
    assert dispatch.heads == {
        "median": ("1 day 7 h", "5 orders"),
        "90th percentile": ("15 days 0 h", "5 orders"),
    }
    assert dispatch.rows["under 1 day"][0].number == 1
    assert dispatch.rows["1 to 2 days"][0].number == 3
    assert dispatch.rows["14 days and more"][0].number == 1
    assert [(row[1].number, row[1].share) for row in dispatch.rows.values()][:2] == [
        (1, "20.0%"),
        (4, "80.0%"),
    ]


def test_backorders_are_filled_when_the_last_of_them_has_stock(told: World, dev: Guest) -> None:
    """Nuts twice after a week, seals and the pump on the last day; gears a day late; valves cancelled,
    forgotten, or replaced by a tap that has time."""
    filled = read(dev)["filled"]
    assert filled.numbers() == {
        "filled in time": [4],
        "filled too late": [1],
        "not filled in time": [1],
        "waiting, time is not up": [1],
        "cancelled before time was up": [2],
    }
    assert filled.heads == {
        "filled within 14 days": ("66.7%", "4 of 6 lines that are filled or whose time is up")
    }


def test_the_target_decides(told: World, dev: Guest) -> None:
    """With 15 days the gears are in time too, with 6 nothing is but what was cancelled on the first day."""
    generous = read(dev, target="15")["filled"]
    assert generous.numbers()["filled in time"] == [5]
    strict = read(dev, target="5")["filled"]
    # The nuts of the held order wait since it was released: six days as well.
    assert strict.heads == {
        "filled within 5 days": ("0%", "0 of 6 lines that are filled or whose time is up")
    }
    assert strict.numbers() == {
        "filled too late": [5],
        "not filled in time": [1],
        "waiting, time is not up": [1],
        "cancelled before time was up": [2],
    }
    assert read(dev, target="6")["filled"].numbers()["filled in time"] == [1]


def test_promises_are_held_against_the_first_day_and_the_last(told: World, dev: Guest) -> None:
    """Plain came three days before its first day; the order that ships complete has one promise for both its lines."""
    promises = read(dev)["promises"]
    assert promises.heads == {
        "first promise kept": ("57.1%", "4 of 7 lines delivered"),
        "last promise kept": ("57.1%", "4 of 7 lines delivered"),
    }
    assert promises.numbers() == {
        "before the day": [1, 0],
        "on the day": [3, 4],
        "1 day late": [1, 1],
        "2 to 3 days late": [1, 1],
        "8 days late and more": [1, 1],
    }


def test_one_account_and_one_location(told: World, dev: Guest) -> None:
    assert read(dev, account="STRICT")["partial"].heads["dispatched in parts"][0] == ""
    assert read(dev, account="strict")["filled"].numbers() == {"filled in time": [1]}
    east = read(dev, location="EAST")
    assert east["partial"].heads == {"dispatched in parts": ("0%", "0 of 1 order")}
    assert sum(count.number for row in east["promises"].rows.values() for count in row[:1]) == 1
    assert not east["filled"].numbers(), "nothing waited there"
    assert read(dev, location="MAIN")["filled"].numbers() == {"filled in time": [4], "filled too late": [1]}


def test_where_there_is_nothing_to_count_there_is_no_figure(told: World, dev: Guest) -> None:
    page = dev.client.get("/insight", params={"from": "2025-01-01", "to": "2025-01-31"}).text
    for figure in figures(page).values():
        assert all(shown == "" for shown, _ in figure.heads.values())
        assert not figure.rows
    assert page.count("in this period") == 5


def test_each_count_leads_to_as_many(told: World, dev: Guest) -> None:
    for name, figure in read(dev).items():
        for row, counts in figure.rows.items():
            for count in counts:
                leads_to_as_many(dev, f"{name}, {row}", count)


def leads_to_as_many(dev: Guest, name: str, count: Count) -> None:
    if count.href is None:
        return
    found = listing(dev.client, count.href)
    assert len(found.rows) == count.number, f"{name}: {found}"
    assert found.count.split()[0].replace(",", "") == str(count.number), f"{name}: {found.count}"


def test_a_list_tells_what_was_counted(told: World, dev: Guest) -> None:
    [parts] = listing(dev.client, read(dev)["partial"].rows["16 Nov – 22 Nov"][1].href or "").rows
    assert parts[1:] == (
        "BUYER", "Wed 18 Nov, 09:00", "Thu 19 Nov, 16:05", "1 day 7 h", parts[5], "MAIN", "4",
    )  # fmt: skip
    [late] = listing(dev.client, read(dev)["filled"].rows["filled too late"][0].href or "").rows
    assert late[1:] == ("BUYER", "1", "GEAR", "3", "Wed 18 Nov", "Wed 2 Dec", "filled Thu 3 Dec")


def test_events_tell_what_a_reader_needs_for_the_same_figures(told: World) -> None:
    events: list[Json] = told.feed("BUYER")
    placed = [event["data"]["waiting"] for event in events if event["type"] == "order.placed"]
    assert [{"line": 2, "sku": "NUT", "quantity": "4"}] in placed
    assert [{"line": 1, "sku": "SEAL", "quantity": "4"}] in placed, "six of ten had stock"
    shipped = [event["data"] for event in events if event["type"] == "shipment.shipped"]
    assert [(data["is_first"], data["leaves"]) for data in shipped] == [
        (True, "0"), (True, "0"), (True, "0"), (True, "4"), (True, "0"), (False, "0"), (True, "0"),
    ]  # fmt: skip
    held = next(event for event in told.feed("STRICT") if event["type"] == "order.placed")
    assert "waiting" not in held["data"], "it was not planned yet"
    released = next(event for event in told.feed("STRICT") if event["type"] == "hold.released")
    assert released["data"]["waiting"] == [{"line": 2, "sku": "NUT", "quantity": "2"}]
