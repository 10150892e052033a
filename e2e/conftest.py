"""A real browser in front of a real portal: the story of the 38 lines, and Petra, who bought them.

Whatever the console complains about fails the test: a violation of the content policy above all. The policy stays on,
so nothing here may use eval in the page: wait with locators, not with functions.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from portal.stories import thirty_eight_lines
from tests.portals import Portal
from tests.scenarios.driver import Json, World
from tests.scenarios.telling import take

PETRA = "petra@nordwind.example"
PASSWORD = "a long password for petra"
# What a browser writes by itself when an answer is an error that the test asked for.
EXPECTED = "Failed to load resource"
LOST = f"{EXPECTED}|sse:error|htmx:error|Failed to fetch"


@dataclass
class Story:
    """The order of 38 lines in its six situations, on a running portal."""

    portal: Portal
    world: World
    order: Json
    hold: str

    @property
    def path(self) -> str:
        return f"/orders/{self.order['number']}"


@dataclass
class Visit:
    """A person at a browser window."""

    context: BrowserContext
    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)
    # What the test itself brings about, and the browser may therefore say.
    forgives: str = EXPECTED

    def go(self, path: str) -> Page:
        self.page.goto(self.base_url + path)
        return self.page

    def sign_in(self, email: str = PETRA, password: str = PASSWORD) -> Page:
        page = self.go("/sign-in?next=/orders")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/orders")
        return page

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not re.search(self.forgives, message.text):
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one file: while it is there a loop runs in this thread, and no asynchronous test of another file could."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser, story: Story) -> Iterator[Callable[..., Visit]]:
    """`visit(width=1440, dark=False, script=True)` opens a window; in the end nobody may have complained."""
    visits: list[Visit] = []

    def open_window(
        *,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
        base_url: str = story.portal.base_url,
        **more: Any,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            **({"locale": "en-GB"} | more),
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        made = Visit(context, page, base_url)
        page.on("console", made.hear)
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        visits.append(made)
        return made

    yield open_window
    for one in visits:
        one.context.close()
    assert [complaint for one in visits for complaint in one.complaints] == []


@pytest.fixture
def petra(visit: Callable[..., Visit]) -> Visit:
    """Signed in, at a desk."""
    made = visit()
    made.sign_in()
    return made


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Story:
    """Each file of journeys tells the story anew: what is shipped in one is not missing in another."""
    return tell(start_portal(processes=2))


def tell(portal: Portal) -> Story:
    """Up to the finance hold, all on one morning; then the first parcel leaves."""
    world = World(portal)
    for step in thirty_eight_lines.STORY.steps[:4]:
        take(world, step)
    order = world.the("presses")
    package = {"tracking_number": "NP4471193310", "tracking_url": "https://track.example/NP4471193310"}
    world.ship(
        order, "MAIN", {1: 40, 2: 40, 3: 40, 6: 20}, mode="parcel", carrier="Northline", packages=[package]
    )
    people = "accounts/NORDWIND/users"
    world.put(f"{people}/{PETRA}", {"name": "Petra Vogt", "roles": ["buyer"], "password": PASSWORD})
    return Story(portal, world, order, world.known["money"])
