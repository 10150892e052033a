"""A person at the desk picks, packs and ships one order; another person works on the same one."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.desk.floor import MIRA, Floor, Form, furnish
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    return furnish(portal)


def test_what_is_picked_short_packed_and_shipped_from_one_page(floor: Floor) -> None:
    order = floor.order(("BOLT", 40), ("NUT", 12))
    before = floor.world.level("MAIN", "BOLT")
    page = floor.desk(order)
    assert "All 40 of line 1" in page.said

    page = page.press("pick", quantity_1=36, missing_1=4, reason="Damaged", quantity_2=12)
    assert page.answer.status_code == 200
    assert "Being picked: <b>lines 1, 2</b>" in page.said
    assert "Short in the warehouse: <b>line 1</b>" in page.said
    assert floor.stages(order)["picking"] == "36"
    assert floor.stages(order, 2) == {"picking": "12"}
    level = floor.world.level("MAIN", "BOLT")
    assert int(before["on_hand"]) - int(level["on_hand"]) == 4
    told = floor.world.feed("NORDWIND")[-6:]
    short = next(event for event in told if event["type"] == "lines.short_picked")
    assert short["data"]["reason"] == "Damaged"

    page = page.press("pack", quantity_1=36, quantity_2=10)
    page = page.press(
        "ship", quantity_1=36, quantity_2=10, carrier="Northline", service="Express", freight="12.50",
        packages=2, tracking_1="NP1", url_1="https://track.example/NP1", weight_1="3.6", tracking_2="NP2",
    )  # fmt: skip
    shipment = floor.world.read(order)["shipments"][0]
    assert f"{shipment['number']} has left" in page.said
    for paper in ("packing-list", "label", "delivery-note"):
        assert f"/shipments/{shipment['number']}/{paper}.pdf" in page.said
    assert (shipment["carrier"], shipment["service"], shipment["mode"]) == ("Northline", "Express", "parcel")
    assert shipment["freight"] == "12.50"
    assert [package["tracking_number"] for package in shipment["packages"]] == ["NP1", "NP2"]
    assert shipment["packages"][0]["weight_kg"] == "3.6"
    assert floor.stages(order, 2) == {"shipped": "10", "picking": "2"}
    floor.portal.check()


def test_only_what_is_missing_can_be_reported_and_the_rest_of_the_form_stays(floor: Floor) -> None:
    order = floor.order(("BOLT", 10), ("NUT", 5))
    page = floor.desk(order).press("short", quantity_2=5, missing_1=2)
    assert page.answer.status_code == 422
    assert "Say why they are missing." in page.said
    page = page.press("short", reason="Not on the shelf")
    assert page.fields["quantity-2"] == "5"
    assert page.fields["missing-1"] == ""
    assert floor.stages(order, 2) == {"allocated": "5"}, "nothing else was done"
    assert page.press("short").answer.status_code == 422, "nothing is missing any more"


def test_shipping_twice_by_double_submit_ships_once(floor: Floor) -> None:
    order = floor.order(("BOLT", 40))
    page = floor.desk(order).fill(quantity_1=20, carrier="Northline")
    with ThreadPoolExecutor(4) as hands:
        pages = list(
            hands.map(
                lambda _: Form(page.guest, page.answer, page.action, dict(page.fields)).press("ship"),
                range(4),
            )
        )
    shipments = floor.world.read(order)["shipments"]
    assert len(shipments) == 1
    assert all(f"{shipments[0]['number']} has left" in one.said for one in pages)
    assert floor.stages(order) == {"allocated": "20", "shipped": "20"}

    # The browser's way back, with another quantity: that is another shipment, and it is decided on the old figures.
    late = page.press("ship", quantity_1=15)
    assert late.answer.status_code == 409
    assert "40 were ready, now 20: Dev Patel shipped 20 at" in late.said
    assert len(floor.world.read(order)["shipments"]) == 1


def test_the_second_of_two_people_is_told_line_by_line(floor: Floor) -> None:
    order = floor.order(("BOLT", 12), ("NUT", 30), ("HOSE", 7))
    dev, mira = floor.desk(order), floor.desk(order, MIRA)
    dev.press("ship", quantity_1=8, carrier="Northline")
    shipment = floor.world.read(order)["shipments"][0]["number"]
    dev = floor.desk(order).press("pick", quantity_2=30)
    unchanged = floor.world.read(order)

    mira = mira.press("pick", quantity_1=12, quantity_2=30, quantity_3=7, carrier="Humber")
    assert mira.answer.status_code == 409
    assert re.search(rf"12 were ready, now 4: Dev Patel shipped 8 at \d\d:\d\d \({shipment}\)\.", mira.said)
    assert re.search(r"30 were to be picked, now 0: Dev Patel picked 30 at \d\d:\d\d\.", mira.said)
    assert "Line 3</a>" not in mira.said, "nobody touched it"
    assert {"quantity-1": "12", "quantity-3": "7", "carrier": "Humber"}.items() <= mira.fields.items()
    assert floor.world.read(order) == unchanged

    # Now she knows: what she decides on from here is the order as it stands.
    mira = mira.press("pick", quantity_1=4, quantity_2="", quantity_3=7)
    assert mira.answer.status_code == 200, mira.said
    assert floor.stages(order) == {"shipped": "8", "picking": "4"}
    assert floor.stages(order, 3) == {"picking": "7"}


def test_a_change_of_other_lines_stands_in_nobodys_way(floor: Floor) -> None:
    order = floor.order(("BOLT", 12), ("NUT", 30))
    mira = floor.desk(order, MIRA)
    floor.desk(order).press("pick", quantity_1=12)
    assert mira.press("pick", quantity_2=30).answer.status_code == 200
    assert floor.stages(order, 2) == {"picking": "30"}


def test_what_changed_while_the_form_was_corrected_is_still_told(floor: Floor) -> None:
    """A mistake in the form, a scan, a filling: none of them makes the page forget which figures were decided on."""
    order = floor.order(("BOLT", 12))
    mira = floor.desk(order, MIRA)
    floor.desk(order).press("pick", quantity_1=5)
    mira = mira.press("pick", quantity_1="a dozen")
    assert mira.answer.status_code == 422
    assert "Write a quantity in digits" in mira.said
    mira = mira.press("scan", quantity_1="", scan="3*BOLT").press("fill-ready")
    mira = mira.press("pick", quantity_1=7)
    assert mira.answer.status_code == 409
    assert "12 were to be picked, now 7: Dev Patel picked 5" in mira.said


def test_a_hold_and_a_cancellation_are_told_too(floor: Floor) -> None:
    order = floor.order(("BOLT", 12), ("NUT", 6))
    mira = floor.desk(order, MIRA)
    floor.world.hold(order, "quality", lines=[1])
    floor.world.cancel(order, {2: 6})
    mira = mira.press("ship", quantity_1=12, quantity_2=6)
    assert mira.answer.status_code == 409
    assert "stopped it at" in mira.said
    assert "6 were ready, now 0: test cancelled 6 at" in mira.said
    assert mira.fields["quantity-2"] == "6", "what was typed stays, also where nothing is left to take"


def test_scanning_without_script_adds_to_the_line(floor: Floor) -> None:
    order = floor.order(("BOLT", 40), ("NUT", 2), ("BOLT", 5))
    page = floor.desk(order).press("scan", scan="bolt").press("scan", scan="12*BOLT")
    assert page.fields["quantity-1"] == "13"
    assert "Line 1, BOLT: 13" in page.said
    page = page.press("scan", scan="40 * BOLT")
    assert page.answer.status_code == 422
    assert "Only 45 of BOLT stand ready here, and 13 are taken already." in page.said
    page = page.press("all-1").press("scan", scan="BOLT")
    assert (page.fields["quantity-1"], page.fields["quantity-3"]) == ("40", "1")
    assert "WASHER is not on this list." in page.press("scan", scan="washer").said
    assert "Write a quantity in digits" in page.press("scan", scan="1.2.3*BOLT").said
    assert floor.stages(order, 2) == {"allocated": "2"}, "nothing was written"


def test_quantities_are_filled_by_stage_by_mode_and_by_weight(floor: Floor) -> None:
    order = floor.order(("BOLT", 40), ("PUMP", 3), ("NUT", 2))
    page = floor.desk(order).press("pick", quantity_1=10)

    def filled(do: str, **fields: object) -> dict[str, str]:
        came = page.press(do, **fields)
        return {name: value for name, value in came.fields.items() if name.startswith("quantity-") and value}

    assert filled("fill-allocated") == {"quantity-1": "30", "quantity-2": "3", "quantity-3": "2"}
    assert filled("fill-picking") == {"quantity-1": "10"}
    assert filled("fill-ready") == {"quantity-1": "40", "quantity-2": "3", "quantity-3": "2"}
    assert filled("fill-parcel") == {"quantity-1": "40", "quantity-3": "2"}
    assert filled("fill-freight") == {"quantity-2": "3"}
    # 4 kg of bolts, and two pumps; what a nut weighs nobody knows.
    assert filled("fill-weight", kilograms="45.9") == {"quantity-1": "40", "quantity-2": "2"}
    assert filled("fill-weight", kilograms="0.35") == {"quantity-1": "3"}
    assert filled("fill-none") == {}
    assert page.press("fill-weight", kilograms="-1").answer.status_code == 422


def test_what_is_refused_comes_back_with_everything_that_was_typed(floor: Floor) -> None:
    order = floor.order(("BOLT", 12))
    typed = {
        "quantity_1": 13,
        "carrier": "Northline",
        "tracking_1": "NP9",
        "service": "Night",
        "mode": "freight",
    }
    page = floor.desk(order).press("ship", **typed)
    assert page.answer.status_code == 422
    assert "13 wanted, but 12 of line 1 are ready at MAIN" in page.said
    assert {
        "quantity-1": "13",
        "carrier": "Northline",
        "tracking-1": "NP9",
        "mode": "freight",
    }.items() <= page.fields.items()
    assert 'name="quantity-1" id="quantity-1" value="13" inputmode="decimal"' in page.said
    assert 'aria-describedby="quantity-1-p"' in page.said
    assert floor.world.read(order)["shipments"] == []
    page = page.press(
        "ship", quantity_1=12, packages=3, tracking_2="NP9", url_1="javascript:alert(1)", weight_3="x",
        freight="1.234",
    )  # fmt: skip
    for error in (
        "stands here twice",
        "begins with https://",
        "Write a quantity in digits",
        "no amount in GBP",
    ):
        assert error in page.said, error
    assert floor.stages(order) == {"allocated": "12"}
    assert floor.desk(order).press("pick").answer.status_code == 422, "nothing was typed"


@pytest.mark.parametrize(
    "typed",
    [
        {"quantity_1": "1e3"},
        {"quantity_1": "0.5"},
        {"quantity_1": "-2"},
        {"quantity_1": "1,000"},
        {"quantity_77": "1"},
    ],
)
def test_what_is_no_quantity_of_the_line_changes_nothing(floor: Floor, typed: dict[str, str]) -> None:
    order = floor.order(("BOLT", 12))
    for do in ("pick", "pack", "ship", "short"):
        if do == "short":
            typed = {name.replace("quantity", "missing"): value for name, value in typed.items()}
        assert floor.desk(order).press(do, **typed, reason="x").answer.status_code == 422
    assert floor.stages(order) == {"allocated": "12"}


def test_a_form_of_thousands_of_lines_is_read(floor: Floor) -> None:
    order = floor.order(("BOLT", 12))
    page = floor.desk(order).fill(**{f"missing_{line}": "1" for line in range(1000, 9000)})
    assert page.press("fill-ready").fields["quantity-1"] == "12"


def test_what_is_held_or_must_come_complete_is_not_offered(floor: Floor) -> None:
    floor.world.account("WHOLE", delivery_preference="complete_only")
    order = floor.order(("BOLT", 12), ("NUT", 999_999), account="WHOLE")
    page = floor.desk(order)
    assert "This order ships complete only, and 1 line still waits." in page.said
    assert 'value="ship"' not in page.said
    assert page.press("ship", quantity_1=1).answer.status_code == 422
    assert page.press("pick", quantity_1=12).answer.status_code == 200
    held = floor.order(("BOLT", 12), ("NUT", 3))
    floor.world.hold(held, "finance", lines=[1])
    page = floor.desk(held)
    assert "Line 1 is held by our finance team." in page.said
    assert "quantity-1" not in page.fields
    assert page.press("ship", quantity_1=1).answer.status_code == 409


def test_a_shipment_is_called_off_once_and_the_second_is_told_by_whom(floor: Floor) -> None:
    order = floor.order(("BOLT", 12))
    shipment = floor.world.ship(order, "MAIN", {1: 8})
    path = f"/desk/shipments/{shipment['number']}"
    dev, mira = floor.open(path), floor.open(path, MIRA)
    assert "1 line, will stand in Leicester again" in dev.said
    assert dev.press("", reason="  ").answer.status_code == 422
    dev = dev.press("", reason="wrong pallet")
    assert re.search(r"Dev Patel called it off at \d\d:\d\d: wrong pallet", dev.said)
    assert floor.stages(order) == {"allocated": "12"}
    mira = mira.press("", reason="wrong pallet too")
    assert mira.answer.status_code == 409
    assert "was cancelled already" in mira.said
    assert re.search(r"Dev Patel called it off at \d\d:\d\d: wrong pallet", mira.said)
    assert floor.stages(order) == {"allocated": "12"}


def test_who_only_looks_finds_no_buttons_and_cannot_press_any(floor: Floor) -> None:
    order = floor.order(("BOLT", 12))
    looks = floor.desk(order, cast.AMARA)
    assert looks.answer.status_code == 200
    assert 'name="do"' not in looks.said
    token = looks.guest.token("/orders")
    form = {"_csrf": token, "do": "ship", "quantity-1": "12", "version": "99", "form": "a" * 12}
    assert looks.guest.client.post(looks.action, data=form).status_code == 403
    assert floor.person(cast.PETRA).client.get(looks.action).status_code == 403
    assert floor.stages(order) == {"allocated": "12"}


def test_an_order_or_a_place_that_does_not_exist_is_not_found(floor: Floor) -> None:
    order: Json = floor.order(("BOLT", 1))
    client = floor.person().client
    assert client.get("/desk/orders/SO-1900-000001").status_code == 404
    assert client.get(f"/desk/orders/{order['number']}?location=MOON").status_code == 404
    assert client.get("/desk/shipments/SH-1900-000001").status_code == 404
    assert client.get("/desk/runs/999999").status_code == 404
    assert client.get("/desk/runs/x").status_code == 404
    empty = floor.desk(order, location="NORTH")
    assert "Nothing of this order stands ready at Grimsby." in empty.said
