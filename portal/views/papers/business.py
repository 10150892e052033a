"""What papers about money share: who writes to whom, and what is looked up beside the address."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.colours import readable
from portal.domain.invoices import Document, Party, Seller
from portal.filters import Tongue
from portal.views.papers.figures import isolated
from portal.views.papers.papers import POST_CODE_LAST, Letterhead, Margins, Sheet
from portal.views.papers.voices import Voice

# Where German is read first on a paper of two languages.
GERMAN_SPEAKING = frozenset({"AT", "CH", "DE", "LI", "LU"})

Facts = Sequence[tuple[Markup, Markup]]


@dataclass(frozen=True, slots=True)
class Sender:
    """The supplier at the head of a paper. `about` are the lines that law and the reader ask for."""

    name: str
    legal_name: str
    about: Sequence[str]
    # One line above the address, for the window of an envelope.
    return_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessLetter(Sheet):
    """A paper with an address in the window, facts beside it, and a chip that says what kind of it this is."""

    say: Voice
    margins: Margins
    sender: Sender
    kind: Markup
    number: str
    chip: Markup
    address: Sequence[str]
    facts: Facts
    deliver_to: Sequence[str] = ()


def spoken(document: Document) -> tuple[str, str | None]:
    """The language that a paper is written in and the one that stands beside it, if any: `("de", "en")`."""
    return languages(document.language, document.buyer)


def languages(language: str, reader: Party) -> tuple[str, str | None]:
    """The same of any paper to an account whose documents are in `en`, `de` or `both`."""
    if language != "both":
        return language, None
    return ("de", "en") if reader.address.country in GERMAN_SPEAKING else ("en", "de")


def brand(seller: Seller) -> str:
    """The supplier's colour as it can be read on white."""
    return readable(seller.colour, "#ffffff", darker=True)


def sender(seller: Seller, voice: Voice) -> Sender:
    party, tongue = seller.party, voice.tongue
    _ = tongue.gettext
    lines = postal(party, tongue)
    ids = (
        _("VAT ID {id}").format(id=party.vat_id) if party.vat_id else "",
        _("Reg. no. {number}").format(number=party.registration) if party.registration else "",
    )
    reach = (party.contact, party.phone, party.email)
    return Sender(
        name=party.name,
        legal_name=party.legal_name or party.name,
        about=[
            line
            for line in (
                ", ".join(lines[1:]),
                " · ".join(filter(None, reach)),
                " · ".join(filter(None, ids)),
            )
            if line
        ],
        return_line=" · ".join([party.name, *lines[1:-1]]),
    )


def sender_of(head: Letterhead, voice: Voice) -> Sender:
    """Of a paper that is about goods; where only the supplier's name is known, it is all that stands there."""
    if head.seller is None:
        return Sender(head.supplier, "", (), "")
    return sender(head.seller, voice)


def postal(party: Party, tongue: Tongue, *, by_name: bool = False) -> list[str]:
    """As it is written on an envelope in that country. The name that the law knows comes first, unless `by_name`."""
    place = party.address
    if place.country in POST_CODE_LAST:
        town = " ".join(filter(None, (place.city, place.region, place.postal_code)))
    else:
        town = " ".join(filter(None, (place.postal_code, place.city)))
    country = str(tongue.locale.territories.get(place.country, place.country))
    name = party.name if by_name else party.legal_name or party.name
    written = [name, *place.lines, town, country]
    return [line for number, line in enumerate(written) if line and line not in written[:number]]


def fact(name: Markup, value: str | None) -> tuple[Markup, Markup] | None:
    return (name, isolated(value)) if value else None
