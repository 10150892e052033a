"""Settings in a browser: a policy is edited by keyboard and without script, and an order is decided from the mail that
the worker has sent."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from e2e.test_receiving import beyond, too_small
from portal.adapters.mailbox import Mailbox, receive
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser

OLGA, KLAUS, ANNA, PETRA = (f"{name}@nordwind.example" for name in ("olga", "klaus", "anna", "petra"))
PEOPLE = {OLGA: "account_admin", KLAUS: "approver", ANNA: "approver", PETRA: "buyer"}
# Seconds; on a machine that is busy.
SOON = 30.0
Open = Callable[..., Visit]


@dataclass
class Office:
    """A portal with a worker, whose mail is caught in a folder."""

    portal: Portal
    world: World
    mail: Path

    def order(self, quantity: int = 1000) -> str:
        token = self.world.post("tokens", {"scopes": ["*"], "name": "petra", "user": PETRA})["token"]
        body = self.world.order_body("NORDWIND", [("BOLT", quantity)], purchase_order_number="4500118236")
        answer = self.portal.client(token).post("/orders", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def mail_to(self, email: str, words: str) -> EmailMessage:
        """The newest one whose subject has these words, once the worker has sent it."""
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            for path in sorted(self.mail.glob("*.eml"), reverse=True):
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                if email in str(message["to"]) and words in str(message["subject"]):
                    assert isinstance(message, EmailMessage)
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no mail about {words!r} to {email} within {SOON} s")


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body([kind])
    assert part is not None
    return str(part.get_content())


def link(message: EmailMessage) -> str:
    found = re.search(r"/approvals/by-mail/\S+", body(message, "plain"))
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def office(start_portal: Callable[..., Portal], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("mail")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server, port = asyncio.run_coroutine_threadsafe(receive(Mailbox(folder)), loop).result()
    portal = start_portal(processes=2, worker=True, environment={"PORTAL_SMTP_PORT": str(port)})
    world = World(portal)
    world.shop({"BOLT": 100_000})
    world.product("PUMP", category="Pumps")
    world.account("GROUP")
    world.account("NORDWIND", name="Nordwind Maschinenbau", parent="GROUP")
    for email, role in PEOPLE.items():
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/NORDWIND/users/{email}", person)
    yield Office(portal, world, folder)
    asyncio.run_coroutine_threadsafe(_closed(server), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


@pytest.fixture(scope="module")
def story(office: Office) -> Story:
    """What the windows of these tests belong to."""
    return Story(office.portal, office.world, {"number": ""}, "")


@pytest.fixture(autouse=True)
def large_orders(office: Office) -> None:
    """Above 1,000 both approvers are asked; the group has a rule of its own."""
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "1000", "currency": "GBP"}},
        "steps": [{"approvers": [KLAUS, ANNA], "need": "all"}],
    }
    body = {"rules": [rule], "remind_after_hours": 8, "expires_after_hours": 40}
    office.world.put("accounts/NORDWIND/approval-policy", body)
    above = {"name": "Group", "when": {"total_above": {"amount": "9000000", "currency": "GBP"}}}
    steps = {"steps": [{"approvers": "account_admin", "need": "any"}]}
    office.world.put("accounts/GROUP/approval-policy", {"rules": [above | steps]})


def signed_in(visit: Open, email: str, **options: object) -> Visit:
    window = visit(**options)
    window.context.set_default_timeout(30_000)
    window.sign_in(email, cast.PASSWORD)
    return window


def test_a_policy_is_edited_by_keyboard_alone(visit: Open, office: Office) -> None:
    page = signed_in(visit, OLGA).go("/settings")
    tab_to(page, "a[href='/settings/approvals']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/approvals")
    tab_to(page, "#add-rule")
    page.keyboard.press("Enter")
    expect(page.locator("#r1-name")).to_be_focused()
    assert not is_covered(page)
    page.keyboard.type("Pumps")
    tab_to(page, "#r1-total")
    page.keyboard.type("250")
    tab_to(page, "button[value=save]")
    assert not is_covered(page)
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#rule-1 > summary")).to_contain_text(
        "When it comes to more than £250.00: one of: Anna, Klaus"
    )
    assert len(office.world.get("accounts/NORDWIND/approval-policy")["rules"]) == 2


def test_the_whole_editor_works_without_script(visit: Open, office: Office) -> None:
    page = signed_in(visit, OLGA, script=False).go("/settings/approvals")
    page.get_by_role("button", name="Add a rule").click()
    page.locator("#r1-name").fill("Pumps")
    page.locator("#rule-1").get_by_text("Category: any").click()
    page.locator("#rule-1").get_by_label("Pumps").check()
    page.get_by_role("button", name=re.compile(r"Ask more people after them \(Rule 2\)")).click()
    page.locator("#r1s1-who").select_option("people")
    page.locator("#rule-1 .draft-steps > li").nth(1).get_by_text("People: none ticked").click()
    page.locator("#rule-1 .draft-steps > li").nth(1).get_by_role("checkbox", name=re.compile("Klaus")).check()
    page.locator("#try-total").fill("10")
    page.locator("#try-category").select_option("Pumps")
    page.get_by_role("button", name="Who would be asked?").click()
    expect(page.locator("#tried")).to_contain_text("category Pumps")
    expect(page.locator("#tried .step")).to_have_count(1)
    expect(page.get_by_text("not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the policy").click()
    expect(page.get_by_role("heading", name="The policy is saved")).to_be_visible()
    assert office.world.get("accounts/NORDWIND/approval-policy")["rules"][1]["name"] == "Pumps"


def test_a_delegation_is_arranged_and_ended_without_script(visit: Open, office: Office) -> None:
    page = signed_in(visit, KLAUS, script=False).go("/settings/delegation")
    page.locator("#to").select_option(ANNA)
    page.locator("#to_on").fill("2026-12-10")
    page.get_by_role("button", name="Arrange it").click()
    expect(page.locator(".truth")).to_have_text("Anna may decide for you now. You may still decide yourself.")
    told = office.mail_to(ANNA, "has delegated approvals to Anna")
    assert "Klaus" in body(told, "plain")
    page.get_by_role("button", name=re.compile("End it now")).click()
    expect(page.locator(".truth")).to_contain_text("you decide yourself")


def test_an_order_is_decided_from_the_mail_by_whoever_is_not_signed_in(visit: Open, office: Office) -> None:
    order = office.order()
    path = link(office.mail_to(KLAUS, "Approve PO 4500118236"))

    page = visit(width=390, height=844).go(path)
    expect(page.locator("h1")).to_have_text("Approve £1,200.00 for Petra?")
    page.get_by_text("Approve", exact=True).click()
    page.get_by_role("button", name="Send my decision").click()
    expect(page.locator("h1")).to_contain_text("You approved it")
    page.reload()
    expect(page.locator("h1")).to_contain_text("You approved it")

    other = visit(script=False).go(link(office.mail_to(ANNA, "Approve PO 4500118236")))
    expect(other.locator(".since-mail")).to_contain_text("Klaus approved")
    other.get_by_label("Do not approve").check()
    other.get_by_role("button", name="Send my decision").click()
    expect(other.get_by_role("alert")).to_have_text("Say why.")
    expect(other.get_by_label("Comment or question")).to_be_focused()
    other.get_by_label("Comment or question").fill("Next year.")
    other.get_by_role("button", name="Send my decision").click()
    expect(other.locator("h1")).to_contain_text("You did not approve it")
    assert office.world.get(f"orders/{order}")["state"] == "rejected"
    assert "Next year." in body(office.mail_to(PETRA, "Not approved: PO 4500118236"), "plain")


def test_a_decision_from_the_mail_by_keyboard(visit: Open, office: Office) -> None:
    office.order()
    page = visit().go(link(office.mail_to(KLAUS, "Approve PO 4500118236")))
    # A group of radio buttons is one stop.
    tab_to(page, "input[name=what] >> nth=0")
    page.keyboard.press("Space")
    tab_to(page, ".decide button")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("You approved it")


def every_page(window: Visit, office: Office, path: str) -> Iterator[tuple[str, Page]]:
    """The pages of this room in the states that differ."""
    yield "settings", window.go("/settings")
    yield "delegation", window.go("/settings/delegation")
    page = window.go("/settings/approvals")
    yield "policy", page
    page.locator("#rule-0 > summary").click()
    page.locator("#hours > summary").click()
    yield "policy, open", page
    page.locator("#r0-total").fill("lots")
    page.locator("#try-total").fill("5000")
    page.get_by_role("button", name="Save the policy").click()
    expect(page.locator("#refused")).to_be_focused()
    yield "policy, refused", page
    page.locator("#r0-total").fill("100")
    page.get_by_role("button", name="Who would be asked?").click()
    expect(page.locator("#tried .step")).to_have_count(1)
    yield "policy, tried", page
    yield "a link of somebody else", window.go(path)
    window.context.clear_cookies()
    yield "from a mail", window.go(path)
    yield "a link that is none", window.go("/approvals/by-mail/nothing")


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (1440, True), (390, True)], ids=["desk", "desk, dark", "phone, dark"]
)
def test_axe_finds_nothing(visit: Open, office: Office, width: int, dark: bool) -> None:
    office.order()
    message = office.mail_to(KLAUS, "Approve PO")
    window = signed_in(visit, OLGA, width=width, dark=dark)
    found = {name: audit(page) for name, page in every_page(window, office, link(message))}
    # As a mail program draws it.
    letter = visit(width=width, dark=dark)
    letter.page.set_content(body(message, "html"))
    found["the mail"] = [one for one in audit(letter.page) if not one.startswith(("region", "landmark"))]
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_320_px_need_no_sideways_scrolling_and_targets_are_large(visit: Open, office: Office) -> None:
    office.order()
    path = link(office.mail_to(KLAUS, "Approve PO"))
    for name, page in every_page(signed_in(visit, OLGA, width=320, height=640), office, path):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} is {width} px wide"
        assert beyond(page) == [], name
        assert too_small(page) == [], name
