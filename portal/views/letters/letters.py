"""What a mail says: drawn in its reader's language as text and as HTML, from the same words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from portal.colours import readable, text_on
from portal.filters import Tongue


class _Whole(UnstructuredHeader):
    """A header that is one word, however long: folded as text it would be encoded, and no program would know the
    address in it."""

    name: str

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(UniqueUnstructuredHeader):
    """Folded between its own words: the library's way may put the first of them on the second line, and programs then
    show a space before it."""

    name: str

    def fold(self, *, policy: "Policy[Any]") -> str:
        said = str(self)
        charset = "us-ascii" if said.isascii() and max(map(len, said.split()), default=0) < 60 else "utf-8"
        folded = Header(said, charset, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {folded}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    known = HeaderRegistry()
    for name in ("list-unsubscribe", "list-unsubscribe-post", "list-id", "references"):
        known.map_to_type(name, _Whole)  # type: ignore[arg-type] # the registry makes a header of it
    known.map_to_type("subject", _Subject)  # type: ignore[arg-type]
    return EmailPolicy(header_factory=known)


POLICY = _policy()
TEMPLATES = Path(__file__).parents[3] / "templates" / "mail"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an order as a mail shows it."""

    line: int
    sku: str
    name: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where the reader goes from here; the first one is what the mail is for."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an order that something happened to: how much of it, and what is to be said of it now."""

    sku: str
    name: str
    aside: str
    said: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that happened, in the page's own words, with the quieter rest and the lines it is about. `title`
    begins a new subject, `href` is where it is read on."""

    text: Markup
    more: str = ""
    items: Sequence[Item] = ()
    more_items: str = ""
    title: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words. `preview` is what an inbox shows beside the subject; `quote` is somebody's own words, after who
    says them."""

    subject: str
    preview: str
    title: str
    paragraphs: Sequence[str] = ()
    quote: tuple[str, str] | None = None
    why: Sequence[str] = ()
    why_title: str = ""
    facts: Sequence[tuple[str, str]] = ()
    rows: Sequence[Row] = ()
    rows_title: str = ""
    more_rows: str = ""
    parts: Sequence[Part] = ()
    ways: Sequence[Way] = ()
    small: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """The supplier, as its mail shows it. `page` is where the portal is; colours come with what is written on them."""

    name: str
    address: str
    page: str
    light: tuple[str, str]
    dark: tuple[str, str]

    @classmethod
    def of(cls, name: str, address: str, page: str, colour: str) -> "Sender":
        light, dark = (
            readable(colour, "#ffffff", darker=True),
            readable(colour, "#15191c", darker=False),
        )
        return cls(name, address, page, (light, text_on(light)), (dark, text_on(dark)))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom it goes to and how it is known: `number` and `key` make its id, which stays when it is sent again, so that a
    mailbox that has it knows it. Mails of one `thread` stand together. At `stop` its reader ends mails of its kinds."""

    name: str
    email: str
    number: int
    key: str
    at: datetime
    thread: str = ""
    stop: str = ""

    def that_can_end(self, stop: str) -> "Envelope":
        return replace(self, stop=stop)


def message(letter: Letter, envelope: Envelope, sender: Sender, tongue: Tongue) -> EmailMessage:
    """The mail as it travels."""
    made = EmailMessage(POLICY)
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = Address(envelope.name, addr_spec=envelope.email)
    made["Subject"] = _one_line(letter.subject)
    made["Date"] = format_datetime(envelope.at)
    made["Message-ID"] = f"<{_id(envelope)}@{sender.domain}>"
    if envelope.thread:
        made["References"] = f"<{envelope.thread}@{sender.domain}>"
    if envelope.stop:
        # One click of a mail program ends it (RFC 8058): a POST, which no program that only looks at links sends.
        made["List-Unsubscribe"] = f"<{envelope.stop}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made["List-Id"] = f"<order-news.{sender.domain}>"
    # Nobody's absence note is to answer a machine.
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    values = {
        "letter": letter,
        "sender": sender,
        "tongue": tongue,
        "stop": envelope.stop,
        "choices": f"{sender.page}/settings/notifications",
        "_": tongue.gettext,
    }
    made.set_content(_template("letter.txt").render(values))
    made.add_alternative(_template("letter.html").render(values), subtype="html")
    made["Content-Language"] = tongue.tag
    return made


def _id(envelope: Envelope) -> str:
    digest = hashlib.sha256(f"{envelope.number}:{envelope.key}".encode()).hexdigest()[:20]
    return f"mail-{envelope.number}-{digest}"


def _one_line(text: str) -> str:
    """Whoever names an order must not be able to add headers to a mail."""
    return " ".join(text.split())


@lru_cache(maxsize=8)
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template(name)
