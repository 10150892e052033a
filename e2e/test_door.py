"""The door in a browser: a forgotten password by keyboard, an invitation without script, and sessions that end next
door."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit_looks
from portal import clock
from portal.adapters.children import free_port
from portal.adapters.mailbox import Mailbox, Receiver
from portal.db.pool import open_pool
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import inviting
from tests.desk.floor import now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser
VERA = "vera@north.example"
NILS = "nils@north.example"
FRESH = "four walls around a garden"
PATIENCE = 30_000
Open = Callable[..., Visit]


@dataclass
class Street(Story):
    """A portal, and the mailboxes of its people."""

    box: Mailbox

    def key(self, page: Page, email: str) -> str:
        """The address of the key that was mailed to somebody; waits until it is there."""
        for _ in range(300):
            for name in self.box.names():
                message = self.box.message(name)
                body = message.get_body(["plain"]) if message and email in str(message["to"]) else None
                if body is not None and (found := re.search(r"(/enter/\S+)", body.get_content())):
                    return found[1]
            page.wait_for_timeout(100)
        raise AssertionError(f"no key has come for {email}")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox(tmp_path_factory.mktemp("mail") / "box")
    mailbox.directory.mkdir()
    server = Controller(Receiver(mailbox), hostname="127.0.0.1", port=free_port())
    server.start()
    yield mailbox, server.port
    server.stop()


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal], box: tuple[Mailbox, int]) -> Street:
    environment = {"PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(box[1])}
    portal = start_portal(worker=True, environment=environment)
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 100)
    world.account("NORTH")
    person = {"name": "Vera Lund", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/NORTH/users/{VERA}", person)
    return Street(portal, world, world.order("NORTH", {"BOLT": 10}), "", box[0])


async def invite(database_url: str) -> None:
    viewer = Viewer(VERA, "Vera Lund", ("NORTH",), frozenset({"people:write"}), email=VERA)
    async with await open_pool(database_url, size=1) as pool:
        await clock.refresh(pool)
        async with Work(pool, actor=VERA) as work:
            await inviting.invite(work, viewer, "NORTH", NILS, "Nils Holm", ["buyer"])


def test_a_forgotten_password_is_replaced_by_keyboard(visit: Open, story: Street) -> None:
    page = visit().go("/sign-in")
    assert audit_looks(page) == []
    page.get_by_label("E-mail").fill(VERA)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=re.compile("Forgotten"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Forgotten password")).to_be_visible()
    assert audit_looks(page) == []
    page.keyboard.type(VERA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    assert audit_looks(page) == []

    page.goto(story.portal.base_url + story.key(page, VERA))
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    page.keyboard.type("vera vera vera")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Take another one")
    assert audit_looks(page) == []
    page.keyboard.type(FRESH)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Your password is set")).to_be_visible()
    page.get_by_label("E-mail").fill(VERA)
    page.get_by_label("Password").fill(FRESH)
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")


def test_whoever_is_invited_comes_in_without_script(
    visit: Open, story: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_ahead", timedelta())  # what is read for this is forgotten afterwards
    now(invite(story.portal.database_url))
    page = visit(width=390, dark=True, script=False).go("/sign-in")
    path = story.key(page, NILS)
    page.goto(story.portal.base_url + path)
    expect(page.get_by_role("heading", name="Welcome, Nils Holm")).to_be_visible()
    page.get_by_label("Password").fill(FRESH)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/today")
    page.goto(story.portal.base_url + path)
    expect(page.get_by_text("It was used already")).to_be_visible()


def test_an_open_page_notices_that_its_session_was_ended_next_door(visit: Open, story: Street) -> None:
    story.world.put(
        f"accounts/NORTH/users/{VERA}", {"name": "Vera Lund", "roles": ["buyer"], "password": cast.PASSWORD}
    )
    here, there = visit(), visit(width=390)
    there.forgives += "|sse:error|htmx:error|Failed to fetch"
    there.sign_in(VERA, cast.PASSWORD)
    page = there.go(story.path)
    expect(page.locator("main")).to_contain_text("BOLT")

    here.sign_in(VERA, cast.PASSWORD)
    mine = here.go("/settings/sessions")
    rows = mine.locator("section:has(#all-h) li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("this one")
    assert audit_looks(mine) == []
    mine.get_by_role("button", name="End it").click()
    expect(mine.get_by_role("heading", name="1 session has ended")).to_be_visible()
    expect(rows).to_have_count(1)

    page.reload()
    page.wait_for_url("**/sign-in?*", timeout=PATIENCE)
