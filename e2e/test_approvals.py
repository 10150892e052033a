"""Deciding in a browser: by keyboard, without script, on a phone; two who collide; the order's page follows."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, audit_looks, is_covered, tab_to
from tests.approvals_pages.office import ANNA, FINN, KLAUS, Office, furnish
from tests.portals import Portal
from tests.routes import cast

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(start_portal: Callable[..., Portal]) -> Office:
    return furnish(start_portal(processes=2, worker=True))


@pytest.fixture(scope="module")
def story(office: Office) -> Story:
    """What the windows of `visit` look at."""
    return Story(office.portal, office.world, {}, "")


def sign_in(window: Visit, email: str) -> Page:
    return window.sign_in(email, cast.PASSWORD)


@pytest.fixture
def klaus(visit: Callable[..., Visit]) -> Visit:
    made = visit()
    sign_in(made, KLAUS)
    return made


def test_the_inbox_says_what_waiting_costs_and_a_decision_takes_two_keys(
    klaus: Visit, office: Office
) -> None:
    """From the inbox to the order, by keyboard alone."""
    order, path = office.asked({"BOLT": 2000, "SEAL": 10}, purchase_order_number="45-KEYS")
    page = klaus.go("/approvals?q=45-KEYS")
    row = page.locator("tbody.ask")
    expect(row.locator(".cost")).to_contain_text("the promise of 1 line moves")
    expect(row.locator("[data-until]")).to_have_text("in 2 days")
    tab_to(page, ".asks .go")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Order {order['number']}")
    tab_to(page, "#comment")
    page.keyboard.type("For the new hall.")
    tab_to(page, "#decision .btn.first")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Approve £2,424.00?")
    tab_to(page, ".confirm .btn.first")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("You have approved it")
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator(".chain")).to_contain_text("Klaus Brandt approved")
    assert office.state(order) == "open"
    assert path in page.url


def test_the_orders_page_follows_each_decision(
    visit: Callable[..., Visit], klaus: Visit, office: Office
) -> None:
    order, path = office.asked({"BOLT": 12_000})
    window = visit()
    sign_in(window, cast.PETRA)
    page = window.go(f"/orders/{order['number']}")
    expect(page.locator(".live .said")).to_have_text("Live")
    expect(page.locator("#approval")).to_contain_text("It waits for Klaus Brandt, in step 1 of 2.")
    page.locator("#view-line").focus()
    decide(klaus.go(path), "Approve £14,400.00")
    expect(page.locator("#approval")).to_contain_text("It waits for Finn Lund, in step 2 of 2.")
    finn = visit()
    sign_in(finn, FINN)
    decide(finn.go(path), "Approve £14,400.00")
    expect(page.locator("#approval")).to_be_hidden()
    expect(page.locator("#order-head .state")).to_have_text("Open")
    expect(page.locator("#approvals")).to_contain_text("Finn Lund approved")
    expect(page.locator("#line-1")).to_contain_text("Ready to ship")
    expect(page.locator("#view-line")).to_be_focused()


def decide(page: Page, button: str) -> None:
    """Press it here, and once more on the page that asks."""
    page.get_by_role("button", name=button).click()
    expect(page.locator(".confirm")).to_be_visible()
    page.locator(".confirm .btn.first").click()


def test_two_approvers_collide_in_words(visit: Callable[..., Visit], klaus: Visit, office: Office) -> None:
    order, path = office.asked({"PUMP": 1})
    window = visit()
    sign_in(window, ANNA)
    annas, page = window.go(path), klaus.go(path)
    annas.get_by_label("Comment").fill("Not this year.")
    annas.get_by_role("button", name="Reject").click()
    decide(page, "Approve £480.00")
    expect(page.locator("#done")).to_contain_text("You have approved it")
    annas.get_by_role("button", name=re.compile("Reject SO-")).click()
    expect(annas.locator("#refused")).to_contain_text("That was not done")
    expect(annas.locator("#refused")).to_contain_text("Klaus Brandt")
    expect(annas.locator("#refused")).to_be_focused()
    expect(annas.locator(".thread")).to_contain_text("Klaus Brandt approved")
    assert office.state(order) == "open"


def test_many_are_ticked_and_each_says_what_became_of_it(klaus: Visit, office: Office) -> None:
    for quantity in (1201, 1202, 1203):
        office.asked({"BOLT": quantity}, purchase_order_number=f"45-MANY-{quantity}")
    page = klaus.go("/approvals?q=45-MANY")
    page.get_by_label("Select all on this page").check()
    page.locator("tbody.ask").nth(2).get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.locator("h1")).to_have_text("Approve 2 requests?")
    assert audit(page) == []
    page.get_by_role("button", name=re.compile("Approve 2 requests, £2,883.60")).click()
    expect(page.locator("#run-said")).to_have_text("Finished: 2 done.")
    expect(page.locator(".outcomes tbody tr")).to_have_count(2)
    expect(page.locator(".outcomes tbody tr").first).to_contain_text(re.compile("Done.*Approved"))
    assert audit(page) == []


def test_the_whole_way_without_script(visit: Callable[..., Visit], office: Office) -> None:
    """Ask, answer, take lines out, approve under a condition, change: only forms and links."""
    order, path = office.asked({"BOLT": 12_000, "NUT": 20, "SEAL": 10}, purchase_order_number="45-PLAIN")
    window = visit(script=False)
    page = sign_in(window, KLAUS)
    page = window.go("/approvals")
    page.get_by_role("searchbox").last.fill("45-PLAIN")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_role("link", name="What waiting costs").click()
    expect(page.locator("#waiting")).to_contain_text("If not approved by Thu 19 Nov")
    page.get_by_role("button", name="Ask a question").click()
    expect(page.locator("#comment-p")).to_have_text("Write what you want to know.")
    page.get_by_label("Comment").fill("Why nuts?")
    page.get_by_role("button", name="Ask a question").click()
    expect(page.locator("#done")).to_contain_text("Your question is on its way")

    buyer = visit(script=False)
    sign_in(buyer, cast.PETRA)
    asked = buyer.go("/today")
    asked.locator("#needs").get_by_role("link", name="Answer").click()
    expect(asked.locator("#answer")).to_contain_text("Why nuts?")
    asked.get_by_label("Your answer").fill("By mistake.")
    asked.get_by_role("button", name="Send the answer").click()
    expect(asked.locator(".thread")).to_contain_text("By mistake.")

    page = window.go(path)
    page.get_by_label("Take out line 2, NUT").check()
    page.get_by_label("Comment").fill("Without the nuts.")
    page.get_by_role("button", name="Take the ticked lines out").click()
    expect(page.locator(".confirm")).to_contain_text("NUT")
    page.get_by_role("button", name="Take them out").click()
    expect(page.locator("#done")).to_contain_text("You have taken line 2 out")
    page.get_by_text("Approve only under a condition").click()
    page.get_by_label("Up to a total of").fill("16000")
    decide(page, "Approve £14,424.00")
    expect(page.locator(".chain")).to_contain_text("up to £16,000.00")

    asked = buyer.go(path)
    asked.get_by_role("link", name="Change the order").click()
    asked.get_by_label("Quantity of line 1, BOLT").fill("13000")
    asked.get_by_role("button", name="Change the order").click()
    expect(asked.locator("h1")).to_have_text(f"Order {order['number']}")
    expect(asked.locator(".chain")).to_contain_text("Klaus Brandt approved")
    expect(asked.locator(".title")).to_contain_text("£15,624.00")


def test_axe_finds_nothing(visit: Callable[..., Visit], office: Office) -> None:
    order, path = office.asked({"BOLT": 12_000, "SEAL": 10})
    over, ended = office.asked({"BOLT": 1300})
    office.decide(path, KLAUS, "ask", comment="Which hall?")
    office.decide(ended, KLAUS, "reject", comment="We have enough.")
    seen = {
        KLAUS: ["/approvals", "/approvals?show=decided", "/approvals?q=nothing", path, ended, "/today"],
        cast.PETRA: [
            "/approvals", path, f"/orders/{order['number']}", f"/orders/{over['number']}",
            f"/orders/{order['number']}/changes", "/today",
        ],
        cast.DEV: ["/approvals", path],
    }  # fmt: skip
    found = {}
    for email, pages in seen.items():
        window = visit()
        sign_in(window, email)
        for address in pages:
            page = window.go(address)
            found[email, address] = audit_looks(page)
    assert {at: violations for at, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling(visit: Callable[..., Visit], office: Office) -> None:
    _order, path = office.asked(
        {"BOLT": 12_000, "SEAL": 10}, purchase_order_number="4500118236-A-LONG-NUMBER"
    )
    window = visit(width=320, height=640)
    sign_in(window, KLAUS)
    for address in ("/approvals", path):
        page = window.go(address)
        reach = page.locator("body *").evaluate_all(
            "all => all.filter(e => e.getBoundingClientRect().right > 321)"
            ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
        )
        assert reach == [], address
        small = page.locator(
            "main a:not(p a, .fact a), main button, main summary, main select, main label.check"
        ).evaluate_all(
            "all => all.filter(e => e.checkVisibility())"
            ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
            ".filter(([, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
        )
        assert small == [], address
