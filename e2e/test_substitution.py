"""Staff offer another product in one window; in another the buyer reads it, and takes it or does not."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import audit, is_covered, tab_to
from tests.portals import Portal
from tests.scenarios.driver import Json, World

pytestmark = pytest.mark.browser

DEV = "dev@harrow.example"
ROBIN = "robin@nordwind.example"
SEALS = {"category": "Seals"}


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Story:
    """Seals wait for the end of the month; others of another rubber are on the shelf."""
    portal = start_portal(processes=2)
    world = World(portal)
    world.location("MAIN")
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    world.product("SEA-V40", price="1.35", name="V-ring seal 40 mm, NBR", **SEALS)
    world.product("SEA-V40-F", price="1.60", name="V-ring seal 40 mm, FKM", **SEALS)
    world.product("SEA-V40-E", price="1.10", name="V-ring seal 40 mm, EPDM", **SEALS)
    world.product("BRG-6204", price="6.85", name="Ball bearing 20 × 47 × 14")
    for sku, quantity in (("SEA-V40-F", 5000), ("SEA-V40-E", 80), ("BRG-6204", 50000)):
        world.stock("MAIN", sku, quantity)
    world.inbound(
        "purchase_order", "4711", "MAIN", [(1, "SEA-V40", 9000, "2026-11-27")], supplier="Veltrum Seals"
    )
    for email, name, roles in ((PETRA, "Petra Vogt", ["buyer"]), (ROBIN, "Robin Reader", ["reader"])):
        person = {"name": name, "roles": roles, "password": PASSWORD}
        world.put(f"accounts/NORDWIND/users/{email}", person)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _dev(portal.database_url)).result()
    return Story(portal, world, order(world), "")


async def _dev(database_url: str) -> None:
    """The supplier's people are not made through the API."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "insert into person (email, name, password_hash, supplier_roles) values ($1, 'Dev Patel', $2, $3)",
        DEV,
        PasswordHasher().hash(PASSWORD),
        ["operations"],
    )
    await connection.close()


def order(world: World) -> Json:
    """A hundred bearings that are ready, and 160 seals that wait."""
    return world.order("NORDWIND", {"BRG-6204": 100, "SEA-V40": 160}, purchase_order_number="4500118236")


def offer(story: Story, ordered: Json, **more: object) -> Json:
    body = {"line": 2, "quantity": "160", "sku": "SEA-V40-F", "note": "Fluoro rubber, the same size."}
    return story.world.told(ordered, "substitutions", body | more)


def path(ordered: Json, offered: Json) -> str:
    return f"/orders/{ordered['number']}/offers/{offered['id']}"


@pytest.fixture
def dev(visit: Callable[..., Visit]) -> Visit:
    """At the supplier's desk."""
    made = visit()
    made.sign_in(DEV, PASSWORD)
    return made


@pytest.fixture
def ordered(story: Story) -> Json:
    return order(story.world)


def test_what_staff_offer_the_buyer_sees_and_takes(
    petra: Visit, dev: Visit, story: Story, ordered: Json
) -> None:
    """From the line that waits to the line that comes instead; both windows follow."""
    buyer = petra.go(f"/orders/{ordered['number']}")
    expect(buyer.locator(".live .said")).to_have_text("Live")
    expect(buyer.locator("#offers")).to_be_hidden()
    buyer.locator("#view-line").focus()

    staff = dev.go(f"/orders/{ordered['number']}")
    expect(staff.locator(".live .said")).to_have_text("Live")
    staff.locator("#line-2").get_by_role("link", name="Offer another product").click()
    expect(staff.locator("h1")).to_have_text("Offer another product for line 2")
    choices = staff.get_by_role("table", name="Of the same category and free").get_by_role("row")
    expect(choices.nth(1)).to_contain_text(re.compile(r"SEA-V40-F.*5,000 pcs.*£1\.60.*£0\.25 more"))
    expect(choices.nth(2)).to_contain_text(re.compile(r"SEA-V40-E.*80 pcs.*less than waits.*£0\.25 less"))
    choices.nth(1).get_by_role("link", name="Choose").click()
    expect(staff.locator("#preview")).to_contain_text("160 stand ready at Leicester")
    staff.get_by_label("Instead of so much of line 2").fill("120")
    staff.get_by_label("So much of SEA-V40-F").fill("120")
    staff.get_by_label("Price each").fill("1.50")
    staff.get_by_role("button", name="Count again").click()
    expect(staff.locator("#preview")).to_contain_text("£18.00 more")
    staff.get_by_label("What the buyer should know").fill("Fluoro rubber, the same size.")
    staff.get_by_role("button", name="Send the offer").click()
    expect(staff.locator("h1")).to_have_text("Offered for line 2")

    expect(buyer.locator("#offers")).to_contain_text("1 offer waits for your answer")
    expect(buyer.locator("#news")).to_have_text("We offer SEA-V40-F instead of 120 of line 2.")
    expect(buyer.locator("#view-line")).to_be_focused()
    expect(buyer.locator("#offers")).to_contain_text("Fluoro rubber, the same size.")
    expect(buyer.locator("#offers tbody tr").nth(0)).to_contain_text(re.compile("Thu 3 Dec.*£162.00"))
    expect(buyer.locator("#offers tbody tr").nth(1)).to_contain_text(
        re.compile("Mon 23 Nov.*10 days earlier.*£1.50.*£180.00.*£18.00 more")
    )
    buyer.get_by_role("link", name="Accept or decline").click()
    expect(buyer.locator("h1")).to_have_text("We can send something else for line 2")
    expect(buyer.locator(".becomes")).to_contain_text("120 stand ready at Leicester")
    order_page = dev.context.new_page()
    order_page.goto(f"{story.portal.base_url}/orders/{ordered['number']}")
    expect(order_page.locator("#offers")).to_contain_text("1 offer waits for the buyer's answer")
    expect(order_page.locator(".live .said")).to_have_text("Live")

    buyer.get_by_role("button", name="Accept: SEA-V40-F").click()

    expect(buyer.locator("#now-h")).to_have_text("It is line 3 of the order now")
    buyer.get_by_role("link", name="To line 3 on the order").click()
    line = buyer.locator("#line-3")
    expect(line).to_contain_text(re.compile("SEA-V40-F.*120.*Ready to ship.*23 Nov"))
    expect(buyer.locator("#line-2")).to_contain_text("40 still to come, 120 never coming")
    expect(buyer.locator("#offers")).to_be_hidden()
    expect(buyer.locator("#timeline")).to_contain_text(
        "Accepted instead of 120 of line 2: SEA-V40-F, now line 3"
    )
    expect(buyer.locator("#timeline")).to_contain_text("line 3 comes instead")

    expect(order_page.locator("#line-3")).to_contain_text("SEA-V40-F")
    expect(order_page.locator("#offers")).to_be_hidden()
    expect(order_page.locator("#news")).to_have_text(
        "Accepted: SEA-V40-F instead of 120 of line 2. Line 3: 120 ready to ship, arriving Mon 23 Nov."
    )
    staff.reload()
    expect(staff.locator("main")).to_contain_text("Accepted Wed 18 Nov")


def test_a_declined_offer_leaves_the_line_waiting(
    petra: Visit, dev: Visit, story: Story, ordered: Json
) -> None:
    offered = offer(story, ordered)
    staff = dev.go(f"/orders/{ordered['number']}")
    expect(staff.locator(".live .said")).to_have_text("Live")
    page = petra.go(path(ordered, offered))
    page.get_by_label("Why").fill("NBR is prescribed")
    page.get_by_role("button", name="Decline").click()
    expect(page.locator("main")).to_contain_text("Declined Wed 18 Nov")
    expect(page.locator("q")).to_have_text("NBR is prescribed")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    expect(staff.locator("#news")).to_have_text("The offer of SEA-V40-F for line 2 was declined.")
    expect(staff.locator("#offers")).to_be_hidden()
    expect(staff.locator("#timeline")).to_contain_text("NBR is prescribed")
    expect(staff.locator("tbody.line")).to_have_count(2)


def test_who_comes_second_is_told_what_the_first_has_done(
    petra: Visit, dev: Visit, story: Story, ordered: Json
) -> None:
    offered = offer(story, ordered)
    buyer, staff = petra.go(path(ordered, offered)), dev.go(path(ordered, offered))
    staff.get_by_label("Why, for the buyer to read").fill("The last ones are scratched")
    staff.get_by_role("button", name="Withdraw the offer").click()
    expect(staff.locator("main")).to_contain_text("Withdrawn Wed 18 Nov")
    buyer.get_by_role("button", name="Accept: SEA-V40-F").click()
    alert = buyer.get_by_role("alert")
    expect(alert).to_contain_text(f"Offer {offered['id']} was withdrawn already, by Dev Patel")
    expect(alert).to_be_focused()
    expect(buyer.locator("main")).to_contain_text("The last ones are scratched")
    assert len(story.world.read(ordered)["lines"]) == 2


def test_nobody_agrees_to_a_later_day_than_was_shown(petra: Visit, story: Story, ordered: Json) -> None:
    """While the buyer thinks it over, somebody else takes the goods."""
    world = story.world
    world.product("SEA-V40-X", price="1.00", **SEALS)
    world.stock("MAIN", "SEA-V40-X", 160)
    offered = offer(story, ordered, sku="SEA-V40-X")
    page = petra.go(path(ordered, offered))
    expect(page.locator(".becomes")).to_contain_text("160 stand ready")
    world.order("NORDWIND", {"SEA-V40-X": 150})
    page.get_by_role("button", name="Accept: SEA-V40-X").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "It was shown to arrive on 23 Nov 2026, but would now arrive"
    )
    expect(page.locator(".becomes")).to_contain_text("150 are backordered")
    page.get_by_role("button", name="Accept: SEA-V40-X").click()
    expect(page.locator("#now-h")).to_be_visible()


def test_a_reader_looks_and_cannot_answer(visit: Callable[..., Visit], story: Story, ordered: Json) -> None:
    offered = offer(story, ordered)
    window = visit()
    window.sign_in(ROBIN, PASSWORD)
    page = window.go(f"/orders/{ordered['number']}")
    expect(page.locator("#offers")).not_to_contain_text("Accept")
    page.get_by_role("link", name="Look at the offer").click()
    expect(page).to_have_url(re.compile(path(ordered, offered)))
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("A buyer or an administrator of your account")


def test_without_script_it_is_offered_and_taken(
    visit: Callable[..., Visit], story: Story, ordered: Json
) -> None:
    staff = visit(script=False)
    page = staff.sign_in(DEV, PASSWORD)
    staff.go(f"/desk/orders/{ordered['number']}/lines/2/substitute")
    page.get_by_role("searchbox", name="Search an SKU or a name").fill("epdm")
    page.get_by_role("search", name="Products").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Choose SEA-V40-E").click()
    page.get_by_label("Instead of so much of line 2").fill("200")
    page.get_by_label("So much of SEA-V40-E").fill("1.5")
    page.get_by_label("Price each").fill("one")
    page.get_by_label("What the buyer should know").fill("What we have.")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.get_by_label("Price each")).to_have_value("one")
    expect(page.locator("#unit_price-p")).to_have_text("Write a price in digits, such as 12 or 12.50.")
    page.get_by_label("Price each").fill("")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.locator("#substitute_quantity-p")).to_contain_text("whole pieces")
    page.get_by_label("So much of SEA-V40-E").fill("80")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "200 of line 2 cannot be replaced: 160 wait or stand ready."
    )
    expect(page.get_by_label("What the buyer should know")).to_have_value("What we have.")
    page.get_by_label("Instead of so much of line 2").fill("80")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.locator("h1")).to_have_text("Offered for line 2")

    buyer = visit(script=False)
    page = buyer.sign_in()
    buyer.go(f"/orders/{ordered['number']}")
    page.get_by_role("link", name="Accept or decline").click()
    page.get_by_role("button", name="Accept: SEA-V40-E").click()
    page.get_by_role("link", name="To line 3 on the order").click()
    expect(page.locator("#line-3")).to_contain_text("SEA-V40-E")


def test_the_keyboard_alone_is_enough(petra: Visit, story: Story, ordered: Json) -> None:
    offered = offer(story, ordered)
    page = petra.go(f"/orders/{ordered['number']}")
    tab_to(page, f"#offer-{offered['id']} .btn")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path(ordered, offered)}")
    tab_to(page, "form[action$='acceptance'] button")
    assert not is_covered(page)
    tab_to(page, "form[action$='refusal'] textarea")
    page.keyboard.type("We would rather wait")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("q")).to_have_text("We would rather wait")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320], ids=["desk", "phone"])
def test_every_state_can_be_used_by_everybody(
    visit: Callable[..., Visit], story: Story, width: int, dark: bool
) -> None:
    """Nothing for axe to find, no sideways scrolling, targets that a thumb can hit."""
    ordered = order(story.world)
    said = offer(story, ordered, quantity="40", substitute_quantity="50")
    story.world.told(ordered, f"substitutions/{said['id']}/refusal", {"note": "no"})
    taken = offer(story, ordered, quantity="40", substitute_quantity="50")
    story.world.told(ordered, f"substitutions/{taken['id']}/acceptance", {})
    stands = offer(story, ordered, quantity="120", substitute_quantity="5100")
    too_much = offer(story, ordered, line=1, quantity="100")
    story.world.ship(ordered, "MAIN", {1: 10})
    form = f"/desk/orders/{ordered['number']}/lines"
    pages = {
        PETRA: [
            f"/orders/{ordered['number']}",
            *(path(ordered, one) for one in (said, taken, stands, too_much)),
        ],
        DEV: [
            f"/orders/{ordered['number']}",
            path(ordered, stands),
            *(
                f"{form}/{rest}"
                for rest in ("1/substitute", "3/substitute", "3/substitute?q=nothing-like-it")
            ),
            f"{form}/3/substitute?sku=SEA-V40-E&quantity=9999&substitute_quantity=x&unit_price=y",
            f"{form}/3/substitute?sku=SEA-V40-E",
        ],
    }
    found: dict[str, list[str]] = {}
    for email, addresses in pages.items():
        window = visit(width=width, dark=dark)
        window.sign_in(email, PASSWORD)
        for address in addresses:
            page = window.go(address)
            found[f"{email} {address}"] = [*audit(page), *_beyond(page, width), *_too_small(page)]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _beyond(page: Page, width: int) -> list[str]:
    reach: list[str] = page.locator("body *").evaluate_all(
        f"all => all.filter(e => e.getBoundingClientRect().right > {width + 1})"
        ".filter(e => e.checkVisibility() && !e.closest('.vh, .defs')).map(e => e.outerHTML.slice(0, 80))"
    )
    return reach


def _too_small(page: Page) -> list[str]:
    small: list[str] = page.locator("main a:not(p a, td a, dd a), main button, main input").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.type !== 'hidden' && e.type !== 'checkbox')"
        ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])"
        ".filter(([_, box]) => box.height < 24 || box.width < 24).map(([html, box]) => `${html} ${box.height}`)"
    )
    return small
