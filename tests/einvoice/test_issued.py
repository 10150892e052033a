"""Invoices that a real portal has issued, as other systems fetch them.

That each is valid and right to the cent is asserted when the portal is thrown away (`tests/einvoice/issued.py`).
"""

import time
from collections.abc import Callable

import facturx
import pytest

from tests.einvoice.reading import read
from tests.einvoice.terms import Read
from tests.portals import Portal
from tests.scenarios.driver import Json, World

HAMBURG = {
    "PORTAL_SUPPLIER_NAME": "Seilerei Nord",
    "PORTAL_SUPPLIER_LEGAL_NAME": "Seilerei Nord GmbH",
    "PORTAL_SUPPLIER_STREET": "Am Kai 4",
    "PORTAL_SUPPLIER_CITY": "Hamburg",
    "PORTAL_SUPPLIER_POSTAL_CODE": "20457",
    "PORTAL_SUPPLIER_COUNTRY": "DE",
    "PORTAL_SUPPLIER_TIME_ZONE": "Europe/Berlin",
    "PORTAL_SUPPLIER_VAT_ID": "DE136695976",
    "PORTAL_SUPPLIER_REGISTRATION": "HRB 4711",
    "PORTAL_SUPPLIER_ELECTRONIC_ADDRESS": "9930:DE136695976",
    "PORTAL_SUPPLIER_CONTACT": "Buchhaltung",
    "PORTAL_SUPPLIER_PHONE": "+49 40 5550199",
    "PORTAL_SUPPLIER_EMAIL": "buch@seilerei.example",
    "PORTAL_SUPPLIER_IBAN": "DE75512108001245126199",
    "PORTAL_TAX_RATES": "DE standard 19, DE reduced 7, DE zero 0",
}
# Whoever is named has nothing made up for them: no VAT id, no bank.
NO_VAT_PAYER = {
    "PORTAL_SUPPLIER_LEGAL_NAME": "Small Works",
    "PORTAL_SUPPLIER_CITY": "York",
    "PORTAL_SUPPLIER_REGISTRATION": "01234567",
    "PORTAL_TAX_RATES": "GB standard 0, GB reduced 0, GB zero 0",
}


@pytest.fixture(scope="module")
def ours(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(worker=True)


@pytest.fixture(scope="module")
def hamburgs(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(worker=True, environment=HAMBURG)


def stocked(world: World, currency: str = "GBP", **prices: str) -> World:
    """Three products, each of another rate."""
    world.location("MAIN")
    found = {"ROPE": "12.3456", "HOOK": "0.99", "BOOK": "30.00"} | prices
    categories = {"HOOK": "reduced", "BOOK": "zero"}
    for sku, amount in found.items():
        world.product(
            sku,
            unit="MTR",
            list_price={"amount": amount, "currency": currency},
            tax_category=categories.get(sku, "standard"),
        )
        world.stock("MAIN", sku, 1000)
    return world


def sell(world: World, account: str, ship: Json | None = None, **order: object) -> Json:
    """An order over three rates with discount and freight; the first half of it leaves."""
    placed = world.order(
        account, {"ROPE": "7.5", "HOOK": 13, "BOOK": 1}, discount="3.33", freight="9.99", **order
    )
    world.ship(placed, "MAIN", ship or {1: "2.5", 2: 4, 3: 1})
    return placed


def file(portal: Portal, invoice: Json, kind: str) -> Read:
    """Its XML, as soon as it is made."""
    until = time.monotonic() + 120
    while True:
        answer = portal.erp.get(f"/invoices/{invoice['number']}.{kind}")
        if answer.status_code != 202:
            assert answer.status_code == 200, answer.text
            assert "xml" in answer.headers["content-type"]
            return read(answer.content)
        assert time.monotonic() < until, "the files are not made"
        time.sleep(0.3)


def inside(portal: Portal, invoice: Json) -> bytes:
    """The XML in its PDF, as others find it there: of the schema that it names."""
    answer = portal.erp.get(f"/invoices/{invoice['number']}.pdf")
    assert answer.status_code == 200, answer.text
    name, xml = facturx.get_xml_from_pdf(answer.content, check_xsd=True, check_schematron=False)
    assert name == "factur-x.xml"
    return xml


def test_each_shipment_is_an_invoice_that_a_machine_books(ours: Portal) -> None:
    world = stocked(World(ours, "A"))
    world.account(
        "BUYER",
        tax_id="GB 999 9999 73",
        legal_name="Buyer Holdings Ltd",
        electronic_address="9932:GB999999973",
        buyer_reference="Goods-in 4",
        contract_number="FRAME-7",
    )
    order = sell(world, "BUYER", purchase_order_number="4500012345")
    world.ship(order, "MAIN", {1: "5", 2: 9})

    first, second = world.invoices(order)
    cii, ubl = file(ours, second, "xml"), file(ours, second, "ubl")

    assert inside(ours, second) == ours.erp.get(f"/invoices/{second['number']}.xml").content
    assert (cii.number, cii.type, cii.currency) == (second["number"], "380", "GBP")
    assert cii.preceding == ((first["number"], "2026-11-18"),)
    assert ubl.references == (
        "Goods-in 4",
        "4500012345",
        order["number"],
        "FRAME-7",
        second["shipments"][0],
        None,
    )
    assert [str(row.order_line) for row in ubl.rows] == ["1", "2"]
    assert {group.key for group in cii.groups} == {("S", 20), ("S", 5)}
    assert f"{float(cii.sums['due']):.2f}" == second["due"]


def test_a_cancelled_shipment_is_a_credit_note_over_the_same(ours: Portal) -> None:
    world = stocked(World(ours, "B"))
    world.account("BUYER")
    order = sell(world, "BUYER")
    shipment = world.read(order)["shipments"][0]
    world.cancel_shipment(shipment)

    invoice, note = world.invoices(order)
    billed, credited = file(ours, invoice, "xml"), file(ours, note, "ubl")

    assert credited.type == "381"
    assert credited.preceding == ((invoice["number"], "2026-11-18"),)
    assert credited.sums == billed.sums
    assert credited.groups == billed.groups


def test_a_credit_for_an_amount_has_a_line_for_each_rate(ours: Portal) -> None:
    world = stocked(World(ours, "C"))
    world.account("BUYER")
    order = sell(world, "BUYER")
    [invoice] = world.invoices(order)
    world.credit_note(invoice, amount="5.00")

    note = file(ours, world.invoices(order)[1], "xml")

    assert float(note.sums["due"]) == 5
    assert [row.name for row in note.rows] == ["delivered short"] * len(note.groups)


def test_a_consolidated_invoice_says_which_line_left_on_which_shipment(ours: Portal) -> None:
    world = stocked(World(ours, "D"))
    world.account("BUYER", invoice_terms="consolidated", consolidation="monthly")
    order = sell(world, "BUYER")
    second = world.ship(order, "MAIN", {1: "5", 2: 9})
    world.bill(order)
    [invoice] = world.invoices(order)

    file(ours, invoice, "xml")
    text = ours.erp.get(f"/invoices/{invoice['number']}.xml").text

    assert "urn:factur-x.eu:1p0:extended" in text
    assert text.count(f"<ram:IssuerAssignedID>{second['number']}<") == 2


def test_what_is_paid_before_it_leaves_has_no_despatch(ours: Portal) -> None:
    world = stocked(World(ours, "E"))
    world.account("BUYER", invoice_terms="on_order")
    order = world.order("BUYER", {"ROPE": 3})

    [invoice] = world.invoices(order)

    assert file(ours, invoice, "ubl").delivered_on is None


@pytest.mark.parametrize(("currency", "price"), [("JPY", "125"), ("EUR", "0.0125")])
def test_other_currencies(ours: Portal, currency: str, price: str) -> None:
    world = stocked(World(ours, currency), currency, ROPE=price)
    world.account("BUYER", currency=currency)
    order = world.order("BUYER", {"ROPE": "7.5"})
    world.ship(order, "MAIN", {1: "7.5"})

    [invoice] = world.invoices(order)

    assert file(ours, invoice, "xml").currency == currency


def test_a_currency_of_three_digits_has_a_paper_alone(ours: Portal) -> None:
    world = stocked(World(ours, "F"), "KWD", ROPE="1.125")
    world.account("BUYER", currency="KWD")
    order = world.order("BUYER", {"ROPE": 1})
    world.ship(order, "MAIN", {1: 1})
    [invoice] = world.invoices(order)

    until = time.monotonic() + 120
    while (answer := ours.erp.get(f"/invoices/{invoice['number']}.xml")).status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.3)

    assert answer.status_code == 404
    assert ours.erp.get(f"/invoices/{invoice['number']}.pdf").status_code == 200


@pytest.mark.parametrize(
    ("status", "country", "code"),
    [
        ("standard", "DE", "S"),
        ("exempt", "DE", "E"),
        ("reverse_charge", "DE", "AE"),
        ("reverse_charge", "FR", "K"),
        ("reverse_charge", "CH", "G"),
        ("exempt", "GB", "G"),
    ],
)
def test_where_goods_go_decides_why_no_tax_is_charged(
    hamburgs: Portal, status: str, country: str, code: str
) -> None:
    world = stocked(World(hamburgs, f"{status[:2]}{country}".upper()), "EUR")
    world.account(
        "BUYER",
        currency="EUR",
        country=country,
        tax_status=status,
        tax_id="FR40303265045",
        electronic_address="0088:4006381333931",
    )
    order = sell(world, "BUYER")
    world.ship(order, "MAIN", {1: "5", 2: 9})

    for invoice in world.invoices(order):
        told = file(hamburgs, invoice, "xml")
        assert {group.key[0] for group in told.groups} <= {code, "Z"}
        assert any(group.key[0] == code for group in told.groups)


def test_who_is_no_vat_payer_says_so(start_portal: Callable[..., Portal]) -> None:
    portal = start_portal(worker=True, environment=NO_VAT_PAYER)
    world = stocked(World(portal))
    world.account("BUYER", tax_id="GB999999973")
    order = sell(world, "BUYER")

    [invoice] = world.invoices(order)
    told = file(portal, invoice, "xml")

    assert {group.key[0] for group in told.groups} == {"O"}
    assert not any("GB999999973" in str(fact) for fact in told.buyer)
