"""Typing, pasting, searching: every line lands in the cart, and what cannot be ordered says why beside it."""

from tests.cart.conftest import Shop
from tests.routes import cast


def test_lines_are_typed_and_priced(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10\nhose 12.5")
    assert basket.told == "2 lines were added."
    bolt, hose = basket.rows["BOLT"], basket.rows["HOSE"]
    assert bolt.fields["qty"] == "10"
    assert "£1.00 agreement PA-1, until 31 Dec" in bolt.text
    assert "On the shelf" in bolt.text
    assert hose.fields["qty"] == "12.5"
    assert "£7.35 list price" in hose.text
    assert basket.truth == "2 lines for £101.88 before tax."


def test_the_buyers_own_words_are_understood_and_shown(shop: Shop) -> None:
    basket = shop.basket().add("n-100 5\nPIPE 12 3")
    assert {"BOLT", "HOSE"} == basket.rows.keys()
    assert "yours: N-100" in basket.rows["BOLT"].text


def test_an_account_below_uses_its_parents_words_and_prices(shop: Shop) -> None:
    from tests.cart.conftest import LEAH

    basket = shop.basket(LEAH).add("N-100 100")
    assert "£0.90 agreement PA-1" in basket.rows["BOLT"].text


def test_a_strangers_words_mean_nothing(shop: Shop) -> None:
    basket = shop.basket(cast.RITA).add("N-100 5")
    assert "No product is known by this number." in basket.rows["N-100"].text


def test_what_cannot_be_ordered_keeps_its_words_and_says_why(shop: Shop) -> None:
    basket = shop.basket().add("BLOT 10\nOLD 2\nBOLT 1.5\nSCARCE 31\nNUT\nHOSE zwölf\nBOLT 4\t2026-02-30")
    said = {name: row.text for name, row in basket.rows.items()}
    assert "No product is known by this number. BOLT Part BOLT" in said["BLOT"], (
        "a suggestion stands beside it"
    )
    assert "This is no longer sold." in said["OLD"]
    assert "More than is there" in said["SCARCE"]
    assert "Order 30" in said["SCARCE"]
    assert "How many?" in said["NUT"]
    assert basket.truth.startswith("0 lines")


def test_a_code_that_nobody_can_see_is_a_line_that_needs_a_look(shop: Shop) -> None:
    basket = shop.basket().add("\ufffe 7\nBOLT 10")
    assert {"BOLT", "7"} == basket.rows.keys()
    assert "No product is known by this number." in basket.rows["7"].text
