"""From the cart through the review to the order: with the mouse, with keys only, without script, on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from tests.portals import Portal
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser

REVIEW = "/new-order/review"
KLAUS = "klaus@nordwind.example"
ORDERED = re.compile(r"/orders/SO-\d{4}-\d{6}$")


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Story:
    """Bearings on the shelf, seals that come next week, a motor by freight; orders above 5,000.00 need Klaus."""
    portal = start_portal(processes=2)
    world = World(portal)
    parcel = {
        "mode": "parcel",
        "currency": "GBP",
        "per_shipment": "6.50",
        "per_kg": "0.40",
        "free_from": "500",
    }
    freight = {"mode": "freight", "currency": "GBP", "per_shipment": "45.00", "per_kg": "0.15"}
    world.location("MAIN", freight_tariffs=[parcel, freight])
    world.account("NORDWIND", name="Nordwind Maschinenbau", credit_limit="100000")
    world.product("BRG-6204", price="6.85", name="Ball bearing 20 × 47 × 14", weight_kg="0.11")
    world.product("SEA-V40", price="1.35", name="V-ring seal 40 mm, NBR")
    world.product("MOT-075", price="612.00", name="Motor IE4 7.5 kW", mode="freight", weight_kg="68")
    for sku, quantity in (("BRG-6204", 9000), ("MOT-075", 500)):
        world.stock("MAIN", sku, quantity)
    world.inbound(
        "purchase_order", "4711", "MAIN", [(1, "SEA-V40", 9000, "2026-11-27")], supplier="Veltrum Seals"
    )
    for email, name, roles in ((PETRA, "Petra Vogt", ["buyer"]), (KLAUS, "Klaus Brandt", ["approver"])):
        world.put(f"accounts/NORDWIND/users/{email}", {"name": name, "roles": roles, "password": PASSWORD})
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "5000", "currency": "GBP"}},
        "steps": [{"approvers": "approver", "need": "any"}],
    }
    world.put("accounts/NORDWIND/approval-policy", {"rules": [rule], "expires_after_hours": 24})
    return Story(
        portal, world, world.order("NORDWIND", {"BRG-6204": 10}, purchase_order_number="4500118236"), ""
    )


def fill(window: Visit, *lines: str) -> Page:
    """Empty the cart and paste these lines; then to the review."""
    page = window.go("/new-order")
    emptying = page.locator("form[action='/new-order/emptying'] button")
    if emptying.count():
        page.locator("details:has(form[action='/new-order/emptying']) summary").click()
        emptying.click()
        page.wait_for_load_state()
    page.locator("textarea[name=lines]").first.fill("\n".join(lines))
    page.locator("form:has(textarea[name=lines]) button").first.click()
    expect(page.locator("#told")).to_be_visible()
    return window.go(REVIEW)


def press(page: Page, name: str = "Place the order") -> None:
    page.get_by_role("complementary").get_by_role("button", name=name).click()


def test_a_buyer_looks_chooses_and_orders(petra: Visit) -> None:
    page = fill(petra, "BRG-6204 20", "SEA-V40 100 2026-11-25", "MOT-075 2")

    expect(page.locator(".truth")).to_contain_text("3 lines for")
    expect(page.locator(".late")).to_contain_text("arrives 8 days later")
    expect(page.locator(".cards .card")).to_have_count(3)
    page.get_by_role("radio", name="Complete only").check()
    page.get_by_role("button", name="Show it this way").click()
    expect(page.locator(".option.chosen")).to_contain_text("Complete only")
    expect(page.locator(".cards .card")).to_have_count(2)

    page.get_by_label("Purchase order number").fill("PO-E2E-1")
    page.get_by_label("Instructions for this order").fill("Gate 4, ring twice")
    press(page)

    page.wait_for_url(ORDERED)
    expect(page.locator("#order-head")).to_contain_text("Gate 4, ring twice")
    expect(page.locator("#line-2")).to_contain_text("which will probably be missed")
    petra.go("/today")
    expect(page.get_by_text("will probably miss the day it is needed by")).to_be_visible()


def test_a_double_click_is_one_order(petra: Visit, story: Story) -> None:
    page = fill(petra, "BRG-6204 1")
    before = len(story.world.get("orders", limit=200)["items"])

    page.get_by_role("complementary").get_by_role("button", name="Place the order").dblclick()
    page.wait_for_url(ORDERED)
    number = page.url

    # The back button leads to no second order: the cart is empty, and what it became is named.
    page.go_back()
    page.wait_for_url(f"**{REVIEW}")
    expect(page.get_by_role("heading", name="There is nothing to review")).to_be_visible()
    page.get_by_role("link", name=number.rpartition("/")[2]).click()
    page.wait_for_url(number)
    assert len(story.world.get("orders", limit=200)["items"]) == before + 1


def test_what_was_wrong_is_said_beside_it_and_nothing_typed_is_lost(petra: Visit, story: Story) -> None:
    page = fill(petra, "BRG-6204 5")
    story.world.product("BRG-6204", price="7.00", name="Ball bearing 20 × 47 × 14", weight_kg="0.11")
    try:
        page.get_by_label("Purchase order number").fill("4500118236")
        page.get_by_label("Instructions for this order").fill("Keep this")
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("Nothing was ordered")
        expect(page.locator("#refused")).to_be_focused()
        expect(page.locator("#lines")).to_contain_text("£6.85")
        expect(page.locator("#lines")).to_contain_text("£7.00")
        expect(page.get_by_label("Instructions for this order")).to_have_value("Keep this")
        page.get_by_label("I agree to the new price").check()
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("This purchase order number was used before")
        expect(page.get_by_label("I agree to the new price")).to_be_checked()
        page.get_by_label("Why there is one more").fill("A second delivery")
        press(page)
        page.wait_for_url(ORDERED)
    finally:
        story.world.product("BRG-6204", price="6.85", name="Ball bearing 20 × 47 × 14", weight_kg="0.11")


def test_who_must_agree_stands_there_before_it_is_sent(petra: Visit) -> None:
    page = fill(petra, "MOT-075 20")

    needed = page.locator("#needed")
    expect(needed).to_contain_text("Klaus Brandt")
    expect(needed).to_contain_text("is above £5,000.00")
    expect(needed).to_contain_text("an order of at most £5,000.00")
    press(page, "Send it for approval")
    page.wait_for_url(ORDERED)
    expect(page.locator(".state")).to_have_text("Waits for approval")


def test_with_keys_only(petra: Visit) -> None:
    page = fill(petra, "BRG-6204 3")
    tab_to(page, "input[value=as_available]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Weekly")).to_be_checked()
    tab_to(page, ".delivery button[value=look]")
    page.keyboard.press("Enter")
    expect(page.locator(".option.chosen")).to_contain_text("Weekly")

    # Enter in a field looks again: only the button orders.
    tab_to(page, "input[name=purchase_order_number]")
    page.keyboard.type("PO-KEYS")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page).to_have_url(re.compile(REVIEW))
    expect(page.get_by_label("Purchase order number")).to_have_value("PO-KEYS")
    tab_to(page, "aside button[value=place]")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    page.wait_for_url(ORDERED)


def test_the_whole_way_without_script(visit: Callable[..., Visit]) -> None:
    window = visit(script=False)
    window.sign_in()
    page = fill(window, "BRG-6204 2", "NOSUCH 1")
    expect(page.get_by_text("1 line of the cart cannot be ordered yet")).to_be_visible()
    page.get_by_label("Cost centre").fill("K-100")
    press(page)
    # Who is asked may depend on it: it is shown with it first.
    expect(page.get_by_text("Nothing was ordered yet")).to_be_visible()
    press(page)
    page.wait_for_url(ORDERED)
    expect(page.locator("#order-head")).to_contain_text("K-100")

    page = window.go("/settings/delivery")
    page.get_by_label("How goods are delivered").select_option("complete_only")
    page.get_by_label("Instructions").fill("Loading bay 2")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#done")).to_contain_text("Kept for")
    page = fill(window, "BRG-6204 2")
    expect(page.locator(".option.chosen")).to_contain_text("Complete only")
    expect(page.get_by_text("Loading bay 2")).to_be_visible()
    page = window.go("/settings/delivery")
    page.get_by_label("How goods are delivered").select_option("")
    page.get_by_role("button", name="Keep").click()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320], ids=["desk", "phone"])
def test_every_state_can_be_used_by_everybody(
    visit: Callable[..., Visit], story: Story, width: int, dark: bool
) -> None:
    """Nothing for axe to find, no sideways scrolling, targets that a thumb can hit."""
    window = visit(width=width, dark=dark)
    window.sign_in()
    found: dict[str, list[str]] = {}

    def look(name: str, page: Page) -> None:
        found[name] = [*audit(page), *_beyond(page, width), *_too_small(page)]

    page = fill(window, "NOSUCH 1")
    look("nothing to order", page)
    page = fill(window, "BRG-6204 20 2026-11-20", "SEA-V40 100", "MOT-075 20", "BRG-6204 10000", "NOSUCH 1")
    look("review", page)
    page.get_by_label("Purchase order number").fill("4500118236")
    press(page, "Send it for approval")
    look("a number that was used before", page)
    story.world.product("BRG-6204", price="7.00", name="Ball bearing 20 × 47 × 14", weight_kg="0.11")
    look("a price that moved", window.go(REVIEW))
    story.world.product("BRG-6204", price="6.85", name="Ball bearing 20 × 47 × 14", weight_kg="0.11")
    look("delivery settings", window.go("/settings/delivery"))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _beyond(page: Page, width: int) -> list[str]:
    reach: list[str] = page.locator("body *").evaluate_all(
        f"all => all.filter(e => e.getBoundingClientRect().right > {width + 1})"
        ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
    )
    return reach


def _too_small(page: Page) -> list[str]:
    small: list[str] = page.locator("main a:not(p a, td a, dd a), main button, main input").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && !['hidden', 'checkbox', 'radio'].includes(e.type))"
        ".filter(e => !e.classList.contains('vh'))"
        ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
    )
    return small
