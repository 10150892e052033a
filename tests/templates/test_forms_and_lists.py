"""The list, the sign-in form and the error page by themselves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from portal.domain.access import Viewer
from portal.pages import Pages, Reader
from portal.routes.looking import Looking
from portal.views.order.listing import Asked, asked, listing, shows_account
from tests.templates.examples import TODAY

SUPPLIER = Viewer("amara@harrow.example", "Amara", None, frozenset({"orders:read"}))
BUYER = Viewer("petra@nordwind.example", "Petra", ("NORDWIND",), frozenset({"orders:read"}))
READER = Reader("token", "/orders", "Petra Vogt", "Nordwind")


@dataclass
class Found:
    id: int = 1
    version: int = 1
    number: str = "SO-2026-000001"
    account: str = "NORDWIND"
    account_name: str = "Nordwind Maschinenbau"
    purchase_order_number: str | None = "45001"
    state: str = "open"
    placed_at: datetime = datetime(2026, 11, 10, 9, tzinfo=UTC)
    currency: str = "GBP"
    total: Decimal = Decimal("1234.50")
    lines: int = 38
    lines_complete: int = 7
    next_arrival: date | None = date(2026, 11, 20)
    undated_lines: int = 6


def drawn(pages: Pages, found: list[Found], wanted: Asked, viewer: Viewer, before: int | None = None) -> str:
    looking = Looking(pages)
    several = shows_account(viewer)
    rows = [looking.row(order, "en", TODAY, shows_account=several) for order in found]
    made = listing(found, rows, before, wanted, pages.tongue("en"), viewer)
    return pages.page(
        "orders/index.html", locale="en", reader=READER, listing=made, section="orders", is_index=True
    )


def test_a_row_tells_how_far_an_order_is(pages: Pages) -> None:
    page = drawn(pages, [Found()], Asked(), BUYER)
    for said in ("SO-2026-000001", "45001", "7 of 38", "6 lines without a date", "£1,234.50", "20 Nov"):
        assert said in page
    assert "Nordwind Maschinenbau (NORDWIND)" not in page, (
        "a buyer of one account knows whose orders they are"
    )


def test_the_suppliers_people_see_whose_orders_they_are(pages: Pages) -> None:
    assert "Nordwind Maschinenbau (NORDWIND)" in drawn(pages, [Found()], Asked(), SUPPLIER)


def test_an_empty_list_says_what_to_do(pages: Pages) -> None:
    assert "There are no orders yet" in drawn(pages, [], Asked(), BUYER)
    assert "No order fits" in drawn(pages, [], Asked(q="x"), BUYER)


def test_the_next_page_keeps_what_was_asked(pages: Pages) -> None:
    page = drawn(pages, [Found()], Asked(q="45", state="open"), BUYER, before=17)
    assert 'href="/orders?q=45&amp;state=open&amp;before=17"' in page


def test_nonsense_in_the_address_is_left_out() -> None:
    wanted = asked({"state": "everything", "before": "-1", "attention": "yes", "q": "a\x00b" + "c" * 500})
    assert wanted == Asked(q="ab" + "c" * 78)


def test_the_sign_in_form_keeps_the_address_and_never_the_password(pages: Pages) -> None:
    page = pages.page(
        "sign_in/show.html",
        locale="en",
        reader=Reader("token", "/sign-in"),
        email="petra@<b>",
        problem="No.",
        next="/x",
    )
    assert 'value="petra@&lt;b&gt;"' in page
    assert 'autocomplete="current-password"' in page
    assert 'type="password" name="password" value' not in page
