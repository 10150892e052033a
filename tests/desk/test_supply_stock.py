"""What stands where adds up, each figure opens the rows behind it, and a count says what it took from whom."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count

import pytest

from tests.desk.floor import MIRA, Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast

NUMBERS = count(1)
FIGURES = ("free", "allocated", "reserved", "quarantined", "on_hand")


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    return furnish(portal)


@pytest.fixture
def sku(floor: Floor) -> str:
    """200 at MAIN: 20 in quarantine, 90 kept for VELTRO, 60 allocated to NORDWIND, 30 free."""
    name = f"RING-{next(NUMBERS)}"
    floor.world.product(name)
    floor.world.stock("MAIN", name, 200, quarantined=20)
    floor.world.agreement(f"AA-{name}", "VELTRO", "MAIN", name, 90)
    floor.world.inbound("inspection", f"QC-{name}", "MAIN", [(1, name, 15, "2026-11-25")])
    floor.order((name, 40))
    floor.order((name, 20))
    return name


def page_of(floor: Floor, sku: str, query: str = "", who: str = cast.DEV) -> Sheet:
    return Sheet.open(floor.person(who), f"/desk/stock/{sku}{query}")


def number(text: str) -> Decimal:
    """The first figure of a cell."""
    found = re.search(r"[-+]?[\d,.]+", text)
    assert found is not None, text
    return Decimal(found[0].replace(",", ""))


def figures(page: Sheet, place: str) -> dict[str, Decimal]:
    cells = page.row(place, "Free,")[1:]
    return {name: number(cell.split(":")[-1]) for name, cell in zip(FIGURES, cells, strict=True)}


def test_on_hand_is_what_is_free_allocated_reserved_and_quarantined(floor: Floor, sku: str) -> None:
    found = figures(page_of(floor, sku), "Leicester MAIN")
    assert found == {"free": 30, "allocated": 60, "reserved": 90, "quarantined": 20, "on_hand": 200}
    level = floor.world.level("MAIN", sku)
    assert {name: str(figure) for name, figure in found.items()} == {name: level[name] for name in FIGURES}
    assert figures(page_of(floor, sku), "Grimsby NORTH") == dict.fromkeys(FIGURES, 0)


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_opens_rows_that_add_up_to_it(floor: Floor, sku: str, name: str) -> None:
    floor.world.inbound("production", f"PR-{sku}", "MAIN", [(1, sku, 12, "2026-11-25")])
    floor.world.receive("production", f"PR-{sku}", {1: 12})
    shipped = floor.order((sku, 5))
    floor.world.ship(shipped, "MAIN", {1: 5})
    page = page_of(floor, sku)
    figure = figures(page, "Leicester MAIN")[name]
    [link] = [link for link in page.links(f"/desk/stock/{sku}?show={name}") if "at=MAIN" in link]
    rows = Sheet.open(floor.person(), link).rows
    head = next(i for i, row in enumerate(rows) if row[0] in {"Line", "Agreement", "Inspection", "What"})
    end = next(i for i in range(head, len(rows)) if rows[i][0].lower() == name.replace("_", " "))
    assert number(rows[end][-1]) == figure
    behind = rows[head + 1 : end]
    if name == "on_hand":
        behind = [row for row in behind if row[0].startswith(("All", "Counted"))]
    if name == "free":
        behind = behind[-4:]
    assert sum(number(row[-1]) for row in behind) == figure


def test_what_is_behind_a_figure_leads_to_the_orders_and_agreements(floor: Floor, sku: str) -> None:
    allocated = page_of(floor, sku, "?show=allocated&at=MAIN")
    assert len(allocated.links("/orders/SO-")) == 2
    assert allocated.row("Ready to ship", "40 pcs")[1] == "Nordwind Maschinenbau NORDWIND"
    reserved = page_of(floor, sku, "?show=reserved&at=MAIN").row(f"AA-{sku}")
    assert reserved[1:2] + reserved[3:] == ["Veltro VELTRO", "90", "0", "90", "90 pcs"]
    quarantined = page_of(floor, sku, "?show=quarantined&at=MAIN")
    assert quarantined.row(f"QC-{sku}", "0 pcs", "15 pcs")
    assert quarantined.row("Without an inspection that is announced")[-1] == "5 pcs"


def test_what_comes_says_how_much_of_it_is_claimed(floor: Floor, sku: str) -> None:
    floor.order((sku, 100))
    floor.world.inbound(
        "purchase_order", f"PO-{sku}", "MAIN", [(1, sku, 80, "2026-11-12")], supplier="Acme", confirmed=False
    )
    row = page_of(floor, sku).row("Supplier order", f"PO-{sku}")
    assert row[0].endswith("Acme")
    assert row[2] == "Thu 12 Nov overdue"
    assert [number(cell) for cell in row[3:]] == [80, 70, 10]


def test_a_count_that_comes_in_short_says_what_it_took_from_whom(floor: Floor, sku: str) -> None:
    orders = [event["order"] for event in floor.world.feed("NORDWIND") if event["type"] == "order.placed"][
        -2:
    ]
    page = page_of(floor, sku).send("/counts", location="MAIN", on_hand="70", quarantined="20")
    assert "Leicester: 70 pcs on hand, the books said 200" in page.text
    assert f"AA-{sku} of Veltro: 90 pcs less" in page.text, "what is kept for agreements shrinks first"
    assert "1 line lost stock and waits again" in page.text
    assert page.row(orders[1], "Nordwind", "10 pcs"), "the last in the queue gives way"
    assert not [row for row in page.rows if orders[0] in " ".join(row) and "pcs" in " ".join(row)]
    assert figures(page, "Leicester MAIN") == {
        "free": 0, "allocated": 50, "reserved": 0, "quarantined": 20, "on_hand": 70,
    }  # fmt: skip
    floor.portal.check()


def test_a_count_that_finds_more_gives_it_to_whoever_waits(floor: Floor, sku: str) -> None:
    order = floor.order((sku, 100))
    page = page_of(floor, sku).send("/counts", location="NORTH", on_hand="60")
    assert "Stock was given to 1 line of 1 order" in page.text
    assert page.row(order["number"], "60", "Grimsby")


def test_a_count_is_booked_once_however_often_it_is_sent(floor: Floor, sku: str) -> None:
    page = page_of(floor, sku)
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.post("/counts", location="NORTH", on_hand="7"), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert floor.world.level("NORTH", sku)["on_hand"] == "7"


def test_a_count_against_figures_that_have_changed_is_not_booked(floor: Floor, sku: str) -> None:
    """Somebody ships while somebody counts: booking the count would put the shipped goods back on the shelf."""
    mine = page_of(floor, sku)
    order = floor.order((sku, 10))
    floor.world.ship(order, "MAIN", {1: 10})
    page = mine.send("/counts", 409, location="MAIN", on_hand="200")
    assert "The stock has changed since the form was drawn." in page.text
    assert page.form("/counts").fields["on_hand"] == "200"
    assert floor.world.level("MAIN", sku)["on_hand"] == "190"
    assert page.send("/counts", location="MAIN", on_hand="190").answer.status_code == 200


def test_what_is_being_picked_is_not_taken_away_by_a_count(floor: Floor) -> None:
    floor.world.product("PICKED")
    floor.world.stock("MAIN", "PICKED", 30)
    order = floor.order(("PICKED", 30))
    floor.world.pick(order, "MAIN", {1: 30})
    page = page_of(floor, "PICKED").send("/counts", 409, location="MAIN", on_hand="20")
    assert "30 are being picked or packed at MAIN" in page.text
    assert floor.world.level("MAIN", "PICKED")["on_hand"] == "30"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on_hand": ""}, "Write a quantity in digits"),
        ({"on_hand": "2.5"}, "This is counted in whole pieces."),
        ({"on_hand": "10", "quarantined": "11"}, "More than is on hand."),
        ({"on_hand": "10", "location": "NOWHERE"}, "Choose a location."),
    ],
)
def test_a_bad_count_is_said_beside_its_field(
    floor: Floor, sku: str, typed: dict[str, str], said: str
) -> None:
    page = page_of(floor, sku).send("/counts", 422, **({"location": "MAIN"} | typed))
    assert said in page.text
    assert floor.world.level("MAIN", sku)["on_hand"] == "200"


def test_who_may_not_count_sees_no_form_and_is_refused(floor: Floor, sku: str) -> None:
    fields = page_of(floor, sku).form("/counts").fields
    assert not [form for form in page_of(floor, sku, who=cast.AMARA).forms if "on_hand" in form.fields]
    amara = floor.person(cast.AMARA)
    answer = amara.client.post(f"/desk/stock/{sku}/counts", data=fields | {"_csrf": amara.token("/orders")})
    assert answer.status_code == 403


def test_what_was_counted_is_shown_to_whoever_counted_it_only(floor: Floor, sku: str) -> None:
    where = page_of(floor, sku).post("/counts", location="MAIN", on_hand="199").headers["location"]
    assert "199 pcs on hand, the books said 200" in Sheet.open(floor.person(), where).text
    assert "the books said" not in Sheet.open(floor.person(MIRA), where).text


def test_a_product_is_found_by_its_number_and_by_its_name(floor: Floor) -> None:
    floor.world.product("=CMD-1", name="Öl <b>dick</b>")
    floor.world.stock("MAIN", "=CMD-1", 3)

    def found(q: str) -> list[str]:
        page = Sheet.open(floor.person(), f"/desk/stock?q={q}")
        return [row[0] for row in page.rows[1:]]

    assert found("%3Dcmd") == ["=CMD-1Öl <b>dick</b>"] or found("%3Dcmd") == ["=CMD-1 Öl <b>dick</b>"]
    assert len(found("dick")) == 1
    assert found("no-such-thing") == []
    assert found("%25") == [], "a sign of the search's own language is only a sign"
    [link] = Sheet.open(floor.person(), "/desk/stock?q=dick").links("/desk/stock/%3D")
    assert "Öl <b>dick</b>" in Sheet.open(floor.person(), link).text


def test_products_are_paged_by_number_and_narrowed_to_those_somebody_waits_for(floor: Floor) -> None:
    floor.world.product(*(f"PAGE-{n:03}" for n in range(60)))
    floor.order(("PAGE-007", 3))
    seen: list[str] = []
    address = "/desk/stock?q=PAGE-"
    while address:
        page = Sheet.open(floor.person(), address)
        seen += [row[0].split()[0] for row in page.rows[1:]]
        address = next((link for link in page.links("/desk/stock?") if "after=" in link), "")
    assert len(seen) == len(set(seen)) == 60
    short = Sheet.open(floor.person(), "/desk/stock?q=PAGE-&short=1")
    assert [row[0].split()[0] for row in short.rows[1:]] == ["PAGE-007"]
    assert short.row("PAGE-007")[-1] == "3 pcs"


def test_a_product_that_is_not_counted_says_so(floor: Floor) -> None:
    floor.world.product("SERVICE", managed=False, lead_time_days=3)
    page = page_of(floor, "SERVICE")
    assert "This product is not counted" in page.text
    assert "3 days lead time" in page.text
    assert floor.person().client.get("/desk/stock/NO-SUCH").status_code == 404
