"""A page of the supply desk as a person without script finds it: its words, its tables, its forms."""

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.routes.cast import Guest


@dataclass
class Filled:
    """A form and its fields as they stand."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Sheet:
    """A page that came."""

    guest: Guest
    answer: httpx.Response
    forms: list[Filled]
    text: str
    rows: list[list[str]]

    @classmethod
    def open(cls, guest: Guest, path: str, status: int = 200) -> "Sheet":
        return cls.of(guest, guest.client.get(path), status)

    @classmethod
    def of(cls, guest: Guest, answer: httpx.Response, status: int = 200) -> "Sheet":
        assert answer.status_code == status, f"{answer.status_code}: {answer.request.url}"
        reader = _Reader()
        reader.feed(answer.text)
        return cls(guest, answer, reader.forms, " ".join("".join(reader.words).split()), reader.rows)

    def form(self, end: str) -> Filled:
        """The form whose address ends like this."""
        return next(form for form in self.forms if form.action.endswith(end))

    def post(self, end: str, **typed: object) -> httpx.Response:
        """Send a form with more typed into it: `received_1` is the field `received-1`. No redirect is followed."""
        form = self.form(end)
        more = {named(name): str(value) for name, value in typed.items()}
        return self.guest.client.post(form.action, data=form.fields | more)

    def send(self, end: str, status: int = 200, **typed: object) -> "Sheet":
        """Send a form, and see the page that follows."""
        answer = self.post(end, **typed)
        if answer.status_code == 303:
            answer = self.guest.client.get(answer.headers["location"])
        return Sheet.of(self.guest, answer, status)

    def row(self, *words: str) -> list[str]:
        """The cells of the one row of a table that contains these words."""
        found = [row for row in self.rows if all(word in " ".join(row) for word in words)]
        assert len(found) == 1, f"{len(found)} rows with {words} in {self.rows}"
        return found[0]

    def links(self, start: str) -> list[str]:
        """The addresses of links that begin like this."""
        pieces = self.answer.text.split('href="')[1:]
        found = [unescape(piece.split('"', 1)[0]) for piece in pieces]
        return [address for address in found if address.startswith(start)]


def named(name: str) -> str:
    """The field that an argument means: `received_1` is `received-1`, `on_hand` is itself."""
    start, _, line = name.rpartition("_")
    return f"{start}-{line}" if line.isdigit() else name


class _Reader(HTMLParser):
    """Words of `main`, the cells of its tables, and the fields of its forms as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.is_within = False
        self.is_in_cell = False
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.is_within = self.is_within or tag == "main"
        if not self.is_within:
            return
        self._words(tag)
        if tag == "form":
            self.forms.append(Filled(found.get("action", "")))
        elif self.forms:
            self._field(tag, found)

    def _words(self, tag: str) -> None:
        if tag in {"p", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "small", "tr", "option", "div"}:
            self.words.append(" ")
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")
            self.is_in_cell = True

    def _field(self, tag: str, found: dict[str, Any]) -> None:
        fields, name = self.forms[-1].fields, found.get("name", "")
        is_on = found.get("type") not in {"checkbox", "radio"} or "checked" in found
        if tag == "input" and name and is_on:
            fields[name] = found.get("value", "")
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            fields[name] = ""
        elif tag == "option" and self.select and ("selected" in found or self.select not in fields):
            fields[self.select] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.is_within = False
        if tag in {"td", "th"}:
            self.is_in_cell = False
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if not self.is_within:
            return
        if self.area:
            self.forms[-1].fields[self.area] += data
        self.words.append(data)
        if self.is_in_cell:
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())
