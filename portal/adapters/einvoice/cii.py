"""A document as UN/CEFACT Cross Industry Invoice (D22B), in the profiles EN 16931 and EXTENDED of Factur-X 1.0.

Elements stand in the order of the schema; beside them the numbers of EN 16931's terms.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from portal.adapters.einvoice import codes, xml
from portal.adapters.einvoice.terms import Billed, Terms
from portal.adapters.einvoice.xml import Element, plain, x
from portal.domain import money
from portal.domain.invoices import Address, Adjustment, Before, Document, Party, Tax

RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "ram": RAM,
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
# BT-24
GUIDELINES = {
    "en16931": "urn:cen.eu:en16931:2017",
    "extended": "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
}
DAY = "102"
GTIN = "0160"


def cii(document: Document) -> bytes:
    """The XML; only for a document whose profile is not `none`."""
    terms = Terms(document)
    return xml.document(
        "rsm:CrossIndustryInvoice",
        NAMESPACES,
        x(
            "rsm:ExchangedDocumentContext",
            x(
                "ram:GuidelineSpecifiedDocumentContextParameter",
                x("ram:ID", GUIDELINES[terms.profile]),
            ),
        ),
        _head(terms),
        x(
            "rsm:SupplyChainTradeTransaction",
            [_line(terms, billed) for billed in terms.lines],
            _agreement(terms),
            _delivery(terms),
            _settlement(terms),
        ),
    )


def _head(terms: Terms) -> Element | None:
    document = terms.document
    return x(
        "rsm:ExchangedDocument",
        x("ram:ID", document.number),  # BT-1
        x("ram:TypeCode", terms.type_code),  # BT-3
        x("ram:IssueDateTime", _day(document.issued_on)),  # BT-2
        x("ram:IncludedNote", x("ram:Content", terms.note)),  # BT-22
    )


def _line(terms: Terms, billed: Billed) -> Element | None:
    line = billed.line
    unit = codes.unit(line.unit)
    per = x("ram:BasisQuantity", plain(line.price_per), unitCode=unit) if line.price_per != 1 else None
    return x(
        "ram:IncludedSupplyChainTradeLineItem",
        x("ram:AssociatedDocumentLineDocument", x("ram:LineID", str(line.position))),  # BT-126
        x(
            "ram:SpecifiedTradeProduct",
            x("ram:GlobalID", line.gtin, schemeID=GTIN),  # BT-157
            x("ram:SellerAssignedID", line.sku),  # BT-155
            x("ram:BuyerAssignedID", line.buyer_sku),  # BT-156
            x("ram:Name", line.name),  # BT-153
            [
                x("ram:ApplicableProductCharacteristic", x("ram:Description", name), x("ram:Value", value))
                for name, value in billed.facts  # BG-32
            ],
        ),
        x(
            "ram:SpecifiedLineTradeAgreement",
            _order_line(terms, billed),
            x(
                "ram:NetPriceProductTradePrice",
                x("ram:ChargeAmount", plain(line.unit_price)),  # BT-146
                per,  # BT-149, BT-150
            ),
        ),
        x(
            "ram:SpecifiedLineTradeDelivery",
            x("ram:BilledQuantity", plain(line.quantity), unitCode=unit),  # BT-129, BT-130
            list(_despatch_of_line(billed)),
        ),
        x(
            "ram:SpecifiedLineTradeSettlement",
            x("ram:ApplicableTradeTax", *_category(line.tax_code, line.tax_rate)),  # BT-151, BT-152
            x(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                x("ram:LineTotalAmount", _amount(terms, line.net)),  # BT-131
            ),
        ),
    )


def _order_line(terms: Terms, billed: Billed) -> Element | None:
    """BT-132: lines stand as in the buyer's order."""
    if terms.document.order.purchase_order_number is None or not billed.line.line:
        return None
    return x("ram:BuyerOrderReferencedDocument", x("ram:LineID", str(billed.line.line)))


def _despatch_of_line(billed: Billed) -> Iterator[Element | None]:
    """EXTENDED only: of several shipments, the line's own, and when it was supplied."""
    if billed.despatch is None:
        return
    supplied = billed.despatch.delivered_on or billed.despatch.shipped_on
    yield x("ram:ActualDeliverySupplyChainEvent", x("ram:OccurrenceDateTime", _day(supplied)))
    yield x(
        "ram:DespatchAdviceReferencedDocument",
        x("ram:IssuerAssignedID", billed.despatch.number),
        x("ram:FormattedIssueDateTime", _qualified_day(billed.despatch.shipped_on)),
    )


def _agreement(terms: Terms) -> Element | None:
    document = terms.document
    return x(
        "ram:ApplicableHeaderTradeAgreement",
        x("ram:BuyerReference", terms.buyer_reference),  # BT-10
        _party(terms, "ram:SellerTradeParty", document.seller.party),  # BG-4
        _party(terms, "ram:BuyerTradeParty", document.buyer, document.account),  # BG-7
        _reference("ram:SellerOrderReferencedDocument", document.order.number),  # BT-14
        _reference("ram:BuyerOrderReferencedDocument", document.order.purchase_order_number),  # BT-13
        _reference("ram:ContractReferencedDocument", document.contract_number),  # BT-12
    )


def _party(terms: Terms, name: str, party: Party, number: str | None = None) -> Element | None:
    legal = party.legal_name or party.name
    scheme, address = terms.electronic_address(party) or ("", "")
    return x(
        name,
        x("ram:ID", number),  # BT-46
        x("ram:Name", legal),  # BT-27, BT-44
        x(
            "ram:SpecifiedLegalOrganization",
            x("ram:ID", party.registration),  # BT-30, BT-47
            x("ram:TradingBusinessName", party.name if party.name != legal else None),  # BT-28, BT-45
        ),
        x(
            "ram:DefinedTradeContact",
            x("ram:PersonName", party.contact),  # BT-41, BT-56
            x("ram:TelephoneUniversalCommunication", x("ram:CompleteNumber", party.phone)),
            x("ram:EmailURIUniversalCommunication", x("ram:URIID", party.email)),
        ),
        _address(party.address),
        x(
            "ram:URIUniversalCommunication", x("ram:URIID", address, schemeID=scheme) if scheme else None
        ),  # BT-34, BT-49
        x("ram:SpecifiedTaxRegistration", x("ram:ID", terms.vat_id(party), schemeID="VA")),  # BT-31, BT-48
    )


def _address(address: Address) -> Element | None:
    first, second, third = _three(address)
    return x(
        "ram:PostalTradeAddress",
        x("ram:PostcodeCode", address.postal_code),
        x("ram:LineOne", first),
        x("ram:LineTwo", second),
        x("ram:LineThree", third),
        x("ram:CityName", address.city),
        x("ram:CountryID", address.country),
        x("ram:CountrySubDivisionName", address.region),
    )


def _three(address: Address) -> tuple[str | None, str | None, str | None]:
    """There are three lines: what is more stands in the last one."""
    first, second, *more = [*address.lines, "", ""]
    return first, second, ", ".join(line for line in more if line)


def _delivery(terms: Terms) -> Element | None:
    deliver_to, despatch = terms.document.deliver_to, terms.despatch
    return x(
        "ram:ApplicableHeaderTradeDelivery",
        x("ram:ShipToTradeParty", x("ram:Name", deliver_to.name), _address(deliver_to.address)),  # BG-13
        x(
            "ram:ActualDeliverySupplyChainEvent",
            x("ram:OccurrenceDateTime", _day(terms.delivered_on)),  # BT-72
        ),
        _reference("ram:DespatchAdviceReferencedDocument", despatch.number if despatch else None),  # BT-16
    )


def _settlement(terms: Terms) -> Element | None:
    document = terms.document
    return x(
        "ram:ApplicableHeaderTradeSettlement",
        x("ram:PaymentReference", document.number),  # BT-83
        x("ram:InvoiceCurrencyCode", document.currency),  # BT-5
        _means(terms),
        [_tax(terms, tax) for tax in terms.taxes],
        _period(terms),
        [_adjustment(terms, allowance, is_charge=False) for allowance in terms.allowances],
        [_adjustment(terms, charge, is_charge=True) for charge in terms.charges],
        x(
            "ram:SpecifiedTradePaymentTerms",
            x("ram:Description", terms.payment_terms),  # BT-20
            x("ram:DueDateDateTime", _day(document.due_on)),  # BT-9
        ),
        _sums(terms),
        [_preceding(before) for before in terms.preceding],
        x("ram:ReceivableSpecifiedTradeAccountingAccount", x("ram:ID", document.order.cost_centre)),  # BT-19
    )


def _means(terms: Terms) -> Element | None:
    bank = terms.document.seller.bank
    if bank is None or terms.means is None:
        return None
    return x(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        x("ram:TypeCode", terms.means),  # BT-81
        x(
            "ram:PayeePartyCreditorFinancialAccount",
            x("ram:IBANID", bank.iban),  # BT-84
            x("ram:AccountName", bank.holder),  # BT-85
        ),
        x("ram:PayeeSpecifiedCreditorFinancialInstitution", x("ram:BICID", bank.bic)),  # BT-86
    )


def _tax(terms: Terms, tax: Tax) -> Element | None:
    """BG-23"""
    kind, category, *rate = _category(tax.code, tax.rate)
    return x(
        "ram:ApplicableTradeTax",
        x("ram:CalculatedAmount", _amount(terms, tax.amount)),  # BT-117
        kind,
        x("ram:ExemptionReason", tax.reason),  # BT-120
        x("ram:BasisAmount", _amount(terms, tax.base)),  # BT-116
        category,  # BT-118
        x("ram:ExemptionReasonCode", tax.reason_code),  # BT-121
        *rate,  # BT-119
    )


def _category(code: str, rate: Decimal) -> list[Element | None]:
    """Of what is not subject to VAT there is no rate, not even nothing."""
    return [
        x("ram:TypeCode", "VAT"),
        x("ram:CategoryCode", code),
        x("ram:RateApplicablePercent", plain(rate)) if code != "O" else None,
    ]


def _period(terms: Terms) -> Element | None:
    """BG-14"""
    if terms.period is None:
        return None
    first, last = terms.period
    return x(
        "ram:BillingSpecifiedPeriod",
        x("ram:StartDateTime", _day(first)),
        x("ram:EndDateTime", _day(last)),
    )


def _adjustment(terms: Terms, adjustment: Adjustment, *, is_charge: bool) -> Element | None:
    """BG-20, BG-21"""
    code, words = terms.reason_of(adjustment, is_charge=is_charge)
    return x(
        "ram:SpecifiedTradeAllowanceCharge",
        x("ram:ChargeIndicator", x("udt:Indicator", "true" if is_charge else "false")),
        x("ram:ActualAmount", _amount(terms, adjustment.amount)),
        x("ram:ReasonCode", code),
        x("ram:Reason", words),
        x("ram:CategoryTradeTax", *_category(adjustment.tax_code, adjustment.tax_rate)),
    )


def _sums(terms: Terms) -> Element | None:
    """BG-22"""
    document = terms.document

    def if_any(name: str, amount: Decimal) -> Element | None:
        return x(name, _amount(terms, amount)) if amount else None

    return x(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        x("ram:LineTotalAmount", _amount(terms, terms.lines_net)),  # BT-106
        if_any("ram:ChargeTotalAmount", _sum(terms.charges)),  # BT-108
        if_any("ram:AllowanceTotalAmount", _sum(terms.allowances)),  # BT-107
        x("ram:TaxBasisTotalAmount", _amount(terms, document.net)),  # BT-109
        x("ram:TaxTotalAmount", _amount(terms, document.tax), currencyID=document.currency),  # BT-110
        if_any("ram:RoundingAmount", document.rounding),  # BT-114
        x("ram:GrandTotalAmount", _amount(terms, document.net + document.tax)),  # BT-112
        if_any("ram:TotalPrepaidAmount", document.prepaid),  # BT-113
        x("ram:DuePayableAmount", _amount(terms, document.due)),  # BT-115
    )


def _sum(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), Decimal(0))


def _preceding(before: Before) -> Element | None:
    """BT-25, BT-26"""
    return x(
        "ram:InvoiceReferencedDocument",
        x("ram:IssuerAssignedID", before.number),
        x("ram:FormattedIssueDateTime", _qualified_day(before.issued_on)),
    )


def _reference(name: str, number: str | None) -> Element | None:
    return x(name, x("ram:IssuerAssignedID", number))


def _amount(terms: Terms, amount: Decimal) -> str:
    return money.text(amount, terms.document.currency)


def _day(day: date | None) -> Element | None:
    return x("udt:DateTimeString", day.strftime("%Y%m%d"), format=DAY) if day else None


def _qualified_day(day: date) -> Element | None:
    return x("qdt:DateTimeString", day.strftime("%Y%m%d"), format=DAY)
