"""A CSV file: read at once, put into the cart in slices, followed with its progress; nothing of it is lost."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool
from portal.operations import uploading
from tests.cart.conftest import Shop, furnish
from tests.cart.reading import Basket
from tests.desk.floor import now
from tests.portals import Portal
from tests.routes import cast


def upload(basket: Basket, content: bytes, name: str = "lines.csv", number: str = "") -> Any:
    """Send the file from the page's form; answers where that led."""
    basket.look()
    form = {
        "_csrf": basket.guest.token("/new-order"),
        "form": number or re.findall(r'name="form" value="([^"]+)"', basket.markup)[-1],
        "account": basket.account,
    }
    files = {"file": (name, content, "text/csv")}
    return basket.guest.client.post("/new-order/uploads", data=form, files=files)


def followed(basket: Basket, answer: Any) -> Basket:
    """Look until all of it is in the cart."""
    assert answer.status_code == 303, answer.text[-3000:]
    address = answer.headers["location"]
    for _ in range(100):
        answer = basket.guest.client.get(address)
        if answer.status_code == 303:
            basket.answer = basket.guest.client.get(answer.headers["location"])
            return basket
        assert "lines are in the cart" in answer.text
        time.sleep(0.2)
    raise AssertionError("the file was never done")


def test_a_small_file_is_in_the_cart_when_the_page_comes(shop: Shop) -> None:
    basket = shop.basket()
    content = (
        b'\xef\xbb\xbfArtikel;Menge;Termin\r\nN-100;10;2026-12-01\r\n"HOSE";2,5;\r\nBLOT;3;\r\nNUT;viele;\r\n'
    )
    followed(basket, upload(basket, content))
    assert basket.told == "lines.csv: all 4 lines are in the order."
    assert basket.rows["BOLT"].fields["need"] == "2026-12-01"
    assert basket.rows["HOSE"].fields["qty"] == "2.5"
    assert "No product is known" in basket.rows["BLOT"].text
    assert "cannot be read" in basket.rows["NUT"].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_letters_come_as_spreadsheets_write_them(shop: Shop, encoding: str) -> None:
    basket = shop.basket()
    followed(basket, upload(basket, "Größe-12\t4\n".encode(encoding)))
    assert basket.rows["Größe-12"].fields["qty"] == "4"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 a workbook", "This is a workbook. Save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "This is a workbook."),
        (b"GIF89a\x00\x00", "This is no text file."),
        (b"", "There is no line in this file."),
        (b"BOLT 1\n" * 5002, "The file has 5,002 lines, and an order at most 5,000."),
        (b"BOLT;1;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;\n" * 28_000, "The file is larger than 1 MB."),
        (b"x" * 1_200_000, "more than 1 MB"),
    ],
)
def test_what_is_no_list_is_refused_in_words(shop: Shop, content: bytes, said: str) -> None:
    basket = shop.basket()
    answer = upload(basket, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert not basket.look().rows


def test_a_file_that_is_sent_twice_goes_in_once(shop: Shop) -> None:
    basket = shop.basket()
    first = upload(basket, b"BOLT;5\n", number="once")
    second = upload(basket, b"BOLT;5\n", number="once")
    assert first.headers["location"] == second.headers["location"]
    assert basket.look().rows["BOLT"].fields["qty"] == "5"


def test_a_strangers_upload_is_not_there(shop: Shop) -> None:
    basket = shop.basket()
    address = upload(basket, b"BOLT;5\n").headers["location"]
    assert cast.at_home(shop.portal, cast.RITA).client.get(address).status_code == 404


def test_what_does_not_fit_any_more_is_refused_before_anything_of_it_is_in(shop: Shop) -> None:
    basket = shop.basket()
    followed_in_process(shop, basket, "\n".join(f"X-{n};1" for n in range(3000)))
    answer = upload(basket, "\n".join(f"Y-{n};1" for n in range(2001)).encode())
    assert answer.status_code == 422
    assert "it has 3,000, and these are 2,001" in answer.text
    basket.empty()


def followed_in_process(shop: Shop, basket: Basket, text: str) -> None:
    """As the worker would do it."""
    address = upload(basket, text.encode()).headers["location"]
    number = int(address.split("/")[-1].split("?")[0])

    async def carry_on() -> None:
        async with await open_pool(shop.portal.database_url) as pool:
            while await uploading.carry_on(pool, number, "Europe/London"):
                pass

    now(carry_on())


def test_two_workers_at_one_file_put_each_line_in_once(shop: Shop) -> None:
    basket = shop.basket()
    text = "\n".join(f"X-{n};{n + 1}" for n in range(1500))
    address = upload(basket, text.encode()).headers["location"]
    number = int(address.split("/")[-1].split("?")[0])

    async def race() -> None:
        async with await open_pool(shop.portal.database_url) as pool:

            async def work(pool: Pool) -> None:
                while await pool.fetchval(
                    "select 1 from cart_upload where id = $1 and state = 'waiting'", number
                ):
                    await uploading.carry_on(pool, number, "Europe/London")

            await asyncio.gather(*(work(pool) for _ in range(3)))

    now(race())
    basket.look()
    assert "1,500 lines need a look" in basket.truth
    basket.empty()


@pytest.fixture(scope="module")
def working(start_portal: Callable[..., Portal]) -> Shop:
    """A shop whose worker runs."""
    return furnish(start_portal(worker=True))


def test_the_worker_puts_a_large_file_in_and_the_page_shows_how_far_it_is(working: Shop) -> None:
    basket = working.basket()
    text = "\n".join(f"BOLT;1;{2027 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}" for n in range(3000))
    answer = upload(basket, text.encode(), "a year.csv")
    page = basket.guest.client.get(answer.headers["location"])
    if page.status_code == 200:
        assert re.search(r'<progress id="bar" max="3000" value="\d+">', page.text)
    followed(basket, answer)
    assert basket.told == "a year.csv: all 3,000 lines are in the order."
    assert "3,000 lines for" in basket.truth
