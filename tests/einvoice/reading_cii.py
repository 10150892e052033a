"""Cross Industry Invoice, read."""

from fractions import Fraction
from typing import Any

from tests.einvoice.terms import Adjusted, Group, Key, Node, Read, Row


def cii(element: Any) -> Read:
    root = Node(element)
    head = "rsm:ExchangedDocument"
    deal = "rsm:SupplyChainTradeTransaction"
    agreed, delivery, settled = (
        root.one(f"{deal}/ram:ApplicableHeaderTrade{part}")
        for part in ("Agreement", "Delivery", "Settlement")
    )
    assert agreed
    assert delivery
    assert settled
    sums = settled.one("ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    assert sums

    def key(node: Node) -> Key:
        return node.said("ram:CategoryCode"), node.number("ram:RateApplicablePercent", "0")

    def adjusted(is_charge: str) -> tuple[Adjusted, ...]:
        return tuple(
            Adjusted(
                one.number("ram:ActualAmount"),
                key(one.one("ram:CategoryTradeTax") or one),
                one.text("ram:Reason"),
                one.text("ram:ReasonCode"),
            )
            for one in settled.all("ram:SpecifiedTradeAllowanceCharge")
            if one.text("ram:ChargeIndicator/udt:Indicator") == is_charge
        )

    return Read(
        number=root.said(f"{head}/ram:ID"),
        type=root.said(f"{head}/ram:TypeCode"),
        issued_on=_iso(root.said(f"{head}/ram:IssueDateTime/udt:DateTimeString")),
        due_on=_day(settled.text("ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString")),
        currency=settled.said("ram:InvoiceCurrencyCode"),
        note=root.text(f"{head}/ram:IncludedNote/ram:Content"),
        references=(
            agreed.text("ram:BuyerReference"),
            agreed.text("ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
            agreed.text("ram:SellerOrderReferencedDocument/ram:IssuerAssignedID"),
            agreed.text("ram:ContractReferencedDocument/ram:IssuerAssignedID"),
            delivery.text("ram:DespatchAdviceReferencedDocument/ram:IssuerAssignedID"),
            settled.text("ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
        ),
        preceding=tuple(
            (
                one.said("ram:IssuerAssignedID"),
                _iso(one.said("ram:FormattedIssueDateTime/qdt:DateTimeString")),
            )
            for one in settled.all("ram:InvoiceReferencedDocument")
        ),
        seller=_cii_party(agreed.one("ram:SellerTradeParty")),
        buyer=_cii_party(agreed.one("ram:BuyerTradeParty")),
        deliver_to=(
            delivery.text("ram:ShipToTradeParty/ram:Name"),
            *delivery.address("ram:ShipToTradeParty/ram:PostalTradeAddress", CII_ADDRESS),
        ),
        delivered_on=_day(
            delivery.text("ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString")
        ),
        period=(
            _day(settled.text("ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString")),
            _day(settled.text("ram:BillingSpecifiedPeriod/ram:EndDateTime/udt:DateTimeString")),
        ),
        means=tuple(
            settled.text(f"ram:SpecifiedTradeSettlementPaymentMeans/ram:{part}")
            for part in (
                "TypeCode",
                "PayeePartyCreditorFinancialAccount/ram:IBANID",
                "PayeePartyCreditorFinancialAccount/ram:AccountName",
                "PayeeSpecifiedCreditorFinancialInstitution/ram:BICID",
            )
        ),
        terms=settled.text("ram:SpecifiedTradePaymentTerms/ram:Description"),
        rows=tuple(_cii_row(one, key) for one in root.all(f"{deal}/ram:IncludedSupplyChainTradeLineItem")),
        allowances=adjusted("false"),
        charges=adjusted("true"),
        groups=tuple(
            Group(
                key(one),
                one.number("ram:BasisAmount"),
                one.number("ram:CalculatedAmount"),
                one.text("ram:ExemptionReason"),
                one.text("ram:ExemptionReasonCode"),
            )
            for one in settled.all("ram:ApplicableTradeTax")
        ),
        sums={
            "lines": sums.number("ram:LineTotalAmount"),
            "allowances": sums.number("ram:AllowanceTotalAmount", "0"),
            "charges": sums.number("ram:ChargeTotalAmount", "0"),
            "net": sums.number("ram:TaxBasisTotalAmount"),
            "tax": sums.number("ram:TaxTotalAmount"),
            "gross": sums.number("ram:GrandTotalAmount"),
            "prepaid": sums.number("ram:TotalPrepaidAmount", "0"),
            "rounding": sums.number("ram:RoundingAmount", "0"),
            "due": sums.number("ram:DuePayableAmount"),
        },
    )


CII_ADDRESS = tuple(
    f"ram:{part}"
    for part in (
        "LineOne",
        "LineTwo",
        "LineThree",
        "CityName",
        "PostcodeCode",
        "CountrySubDivisionName",
        "CountryID",
    )
)


def _cii_party(node: Node | None) -> tuple[str | None, ...]:
    assert node
    return (
        node.text("ram:ID"),
        node.text("ram:Name"),
        node.text("ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
        node.text("ram:SpecifiedLegalOrganization/ram:ID"),
        node.text("ram:SpecifiedTaxRegistration/ram:ID"),
        node.scheme("ram:URIUniversalCommunication/ram:URIID"),
        node.text("ram:URIUniversalCommunication/ram:URIID"),
        node.text("ram:DefinedTradeContact/ram:PersonName"),
        node.text("ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        node.text("ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID"),
        *node.address("ram:PostalTradeAddress", CII_ADDRESS),
    )


def _cii_row(node: Node, key: Any) -> Row:
    product, tax = (
        "ram:SpecifiedTradeProduct",
        node.one("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax"),
    )
    quantity = node.one("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice"
    assert quantity
    return Row(
        position=node.said("ram:AssociatedDocumentLineDocument/ram:LineID"),
        quantity=Fraction(quantity.element.text),
        unit=quantity.element.get("unitCode"),
        price=node.number(f"{price}/ram:ChargeAmount"),
        per=node.number(f"{price}/ram:BasisQuantity", "1"),
        net=node.number(
            "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
        ),
        key=key(tax),
        name=node.said(f"{product}/ram:Name"),
        sku=node.text(f"{product}/ram:SellerAssignedID"),
        buyer_sku=node.text(f"{product}/ram:BuyerAssignedID"),
        gtin=node.text(f"{product}/ram:GlobalID"),
        order_line=node.text("ram:SpecifiedLineTradeAgreement/ram:BuyerOrderReferencedDocument/ram:LineID"),
        facts=tuple(
            (one.said("ram:Description"), one.said("ram:Value"))
            for one in node.all(f"{product}/ram:ApplicableProductCharacteristic")
        ),
    )


def _day(day: str | None) -> str | None:
    return _iso(day) if day else None


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
