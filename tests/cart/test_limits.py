"""What is too much is refused in words, and what was typed is still there."""

from tests.cart.conftest import Shop


def test_ten_thousand_pasted_lines_are_refused_in_words(shop: Shop) -> None:
    text = "\n".join(f"BOLT-{n:05} {n + 1}" for n in range(10_000))
    basket = shop.basket().add(text)
    assert basket.answer is not None
    assert basket.answer.status_code == 422
    assert "These are 10,000 lines, and at most 2,000 can be pasted at once." in basket.said
    assert "BOLT-09999 10000" in basket.markup, "nothing that was pasted is lost"
    assert not basket.look().rows


def test_more_than_a_megabyte_is_refused_in_words(shop: Shop) -> None:
    basket = shop.basket().add("x" * 1_200_000)
    assert basket.answer is not None
    assert basket.answer.status_code == 422
    assert "more than 1 MB" in basket.said


def test_nothing_typed_is_said_so(shop: Shop) -> None:
    basket = shop.basket().add("  \n ")
    assert "Type or paste at least one line" in basket.said


def test_a_cart_does_not_grow_without_end(shop: Shop) -> None:
    basket = shop.basket()
    for part in range(3):
        basket.add("\n".join(f"X{part}-{n} 1" for n in range(2000)))
    assert "A cart holds at most 5,000 lines; it has 4,000, and these are 2,000." in basket.said
    basket.empty()
