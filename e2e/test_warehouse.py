"""The warehouse at work, in a browser: two people, a tablet, a keyboard, a phone, no script; the buyer watches."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import LOOKS_AT_WORK, audit, audit_looks, is_covered, tab_to
from tests.desk.floor import MIRA, employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser

STAFF = ((cast.DEV, "Dev Patel", "operations"), (MIRA, "Mira Osei", "operations"))


@dataclass
class Warehouse:
    portal: Portal
    world: World

    def order(self, *wanted: tuple[str, int]) -> Json:
        return self.world.order("NORDWIND", list(wanted), purchase_order_number="4500118236")

    def path(self, order: Json) -> str:
        return f"/desk/orders/{order['number']}?location=MAIN"


@pytest.fixture(scope="module")
def warehouse(start_portal: Callable[..., Portal]) -> Warehouse:
    portal = start_portal(processes=2, worker=True)
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", "NUT", "HOSE", weight_kg="0.2")
    world.product("PUMP", mode="freight", weight_kg="20")
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    for sku, on_hand in (("BOLT", 40), ("NUT", 10_000), ("HOSE", 10_000), ("PUMP", 100)):
        world.stock("MAIN", sku, on_hand)
    person = {"name": "Petra Vogt", "roles": ["buyer"], "password": PASSWORD}
    world.put(f"accounts/NORDWIND/users/{PETRA}", person)
    now(employ(portal.database_url, STAFF))
    return Warehouse(portal, world)


@pytest.fixture(scope="module")
def story(warehouse: Warehouse) -> Story:
    """What the windows of these tests belong to."""
    return Story(warehouse.portal, warehouse.world, {"number": ""}, "")


Open = Callable[..., Visit]


@pytest.fixture
def at_work(visit: Open) -> Open:
    """`at_work(who=…, width=…)`: somebody of the warehouse, signed in."""

    def signed_in(who: str = cast.DEV, **window: object) -> Visit:
        made = visit(**window)
        made.sign_in(who, cast.PASSWORD)
        return made

    return signed_in


def quantity(page: Page, line: int) -> Locator:
    return page.locator(f"#quantity-{line}")


def scan(page: Page, code: str) -> None:
    page.locator("#scan").fill(code)
    page.keyboard.press("Enter")


def test_picked_short_packed_and_shipped_while_the_buyer_watches(
    visit: Open, at_work: Open, warehouse: Warehouse
) -> None:
    order = warehouse.order(("BOLT", 40), ("NUT", 12))
    watching = visit()
    watching.sign_in()
    buyer = watching.go(f"/orders/{order['number']}?view=line")
    expect(buyer.locator(".live .said")).to_have_text("Live")
    page = at_work(width=820, height=1180).go(warehouse.path(order))

    scan(page, "30*BOLT")
    scan(page, "bolt")
    expect(page.locator("#scan-said")).to_have_text("Line 1, BOLT: 31")
    expect(page.locator("#news")).to_have_text("Line 1, BOLT: 31")
    expect(page.locator("#scan")).to_be_focused()
    scan(page, "20*BOLT")
    expect(page.locator("#scan-said")).to_have_text(
        "Only 40 of BOLT stand ready here, and 31 are taken already."
    )
    scan(page, "5*BOLT")
    page.get_by_role("button", name="All 12 of line 2").click()
    expect(quantity(page, 2)).to_have_value("12")
    page.get_by_label("Missing of line 1").fill("4")
    page.get_by_label("Why").fill("Damaged")
    page.get_by_role("button", name="Pick", exact=True).click()

    expect(page.locator("#done")).to_contain_text("Short in the warehouse: line 1")
    expect(buyer.locator("#line-1")).to_contain_text("36")
    expect(buyer.locator("#line-1")).to_contain_text("Picking")
    expect(buyer.locator("#line-1")).to_contain_text("Backordered")

    page.get_by_role("button", name="All picked").click()
    expect(quantity(page, 1)).to_have_value("36")
    page.get_by_role("button", name="Pack", exact=True).click()
    expect(buyer.locator("#line-1")).to_contain_text("Packed")

    page.get_by_role("button", name="All that is ready").click()
    page.get_by_label("Carrier").fill("Northline")
    page.get_by_label("Tracking number").fill("NP1")
    page.get_by_role("button", name="One more package").click()
    second = page.get_by_role("group", name="Package 2")
    expect(second.get_by_label("Tracking number")).to_be_focused()
    second.get_by_label("Tracking number").fill("NP2")
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator("#done h2")).to_contain_text("has left")
    for paper in ("Packing list", "Label", "Delivery note"):
        expect(page.locator("#done").get_by_role("link", name=paper)).to_be_visible()
    expect(buyer.locator("#line-2")).to_contain_text("Shipped")
    expect(buyer.locator("#shipments")).to_contain_text("NP2")


def test_two_operators_collide_and_the_second_reads_what_changed(at_work: Open, warehouse: Warehouse) -> None:
    order = warehouse.order(("HOSE", 12), ("NUT", 30))
    dev, mira = at_work().go(warehouse.path(order)), at_work(MIRA).go(warehouse.path(order))
    quantity(dev, 1).fill("8")
    dev.get_by_role("button", name="Ship", exact=True).click()
    expect(dev.locator("#done h2")).to_contain_text("has left")

    mira.get_by_role("button", name="All 12 of line 1").click()
    quantity(mira, 2).fill("30")
    mira.get_by_role("button", name="Pick", exact=True).click()
    told = mira.locator("#overtaken")
    expect(told).to_contain_text(
        re.compile(r"Line 1 HOSE 12 were ready, now 4: Dev Patel shipped 8 at \d\d:\d\d")
    )
    expect(told).to_be_focused()
    expect(told.locator("li")).to_have_count(1)
    expect(quantity(mira, 1)).to_have_value("12")
    assert audit(mira) == []
    quantity(mira, 1).fill("4")
    mira.get_by_role("button", name="Pick", exact=True).click()
    expect(mira.locator("#done")).to_contain_text("Being picked: lines 1, 2")


def test_a_double_click_ships_once(at_work: Open, warehouse: Warehouse) -> None:
    order = warehouse.order(("NUT", 20))
    page = at_work().go(warehouse.path(order))
    quantity(page, 1).fill("5")
    page.get_by_role("button", name="Ship", exact=True).dblclick()
    expect(page.locator("#done h2")).to_contain_text("has left")
    assert len(warehouse.world.read(order)["shipments"]) == 1


def test_the_keyboard_alone_picks_an_order(at_work: Open, warehouse: Warehouse) -> None:
    order = warehouse.order(("NUT", 12), ("HOSE", 3))
    page = at_work().go(warehouse.path(order))
    tab_to(page, "#scan")
    page.keyboard.type("4*nut")
    page.keyboard.press("Enter")
    tab_to(page, "#quantity-2")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("button[value=pick]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Being picked: lines 1, 2")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"


def test_the_whole_way_without_script(at_work: Open, warehouse: Warehouse) -> None:
    order = warehouse.order(("NUT", 12), ("PUMP", 2))
    page = at_work(script=False).go("/desk/ready")
    page.get_by_label("Mode").select_option("freight")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name=order["number"]).click()
    page.locator("#scan").fill("5*NUT")
    page.keyboard.press("Enter")
    expect(quantity(page, 1)).to_have_value("5")
    expect(page.locator("#scan")).to_be_focused()
    page.get_by_role("button", name="All 2 of line 2").click()
    page.get_by_label("Missing of line 1").fill("1")
    page.get_by_role("button", name="Pick", exact=True).click()
    expect(page.locator("#reason-p")).to_have_text("Say why they are missing.")
    page.get_by_label("Why").fill("Not on the shelf")
    page.get_by_role("button", name="Pick", exact=True).click()
    expect(page.locator("#done")).to_contain_text("Being picked: lines 1, 2")
    page.get_by_role("button", name="Freight only").click()
    page.get_by_label("Tracking number").fill("HF1")
    page.get_by_role("button", name="One more package").click()
    page.get_by_role("group", name="Package 2").get_by_label("Tracking number").fill("HF2")
    page.get_by_role("button", name="Ship", exact=True).click()
    page.locator("#done").get_by_role("link", name="The shipment").click()
    expect(page.locator("main")).to_contain_text("HF2")
    page.get_by_text("Call this shipment off").click()
    page.get_by_label("Why").fill("wrong pallet")
    page.get_by_role("button", name=re.compile("^Call SH-")).click()
    expect(page.locator("main")).to_contain_text("Dev Patel called it off")

    page.goto(page.url.split("/desk")[0] + "/desk/ready?mode=parcel")
    page.get_by_role("checkbox", name=re.compile(order["number"])).check()
    page.get_by_role("button", name="Pick all").click()
    again = page.get_by_role("link", name="How far is it now?")
    for _ in range(50):
        if "Finished" in page.locator("#run-said").inner_text():
            break
        if again.count():
            again.click()
    expect(page.locator("#run-said")).to_have_text("Finished: 1 done.")


def test_many_at_once_show_how_far_they_are(at_work: Open, warehouse: Warehouse) -> None:
    orders = [warehouse.order(("NUT", 1)) for _ in range(8)]
    page = at_work().go("/desk/ready?location=MAIN&mode=parcel")
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("checkbox", name=re.compile(orders[0]["number"])).uncheck()
    page.get_by_role("group", name="With the selected rows").get_by_label("Carrier").fill("Northline")
    page.get_by_role("button", name="Ship all").click()
    expect(page.locator("#run-said")).to_contain_text("Finished")
    expect(page.locator("#run-poll")).to_have_count(0)
    assert warehouse.world.read(orders[0])["shipments"] == []
    assert all(len(warehouse.world.read(order)["shipments"]) == 1 for order in orders[1:])


def test_a_filter_applies_as_it_is_changed_and_keeps_the_address(at_work: Open, warehouse: Warehouse) -> None:
    freight = warehouse.order(("PUMP", 1))
    parcel = warehouse.order(("NUT", 1))
    page = at_work().go("/desk/ready")
    page.get_by_label("Mode").select_option("freight")
    expect(page.locator("#many")).to_contain_text(freight["number"])
    expect(page.locator("#many")).not_to_contain_text(parcel["number"])
    expect(page).to_have_url(re.compile(r"mode=freight"))
    expect(page.get_by_role("checkbox", name="Select all on this page")).to_be_visible()


@pytest.fixture(scope="module")
def pages(warehouse: Warehouse) -> dict[str, str]:
    """Each new page in its states, by name."""
    world = warehouse.world
    order = warehouse.order(("NUT", 12), ("PUMP", 2), ("HOSE", 8))
    package = {"tracking_number": "NP9", "tracking_url": "https://track.example/NP9", "weight_kg": "3.5"}
    shipment = world.ship(order, "MAIN", {1: 2}, carrier="Northline", packages=[package])
    gone = world.ship(order, "MAIN", {1: 1})
    world.cancel_shipment(gone)
    world.pick(order, "MAIN", {2: 1})
    world.hold(order, "finance", lines=[3])
    empty = warehouse.order(("NUT", 3))
    world.ship(empty, "MAIN", {1: 3})
    path = f"/desk/orders/{order['number']}?location=MAIN"
    guest = cast.at_home(warehouse.portal, cast.DEV)
    asked = {
        "form": "axe-looks-at-it",
        "do": "pick",
        "row": [f"{one['number']}/parcel/MAIN" for one in (order, empty)],
    }
    run = guest.client.post("/desk/ready", data={"_csrf": guest.token("/desk/ready"), **asked})
    return {
        "ready": "/desk/ready",
        "ready, stopped": "/desk/ready?stopped=1",
        "ready, nothing": "/desk/ready?location=NOWHERE",
        "work": path,
        "work, just shipped": f"{path}&since=1&shipped={shipment['number']}",
        "work, nothing left": f"/desk/orders/{empty['number']}?location=MAIN",
        "run": run.headers["location"],
        "shipment": f"/desk/shipments/{shipment['number']}",
        "shipment called off": f"/desk/shipments/{gone['number']}",
    }


def test_axe_finds_nothing(at_work: Open, pages: dict[str, str], warehouse: Warehouse) -> None:
    window = at_work()
    found = {}
    for name, path in pages.items():
        found[name] = audit_looks(window.go(path), LOOKS_AT_WORK)
    page = window.go(pages["work"])
    quantity(page, 1).fill("99")
    page.get_by_role("button", name="Pick", exact=True).click()
    expect(page.locator("#problem")).to_be_focused()
    found["work, refused"] = audit_looks(page, LOOKS_AT_WORK)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling_and_targets_are_large(
    at_work: Open, pages: dict[str, str]
) -> None:
    window = at_work(width=320, height=640)
    for name, path in pages.items():
        page = window.go(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} is {width} px wide"
        reach = page.locator("body *").evaluate_all(
            "all => all.filter(e => e.getBoundingClientRect().right > 321)"
            ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
        )
        assert reach == [], name
        small = page.locator(
            "main :is(a:not(p a, td a), button, summary, select, label.check, input:not([type=hidden], label input))"
        )
        sizes = small.evaluate_all(
            "all => all.filter(e => e.checkVisibility())"
            ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
            ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
        )
        assert sizes == [], name
