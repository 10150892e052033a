from decimal import Decimal

import pytest

from portal.domain import vat

TWENTY, NONE = Decimal(20), Decimal(0)


@pytest.mark.parametrize("status", ["standard", "exempt", "reverse_charge"])
@pytest.mark.parametrize("ship_to", ["GB", "DE", "US"])
def test_a_line_that_was_ordered_with_tax_is_taxed(status: str, ship_to: str) -> None:
    assert vat.code(status, "standard", TWENTY, "GB", ship_to) == "S"


@pytest.mark.parametrize(
    ("status", "category", "supplier", "ship_to", "code"),
    [
        ("standard", "zero", "GB", "GB", "Z"),
        ("standard", "zero", "DE", "FR", "Z"),
        ("exempt", "standard", "GB", "GB", "E"),
        ("exempt", "zero", "GB", "GB", "Z"),
        ("exempt", "standard", "DE", "FR", "E"),
        ("exempt", "standard", "GB", "DE", "G"),
        ("reverse_charge", "standard", "GB", "GB", "AE"),
        ("reverse_charge", "reduced", "DE", "DE", "AE"),
        ("reverse_charge", "zero", "DE", "DE", "Z"),
        ("reverse_charge", "standard", "DE", "FR", "K"),
        ("reverse_charge", "zero", "DE", "FR", "K"),
        ("reverse_charge", "standard", "DE", "CH", "G"),
        ("reverse_charge", "standard", "GB", "FR", "G"),
        ("reverse_charge", "standard", "CH", "US", "G"),
    ],
)
def test_without_tax_the_status_and_the_way_of_the_goods_decide(
    status: str, category: str, supplier: str, ship_to: str, code: str
) -> None:
    assert vat.code(status, category, NONE, supplier, ship_to) == code


def test_who_is_no_vat_payer_bills_outside_of_the_scope() -> None:
    assert vat.code("standard", "zero", NONE, "GB", "GB", registered=False) == "O"
    assert vat.code("reverse_charge", "standard", NONE, "GB", "DE", registered=False) == "O"


@pytest.mark.parametrize("code", ["S", "Z"])
def test_where_tax_is_charged_or_the_rate_is_nothing_there_is_nothing_to_explain(code: str) -> None:
    assert vat.exemption(code, "DE") == (None, None)


@pytest.mark.parametrize("code", ["E", "AE", "K", "G", "O"])
def test_what_is_not_taxed_says_why(code: str) -> None:
    words, vatex = vat.exemption(code, "DE")

    assert words
    assert vatex is None if code == "E" else str(vatex).startswith("VATEX-EU-")


def test_only_the_unions_suppliers_refer_to_its_law() -> None:
    assert vat.exemption("G", "DE") == ("Export, no VAT charged", "VATEX-EU-G")
    assert vat.exemption("G", "GB") == ("Export, no VAT charged", None)
