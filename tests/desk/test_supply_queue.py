"""Who waits, over the whole book and for one product; and what staff may change about it, with a reason."""

import csv
import io
from itertools import count

import pytest

from tests.desk.floor import MIRA, Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

NUMBERS = count(1)


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    made = furnish(portal)
    person = {"name": "Rita Lund", "roles": ["buyer"], "password": cast.PASSWORD}
    made.world.put(f"accounts/VELTRO/users/{cast.RITA}", person)
    return made


@pytest.fixture
def sku(floor: Floor) -> str:
    """A product of which nothing stands anywhere."""
    name = f"GEAR-{next(NUMBERS)}"
    floor.world.product(name, price="2.00")
    return name


def listed(floor: Floor, query: str) -> Sheet:
    return Sheet.open(floor.person(), f"/desk/backorders?{query}")


def names(page: Sheet) -> list[str]:
    """The lines of the list from top to bottom: "SO-2026-000001 line 1"."""
    return [row[0] for row in page.rows[1:] if row]


def line_page(floor: Floor, order: Json, line: int = 1, who: str = cast.DEV) -> Sheet:
    return Sheet.open(floor.person(who), f"/desk/orders/{order['number']}/lines/{line}")


def places(floor: Floor, sku: str) -> list[str]:
    """The orders in the queue from the front to the back."""
    page = Sheet.open(floor.person(), f"/desk/queue/{sku}")
    return [row[1].split()[0] for row in page.rows if len(row) == 9 and row[0].isdigit()]


def test_the_list_tells_who_waits_for_what_how_long_and_until_when(floor: Floor, sku: str) -> None:
    first = floor.order((sku, 30), purchase_order_number="PO-7")
    lines = [(1, sku, 40, "2026-11-25")]
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", lines, supplier="Acme", confirmed=False)
    floor.world.now("2026-11-20T09:00:00Z")
    second = floor.order((sku, 20), account="VELTRO")
    page = listed(floor, f"sku={sku}")
    assert "2 lines of 2 orders, in 3 parts" in page.text
    row = page.row(first["number"])
    assert row[1:4] == ["Nordwind Maschinenbau NORDWIND", f"{sku} Part {sku}", "30 pcs"]
    assert row[4:8] == ["£60.00", "Wed 18 Nov 2 days ago", "Awaiting supplier", "1 of 2"]
    assert row[8:10] == [f"Supplier order PO-{sku} Wed 25 Nov, not confirmed", "Mon 30 Nov"]
    assert page.row(second["number"], "10 pcs", "Backordered")[7:10] == ["2 of 2", "none", "no date"]
    floor.world.now("2026-11-18T09:00:00Z")


def test_the_list_is_sorted_by_age_value_and_date_and_paged_without_loss(floor: Floor) -> None:
    floor.world.product("MANY", price="3.00")
    lines = [(1, "MANY", 600, "2026-11-25"), (2, "MANY", 600, "2026-12-02")]
    floor.world.inbound("purchase_order", "PO-MANY", "MAIN", lines)
    made = [floor.order(("MANY", 10 + n % 7), account=("NORDWIND", "VELTRO")[n % 2]) for n in range(110)]
    for sort in ("age", "value", "date"):
        seen: list[list[str]] = []
        address = f"/desk/backorders?sku=MANY&sort={sort}"
        while address:
            page = Sheet.open(floor.person(), address)
            seen += [row for row in page.rows[1:] if row]
            address = next((link for link in page.links("/desk/backorders?") if "after=" in link), "")
        assert {row[0].split()[0] for row in seen} == {order["number"] for order in made}
        assert len({(row[0], row[3], row[6], row[8]) for row in seen}) == len(seen), "nothing stands twice"
        if sort == "age":
            assert [row[0] for row in seen] == sorted(row[0] for row in seen)
        if sort == "value":
            worth = [float(row[4].removeprefix("£")) for row in seen]
            assert worth == sorted(worth, reverse=True)


def test_filters_stand_in_the_address_and_narrow_the_list(floor: Floor, sku: str) -> None:
    late = floor.order((sku, 30), purchase_order_number=f"LATE-{sku}")
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", [(1, sku, 30, "2026-11-25")])
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", [(1, sku, 30, "2026-12-09")])
    other = floor.order((sku, 5), account="VELTRO")
    floor.world.hold(other, "quality")
    both = {f"{late['number']} line 1", f"{other['number']} line 1"}
    assert set(names(listed(floor, f"sku={sku}"))) == both
    assert names(listed(floor, f"sku={sku}&reason=awaiting_supplier")) == [f"{late['number']} line 1"]
    assert names(listed(floor, f"sku={sku}&account=VELTRO")) == [f"{other['number']} line 1"]
    assert names(listed(floor, f"q=late-{sku}")) == [f"{late['number']} line 1"]
    assert names(listed(floor, f"sku={sku}&only=undated")) == [f"{other['number']} line 1"]
    assert names(listed(floor, f"sku={sku}&only=held")) == [f"{other['number']} line 1"]
    assert names(listed(floor, f"sku={sku}&only=offered")) == []
    floor.world.now("2026-12-02T09:00:00Z")
    assert names(listed(floor, f"sku={sku}&only=late")) == [f"{late['number']} line 1"]
    floor.world.now("2026-12-10T09:00:00Z")
    assert names(listed(floor, f"sku={sku}&only=overdue")) == [f"{late['number']} line 1"]
    floor.world.now("2026-11-18T09:00:00Z")
    assert names(listed(floor, "q=no-such-thing")) == []
    assert listed(floor, "sort=nonsense&reason=x&only=y&after=z~1").answer.status_code == 200


def test_the_same_rows_go_into_a_spreadsheet_where_nothing_runs(floor: Floor) -> None:
    floor.world.product("=2+3", name="@SUM(1)")
    order = floor.order(("=2+3", 4))
    answer = floor.person().client.get("/desk/backorders.csv?sku=%3D2%2B3")
    assert answer.headers["content-disposition"] == 'attachment; filename="backorders.csv"'
    head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    told = dict(zip(head, row, strict=True))
    assert (told["Order"], told["SKU"], told["Item"]) == (order["number"], "'=2+3", "'@SUM(1)")
    assert (told["Quantity"], told["Reason"], told["Place in the queue"]) == ("4", "Backordered", "1")


def test_a_line_that_is_put_ahead_takes_what_comes_first_and_both_buyers_read_why(
    floor: Floor, sku: str
) -> None:
    first, second = floor.order((sku, 40)), floor.order((sku, 30), account="VELTRO")
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", [(1, sku, 40, "2026-11-25")])
    assert places(floor, sku) == [first["number"], second["number"]]

    page = line_page(floor, second).send(
        "/priority", priority="10", reason="line_down", note="Their press waits."
    )

    assert "The dates of 2 lines have moved" in page.text
    assert "Place 1 in the queue, 0 pcs ahead; priority 10 (the account's is 0)" in page.text
    assert "Their press waits." in page.text
    assert places(floor, sku) == [second["number"], first["number"]]
    assert floor.stages(second) == {"awaiting_supplier": "30"}
    assert floor.stages(first) == {"awaiting_supplier": "10", "backordered": "30"}
    for who, order in ((cast.PETRA, first), (cast.RITA, second)):
        seen = floor.person(who).client.get(f"/orders/{order['number']}").text
        assert "production line" in seen
        assert "Their press waits." not in seen, "the note is for staff"

    back = line_page(floor, second).send("/priority", back="1", reason="agreed")
    assert "priority 0" in back.text
    assert places(floor, sku) == [first["number"], second["number"]]


def test_stock_of_another_line_is_taken_and_the_page_says_from_whom(floor: Floor, sku: str) -> None:
    floor.world.stock("MAIN", sku, 40)
    giver = floor.order((sku, 40))
    taker = floor.order((sku, 30), account="VELTRO")
    page = line_page(floor, taker)
    assert f"{giver['number']} line 1, Nordwind Maschinenbau: 40 pcs at Leicester" in page.text
    page = page.send("/reassignment", **{"from": f"{giver['number']}/1/MAIN"}, quantity="25", reason="safety")
    assert "Stock was given to 1 line" in page.text
    assert "Stock was taken from 1 line, which waits again" in page.text
    assert floor.stages(taker) == {"allocated": "25", "backordered": "5"}
    assert floor.stages(giver) == {"allocated": "15", "backordered": "25"}
    floor.portal.check()


def test_what_is_picked_or_promised_by_contract_is_not_offered_for_taking(floor: Floor, sku: str) -> None:
    floor.world.stock("MAIN", sku, 60)
    floor.world.agreement(f"AA-{sku}", "NORDWIND", "MAIN", sku, 20)
    contract = floor.order((sku, 20))
    picked = floor.order((sku, 40), account="VELTRO")
    floor.world.pick(picked, "MAIN", {1: 40})
    page = line_page(floor, floor.order((sku, 5), account="VELTRO"))
    assert contract["number"] not in page.text
    assert picked["number"] not in page.text
    assert "No other line has stock that could be given." in page.text


def test_a_waiting_line_is_served_from_one_location_only_and_from_any_again(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 10))
    page = line_page(floor, order).send("/source", to_location="NORTH", reason="agreed")
    assert "served from Grimsby only" in page.text
    floor.world.stock("MAIN", sku, 10)
    assert floor.stages(order) == {"backordered": "10"}
    line_page(floor, order).send("/source", to_location="", reason="agreed")
    assert floor.stages(order) == {"allocated": "10"}


def test_what_is_set_aside_moves_to_stock_that_is_free_elsewhere_or_travels_there(
    floor: Floor, sku: str
) -> None:
    floor.world.stock("MAIN", sku, 20)
    order = floor.order((sku, 20))
    floor.world.stock("NORTH", sku, 8)
    move = {"from_location": "MAIN", "to_location": "NORTH", "reason": "agreed"}
    page = line_page(floor, order).send("/move", **move, quantity="8", how="stock")
    assert "Stock was given to 1 line" in page.text
    assert page.row("Ready to ship", "8 pcs", "Grimsby")

    page = line_page(floor, order).send("/move", 422, **move, quantity="5", how="transfer")
    assert "Say on which day the goods arrive." in page.text
    page = page.send("/move", **move, quantity="5", how="transfer", by_transfer_on="2026-11-23")
    assert page.row("Awaiting transfer", "5 pcs")
    assert floor.world.level("MAIN", sku)["on_hand"] == "15"
    floor.portal.check()


@pytest.mark.parametrize(
    ("form", "typed", "said"),
    [
        ("/priority", {"priority": "first", "reason": "agreed"}, "Write a whole number"),
        ("/priority", {"priority": "10"}, "Choose a reason."),
        ("/priority", {"priority": "99999", "reason": "agreed"}, "A priority lies between -1000 and 1000."),
        ("/reassignment", {"quantity": "5", "reason": "agreed"}, "Choose whose stock it is to be."),
        (
            "/reassignment",
            {"from": "{giver}", "quantity": "x", "reason": "agreed"},
            "Write a quantity in digits",
        ),
        (
            "/reassignment",
            {"from": "{giver}", "quantity": "0.5", "reason": "agreed"},
            "counted in whole pieces",
        ),
        (
            "/reassignment",
            {"from": "{giver}", "quantity": "50", "reason": "agreed"},
            "50 wanted, but 40 of line 1",
        ),
        ("/source", {"to_location": "NOWHERE", "reason": "agreed"}, "NOWHERE"),
    ],
)
def test_what_cannot_be_done_is_said_beside_its_field_and_changes_nothing(
    floor: Floor, sku: str, form: str, typed: dict[str, str], said: str
) -> None:
    floor.world.stock("MAIN", sku, 40)
    giver, order = floor.order((sku, 40)), floor.order((sku, 30))
    filled = {name: value.replace("{giver}", f"{giver['number']}/1/MAIN") for name, value in typed.items()}
    page = line_page(floor, order).send(form, 422, **filled)
    assert said in page.text
    for name, value in filled.items():
        if name != "to_location":
            assert page.form(form).fields[name] == value, "what was typed still stands"
    assert floor.stages(order) == {"backordered": "30"}
    assert floor.stages(giver) == {"allocated": "40"}


def test_the_second_of_two_operators_is_told_what_the_first_did(floor: Floor, sku: str) -> None:
    floor.world.stock("MAIN", sku, 40)
    giver, order = floor.order((sku, 40)), floor.order((sku, 30), account="VELTRO")
    mine, hers = line_page(floor, order), line_page(floor, order, who=MIRA)
    take = {"from": f"{giver['number']}/1/MAIN", "reason": "safety"}
    hers.send("/reassignment", **take, quantity="20")
    told = mine.send("/reassignment", 409, **take, quantity="10")
    assert "Somebody else was quicker: nothing was done" in told.text
    assert "Set aside for you: line 1" in told.text
    assert told.form("/reassignment").fields["quantity"] == "10"
    assert floor.stages(order) == {"allocated": "20", "backordered": "10"}
    told.send("/reassignment", **take, quantity="10")
    assert floor.stages(order) == {"allocated": "30"}


def test_a_form_that_is_sent_twice_moves_the_line_once(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 30))
    page = line_page(floor, order)
    typed = {"priority": "5", "reason": "agreed"}
    assert (
        page.post("/priority", **typed).headers["location"]
        == page.post("/priority", **typed).headers["location"]
    )
    changes = [event for event in floor.world.feed("NORDWIND") if event["type"] == "queue.changed"]
    assert len([event for event in changes if event["order"] == order["number"]]) == 1


def test_the_queue_shows_supply_stock_and_agreements_beside_it(floor: Floor, sku: str) -> None:
    floor.world.stock("MAIN", sku, 12)
    floor.world.agreement(f"AA-{sku}", "VELTRO", "MAIN", sku, 12)
    floor.world.inbound("production", f"PR-{sku}", "NORTH", [(1, sku, 50, "2026-11-30")], confirmed=False)
    order = floor.order((sku, 30))
    held = floor.order((sku, 7))
    floor.world.hold(held, "quality")
    page = Sheet.open(floor.person(), f"/desk/queue/{sku}")
    assert "37 pcs on 2 lines" in page.text
    assert page.row(f"PR-{sku}", "unclaimed")[1:] == ["30 Nov", "50 13 unclaimed"]
    assert page.row(f"AA-{sku}", "Veltro")[1:] == ["12", "12"]
    assert page.row("Leicester", "12 0") == ["Leicester", "12", "0"]
    assert page.row(order["number"])[3:6] == ["30", "0", "0"]
    assert "held as well" in " ".join(page.row(held["number"]))
    account = Sheet.open(floor.person(cast.AMARA), f"/desk/queue/{sku}")
    assert not account.links("/desk/orders/"), "who may not change it is led nowhere"


def test_who_may_not_change_the_queue_is_refused(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 30))
    fields = line_page(floor, order).form("/priority").fields
    amara = floor.person(cast.AMARA)
    answer = amara.client.post(
        f"/desk/orders/{order['number']}/lines/1/priority", data=fields | {"_csrf": amara.token("/orders")}
    )
    assert answer.status_code == 403
    assert amara.client.get("/desk/queue/NO-SUCH").status_code == 404
    assert amara.client.get(f"/desk/orders/{order['number']}/lines/9").status_code == 404
