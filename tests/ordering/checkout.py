"""A buyer with a browser but no script: fills a cart, looks at the review, presses the button."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx

from tests.portals import Portal
from tests.routes.cast import PASSWORD, Guest
from tests.scenarios.driver import Json, World

PETRA = "petra@nordwind.example"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def open_shop(portal: Portal, *, tag: str = "") -> World:
    """One warehouse with tariffs, three products, and Nordwind with Petra and Klaus, who may approve."""
    world = World(portal, tag)
    parcel = {
        "mode": "parcel",
        "currency": "GBP",
        "per_shipment": "6.50",
        "per_kg": "0.40",
        "free_from": "500",
    }
    freight = {"mode": "freight", "currency": "GBP", "per_shipment": "45.00", "per_kg": "0.15"}
    world.location("MAIN", freight_tariffs=[parcel, freight])
    world.product("BOLT", price="2.00", weight_kg="0.5")
    world.product("NUT", price="1.00", weight_kg="0.5")
    world.product("BEAM", price="40.00", mode="freight", weight_kg="30")
    for sku, on_hand in (("BOLT", 500), ("NUT", 50), ("BEAM", 4)):
        world.stock("MAIN", sku, on_hand)
    world.account("NORDWIND")
    for email, roles in ((PETRA, ["buyer"]), ("klaus@nordwind.example", ["approver"])):
        person = {"name": email.split("@")[0].title(), "roles": roles, "password": PASSWORD}
        world.put(f"accounts/{world.code('NORDWIND')}/users/{email}", person)
    return world


@dataclass
class Buyer:
    """`page` is the review as it was last read."""

    portal: Portal
    email: str = PETRA
    client: httpx.Client = field(init=False)
    page: str = ""

    def __post_init__(self) -> None:
        self.client = self.portal.browser()
        answer = Guest(self.client).sign_in(self.email)
        assert answer.status_code == 303, answer.text

    def cart(self, *lines: str) -> None:
        """Empty what is there, and put these lines in."""
        self.post("/new-order/emptying", {})
        self.post("/new-order/lines", {"lines": "\n".join(lines)})

    def post(self, path: str, data: dict[str, Any]) -> httpx.Response:
        form = {
            "_csrf": Guest(self.client).token("/new-order"),
            "form": f"f{id(data)}{len(self.page)}{path}"[:60],
        }
        answer = self.client.post(path, data={**form, **data})
        assert answer.status_code == 303, answer.text[-3000:]
        return answer

    def look(self, **query: str) -> str:
        answer = self.client.get("/new-order/review", params=query)
        assert answer.status_code == 200, answer.text[-3000:]
        self.page = answer.text
        return self.page

    def form(self, **said: str) -> dict[str, str]:
        """The form of the page as it stands, with what is typed into it."""
        section = self.page[self.page.index('id="review-form"') :]
        found = {name: unescape(value) for name, value in HIDDEN.findall(section[: section.index("</form>")])}
        chosen = re.findall(r'name="delivery_preference" value="([^"]+)" checked', section)
        ship_to = re.findall(r'<option value="([^"]+)" selected', section)
        days = re.findall(r'name="(need-\d+)" value="([^"]*)"', section)
        words = re.findall(
            r'name="(purchase_order_number|cost_centre|requested_on)"[^>]* value="([^"]*)"', section
        )
        return {
            **found, "delivery_preference": chosen[0], "ship_to": ship_to[0], **dict(days), **dict(words),
            "instructions": "", **said,
        }  # fmt: skip

    def press(self, **said: str) -> httpx.Response:
        """The button that orders; the answer's page is kept."""
        return self.send(self.form(do="place", **said))

    def send(self, form: dict[str, str]) -> httpx.Response:
        answer = self.client.post("/new-order/review", data=form)
        if answer.status_code != 303:
            self.page = answer.text
        return answer

    def order(self, *lines: str, **said: str) -> Json:
        """All of it at once; answers the order as the API tells it."""
        self.cart(*lines)
        self.look()
        return self.placed(self.press(**said))

    def placed(self, answer: httpx.Response) -> Json:
        assert answer.status_code == 303, answer.text[-3000:]
        where = answer.headers["location"]
        assert where.startswith("/orders/SO-"), where
        told: Json = self.portal.erp.get(where).json()
        return told


def text(page: str) -> str:
    """What a reader reads."""
    main = page[page.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())
