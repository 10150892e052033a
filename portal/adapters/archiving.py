"""What makes a print a file for the archive: PDF/A-3a (ISO 19005-3), and inside it the same invoice for a machine
(Factur-X 1.0).

The metadata of a PDF is one block of RDF, and validators read no second one: so what the printer cannot say is added to
its own. PDF/A wants every property described that is not from its own schemas, also the one that says PDF/UA.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

CLOSING = b"</rdf:RDF>"
INVOICE_FILE = "factur-x.xml"


class Invoice(msgspec.Struct, frozen=True):
    """The invoice as XML (CII), and which profile of EN 16931 it follows, as Factur-X calls it."""

    xml: bytes
    conformance: str = "EN 16931"
    name: str = INVOICE_FILE
    description: str = "The invoice as data: EN 16931, UN/CEFACT Cross Industry Invoice"


class Archive(msgspec.Struct, frozen=True):
    """`at` is when it was issued: the only instant that the file knows."""

    at: datetime
    invoice: Invoice | None = None

    @property
    def stamp(self) -> str:
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def finish(pdf: Any, archive: Archive) -> None:
    """The last touch on a `pydyf.PDF` before it is written."""
    _describe(pdf, archive.invoice)
    if "AF" in pdf.catalog:
        # The printer lists an attached file once by its name and once by itself.
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


def _describe(pdf: Any, invoice: Invoice | None) -> None:
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    [said] = metadata.stream
    before, closing, after = said.rpartition(CLOSING)
    if not closing:
        raise ValueError("the printer's metadata do not look as they did")
    blocks = (IS_ACCESSIBLE, _is_invoice(invoice) if invoice else "", _schemas(invoice))
    metadata.stream = [before + "".join(blocks).encode() + closing + after]


def _is_invoice(invoice: Invoice) -> str:
    return (
        '<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">'
        "<fx:DocumentType>INVOICE</fx:DocumentType>"
        f"<fx:DocumentFileName>{invoice.name}</fx:DocumentFileName>"
        "<fx:Version>1.0</fx:Version>"
        f"<fx:ConformanceLevel>{invoice.conformance}</fx:ConformanceLevel>"
        "</rdf:Description>"
    )


def _schemas(invoice: Invoice | None) -> str:
    return (
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
        'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
        'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{ACCESSIBLE}{FACTUR_X if invoice else ''}</rdf:Bag></pdfaExtension:schemas>"
        "</rdf:Description>"
    )


def _schema(title: str, uri: str, prefix: str, *properties: tuple[str, str, str, str]) -> str:
    """Properties are (name, type, category, meaning)."""
    described = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, kind, category, meaning in properties
    )
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{title}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


IS_ACCESSIBLE = (
    '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    "<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
)
ACCESSIBLE = _schema(
    "PDF/UA identification",
    "http://www.aiim.org/pdfua/ns/id/",
    "pdfuaid",
    ("part", "Integer", "internal", "Part of ISO 14289 that the file conforms to"),
)
FACTUR_X = _schema(
    "Factur-X PDFA Extension Schema",
    "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "fx",
    ("DocumentFileName", "Text", "external", "The name of the embedded XML document"),
    ("DocumentType", "Text", "external", "The type of the hybrid document"),
    ("Version", "Text", "external", "The version of the standard that the embedded XML document follows"),
    ("ConformanceLevel", "Text", "external", "The conformance level of the embedded XML document"),
)
