"""The credit page: well, in a group, and while the ERP is silent; by keyboard, on a phone, without script."""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, audit_looks, is_covered, tab_to
from portal.adapters.erp.sandbox import Sandbox, serve
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser

TOKEN = "what the sandbox wants to hear"
PEOPLE = {"NORTH": cast.PETRA, "QUIET": "quinn@quiet.example", "FRESH": "fay@fresh.example"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str]]:
    """An ERP, and where it answers."""
    made = Sandbox(tmp_path_factory.mktemp("erp") / "sandbox.json", TOKEN)
    server = serve(made, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal], sandbox: tuple[Sandbox, str]) -> Story:
    """NORTH draws on GROUP's limit and has an order that waits; of QUIET the ERP knows nothing; FRESH has never
    ordered."""
    portal = start_portal(environment={"PORTAL_ERP_URL": sandbox[1], "PORTAL_ERP_TOKEN": TOKEN})
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="10.00")
    world.stock("MAIN", "BOLT", 1000)
    world.account("GROUP", credit_limit="900.00", tax_status="exempt")
    world.account("NORTH", parent="GROUP", credit_limit="500.00", draws_on_parent=True, tax_status="exempt")
    world.account("QUIET", credit_source="erp", tax_status="exempt")
    world.account("FRESH", tax_status="exempt")
    for account, email in PEOPLE.items():
        person = {"name": email.split("@")[0].title(), "roles": ["buyer"], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    order = world.order("NORTH", {"BOLT": 30})
    world.ship(order, "MAIN", {1: 10})
    world.order("NORTH", {"BOLT": 40})
    world.order("QUIET", {"BOLT": 1})
    return Story(portal, world, order, "")


def enter(window: Visit, account: str = "NORTH") -> Page:
    return window.sign_in(PEOPLE[account], cast.PASSWORD)


def test_axe_finds_nothing(visit: Callable[..., Visit]) -> None:
    found = {}
    for account in PEOPLE:
        window = visit()
        enter(window, account)
        found[account] = audit_looks(window.go("/credit"))
    assert {account: violations for account, violations in found.items() if violations} == {}


@pytest.mark.parametrize("account", PEOPLE)
def test_320_px_need_no_sideways_scrolling(visit: Callable[..., Visit], account: str) -> None:
    window = visit(width=320, height=640)
    enter(window, account)
    page = window.go("/credit")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"{account} is {width} px wide"


def test_what_waits_is_one_click_away_without_script(visit: Callable[..., Visit]) -> None:
    page = enter(visit(script=False))
    page.get_by_role("link", name="Credit").click()
    expect(page.locator("#truth")).to_contain_text("may still be ordered on credit")
    expect(page.get_by_role("heading", name="Drawn on GROUP")).to_be_visible()
    waiting = page.get_by_role("region", name="Orders that wait for credit")
    expect(waiting).to_contain_text("exceed the limit of £500.00")
    waiting.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/orders/SO-"))


def test_the_keyboard_alone_is_enough(visit: Callable[..., Visit]) -> None:
    window = visit()
    enter(window)
    page = window.go("/credit")
    with page.expect_download() as loading:
        tab_to(page, "a[download]")
        page.keyboard.press("Enter")
    assert loading.value.suggested_filename.startswith("credit-NORTH-")
    expect(page.locator(".ledger tbody tr").first).to_contain_text("Shipped")
    tab_to(page, ".ledger tbody a >> nth=0")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/orders/SO-"))


def test_the_page_says_that_the_erp_is_silent(
    visit: Callable[..., Visit], sandbox: tuple[Sandbox, str]
) -> None:
    window = visit()
    enter(window, "QUIET")
    page = window.go("/credit")
    expect(page.locator("#truth")).to_contain_text("cannot be said now")
    expect(page.locator("main")).to_contain_text("The ERP does not know the account")
    figures = {"currency": "GBP", "credit_limit": "75.00", "credit_hold": False, "invoiced_unpaid": "25.00"}
    sandbox[0].know("QUIET", figures)
    page.reload()
    expect(page.locator("#truth")).to_contain_text("£50.00 may still be ordered on credit")


def test_the_sandbox_has_switches_that_a_keyboard_reaches(
    visit: Callable[..., Visit], sandbox: tuple[Sandbox, str]
) -> None:
    window = visit(base_url=sandbox[1])
    page = window.go("/")
    assert audit(page) == []
    page.get_by_label("answers after three seconds").check()
    page.get_by_role("button", name="Let it behave so").click()
    expect(page.locator("strong")).to_have_text("answers after three seconds")
    page.get_by_label("answers at once").check()
    page.get_by_role("button", name="Let it behave so").click()
    expect(page.locator("strong")).to_have_text("answers at once")
