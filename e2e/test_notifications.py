"""What somebody hears of by mail, whether that reaches them, and their calendar; by keyboard and without script."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import asyncpg
import httpx
import icalendar
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from portal import stop_links
from portal.adapters.children import free_port
from portal.adapters.mailbox import Mailbox, Receiver
from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser
NOTIFICATIONS, CALENDAR = "/settings/notifications", "/settings/calendar"


@dataclass
class Written(Story):
    """Somebody who is written to, and the mail server that takes it."""

    box: Mailbox

    def stop_link(self, *kinds: str) -> str:
        # Petra is the first person there is.
        return stop_links.path(self.portal.settings.secret_key, 1, kinds)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox(tmp_path_factory.mktemp("mail") / "box")
    mailbox.directory.mkdir()
    server = Controller(Receiver(mailbox), hostname="127.0.0.1", port=free_port())
    server.start()
    yield mailbox, server.port
    server.stop()


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal], box: tuple[Mailbox, int]) -> Written:
    environment = {"PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(box[1])}
    portal = start_portal(worker=True, environment=environment)
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", "SEAL")
    world.stock("MAIN", "BOLT", 100)
    world.account("NORTH")
    person = {"name": "Petra Vogt", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/NORTH/users/{cast.PETRA}", person)
    now(employ(portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SEAL", 50, "2026-11-25")])
    order = world.order("NORTH", {"BOLT": 10, "SEAL": 5}, purchase_order_number="45-1")
    return Written(portal, world, order, "", box[0])


@pytest.fixture
def petra(visit: Callable[..., Visit]) -> Visit:
    """Signed in, at a desk."""
    made = visit()
    made.sign_in(cast.PETRA, cast.PASSWORD)
    return made


@pytest.fixture
def _unreachable(story: Written) -> Iterator[None]:
    """A mail to her has come back."""
    mail = first_mail(story)
    story.world.post("mail-bounces", {"mail": mail, "kind": "hard", "detail": "550 5.1.1 no such user"})
    yield
    now(forget(story.portal.database_url))


def first_mail(story: Written) -> str:
    async def find() -> str:
        conn = await asyncpg.connect(story.portal.database_url)
        found = await conn.fetchval(
            """insert into mail (key, kind, person_id, state, due_at) values (gen_random_uuid()::text, 'test', 1,
               'sent', now()) returning id"""
        )
        await conn.close()
        return str(found)

    found: str = now(find())
    return found


async def forget(url: str) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute("update person set mail_problem = null, mail_problem_at = null")
    await conn.close()


def make_calendar(page: Page, name: str) -> str:
    page.get_by_label("Name", exact=False).fill(name)
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#done")).to_be_focused()
    return page.get_by_label("Secret address").input_value()


def test_she_chooses_by_keyboard_and_it_is_kept(petra: Visit) -> None:
    page = petra.go(NOTIFICATIONS)
    expect(page.locator(".truth")).to_have_text("12 kinds of news come at once; 8 come daily at 07:00.")
    tab_to(page, "[name=how-promise_moved]:checked")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[name=how-promise_moved][value=digest]")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=whose-promise_moved]")).to_have_value("account")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"
        if page.locator(":focus").inner_text() == "Keep":
            break
    page.keyboard.press("Enter")

    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#done h2")).to_have_text("It is kept")
    expect(page.locator(".truth")).to_have_text("11 kinds of news come at once; 9 come daily at 07:00.")
    expect(page.locator("[name=whose-promise_moved]")).to_have_value("account")
    page.get_by_role("button", name="As my role has it").click()
    expect(page.locator(".truth")).to_have_text("12 kinds of news come at once; 8 come daily at 07:00.")


def test_without_script_she_reads_german_at_six_in_lima(visit: Callable[..., Visit]) -> None:
    window = visit(script=False)
    window.sign_in(cast.PETRA, cast.PASSWORD)
    page = window.go("/settings")
    page.get_by_role("link", name="Notifications").click()
    page.get_by_label("Language of pages and mail").select_option("de")
    page.get_by_label("The daily mail comes at").select_option("06:00")
    page.get_by_label("Time zone").select_option("America/Lima")
    page.get_by_role("button", name="Keep how you read").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    expect(page.locator("#time_zone")).to_have_value("America/Lima")
    page.locator("#locale").select_option("en")
    page.locator("#hour").select_option("7")
    page.locator("#time_zone").select_option("")
    page.locator("form[action$=reading] button").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))


def test_the_link_in_a_mail_stops_it_without_signing_in(visit: Callable[..., Visit], story: Written) -> None:
    window = visit(script=False)
    page = window.go(story.stop_link("shipped", "delivered"))
    expect(page.get_by_role("heading", level=1)).to_have_text("No more of these mails?")
    page.get_by_role("button", name="Stop these mails").click()
    expect(page.locator("#done h2")).to_have_text("You get no more of these mails")
    expect(page.locator("#done .stops li")).to_have_text(["Shipped", "Delivered"])
    window.sign_in(cast.PETRA, cast.PASSWORD)
    page = window.go(NOTIFICATIONS)
    expect(page.locator("[name=how-shipped][value=never]")).to_be_checked()
    page.get_by_role("button", name="As my role has it").click()
    expect(page.locator("[name=how-shipped][value=at_once]")).to_be_checked()


def test_a_test_mail_arrives(petra: Visit, story: Written) -> None:
    page = petra.go(NOTIFICATIONS)
    before = set(story.box.names())
    page.get_by_role("button", name="Send me a test mail").click()
    expect(page.locator("#done h2")).to_have_text("A mail is on its way to petra@nordwind.example")
    for _ in range(100):
        if arrived := set(story.box.names()) - before:
            break
        page.wait_for_timeout(200)
    message = story.box.message(arrived.pop())
    assert message is not None
    assert message["subject"] == "Mail from Harrow & Pike reaches you"


@pytest.mark.usefixtures("_unreachable")
def test_every_page_says_that_mail_comes_back_until_she_says_that_it_works(
    petra: Visit, story: Written
) -> None:
    page = petra.go(story.path)
    banner = page.get_by_role("note").filter(has_text="Mail to you comes back")
    expect(banner).to_be_visible()
    banner.get_by_role("link").click()
    expect(page.locator("#mail-problem")).to_contain_text("550 5.1.1 no such user")
    page.get_by_role("button", name="It works again").click()
    expect(page.locator("#done h2")).to_have_text("We write to petra@nordwind.example again")
    page = petra.go(story.path)
    expect(banner).to_have_count(0)


def test_from_arrivals_to_a_calendar_and_off_again_without_script(
    visit: Callable[..., Visit], story: Written
) -> None:
    window = visit(script=False)
    window.sign_in(cast.PETRA, cast.PASSWORD)
    page = window.go("/arrivals")
    page.get_by_role("link", name="Subscribe in a calendar").click()
    address = make_calendar(page, "For the yard")
    link = page.get_by_role("link", name="Subscribe on this device").get_attribute("href")
    assert link == address.replace("http://", "webcal://")

    read = httpx.get(address, trust_env=False)
    entries = icalendar.Calendar.from_ical(read.content).walk("VEVENT")
    assert {str(one["url"]).partition("/orders/")[2].partition("?")[0] for one in entries} == {
        story.order["number"]
    }
    assert len(entries) == 2
    page = window.go(CALENDAR)
    row = page.get_by_role("listitem").filter(has_text="For the yard")
    expect(row).to_contain_text("last read")
    row.get_by_role("button", name="Turn off").click()
    expect(page.locator("#done h2")).to_have_text("The calendar is turned off")
    assert httpx.get(address, trust_env=False).status_code == 410


@pytest.mark.usefixtures("_unreachable")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_pages_are_open_to_everybody(
    visit: Callable[..., Visit], story: Written, width: int, dark: bool
) -> None:
    """axe finds nothing, nothing is wider than the window, and targets are large enough."""
    window = visit(width=width, dark=dark)
    found = {}

    def look(name: str, page: Page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        small = page.locator("main :is(button, select, input, a:not(p a))").evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.type !== 'hidden')"
            ".map(e => [e.outerHTML.slice(0, 90), (e.closest('label') || e).getBoundingClientRect()])"
            ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"
        )
        found[name] = [*audit(page), *(["too wide"] if wide else []), *small]

    look("a link that stops", window.go(story.stop_link("shipped")))
    look("a link that stops nothing", window.go("/unsubscribe/nothing"))
    window.sign_in(cast.PETRA, cast.PASSWORD)
    for path in ("/settings", NOTIFICATIONS, CALENDAR, "/arrivals"):
        look(path, window.go(path))
    page = window.go(CALENDAR)
    make_calendar(page, f"{width}{dark}")
    look("the address", page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_suppliers_people_find_their_language(visit: Callable[..., Visit]) -> None:
    window = visit()
    window.sign_in(cast.DEV, cast.PASSWORD)
    page = window.go("/desk")
    page.get_by_role("link", name=re.compile("Settings")).click()
    page.get_by_role("link", name="Notifications").click()
    expect(page.get_by_label("Language of pages and mail")).to_have_value("en")
    assert audit(page) == []
