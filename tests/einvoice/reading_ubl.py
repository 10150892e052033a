"""UBL, read."""

from fractions import Fraction
from typing import Any

from lxml import etree

from tests.einvoice.terms import Adjusted, Group, Key, Node, Read, Row


def ubl(element: Any) -> Read:
    root = Node(element)
    sums = root.one("cac:LegalMonetaryTotal")
    assert sums
    kind = etree.QName(element).localname

    def key(node: Node) -> Key:
        return node.said("cbc:ID"), node.number("cbc:Percent", "0")

    def adjusted(is_charge: str) -> tuple[Adjusted, ...]:
        return tuple(
            Adjusted(
                one.number("cbc:Amount"),
                key(one.one("cac:TaxCategory") or one),
                one.text("cbc:AllowanceChargeReason"),
                one.text("cbc:AllowanceChargeReasonCode"),
            )
            for one in root.all("cac:AllowanceCharge")
            if one.text("cbc:ChargeIndicator") == is_charge
        )

    number = root.text("cac:OrderReference/cbc:ID")
    return Read(
        number=root.said("cbc:ID"),
        type=root.said(f"cbc:{kind}TypeCode"),
        issued_on=root.said("cbc:IssueDate"),
        due_on=root.text("cbc:DueDate"),
        currency=root.said("cbc:DocumentCurrencyCode"),
        note=root.text("cbc:Note"),
        references=(
            root.text("cbc:BuyerReference"),
            None if number == "NA" else number,
            root.text("cac:OrderReference/cbc:SalesOrderID"),
            root.text("cac:ContractDocumentReference/cbc:ID"),
            root.text("cac:DespatchDocumentReference/cbc:ID"),
            root.text("cbc:AccountingCost"),
        ),
        preceding=tuple(
            (one.said("cbc:ID"), one.said("cbc:IssueDate"))
            for one in root.all("cac:BillingReference/cac:InvoiceDocumentReference")
        ),
        seller=_ubl_party(root.one("cac:AccountingSupplierParty/cac:Party")),
        buyer=_ubl_party(root.one("cac:AccountingCustomerParty/cac:Party")),
        deliver_to=(
            root.text("cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name"),
            *root.address("cac:Delivery/cac:DeliveryLocation/cac:Address", UBL_ADDRESS),
        ),
        delivered_on=root.text("cac:Delivery/cbc:ActualDeliveryDate"),
        period=(root.text("cac:InvoicePeriod/cbc:StartDate"), root.text("cac:InvoicePeriod/cbc:EndDate")),
        means=tuple(
            root.text(f"cac:PaymentMeans/{part}")
            for part in (
                "cbc:PaymentMeansCode",
                "cac:PayeeFinancialAccount/cbc:ID",
                "cac:PayeeFinancialAccount/cbc:Name",
                "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID",
            )
        ),
        terms=root.text("cac:PaymentTerms/cbc:Note"),
        rows=tuple(_ubl_row(one, key) for one in root.all(f"cac:{kind}Line")),
        allowances=adjusted("false"),
        charges=adjusted("true"),
        groups=tuple(
            Group(
                key(one.one("cac:TaxCategory") or one),
                one.number("cbc:TaxableAmount"),
                one.number("cbc:TaxAmount"),
                one.text("cac:TaxCategory/cbc:TaxExemptionReason"),
                one.text("cac:TaxCategory/cbc:TaxExemptionReasonCode"),
            )
            for one in root.all("cac:TaxTotal/cac:TaxSubtotal")
        ),
        sums={
            "lines": sums.number("cbc:LineExtensionAmount"),
            "allowances": sums.number("cbc:AllowanceTotalAmount", "0"),
            "charges": sums.number("cbc:ChargeTotalAmount", "0"),
            "net": sums.number("cbc:TaxExclusiveAmount"),
            "tax": root.number("cac:TaxTotal/cbc:TaxAmount"),
            "gross": sums.number("cbc:TaxInclusiveAmount"),
            "prepaid": sums.number("cbc:PrepaidAmount", "0"),
            "rounding": sums.number("cbc:PayableRoundingAmount", "0"),
            "due": sums.number("cbc:PayableAmount"),
        },
    )


UBL_ADDRESS = (
    "cbc:StreetName",
    "cbc:AdditionalStreetName",
    "cac:AddressLine/cbc:Line",
    "cbc:CityName",
    "cbc:PostalZone",
    "cbc:CountrySubentity",
    "cac:Country/cbc:IdentificationCode",
)


def _ubl_party(node: Node | None) -> tuple[str | None, ...]:
    assert node
    return (
        node.text("cac:PartyIdentification/cbc:ID"),
        node.text("cac:PartyLegalEntity/cbc:RegistrationName"),
        node.text("cac:PartyName/cbc:Name"),
        node.text("cac:PartyLegalEntity/cbc:CompanyID"),
        node.text("cac:PartyTaxScheme/cbc:CompanyID"),
        node.scheme("cbc:EndpointID"),
        node.text("cbc:EndpointID"),
        node.text("cac:Contact/cbc:Name"),
        node.text("cac:Contact/cbc:Telephone"),
        node.text("cac:Contact/cbc:ElectronicMail"),
        *node.address("cac:PostalAddress", UBL_ADDRESS),
    )


def _ubl_row(node: Node, key: Any) -> Row:
    quantity = node.one("cbc:InvoicedQuantity") or node.one("cbc:CreditedQuantity")
    assert quantity
    return Row(
        position=node.said("cbc:ID"),
        quantity=Fraction(quantity.element.text),
        unit=quantity.element.get("unitCode"),
        price=node.number("cac:Price/cbc:PriceAmount"),
        per=node.number("cac:Price/cbc:BaseQuantity", "1"),
        net=node.number("cbc:LineExtensionAmount"),
        key=key(node.one("cac:Item/cac:ClassifiedTaxCategory")),
        name=node.said("cac:Item/cbc:Name"),
        sku=node.text("cac:Item/cac:SellersItemIdentification/cbc:ID"),
        buyer_sku=node.text("cac:Item/cac:BuyersItemIdentification/cbc:ID"),
        gtin=node.text("cac:Item/cac:StandardItemIdentification/cbc:ID"),
        order_line=node.text("cac:OrderLineReference/cbc:LineID"),
        facts=tuple(
            (one.said("cbc:Name"), one.said("cbc:Value"))
            for one in node.all("cac:Item/cac:AdditionalItemProperty")
        ),
    )
