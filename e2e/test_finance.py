"""Finance and disputes in a browser: a buyer disputes, finance looks before it credits; by keyboard, without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, audit_looks, is_covered, tab_to
from tests.finance.conftest import AMARA, PETRA, Office, furnished
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


@dataclass
class Scene:
    """Something of everything that finance looks at."""

    office: Office
    invoice: Json
    surplus: Json
    dispute: Json

    @property
    def pages(self) -> dict[str, str]:
        return {
            "board": "/finance",
            "not billed": "/finance/unbilled",
            "holds": "/finance/holds",
            "money": f"/finance/invoices/{self.invoice['number']}",
            "surplus": f"/finance/invoices/{self.surplus['number']}",
            "disputes": "/disputes",
            "dispute": f"/disputes/{self.dispute['number']}",
            "new dispute": f"/invoices/{self.invoice['number']}/dispute",
        }


@pytest.fixture(scope="module")
def scene(start_portal: Callable[..., Portal]) -> Scene:
    office = furnished(start_portal(processes=2))
    office.account("WEEKLY", invoice_terms="consolidated", consolidation="weekly")
    gathered = office.order(("BOLT", 50), account="WEEKLY")
    office.world.ship(gathered, "MAIN", {1: 20})
    held = office.order(("BOLT", 50), account="WEEKLY")
    office.world.ship(held, "MAIN", {1: 20})
    office.world.hold(held, "finance", note="May it be billed in parts?")
    invoice = office.billed(("BOLT", 40), ("NUT", 12), discount="4.00", freight="8.00")
    surplus = office.billed(("BOLT", 10))
    office.world.post(
        f"invoices/{surplus['number']}/payments", {"amount": "20.00", "received_on": "2026-11-18"}
    )
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "4"}], text="Four are missing.")
    office.world.post(f"disputes/{dispute['number']}/messages", {"text": "We are looking into it."})
    return Scene(office, invoice, surplus, dispute)


@pytest.fixture(scope="module")
def story(scene: Scene) -> Story:
    """What the windows of these tests belong to."""
    return Story(scene.office.portal, scene.office.world, {"number": ""}, "")


@pytest.fixture
def enter(visit: Open) -> Open:
    """`enter(who=…, width=…)`: somebody, signed in."""

    def signed_in(who: str = AMARA, **window: object) -> Visit:
        made = visit(**window)
        made.sign_in(who, cast.PASSWORD)
        return made

    return signed_in


def test_axe_finds_nothing(enter: Open, scene: Scene) -> None:
    found = {}
    for who in (AMARA, PETRA):
        window = enter(who)
        for name, path in scene.pages.items():
            if who == AMARA or not path.startswith("/finance"):
                found[who, name] = audit_looks(window.go(path))
    assert {page: violations for page, violations in found.items() if violations} == {}


def test_axe_finds_nothing_where_something_is_wrong_or_to_be_confirmed(enter: Open, scene: Scene) -> None:
    window = enter()
    page = window.go(scene.pages["money"])
    page.get_by_label("Received GBP").fill("9999")
    page.get_by_role("button", name="Record the payment").click()
    expect(page.get_by_role("alert")).to_contain_text("more than is due")
    found = audit(page)
    page.get_by_label("Credit of line 1, BOLT").fill("99")
    page.get_by_label("What the credit note says").fill("Short")
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.get_by_role("alert")).to_contain_text("99 wanted")
    found += audit(page)
    page = window.go(scene.pages["dispute"])
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.get_by_role("button", name="Issue the credit note")).to_be_focused()
    found += audit(page)
    assert found == []


def test_320_px_need_no_sideways_scrolling(enter: Open, scene: Scene) -> None:
    widths = {}
    for who in (AMARA, PETRA):
        window = enter(who, width=320, height=640)
        for name, path in scene.pages.items():
            if who == AMARA or not path.startswith("/finance"):
                widths[who, name] = window.go(path).evaluate("document.documentElement.scrollWidth")
    assert {page: width for page, width in widths.items() if width > 320} == {}


def dispute(page: Page, invoice: Json, quantity: str = "2") -> str:
    """Open one from the invoice's own page; answers its number."""
    page.goto(f"{page.url.split('/orders')[0]}/invoices/{invoice['number']}")
    page.get_by_role("link", name="Something is wrong with it").click()
    page.get_by_label("Damaged").check()
    page.get_by_label("So much of line 1, BOLT, is wrong").fill(quantity)
    page.get_by_label("In your words").fill("The threads are bent.")
    page.get_by_role("button", name="Open the dispute").click()
    expect(page.locator("#done")).to_contain_text("The dispute is open")
    found = re.search(r"DI-\d{4}-\d{6}", page.locator("#done").inner_text())
    assert found is not None
    return found[0]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_buyer_disputes_and_finance_credits_what_it_was_shown(
    enter: Open, scene: Scene, script: bool
) -> None:
    invoice = scene.office.billed(("BOLT", 40))
    buyer = enter(PETRA, script=script).page
    number = dispute(buyer, invoice)
    page = enter(script=script).go("/finance")
    page.get_by_role("link", name=number).click()
    expect(page.locator("#truth")).to_contain_text("Petra Vogt disputes 2 pcs of line 1: damaged.")
    expect(page.locator("main")).to_contain_text("The threads are bent.")
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.locator(".tally .sum")).to_contain_text("£2.40")
    page.get_by_role("button", name="Issue the credit note over £2.40").click()
    expect(page.locator("#done")).to_contain_text("The dispute is settled by CN-")
    buyer.reload()
    expect(buyer.locator("#truth")).to_contain_text("Credited by CN-")


def test_the_keyboard_alone_is_enough(enter: Open, scene: Scene) -> None:
    invoice = scene.office.billed(("BOLT", 40))
    window = enter()
    page = window.go(f"/finance/invoices/{invoice['number']}/payment")
    expect(page.get_by_label("Received GBP")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#done")).to_contain_text("Recorded: £10.00 received")
    page = window.go("/finance/holds")
    tab_to(page, ".ways-out button >> nth=0")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("is lifted")


def test_what_waits_is_two_clicks_from_the_desk(enter: Open, scene: Scene) -> None:
    page = enter().go("/desk")
    page.get_by_role("link", name="Finance", exact=True).click()
    row = page.get_by_role("region", name="Paid too much")
    row.get_by_role("link", name=scene.surplus["number"]).click()
    expect(page.get_by_role("heading", name="Pay the surplus back")).to_be_visible()
