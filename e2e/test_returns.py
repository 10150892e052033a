"""Returns in a browser: asked for on a phone with a picture, decided, received on a tablet, told live; by keyboard,
without script, and with nothing that axe could flag."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import FilePayload, Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.returns.goods import photo
from tests.routes import cast
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@dataclass
class Goods:
    """Ten bolts and four metres of hose, delivered."""

    order: Json
    shipment: Json

    @property
    def page(self) -> str:
        return f"/orders/{self.order['number']}"

    @property
    def form(self) -> str:
        return f"/shipments/{self.shipment['number']}/return"


@pytest.fixture(scope="module")
def world(start_portal: Callable[..., Portal]) -> World:
    portal = start_portal(processes=2)
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="3.00")
    world.product("HOSE", price="12.50", unit="MTR")
    world.stock("MAIN", "BOLT", 500)
    world.stock("MAIN", "HOSE", 500)
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    person = {"name": "Petra Vogt", "roles": ["buyer"], "password": PASSWORD}
    world.put(f"accounts/NORDWIND/users/{PETRA}", person)
    now(employ(portal.database_url))
    return world


@pytest.fixture(scope="module")
def story(world: World) -> Story:
    """What the windows of these tests belong to."""
    return Story(world.portal, world, {"number": ""}, "")


@pytest.fixture
def goods(world: World) -> Goods:
    order = world.order("NORDWIND", [("BOLT", 10), ("HOSE", 4)], purchase_order_number="4500")
    parts = {"carrier": "Northline", "packages": [{"tracking_number": f"T-{order['number']}"}]}
    shipment = world.ship(order, "MAIN", {1: 10, 2: 4}, **parts)
    world.carrier(shipment, "delivered", "2026-11-18T12:00:00Z")
    return Goods(order, shipment)


def announced(world: World, goods: Goods, *, by: str = "") -> str:
    """The number of a return of three bolts; `by` an account it is only asked for."""
    lines = [{"line": 1, "quantity": "3", "reason": "damaged"}]
    body = {"shipment": goods.shipment["number"], "lines": lines}
    client = world.portal.client(world.portal.token(by)) if by else world.portal.erp
    answer = client.post("/returns", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def at_work(visit: Open, who: str = cast.DEV, **window: object) -> Visit:
    made = visit(**window)
    made.sign_in(who, cast.PASSWORD)
    return made


def picture() -> FilePayload:
    return {"name": "crushed.jpg", "mimeType": "image/jpeg", "buffer": photo()}


def test_asked_for_on_a_phone_and_received_on_a_tablet_while_the_buyer_watches(
    visit: Open, world: World, goods: Goods
) -> None:
    phone = visit(width=390, height=844, has_touch=True)
    phone.sign_in()
    page = phone.go(goods.page)
    page.get_by_role("link", name=f"Send goods back {goods.shipment['number']}").click()
    page.get_by_label("How many of line 1, BOLT").fill("3")
    page.get_by_label("Why line 1, BOLT, comes back").select_option(label="Arrived damaged")
    page.get_by_label("Pictures of line 1, BOLT").set_input_files([picture()])
    page.get_by_label("What should we know?").fill("The box is crushed.")
    page.get_by_role("button", name="Ask for this return").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(world_number(page))
    expect(page.locator(".truth")).to_contain_text("3 pcs shall come back to Leicester")
    expect(page.get_by_role("img", name="Picture 1: Line 1, BOLT")).to_be_visible()
    number = world_number(page)

    watching = visit()
    watching.sign_in()
    order = watching.go(goods.page)
    expect(order.locator(".live .said")).to_have_text("Live")
    expect(order.locator("#returns")).to_contain_text("Asked for")

    desk = at_work(visit, width=820, height=1180, has_touch=True)
    tablet = desk.go("/desk")
    tablet.get_by_role("link", name="waits for a decision").click()
    tablet.get_by_role("link", name=number).click()
    tablet.get_by_label("A word to the buyer").fill("Use the first packaging.")
    tablet.get_by_role("button", name="Authorise").click()
    expect(tablet.locator("#done")).to_be_focused()
    expect(order.locator("#returns")).to_contain_text("Authorised")
    expect(order.locator("#news")).to_contain_text(f"Return {number} was authorised.")

    tablet.get_by_role("link", name="Returns", exact=True).first.click()
    tablet.get_by_role("searchbox", name="Search a return").fill(number)
    tablet.get_by_role("searchbox", name="Search a return").press("Enter")
    tablet.get_by_label("Back on the shelf, line 1, BOLT").fill("2")
    tablet.get_by_label("No more will come").check()
    tablet.get_by_role("button", name="Book what came").click()
    done = tablet.locator("#done")
    expect(done).to_be_focused()
    expect(done).to_contain_text("1 line came back. Credited: CN-2026-")
    expect(done).to_contain_text("the return is settled")

    expect(order.locator("#returns")).to_contain_text("2 of 3 pcs BOLT")
    expect(order.locator("#returns")).to_contain_text("CN-2026-")
    expect(order.locator("#line-1")).to_contain_text("Returned")
    expect(order.locator("#news")).to_contain_text("2 came back")


def world_number(page: Page) -> str:
    page.wait_for_url("**/returns/RMA-*")
    return page.url.rpartition("/")[2].partition("?")[0]


def test_the_form_is_filled_with_the_keyboard_alone(visit: Open, goods: Goods) -> None:
    made = visit()
    made.sign_in()
    page = made.go(goods.form)
    tab_to(page, "#quantity-1")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("Came")
    tab_to(page, "#note")
    page.keyboard.type("Too late for the job.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".truth")).to_contain_text("2 pcs shall come back")
    expect(page.locator(".takes")).to_contain_text("Came too late")


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(visit: Open, goods: Goods) -> None:
    made = visit()
    made.sign_in()
    page = made.go(goods.form)
    page.get_by_label("How many of line 1, BOLT").fill("11")
    page.get_by_label("What should we know?").fill("kept")
    page.get_by_role("button", name="Ask for this return").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Line 1: At most 10 pcs can come back.")
    field = page.get_by_label("How many of line 1, BOLT")
    expect(field).to_have_value("11")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("What should we know?")).to_have_value("kept")
    alert.get_by_role("link", name="Say why it comes back").click()
    expect(page.locator("#reason-1")).to_be_focused()
    assert audit(page) == []


def test_without_script_all_of_it_works(visit: Open, world: World, goods: Goods) -> None:
    made = visit(script=False)
    made.sign_in()
    page = made.go(goods.form)
    page.get_by_role("link", name="Fill in all of it").click()
    expect(page.get_by_label("How many of line 1, BOLT")).to_have_value("10")
    page.get_by_label("How many of line 2, HOSE").fill("")
    page.get_by_label("Why line 1, BOLT, comes back").select_option("not_needed")
    page.get_by_role("button", name="Ask for this return").click()
    number = world_number(page)
    page.locator("#add-pictures").set_input_files([picture()])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#done")).to_contain_text("1 picture was added.")

    desk = at_work(visit, script=False).go(f"/returns/{number}")
    desk.get_by_label("Why it may not").fill("Cut to length for you.")
    desk.get_by_role("button", name="Refuse").click()
    expect(desk.locator("#done")).to_contain_text("Refused")
    page.reload()
    expect(page.locator(".truth")).to_contain_text("the return was refused")
    expect(page.locator(".told")).to_contain_text("Cut to length for you.")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_axe_finds_nothing(visit: Open, world: World, goods: Goods, width: int, *, dark: bool) -> None:
    asked, open_one = announced(world, goods, by="NORDWIND"), announced(world, goods)
    world.post(f"returns/{open_one}/receipts", {"lines": [{"line": 1, "received": "1"}]})
    buyer = visit(width=width, dark=dark)
    buyer.sign_in()
    for path in (goods.form, "/returns", f"/returns/{asked}", f"/returns/{open_one}", goods.page):
        assert audit(buyer.go(path)) == [], path
        assert fits(buyer.page, width), path
    desk = at_work(visit, width=width, dark=dark)
    for path in ("/returns", f"/returns/{asked}", f"/returns/{open_one}"):
        assert audit(desk.go(path)) == [], path
        assert fits(desk.page, width), path


def fits(page: Page, width: int) -> bool:
    """Nothing has to be moved sideways to be read."""
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


def test_focus_is_never_under_what_sticks(visit: Open, world: World, goods: Goods) -> None:
    number = announced(world, goods)
    page = at_work(visit, width=390, height=700).go(f"/returns/{number}")
    for _ in range(25):
        page.keyboard.press("Tab")
        assert not is_covered(page)
