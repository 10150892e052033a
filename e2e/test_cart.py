"""New order in a browser: paste, mend, change, find, upload, keep; by keyboard, without script, at every width."""

import re
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PASSWORD, PETRA, Story, Visit
from e2e.test_pages import audit, tab_to
from tests.desk.floor import now

pytestmark = pytest.mark.browser

# Of the story: two products that are on the shelf, one that waits, and three lines that need a look.
LINES = "BRG-6204-2RS 60\nSCR-M8-40 450 2026-12-04\nSEA-V40 40\nBRG6204-2RS 10\nPUL-SPA-160\nSEA-GSK-80 1.5"


@pytest.fixture(autouse=True)
def _empty_cart(story: Story) -> None:
    """Each journey begins with nothing in the cart, and with a price that falls with the quantity."""
    prices = [
        {"sku": "SEA-V40", "amount": "1.35", "min_quantity": "0"},
        {"sku": "SEA-V40", "amount": "1.18", "min_quantity": "200"},
    ]
    story.world.prices("PA-E", "NORDWIND", prices)

    async def empty() -> None:
        connection = await asyncpg.connect(story.portal.database_url)
        await connection.execute("delete from cart")
        await connection.execute("delete from saved_list")
        await connection.close()

    now(empty())


def paste(page: Page, lines: str = LINES) -> None:
    page.get_by_label("Lines of number and quantity").fill(lines)
    page.get_by_role("button", name="Add to the order").click()
    expect(page.locator("#told")).to_contain_text("added")


def test_pasting_mending_and_changing_saves_itself(petra: Visit) -> None:
    page = petra.go("/new-order")
    paste(page)
    expect(page.locator(".faulty tbody tr")).to_have_count(3)
    page.get_by_role("button", name=re.compile(r"^BRG-6204-2RS ")).first.click()
    expect(page.locator(".faulty tbody tr")).to_have_count(2)
    page.get_by_label("Quantity, line 5").fill("2")
    page.get_by_label("Quantity, line 6").fill("3")
    page.get_by_label("Quantity, line 6").press("Tab")
    expect(page.locator(".faulty")).to_have_count(0)
    expect(page.locator("#cart .truth")).to_contain_text("6 lines for")
    expect(page.locator("#news")).to_contain_text("6 lines for")

    quantity = page.get_by_label("Quantity of SEA-V40, line 3")
    quantity.fill("100")
    quantity.press("Tab")
    expect(page.locator("#news")).not_to_contain_text("need")
    expect(page.get_by_label("Needed by, line 3, SEA-V40")).to_be_focused()
    expect(page.locator("#lines-form input[name^='was-']").nth(2)).to_have_value(re.compile(r"^100\|"))
    page.reload()
    expect(page.get_by_label("Quantity of SEA-V40, line 3")).to_have_value("100")


def test_enter_goes_down_the_column_of_quantities(petra: Visit) -> None:
    page = petra.go("/new-order")
    paste(page, "BRG-6204-2RS 60\nSEA-V40 40\nSCR-M8-40 5")
    page.get_by_label("Quantity of BRG-6204-2RS, line 1").click()
    for typed in ("61", "41", "6"):
        page.keyboard.press("Control+A")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#cart .truth")).to_contain_text("3 lines for")
    expect(page.locator("#lines-form input[name^='was-']").nth(2)).to_have_value(re.compile(r"^6\|"))
    page.reload()
    values = page.locator("#lines-form input[name^='qty-']").evaluate_all("all => all.map(e => e.value)")
    assert values == ["61", "41", "6"]


def test_taking_out_can_be_undone(petra: Visit) -> None:
    page = petra.go("/new-order")
    paste(page, "BRG-6204-2RS 60\nSEA-V40 40")
    page.get_by_role("button", name="Take out line 1, BRG-6204-2RS").click()
    expect(page.locator("#told")).to_contain_text("Taken out: BRG-6204-2RS.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Quantity of BRG-6204-2RS, line 1")).to_have_value("60")


def test_searching_as_one_types_and_adding_what_was_found(petra: Visit) -> None:
    page = petra.go("/new-order")
    page.locator("#lines").fill("half typed")
    page.locator("#q").press_sequentially("gasket")
    expect(page.locator(".found li")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#lines")).to_have_value("half typed")
    page.get_by_label("Quantity of SEA-GSK-80").fill("4")
    page.get_by_label("Quantity of SEA-GSK-80").press("Enter")
    expect(page.get_by_label("Quantity of SEA-GSK-80, line 1")).to_have_value("4")


def test_a_file_is_uploaded_and_its_faults_stand_beside_its_lines(petra: Visit, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    file.write_text("Artikel;Menge\nBRG-6204-2RS;20\nSEA-V40;many\nNOBODY-1;3\n")
    page = petra.go("/new-order")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#told")).to_contain_text("november.csv: all 3 lines are in the order.")
    expect(page.locator(".faulty")).to_contain_text("This quantity cannot be read.")
    expect(page.locator(".faulty")).to_contain_text("No product is known by this number.")


def test_an_order_is_ordered_again_from_its_page(petra: Visit, story: Story) -> None:
    page = petra.go(story.path)
    page.get_by_role("link", name="Order again").click()
    expect(page.locator("tbody input[type='checkbox']")).to_have_count(38)
    page.get_by_role("button", name="Put these into the order").click()
    expect(page.locator("#told")).to_contain_text("were added.")
    page.locator("summary", has_text="Keep as a list").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Presses")
    page.get_by_role("button", name="Keep the list").click()
    expect(page.locator("h1")).to_have_text("Presses")


def test_the_whole_way_without_script(visit: Callable[..., Visit], story: Story) -> None:
    window = visit(script=False)
    window.sign_in()
    page = window.go("/new-order")
    paste(page)
    page.get_by_role("button", name=re.compile(r"^BRG-6204-2RS ")).first.click()
    page.get_by_label("Quantity, line 5").fill("2")
    page.get_by_label("Quantity, line 6").fill("3")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.locator(".faulty")).to_have_count(0)
    page.locator("#q").fill("gasket")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_label("Quantity of SEA-GSK-80", exact=True).fill("1")
    page.get_by_role("button", name="Add SEA-GSK-80").click()
    expect(page.get_by_label("Quantity of SEA-GSK-80, line 6")).to_have_value("4")
    page.get_by_label("Quantity of SEA-V40, line 3").fill("41")
    page.get_by_role("button", name="Review the order").first.click()
    expect(page).to_have_url(re.compile("/new-order/review"))
    window.go("/new-order")
    expect(page.get_by_label("Quantity of SEA-V40, line 3")).to_have_value("41")


def test_the_keyboard_alone_is_enough(visit: Callable[..., Visit], story: Story) -> None:
    window = visit()
    page = window.go("/sign-in?next=/new-order")
    page.keyboard.type(PETRA)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    tab_to(page, "#lines")
    page.keyboard.type("BRG-6204-2RS 60")
    page.keyboard.press("Enter")
    page.keyboard.type("BRG6204-2RS 10")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("2 lines were added.")
    tab_to(page, ".choices .btn >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".faulty")).to_have_count(0)
    tab_to(page, "#lines-form input[name^='qty-'] >> nth=1")
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert is_seen(page), "what has the focus is hidden"
    expect(page.locator("#lines-form input[name^='was-'] >> nth=1")).to_have_value(re.compile(r"^12\|"))
    tab_to(page, "#lines-form .submit .first")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/new-order/review"))


def is_seen(page: Page) -> bool:
    """Whether something has the focus and nothing lies on it. Not by `:focus`: within a field for a day, its button may
    have it, which no selector finds."""
    seen: bool = page.evaluate(
        "(() => { const e = document.activeElement, b = e.getBoundingClientRect();"
        " const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
        " return e !== document.body && (e.contains(top) || !!top?.contains(e)); })()"
    )
    return seen


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    visit: Callable[..., Visit], story: Story, width: int, dark: bool
) -> None:
    window = visit(width=width, dark=dark)
    window.sign_in()
    page = window.go("/new-order")
    found = {"empty": audit(page)}
    paste(page)
    found["added"] = audit(page)
    found |= {"searched": audit(window.go("/new-order?q=seal"))}
    page.get_by_text("Prices by quantity").first.click()
    found["breaks"] = audit(page)
    found |= {"again": audit(window.go(f"/new-order/from/{story.order['number']}"))}
    found |= {"lists": audit(window.go("/lists"))}
    page.get_by_role("textbox", name="Name", exact=True).fill("Monthly")
    page.get_by_label("Lines").fill("SEA-V40 10\nBRG-6204-2RS 5")
    page.get_by_role("button", name="Keep the list").click()
    found["list"] = audit(page)
    assert {name: violations for name, violations in found.items() if violations} == {}
    for path in ("/new-order?q=seal", "/lists", page.url.removeprefix(story.portal.base_url)):
        window.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
