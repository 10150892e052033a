from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities import NotAQuantity, check_unit, parse, text, total

written = st.decimals(0, 10**12 - 1, places=6, allow_nan=False, allow_infinity=False)


@given(written)
def test_a_quantity_reads_back_as_it_was_written(quantity: Decimal) -> None:
    assert parse(text(quantity)) == quantity


@given(written)
def test_a_written_quantity_has_no_exponent_and_no_trailing_zeros(quantity: Decimal) -> None:
    written = text(quantity)

    assert "E" not in written
    assert "." not in written or not written.endswith(("0", "."))


@pytest.mark.parametrize(
    ("quantity", "written"),
    [
        ("3.000", "3"),
        ("0.350", "0.35"),
        ("1E+3", "1000"),
        ("600", "600"),
        ("-0", "0"),
        ("0.00", "0"),
        ("1E-6", "0.000001"),
    ],
)
def test_quantities_are_normalised(quantity: str, written: str) -> None:
    assert text(Decimal(quantity)) == written


@pytest.mark.parametrize(
    ("raw", "quantity"),
    [
        ("3", "3"),
        (3, "3"),
        (0, "0"),
        ("0.35", "0.35"),
        ("007", "7"),
        ("1.500000000", "1.5"),
        ("999999999999.999999", "999999999999.999999"),
    ],
)
def test_a_quantity_is_a_string_or_an_integer(raw: str | int, quantity: str) -> None:
    assert parse(raw) == Decimal(quantity)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("NaN", "written in digits"),
        ("Infinity", "written in digits"),
        ("1e3", "written in digits"),
        ("", "written in digits"),
        (" 3", "written in digits"),
        ("3\n", "written in digits"),
        ("1_000", "written in digits"),
        ("1,5", "written in digits"),
        (".5", "written in digits"),
        ("5.", "written in digits"),
        ("٣", "written in digits"),
        ("-1", "not negative"),
        (-1, "not negative"),
        ("+1", "no sign"),
        ("1000000000000", "12 digits"),
        pytest.param(10**5000, "12 digits", id="thousands of digits"),
        pytest.param(-(10**5000), "12 digits", id="thousands of digits below zero"),
        ("0.0000001", "6 decimals"),
        (True, "a string holding a decimal"),
        (1.5, "a string holding a decimal"),
        (None, "a string holding a decimal"),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_reason(raw: str | int, why: str) -> None:
    with pytest.raises(NotAQuantity, match=why):
        parse(raw)


def test_pieces_are_whole() -> None:
    with pytest.raises(NotAQuantity, match=r"2\.5 is not possible"):
        parse("2.5", "C62")

    assert parse("2.0", "C62") == 2
    assert parse("2.5", "KGM") == Decimal("2.5")
    check_unit(Decimal(2), "C62")


def test_the_total_of_nothing_is_an_exact_zero() -> None:
    assert total([]) == Decimal(0)
    assert total([Decimal("0.1"), Decimal("0.2")]) == Decimal("0.3")
