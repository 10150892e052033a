"""What every page must be: usable by keyboard, on a phone, in the dark, by a screen reader, without script."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js").read_text()
# Only what a test asks about comes out of the browser: all that is well would be megabytes.
SUMMARY = """found => JSON.stringify({
  passes: found.passes.length,
  violations: found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)}`)),
})"""
Look = tuple[int, Literal["light", "dark"]]
LOOKS: Sequence[Look] = ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark"))
# In the warehouse people hold tablets.
LOOKS_AT_WORK: Sequence[Look] = ((1440, "light"), (1440, "dark"), (820, "light"), (390, "dark"))
# name: path below the portal; ORDER stands for the order's page
PAGES = {
    "orders": "/orders",
    "orders found": "/orders?q=45001",
    "no order found": "/orders?q=nothing-like-this",
    "order": "ORDER",
    "order by line": "ORDER?view=line",
    "order by arrival": "ORDER?view=arrival",
    "order by shipment": "ORDER?view=shipment",
    "order filtered": "ORDER?status=inbound&only=open",
    "order without a line": "ORDER?status=delivered",
    "timeline": "ORDER/timeline",
    "not found": "/orders/SO-1900-000001",
}


def address(story: Story, page: str) -> str:
    return PAGES[page].replace("ORDER", story.path)


def audit(page: Page) -> list[str]:
    """What axe finds. It is evaluated through the debugger, which the content policy does not concern."""
    client = page.context.new_cdp_session(page)
    if not page.evaluate("'axe' in window"):
        client.send("Runtime.evaluate", {"expression": AXE})
    run = f"axe.run(document, {{resultTypes: ['violations']}}).then({SUMMARY})"
    answer = client.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
    assert "exceptionDetails" not in answer, answer
    found = json.loads(answer["result"]["value"])
    assert found["passes"] > 10, "axe has looked at nothing"
    return [str(one) for one in found["violations"]]


def audit_looks(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    """What axe finds at each width, in the light and in the dark, and whether anything reaches beyond the window: one
    page, looked at in turn."""
    before = page.viewport_size or {"width": 1440, "height": 900}
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": before["height"]})
        # Without motion: colours that are still on their way from light to dark are nobody's.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wide = int(page.evaluate("document.documentElement.scrollWidth")) > width
        found += [f"{width} {scheme}: {one}" for one in [*audit(page), *(["too wide"] if wide else [])]]
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def test_axe_finds_nothing(visit: Callable[..., Visit], story: Story) -> None:
    window = visit()
    page = window.go("/sign-in")
    found = {"sign-in": audit_looks(page)}
    window.sign_in()
    for name in PAGES:
        page = window.go(address(story, name))
        found[name] = audit_looks(page)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_axe_finds_nothing_while_updates_are_paused(petra: Visit, story: Story) -> None:
    page = petra.go(story.path)
    expect(page.locator(".live .said")).to_have_text("Live")
    page.locator("[data-pause-button]").click()
    expect(page.locator(".live")).to_have_attribute("data-state", "paused")
    assert audit(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_320_px_need_no_sideways_scrolling(narrow: Visit, story: Story, name: str) -> None:
    page = narrow.go(address(story, name))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"{name} is {width} px wide"
    reach = page.locator("body *").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().right > 321)"
        ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
    )
    assert reach == []


@pytest.fixture
def narrow(visit: Callable[..., Visit]) -> Visit:
    window = visit(width=320, height=640)
    window.sign_in()
    return window


def test_targets_are_large_enough(narrow: Visit, story: Story) -> None:
    """24 by 24 CSS pixels, but for links within a sentence."""
    page = narrow.go(story.path)
    small = page.locator("a:not(p a, td.why a, dd a), button, summary, select, label.check").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
    )
    assert small == []


def test_the_whole_way_without_script(visit: Callable[..., Visit], story: Story) -> None:
    """Sign in, search, filter, rearrange, open a folded group, mark read, choose the dark, sign out."""
    window = visit(script=False)
    page = window.sign_in()
    page.get_by_role("searchbox").fill("4500118236")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=story.order["number"]).click()
    expect(page.locator("h1")).to_have_text(story.order["number"])

    page.locator("#only").check()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"only=open"))
    page.locator("#status").select_option("reserved")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody.line")).to_have_count(4)
    page.get_by_role("link", name="Show all lines").click()
    page.get_by_role("link", name="By status").click()
    page.locator("#rest-awaiting_supplier a").click()
    expect(page).to_have_url(re.compile(r"open=awaiting_supplier"))
    expect(page.locator("#rest-awaiting_supplier")).to_have_count(0)

    page.get_by_role("button", name="Mark read").click()
    expect(page.locator("#since h2")).to_contain_text("Nothing new since")
    expect(page.locator("#lines-table del")).to_have_count(0)

    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    window.go(story.path)
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Forders%2F"))


def test_the_keyboard_alone_is_enough(visit: Callable[..., Visit], story: Story) -> None:
    """From the sign-in form to the reasons of a late line, with Tab, Enter and Space."""
    window = visit()
    page = window.go(f"/sign-in?next={story.path}")
    page.keyboard.type(PETRA)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{story.path}")
    expect(page.locator(".live .said")).to_have_text("Live")

    tab_to(page, "#view-arrival")
    page.keyboard.press("Enter")
    expect(page.locator("#view-arrival")).to_have_attribute("aria-current", "true")
    expect(page.locator("#view-arrival")).to_be_focused()
    expect(page).to_have_url(re.compile(r"view=arrival"))
    tab_to(page, "#only")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"only=open"))
    expect(page.locator("#only")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"


def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def is_covered(page: Page) -> bool:
    """Whether something else lies on the middle of what has the focus."""
    covered: bool = page.locator(":focus").evaluate(
        "e => { const b = e.getBoundingClientRect();"
        " const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
        " return !(e.contains(top) || top?.contains(e)); }"
    )
    return covered


def test_searching_as_one_types_keeps_the_address(petra: Visit, story: Story) -> None:
    page = petra.go("/orders")
    page.locator("#q").press_sequentially("45001182")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=45001182"))
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").fill("nothing like this")
    expect(page.locator("#list")).to_contain_text("No order fits")
    page.go_back()
    expect(page.locator("#list tbody tr")).to_have_count(1)


def test_an_arrangement_can_be_gone_back_to(petra: Visit, story: Story) -> None:
    page = petra.go(story.path)
    page.get_by_role("link", name="By line").click()
    expect(page.locator("#view-line")).to_have_attribute("aria-current", "true")
    page.locator(".legend a").first.click()
    expect(page).to_have_url(re.compile(r"view=line&status="))
    page.go_back()
    expect(page).to_have_url(re.compile(r"view=line(#lines)?$"))
    expect(page.locator(".legend [aria-current]")).to_have_count(0)


def test_nothing_comes_from_another_host_and_a_first_visit_is_small(
    visit: Callable[..., Visit], story: Story
) -> None:
    window = visit()
    window.sign_in()
    fresh = visit(storage_state=window.context.storage_state())
    loaded: dict[str, int] = {}
    fresh.page.on(
        "requestfinished",
        lambda request: loaded.update({request.url: request.sizes()["responseBodySize"]}),
    )
    page = fresh.go(story.path)
    expect(page.locator(".live .said")).to_have_text("Live")
    assert all(url.startswith(story.portal.base_url) for url in loaded), loaded
    document = loaded[story.portal.base_url + story.path]
    assert document < 30_000, f"the page is {document} bytes compressed"
    assert sum(loaded.values()) < 200_000, loaded


def test_the_layout_does_not_shift(visit: Callable[..., Visit], story: Story) -> None:
    window = visit()
    window.sign_in()
    window.context.add_init_script(
        "window.shifted = 0; new PerformanceObserver(l => l.getEntries().forEach(e => window.shifted += e.value))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page = window.go(story.path)
    expect(page.locator(".live .said")).to_have_text("Live")
    assert page.evaluate("window.shifted") < 0.01


@pytest.fixture
def printed(petra: Visit, story: Story) -> Page:
    page = petra.go(story.path)
    page.emulate_media(media="print")
    return page


def test_paper_shows_the_facts_and_no_controls(printed: Page) -> None:
    expect(printed.locator(".truth")).to_be_visible()
    expect(printed.locator("#lines-table")).to_be_visible()
    for control in (".seg", ".filter", "[data-pause-button]", ".theme", ".nav"):
        expect(printed.locator(control).first).to_be_hidden()
