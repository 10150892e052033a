"""A buyer looks at the order while the world moves: the page follows, and nobody has to reload."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import LOST, PASSWORD, Story, Visit
from e2e.wire import wire

pytestmark = pytest.mark.browser


def blocks(page: Page) -> list[str]:
    """The ids of the table's bodies from top to bottom."""
    ids: list[str] = page.locator("#lines-table > tbody").evaluate_all("all => all.map(one => one.id)")
    return ids


def table(page: Page) -> str:
    """The table as it stands, without what scripts leave on it."""
    html: str = page.locator("#lines-table").evaluate("table => table.outerHTML")
    html = re.sub(r'<tbody id="([^"]*)" class="([^"]*)"', r'<tbody class="\2" id="\1"', html)
    html = re.sub(r' data-htmx-powered="[^"]*"|\s?\bjust\b|\s?htmx-\w+', "", html)
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html))


def live(visit: Visit, story: Story, query: str = "") -> Page:
    page = visit.go(story.path + query)
    expect(page.locator(".live .said")).to_have_text("Live")
    return page


def test_a_shipped_line_changes_before_the_buyers_eyes(petra: Visit, story: Story) -> None:
    page = live(petra, story, "?open=ready")
    line = page.locator("#line-7")
    expect(line).to_contain_text("Ready to ship")
    line.evaluate("line => { window.seen = line; }")
    page.locator("#view-line").focus()

    story.world.ship(story.order, "MAIN", {7: 10}, carrier="Northline")

    expect(line).to_contain_text("In 2 parts: 10 shipped, 30 still to come")
    expect(page.locator("#news")).to_have_text(
        re.compile(r"Line 7: 10 shipped, arriving Fri 20 Nov\. Invoice INV-[\d-]+ issued\.")
    )
    assert line.evaluate("line => line === window.seen"), "the row was replaced instead of changed"
    expect(line).to_have_class(re.compile(r"\bjust\b"))
    expect(page.locator("#view-line")).to_be_focused()
    expect(page.locator("#shipments .card")).not_to_have_count(0)
    expect(page.locator("#timeline")).to_contain_text("left Leicester")


def test_a_line_that_changes_group_stands_where_a_fresh_page_would_put_it(petra: Visit, story: Story) -> None:
    page = live(petra, story, "?open=ready,shipped")
    page.locator("#line-8 .why").click()
    story.world.ship(story.order, "MAIN", {8: 40}, carrier="Northline")
    expect(page.locator("#news")).to_contain_text("Line 8: 40 shipped")
    assert blocks(page).index("line-8") > blocks(page).index("g-shipped")
    followed = table(page)
    page.reload()
    assert followed == table(page)


def test_a_focused_link_in_a_moving_line_keeps_its_focus(petra: Visit, story: Story) -> None:
    page = live(petra, story, "?view=shipment")
    link = page.locator("tbody.line a[href*='track.example']").first
    link.focus()
    story.world.ship(story.order, "MAIN", {9: 5}, carrier="Northline")
    expect(page.locator("#news")).to_contain_text("Line 9: 5 shipped")
    expect(link).to_be_focused()


@pytest.mark.parametrize("view", ["line", "status", "arrival", "shipment"])
def test_every_arrangement_follows(petra: Visit, story: Story, view: str) -> None:
    page = live(petra, story, f"?view={view}")
    before = page.locator("#news").inner_text()
    story.world.ship(story.order, "MAIN", {9: 1}, carrier="Northline")
    expect(page.locator("#news")).not_to_have_text(before)
    followed = table(page)
    page.reload()
    assert followed == table(page)


def test_many_lines_at_once_are_announced_as_a_number(petra: Visit, story: Story) -> None:
    page = live(petra, story)
    story.world.release(story.order, story.hold)
    expect(page.locator("#news")).to_contain_text("5 lines changed: 10 ready to ship")
    expect(page.locator("#holds")).to_be_hidden()
    expect(page.locator("#g-held")).to_have_count(0)


def changed(page: Page, before: str) -> str:
    """The table once it reads otherwise: what waited arrives a moment after the word "Live" does."""
    for _ in range(200):
        if (now := table(page)) != before:
            return now
        page.wait_for_timeout(50)
    raise AssertionError("the table did not change within 10 s")


def test_paused_updates_wait_and_are_counted(petra: Visit, story: Story) -> None:
    page = live(petra, story)
    button = page.locator("[data-pause-button]")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".live .said")).to_contain_text("Paused at")
    before = table(page)
    story.world.ship(story.order, "MAIN", {9: 1}, carrier="Northline")
    expect(page.locator(".live .said")).to_contain_text("1 change waiting")
    story.world.ship(story.order, "MAIN", {9: 1}, carrier="Northline")
    expect(page.locator(".live .said")).to_contain_text("2 changes waiting")
    assert table(page) == before

    page.keyboard.press("Enter")

    expect(page.locator(".live .said")).to_have_text("Live")
    expect(button).to_be_focused()
    followed = changed(page, before)
    page.reload()
    assert followed == table(page)


def test_what_happened_while_the_network_was_away_is_caught_up(
    visit: Callable[..., Visit], story: Story
) -> None:
    with wire(story.portal.base_url) as network:
        window = visit(base_url=network.base_url)
        window.forgives = LOST
        window.sign_in()
        page = live(window, story, "?open=ready")
        network.cut()
        expect(page.locator(".live .said")).to_contain_text("No connection since")
        expect(page.locator(".live")).to_have_attribute("data-state", "lost")
        # One shipment and its invoice: of more than three things it is only said that there are some.
        story.world.ship(story.order, "MAIN", {9: 4}, carrier="Northline")

        network.mend()

        expect(page.locator(".live .said")).to_have_text("Live", timeout=20_000)
        # The process that answers now may never have drawn the version that the page shows.
        expect(page.locator("#news")).to_contain_text(
            re.compile("Line 9: 4 shipped|While you were away: .*SH-")
        )
        followed = table(page)
        page.reload()
        assert followed == table(page)


def test_a_page_opened_just_before_the_network_went_comes_alive_later(
    visit: Callable[..., Visit], story: Story
) -> None:
    """The very first connection of the stream fails: it is tried again all the same."""
    with wire(story.portal.base_url) as network:
        window = visit(base_url=network.base_url)
        window.forgives = LOST
        window.sign_in()
        window.page.route("**/live?*", lambda route: route.abort())
        page = window.go(story.path)
        expect(page.locator(".live .said")).to_contain_text("No connection since", timeout=15_000)
        window.page.unroute("**/live?*")
        expect(page.locator(".live .said")).to_have_text("Live", timeout=15_000)


def test_a_server_that_dies_is_replaced_without_a_word(visit: Callable[..., Visit], story: Story) -> None:
    """Two processes serve the portal. The one with the stream is killed; the other goes on where it was."""
    window = visit()
    window.forgives = LOST
    window.sign_in()
    page = live(window, story, "?open=ready")
    for victim in story.portal.processes[:1]:
        victim.kill()
        victim.wait()
        story.portal.processes.remove(victim)
    story.world.ship(story.order, "MAIN", {9: 3}, carrier="Northline")
    expect(page.locator("#news")).to_contain_text(
        re.compile("Line 9: 3 shipped|While you were away: .*SH-"), timeout=20_000
    )
    expect(page.locator(".live .said")).to_have_text("Live", timeout=20_000)


def test_whoever_may_not_watch_any_more_is_cut_off_at_once(visit: Callable[..., Visit], story: Story) -> None:
    """His rights change while he watches: he has to sign in again before he sees another change."""
    people = "accounts/NORDWIND/users"
    story.world.put(
        f"{people}/paul@nordwind.example", {"name": "Paul", "roles": ["reader"], "password": PASSWORD}
    )
    window = visit()
    window.forgives = LOST
    window.sign_in("paul@nordwind.example")
    page = live(window, story)
    story.world.put(
        f"{people}/paul@nordwind.example", {"name": "Paul", "roles": ["finance"], "password": PASSWORD}
    )
    page.wait_for_url("**/sign-in?*")


def test_signing_out_in_one_window_ends_the_other(visit: Callable[..., Visit], story: Story) -> None:
    window = visit()
    window.forgives = LOST
    window.sign_in()
    page = live(window, story)
    other = window.context.new_page()
    other.goto(story.portal.base_url + "/orders")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in")
    page.wait_for_url("**/sign-in?*")
