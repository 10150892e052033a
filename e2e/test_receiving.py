"""The supply desk in a browser: goods come in while the buyer watches; two people, a keyboard, a phone, no script."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import LOOKS_AT_WORK, audit, audit_looks, is_covered, tab_to
from tests.desk.floor import MIRA, employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser

STAFF = ((cast.DEV, "Dev Patel", "operations"), (MIRA, "Mira Osei", "operations"))
SHORT = ("SEAL", "BELT", "CHAIN", "PULLEY", "RING")


@dataclass
class Supply:
    """Products of which nothing stands anywhere, each on a purchase order of its own for the 25th."""

    portal: Portal
    world: World

    def order(self, *wanted: tuple[str, int], account: str = "NORDWIND") -> Json:
        return self.world.order(account, list(wanted), purchase_order_number="4500118236")

    def purchase(self, reference: str, *lines: tuple[int, str, int, str]) -> str:
        self.world.inbound("purchase_order", reference, "MAIN", list(lines), supplier="Acme Seals")
        return f"/desk/inbound/purchase_order/{reference}"


@pytest.fixture(scope="module")
def supply(start_portal: Callable[..., Portal]) -> Supply:
    portal = start_portal(processes=2, worker=True)
    world = World(portal)
    world.location("MAIN")
    world.location("NORTH", name="Grimsby")
    world.product(*SHORT, "BOLT")
    world.stock("MAIN", "BOLT", 500)
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    world.account("VELTRO")
    person = {"name": "Petra Vogt", "roles": ["buyer"], "password": PASSWORD}
    world.put(f"accounts/NORDWIND/users/{PETRA}", person)
    now(employ(portal.database_url, STAFF))
    return Supply(portal, world)


@pytest.fixture(scope="module")
def story(supply: Supply) -> Story:
    """What the windows of these tests belong to."""
    return Story(supply.portal, supply.world, {"number": ""}, "")


Open = Callable[..., Visit]


@pytest.fixture
def at_work(visit: Open) -> Open:
    """`at_work(who=…, width=…)`: somebody of the supplier, signed in."""

    def signed_in(who: str = cast.DEV, **window: object) -> Visit:
        made = visit(**window)
        made.sign_in(who, cast.PASSWORD)
        return made

    return signed_in


def test_receiving_releases_a_backorder_while_the_buyer_watches(
    visit: Open, at_work: Open, supply: Supply
) -> None:
    supply.purchase("4711", (1, "SEAL", 400, "2026-11-25"))
    order = supply.order(("SEAL", 240), ("BOLT", 5))
    watching = visit()
    watching.sign_in()
    buyer = watching.go(f"/orders/{order['number']}?view=line")
    expect(buyer.locator(".live .said")).to_have_text("Live")
    line = buyer.locator("#line-1")
    expect(line).to_contain_text("Awaiting supplier")
    line.evaluate("line => { window.seen = line; }")
    buyer.locator("#view-line").focus()

    page = at_work().go("/desk")
    page.get_by_role("link", name="Inbound", exact=True).click()
    page.get_by_role("link", name="Supplier order 4711").click()
    page.get_by_label("Received, line 1, SEAL").fill("230")
    page.get_by_label("Rejected, line 1, SEAL").fill("10")
    page.get_by_role("button", name="Book what came").click()

    done = page.locator("#done")
    expect(done).to_be_focused()
    expect(done).to_contain_text("Line 1, SEAL: 230 pcs received, 10 pcs rejected, 160 pcs still to come.")
    expect(done).to_contain_text("Stock was given to 1 line of 1 order")
    expect(done.get_by_role("link", name=order["number"]).first).to_be_visible()

    expect(line).to_contain_text("Ready to ship")
    expect(line).to_contain_text("230")
    expect(line).to_contain_text("Awaiting supplier")
    assert line.evaluate("line => line === window.seen"), "the row was replaced instead of changed"
    expect(buyer.locator("#news")).to_contain_text("Line 1")
    expect(buyer.locator("#view-line")).to_be_focused()


def test_two_people_receive_one_delivery_and_the_second_reads_what_changed(
    at_work: Open, supply: Supply
) -> None:
    path = supply.purchase("4712", (1, "BELT", 40, "2026-11-25"), (2, "CHAIN", 20, "2026-11-25"))
    dev, mira = at_work().go(path), at_work(MIRA).go(path)
    dev.get_by_label("Received, line 1, BELT").fill("30")
    dev.get_by_role("button", name="Book what came").click()
    expect(dev.locator("#done")).to_contain_text("10 pcs still to come")

    mira.get_by_label("Received, line 1, BELT").fill("30")
    mira.get_by_label("Received, line 2, CHAIN").fill("20")
    mira.get_by_role("button", name="Book what came").click()
    told = mira.locator("#refused")
    expect(told).to_be_focused()
    expect(told.locator("li")).to_have_count(1)
    expect(told).to_contain_text(re.compile(r"Line 1: 30 pcs more came, booked by dev@\S+ at \d\d:\d\d"))
    expect(told).to_contain_text("Outstanding now: 10 pcs.")
    expect(mira.get_by_label("Received, line 2, CHAIN")).to_have_value("20")
    assert audit(mira) == []
    mira.get_by_label("Received, line 1, BELT").fill("10")
    mira.get_by_role("button", name="Book what came").click()
    expect(mira.locator("#done")).to_contain_text("Line 1, BELT: 10 pcs received, complete.")
    assert supply.world.level("MAIN", "BELT")["on_hand"] == "40"


def test_a_double_click_books_once(at_work: Open, supply: Supply) -> None:
    page = at_work().go(supply.purchase("4713", (1, "RING", 40, "2026-11-25")))
    page.get_by_label("Received, line 1, RING").fill("15")
    page.get_by_role("button", name="Book what came").dblclick()
    expect(page.locator("#done")).to_contain_text("25 pcs still to come")
    assert supply.world.level("MAIN", "RING")["on_hand"] == "15"


def test_the_keyboard_alone_receives_a_delivery(at_work: Open, supply: Supply) -> None:
    path = supply.purchase("4714", (1, "PULLEY", 12, "2026-11-25"), (2, "CHAIN", 3, "2026-11-25"))
    page = at_work().go(path)
    tab_to(page, "#received-1")
    page.keyboard.type("ten")
    tab_to(page, "#received-2")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#refused")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#received-1")).to_be_focused()
    expect(page.locator("#received-1-problem")).to_contain_text("Write a quantity in digits")
    page.locator("#received-1").press("Control+a")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Line 1, PULLEY: 10 pcs received, 2 pcs still to come.")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"


def test_a_day_at_the_supply_desk_without_script(at_work: Open, supply: Supply) -> None:
    """From the board to a delivery, a count, the queue, and a hold that is set and lifted."""
    supply.purchase("4715", (1, "CHAIN", 30, "2026-11-25"))
    first, second = supply.order(("CHAIN", 60)), supply.order(("CHAIN", 10), account="VELTRO")
    page = at_work(script=False).go("/desk")
    page.get_by_role("link", name="Inbound", exact=True).click()
    page.get_by_label("Search a reference, a supplier or an SKU").fill("4715")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Supplier order 4715").click()
    page.get_by_role("link", name="Fill in all that is outstanding").click()
    page.get_by_role("button", name="Book what came").click()
    expect(page.locator("#done")).to_contain_text("30 pcs received, complete.")

    page.get_by_role("link", name="CHAIN", exact=True).first.click()
    page.get_by_role("link", name=re.compile("^Allocated, Leicester")).click()
    expect(page.locator("#behind")).to_contain_text(first["number"])
    page.get_by_label("On hand, all of it").fill("24")
    page.get_by_role("button", name="Book the count").click()
    expect(page.locator("#done")).to_contain_text("lost stock and waits again")

    page.get_by_role("link", name=re.compile("on 2 lines")).click()
    row = page.get_by_role("row").filter(has_text=second["number"])
    row.get_by_role("link", name="Change").click()
    form = page.locator("#priority")
    form.get_by_label("Priority").fill("10")
    form.get_by_role("button", name="Move in the queue").click()
    expect(form.locator(".problem")).to_have_text("Choose a reason.")
    form.get_by_label("Reason").select_option("safety")
    form.get_by_role("button", name="Move in the queue").click()
    expect(page.locator("main")).to_contain_text("Place 1 in the queue")
    taking = page.locator("#reassignment")
    taking.get_by_label("From").select_option(index=1)
    taking.get_by_label("Quantity").fill("10")
    taking.get_by_label("Reason").select_option("safety")
    taking.get_by_role("button", name="Take it").click()
    expect(page.locator("#done")).to_contain_text("Stock was taken from 1 line, which waits again")

    page.goto(page.url.split("/desk")[0] + "/desk/holds")
    setting = page.get_by_role("complementary")
    setting.get_by_label("Order", exact=True).fill(second["number"])
    setting.get_by_label("Reason").select_option("quality")
    setting.get_by_role("button", name="Hold it").click()
    expect(page.locator("#done")).to_contain_text(f"{second['number']} is held")
    page.get_by_label("Note, which the buyer reads").first.fill("Checked")
    page.get_by_role("button", name=f"Lift {second['number']}").click()
    expect(page.locator("#done")).to_contain_text("is lifted")


def test_filters_apply_as_they_are_changed_and_keep_the_address(at_work: Open, supply: Supply) -> None:
    order = supply.order(("BELT", 500))
    page = at_work().go("/desk/backorders")
    page.get_by_label("Reason").select_option("backordered")
    expect(page).to_have_url(re.compile("reason=backordered"))
    expect(page.locator("#list")).to_contain_text(order["number"])
    page.get_by_role("link", name="Dearest first").click()
    expect(page).to_have_url(re.compile("sort=value"))
    expect(page).to_have_url(re.compile("reason=backordered"))
    page.get_by_label("Search an order, PO or SKU").press_sequentially("nothing")
    expect(page.locator("#list")).to_contain_text("Nothing that waits fits.")
    expect(page.get_by_label("Search an order, PO or SKU")).to_be_focused()


@pytest.fixture(scope="module")
def pages(supply: Supply) -> dict[str, str]:
    """Each page of the supply desk in its states, by name."""
    world = supply.world
    world.product("GEAR", "VALVE")
    world.stock("MAIN", "GEAR", 100, quarantined=15)
    world.stock("NORTH", "GEAR", 20)
    world.agreement("AA-7", "VELTRO", "MAIN", "GEAR", 30)
    world.inbound("inspection", "QC-1", "MAIN", [(1, "GEAR", 12, "2026-11-20")])
    world.inbound("transfer", "TR-1", "MAIN", [(1, "GEAR", 5, "2026-11-16")], from_location="NORTH")
    supply.purchase("4800", (1, "VALVE", 60, "2026-11-16"), (2, "GEAR", 300, "2026-12-16"))
    world.receive(
        "purchase_order", "4800", [{"line": 1, "received": "10", "rejected": "2", "quarantined": "3"}]
    )
    order = supply.order(("GEAR", 40), ("VALVE", 100), ("GEAR", 300))
    world.hold(order, "quality", lines=[2], note="Look at the thread")
    world.hold(supply.order(("BOLT", 3)), "finance")
    world.told(order, "substitutions", {"line": 2, "quantity": "10", "sku": "GEAR"})
    slow = world.ship(supply.order(("BOLT", 7)), "MAIN", {1: 7}, carrier="Northline")
    world.carrier(slow, "exception", "2026-11-18T08:00:00Z", note="Wrong postcode")
    line = f"/desk/orders/{order['number']}/lines"
    return {
        "board": "/desk",
        "inbound": "/desk/inbound",
        "inbound, overdue": "/desk/inbound?when=overdue",
        "inbound, nothing": "/desk/inbound?q=nothing",
        "purchase order": "/desk/inbound/purchase_order/4800",
        "inspection": "/desk/inbound/inspection/QC-1",
        "transfer": "/desk/inbound/transfer/TR-1?fill=outstanding",
        "stock": "/desk/stock",
        "product": "/desk/stock/GEAR",
        "product, allocated": "/desk/stock/GEAR?show=allocated&at=MAIN",
        "product, reserved": "/desk/stock/GEAR?show=reserved&at=MAIN",
        "product, quarantined": "/desk/stock/GEAR?show=quarantined&at=MAIN",
        "product, free": "/desk/stock/GEAR?show=free&at=MAIN",
        "backorders": "/desk/backorders",
        "backorders, nothing": "/desk/backorders?q=nothing",
        "queue": "/desk/queue/VALVE?at=1",
        "line that waits": f"{line}/2",
        "line set aside": f"{line}/1",
        "holds": "/desk/holds",
        "shipments": "/desk/shipments",
        "shipments in trouble": "/desk/shipments?late=trouble",
    }


def test_axe_finds_nothing(at_work: Open, pages: dict[str, str]) -> None:
    window = at_work()
    found = {name: audit_looks(window.go(path), LOOKS_AT_WORK) for name, path in pages.items()}
    page = window.go(pages["purchase order"])
    page.locator("#received-1").fill("many")
    page.get_by_role("button", name="Book what came").click()
    expect(page.locator("#refused")).to_be_focused()
    found["purchase order, refused"] = audit_looks(page, LOOKS_AT_WORK)
    page = window.go(pages["line that waits"])
    page.locator("#priority").get_by_role("button", name="Move in the queue").click()
    expect(page.locator("#refused")).to_be_focused()
    found["line, refused"] = audit_looks(page, LOOKS_AT_WORK)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling_and_targets_are_large(
    at_work: Open, pages: dict[str, str]
) -> None:
    window = at_work(width=320, height=640)
    for name, path in pages.items():
        page = window.go(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} is {width} px wide"
        assert beyond(page) == [], name
        assert too_small(page) == [], name


def beyond(page: Page) -> list[str]:
    """What reaches over the edge of a narrow window."""
    reach: list[str] = page.locator("body *").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().right > 321)"
        ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
    )
    return reach


def too_small(page: Page) -> list[str]:
    """What cannot be hit with a thumb: under 24 by 24 CSS pixels, but for links within a sentence."""
    targets = page.locator(
        "main :is(a:not(p a, small a), button, summary, select, label.check, input:not([type=hidden], label input))"
    )
    small: list[str] = targets.evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
    )
    return small
