"""Goods come in, and somebody at the desk books them: once, exactly as typed, and everybody sees whom it helped."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.desk.floor import MIRA, Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast

NUMBERS = count(1)


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    return furnish(portal)


@pytest.fixture
def sku(floor: Floor) -> str:
    """A product of which nothing stands anywhere."""
    name = f"SEAL-{next(NUMBERS)}"
    floor.world.product(name)
    return name


def purchase(floor: Floor, sku: str, quantity: object = 400, due: str = "2026-11-25", **more: object) -> str:
    reference = f"PO-{sku}"
    floor.world.inbound("purchase_order", reference, "MAIN", [(1, sku, quantity, due)], **more)  # type: ignore[arg-type]
    return reference


def path(reference: str, kind: str = "purchase_order") -> str:
    return f"/desk/inbound/{kind}/{reference}"


def opened(floor: Floor, reference: str, who: str = cast.DEV, kind: str = "purchase_order") -> Sheet:
    return Sheet.open(floor.person(who), path(reference, kind))


def on_hand(floor: Floor, sku: str) -> str:
    """At MAIN; nothing where the product never stood."""
    answer = floor.world.erp.get(f"stock/MAIN/{sku}")
    return str(answer.json()["on_hand"]) if answer.status_code == 200 else "0"


def test_a_short_delivery_is_booked_as_it_came_and_released_to_the_queue(floor: Floor, sku: str) -> None:
    first = floor.order((sku, 200))
    second = floor.order((sku, 150), account="VELTRO")
    purchase(floor, sku)
    page = opened(floor, f"PO-{sku}")
    assert page.row(sku)[3:6] == ["400 pcs", "0", "400"]
    assert "350 pcs wanted by 2 waiting lines" in page.text

    page = page.send("/receipts", received_1=240, rejected_1=10, quarantined_1=5)

    assert (
        f"Line 1, {sku}: 240 pcs received, 10 pcs rejected, 5 pcs quarantined, 145 pcs still to come."
        in page.text
    )
    assert "Stock was given to 2 lines of 2 orders" in page.text
    assert page.row(first["number"], "Leicester")[1:4] == ["Nordwind Maschinenbau NORDWIND", sku, "200"]
    assert page.row(second["number"], "Leicester")[1:4] == ["Veltro VELTRO", sku, "40"]
    assert floor.stages(first) == {"allocated": "200"}
    assert floor.stages(second) == {"allocated": "40", "awaiting_supplier": "110"}
    assert floor.world.level("MAIN", sku) == {
        "on_hand": "245", "quarantined": "5", "allocated": "240", "reserved": "0", "free": "0",
    }  # fmt: skip
    assert page.row(sku, "145")[3:6] == ["400 pcs", "255 10 rejected 5 quarantined", "145"]
    assert "dev@harrow.example" in page.text


def test_what_a_receipt_gave_to_whom_can_be_looked_up_later(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 30))
    purchase(floor, sku, 30)
    opened(floor, f"PO-{sku}").send("/receipts", received_1=30)
    later = opened(floor, f"PO-{sku}", MIRA)
    assert "Stock was given" not in later.text
    [link] = [address for address in later.links(path(f"PO-{sku}")) if "work=" in address]
    assert order["number"] in Sheet.open(floor.person(MIRA), link).text


@pytest.mark.parametrize("kind", ["transfer", "production", "inspection"])
def test_every_kind_of_supply_is_received_the_same_way(floor: Floor, sku: str, kind: str) -> None:
    if kind == "transfer":
        floor.world.stock("NORTH", sku, 40)
    if kind == "inspection":
        floor.world.stock("MAIN", sku, 40, quarantined=40)
    more = {"from_location": "NORTH"} if kind == "transfer" else {}
    floor.world.inbound(kind, f"IN-{sku}", "MAIN", [(1, sku, 40, "2026-11-25")], **more)  # type: ignore[arg-type]
    order = floor.order((sku, 40))
    page = opened(floor, f"IN-{sku}", kind=kind).send("/receipts", received_1=36, rejected_1=4)
    assert "36 pcs received, 4 pcs rejected, complete." in page.text
    assert floor.stages(order)["allocated"] == "36"
    assert on_hand(floor, sku) == "36"


def test_a_form_that_is_sent_twice_books_once(floor: Floor, sku: str) -> None:
    purchase(floor, sku)
    page = opened(floor, f"PO-{sku}")
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.post("/receipts", received_1=100), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert on_hand(floor, sku) == "100"
    assert len(opened(floor, f"PO-{sku}").rows) == 4, "two tables of a head and a row"


def test_a_form_from_before_cannot_book_other_figures(floor: Floor, sku: str) -> None:
    purchase(floor, sku)
    page = opened(floor, f"PO-{sku}")
    page.send("/receipts", received_1=100)
    page = page.send("/receipts", 409, received_1=120)
    assert "This form was sent before, with other figures" in page.text
    assert page.form("/receipts").fields["received-1"] == "120", "what was typed still stands"
    assert on_hand(floor, sku) == "100"


def test_the_second_of_two_people_is_told_line_by_line_what_changed(floor: Floor, sku: str) -> None:
    floor.world.product(f"{sku}-B")
    lines = [(1, sku, 400, "2026-11-25"), (2, f"{sku}-B", 50, "2026-11-25"), (3, sku, 10, "2026-11-26")]
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", lines)
    mine, hers = opened(floor, f"PO-{sku}"), opened(floor, f"PO-{sku}", MIRA)
    hers.send("/receipts", received_1=240, received_3=10)

    told = mine.send("/receipts", 409, received_1=240, received_2=50)

    assert "Somebody else was quicker" in told.text
    assert f"Line 1: 240 pcs more came, booked by {MIRA}" in told.text
    assert "Outstanding now: 160 pcs." in told.text
    assert told.text.count("more came") == 1, "nothing happened to the second line"
    assert on_hand(floor, f"{sku}-B") == "0", "and nothing of it was booked"
    fields = told.form("/receipts").fields
    assert (fields["received-1"], fields["received-2"]) == ("240", "50")

    done = told.send("/receipts", received_1=160)
    assert f"Line 1, {sku}: 160 pcs received, complete." in done.text
    assert on_hand(floor, sku) == "410"


def test_two_people_may_book_different_lines_at_once(floor: Floor, sku: str) -> None:
    lines = [(1, sku, 40, "2026-11-25"), (2, sku, 50, "2026-11-26")]
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", lines)
    mine, hers = opened(floor, f"PO-{sku}"), opened(floor, f"PO-{sku}", MIRA)
    hers.send("/receipts", received_1=40)
    mine.send("/receipts", received_2=50)
    assert on_hand(floor, sku) == "90"


def test_more_than_was_announced_is_booked_only_when_that_is_meant(floor: Floor, sku: str) -> None:
    purchase(floor, sku, 40)
    page = opened(floor, f"PO-{sku}").send("/receipts", 422, received_1=400)
    assert "360 pcs more than is outstanding" in page.text
    assert on_hand(floor, sku) == "0"
    page = page.send("/receipts", received_1=45, over=1)
    assert "45 pcs received, 5 pcs more than announced." in page.text
    assert on_hand(floor, sku) == "45"


def test_nothing_more_will_come_is_an_answer_too(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 60))
    purchase(floor, sku, 60)
    page = opened(floor, f"PO-{sku}").send("/receipts", received_1=20, closed_1=1)
    assert "20 pcs received, 40 pcs short, nothing more will come." in page.text
    assert "The date of 1 line has moved" in page.text
    assert floor.stages(order) == {"allocated": "20", "backordered": "40"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Nothing was typed"),
        ({"received_1": "many"}, "Write a quantity in digits"),
        ({"received_1": "-4"}, "Write a quantity in digits"),
        ({"received_1": "1e3"}, "Write a quantity in digits"),
        ({"received_1": "2.5"}, "This is counted in whole pieces."),
        ({"received_1": "10", "rejected_2": "x"}, "Write a quantity in digits"),
        ({"received_1": "0", "received_2": "0"}, "nothing came of line 1"),
        ({"received_9": "3"}, "There is no line 9."),
        ({"received_1": "10", "form": ""}, "This form has no number of its own."),
    ],
)
def test_what_cannot_be_booked_is_said_beside_its_field_and_nothing_is_half_done(
    floor: Floor, sku: str, typed: dict[str, str], said: str
) -> None:
    lines = [(1, sku, 40, "2026-11-25"), (2, sku, 50, "2026-11-26")]
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", lines)
    page = opened(floor, f"PO-{sku}").send("/receipts", 422, **typed)
    assert said in page.text
    fields = page.form("/receipts").fields
    assert all(
        fields.get(name.replace("_", "-"), value) == value for name, value in typed.items() if name != "form"
    )
    assert "Nothing yet." in opened(floor, f"PO-{sku}").text


def test_more_cannot_be_inspected_than_stands_in_quarantine(floor: Floor, sku: str) -> None:
    floor.world.stock("MAIN", sku, 40, quarantined=10)
    floor.world.inbound("inspection", f"QC-{sku}", "MAIN", [(1, sku, 40, "2026-11-25")])
    page = opened(floor, f"QC-{sku}", kind="inspection").send("/receipts", 422, received_1=20)
    assert "10 stand in quarantine at MAIN" in page.text
    assert floor.world.level("MAIN", sku)["quarantined"] == "10"


def test_all_that_is_outstanding_can_be_filled_in(floor: Floor, sku: str) -> None:
    purchase(floor, sku, "40")
    page = Sheet.open(floor.person(), f"{path(f'PO-{sku}')}?fill=outstanding")
    assert page.form("/receipts").fields["received-1"] == "40"


def test_who_may_not_book_sees_no_form_and_is_refused(floor: Floor, sku: str) -> None:
    purchase(floor, sku)
    form = opened(floor, f"PO-{sku}").form("/receipts").fields
    page = opened(floor, f"PO-{sku}", cast.AMARA)
    assert not any("received-1" in one.fields for one in page.forms)
    amara = floor.person(cast.AMARA)
    answer = amara.client.post(f"{path(f'PO-{sku}')}/receipts", data=form | {"_csrf": amara.token("/orders")})
    assert answer.status_code == 403


def test_a_document_of_many_lines_is_received_page_by_page(floor: Floor, sku: str) -> None:
    lines = [(number, sku, 1, "2026-11-25") for number in range(1, 131)]
    floor.world.inbound("purchase_order", f"PO-{sku}", "MAIN", lines)
    page = opened(floor, f"PO-{sku}")
    assert "received-100" in page.form("/receipts").fields
    assert "received-101" not in page.form("/receipts").fields
    rest = Sheet.open(floor.person(), f"{path(f'PO-{sku}')}?after=100").send("/receipts", received_130=1)
    assert "Line 130" in rest.text
    assert "received-101" in rest.form("/receipts").fields, "still on the same page"


def test_the_list_tells_what_is_due_when_and_filters_in_the_address(floor: Floor, sku: str) -> None:
    for name, due, supplier in (
        ("A", "2026-11-12", "Acme"),
        ("B", "2026-11-18", "Borealis"),
        ("C", "2026-11-20", None),
    ):
        floor.world.inbound(
            "purchase_order", f"{sku}-{name}", "MAIN", [(1, sku, 5, due)], supplier=supplier, confirmed=False
        )
    floor.world.inbound("production", f"{sku}-D", "NORTH", [(1, sku, 5, "2026-12-20")])
    order = floor.order((sku, 3))

    def found(query: str) -> list[str]:
        page = Sheet.open(floor.person(), f"/desk/inbound?{query}")
        return [row[0].split(f"{sku}-")[1] for row in page.rows[1:] if f"{sku}-" in row[0]]

    assert found(f"q={sku}") == ["A", "B", "C", "D"]
    assert found(f"q={sku}&when=overdue") == ["A"]
    assert found(f"q={sku}&when=today") == ["B"]
    assert found(f"q={sku}&when=week") == ["B", "C"]
    assert found(f"q={sku}&when=later") == ["D"]
    assert found(f"q={sku}&kind=production") == ["D"]
    assert found(f"q={sku}&location=NORTH") == ["D"]
    assert found("q=borealis") == ["B"]
    overdue = Sheet.open(floor.person(), f"/desk/inbound?q={sku}&when=overdue")
    assert "6 days overdue, not confirmed" in overdue.text
    assert overdue.row(f"{sku}-A")[5] == "1 of 1 order"
    opened(floor, f"{sku}-A").send("/receipts", received_1=5)
    assert found(f"q={sku}&when=done") == ["A"]
    assert floor.stages(order) == {"allocated": "3"}


def test_paging_through_what_is_due_misses_nothing_and_repeats_nothing(floor: Floor) -> None:
    references = [f"LOT-{n:03}" for n in range(70)]
    floor.world.product("LOTS")
    for n, reference in enumerate(references):
        floor.world.inbound("production", reference, "NORTH", [(1, "LOTS", 1, f"2027-01-{n % 3 + 10}")])
    seen: list[str] = []
    address = "/desk/inbound?q=LOT-"
    while address:
        page = Sheet.open(floor.person(), address)
        seen += [row[0].split()[-1] for row in page.rows[1:]]
        address = next((link for link in page.links("/desk/inbound?") if "after=" in link), "")
    assert sorted(seen) == references


def test_the_laws_hold_after_all_of_this(floor: Floor) -> None:
    floor.portal.check()


def test_a_document_that_nobody_announced_is_not_there(floor: Floor) -> None:
    for address in ("/desk/inbound/purchase_order/NONE", "/desk/inbound/rumour/4711"):
        assert floor.person().client.get(address).status_code == 404
