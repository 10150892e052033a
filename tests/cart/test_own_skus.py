"""An account's own codes through the API: put as a whole, read by those who see the account."""

from tests.cart.conftest import Shop


def words(*pairs: tuple[str, str]) -> dict[str, object]:
    return {"items": [{"code": code, "sku": sku} for code, sku in pairs]}


def test_codes_are_put_as_a_whole_and_read_back(shop: Shop) -> None:
    put = shop.world.erp.put("/accounts/VELTRO/own-skus", json=words(("V 1/2", "HOSE"), ("V-2", "BOLT")))
    assert put.status_code == 201
    told = {"account": "VELTRO", "items": [{"code": "V 1/2", "sku": "HOSE"}, {"code": "V-2", "sku": "BOLT"}]}
    assert put.json() == told
    assert shop.world.get("accounts/VELTRO/own-skus") == told
    again = shop.world.erp.put("/accounts/VELTRO/own-skus", json=words(("V-2", "NUT")))
    assert again.status_code == 200
    assert again.json()["items"] == [{"code": "V-2", "sku": "NUT"}]


def test_an_account_reads_its_own_and_nobody_elses(shop: Shop) -> None:
    veltro = shop.world.token("VELTRO")
    assert veltro.get("/accounts/VELTRO/own-skus").status_code == 200
    assert veltro.get("/accounts/NORDWIND/own-skus").status_code == 404
    assert veltro.put("/accounts/VELTRO/own-skus", json=words()).status_code == 403


def test_unknown_products_and_codes_that_stand_twice_are_refused(shop: Shop) -> None:
    with shop.world.refuses(422, "unknown product", pointer="/items/1/sku"):
        shop.world.put("accounts/VELTRO/own-skus", words(("A", "BOLT"), ("B", "NEVER")))
    with shop.world.refuses(422, "stands here twice", pointer="/items/1/code"):
        shop.world.put("accounts/VELTRO/own-skus", words(("a", "BOLT"), ("A", "NUT")))
    with shop.world.refuses(404):
        shop.world.put("accounts/NOBODY/own-skus", words())


def test_a_code_that_is_another_products_number_is_asked_about(shop: Shop) -> None:
    """Nobody guesses whether the buyer's word or ours is meant."""
    shop.world.put(
        "accounts/NORDWIND/own-skus", words(("N-100", "BOLT"), ("PIPE 12", "HOSE"), ("NUT", "PUMP"))
    )
    basket = shop.basket().add("NUT 3")
    assert "This can be more than one product. Which? NUT" in basket.rows["NUT"].text
    assert "PUMP" in basket.rows["NUT"].text
    basket.save(take=f"{basket.rows['NUT'].position}|code|PUMP")
    assert basket.rows["PUMP"].fields["qty"] == "3"
    shop.world.put("accounts/NORDWIND/own-skus", words(("N-100", "BOLT"), ("PIPE 12", "HOSE")))
