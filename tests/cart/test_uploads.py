"""A CSV file: read at once, put into the cart in slices, followed with its progress; nothing of it is lost."""

import asyncio
import bz2
import gzip
import io
import re
import time
import zipfile
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


def packed(how: int) -> bytes:
    """50 MB, packed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", how) as archive:
        archive.writestr("../../lines.csv", b"BOLT;1\n" * 7_000_000)
    return written.getvalue()


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
        # Packed: 50 MB that would be unpacked from a few thousand octets.
        (packed(zipfile.ZIP_DEFLATED), "This is a workbook."),
        (gzip.compress(b"BOLT;1\n" * 7_000_000), "This is no text file."),
        (bz2.compress(b"\x00" * 50_000_000), "This is no text file."),
        # A picture to one reader and a list to another.
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\nBOLT;1\n", "This is no text file."),
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


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>;1\n",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"%PDF-1.7\n1 0 obj <</JS (app.alert(1))>> endobj\n",
        b"=cmd|' /C calc'!A0;1\n@SUM(A1);2\n",
        "\u202eTLOB;1\n\u200bBOLT;\u0661\n\x85;1\n\ufdfd\ufdfd;1\n".encode(),
    ],
    ids=["SVG", "HTML", "XML with an entity", "PDF", "formulas", "odd letters"],
)
def test_what_is_text_of_another_kind_becomes_lines_that_need_a_look(shop: Shop, content: bytes) -> None:
    """Nothing of it runs, nothing of it is read as what it is, and its name is only ever text."""
    basket = shop.basket()
    answer = upload(
        basket, content, name='../../etc/passwd"; filename="x.php\r\nX-Mine: 1<script>alert(1)</script>'
    )
    text = answer.text if answer.status_code == 422 else followed(basket, answer).answer.text
    assert "<script>alert(1)</script>" not in text
    assert "root:" not in text
    assert "x-mine" not in answer.headers
