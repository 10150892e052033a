"""A document as UBL 2.1, Invoice or CreditNote: Peppol BIS Billing 3.0, or EN 16931 alone where an address is missing.

Elements stand in the order of the schema; beside them the numbers of EN 16931's terms.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.adapters.einvoice import codes, xml
from portal.adapters.einvoice.terms import Billed, Terms
from portal.adapters.einvoice.xml import Element, plain, x
from portal.domain import money
from portal.domain.invoices import Address, Adjustment, Document, Party, Tax

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
COMMON = {
    "cac": f"{UBL}:CommonAggregateComponents-2",
    "cbc": f"{UBL}:CommonBasicComponents-2",
}
# BT-24 and BT-23
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PLAIN = "urn:cen.eu:en16931:2017"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# UNTDID 1153: a despatch advice's number, as the object that a line is about (UNTDID 1001: 130).
DESPATCH_ADVICE, OBJECT = "AAK", "130"
GTIN = "0160"
# What Peppol wants to read where the buyer's order has no number, but ours has.
NO_NUMBER = "NA"


def ubl(document: Document) -> bytes:
    """The XML; only for a document whose profile is not `none`."""
    terms = Terms(document)
    kind = "CreditNote" if terms.is_credit_note else "Invoice"
    return xml.document(
        kind,
        {"": f"{UBL}:{kind}-2", **COMMON},
        _head(terms),
        _references(terms),
        x("cac:AccountingSupplierParty", _party(terms, document.seller.party)),  # BG-4
        x("cac:AccountingCustomerParty", _party(terms, document.buyer, document.account)),  # BG-7
        _delivery(terms),
        _means(terms),
        x("cac:PaymentTerms", x("cbc:Note", terms.payment_terms)),  # BT-20
        [_adjustment(terms, allowance, is_charge=False) for allowance in terms.allowances],
        [_adjustment(terms, charge, is_charge=True) for charge in terms.charges],
        x(
            "cac:TaxTotal",
            _amount(terms, "cbc:TaxAmount", document.tax),
            [_tax(terms, tax) for tax in terms.taxes],
        ),
        _sums(terms),
        [_line(terms, billed) for billed in terms.lines],
    )


def _head(terms: Terms) -> list[Element | None]:
    document = terms.document
    due = _day("cbc:DueDate", document.due_on)  # BT-9
    note = x("cbc:Note", terms.note)  # BT-22
    if terms.is_credit_note:
        kind = [x("cbc:CreditNoteTypeCode", terms.type_code), note]  # BT-3
    else:
        kind = [due, x("cbc:InvoiceTypeCode", terms.type_code), note]
    return [
        x("cbc:CustomizationID", PEPPOL if terms.is_peppol else PLAIN),
        x("cbc:ProfileID", BILLING),
        x("cbc:ID", document.number),  # BT-1
        _day("cbc:IssueDate", document.issued_on),  # BT-2
        *kind,
        x("cbc:DocumentCurrencyCode", document.currency),  # BT-5
        x("cbc:AccountingCost", document.order.cost_centre),  # BT-19
        x("cbc:BuyerReference", terms.buyer_reference),  # BT-10
    ]


def _references(terms: Terms) -> list[Element | None]:
    document, despatch = terms.document, terms.despatch
    first, last = terms.period or (None, None)
    return [
        x("cac:InvoicePeriod", _day("cbc:StartDate", first), _day("cbc:EndDate", last)),  # BG-14
        x(
            "cac:OrderReference",
            x("cbc:ID", document.order.purchase_order_number or NO_NUMBER),  # BT-13
            x("cbc:SalesOrderID", document.order.number),  # BT-14
        ),
        *[
            x(
                "cac:BillingReference",
                x(
                    "cac:InvoiceDocumentReference",
                    x("cbc:ID", before.number),  # BT-25
                    _day("cbc:IssueDate", before.issued_on),  # BT-26
                ),
            )
            for before in terms.preceding
        ],
        x("cac:DespatchDocumentReference", x("cbc:ID", despatch.number if despatch else None)),  # BT-16
        x("cac:ContractDocumentReference", x("cbc:ID", document.contract_number)),  # BT-12
    ]


def _party(terms: Terms, party: Party, number: str | None = None) -> Element | None:
    scheme, address = terms.electronic_address(party) or ("", "")
    legal = party.legal_name or party.name
    return x(
        "cac:Party",
        x("cbc:EndpointID", address, schemeID=scheme) if scheme else None,  # BT-34, BT-49
        x("cac:PartyIdentification", x("cbc:ID", number)),  # BT-46
        x("cac:PartyName", x("cbc:Name", party.name if party.name != legal else None)),  # BT-28, BT-45
        _address("cac:PostalAddress", party.address),
        _tax_scheme(terms, party),
        x(
            "cac:PartyLegalEntity",
            x("cbc:RegistrationName", legal),  # BT-27, BT-44
            x("cbc:CompanyID", party.registration),  # BT-30, BT-47
        ),
        x(
            "cac:Contact",
            x("cbc:Name", party.contact),  # BT-41, BT-56
            x("cbc:Telephone", party.phone),
            x("cbc:ElectronicMail", party.email),
        ),
    )


def _tax_scheme(terms: Terms, party: Party) -> Element | None:
    vat_id = terms.vat_id(party)  # BT-31, BT-48
    return x("cac:PartyTaxScheme", x("cbc:CompanyID", vat_id), _vat()) if vat_id else None


def _address(name: str, address: Address) -> Element | None:
    first, second, *more = [*address.lines, "", ""]
    return x(
        name,
        x("cbc:StreetName", first),
        x("cbc:AdditionalStreetName", second),
        x("cbc:CityName", address.city),
        x("cbc:PostalZone", address.postal_code),
        x("cbc:CountrySubentity", address.region),
        x("cac:AddressLine", x("cbc:Line", ", ".join(line for line in more if line))),
        x("cac:Country", x("cbc:IdentificationCode", address.country)),
    )


def _delivery(terms: Terms) -> Element | None:
    deliver_to = terms.document.deliver_to
    return x(
        "cac:Delivery",
        _day("cbc:ActualDeliveryDate", terms.delivered_on),  # BT-72
        x("cac:DeliveryLocation", _address("cac:Address", deliver_to.address)),  # BG-15
        x("cac:DeliveryParty", x("cac:PartyName", x("cbc:Name", deliver_to.name))),  # BT-70
    )


def _means(terms: Terms) -> Element | None:
    bank = terms.document.seller.bank
    if bank is None or terms.means is None:
        return None
    return x(
        "cac:PaymentMeans",
        x("cbc:PaymentMeansCode", terms.means),  # BT-81
        x("cbc:PaymentID", terms.document.number),  # BT-83
        x(
            "cac:PayeeFinancialAccount",
            x("cbc:ID", bank.iban),  # BT-84
            x("cbc:Name", bank.holder),  # BT-85
            x("cac:FinancialInstitutionBranch", x("cbc:ID", bank.bic)),  # BT-86
        ),
    )


def _adjustment(terms: Terms, adjustment: Adjustment, *, is_charge: bool) -> Element | None:
    """BG-20, BG-21"""
    code, words = terms.reason_of(adjustment, is_charge=is_charge)
    return x(
        "cac:AllowanceCharge",
        x("cbc:ChargeIndicator", "true" if is_charge else "false"),
        x("cbc:AllowanceChargeReasonCode", code),
        x("cbc:AllowanceChargeReason", words),
        _amount(terms, "cbc:Amount", adjustment.amount),
        x("cac:TaxCategory", _category(adjustment.tax_code, adjustment.tax_rate), _vat()),
    )


def _tax(terms: Terms, tax: Tax) -> Element | None:
    """BG-23"""
    return x(
        "cac:TaxSubtotal",
        _amount(terms, "cbc:TaxableAmount", tax.base),  # BT-116
        _amount(terms, "cbc:TaxAmount", tax.amount),  # BT-117
        x(
            "cac:TaxCategory",
            _category(tax.code, tax.rate),  # BT-118, BT-119
            x("cbc:TaxExemptionReasonCode", tax.reason_code),  # BT-121
            x("cbc:TaxExemptionReason", tax.reason),  # BT-120
            _vat(),
        ),
    )


def _category(code: str, rate: Decimal) -> list[Element | None]:
    """Of what is not subject to VAT there is no rate, not even nothing."""
    return [x("cbc:ID", code), x("cbc:Percent", plain(rate)) if code != "O" else None]


def _vat() -> Element | None:
    return x("cac:TaxScheme", x("cbc:ID", "VAT"))


def _sums(terms: Terms) -> Element | None:
    """BG-22"""
    document = terms.document

    def if_any(name: str, amount: Decimal) -> Element | None:
        return _amount(terms, name, amount) if amount else None

    return x(
        "cac:LegalMonetaryTotal",
        _amount(terms, "cbc:LineExtensionAmount", terms.lines_net),  # BT-106
        _amount(terms, "cbc:TaxExclusiveAmount", document.net),  # BT-109
        _amount(terms, "cbc:TaxInclusiveAmount", document.net + document.tax),  # BT-112
        if_any("cbc:AllowanceTotalAmount", _sum(terms.allowances)),  # BT-107
        if_any("cbc:ChargeTotalAmount", _sum(terms.charges)),  # BT-108
        if_any("cbc:PrepaidAmount", document.prepaid),  # BT-113
        if_any("cbc:PayableRoundingAmount", document.rounding),  # BT-114
        _amount(terms, "cbc:PayableAmount", document.due),  # BT-115
    )


def _sum(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), Decimal(0))


def _line(terms: Terms, billed: Billed) -> Element | None:
    line = billed.line
    unit = codes.unit(line.unit)
    name, quantity = (
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
        if terms.is_credit_note
        else ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    )
    per = x("cbc:BaseQuantity", plain(line.price_per), unitCode=unit) if line.price_per != 1 else None
    return x(
        name,
        x("cbc:ID", str(line.position)),  # BT-126
        x(quantity, plain(line.quantity), unitCode=unit),  # BT-129, BT-130
        _amount(terms, "cbc:LineExtensionAmount", line.net),  # BT-131
        _order_line(terms, billed),
        _despatch(billed),
        x(
            "cac:Item",
            x("cbc:Name", line.name),  # BT-153
            x("cac:BuyersItemIdentification", x("cbc:ID", line.buyer_sku)),  # BT-156
            x("cac:SellersItemIdentification", x("cbc:ID", line.sku)),  # BT-155
            x("cac:StandardItemIdentification", x("cbc:ID", line.gtin, schemeID=GTIN)),  # BT-157
            x("cac:ClassifiedTaxCategory", _category(line.tax_code, line.tax_rate), _vat()),  # BT-151, BT-152
            [
                x("cac:AdditionalItemProperty", x("cbc:Name", name), x("cbc:Value", value))
                for name, value in billed.facts  # BG-32
            ],
        ),
        x(
            "cac:Price",
            x("cbc:PriceAmount", plain(line.unit_price), currencyID=terms.document.currency),  # BT-146
            per,  # BT-149
        ),
    )


def _order_line(terms: Terms, billed: Billed) -> Element | None:
    """BT-132: lines stand as in the buyer's order."""
    if terms.document.order.purchase_order_number is None or not billed.line.line:
        return None
    return x("cac:OrderLineReference", x("cbc:LineID", str(billed.line.line)))


def _despatch(billed: Billed) -> Element | None:
    """BT-128: of several shipments, the line's own, as the object that it is about."""
    if billed.despatch is None:
        return None
    return x(
        "cac:DocumentReference",
        x("cbc:ID", billed.despatch.number, schemeID=DESPATCH_ADVICE),
        x("cbc:DocumentTypeCode", OBJECT),
    )


def _amount(terms: Terms, name: str, amount: Decimal) -> Element | None:
    currency = terms.document.currency
    return x(name, money.text(amount, currency), currencyID=currency)


def _day(name: str, day: date | None) -> Element | None:
    return x(name, day.isoformat()) if day else None
