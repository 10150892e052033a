"""Two at once: what came is booked once, and no more is announced than is out."""

import httpx

from tests.fire.shop import at_once, post, statuses
from tests.returns.goods import Goods


def test_two_receipts_at_once_book_what_came_once(goods: Goods) -> None:
    rma = goods.ask({1: 3})
    receipt = post(f"/returns/{rma['number']}/receipts", {"lines": [{"line": 1, "received": "2"}]})
    answers = at_once(goods.world.portal, [receipt, receipt])
    assert statuses(answers) == [201, 422]
    assert goods.read(rma)["lines"][0]["received"] == "2"
    assert goods.world.level("MAIN", "BOLT")["on_hand"] == "2"


def test_two_people_authorise_and_refuse_at_once(goods: Goods) -> None:
    rma = goods.buyer.post("/returns", json=goods.body({1: 3})).json()
    yes = post(f"/returns/{rma['number']}/authorisation")
    no = post(f"/returns/{rma['number']}/refusal", {"note": "no"})
    answers = at_once(goods.world.portal, [yes, no])
    assert statuses(answers) == [200, 409]


def test_returns_asked_for_at_once_never_announce_more_than_is_out(goods: Goods) -> None:
    asks = [post("/returns", goods.body({1: 4})) for _ in range(6)]
    assert statuses(at_once(goods.world.portal, asks)) == [201, 201, 422, 422, 422, 422]


def test_a_receipt_and_the_calling_off_of_its_return_at_once(goods: Goods) -> None:
    rma = goods.ask({1: 3})
    receipt = post(f"/returns/{rma['number']}/receipts", {"lines": [{"line": 1, "received": "3"}]})
    off = post(f"/returns/{rma['number']}/cancellation")
    answers = at_once(goods.world.portal, [receipt, off])
    assert sum(answer.is_success for answer in answers) == 1
    now = goods.read(rma)
    assert (now["state"], now["lines"][0]["received"]) in {("closed", "3"), ("cancelled", "0")}


def test_the_same_key_books_once(goods: Goods) -> None:
    rma = goods.ask({1: 3})
    body = {"lines": [{"line": 1, "received": "1"}]}

    def send() -> httpx.Response:
        path = f"/returns/{rma['number']}/receipts"
        return goods.world.portal.erp.post(path, json=body, headers={"Idempotency-Key": rma["number"]})

    assert send().json() == send().json()
    assert goods.read(rma)["lines"][0]["received"] == "1"
