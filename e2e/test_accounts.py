"""Account managers in a browser: from the board to an account, its settings, its tasks; by keyboard, without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, audit_looks, is_covered, tab_to
from tests.accounts.conftest import JO, Rooms, opened
from tests.portals import Portal
from tests.routes import cast

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
PAGES = (
    "/accounts",
    "/accounts?whose=all&show=all",
    "/accounts?problem=late",
    "/accounts/NORDWIND",
    "/accounts/VELTRO",
    "/tasks",
    "/tasks?whose=all",
    "/orders?problem=late&account=NORDWIND",
    "/today?account=NORDWIND",
)


@pytest.fixture(scope="module")
def rooms(start_portal: Callable[..., Portal]) -> Rooms:
    return opened(start_portal(processes=2))


@pytest.fixture(scope="module")
def story(rooms: Rooms) -> Story:
    """What the windows of these tests belong to."""
    return Story(rooms.portal, rooms.world, {"number": ""}, "")


@pytest.fixture
def enter(visit: Open) -> Open:
    """`enter(who=…, width=…)`: somebody, signed in."""

    def signed_in(who: str = JO, **window: object) -> Visit:
        made = visit(**window)
        made.sign_in(who, cast.PASSWORD)
        return made

    return signed_in


def test_axe_finds_nothing(enter: Open) -> None:
    window = enter()
    found = {path: audit_looks(window.go(path)) for path in PAGES}
    assert {path: violations for path, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling(enter: Open) -> None:
    window = enter(width=320, height=640)
    widths = {path: window.go(path).evaluate("document.documentElement.scrollWidth") for path in PAGES}
    assert {path: width for path, width in widths.items() if width > 320} == {}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_the_board_to_the_order_that_is_late(enter: Open, rooms: Rooms, script: bool) -> None:
    page = enter(script=script).go("/")
    expect(page.locator("#truth")).to_contain_text("2 orders late")
    page.get_by_role("navigation", name="By what is wrong").get_by_role("link", name="Late").click()
    page.get_by_role("link", name="2 orders late").click()
    row = page.get_by_role("row").filter(has_text=rooms.number("late"))
    row.get_by_role("link", name=rooms.number("late")).click()
    page.get_by_role("link", name="Nordwind Maschinenbau").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nordwind Maschinenbau")
    petra = page.get_by_role("row").filter(has_text="Petra Vogt").get_by_role("link")
    expect(petra).to_have_attribute("href", f"/accounts/NORDWIND/impersonate?person={person(rooms)}")


def person(rooms: Rooms) -> str:
    return str(rooms.sql("select id from person where email = $1", cast.PETRA))


def test_settings_say_what_is_wrong_beside_the_field(enter: Open) -> None:
    page = enter().go("/accounts/NORDWIND")
    days = page.get_by_label("Days without news")
    days.fill("soon")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(days).to_have_attribute("aria-invalid", "true")
    assert audit(page) == []
    days.fill("7")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#done")).to_contain_text("It holds from now on.")
    expect(page.get_by_label("Days without news")).to_have_value("7")


def test_the_keyboard_alone_does_a_task(enter: Open) -> None:
    page = enter().go("/tasks")
    before = page.locator(".task").count()
    tab_to(page, ".task textarea >> nth=0")
    assert not is_covered(page)
    page.keyboard.type("Acme ships on Friday.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#done")).to_contain_text("The note is kept")
    expect(page.locator(".task textarea").first).to_have_value("Acme ships on Friday.")
    tab_to(page, ".task button >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("The task is done")
    expect(page.locator(".task")).to_have_count(before - 1)


def test_a_buyer_reads_on_the_page_of_the_day_when_the_next_news_comes(enter: Open, rooms: Rooms) -> None:
    page = enter(cast.PETRA).go("/today")
    panel = page.get_by_role("region", name="No news, and when there will be")
    expect(panel).to_contain_text("1 line still waits, and there was nothing new since 18 Nov.")
    expect(panel).to_contain_text("We ask, and you hear from us by 2 Dec.")
    panel.get_by_role("link", name=rooms.number("silent")).click()
    expect(page.locator("#timeline")).to_contain_text("1 line still waits")
