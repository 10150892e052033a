"""Scenario 9 in the browser: 75,000.00 from the cart to the door, with three approvers and two warehouses.

Petra orders; Klaus agrees on the page, Wiebke for Tomasz who is away, Ines by the link in her mail without being signed
in; then both warehouses ship. The mail is real: a worker sends it to a server that keeps it.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Visit
from e2e.test_pages import LOOKS, audit, audit_looks
from portal.adapters.mailbox import Mailbox, receive
from portal.stories.happenings import Employed
from portal.stories.office import email
from portal.stories.seventy_five_thousand import STORY
from tests.portals import Portal
from tests.scenarios.driver import World
from tests.scenarios.office import employ
from tests.scenarios.telling import take

pytestmark = pytest.mark.browser

PASSWORD = "a long password for everybody"
SOON = 20.0


@dataclass
class Nine:
    """The stage of scenario 9 with its rules, on a portal whose mail is kept."""

    portal: Portal
    world: World
    box: Mailbox

    def mail_to(self, who: str, containing: str) -> str:
        """The text of the newest mail to somebody that has these words."""
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            for name in self.box.names():
                message = self.box.message(name)
                assert message is not None
                body = message.get_body(("plain",))
                if address(who) in str(message["to"]) and body is not None:
                    text = str(body.get_content())
                    if containing in text:
                        return text
            time.sleep(0.2)
        raise AssertionError(f"no mail to {who} with {containing!r}")


def address(who: str) -> str:
    return email(who, "NORDWIND")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mailbox, int]]:
    """A mail server, and its port. It has a thread of its own: the browser's loop runs in this one."""
    mailbox = Mailbox(Path(tmp_path_factory.mktemp("mail")))
    there: Future[int] = Future()
    over = threading.Event()

    async def serve() -> None:
        server, port = await receive(mailbox)
        there.set_result(port)
        await asyncio.to_thread(over.wait)
        server.close()

    with ThreadPoolExecutor(1) as thread:
        serving = thread.submit(asyncio.run, serve())
        yield mailbox, there.result(SOON)
        over.set()
        serving.result()


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal], box: tuple[Mailbox, int]) -> Nine:
    mailbox, port = box
    mail = {"PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(port)}
    world = World(start_portal(processes=2, worker=True, environment=mail))
    for step in STORY.steps[:2]:
        world.now(f"{step.when.replace(' ', 'T')}:00Z")
        take(world, step)
        for one in step.happens:
            if isinstance(one, Employed):
                employ(
                    world, one.who, one.account, one.roles, name=one.name, limit=one.limit, password=PASSWORD
                )
    world.now("2026-11-18T09:30:00Z")
    return Nine(world.portal, world, mailbox)


Open = Callable[..., Visit]


def signed_in(visit: Open, who: str, **more: object) -> Visit:
    window = visit(**more)
    window.sign_in(address(who), PASSWORD)
    return window


def submit(page: Page, lines: str, purchase_order: str) -> str:
    """From an empty cart to the page of the order; answers its number."""
    page.get_by_label("Lines of number and quantity").fill(lines)
    page.get_by_role("button", name="Add to the order").click()
    page.get_by_role("button", name="Review the order").first.click()
    page.wait_for_url("**/new-order/review**")
    page.get_by_label("Purchase order number").fill(purchase_order)
    page.locator("button[value=place]").first.click()
    page.wait_for_url(re.compile(r"/orders/SO-"))
    found = re.search(r"/orders/(SO-[\d-]+)", page.url)
    assert found is not None
    return found[1]


def asked_about(page: Page, order: str) -> None:
    """From the inbox to the request about an order."""
    page.get_by_role("link", name="Approvals", exact=True).click()
    page.wait_for_url("**/approvals**")
    row = page.locator("main :is(tr, li, article)").filter(has_text=order).last
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/approvals/AP-"))


def approve(page: Page, comment: str = "") -> None:
    """The button, and once more on the page that says what follows."""
    if comment:
        page.locator("#comment").fill(comment)
    page.locator("#decision button[value=approve]").click()
    page.locator("form.confirm button").click()
    page.wait_for_url(re.compile(r"/approvals/AP-[\d-]+(?:\?|#|$)"))


def test_75000_from_the_cart_to_the_door(visit: Open, story: Nine) -> None:
    world = story.world
    petra = signed_in(visit, "petra")
    page = petra.page
    page.get_by_role("link", name="New order").click()
    page.wait_for_url("**/new-order**")
    number = submit_and_look(page, story)

    # The order's page says what it waits for, and nothing is set aside.
    expect(page.locator("main")).to_contain_text("Klaus Brandt")
    world.orders.append(number)
    assert world.read(number)["state"] == "pending_approval"
    assert world.level("NORTH", "DRIVE")["allocated"] == "0"

    klaus = signed_in(visit, "klaus")
    asked_about(klaus.page, number)
    expect(klaus.page.locator("main")).to_contain_text("Above 50,000")
    approve(klaus.page, "Needed for line 4.")

    # Tomasz is away: his deputy finds it in her own inbox, and decides for him.
    wiebke = signed_in(visit, "wiebke")
    asked_about(wiebke.page, number)
    expect(wiebke.page.locator("#decide")).to_contain_text("You decide for Tomasz Reid.")
    wiebke.page.locator("#comment").fill("Must all of it be this year?")
    wiebke.page.locator("#decision button[value=ask]").click()
    expect(wiebke.page.locator("main")).to_contain_text("Must all of it be this year?")

    request = page_of_request(petra, number)
    expect(request.locator("main")).to_contain_text("Must all of it be this year?")
    request.locator("main textarea[name=comment]").first.fill("Yes, the line starts on 11 January.")
    request.get_by_role("button", name="Answer").click()
    expect(request.locator("main")).to_contain_text("Yes, the line starts on 11 January.")
    wiebke.page.reload()
    approve(wiebke.page)

    by_mail(visit, story)

    order = world.read(number)
    assert order["state"] == "open"
    assert world.level("NORTH", "DRIVE")["allocated"] == "40"
    assert world.level("MAIN", "PANEL")["allocated"] == "25"
    petra.go(f"/orders/{number}")
    expect(page.locator("#order")).to_contain_text("Leicester")
    expect(page.locator("#order")).to_contain_text("Grimsby")

    credit = petra.go("/credit")
    expect(credit.locator("main")).to_contain_text("75,000.00")
    expect(credit.locator("main")).to_contain_text("45,000.00")

    ship_both(petra, story, number)
    the_audit_log_has_all_of_it(visit, number)


def submit_and_look(page: Page, story: Nine) -> str:
    """The review says before the button what it costs, who is asked, and that credit covers it."""
    page.get_by_label("Lines of number and quantity").fill("DRIVE 40\nPANEL\t25")
    page.get_by_role("button", name="Add to the order").click()
    page.get_by_role("button", name="Review the order").first.click()
    page.wait_for_url("**/new-order/review**")
    main = page.locator("main")
    expect(main).to_contain_text("75,000.00")
    needed = page.locator("#needed")
    for said in ("Klaus Brandt", "Tomasz Reid", "Wiebke Lorenz", "Ines Albers", "Above 50,000"):
        expect(needed).to_contain_text(said)
    expect(main).to_contain_text("Leicester")
    expect(main).to_contain_text("Grimsby")
    assert audit(page) == []
    page.get_by_label("Purchase order number").fill("4500118309")
    page.locator("button[value=place]").first.click()
    page.wait_for_url(re.compile(r"/orders/SO-"))
    first = page.url
    # Back, and the button again: it is the same order.
    page.go_back()
    page.goto(first)
    found = re.search(r"/orders/(SO-[\d-]+)", first)
    assert found is not None
    assert len(story.world.get("orders", account="NORDWIND")["items"]) == 1
    return found[1]


def page_of_request(petra: Visit, number: str) -> Page:
    page = petra.go("/approvals?view=mine")
    asked_about(page, number)
    return page


def by_mail(visit: Open, story: Nine) -> None:
    """Ines is not signed in: her mail is the proof. Looking at the link decides nothing, and it is good once."""
    text = story.mail_to("ines", "/approvals/by-mail/")
    link = re.search(r"(/approvals/by-mail/[^\s?>]+)", text)
    assert link is not None
    window = visit(script=False)
    page = window.go(link[1])
    expect(page.locator("main")).to_contain_text("75,000.00")
    assert story.world.get("approvals", state="pending")["items"], "looking at it has decided"
    page.locator("input[name=what][value=approve]").check()
    page.get_by_role("button", name="Send my decision").click()
    expect(page.locator("h1")).not_to_contain_text("does not work")
    again = window.go(link[1])
    expect(again.get_by_role("button", name="Send my decision")).to_have_count(0)
    assert story.mail_to("petra", "SO-")


def ship_both(petra: Visit, story: Nine, number: str) -> None:
    world = story.world
    page = petra.go(f"/orders/{number}")
    world.now("2026-11-20T10:00:00Z")
    order = world.read(number)
    world.ship(order, "MAIN", {2: 25}, carrier="Northline Parcel")
    world.now("2026-11-23T10:00:00Z")
    world.ship(order, "NORTH", {1: 40}, mode="freight", carrier="Humber Freight")
    page = petra.go(f"/orders/{number}")
    expect(page.locator("h1 + .state")).to_have_text("Closed")
    expect(page.locator("#order")).to_contain_text("65 shipped")
    assert world.get("accounts/NORDWIND/credit")["exposure"]["invoiced_unpaid"] == "75000.00"


def the_audit_log_has_all_of_it(visit: Open, number: str) -> None:
    page = signed_in(visit, "ines").go("/audit?check=1")
    expect(page.locator("#chain")).to_contain_text("are as they were written")
    main = page.locator("main")
    for who in ("petra", "klaus", "wiebke", "ines"):
        expect(main).to_contain_text(address(who))
    assert audit(page) == []
    page.locator("table.audit tbody th a").first.click()
    page.wait_for_url(re.compile(r"/audit/NORDWIND/"))
    expect(page.locator("main")).to_contain_text("This entry is as it was written")
    assert audit(page) == []


def test_axe_finds_nothing_in_the_audit_log(visit: Open, story: Nine) -> None:
    window = signed_in(visit, "ines")
    for path in ("/audit", "/audit?who=nobody", "/audit?from=x", "/audit/NORDWIND/1", "/audit?check"):
        page = window.go(path)
        assert audit_looks(page, (*LOOKS, (320, "light"), (320, "dark"))) == [], path


def test_the_audit_log_is_walked_with_the_keyboard_and_without_script(visit: Open, story: Nine) -> None:
    page = signed_in(visit, "ines", script=False).go("/audit")
    page.get_by_label("Who").fill("nobody at all")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("No entry is like this.")
    page.get_by_role("link", name="Show all").focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.audit tbody tr").first).to_be_visible()
