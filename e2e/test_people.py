"""Whoever administers an account invites somebody, changes what they may do, shuts them out; without script, too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.conftest import PASSWORD, Story, Visit
from e2e.test_pages import audit_looks

pytestmark = pytest.mark.browser
INES = "ines.albers@nordwind.example"


@pytest.fixture(scope="module")
def ines(story: Story) -> str:
    person = {"name": "Ines Albers", "roles": ["account_admin"], "password": PASSWORD}
    story.world.put(f"accounts/NORDWIND/users/{INES}", person)
    return INES


@pytest.mark.parametrize("script", [True, False])
def test_somebody_is_invited_changed_and_shut_out(
    visit: Callable[..., Visit], ines: str, script: bool
) -> None:
    window = visit(script=script)
    window.sign_in(ines)
    page = window.go("/settings/people")
    new = f"new-{script}@nordwind.example".lower()
    page.get_by_label("E-mail address", exact=True).fill(new)
    page.locator("#name").fill(f"New {script}")
    page.get_by_label("Approver").check()
    page.get_by_label("Decides on an order up to").fill("5,000")
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("#done")).to_contain_text("They are invited")
    expect(page.get_by_role("row", name=new)).to_contain_text("decides up to £5,000.00 an order")
    page.get_by_role("link", name=f"New {script}").click()
    page.get_by_label("Buyer").check()
    page.get_by_role("button", name="Keep it so").click()
    expect(page.locator("#done")).to_contain_text("That is how it is now")
    expect(page.get_by_label("Buyer")).to_be_checked()
    page.get_by_role("button", name="Shut them out").click()
    expect(page.locator("#done")).to_contain_text("They are shut out")
    expect(page.get_by_role("button", name="Let them in again")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    visit: Callable[..., Visit], ines: str, dark: bool
) -> None:
    window = visit(width=320, dark=dark)
    window.sign_in(ines)
    page = window.go("/settings/people")
    one = page.get_by_role("link", name="Petra Vogt").get_attribute("href") or ""
    for path in ("/settings/people", one, "/settings/roles"):
        page = window.go(path)
        assert audit_looks(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
