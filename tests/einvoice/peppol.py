"""What Peppol BIS Billing 3.0 asks for beyond EN 16931, said again in XPath: no package ships its own Schematron.

National rules are here for Great Britain (none) and Germany, the supplier's and the demo buyer's countries.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from lxml import etree

from tests.einvoice.terms import NAMES

SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
LINES = "cac:InvoiceLine | cac:CreditNoteLine"
QUANTITY = "cbc:InvoicedQuantity | cbc:CreditedQuantity"
# (rule, what must hold of the whole document)
RULES = (
    ("R001", "cbc:ProfileID"),
    ("R002", "count(cbc:Note) <= 1"),
    ("R003", "cbc:BuyerReference or cac:OrderReference/cbc:ID"),
    ("R004", f"starts-with(cbc:CustomizationID, '{SPECIFICATION}')"),
    ("R007", "cbc:ProfileID = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'"),
    ("R008", "not(//*[not(*) and not(normalize-space())])"),
    ("R010", "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID/@schemeID"),
    ("R020", "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID/@schemeID"),
    ("R043", "not(//cbc:ChargeIndicator[not(. = 'true' or . = 'false')])"),
    ("R051", "not(//@currencyID[. != /*/cbc:DocumentCurrencyCode])"),
    ("R053", "count(cac:TaxTotal[cac:TaxSubtotal]) = 1"),
    ("R054", "count(cac:TaxTotal[not(cac:TaxSubtotal)]) = 0"),
    ("R100", f"not(({LINES})[count(cac:DocumentReference) > 1])"),
    ("R101", f"not(({LINES})/cac:DocumentReference[not(cbc:DocumentTypeCode = '130')])"),
    ("R121", "not(//cbc:BaseQuantity[not(. > 0)])"),
    ("R130", f"not(({LINES})[*/cbc:BaseQuantity/@unitCode != */@unitCode])"),
    ("P0100", "not(cbc:InvoiceTypeCode[. != '380'])"),
    ("P0101", "not(cbc:CreditNoteTypeCode[. != '381'])"),
    ("P0104", "not(//cac:TaxCategory[cbc:TaxExemptionReasonCode = 'VATEX-EU-G'][cbc:ID != 'G'])"),
    ("P0105", "not(//cac:TaxCategory[cbc:TaxExemptionReasonCode = 'VATEX-EU-O'][cbc:ID != 'O'])"),
    ("P0106", "not(//cac:TaxCategory[cbc:TaxExemptionReasonCode = 'VATEX-EU-IC'][cbc:ID != 'K'])"),
    ("P0107", "not(//cac:TaxCategory[cbc:TaxExemptionReasonCode = 'VATEX-EU-AE'][cbc:ID != 'AE'])"),
)
SELLER = "cac:AccountingSupplierParty/cac:Party"
GERMAN = (
    ("DE-R-002", f"{SELLER}/cac:Contact"),
    ("DE-R-003", f"{SELLER}/cac:PostalAddress/cbc:CityName"),
    ("DE-R-004", f"{SELLER}/cac:PostalAddress/cbc:PostalZone"),
    ("DE-R-005", f"{SELLER}/cac:Contact/cbc:Name"),
    ("DE-R-006", f"{SELLER}/cac:Contact/cbc:Telephone"),
    ("DE-R-007", f"{SELLER}/cac:Contact/cbc:ElectronicMail"),
    ("DE-R-008", "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:CityName"),
    ("DE-R-009", "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:PostalZone"),
    ("DE-R-015", "cbc:BuyerReference"),
)
SCHEMES = frozenset({"0060", "0088", "0204", "0225", *(str(number) for number in range(9901, 9960))})


def broken(xml: bytes) -> list[str]:
    """Which rules do not hold; none of a document that does not claim to be Peppol's."""
    root = etree.fromstring(xml)
    if root.findtext("cbc:CustomizationID", namespaces=NAMES) != SPECIFICATION:
        return []
    return list(_broken(root))


def _broken(root: Any) -> Iterator[str]:
    def holds(test: str) -> bool:
        return bool(root.xpath(f"boolean({test})", namespaces=NAMES))

    rules = [*RULES, *(GERMAN if _countries(root) == {"DE"} else ())]
    yield from (f"{rule}: {test}" for rule, test in rules if not holds(test))
    yield from (f"R120: line {line}" for line in _inexact(root))
    for scheme in root.xpath("//cbc:EndpointID/@schemeID", namespaces=NAMES):
        if scheme not in SCHEMES:
            yield f"CL008: {scheme}"
    for number in root.xpath("//cbc:EndpointID[@schemeID = '0088']/text()", namespaces=NAMES):
        if not _is_gln(number):
            yield f"R040: {number}"
    for day in root.xpath("//cbc:*[contains(local-name(), 'Date')]/text()", namespaces=NAMES):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            yield f"F001: {day}"


def _countries(root: Any) -> set[str]:
    country = "cac:PostalAddress/cac:Country/cbc:IdentificationCode/text()"
    return set(root.xpath(f"/*/*/cac:Party/{country}", namespaces=NAMES))


def _inexact(root: Any) -> Iterator[str]:
    """Lines whose amount is more than two hundredths from price times quantity."""
    for line in root.xpath(LINES, namespaces=NAMES):
        quantity, net, price = (
            Fraction(line.xpath(f"string({path})", namespaces=NAMES))
            for path in (QUANTITY, "cbc:LineExtensionAmount", "cac:Price/cbc:PriceAmount")
        )
        per = Fraction(line.xpath("string(cac:Price/cbc:BaseQuantity)", namespaces=NAMES) or 1)
        if abs(net - quantity * price / per) > Fraction(2, 100):
            yield line.findtext("cbc:ID", namespaces=NAMES)


def _is_gln(number: str) -> bool:
    """GS1: digits weigh 1 and 3 in turn, from the right."""
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return number.isdigit() and weighed % 10 == 0
