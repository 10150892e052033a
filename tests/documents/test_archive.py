"""Invoices as files for the archive: PDF/A-3a and PDF/UA-1 at once, with the same invoice for machines inside."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pypdf.generic import DictionaryObject

from portal.adapters import einvoice
from portal.adapters.archiving import Archive, Invoice
from portal.adapters.pdf import FONTS
from portal.adapters.pdf_child import Press
from portal.domain.invoices import Before, Despatch, Document
from portal.jobs.documents import CONFORMANCE
from portal.pages import Pages
from portal.views.papers.invoice_files import html_of
from tests.documents import reading
from tests.documents.conforming import ACCESSIBLE, ARCHIVE, Validator
from tests.documents.reading import codes, fonts, reader, words
from tests.templates.invoices import GERMAN_BANK, GERMAN_BUYER, SELLER, document

AT = datetime(2026, 11, 19, 9, 30, 15, tzinfo=UTC)
D = Decimal

Filed = Callable[[Document], bytes]

# WeasyPrint leaves the file of its colour profile to be closed by who collects the garbage; our printers are children.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def machine() -> Press:
    return Press(FONTS)


@pytest.fixture(scope="module")
def filed(pages: Pages, machine: Press) -> Filed:
    """The PDF of an invoice, as the worker makes it."""
    kept: dict[bytes, bytes] = {}

    def file(said: Document) -> bytes:
        key = msgspec.json.encode(said)
        if key not in kept:
            profile = einvoice.profile(said)
            invoice = Invoice(einvoice.cii(said), CONFORMANCE[profile]) if profile != "none" else None
            kept[key] = machine.print(html_of(said, pages), Archive(AT, invoice))
        return kept[key]

    return file


def invoice() -> Document:
    return document(3)


def credit_note() -> Document:
    corrected = Before(
        number="INV-2026-000004", kind="invoice", issued_on=date(2026, 11, 13), total=D("812.40")
    )
    return document(
        2,
        number="CN-2026-000001",
        kind="credit_note",
        due_on=None,
        corrects=corrected,
        reason="One of the couplings was damaged",
        to_follow=(),
    )


def german() -> Document:
    seller = msgspec.structs.replace(SELLER, bank=GERMAN_BANK)
    return document(3, currency="EUR", language="de", seller=seller, buyer=GERMAN_BUYER)


def bilingual() -> Document:
    return msgspec.structs.replace(german(), language="both")


def consolidated() -> Document:
    sent = [
        Despatch(number=f"SH-2026-{n:06}", shipped_on=date(2026, 11, 10 + n), carrier="Northline Parcel")
        for n in (1, 2, 3)
    ]
    made = document(6, shipments=sent, terms="consolidated", period=(date(2026, 11, 1), date(2026, 11, 30)))
    lines = [
        msgspec.structs.replace(line, shipment=sent[place % 3].number)
        for place, line in enumerate(made.lines)
    ]
    return msgspec.structs.replace(made, lines=lines)


def yen() -> Document:
    return document(3, currency="JPY", discount="100", freight="2500")


def long_one() -> Document:
    return document(120)


KINDS = (invoice, credit_note, german, bilingual, consolidated, yen, long_one)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_an_archive_file_that_everybody_can_read(
    kind: Callable[[], Document], filed: Filed, validator: Validator
) -> None:
    assert validator.broken(filed(kind())) == []


def test_the_validator_does_look(machine: Press, pages: Pages, validator: Validator) -> None:
    html = html_of(invoice(), pages)
    plain = machine.print(html)
    without_words_for_the_code = re.sub(r"<title>[^<]*</title>(?=<path|<rect)", "", html)

    assert validator.broken(plain, ACCESSIBLE) == []
    assert any("6.6.4-1" in rule for rule in validator.broken(plain, ARCHIVE))
    assert without_words_for_the_code != html
    assert validator.broken(machine.print(without_words_for_the_code, Archive(AT)), ACCESSIBLE) != []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_all_fonts_are_ours(kind: Callable[[], Document], filed: Filed) -> None:
    assert all(name.startswith("Portal-Inter") for name in fonts(filed(kind())))


def test_the_invoice_for_machines_lies_inside_once(filed: Filed) -> None:
    said = invoice()
    file = reader(filed(said))
    catalog = file.root_object
    [attached] = catalog["/AF"]
    specification = attached.get_object()
    embedded = specification["/EF"]["/F"].get_object()

    assert list(file.attachments) == ["factur-x.xml"]
    assert file.attachments["factur-x.xml"] == [einvoice.cii(said)]
    assert catalog["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object() == specification
    assert specification["/AFRelationship"] == "/Alternative"
    assert specification["/UF"] == "factur-x.xml"
    assert embedded["/Subtype"] == "/text/xml"
    assert embedded["/Params"]["/ModDate"] == embedded["/Params"]["/CreationDate"] == "D:20261119093015Z"


@pytest.mark.parametrize(
    ("kind", "conformance"), [(invoice, "EN 16931"), (credit_note, "EN 16931"), (consolidated, "EXTENDED")]
)
def test_one_block_of_metadata_says_it_all(
    kind: Callable[[], Document], conformance: str, filed: Filed
) -> None:
    metadata = _metadata(filed(kind()))

    assert metadata.count("<rdf:RDF") == 1
    for said in (
        'pdfaid:part="3"',
        'pdfaid:conformance="A"',
        "<pdfuaid:part>1</pdfuaid:part>",
        "<fx:DocumentType>INVOICE</fx:DocumentType>",
        "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>",
        "<fx:Version>1.0</fx:Version>",
        f"<fx:ConformanceLevel>{conformance}</fx:ConformanceLevel>",
        "2026-11-19T09:30:15Z",
    ):
        assert metadata.count(said) >= 1, said


def test_without_a_valid_xml_it_is_an_archive_file_nevertheless(filed: Filed, validator: Validator) -> None:
    dinar = document(3, currency="KWD")
    file = filed(dinar)

    assert einvoice.profile(dinar) == "none"
    assert validator.broken(file) == []
    assert reader(file).attachments == {}
    assert "fx:" not in _metadata(file)


def test_the_code_to_pay_by_says_what_the_paper_says(filed: Filed) -> None:
    """EPC069-12: the bank's app reads whom to pay, how much, and what for."""
    said = german()
    found = [
        text for kind, text in codes(filed(said), dpi=200) if kind == "QRCode" and text.startswith("BCD")
    ]
    assert len(found) == 1
    lines = found[0].split("\n")

    assert lines[0] == "BCD"
    assert lines[3] == "SCT"
    assert GERMAN_BANK.holder[:70] in lines
    assert GERMAN_BANK.iban in lines
    assert f"EUR{said.due}" in lines
    assert any(said.number in line for line in lines)


def test_only_euros_go_by_that_code(filed: Filed) -> None:
    assert not any(text.startswith("BCD") for _, text in codes(filed(invoice()), dpi=200))


def test_every_page_says_whose_it_is_and_which(filed: Filed) -> None:
    said = long_one()
    told = reading.pages(filed(said))

    assert len(told) > 3
    for number, page in enumerate(told, 1):
        assert f"Page {number} of {len(told)}" in page
        assert said.number in page


def test_it_reads_in_the_order_in_which_it_is_looked_at(filed: Filed) -> None:
    """What a screen reader says first: whose it is, what it is; then lines, totals, how to pay."""
    text = words(filed(invoice()))
    marks = ("Harrow & Pike", "INV-2026-000009", "BRG-6204-2RS", "GB33")
    places = [text.find(mark) for mark in marks]
    assert -1 not in places, dict(zip(marks, places, strict=True))


def test_the_tags_name_headings_tables_and_pictures(filed: Filed) -> None:
    kinds = _structure(reader(filed(invoice())).root_object["/StructTreeRoot"])

    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P", "/Figure"} <= kinds.keys()


def _metadata(pdf: bytes) -> str:
    return bytes(reader(pdf).root_object["/Metadata"].get_data()).decode()


def _structure(root: Any) -> dict[str, int]:
    """How many elements of each kind there are."""
    found: dict[str, int] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, DictionaryObject):
            if "/S" in one:
                found[one["/S"]] = found.get(one["/S"], 0) + 1
            if "/K" in one:
                waiting.append(one["/K"])
    return found
