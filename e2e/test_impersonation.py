"""Looking as a buyer, from both sides in two windows: begun by keyboard, seen live, ended by the other; and without
script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PETRA, Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from e2e.test_receiving import beyond, too_small
from tests.impersonation.looking import allow, ask, person
from tests.routes import cast
from tests.routes.conftest import _run, _supplier_person

pytestmark = pytest.mark.browser

INES = "ines@nordwind.example"
REASON = "Call about delayed seals"
Open = Callable[..., Visit]


@pytest.fixture(scope="module", autouse=True)
def _people(story: Story) -> None:
    """Amara, who looks after accounts; Ines, who administers Nordwind."""
    _run(_supplier_person(story.portal.database_url))
    who = {"name": "Ines Albers", "roles": ["account_admin"], "password": cast.PASSWORD}
    story.world.put(f"accounts/NORDWIND/users/{INES}", who)


@pytest.fixture(autouse=True)
def _themselves_again(story: Story) -> None:
    ask(
        story.portal, "update impersonation set ended_at = began_at, left_at = began_at where left_at is null"
    )
    allow(story.portal, "read")


def begin(amara: Visit, story: Story) -> Page:
    """By mouse, as far as the first page."""
    page = amara.go(f"/accounts/NORDWIND/impersonate?person={person(story.portal, PETRA)}&next={story.path}")
    page.get_by_label("Why").fill(REASON)
    page.get_by_role("button", name="Open their view").click()
    page.wait_for_url(f"**{story.path}")
    return page


def ribbon(page: Page) -> str:
    return page.locator("#ribbon").inner_text()


def test_it_is_seen_from_both_sides_and_ended_from_the_other(visit: Open, petra: Visit, story: Story) -> None:
    amara = visit()
    amara.forgives += "|htmx:sse:error"
    amara.sign_in(cast.AMARA, cast.PASSWORD)
    page = amara.go("/accounts/NORDWIND/impersonate")

    page.get_by_label(re.compile("Petra Vogt")).check()
    tab_to(page, "#reason")
    page.keyboard.type(REASON)
    tab_to(page, ".begin .submit button")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")
    page = amara.go(story.path)
    assert "see this as Petra Vogt" in ribbon(page)
    expect(page.locator("[data-countdown] b")).to_have_text(re.compile(r"^(30|29):\d\d$"))
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    assert page.get_by_role("button", name="Mark read").count() == 0
    assert audit(page) == []

    log = petra.go("/settings/access-log")
    assert "has been looking" in ribbon(log)
    expect(log.locator("#log")).to_contain_text("looks right now")
    assert audit(log) == []
    log.locator("#log h3 a").first.click()
    expect(log.locator("#looks")).to_contain_text(f"Order {story.order['number']}")
    amara.go("/invoices")
    expect(log.locator("#looks")).to_contain_text("Invoices", timeout=15_000)
    amara.go(story.path)
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    log.locator("#looks").get_by_role("button", name="End it").click()
    expect(log.locator("#ribbon")).to_have_count(0)

    page.wait_for_url("**/impersonation?*")
    expect(page.get_by_role("heading", level=1)).to_have_text("You do not look as Petra Vogt any more")
    assert audit(page) == []
    page.get_by_role("button", name="Go on as yourself").click()
    page.wait_for_url(f"**{story.path}")
    assert page.locator("#ribbon").count() == 0
    expect(page.get_by_role("link", name="Desk", exact=True)).to_be_visible()


def test_an_administrator_switches_it_off(visit: Open, story: Story) -> None:
    amara, ines = visit(), visit(width=390, dark=True)
    amara.forgives += "|htmx:sse:error"
    amara.sign_in(cast.AMARA, cast.PASSWORD)
    begin(amara, story)
    ines.sign_in(INES, cast.PASSWORD)
    page = ines.go("/settings")
    expect(page.get_by_text("Amara Cole is looking right now.")).to_be_visible()
    page.get_by_role("link", name="Who looked").click()
    page.get_by_label("Nobody").check()
    page.get_by_role("button", name="Keep it so").click()
    expect(page.locator("#done")).to_be_focused()
    assert audit(page) == []
    amara.go("/orders")
    expect(amara.page.get_by_text("Ines Albers ended it")).to_be_visible()
    amara.page.get_by_role("button", name="Go on as yourself").click()
    amara.go("/accounts/NORDWIND/impersonate")
    expect(amara.page.get_by_text("does not let anybody see what its people see")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_a_narrow_window_and_works_without_script(visit: Open, story: Story, dark: bool) -> None:
    amara = visit(width=320, height=700, script=False, dark=dark)
    amara.sign_in(cast.AMARA, cast.PASSWORD)
    page = amara.go("/accounts/NORDWIND/impersonate")
    assert beyond(page) + too_small(page) == []
    page = begin(amara, story)
    assert "Ends at" in ribbon(page)
    assert beyond(page) == []
    page = amara.go("/settings/delivery")
    expect(page.get_by_role("heading", level=1)).to_have_text("This stays with them")
    assert REASON in ribbon(page)
    assert beyond(page) == []
    hers = visit(width=320, height=700, script=False, dark=dark)
    hers.sign_in()
    log = hers.go("/settings/access-log")
    assert beyond(log) + too_small(log) == []
    log.locator("#log h3 a").first.click()
    assert beyond(log) + too_small(log) == []
    page.locator("#ribbon").get_by_role("button", name="End it").click()
    assert page.locator("#ribbon").count() == 0
