"""Lines as people paste them: every spelling of code, quantity and day that is no guess; the rest keeps its words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.carts import BAD_DATE, NO_QUANTITY, NOT_A_QUANTITY
from portal.domain.pasting import Pasted, count, parse
from portal.domain.written import quantity, read_day


def one(text: str, decimal: str = ".") -> Pasted:
    (found,) = parse(text, decimal)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "BOLT-M8 600", "BOLT-M8\t600", "BOLT-M8;600", "BOLT-M8,600", "BOLT-M8, 600", "BOLT-M8: 600",
        '"BOLT-M8","600"', "600 x BOLT-M8", "600x BOLT-M8", "600 × BOLT-M8", "BOLT-M8 x 600", "BOLT-M8 x600",
        "BOLT-M8 600 pcs", "BOLT-M8 600 Stk.", "600\tBOLT-M8", "  BOLT-M8   600  ", "\ufeffBOLT-M8 600", "BOLT-M8 +600",
        "BOLT-M8\t600\t\t", "BOLT-M8 600\r\n",
    ],
)  # fmt: skip
def test_one_line_is_said_in_many_ways(text: str) -> None:
    found = one(text)
    assert (found.code, found.quantity, found.problem) == ("BOLT-M8", 600, None)


@pytest.mark.parametrize(
    ("raw", "english", "german"),
    [
        ("1,200", "1200", "1.2"),
        ("1.200", "1.2", "1200"),
        ("1.200,50", "1200.5", "1200.5"),
        ("1,200.50", "1200.5", "1200.5"),
        ("1,200,000", "1200000", "1200000"),
        ("12,5", "12.5", "12.5"),
        ("0,125", "0.125", "0.125"),
        ("1 200", "1200", "1200"),
        ("1\u00a0200", "1200", "1200"),
        ("1'200", "1200", "1200"),
        ("600pcs", "600", "600"),
    ],
)
def test_thousands_and_decimals_follow_the_readers_language_where_both_could_be_meant(
    raw: str, english: str, german: str
) -> None:
    assert quantity(raw) == Decimal(english)
    assert quantity(raw, ",") == Decimal(german)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ten",
        "1,2,3",
        "1.2.3",
        "1,20,000",
        "1e5",
        "-3",
        "٣",
        "9999999999999",
        "1.1234567",
        "12,",
        "NaN",
        "1_000",
    ],
)
def test_what_is_no_quantity_is_none(raw: str) -> None:
    assert quantity(raw) is None


@pytest.mark.parametrize(
    ("text", "code", "problem"),
    [
        ("BOLT", "BOLT", NO_QUANTITY),
        ("BRG-6204-2RS", "BRG-6204-2RS", NO_QUANTITY),
        ("600", "600", NO_QUANTITY),
        ("BOLT;ten", "BOLT", NOT_A_QUANTITY),
        ("BOLT 0", "BOLT", NOT_A_QUANTITY),
        ("BOLT -3", "BOLT", NOT_A_QUANTITY),
        ("BOLT;5;2026-02-30", "BOLT", BAD_DATE),
    ],
)
def test_what_cannot_be_read_keeps_what_could_be(text: str, code: str, problem: str) -> None:
    found = one(text)
    assert (found.code, found.problem, found.typed) == (code, problem, text)


def test_the_last_number_is_the_quantity_and_the_others_are_part_of_the_name() -> None:
    assert one("HEX 40 120").code == "HEX 40"
    assert one("HEX 40 1,200") == Pasted(1, "HEX 40 1,200", "HEX 40", Decimal(1200))


@pytest.mark.parametrize("raw", ["2026-12-01", "1.12.2026", "01/12/2026", "01.12.26"])
def test_a_day_is_written_as_both_of_our_languages_write_it(raw: str) -> None:
    assert read_day(raw) == date(2026, 12, 1)
    for text in (f"BOLT 5 {raw}", f"BOLT\t5\t{raw}", f"BOLT;5;{raw}", f"BOLT 5\t{raw}"):
        assert one(text).need_by == date(2026, 12, 1)


@pytest.mark.parametrize(
    "text",
    [
        "SKU\tQuantity\nBOLT\t5", "Article no.;Qty;Need by\nBOLT;5;", "qty,sku\n5,BOLT", "Artikelnr.;Menge\nBOLT;5",
        "SKU quantity\nBOLT 5", "Name;Menge;Artikel\nSechskant;5;BOLT",
    ],
)  # fmt: skip
def test_a_row_of_heads_says_which_column_is_which(text: str) -> None:
    found = one(text)
    assert (found.line, found.code, found.quantity) == (2, "BOLT", 5)


def test_a_comma_within_a_number_is_not_one_between_cells() -> None:
    assert [p.quantity for p in parse("BOLT 1,200\nNUT 3")] == [1200, 3]
    assert one("BOLT,1,200").quantity == 1200
    assert one('"BOLT, zinc",12').code == "BOLT, zinc"


def test_lines_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    assert [(p.line, p.code) for p in parse("\nBOLT 1\n\n  \nNUT 2\n")] == [(2, "BOLT"), (5, "NUT")]
    assert count("\nBOLT 1\n\n  \nNUT 2\n") == 2


@given(st.text(max_size=300), st.sampled_from(".,"))
def test_nothing_that_is_pasted_breaks_it_and_no_line_is_lost(text: str, decimal: str) -> None:
    found = parse(text, decimal)
    assert len(found) <= count(text.replace("\x00", ""))
    for line in found:
        assert line.quantity is None or 0 < line.quantity < 10**12
        assert line.problem or (line.code and line.quantity)
        assert len(line.typed) <= 200
        assert len(line.code) <= 64
        assert line.typed.isprintable()


CODES = st.text(
    st.characters(categories=("Lu", "Nd"), include_characters="-/_", max_codepoint=127), min_size=3
)


@given(
    st.lists(st.tuples(CODES, st.integers(1, 10**9)), min_size=1, max_size=20),
    st.sampled_from(["\t", ";"]),
)
def test_a_spreadsheets_cells_come_back_as_they_were(rows: list[tuple[str, int]], mark: str) -> None:
    text = "\n".join(f"A{code[:50]}{mark}{number}" for code, number in rows)
    assert [(line.code, line.quantity) for line in parse(text)] == [(f"A{code[:50]}", n) for code, n in rows]
