"""Every kind of document that the portal can issue, by its name."""

from datetime import date
from decimal import Decimal

import msgspec

from portal.domain import money
from portal.domain.invoices import Address, Before, Despatch, Document, Seller
from tests.einvoice.samples import BUYERS, HAMBURGS, OURS, THERE, Case, Item, order

EARLIER = Before(
    number="INV-2026-000004", kind="invoice", issued_on=date(2026, 11, 5), total=Decimal("12.00")
)
TWO = (
    Despatch(number="SH-2026-000031", shipped_on=date(2026, 11, 3), delivered_on=date(2026, 11, 5)),
    Despatch(number="SH-2026-000032", shipped_on=date(2026, 11, 10), mode="freight"),
)
MIXED = (
    Item(),
    Item(
        sku="OIL-1",
        name="Oil",
        unit="LTR",
        quantity="12.5",
        ordered="20",
        before="2.5",
        price="8.1234",
        rate="5",
        category="reduced",
    ),
    Item(sku="BOOK", name="Handbook", quantity="1", ordered="1", price="30", rate="0", category="zero"),
)
PEOPLE_WITHOUT = msgspec.structs.replace(
    BUYERS, vat_id=None, registration=None, electronic_address=None, contact=None, email=None, phone=None
)
AT_HOME = msgspec.structs.replace(THERE, address=HAMBURGS.address)
TO_FRANCE = msgspec.structs.replace(
    THERE, address=Address(lines=["1 rue du Port"], city="Lille", postal_code="59000", country="FR")
)
FRENCH = msgspec.structs.replace(
    BUYERS, vat_id="FR40303265045", address=TO_FRANCE.address, electronic_address="0225:303265045"
)
CORRECTED = {"corrects": EARLIER, "reason": "Two were short on arrival.", "buyer_reference": "BR-9"}

CASES: dict[str, Case] = {
    "one line": Case(),
    "three rates": Case(items=MIXED),
    "discount and freight": Case(discount="6.17", freight="15.42"),
    "rounded": Case(rounding="-0.01"),
    "all that may be said": Case(
        items=[Item(buyer_sku="NW-77", gtin="4006381333931", per="100", price="12", before="100")],
        discount="1.00",
        freight="2.00",
        extra={
            "buyer_reference": "04011000-12345-34",
            "contract_number": "FRAME-2026",
            "preceding": [EARLIER],
            "prepaid": Decimal("10.00"),
            "period": (date(2026, 11, 1), date(2026, 11, 30)),
        },
    ),
    "as little as may be said": Case(
        buyer=PEOPLE_WITHOUT,
        shipments=(),
        items=[Item(shipment=None)],
        extra={"order": order(Decimal(0), "GBP")},
    ),
    "paid before it leaves": Case(shipments=(), items=[Item(shipment=None)]),
    "yen": Case(currency="JPY", items=[Item(price="12.5", rate="10")]),
    "yen, rounded": Case(currency="JPY", items=[Item(price="12.53", quantity="7", rate="10")]),
    "euro": Case(currency="EUR", seller=HAMBURGS, deliver_to=AT_HOME, items=[Item(rate="19")]),
    "exempt": Case(status="exempt"),
    "reverse charge": Case(status="reverse_charge", currency="EUR", seller=HAMBURGS, deliver_to=AT_HOME),
    "reverse charge of several categories": Case(
        status="reverse_charge", currency="EUR", seller=HAMBURGS, deliver_to=AT_HOME, items=MIXED
    ),
    "within the Union": Case(
        status="reverse_charge", currency="EUR", seller=HAMBURGS, buyer=FRENCH, deliver_to=TO_FRANCE
    ),
    "within the Union, paid before": Case(
        status="reverse_charge",
        currency="EUR",
        seller=HAMBURGS,
        buyer=FRENCH,
        deliver_to=TO_FRANCE,
        shipments=(),
        items=[Item(shipment=None)],
    ),
    "export from the Union": Case(status="reverse_charge", currency="EUR", seller=HAMBURGS),
    "export from elsewhere": Case(status="exempt", deliver_to=AT_HOME),
    "no VAT payer": Case(
        seller=msgspec.structs.replace(OURS, vat_id=None, electronic_address="0088:4006381000000"),
        items=[Item(rate="0")],
    ),
    "two shipments": Case(
        items=[Item(), Item(shipment="SH-2026-000032", sku="NUT-M8")],
        shipments=TWO,
        extra={"terms": "consolidated", "period": (date(2026, 11, 1), date(2026, 11, 30))},
    ),
    "two shipments, three rates, discount": Case(
        items=[*MIXED, Item(shipment="SH-2026-000032", sku="NUT-M8")],
        shipments=TWO,
        discount="3.33",
        freight="9.99",
        extra={"terms": "consolidated", "preceding": [EARLIER]},
    ),
    "credit note": Case(kind="credit_note", extra=CORRECTED),
    "credit note over three rates": Case(kind="credit_note", items=MIXED, discount="1.11", extra=CORRECTED),
    "credit note of two shipments": Case(
        kind="credit_note", items=[Item(), Item(shipment="SH-2026-000032")], shipments=TWO, extra=CORRECTED
    ),
    "odd characters": Case(
        items=[Item(name='Bolt <8> & "nut" \x0b ß 日本 \U0001f527', buyer_sku="A&B", sku="X<1>")],
        buyer=msgspec.structs.replace(BUYERS, name="Müller & Söhne", legal_name=None),
    ),
    "codes that nobody knows": Case(
        items=[Item(unit="QQQ")],
        buyer=msgspec.structs.replace(BUYERS, vat_id="QQ 12345", electronic_address="0001:4711"),
    ),
    "reached by e-mail": Case(
        buyer=msgspec.structs.replace(BUYERS, electronic_address="EM:bills@nordwind.example")
    ),
    "no bank": Case(extra={"seller": Seller(party=OURS)}),
}


def credit_for_an_amount() -> Document:
    """No goods stand for it."""
    document = Case(kind="credit_note", items=MIXED, extra=CORRECTED).document()
    bases = [Decimal("10.00"), Decimal("3.00"), Decimal("0.50")]
    taxes = [
        msgspec.structs.replace(tax, base=base, amount=money.rounded(base * tax.rate / 100, "GBP"))
        for tax, base in zip(document.taxes, bases, strict=True)
    ]
    net, tax = sum(bases, Decimal(0)), sum((tax.amount for tax in taxes), Decimal(0))
    return msgspec.structs.replace(
        document, lines=(), taxes=taxes, lines_net=Decimal(0), net=net, tax=tax, total=net + tax
    )


def documents() -> dict[str, Document]:
    """Every kind of document, by its name."""
    return {name: case.document() for name, case in CASES.items()} | {"for an amount": credit_for_an_amount()}
