"""The supplier's figures: from a figure to the orders behind it, by mouse, by keyboard, on a phone, without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit_looks, is_covered, tab_to
from tests.insight.conftest import staff
from tests.insight.telling import tell
from tests.portals import Portal
from tests.routes import cast

pytestmark = pytest.mark.browser

PERIOD = "from=2026-11-01&to=2026-12-31"
PAGES = {
    "figures": f"/insight?{PERIOD}",
    "figures of one location": f"/insight?{PERIOD}&location=EAST&account=BUYER&target=5",
    "figures by time": f"/insight?{PERIOD}&by=period",
    "figures by account": f"/insight?{PERIOD}&by=account",
    "figures by supplier": f"/insight?{PERIOD}&by=supplier",
    "nothing to count": "/insight?from=2025-01-01&to=2025-01-31",
    "what cannot be counted": "/insight?from=yesterday&account=NOBODY&location=MOON&target=0",
    "first dispatches": f"/insight/dispatches?{PERIOD}",
    "backorders": f"/insight/backorders?{PERIOD}",
    "deliveries": f"/insight/deliveries?{PERIOD}&promise=last",
    "an empty list": f"/insight/backorders?{PERIOD}&outcome=waiting",
}


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Story:
    """Figures that can be counted by hand instead of the 38 lines."""
    world = tell(start_portal())
    staff(world.portal)
    return Story(world.portal, world, world.read(world.orders[0]), "")


def enter(window: Visit) -> Page:
    return window.sign_in(cast.DEV, cast.PASSWORD)


def test_axe_finds_nothing(visit: Callable[..., Visit]) -> None:
    window = visit()
    enter(window)
    found = {name: audit_looks(window.go(path)) for name, path in PAGES.items()}
    assert {name: violations for name, violations in found.items() if violations} == {}


@pytest.mark.parametrize("name", PAGES)
def test_320_px_need_no_sideways_scrolling(visit: Callable[..., Visit], name: str) -> None:
    window = visit(width=320, height=640)
    enter(window)
    page = window.go(PAGES[name])
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"{name} is {width} px wide"
    small = page.locator("main a:not(p a), main button, main select, main input").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.width}`)"
    )
    assert small == []


def test_from_a_figure_to_the_order_behind_it_without_script(visit: Callable[..., Visit]) -> None:
    window = visit(script=False)
    page = enter(window)
    page.get_by_role("link", name="Insight").click()
    page.get_by_label("From", exact=True).fill("2026-11-01")
    page.get_by_label("Account, number or name").fill("buyer")
    page.get_by_label("Backorder target, days").fill("0")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Backorder target, days")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#problem-target")).to_contain_text("from 1 to 365")
    page.get_by_label("Backorder target, days").fill("7")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("target=7"))
    late = page.get_by_role("region", name="Backorders filled in time").get_by_role(
        "row", name="filled too late"
    )
    late.get_by_role("link", name="3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Backorders: filled too late")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    rows.filter(has_text="GEAR").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/orders/SO-"))
    page.go_back()
    page.get_by_role("navigation", name="You are here").get_by_role("link").click()
    expect(page).to_have_url(re.compile("account=BUYER&target=7"))


def test_broken_down_by_account_and_taken_as_a_file_without_script(visit: Callable[..., Visit]) -> None:
    window = visit(script=False)
    enter(window)
    page = window.go(PAGES["figures"])
    page.get_by_role("navigation", name="Broken down").get_by_role("link", name="By account").click()
    expect(page).to_have_url(re.compile("by=account"))
    filled = page.get_by_role("region", name="Backorders filled in time")
    row = filled.get_by_role("row", name="BUYER")
    expect(row).to_contain_text("60.0%")
    with page.expect_download() as waiting:
        filled.get_by_role("link", name="As a file (CSV)").click()
    text = waiting.value.path().read_text("utf-8-sig")
    assert text.splitlines()[0] == 'Account,Name,In time,"In time, percent",Too late or not yet,Not judged'
    assert any(line.startswith("BUYER,") for line in text.splitlines())
    # The row leads to the figures of this account only.
    row.get_by_role("link", name="BUYER").click()
    expect(page).to_have_url(re.compile("account=BUYER"))
    expect(page.get_by_label("Account, number or name")).to_have_value("BUYER")


def test_the_keyboard_alone_is_enough(visit: Callable[..., Visit]) -> None:
    window = visit()
    enter(window)
    page = window.go(PAGES["figures"])
    tab_to(page, "input[name=target]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(page.locator("#filled ~ dl dt")).to_have_text("filled within 20 days")
    tab_to(page, "#promises ~ table td a >> nth=0")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("first promise: before the day")
    expect(page.locator("tbody tr")).to_have_count(1)
