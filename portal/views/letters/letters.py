"""What a mail says: drawn in its reader's language as text and as HTML, from the same words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from portal.colours import readable, text_on
from portal.filters import Tongue

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
    mailbox that has it knows it. Mails of one `thread` stand together."""

    name: str
    email: str
    number: int
    key: str
    at: datetime
    thread: str = ""

    def of_thread(self, thread: str) -> "Envelope":
        return replace(self, thread=thread)


def message(letter: Letter, envelope: Envelope, sender: Sender, tongue: Tongue) -> EmailMessage:
    """The mail as it travels."""
    made = EmailMessage()
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = Address(envelope.name, addr_spec=envelope.email)
    made["Subject"] = _one_line(letter.subject)
    made["Date"] = format_datetime(envelope.at)
    made["Message-ID"] = f"<{_id(envelope)}@{sender.domain}>"
    if envelope.thread:
        made["References"] = f"<{envelope.thread}@{sender.domain}>"
    # Nobody's absence note is to answer a machine.
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    values = {"letter": letter, "sender": sender, "tongue": tongue, "_": tongue.gettext}
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
