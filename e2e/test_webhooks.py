"""A customer's system is connected in a browser: an endpoint, its secret, a delivery, a replay, another secret; by
keyboard, without script, on a phone. The worker really sends, and the sample customer's system really checks."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from e2e.test_receiving import beyond, too_small
from portal.adapters import sample
from portal.adapters.sample import Receiver
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser

INES = "ines@nordwind.example"
HERE = "/settings/webhooks"
# Seconds; on a machine that is busy.
SOON = 30.0
Open = Callable[..., Visit]


@dataclass
class Customer:
    """The system that is told, and where it is."""

    receiver: Receiver
    address: str

    def wait_for(self, kind: str, *, times: int = 1) -> list[Json]:
        """What came of this type, once so much of it was taken with the right signature."""
        until = time.monotonic() + SOON
        while True:
            came = [one for one in list(self.receiver.received) if one["type"] == kind]
            taken = [one for one in came if one["problem"] is None and one["status"] == 204]
            if len(taken) >= times:
                return taken
            assert time.monotonic() < until, f"only {came} came of {kind}"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customer]:
    receiver = Receiver(tmp_path_factory.mktemp("customer"))
    server = sample.serve(receiver, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Customer(receiver, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Story:
    portal = start_portal(worker=True)
    # The real time: a simulated clock would be moved by hand.
    world = World(portal, now=None)
    world.shop({"BOLT": 100_000})
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    person = {"name": "Ines Albers", "roles": ["account_admin"], "password": cast.PASSWORD}
    world.put(f"accounts/NORDWIND/users/{INES}", person)
    return Story(portal, world, {"number": ""}, "")


def signed_in(visit: Open, **options: object) -> Visit:
    window = visit(**options)
    window.context.set_default_timeout(30_000)
    window.sign_in(INES, cast.PASSWORD)
    return window


def made(window: Visit, customer: Customer, name: str) -> str:
    """Make an endpoint, and give its secret to the customer's system; answers its page."""
    page = window.go(HERE)
    page.get_by_label(re.compile("^Address")).fill(customer.address + sample.HOOK)
    page.get_by_label(re.compile("^What it is")).fill(name)
    page.get_by_role("button", name="Make it").click()
    paste(page, customer)
    page.get_by_role("link", name=f"To {name}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return page.url.removeprefix(window.base_url)


def reload_until(page: Page, words: str) -> None:
    """The log says it once what was answered is written down: a moment after the answer."""
    until = time.monotonic() + SOON
    while words not in page.reload().text():  # type: ignore[union-attr]
        assert time.monotonic() < until, f"{words!r} does not appear"
        time.sleep(0.2)


def paste(page: Page, customer: Customer) -> str:
    expect(page.locator("#done")).to_be_focused()
    secret = page.locator("code.key").inner_text()
    sample.tell(customer.receiver.directory, key=secret)
    return secret


def test_an_endpoint_is_made_and_told_again_by_keyboard_alone(
    visit: Open, story: Story, customer: Customer
) -> None:
    page = signed_in(visit).go("/settings")
    tab_to(page, f"a[href='{HERE}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HERE}")
    tab_to(page, "#url")
    page.keyboard.type(customer.address + sample.HOOK)
    tab_to(page, "#description")
    page.keyboard.type("Purchasing")
    tab_to(page, "aside button.first")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    paste(page, customer)
    tab_to(page, ".next a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HERE}/we_*")

    number = story.world.order("NORDWIND", [("BOLT", 10)])["number"]
    [first] = customer.wait_for("order.placed")
    assert first["order"] == number
    reload_until(page, "answered 204")
    row = page.get_by_role("row").filter(has_text="order.placed").first
    row.get_by_role("link", name="order.placed").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries/*")
    expect(page.locator("main")).to_contain_text("webhook-signature: v1,")
    expect(page.locator("main")).to_contain_text("answered 204")
    tab_to(page, ".acts button.first")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    both = customer.wait_for("order.placed", times=2)
    assert {one["id"] for one in both} == {first["id"]}, "it knows what it has"


def test_a_secret_is_replaced_without_losing_anything_without_script(
    visit: Open, story: Story, customer: Customer
) -> None:
    window = signed_in(visit, script=False)
    page_of = made(window, customer, "ERP")
    page = window.page
    former = sample.read(customer.receiver.directory)["keys"]
    page.get_by_text("Another secret", exact=True).click()
    page.get_by_role("button", name="Make another secret").click()
    expect(page.get_by_role("heading", name="It has another secret")).to_be_visible()
    new = page.locator("code.key").inner_text()
    assert new not in former
    # The customer's system has the former one still, and then only the new one.
    for keys in (former, [new]):
        (customer.receiver.directory / "told.json").unlink()
        for key in reversed(keys):
            sample.tell(customer.receiver.directory, key=key)
        before = len(customer.wait_for("endpoint.test", times=0))
        window.go(page_of)
        page.get_by_role("button", name="Send a test").click()
        customer.wait_for("endpoint.test", times=before + 1)
    reload_until(page, "answered 204")


def test_a_system_that_fails_is_paused_and_catches_up_without_script(
    visit: Open, story: Story, customer: Customer
) -> None:
    window = signed_in(visit, script=False)
    page_of = made(window, customer, "Store")
    page = window.page
    sample.tell(customer.receiver.directory, behaviour="failing")
    story.world.order("NORDWIND", [("BOLT", 1)])
    window.go(page_of)
    reload_until(page, "answered 503")
    expect(page.locator(".truth")).to_contain_text("Failing")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".truth")).to_contain_text("Paused")
    sample.tell(customer.receiver.directory, behaviour="ok")
    number = story.world.order("NORDWIND", [("BOLT", 2)])["number"]
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".truth")).to_contain_text("Active")
    until = time.monotonic() + SOON
    while number not in {one["order"] for one in customer.wait_for("order.placed")}:
        assert time.monotonic() < until
        time.sleep(0.1)
    page.get_by_text("Stop or take away").click()
    page.get_by_role("button", name="Take it away").click()
    expect(page.get_by_role("heading", name="The endpoint is taken away")).to_be_visible()


def test_a_token_is_made_and_revoked_without_script(visit: Open, story: Story) -> None:
    window = signed_in(visit, script=False)
    page = window.go("/settings/tokens")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#name-problem")).to_be_visible()
    page.get_by_label("For which system").fill("Data warehouse")
    page.get_by_role("button", name="Make it").click()
    token = page.locator("code.key").inner_text()
    client = story.portal.client(token)
    last = client.get("/events", params={"limit": 200}).json()["items"][-1]["sequence"]
    client.get("/events", params={"after": last})
    row = window.go("/settings/feed").get_by_role("row").filter(has_text="Data warehouse")
    expect(row).to_contain_text("has all of it")
    page = window.go("/settings/tokens")
    page.get_by_role("button", name=re.compile("Revoke Data warehouse")).click()
    expect(page.get_by_role("heading", name="The token is revoked")).to_be_visible()
    assert client.get("/orders").status_code == 401


@pytest.mark.parametrize(
    ("width", "dark"),
    [(1440, False), (1440, True), (390, True), (320, False)],
    ids=["desk", "dark", "phone", "narrow"],
)
def test_axe_finds_nothing_and_all_of_it_fits(
    visit: Open, story: Story, customer: Customer, width: int, dark: bool
) -> None:
    window = signed_in(visit, width=width, dark=dark)
    page_of = made(window, customer, f"For {width} in {'the dark' if dark else 'the light'}")
    page = window.page
    page.get_by_role("button", name="Send a test").click()
    page.wait_for_url("**/deliveries/*")
    addresses = [HERE, page_of, page.url.removeprefix(window.base_url), "/settings/tokens", "/settings/feed"]
    found = {}
    for address in addresses:
        page = window.go(address)
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        found[address] = audit(page) + (beyond(page) if width == 320 else []) + too_small(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_the_sample_systems_page_is_accessible(visit: Open, customer: Customer) -> None:
    window = visit(base_url=customer.address)
    assert audit(window.go("/")) == []
    window.page.get_by_label("takes what comes, after three seconds").check()
    window.page.get_by_role("button", name="Let it behave so").click()
    expect(window.page.locator("strong").first).to_have_text("takes what comes, after three seconds")
    window.page.get_by_label("takes what comes", exact=True).check()
    window.page.get_by_role("button", name="Let it behave so").click()
