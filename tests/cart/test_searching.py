"""Search by our number, by the buyer's own, by words of the name; with prices and what is there."""

import re

from tests.cart.conftest import Shop
from tests.cart.reading import Basket, plain
from tests.routes import cast


def found(basket: Basket, q: str) -> list[str]:
    basket.look(q=q)
    return [
        plain(one) for one in re.findall(r'<li id="found-\d+">(.*?)</form></li>', basket.markup, re.DOTALL)
    ]


def test_products_are_found_by_every_name_they_have(shop: Shop) -> None:
    basket = shop.basket()
    for q in ("BOLT", "bolt", "n-1", "Part BOLT", "boltm8"):
        assert any("BOLT" in one for one in found(basket, q)), q
    assert found(basket, "N-100")[0].startswith("BOLT yours: N-100 Part BOLT")
    assert not found(basket, "nothing like it")
    assert "Nothing fits." in basket.said
    assert not found(basket, "OLD"), "what is no longer sold is not found"
    assert not found(basket, "%")


def test_a_strangers_own_words_find_nothing(shop: Shop) -> None:
    assert not found(shop.basket(cast.RITA), "N-100")


def test_what_was_found_is_put_into_the_cart(shop: Shop) -> None:
    basket = shop.basket()
    found(basket, "hose")
    basket.post("/new-order/lines", sku="HOSE", quantity="2.5")
    assert basket.rows["HOSE"].fields["qty"] == "2.5"
    basket.post("/new-order/lines", sku="HOSE", quantity="some")
    assert "Say how many of HOSE" in basket.said
