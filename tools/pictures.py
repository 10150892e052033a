"""Take the pictures of the README: `make pictures` while a demo runs, a fresh one best.

Signs in as the demo's people, looks at their pages, plays two stories beside the order's page, and writes what it sees
to docs/pictures. The stories move the demo's clock; in the end it is set back to real time.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browsers import launch_options  # noqa: E402 - the project is not installed

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000
# A page has fewer, but for the smooth edges of its text.
COLOURS = 256
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    demo = _demo()
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        _of_the_supplier(browser, demo)
        _of_the_buyer(browser, demo)
        _of_stories(browser, demo)
        browser.close()


def _demo() -> dict[str, Any]:
    """Where the demo is and who can sign in, as it wrote it down when it began."""
    home = Path(os.environ.get("PORTAL_HOME", ROOT / ".portal"))
    try:
        told: dict[str, Any] = json.loads((home / "demo.json").read_text())
    except FileNotFoundError:
        sys.exit("No demo has been here: run `make demo` in another window first.")
    return told


def _of_the_supplier(browser: Browser, demo: dict[str, Any]) -> None:
    with _signed_in(browser, demo, "operations", DESK) as page:
        page.goto(f"{demo['base_url']}/desk")
        _take(page, "desk")
        page.goto(f"{demo['base_url']}/insight")
        _take(page, "insight")


def _of_the_buyer(browser: Browser, demo: dict[str, Any]) -> None:
    with _signed_in(browser, demo, "buyer", DESK) as page:
        page.goto(f"{demo['base_url']}/arrivals")
        _take(page, "arrivals")
        page.goto(f"{demo['base_url']}/invoices")
        _take(page, "invoices")
        _invoice(page, demo)


def _invoice(page: Page, demo: dict[str, Any]) -> None:
    """The first page of the paper of an invoice that bills a part of an order."""
    row = page.locator("tr", has_text="4500117990").last
    address = row.get_by_role("link", name="PDF").get_attribute("href")
    pdf = page.request.get(f"{demo['base_url']}{address}").body()
    sheet = pypdfium2.PdfDocument(pdf)[0].render(scale=1.5).to_pil().convert("RGB")
    _keep(sheet, "invoice")


def _of_stories(browser: Browser, demo: dict[str, Any]) -> None:
    with _signed_in(browser, demo, "buyer", DESK) as page:
        number = _play(page, f"{demo['base_url']}/demo/thirty-eight-lines", 5)
        _take(page, "story")
        with _signed_in(browser, demo, "buyer", PHONE) as phone:
            phone.goto(f"{demo['base_url']}/orders/{number}")
            _live(phone)
            _take(phone, "order-phone")
        _play(page, f"{demo['base_url']}/demo/a-short-delivery", 6)
        _take(page, "short-delivery")
        page.locator("details.more-of > summary").click()
        page.locator("form[action='/demo/real-time'] button").click()
        expect(page.locator("form[action='/demo/real-time']")).to_have_count(0)


def _play(page: Page, address: str, steps: int) -> str:
    """Play a story anew up to this step; answers the number of the order that stands beside it."""
    page.goto(address)
    page.locator("#begin").click()
    done = page.locator("#steps > li.done")
    expect(done).to_have_count(1)
    for at in range(2, steps + 1):
        page.locator("#next").click()
        expect(done).to_have_count(at)
    # Seen anew: the order's page lists what has happened up to here.
    page.reload()
    _live(page.frame_locator("#watch iframe"))
    page.locator("h1").click()
    return str(page.locator("#watch iframe").get_attribute("src")).rpartition("/")[2]


def _live(page: Any) -> None:
    expect(page.locator(".live .said")).to_have_text("Live")


@contextmanager
def _signed_in(browser: Browser, demo: dict[str, Any], role: str, viewport: dict[str, int]) -> Iterator[Page]:
    """The first of the cast who has that role, at a window of that size."""
    person = next(one for one in demo["users"] if one["role"] == role)
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        locale="en-GB",
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{demo['base_url']}/sign-in?next=/orders")
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/orders")
    yield page
    context.close()


def _take(page: Page, name: str) -> None:
    _keep(Image.open(BytesIO(page.screenshot())).convert("RGB"), name)


def _keep(shot: Image.Image, name: str) -> None:
    path = PICTURES / f"{name}.png"
    few = shot.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"{path.name} is {size} bytes; the README's pictures are to stay below {LARGEST}.")
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")


if __name__ == "__main__":
    main()
