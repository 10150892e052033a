"""A document with one thing changed or left out is refused: the checks would see it."""

from decimal import Decimal

import msgspec
import pytest
from lxml import etree

from portal.adapters import einvoice
from tests.einvoice.cases import documents
from tests.einvoice.issued import official, refused, unsound
from tests.einvoice.rules import Rules

DOCUMENTS = documents()
SUBJECTS: dict[Rules, bytes] = {
    "en16931": einvoice.cii(DOCUMENTS["all that may be said"]),
    "extended": einvoice.cii(DOCUMENTS["two shipments, three rates, discount"]),
    "ubl": einvoice.ubl(DOCUMENTS["all that may be said"]),
}
AMOUNTS = {
    *(
        "LineTotalAmount",
        "ChargeTotalAmount",
        "AllowanceTotalAmount",
        "TaxBasisTotalAmount",
        "TaxTotalAmount",
    ),
    *("RoundingAmount", "GrandTotalAmount", "TotalPrepaidAmount", "DuePayableAmount", "CalculatedAmount"),
    *("BasisAmount", "ActualAmount", "LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount"),
    *("PrepaidAmount", "PayableRoundingAmount", "PayableAmount", "TaxableAmount", "TaxAmount", "Amount"),
}
FACTORS = {
    *("ChargeAmount", "BilledQuantity", "BasisQuantity", "PriceAmount", "InvoicedQuantity", "BaseQuantity"),
}
RATES = {"RateApplicablePercent", "Percent"}
# What EN 16931 wants of every invoice, or of one like these, and where the two syntaxes have it.
MANDATORY: dict[Rules, list[str]] = {
    "en16931": [
        "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
        "rsm:ExchangedDocument/ram:ID",
        "rsm:ExchangedDocument/ram:TypeCode",
        "rsm:ExchangedDocument/ram:IssueDateTime",
        ".//ram:InvoiceCurrencyCode",
        ".//ram:SellerTradeParty",
        ".//ram:SellerTradeParty/ram:Name",
        ".//ram:SellerTradeParty/ram:PostalTradeAddress",
        ".//ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID",
        ".//ram:SellerTradeParty/ram:SpecifiedTaxRegistration",
        ".//ram:BuyerTradeParty",
        ".//ram:BuyerTradeParty/ram:Name",
        ".//ram:BuyerTradeParty/ram:PostalTradeAddress",
        ".//ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID",
        ".//ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID",
        ".//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode",
        ".//ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
        ".//ram:InvoiceReferencedDocument/ram:IssuerAssignedID",
        ".//ram:IncludedSupplyChainTradeLineItem",
        ".//ram:AssociatedDocumentLineDocument/ram:LineID",
        ".//ram:SpecifiedTradeProduct/ram:Name",
        ".//ram:BilledQuantity",
        ".//ram:BilledQuantity/@unitCode",
        ".//ram:NetPriceProductTradePrice/ram:ChargeAmount",
        ".//ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        ".//ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:RateApplicablePercent",
        ".//ram:ApplicableProductCharacteristic/ram:Description",
        ".//ram:ApplicableProductCharacteristic/ram:Value",
        ".//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount",
        ".//ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax",
        ".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax",
        ".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        ".//ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    ],
    "ubl": [
        "cbc:CustomizationID",
        "cbc:ID",
        "cbc:IssueDate",
        "cbc:InvoiceTypeCode",
        "cbc:DocumentCurrencyCode",
        "cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:AccountingSupplierParty//cac:PostalAddress",
        "cac:AccountingSupplierParty//cac:PostalAddress/cac:Country",
        "cac:AccountingSupplierParty//cac:PartyTaxScheme",
        "cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:AccountingCustomerParty//cac:PostalAddress",
        "cac:AccountingCustomerParty//cac:PostalAddress/cac:Country",
        "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country",
        "cac:PaymentMeans/cbc:PaymentMeansCode",
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
        "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
        "cac:InvoiceLine",
        "cac:InvoiceLine/cbc:ID",
        "cac:InvoiceLine/cbc:InvoicedQuantity",
        "cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode",
        "cac:InvoiceLine/cac:Item/cbc:Name",
        "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
        "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
        "cac:InvoiceLine/cac:Item/cac:AdditionalItemProperty/cbc:Value",
        "cac:InvoiceLine/cac:Price/cbc:PriceAmount",
        "cac:AllowanceCharge/cbc:Amount",
        "cac:AllowanceCharge/cac:TaxCategory",
        "cac:TaxTotal",
        "cac:TaxTotal/cac:TaxSubtotal",
        "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID",
        "cac:LegalMonetaryTotal",
    ],
}


def places(names: set[str]) -> list[tuple[Rules, int]]:
    """(rules, place in the document) of each element with one of these names."""
    return [
        (rules, place)
        for rules, xml in SUBJECTS.items()
        for place, element in enumerate(etree.fromstring(xml).iter())
        if etree.QName(element).localname in names
    ]


def changed(rules: Rules, place: int, by: str) -> bytes:
    root = etree.fromstring(SUBJECTS[rules])
    element = list(root.iter())[place]
    element.text = str(Decimal(element.text) + Decimal(by))
    return etree.tostring(root)


def without(rules: Rules, path: str) -> bytes:
    """The document without the first of what the path leads to: an element or an attribute."""
    root = etree.fromstring(SUBJECTS[rules])
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    path, _, attribute = path.partition("/@")
    found = root.find(path, names)
    assert found is not None, path
    if attribute:
        del found.attrib[attribute]
    else:
        found.getparent().remove(found)
    return etree.tostring(root)


@pytest.mark.parametrize("by", ["0.01", "-0.01", "1"])
@pytest.mark.parametrize(("rules", "place"), places(AMOUNTS))
def test_an_amount_that_is_off_by_a_cent_is_refused(rules: Rules, place: int, by: str) -> None:
    assert list(refused(changed(rules, place, by), rules))


@pytest.mark.parametrize(("rules", "place"), places(FACTORS | RATES))
def test_another_price_quantity_or_rate_is_refused(rules: Rules, place: int) -> None:
    assert list(refused(changed(rules, place, "1"), rules))


@pytest.mark.parametrize(
    ("rules", "path"), [(rules, path) for rules, paths in MANDATORY.items() for path in paths]
)
def test_what_is_mandatory_is_missed(rules: Rules, path: str) -> None:
    assert official(without(rules, path), rules)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("cac:AccountingCustomerParty/cac:Party/cbc:EndpointID", "R010"),
        ("cac:AccountingSupplierParty/cac:Party/cbc:EndpointID", "R020"),
        ("cbc:ProfileID", "R001"),
    ],
)
def test_what_peppol_asks_for_beyond_the_standard_is_missed(path: str, rule: str) -> None:
    xml = without("ubl", path)

    assert official(xml, "ubl") == []
    assert any(sentence.startswith(rule) for sentence in refused(xml, "ubl"))


def test_an_invoice_that_nobody_knows_when_to_pay_is_refused() -> None:
    assert list(refused(without("en16931", ".//ram:SpecifiedTradePaymentTerms"), "en16931"))


def test_the_official_rules_alone_let_a_cent_of_tax_pass() -> None:
    """Which is why every amount is computed again."""
    from tests.einvoice.rules import verdict

    document = DOCUMENTS["one line"]
    [tax] = document.taxes
    more = Decimal("0.40")
    wrong = msgspec.structs.replace(
        document,
        taxes=[msgspec.structs.replace(tax, amount=tax.amount + more)],
        tax=document.tax + more,
        total=document.total + more,
    )
    xml = einvoice.cii(wrong)

    assert verdict(xml, "en16931").failed == []
    assert list(refused(xml, "en16931")) == ["tax at 20.0 on 44.4 is not 9.28"]


def test_a_row_that_says_another_thing_than_its_paper_is_seen() -> None:
    document = DOCUMENTS["one line"]
    row = {
        **{name: getattr(document, name) for name in ("number", "kind", "currency", "total", "net", "tax")},
        "rounding": document.rounding,
        "lines_net": document.lines_net + 1,
        "allowances": Decimal(0),
        "charges": Decimal(0),
        "facts": msgspec.json.encode(document),
        "cii": b"<other/>",
        "ubl": None,
    }

    assert unsound([row], []) == [
        "INV-2026-000009: lines_net is 45.40, on the paper 44.40",
        "INV-2026-000009: the cii that is kept is not what the paper says",
    ]


def test_an_order_whose_invoices_do_not_come_to_it_is_seen() -> None:
    order = {"number": "SO-2026-000017", "total": Decimal("24.00"), "net": Decimal("20.00")}
    billed = {"billed": Decimal("24.01"), "billed_net": Decimal("20.00")}

    assert unsound([], [order | billed | {"billed": Decimal("24.00")}]) == []
    [sentence] = unsound([], [order | billed])
    assert sentence.startswith("SO-2026-000017: all of it is billed, with 24.01")
