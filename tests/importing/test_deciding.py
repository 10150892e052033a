"""A row is taken or left out, and says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.importing.deciding import REASONS, LeftOut, Line, decide
from tests.importing.files import LATER, row


def test_a_good_row_is_taken_with_its_customer_and_product_in_the_portals_form() -> None:
    decided = decide(row(StockCode=" 85123a ", Description="WHITE  HANGING HEART "), LATER)
    assert decided == Line(
        cancels=False,
        invoice="536365",
        sku="85123A",
        name="WHITE HANGING HEART",
        quantity="6",
        unit_price="2.55",
        at="2010-12-01 08:26:00",
        account="C17850",
        country="United Kingdom",
    )


def test_a_cancellation_is_taken_as_what_it_takes_back() -> None:
    decided = decide(row(InvoiceNo="C536379", Quantity="-6"), LATER)
    assert isinstance(decided, Line)
    assert decided.cancels
    assert decided.quantity == "6"


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"InvoiceNo": "A563185"}, "no_order", "'A563185' is not the number of an order"),
        ({"InvoiceNo": ""}, "no_order", "'' is not the number"),
        ({"CustomerID": ""}, "no_customer", "does not say whose order"),
        ({"CustomerID": "n/a"}, "no_customer", "'n/a' is not the number of a customer"),
        ({"StockCode": "POST"}, "no_product", "stands for postage, not for goods"),
        ({"StockCode": "DOT"}, "no_product", "postage of the web shop"),
        ({"StockCode": "M"}, "no_product", "an entry by hand"),
        ({"StockCode": "m"}, "no_product", "an entry by hand"),
        ({"StockCode": "BANK CHARGES"}, "no_product", "bank charges"),
        ({"StockCode": "gift_0001_20"}, "no_product", "a voucher"),
        ({"StockCode": "C9"}, "no_product", "'C9' is not the code of a product"),
        ({"Description": ""}, "no_name", "no description"),
        ({"Description": "?"}, "no_name", "'?' is a remark"),
        ({"Description": "damaged"}, "no_name", "'damaged' is a remark"),
        ({"Description": "?SOLD AS SETS"}, "no_name", "is a remark"),
        ({"Description": "Next Day Carriage"}, "no_name", "or a service"),
        ({"Quantity": "0"}, "no_quantity", "Nothing is ordered"),
        ({"Quantity": "-3"}, "no_quantity", "negative, and it is no cancellation"),
        ({"Quantity": "2.5"}, "no_quantity", "no whole number"),
        ({"Quantity": "1e9"}, "no_quantity", "no whole number"),
        ({"Quantity": "12345678"}, "no_quantity", "more than anybody orders"),
        ({"InvoiceNo": "C536365"}, "no_quantity", "6 is not negative"),
        ({"UnitPrice": "0.0"}, "no_price", "The price is 0"),
        ({"UnitPrice": "-11062.06"}, "no_price", "is negative"),
        ({"UnitPrice": "NaN"}, "no_price", "no price"),
        ({"UnitPrice": "1234567.00"}, "no_price", "more than anything costs"),
        ({"InvoiceDate": "2011-02-30 10:00:00"}, "unreadable", "no day and time"),
        ({"InvoiceDate": "01/12/2010 08:26"}, "unreadable", "no day and time"),
        ({"InvoiceDate": "2011-10-01 10:00:00"}, "unreadable", "yet to come"),
        ({"Country": " "}, "unreadable", "to which country"),
        ({"Description": "HEART\x00"}, "unreadable", "zero byte"),
    ],
)
def test_a_dirty_row_is_left_out_with_its_reason(changes: dict[str, str], reason: str, words: str) -> None:
    decided = decide(row(**changes), LATER)
    assert isinstance(decided, LeftOut)
    assert decided.reason == reason
    assert words in decided.explanation


def test_a_row_of_too_few_fields_is_left_out() -> None:
    assert decide(row()[:5], LATER) == LeftOut("unreadable", "It has 5 fields, not 8.")


def test_all_that_is_the_matter_is_said_and_the_first_thing_counts() -> None:
    decided = decide(row(CustomerID="", StockCode="DOT", UnitPrice="0.0"), LATER)
    assert isinstance(decided, LeftOut)
    assert decided.reason == "no_customer"
    assert "postage of the web shop" in decided.explanation
    assert decided.explanation.endswith("The price is 0.")


@given(
    st.lists(st.text(max_size=12), max_size=9)
    | st.tuples(*(st.sampled_from([good, "", "-1", "0", "x"]) for good in row()))
)
def test_whatever_stands_in_a_row_something_is_decided(fields: list[str]) -> None:
    decided = decide(list(fields), LATER)
    assert isinstance(decided, Line) or decided.reason in REASONS
