"""HTML: the templates, in each language, and what every page knows about its reader."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.filters import LOCALES, Tongue, tongue
from portal.refused import refusal_words

# Where this process was started from: a link that leads to a newer release meanwhile changes nothing for it.
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
THEMES = ("", "light", "dark")


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Somebody (`name`) looks as somebody else (`whose`, of `company`), and which of the two reads this. `level` says
    what they may do."""

    id: int
    name: str
    whose: str
    company: str
    reason: str
    ends_at: datetime
    seconds_left: int
    level: str
    is_acting: bool
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page, as far as the frame around it shows. Without a name nobody is signed in."""

    csrf: str
    here: str
    name: str = ""
    company: str = ""
    theme: str = ""
    # Which parts of the portal the frame leads to.
    may: frozenset[str] = frozenset()
    is_supplier: bool = False
    ribbon: Ribbon | None = None
    # Mail to them comes back.
    is_unreachable: bool = False

    @property
    def is_acting(self) -> bool:
        """Whether they see this as somebody else: then nothing is marked as read."""
        return self.ribbon is not None and self.ribbon.is_acting


@dataclass(frozen=True, slots=True)
class Site:
    """The supplier, as each page shows it. `has_stories`: this is the demo, which leads to its player."""

    name: str
    brand_href: str
    has_stories: bool = False


class Pages:
    """One Jinja environment per language, so that a template calls `_()` and knows nothing of locales."""

    def __init__(self, *, site: Site, asset: Callable[[str], str], zone: str) -> None:
        self.site = site
        self.zone = zone
        # Pages that were kept by a browser are not those of another build.
        self.build = _build(asset("css/portal.css"), asset("js/live.js"))
        self._environments = {code: self._environment(code, asset) for code in LOCALES}

    def _environment(self, code: str, asset: Callable[[str], str]) -> Environment:
        words = tongue(code, self.zone)
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=False,
            auto_reload=False,
        )
        environment.filters["in_words"] = partial(refusal_words, tongue=words)
        environment.globals.update(
            _=words.gettext,
            ngettext=words.ngettext,
            tongue=words,
            site=self.site,
            asset=asset,
            icon=icon,
            sections=partial(_sections, words),
            section="",
            is_index=False,
        )
        return environment

    def tongue(self, code: str) -> Tongue:
        return tongue(code, self.zone)

    def page(self, name: str, /, *, locale: str, reader: Reader, **values: object) -> str:
        """A whole document."""
        return self._environments[locale].get_template(name).render(reader=reader, **values)

    def fragment(self, name: str, /, *, locale: str, **values: object) -> Markup:
        """One element, without the page around it."""
        return Markup(self._environments[locale].get_template(name).render(**values).strip())  # noqa: S704 - escaped by Jinja


def _sections(words: Tongue, reader: Reader) -> list[tuple[str, str, str, str]]:
    """(name, address, icon, word) of the parts of the portal that the frame leads this reader to."""
    _ = words.gettext
    orders = ("orders", "/orders", "orders", _("Orders"))
    if reader.is_supplier:
        return [
            ("desk", "/desk", "desk", _("Desk")),
            orders,
            ("accounts", "/accounts", "accounts", _("Accounts")),
            ("finance", "/finance", "finance", _("Finance")),
            ("returns", "/returns", "returns", _("Returns")),
            ("insight", "/insight", "insight", _("Insight")),
            ("connections", "/connections", "connections", _("Connections")),
        ]
    parts = [
        ("today", "/today", "today", _("Today")),
        orders,
        ("arrivals", "/arrivals", "arrivals", _("Arrivals")),
    ]
    if "orders:place" in reader.may:
        parts.append(("cart", "/new-order", "cart", _("New order")))
    if "approvals:read" in reader.may:
        parts.append(("approvals", "/approvals", "approvals", _("Approvals")))
    if "invoices:read" in reader.may:
        parts.append(("invoices", "/invoices", "invoices", _("Invoices")))
    if "returns:read" in reader.may:
        parts.append(("returns", "/returns", "returns", _("Returns")))
    if "credit:read" in reader.may:
        parts.append(("credit", "/credit", "credit", _("Credit")))
    return parts


def _build(*assets: str) -> str:
    digest = hashlib.sha256("".join(assets).encode())
    for template in sorted(TEMPLATES.rglob("*.html")):
        digest.update(template.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=64)
def icon(name: str) -> Markup:
    """One of the icons of `_icons.html`; a word always stands beside it."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def csrf_token(secret: str, subject: str) -> str:
    """The token that a form of this session carries; `subject` is the session's id or the visitor's cookie."""
    return hmac.new(secret.encode(), b"csrf:" + subject.encode(), hashlib.sha256).hexdigest()[:40]


def local_path(text: str | None, otherwise: str = "/orders") -> str:
    """A path of this portal to go on to. Anything that a browser could read as another host is not one."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return otherwise
    if any(ord(c) < 32 or c == "\\" for c in text):
        return otherwise
    return text


def etag(*parts: Any) -> str:
    """A strong tag of everything that a page shows."""
    return '"' + hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=12).hexdigest() + '"'
