"""A buyer's day in a real browser: by keyboard, on a phone, in the dark, on paper, without script."""

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import audit_looks, is_covered, tab_to
from tests.scenarios.driver import ship_to

pytestmark = pytest.mark.browser

PAGES = {
    "today": "/today",
    "today, every new date": "/today?moved=all",
    "arrivals": "/arrivals",
    "arrivals, week": "/arrivals?view=week",
    "arrivals, month": "/arrivals?view=month",
    "arrivals, a later month": "/arrivals?view=month&on=2027-02-01",
    "arrivals, a day": "/arrivals?from=2026-11-23&to=2026-11-23",
    "arrivals without a date": "/arrivals?part=undated",
    "no arrivals": "/arrivals?q=nothing-like-this",
}


@pytest.fixture(scope="module", autouse=True)
def two_sites(story: Story) -> None:
    """The company has a subsidiary in Hull, and something waits for its buyer."""
    world = story.world
    world.account("NORDWIND-HULL", name="Nordwind Hydraulics", parent="NORDWIND", ship_tos=[ship_to("Hull")])
    world.product("HOSE")
    world.stock("MAIN", "HOSE", 100)
    hull = world.order("NORDWIND-HULL", {"HOSE": 12}, purchase_order_number="HYD-0772")
    world.hold(hull, "address", note="Which gate?")
    world.order("NORDWIND-HULL", {"HOSE": 8})


def test_axe_finds_nothing(visit: Callable[..., Visit]) -> None:
    window = visit()
    window.sign_in()
    found = {name: audit_looks(window.go(path)) for name, path in PAGES.items()}
    assert {name: violations for name, violations in found.items() if violations} == {}


@pytest.fixture
def narrow(visit: Callable[..., Visit]) -> Visit:
    window = visit(width=320, height=640)
    window.sign_in()
    return window


@pytest.mark.parametrize("name", PAGES)
def test_320_px_need_no_sideways_scrolling(narrow: Visit, name: str) -> None:
    page = narrow.go(PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    reach = page.locator("body *").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().right > 321)"
        ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
    )
    assert reach == []


@pytest.mark.parametrize("name", PAGES)
def test_targets_are_large_enough(narrow: Visit, name: str) -> None:
    """24 by 24 CSS pixels, but for links within a sentence."""
    page = narrow.go(PAGES[name])
    small = page.locator("a:not(p a, small a), button, summary, select").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
    )
    assert small == []


def test_a_phone_shows_a_calendar_as_an_agenda(visit: Callable[..., Visit]) -> None:
    window = visit(width=390)
    window.sign_in()
    for view in ("week", "month"):
        page = window.go(f"/arrivals?view={view}")
        days = page.locator(".cal .day:visible")
        expect(days.first).to_be_visible()
        expect(page.locator(".cal thead")).not_to_be_in_viewport(ratio=0.5)
        tops = days.evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
        assert tops == sorted(tops)
        assert len(set(tops)) == len(tops), "days stand below each other"


def test_the_day_begins_with_what_needs_one(visit: Callable[..., Visit], story: Story) -> None:
    """From signing in to the address that is asked for, and from a moved date to its order."""
    window = visit()
    page = window.go("/sign-in")
    page.get_by_label("E-mail").fill(PETRA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today")
    expect(page.locator(".truth")).to_contain_text("1 thing needs you")
    expect(page.locator("#needs")).to_contain_text("until you confirm where it shall go")
    moved = page.locator("#moved tbody tr")
    expect(moved).to_have_count(1)
    expect(moved.first).to_contain_text("11 lines")
    expect(moved.first.locator("del").first).to_contain_text("25 Nov")
    expect(moved.first.locator("ins").first).to_contain_text("30 Nov")
    moved.first.get_by_role("link", name=story.order["number"]).click()
    expect(page.locator("h1")).to_have_text(story.order["number"])


def test_the_keyboard_reaches_a_day_of_the_calendar(petra: Visit) -> None:
    page = petra.go("/arrivals")
    tab_to(page, "#view-month")
    page.keyboard.press("Enter")
    page.wait_for_url("**view=month")
    tab_to(page, ".month .no a >> nth=0")
    assert not is_covered(page)
    day = page.locator(":focus").get_attribute("aria-label")
    assert day
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2026-11-*")
    expect(page.locator("tbody.group b").first).to_have_text(day)
    for _ in range(20):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"


def test_filters_apply_as_they_are_typed_and_the_address_keeps_them(petra: Visit) -> None:
    page = petra.go("/arrivals")
    rows = page.locator(".entries tr")
    page.locator("#q").press_sequentially("hull")
    expect(rows).to_have_count(1 + 1)
    expect(page).to_have_url(re.compile(r"q=hull"))
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").fill("")
    page.locator("#site").select_option("NORDWIND-HULL/HULL")
    expect(page).to_have_url(re.compile(r"site=NORDWIND-HULL%2FHULL"))
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Week").click()
    expect(page.locator("#site")).to_have_value("NORDWIND-HULL/HULL")
    expect(page.locator(".week tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Show all arrivals").click()
    expect(page.locator(".week tbody tr")).to_have_count(2)


def test_the_whole_way_without_script(visit: Callable[..., Visit]) -> None:
    """Mark as read, filter, turn the calendar, take the file."""
    window = visit(script=False)
    window.sign_in()
    page = window.go("/today")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("#moved")).to_contain_text("No date has moved.")
    page.get_by_role("link", name="The week").click()
    page.get_by_role("link", name="Later").click()
    expect(page).to_have_url(re.compile(r"view=week&on=2026-11-25"))
    page.get_by_role("link", name="List").click()
    page.locator("#only").select_option("road")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".entries tr").first).to_contain_text("On the road")
    expect(page.locator("[data-print]")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "arrivals-2026-11-18.csv"


@pytest.fixture
def paper(petra: Visit, tmp_path: Path) -> Callable[[str], tuple[list[str], tuple[float, float]]]:
    def printed(path: str) -> tuple[list[str], tuple[float, float]]:
        """The text of each sheet, and its size in points."""
        page = petra.go(path)
        file = tmp_path / "paper.pdf"
        page.pdf(path=file, prefer_css_page_size=True)
        document = pypdfium2.PdfDocument(file)
        try:
            return [sheet.get_textpage().get_text_range() for sheet in document], document[0].get_size()
        finally:
            document.close()

    return printed


def test_paper_is_a_list_on_a4_with_its_heads_on_each_sheet(
    paper: Callable[[str], tuple[list[str], tuple[float, float]]],
) -> None:
    sheets, (width, height) = paper("/arrivals")
    assert (round(width), round(height)) == (842, 595)
    assert len(sheets) > 1
    for sheet in sheets[:-1]:
        assert "Quantity" in sheet
        assert "Order" in sheet
    text = "\n".join(sheets)
    assert "As of Wed 18 Nov" in text
    for control in ("CSV", "Print", "All sites", "Sign out", "Colours"):
        assert control not in text
    for view in ("week", "month"):
        sheets, _ = paper(f"/arrivals?view={view}")
        assert len(sheets) == 1, view


def test_the_print_button_prints(petra: Visit) -> None:
    page = petra.page
    page.add_init_script("window.print = () => document.documentElement.dataset.printed = 'yes'")
    petra.go("/arrivals")
    page.get_by_role("button", name="Print").click()
    expect(page.locator("html")).to_have_attribute("data-printed", "yes")


def test_nothing_shifts_while_it_loads(petra: Visit) -> None:
    page: Page = petra.page
    page.add_init_script(
        "window.shifted = 0; new PerformanceObserver(l => l.getEntries().forEach(e => window.shifted += e.value))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    for path in ("/today", "/arrivals", "/arrivals?view=week", "/arrivals?view=month"):
        petra.go(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted") < 0.01, path
