"""Every kind of document, before the schemas and rules that others wrote."""

from decimal import Decimal

import msgspec
import pytest

from portal.adapters import einvoice
from portal.domain.invoices import Address, Document
from tests.einvoice import reading, recompute
from tests.einvoice.cases import CASES, documents
from tests.einvoice.issued import refused
from tests.einvoice.rules import verdict
from tests.einvoice.samples import Case, Item

DOCUMENTS = documents()
NOWHERE = Address(lines=["Main Street 1"], city="Qq", country="QQ")


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> Document:
    return DOCUMENTS[request.param]


def test_a_machine_books_it_as_cross_industry_invoice(document: Document) -> None:
    assert list(refused(einvoice.cii(document), einvoice.profile(document))) == []


def test_a_machine_books_it_as_ubl(document: Document) -> None:
    assert list(refused(einvoice.ubl(document), "ubl")) == []


def test_both_say_the_same(document: Document) -> None:
    said = [reading.read(xml) for xml in (einvoice.cii(document), einvoice.ubl(document))]

    assert reading.differences(*said) == []


def test_what_is_due_is_what_the_paper_says(document: Document) -> None:
    sums = reading.read(einvoice.cii(document)).sums

    assert Decimal(sums["due"].numerator) / sums["due"].denominator == document.due


def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    again = msgspec.json.decode(msgspec.json.encode(document), type=Document)

    assert einvoice.cii(again) == einvoice.cii(document)
    assert einvoice.ubl(again) == einvoice.ubl(document)


def test_more_than_a_hundred_rules_look_at_it() -> None:
    assert verdict(einvoice.cii(DOCUMENTS["one line"]), "en16931").fired > 100
    assert verdict(einvoice.cii(DOCUMENTS["two shipments"]), "extended").fired > 100
    assert verdict(einvoice.ubl(DOCUMENTS["three rates"]), "ubl").fired > 100


@pytest.mark.parametrize("currency", ["KWD", "BHD", "TND", "OMR"])
def test_amounts_with_three_digits_have_no_xml(currency: str) -> None:
    document = Case(currency=currency).document()

    assert einvoice.profile(document) == "none"
    assert einvoice.lacks(document) == [f"EN 16931 knows two decimals, {currency} has three."]


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("within the Union", {"vat_id": None}, "needed for a supply within the European Union"),
        ("within the Union", {"vat_id": "?"}, "needed for a supply within the European Union"),
        ("reverse charge", {"vat_id": None, "registration": None}, "where the customer owes the tax"),
        ("one line", {"name": " "}, "The customer's name or country is not known"),
        ("one line", {"address": NOWHERE}, "The customer's name or country is not known"),
    ],
)
def test_what_the_standard_misses_is_said_in_a_sentence(
    name: str, changes: dict[str, None], sentence: str
) -> None:
    case = CASES[name]
    document = case.but(buyer=msgspec.structs.replace(case.buyer, **changes)).document()

    assert einvoice.profile(document) == "none"
    [lacking] = einvoice.lacks(document)
    assert sentence in lacking


def test_a_currency_that_is_none_has_no_xml() -> None:
    assert einvoice.lacks(Case(currency="QQQ").document()) == ["QQQ is not a currency of ISO 4217."]


def test_a_vat_number_without_its_country_is_the_countrys_own() -> None:
    buyer = msgspec.structs.replace(CASES["one line"].buyer, vat_id="136 695 976")

    assert "DE136695976" in reading.read(einvoice.cii(Case(buyer=buyer).document())).buyer


def test_shipments_of_a_consolidated_invoice_stand_with_their_lines() -> None:
    document = DOCUMENTS["two shipments"]
    cii, ubl = einvoice.cii(document).decode(), einvoice.ubl(document).decode()

    for shipment in document.shipments:
        assert cii.count(f"<ram:IssuerAssignedID>{shipment.number}<") == 1
        assert ubl.count(f'<cbc:ID schemeID="AAK">{shipment.number}<') == 1
    assert "<ram:ID>urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended<" in cii


def test_how_the_order_line_stands_is_told_to_machines_too() -> None:
    [row] = reading.read(einvoice.cii(DOCUMENTS["one line"])).rows

    assert dict(row.facts) == {
        "Ordered": "600",
        "Shipped": "370",
        "Previously invoiced": "0",
        "Outstanding": "230",
    }


def test_a_price_for_a_hundred_stays_one() -> None:
    document = Case(items=[Item(price="12", per="100", quantity="250")]).document()
    [row] = reading.read(einvoice.ubl(document)).rows

    assert (row.price, row.per, row.net) == (12, 100, 30)
    assert recompute.wrong(einvoice.ubl(document)) == []
