"""A buyer before the page of the cart, without script: forms are filled in, buttons pressed, rows read."""

import html
import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.routes.cast import Guest


@dataclass(frozen=True)
class Row:
    """A line as it stands on the page. `fields` are its inputs by kind."""

    position: int
    fields: dict[str, str]
    text: str


@dataclass
class Basket:
    """The cart's page of one person for one account; empty is their own."""

    guest: Guest
    account: str = ""
    answer: httpx.Response | None = None

    def look(self, **query: object) -> "Basket":
        more = {"account": self.account} if self.account else {}
        self.answer = self.guest.client.get("/new-order", params=more | query)
        assert self.answer.status_code == 200, self.answer.text[:2000]
        return self

    @property
    def markup(self) -> str:
        assert self.answer is not None
        return self.answer.text

    @property
    def said(self) -> str:
        """All words of the page."""
        return plain(re.sub(r"(?s)^.*<main", "<main", self.markup))

    @property
    def told(self) -> str:
        """What came of the last form."""
        found = re.search(r'<div class="done.*?" id="told">(.*?)</div>', self.markup, re.DOTALL)
        return plain(found[1]) if found else ""

    @property
    def truth(self) -> str:
        found = re.search(r'<p class="truth">(.*?)</p>', self.markup, re.DOTALL)
        return plain(found[1]) if found else ""

    @property
    def rows(self) -> dict[str, Row]:
        """Every line of the page by its SKU, or by what was typed."""
        found = {}
        for position, body in re.findall(r'<tr id="line-(\d+)".*?>(.*?)</tr>', self.markup, re.DOTALL):
            fields = {
                name: html.unescape(value)
                for name, value in re.findall(rf'name="(\w+)-{position}" value="([^"]*)"', body)
            }
            sku = re.search(r'<span class="sku">(.*?)</span>', body)
            name = html.unescape(sku[1]) if sku else fields["code"]
            found[name] = Row(int(position), fields, plain(body))
        return found

    def post(self, path: str, **form: object) -> "Basket":
        """Send a form with the number of one that the page has; a redirect is followed."""
        number = re.search(r'name="form" value="([^"]+)"', self.markup)
        assert number is not None
        return self.send(path, number[1], **form)

    def send(self, path: str, number: str, **form: object) -> "Basket":
        """As it was sent from a page that carried this number."""
        fields = {"_csrf": self.guest.token("/new-order"), "form": number, "account": self.account}
        said = {name.replace("_", "-") if name[-1].isdigit() else name: str(v) for name, v in form.items()}
        answer = self.guest.client.post(path, data=fields | said)
        if answer.status_code == 303:
            answer = self.guest.client.get(answer.headers["location"])
        self.answer = answer
        return self

    def add(self, lines: str) -> "Basket":
        return self.look().post("/new-order/lines", lines=lines)

    def form(self) -> dict[str, str]:
        """The table of lines as a browser would send it."""
        found = {}
        for row in self.rows.values():
            found |= {f"{name}-{row.position}": value for name, value in row.fields.items()}
        return found

    def save(self, changes: dict[str, Any] | None = None, **buttons: object) -> "Basket":
        """Send the table of lines. `changes` by "<kind> <SKU>", as in `{"qty BOLT": 12}`."""
        return self.post("/new-order/cart", **self.form() | self.typed(changes or {}), **buttons)

    def typed(self, changes: dict[str, Any]) -> dict[str, str]:
        rows = self.rows
        said = {}
        for name, value in changes.items():
            kind, _, sku = name.partition(" ")
            said[f"{kind}-{rows[sku].position}"] = str(value)
        return said

    def empty(self) -> None:
        self.look()
        if self.rows:
            self.post("/new-order/emptying")
        assert not self.look().rows


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
