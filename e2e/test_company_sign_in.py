"""A company connects its own sign-in, and its people come in by it: in a real browser, against a real provider."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from e2e.conftest import Visit, browser, playwright
from e2e.test_pages import audit_looks
from portal.db.pool import open_pool
from portal.operations import people
from tests.company_sign_in.companies import INES, RUTH, companies
from tests.company_sign_in.providers import CLIENT, SECRET, Running, provider
from tests.portals import Portal

__all__ = ["browser", "playwright"]
pytestmark = pytest.mark.browser
PASSWORD = "a long password for everybody"
# The provider's own pages load a font from far away, and a login form answers 422 on purpose.
FORGIVES = "Failed to load resource"


@pytest.fixture(scope="module")
def nordwind(portal: Portal) -> Iterator[Running]:
    async def found() -> None:
        async with await open_pool(portal.database_url, size=1) as pool:
            await companies(pool)
            await pool.execute("update person set password_hash = $1", people.hasher.hash(PASSWORD))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, found()).result()
    with provider(portal.base_url, "NORDWIND") as running:
        yield running


@pytest.fixture
def visit(browser: Browser, portal: Portal) -> Iterator[Any]:
    """New windows of people who do not know each other."""
    opened: list[Visit] = []

    def new(width: int = 1280) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 800})
        made = Visit(context, context.new_page(), portal.base_url, forgives=FORGIVES)
        made.page.on("console", made.hear)
        opened.append(made)
        return made

    yield new
    complaints = [one for visit in opened for one in visit.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []


def at_the_provider(page: Page, nordwind: Running, who: str) -> None:
    page.wait_for_url(f"{nordwind.issuer}/**")
    page.locator("[name=login]").fill(who)
    page.locator("[name=password]").fill("x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_company_connects_its_sign_in_and_its_people_come_in_by_it(
    visit: Any, portal: Portal, nordwind: Running
) -> None:
    ines, ruth, nora = visit(), visit(), visit()
    page = ines.sign_in(INES, PASSWORD)
    ines.go("/settings/sign-in")
    page.get_by_label("Issuer").fill(nordwind.issuer)
    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_label("Mail domains").fill("nordwind.example")
    page.get_by_label("Claim that names roles").fill("groups")
    page.get_by_label("What its values mean").fill("Buying = buyer\nIT = account_admin")
    page.get_by_label("Whoever comes for the first time").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("heading", name="Your provider is kept").wait_for()
    page.get_by_role("link", name="Try it out").click()
    at_the_provider(page, nordwind, "ines")
    page.get_by_role("heading", name="It works").wait_for()
    assert page.get_by_text("We have yet to confirm that nordwind.example is yours").is_visible()

    admin = ruth.sign_in(RUTH, PASSWORD)
    ruth.go("/accounts/NORDWIND")
    admin.get_by_role("button", name="Confirm that they are").click()
    admin.get_by_role("heading", name="Kept").wait_for()

    ines.go("/settings/sign-in")
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("heading", name="It is switched on").wait_for()

    # The policy of our pages lets no form lead elsewhere: a page of ours does.
    guest = nora.go("/sign-in")
    guest.get_by_role("link", name="Sign in with your company").click()
    guest.get_by_label("E-mail").fill("nora@nordwind.example")
    guest.get_by_role("button", name="Continue").click()
    at_the_provider(guest, nordwind, "nora")
    guest.wait_for_url(f"{portal.base_url}/today")
    assert guest.locator(".who b").inner_text() == "Nora Feld"
    guest.get_by_role("button", name="Sign out").click()
    guest.wait_for_url(f"{nordwind.issuer}/session/end**")
    nora.go("/today")
    guest.wait_for_url("**/sign-in?next=%2Ftoday")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    visit: Any, portal: Portal, nordwind: Running
) -> None:
    ines, guest = visit(width=320), visit(width=320)
    ines.sign_in(INES, PASSWORD)
    for window, path in (
        (guest, "/sign-in/company"),
        (guest, "/sign-in/company/NOBODY"),
        (guest, "/sign-in/company/callback"),
        (ines, "/settings/sign-in"),
        (ines, "/settings/sign-in?account=NORDWIND-HULL"),
    ):
        page = window.go(path)
        assert audit_looks(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
