"""An invoice's XML read into terms of EN 16931, from either syntax into the same ones."""

from dataclasses import asdict

from lxml import etree

from tests.einvoice.reading_cii import cii
from tests.einvoice.reading_ubl import ubl
from tests.einvoice.terms import Read


def read(xml: bytes) -> Read:
    root = etree.fromstring(xml)
    return cii(root) if etree.QName(root).localname == "CrossIndustryInvoice" else ubl(root)


def differences(one: Read, other: Read) -> list[str]:
    """What two syntaxes say differently."""
    theirs = asdict(other)
    return [f"{key}: {value} and {theirs[key]}" for key, value in asdict(one).items() if value != theirs[key]]
