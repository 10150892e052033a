"""What was billed: the list, one invoice, the statement, an order's money; by keyboard, on a phone, without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit_looks, is_covered, tab_to
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser


@dataclass
class Billed(Story):
    """An order in two shipments: the first is paid too much, the second is due, and one piece of it was credited."""

    paid: Json
    due: Json
    credit: Json


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Billed:
    """Petra has bought for NORTH, whose subsidiary HULL has ordered nothing."""
    portal = start_portal(processes=2, worker=True)
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="1.20")
    world.product("PUMP", price="184.00")
    world.stock("MAIN", "BOLT", 1000)
    world.stock("MAIN", "PUMP", 20)
    world.account("NORTH", payment_terms_days=5)
    world.account("HULL", parent="NORTH")
    people = "accounts/NORTH/users"
    world.put(f"{people}/{cast.PETRA}", {"name": "Petra Vogt", "roles": ["buyer"], "password": cast.PASSWORD})
    order = world.order(
        "NORTH",
        {"BOLT": 100, "PUMP": 6},
        purchase_order_number="4500118236",
        discount="10.00",
        freight="25.00",
    )
    world.ship(order, "MAIN", {1: 60}, carrier="Northline")
    world.ship(order, "MAIN", {1: 40, 2: 4}, carrier="Northline")
    first, second = sorted(
        world.get("invoices", order=order["number"])["items"], key=lambda one: one["number"]
    )
    world.post(
        f"invoices/{first['number']}/payments",
        {"amount": "90.00", "received_on": "2026-11-18", "reference": "BACS 7781"},
    )
    credit = world.post(
        f"invoices/{second['number']}/credit-notes",
        {"lines": [{"line": 2, "quantity": "1"}], "reason": "arrived without its key"},
    )
    return Billed(portal, world, order, "", first, second, credit)


@pytest.fixture
def petra(visit: Callable[..., Visit]) -> Visit:
    """Signed in, at a desk."""
    made = visit()
    made.sign_in(cast.PETRA, cast.PASSWORD)
    return made


def pages(story: Billed) -> dict[str, str]:
    return {
        "invoices": "/invoices",
        "none overdue": "/invoices?show=overdue",
        "nothing found": "/invoices?q=nothing-like-this",
        "an invoice": f"/invoices/{story.due['number']}",
        "one paid too much": f"/invoices/{story.paid['number']}",
        "a credit note": f"/invoices/{story.credit['number']}",
        "statement": "/invoices/statement",
        "a wrong day": "/invoices/statement?from=yesterday",
        "the order": story.path,
        "its money": f"{story.path}/reconciliation",
        "today": "/today",
    }


def test_axe_finds_nothing(visit: Callable[..., Visit], story: Billed) -> None:
    window = visit()
    window.sign_in(cast.PETRA, cast.PASSWORD)
    found = {}
    for name, path in pages(story).items():
        page = window.go(path)
        for fold in page.locator("#money-lines > summary").all():
            fold.click()
        found[name] = audit_looks(page)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling(visit: Callable[..., Visit], story: Billed) -> None:
    window = visit(width=320, height=640)
    window.sign_in(cast.PETRA, cast.PASSWORD)
    wide = {}
    for name, path in pages(story).items():
        page = window.go(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        reach = page.locator("body *").evaluate_all(
            "all => all.filter(e => e.getBoundingClientRect().right > 321)"
            ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
        )
        if width > 320 or reach:
            wide[name] = (width, reach[:3])
    assert wide == {}


def test_targets_are_large_enough(visit: Callable[..., Visit], story: Billed) -> None:
    """24 by 24 CSS pixels, but for links within a sentence."""
    window = visit(width=390)
    window.sign_in(cast.PETRA, cast.PASSWORD)
    small = {}
    for name, path in pages(story).items():
        found = (
            window.go(path)
            .locator("main :is(a:not(p a, td.why a, dd a), button, summary, select, label.check)")
            .evaluate_all(
                "all => all.filter(e => e.checkVisibility())"
                ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
                ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
            )
        )
        if found:
            small[name] = found
    assert small == {}


def test_from_what_is_open_to_its_goods_without_script(visit: Callable[..., Visit], story: Billed) -> None:
    """Today, the invoice that is due, the order's money, line by line, and the statement."""
    window = visit(script=False)
    window.sign_in(cast.PETRA, cast.PASSWORD)
    page = window.go("/today")
    page.locator("#needs").get_by_role("link", name=story.due["number"]).click()
    expect(page.locator("h1")).to_have_text(story.due["number"])
    expect(page.locator("#truth")).to_contain_text("is due on")
    page.locator(".facts").get_by_role("link", name=story.order["number"]).click()
    money = page.get_by_role("region", name="Money")
    expect(money).to_contain_text("as much as shipped, once the credits are taken off")
    expect(money.locator("tr", has_text="Paid too much")).to_contain_text("£")
    money.locator("summary").click()
    money.get_by_role("link", name="2 lines, with amounts").click()
    expect(page.locator(".reconciled tbody tr")).to_have_count(2)
    expect(page.locator(".reconciled tbody tr").nth(1)).to_contain_text("1 credited")

    page = window.go("/invoices")
    page.get_by_role("link", name="Statement of account").click()
    page.get_by_role("link", name="This year").click()
    expect(page).to_have_url(re.compile(r"from=2026-01-01"))
    expect(page.locator(".moves-of tbody tr")).to_have_count(5)
    expect(page.locator("#truth")).to_contain_text("was open at the end of")


def test_the_keyboard_alone_is_enough(petra: Visit, story: Billed) -> None:
    """Choose a tab, tick, pack, load."""
    page = petra.go("/invoices")
    tab_to(page, "#tab-credit_notes")
    page.keyboard.press("Enter")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    tab_to(page, "#tab-all")
    page.keyboard.press("Enter")
    tab_to(page, "#list [data-select-all] input")
    page.keyboard.press("Space")
    expect(page.locator("#list tbody input:checked")).to_have_count(3)
    for _ in range(4):
        page.keyboard.press("Tab")
        assert not is_covered(page), "what has the focus is hidden"
    tab_to(page, "#many .btn.first")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/invoices/bundles/"))
    with page.expect_download() as loading:
        page.get_by_role("link", name=re.compile("ZIP|Load|Take", re.IGNORECASE)).first.click(timeout=60_000)
    assert loading.value.suggested_filename.endswith(".zip")


def test_searching_as_one_types_keeps_the_address(petra: Visit, story: Billed) -> None:
    page = petra.go("/invoices")
    page.locator("#q").press_sequentially(story.credit["number"])
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=CN-2026"))
    page.locator("#q").fill("no such thing")
    expect(page.locator("#list")).to_contain_text("No invoice fits")
    page.get_by_role("link", name="Show all of them").click()
    expect(page.locator("#list tbody tr")).to_have_count(3)


def test_the_search_in_the_head_finds_the_order_of_an_invoice(petra: Visit, story: Billed) -> None:
    page = petra.go("/invoices/statement")
    page.get_by_role("searchbox").fill(story.due["number"])
    page.keyboard.press("Enter")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#list")).to_contain_text(story.order["number"])


def test_files_open_from_the_invoice(petra: Visit, story: Billed) -> None:
    page = petra.go(f"/invoices/{story.due['number']}")
    for name, kind in (("document.pdf", "application/pdf"), ("document.xml", "application/xml")):
        answer = page.request.get(f"{petra.base_url}/invoices/{story.due['number']}/{name}", timeout=60_000)
        assert answer.status == 200, answer.text()[:300]
        assert answer.headers["content-type"].startswith(kind)
    page.reload()
    expect(page.get_by_role("link", name="XML UBL")).to_be_visible()


def test_money_moves_while_one_looks(petra: Visit, story: Billed) -> None:
    """A payment and a further shipment arrive on the open page; what was unfolded stays unfolded."""
    page = petra.go(story.path)
    expect(page.locator(".live .said")).to_have_text("Live")
    page.locator("#money-lines > summary").click()
    expect(page.locator("#money-lines")).to_have_attribute("open", "")
    story.world.post(
        f"invoices/{story.due['number']}/payments", {"amount": "100.00", "received_on": "2026-11-18"}
    )
    expect(page.locator("#news")).to_contain_text(f"Payment for {story.due['number']} received")
    expect(page.locator("#timeline")).to_contain_text("Payment of £100.00 received")
    expect(page.locator("#money-lines")).to_have_attribute("open", "")
    story.world.ship(story.order, "MAIN", {2: 1}, carrier="Northline")
    expect(page.locator("#money .inv tbody tr")).to_have_count(4)
    expect(page.locator("#news")).to_contain_text("issued")
    expect(page.locator("#money-lines")).to_have_attribute("open", "")


def test_what_finance_may_do_is_not_offered_to_a_buyer(petra: Visit, story: Billed) -> None:
    page = petra.go(f"/invoices/{story.due['number']}")
    expect(page.get_by_role("link", name="Something is wrong with it")).to_be_visible()
    expect(page.get_by_role("link", name="Payments and credit notes")).to_have_count(0)


def test_a_statement_needs_days(petra: Visit) -> None:
    page = petra.go("/invoices/statement?from=2026-11-20&to=2026-11-01")
    expect(page.locator("#problem-from")).to_have_text("The period ends before it begins.")
    expect(page.locator("[name=from]")).to_be_focused()
