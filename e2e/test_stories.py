"""Watching a story: steps on the left, and on the right the order's page, which moves."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Locator, Page, Request, expect

from e2e.conftest import LOST, Story, Visit
from e2e.test_pages import audit_looks, tab_to

pytestmark = pytest.mark.browser

SHORT_PICK = "/demo/a-short-pick"
STEPS = 8


def beginning(visit: Visit, path: str = SHORT_PICK) -> Page:
    """A new playing, in which the stage is set."""
    page = visit.go(path)
    page.locator("#begin").click()
    expect(done(page)).to_have_count(1)
    return page


def done(page: Page) -> Locator:
    return page.locator("#steps > li.done")


def ordered(visit: Visit) -> tuple[Page, Frame]:
    """The order is placed, and its page stands there, alive."""
    page = beginning(visit)
    page.locator("#next").click()
    expect(done(page)).to_have_count(2)
    order = page.frame_locator("#watch iframe")
    expect(order.locator(".live .said")).to_have_text("Live")
    frame = page.locator("#watch iframe").element_handle().content_frame()
    assert frame is not None
    return page, frame


def test_the_orders_page_moves_as_the_steps_are_played(petra: Visit, story: Story) -> None:
    page, order = ordered(petra)
    order.evaluate("window.seen = true")
    page.locator("#next").focus()
    for sentence, shown in (
        ("The warehouse begins to pick.", "10 Picking"),
        ("Three are not on the shelf.", "In 3 parts: 10 still to come"),
        ("A supplier order covers the last one", "1 Awaiting supplier"),
        ("The seven that were found are packed.", "7 Packed"),
        ("They leave Leicester.", "7 shipped"),
        ("Two leave Grimsby.", "9 shipped"),
    ):
        page.keyboard.press("Enter")
        expect(page.locator("#news")).to_contain_text(sentence)
        words = re.compile(r".*".join(map(re.escape, shown.split())), re.DOTALL)
        expect(order.locator("#order")).to_contain_text(words)
        if "Grimsby" not in sentence:
            expect(page.locator("#next")).to_be_focused()
    assert order.evaluate("window.seen"), "the order's page was loaded anew instead of changed"
    expect(done(page)).to_have_count(STEPS)
    expect(page.locator("#next")).to_have_count(0)
    expect(order.locator(".top")).to_be_hidden()


def test_weeks_go_by_on_one_stream(petra: Visit, story: Story) -> None:
    """On each new day the order's page is fetched anew: a stream left open each time would soon let nothing through."""
    page = beginning(petra, "/demo/a-short-delivery")
    streams: dict[str, int] = {"opened": 0, "ended": 0}

    def count(what: str) -> Callable[[Request], None]:
        return lambda request: streams.update({what: streams[what] + ("/live?" in request.url)})

    page.on("request", count("opened"))
    page.on("requestfailed", count("ended"))
    page.on("requestfinished", count("ended"))
    for at in range(2, 9):
        page.locator("#next").click()
        expect(done(page)).to_have_count(at)
        expect(page.frame_locator("#watch iframe").locator(".live .said")).to_have_text("Live")
    expect(page.frame_locator("#watch iframe").locator("h1 + .state")).to_have_text("Closed")
    assert streams["opened"] - streams["ended"] == 1


def test_it_plays_by_the_clock_and_can_be_paused(petra: Visit, story: Story) -> None:
    page, order = ordered(petra)
    page.locator("#pace").select_option("2")
    button = page.locator("#by-the-clock")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(done(page)).to_have_count(4)
    button.click()
    expect(button).to_have_text("Play by the clock")
    page.wait_for_timeout(2500)
    expect(done(page)).to_have_count(4)
    button.click()
    expect(done(page)).to_have_count(STEPS, timeout=20_000)
    expect(button).to_have_count(0)
    expect(order.locator("#order")).to_contain_text("9 shipped")


def test_the_keyboard_alone_is_enough(petra: Visit, story: Story) -> None:
    page = petra.go("/demo")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, f"a[href='{SHORT_PICK}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{SHORT_PICK}")
    tab_to(page, "#begin")
    page.keyboard.press("Enter")
    expect(done(page)).to_have_count(1)
    tab_to(page, "#next")
    page.keyboard.press("Space")
    expect(done(page)).to_have_count(2)
    tab_to(page, "#by-the-clock")
    page.keyboard.press("Enter")
    expect(done(page)).to_have_count(3)
    page.keyboard.press("Enter")
    expect(page.locator("#by-the-clock")).to_have_attribute("aria-pressed", "false")
    tab_to(page, "#watch iframe")


def test_the_whole_way_without_script(visit: Callable[..., Visit], story: Story) -> None:
    window = visit(script=False)
    window.sign_in()
    page = beginning(window)
    expect(page.locator("#by-the-clock")).to_be_hidden()
    for at in range(2, STEPS + 1):
        page.locator("#next").click()
        expect(done(page)).to_have_count(at)
    order = page.frame_locator("#watch iframe")
    expect(order.locator("#order")).to_contain_text("9 shipped")
    page.locator("#begin").click()
    expect(done(page)).to_have_count(1)
    expect(page.locator("#watch iframe")).to_have_count(0)
    page.locator("details.more-of summary").click()
    page.get_by_role("button", name="Back to real time").click()
    page.wait_for_url(f"**{SHORT_PICK}")
    expect(done(page)).to_have_count(1)


def test_whoever_was_signed_out_elsewhere_is_asked_who_they_are(petra: Visit, story: Story) -> None:
    """The step is not played, and the page does not stand still as if it had been."""
    page, _ = ordered(petra)
    petra.forgives = f"{LOST}|frame"
    petra.context.clear_cookies(name="session")
    page.locator("#next").click()
    expect(page.locator("#watch")).to_contain_text("Choose whose eyes to see it with.")
    expect(page.locator("#controls")).to_have_count(0)
    expect(done(page)).to_have_count(2)


def test_axe_finds_nothing(visit: Callable[..., Visit], story: Story) -> None:
    window = visit()
    found = {
        "stranger": audit_looks(window.go("/demo")),
        "a stranger's story": audit_looks(window.go(SHORT_PICK)),
    }
    window.sign_in()
    found["list"] = audit_looks(window.go("/demo"))
    found["not begun"] = audit_looks(window.go("/demo/four-stages"))
    page, _ = ordered(window)
    page.locator("details.more-of summary").click()
    found["in the middle"] = audit_looks(page)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_a_phone_of_320_px_needs_no_sideways_scrolling(visit: Callable[..., Visit], story: Story) -> None:
    window = visit(width=320, height=640)
    window.sign_in()
    page = window.go("/demo")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page, order = ordered(window)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert order.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="To the order's page").click()
    expect(page.locator("#watch h2")).to_be_in_viewport()
    page.get_by_role("link", name="Open it on its own").click()
    page.wait_for_url("**/orders/SO-*")
    small = (
        window.go(SHORT_PICK)
        .locator("main :is(a:not(p a), button, summary, select)")
        .evaluate_all(
            "all => all.filter(e => e.checkVisibility())"
            ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
            ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
        )
    )
    assert small == []
