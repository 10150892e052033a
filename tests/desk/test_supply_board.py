"""The first screen of a day: each figure is a link, and what it leads to is as much as it says."""

import re

import pytest

from tests.desk.floor import Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    """A morning with something of everything."""
    floor = furnish(portal)
    world = floor.world
    world.product("SHORT", "LATER", "KEPT", "FIXED", price="4.00")
    floor.order(("BOLT", 40), ("PUMP", 2))
    world.hold(floor.order(("BOLT", 5)), "finance", note="Credit note open")
    world.hold(floor.order(("NUT", 6)), "quality")
    world.now("2026-11-16T09:00:00Z")
    world.inbound("purchase_order", "PO-1", "MAIN", [(1, "SHORT", 50, "2026-11-17")], supplier="Acme")
    world.inbound(
        "purchase_order", "PO-2", "MAIN", [(1, "LATER", 20, "2026-11-17"), (2, "LATER", 5, "2026-11-30")]
    )
    floor.order(("SHORT", 30), ("LATER", 30))
    world.stock("MAIN", "KEPT", 10)
    world.agreement("AA-1", "VELTRO", "MAIN", "KEPT", 10)
    floor.order(("KEPT", 4), ("LATER", 3))
    shipped = world.ship(floor.order(("HOSE", 3)), "MAIN", {1: 3}, carrier="Northline")
    slow = world.ship(floor.order(("HOSE", 3)), "MAIN", {1: 3}, carrier="Northline")
    world.carrier(slow, "exception", "2026-11-17T10:00:00Z", note="Damaged at the depot")
    assert shipped["expected_on"] < "2026-11-24"
    world.now("2026-11-24T09:00:00Z")
    return floor


def board(floor: Floor, who: str = cast.DEV) -> Sheet:
    return Sheet.open(floor.person(who), "/desk")


def figure(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found is not None, text
    return int(found[0].replace(",", ""))


def test_what_can_ship_leads_to_the_place_and_mode_it_speaks_of(floor: Floor) -> None:
    page = board(floor)
    parcel = page.row("Leicester, parcel")
    ready = Sheet.open(floor.person(), "/desk/ready?location=MAIN&mode=parcel")
    assert "/desk/ready?location=MAIN&mode=parcel" in page.links("/desk/ready?")
    assert figure(parcel[1]) == len(
        [row for row in ready.rows if any(cell.startswith("SO-") for cell in row)]
    )
    assert page.row("Leicester, freight")[1:] == ["1", "1", "2 pcs"]


def test_what_is_short_leads_to_as_many_lines_of_that_reason(floor: Floor) -> None:
    page = board(floor)
    for reason in page.links("/desk/backorders?reason=awaiting_supplier"):
        rows = Sheet.open(floor.person(), reason)
        assert f"{figure(page.row('Awaiting supplier', '£')[2])} lines" in rows.text
    assert page.row("Reserved elsewhere")[1:] == ["1", "1", "£16.00"]
    everything = Sheet.open(floor.person(), "/desk/backorders")
    assert f"{figure(page.text.split('Short, and why')[1])} lines" in everything.text


@pytest.mark.parametrize(
    ("word", "start"),
    [
        ("Inbound overdue", "/desk/inbound?when=overdue"),
        ("Waiting lines past their first promise", "/desk/backorders?only=late"),
        ("Shipments that should have arrived", "/desk/shipments?late=late"),
        ("Shipments in trouble", "/desk/shipments?late=trouble"),
    ],
)
def test_what_is_late_leads_to_as_many_rows(floor: Floor, word: str, start: str) -> None:
    page = board(floor)
    count = figure(page.row(word)[1])
    assert count > 0
    [link] = page.links(start)
    rows = [row for row in Sheet.open(floor.person(), link).rows[1:] if row and row[0]]
    assert len({row[0] for row in rows}) == count


def test_shipments_in_trouble_say_what_the_carrier_said(floor: Floor) -> None:
    page = Sheet.open(floor.person(), "/desk/shipments?late=trouble")
    assert page.row("Problem on the way")[-1] == "Northline Damaged at the depot"
    assert len(Sheet.open(floor.person(), "/desk/shipments?q=northline").rows) == 3
    assert "No shipment fits." in Sheet.open(floor.person(), "/desk/shipments?q=nobody").text


def test_what_just_arrived_says_what_it_released_and_leads_there(floor: Floor) -> None:
    order = floor.order(("FIXED", 20))
    lines = [(1, "FIXED", 50, "2026-11-24")]
    floor.world.inbound("production", "PR-1", "NORTH", lines)
    came = [{"line": 1, "received": "12", "rejected": "3", "closed": True}]
    floor.world.receive("production", "PR-1", came)
    page = board(floor)
    row = page.row("Production order PR-1")
    assert row[0] == "Production order PR-1 1 line short, 1 line rejected in part"
    assert row[2] == "1 line"
    [link] = page.links("/desk/inbound/production/PR-1")
    assert order["number"] in Sheet.open(floor.person(), link).text
    floor.world.now("2026-11-30T09:00:00Z")
    assert "PR-1" not in board(floor).text, "that is a while ago"
    floor.world.now("2026-11-24T09:00:00Z")


def test_each_sees_the_holds_that_wait_for_their_own_decision(floor: Floor) -> None:
    mine, hers = board(floor), board(floor, cast.AMARA)
    assert "Quality check" in mine.text.split("Holds that wait for me")[1]
    assert "Finance decision" not in mine.text.split("Holds that wait for me")[1]
    assert "Finance decision" in hers.text.split("Holds that wait for me")[1]
    assert "1 waits for others" in mine.text
    assert "1 waits for others" in hers.text


def test_offers_that_wait_for_buyers_lead_to_their_lines(floor: Floor) -> None:
    order = floor.order(("SHORT", 100))
    floor.world.stock("MAIN", "FIXED", 100)
    offer = {"line": 1, "quantity": "50", "sku": "FIXED", "substitute_quantity": "50", "unit_price": "4.00"}
    floor.world.told(order, "substitutions", offer)
    page = board(floor)
    assert "1 offer " in page.text
    assert order["number"] in Sheet.open(floor.person(), "/desk/backorders?only=offered").text


def test_a_board_on_which_nothing_happens_says_so(start_portal: object) -> None:
    floor = furnish(start_portal())  # type: ignore[operator]
    text = board(floor).text
    for said in (
        "Nothing stands ready.",
        "Nothing waits: every ordered line has its stock.",
        "Nothing came in the last days.",
        "No hold waits for your decision.",
    ):
        assert said in text


def test_buyers_have_no_desk(floor: Floor) -> None:
    petra = floor.person(cast.PETRA)
    for path in (
        "/desk",
        "/desk/inbound",
        "/desk/backorders",
        "/desk/backorders.csv",
        "/desk/stock/BOLT",
        "/desk/holds",
    ):
        assert petra.client.get(path).status_code == 403
