"""How other systems fare, in a browser: an alert is taken note of, a refusal put right, a message applied."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit_looks, is_covered, tab_to
from portal.adapters.erp.sandbox import Sandbox, serve
from portal.db.pool import open_pool
from portal.operations import watching
from tests.finance.conftest import Office, furnished
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
DEV = cast.DEV


@dataclass
class Scene:
    """An ERP that refuses a customer, a message that nobody could apply."""

    office: Office
    erp: Sandbox
    order: Json
    shipment: Json

    pages = (
        "/connections",
        "/connections/erp",
        "/connections/mail",
        "/connections/inbound",
        "/connections/messages/1",
    )


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str]]:
    played = Sandbox(tmp_path_factory.mktemp("erp") / "sandbox.json", accounts={"C-7": {}})
    played.behave("unknown_customers")
    server = serve(played, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield played, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def scene(start_portal: Callable[..., Portal], erp: tuple[Sandbox, str]) -> Scene:
    portal = start_portal(processes=1, worker=True, environment={"PORTAL_ERP_URL": erp[1]})
    office = furnished(portal)
    order = office.order(("BOLT", 50))
    shipment = office.world.ship(order, "MAIN", {1: 20})
    told = {"state": "in_transit", "at": "2026-11-18T10:00:00Z", "note": "at the depot"}
    answer = portal.erp.post("/shipments/SH-TYPO/events", json=told)
    assert answer.json() == {"parked": True}
    _alarmed(portal)
    return Scene(office, erp[0], order, shipment)


def _alarmed(portal: Portal) -> None:
    """The worker has told the ERP, which has refused; somebody looks whether all gets through."""
    with portal.browser() as client:
        for _ in range(120):
            if re.search(r'connection_dead\{.*"erp"\} [1-9]', client.get("/metrics").text):
                break
            time.sleep(0.5)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _watch(portal.database_url)).result()


async def _watch(database_url: str) -> None:
    async with await open_pool(database_url, size=1) as pool:
        assert await watching.watch(pool) > 0


@pytest.fixture(scope="module")
def story(scene: Scene) -> Story:
    """What the windows of these tests belong to."""
    return Story(scene.office.portal, scene.office.world, {"number": ""}, "")


@pytest.fixture
def enter(visit: Open) -> Open:
    """`enter(who=…, width=…)`: somebody, signed in."""

    def signed_in(who: str = DEV, **window: object) -> Visit:
        made = visit(**window)
        made.sign_in(who, cast.PASSWORD)
        return made

    return signed_in


def test_axe_finds_nothing(enter: Open, scene: Scene) -> None:
    window = enter()
    found = {path: audit_looks(window.go(path)) for path in scene.pages}
    assert {page: violations for page, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling(enter: Open, scene: Scene) -> None:
    window = enter(width=320, height=640)
    widths = {path: window.go(path).evaluate("document.documentElement.scrollWidth") for path in scene.pages}
    assert {page: width for page, width in widths.items() if width > 320} == {}


def test_a_message_is_put_right_by_keyboard_and_applied(enter: Open, scene: Scene) -> None:
    page = enter().go("/connections/inbound")
    page.get_by_role("link", name="Carrier's message").click()
    page.get_by_role("button", name="Apply it").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no shipment 'SH-TYPO'")
    field = page.get_by_label("Shipment: number")
    expect(field).to_have_attribute("aria-invalid", "true")
    tab_to(page, "#key")
    page.keyboard.press("Control+a")
    page.keyboard.type(scene.shipment["number"])
    tab_to(page, "button[value=apply]")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("The message is applied")
    told = scene.office.world.get(f"shipments/{scene.shipment['number']}")
    assert told["state"] == "in_transit"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_alert_is_taken_note_of(enter: Open, scene: Scene, script: bool) -> None:
    page = enter(script=script).go("/desk")
    page.get_by_role("link", name="alert").click()
    alarm = page.locator(".alarm", has_text="ERP")
    expect(alarm).to_contain_text("refused")
    alarm.get_by_label("Note, which the others read").fill("I ask their finance")
    alarm.get_by_role("button").click()
    expect(page.locator("#done")).to_contain_text("You look after it")
    expect(page.locator(".alarm", has_text="ERP")).to_contain_text("I ask their finance")


def test_z_a_customer_that_the_erp_does_not_know_gets_its_number_there(enter: Open, scene: Scene) -> None:
    page = enter(script=False).go("/connections/erp")
    expect(page.locator("#dead")).to_contain_text("There is no customer")
    page.get_by_label("Its number in the ERP").fill("C-7")
    page.get_by_role("button", name="Keep it and send again").click()
    expect(page.locator("#done")).to_contain_text("sent again")
    # The order goes out first, then what became of it: each waits for the one before.
    for _ in range(60):
        if len(scene.erp.told) > 1:
            break
        page.wait_for_timeout(500)
    assert [told["type"] for told in scene.erp.told][:2] == ["order.placed", "shipment.shipped"]
    assert scene.erp.told[0]["customer"] == "C-7"
    page.reload()
    expect(page.locator("#dead")).to_contain_text("Nothing.")
