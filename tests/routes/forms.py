"""The forms and addresses that pages really have, read from the pages, and what somebody could send instead."""

import random
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

Fields = list[tuple[str, str]]

# A page that repeats one of these as it is has been talked into something.
SCRIPT = "<script>alert(1)</script>"
EVIL = "evil.example"
PRODUCT = str(1234 * 4321)
HEADER = "planted"
NASTY = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x01\x02\x1b[2J\x7f",
    f"a\r\nSet-Cookie: {HEADER}=1\r\n\r\n{SCRIPT}",
    "\u202eright to left\u2066",
    "Z\u0351\u0343a\u0300l\u0334g\u0337o" * 20,
    "\U0001f469\u200d\U0001f4bb",
    "\ufeff\u200b\u2028\u0085",
    "\ufdfd" * 300,
    "ﬀ\u0130\u0131\u00df",
    "x" * 20_000,
    SCRIPT,
    f'"><img src=x onerror=alert(1)>{SCRIPT}',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)//",
    "data:text/html,<script>alert(1)</script>",
    "{{1234*4321}}${1234*4321}#{1234*4321}<%= 1234*4321 %>",
    "{x.__class__}%(x)s%n%s",
    "' or 1=1 --",
    "'; drop table orders; --",
    "=1+1",
    "@SUM(A1)",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"/\\{EVIL}/",
    f"/\t/{EVIL}/",
    f"http:{EVIL}",
    f"/%09/{EVIL}",
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "007",
    "1e5",
    "1e999",
    "1E-400",
    "0.0000000001",
    "9" * 30,
    "9" * 400,
    str(2**31),
    str(2**63),
    "-" + str(2**63 + 1),
    "NaN",
    "Infinity",
    "-Infinity",
    "sNaN",
    "1_000",
    "0x10",
    "\u0663",
    "\uff11",
    "\u00b2",
    "1,5",
    "1.234.567,89",
    "2026-11-18",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "-1-01-01",
    "2026-11-18T24:00:00Z",
    "2026-W01-1",
    "true",
    "on",
    "null",
    "undefined",
    "[]",
    '{"a":{"b":[1,2]}}',
    "%",
    "_%",
    "%%%%%",
    "\\",
    "*",
    ":* & | !",
    "(((((",
)
# What is not even text in any encoding that a browser sends.
RAW = ("%ff%fe", "%c0%80", "%ed%a0%80", "%", "%zz", "%f5%80%80%80", "%e2%28%a1")


@dataclass
class Form:
    method: str
    action: str
    fields: Fields = field(default_factory=list)
    is_multipart: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.fields)


class _Reader(HTMLParser):
    """Forms with what a browser would send of them untouched, and the addresses that the page leads to."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        for name in ("href", "hx-get", "src"):
            if name in said:
                self.links.append(said[name])
        if tag == "form":
            form = Form(said.get("method", "get").upper(), said.get("action") or self.path)
            form.is_multipart = said.get("enctype", "").startswith("multipart")
            self._form = form
            self.forms.append(form)
            self.by_id[said.get("id", "")] = form
        elif tag == "select":
            self._select = said.get("name")
        elif tag == "option" and self._select:
            self._add(self._select, said.get("value", ""), said)
        elif tag in {"input", "textarea", "button"} and said.get("name"):
            self._add(said["name"], said.get("value", ""), said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _add(self, name: str, value: str, said: dict[str, str]) -> None:
        form = self.by_id.get(said["form"]) if "form" in said else self._form
        if form is not None:
            form.fields.append((name, value))


def read(text: str, path: str) -> tuple[list[Form], list[str]]:
    """(its forms, the addresses within the portal that it leads to)"""
    reader = _Reader(path)
    reader.feed(text)
    return reader.forms, [link for link in reader.links if re.match(r"/(?![/\\])", link)]


def pattern(address: str) -> str:
    """Addresses that differ by a number or by what was filtered are alike."""
    parts = urlsplit(address)
    path = re.sub(r"/[^/]*\d[^/]*", "/#", parts.path)
    return f"{path}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query)}))}"


def disturbed(fields: Fields, chance: random.Random, kept: frozenset[str]) -> Fields:
    """A form as somebody with bad manners sends it: other values, fields twice, left out, or never asked for."""
    sent: Fields = []
    for name, value in fields:
        roll = chance.random()
        if name in kept or roll < 0.35:
            sent.append((name, value))
        elif roll < 0.9:
            sent.append((name, chance.choice(NASTY)))
            if roll > 0.85:
                sent.append((name, chance.choice(NASTY)))
    if chance.random() < 0.2:
        sent.append(
            (chance.choice(("id", "account", "is_supplier", "__proto__", "roles")), chance.choice(NASTY))
        )
    return sent


def encoded(sent: Fields, chance: random.Random) -> bytes:
    """As a browser writes it, and sometimes not."""
    text = urlencode([(name, value) for name, value in sent], errors="surrogatepass")
    if chance.random() < 0.15:
        text += f"&{chance.choice(('q', 'note', 'sku-1', 'comment'))}={chance.choice(RAW)}"
    return text.encode()
