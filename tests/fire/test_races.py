"""Races on real connections, through the API, against two web processes."""

import asyncio

import asyncpg
import pytest

from tests.fire.shop import Ask, Shop, at_once, by_status, post, put, statuses

pytestmark = pytest.mark.slow


def test_sixty_four_buyers_want_the_last_ten_and_ten_get_one(shop: Shop) -> None:
    shop.open("BOLT", on_hand=10, backorders="deny")
    for number in range(64):
        shop.account(f"B{number}")

    answers = at_once(shop.portal, [shop.order(f"B{number}", BOLT=1) for number in range(64)])

    assert statuses(answers) == [201] * 10 + [422] * 54
    assert {answer.json()["detail"] for answer in answers if answer.status_code == 422} == {
        f"{shop.code('BOLT')}: 1 wanted, 0 there, and it takes no backorders."
    }
    assert shop.level("BOLT") == {"on_hand": 10, "quarantined": 0, "allocated": 10, "reserved": 0, "free": 0}


def test_with_backorders_ten_are_ready_and_the_rest_stand_in_a_queue_without_ties(shop: Shop) -> None:
    shop.open("BOLT", on_hand=10)
    for number in range(64):
        shop.account(f"B{number}")

    answers = at_once(shop.portal, [shop.order(f"B{number}", BOLT=1) for number in range(64)])

    assert statuses(answers) == [201] * 64
    portions = [answer.json()["lines"][0]["portions"] for answer in answers]
    assert all(len(found) == 1 for found in portions)
    assert sorted(found[0]["status"] for found in portions) == ["allocated"] * 10 + ["backordered"] * 54
    waiting = [found[0] for found in portions if found[0]["status"] == "backordered"]
    ahead = [
        int(fact["quantity"])
        for found in waiting
        for fact in found["because"]
        if fact["fact"] == "queue_ahead"
    ]
    assert sorted(ahead) == list(range(1, 54))
    assert shop.level("BOLT")["allocated"] == 10


async def deadlocks(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        found: int = await connection.fetchval(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
        return found
    finally:
        await connection.close()


def test_x_and_y_against_y_and_x_neither_deadlock_nor_oversell(shop: Shop) -> None:
    shop.open("X", "Y", on_hand=30)
    for number in range(8):
        shop.account(f"B{number}")
    asks = [
        shop.order(f"B{number % 8}", X=1, Y=1) if number % 2 else shop.order(f"B{number % 8}", Y=1, X=1)
        for number in range(80)
    ]

    answers = at_once(shop.portal, asks)

    assert statuses(answers) == [201] * 80
    for sku in ("X", "Y"):
        assert shop.level(sku) == {"on_hand": 30, "quarantined": 0, "allocated": 30, "reserved": 0, "free": 0}
    assert asyncio.run(deadlocks(shop.portal.database_url)) == 0


def test_of_two_cancellations_of_a_shipment_one_restores_the_stock(shop: Shop) -> None:
    shop.open("BOLT", on_hand=50)
    for _ in range(8):
        order = shop.place(BOLT=5)["number"]
        shipment = shop.do(shop.move(order, "shipments", 5))["number"]
        before = shop.level("BOLT")

        answers = at_once(shop.portal, [post(f"/shipments/{shipment}/cancellation")] * 2)

        assert statuses(answers) == [200, 409]
        after = shop.level("BOLT")
        assert after["on_hand"] == before["on_hand"] + 5
        assert after["allocated"] == before["allocated"] + 5
        assert by_status(shop.read(order)) == {"allocated": 5}
        shop.do(shop.move(order, "shipments", 5))


def test_a_command_that_arrives_twice_at_once_has_one_effect(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    for number in range(10):
        ask = shop.order(key=f"{shop.tag}-{number}", BOLT=1)

        answers = at_once(shop.portal, [ask, ask, ask])

        placed = [answer for answer in answers if answer.status_code == 201]
        assert placed
        assert {answer.json()["number"] for answer in placed} == {placed[0].json()["number"]}
        assert all(answer.status_code == 409 for answer in answers if answer not in placed)
        assert sum("Idempotency-Replayed" not in answer.headers for answer in placed) == 1
    assert shop.level("BOLT")["allocated"] == 10


def test_the_same_external_id_twice_at_once_places_one_order(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    for number in range(10):
        ask = shop.order(more={"origin": shop.tag, "external_id": str(number)}, BOLT=1)

        answers = at_once(shop.portal, [ask, ask])

        assert statuses(answers) == [200, 201]
        assert len({answer.json()["number"] for answer in answers}) == 1
    assert shop.level("BOLT")["allocated"] == 10


def test_the_same_external_id_from_two_accounts_at_once_belongs_to_one(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    shop.account("OTHER")
    for number in range(10):
        more = {"origin": shop.tag, "external_id": f"both-{number}"}

        answers = at_once(
            shop.portal, [shop.order("BUYER", more=more, BOLT=1), shop.order("OTHER", more=more, BOLT=1)]
        )

        assert statuses(answers) == [201, 409]
    assert shop.level("BOLT")["allocated"] == 10


def test_the_same_shipment_reported_twice_at_once_leaves_once(shop: Shop) -> None:
    shop.open("BOLT", on_hand=20)
    for number in range(5):
        order = shop.place(BOLT=4)["number"]
        ask = shop.move(order, "shipments", 2, origin=shop.tag, external_id=str(number))

        answers = at_once(shop.portal, [ask, ask])

        assert statuses(answers) == [200, 201]
        assert by_status(shop.read(order)) == {"shipped": 2, "allocated": 2}
    assert shop.level("BOLT")["on_hand"] == 10


def test_of_two_orders_against_one_credit_limit_one_is_open(shop: Shop) -> None:
    shop.open("BOLT", on_hand=1000)
    for number in range(8):
        account = f"LIMITED{number}"
        shop.account(account, credit_limit="200.00")

        answers = at_once(shop.portal, [shop.order(account, BOLT=15)] * 2)

        assert statuses(answers) == [201, 201]
        assert sorted(answer.json()["state"] for answer in answers) == ["held", "open"]
        credit = shop.get(f"/accounts/{shop.code(account)}/credit")
        assert (credit["exposure"]["open_orders"], credit["available"]) == ("150.00", "50.00")


def test_of_two_changes_of_the_same_version_one_is_told_that_it_is_stale(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    for _ in range(8):
        order = shop.place(BOLT=10)
        ask = shop.move(order["number"], "picks", 1)
        stale = post(ask.path, ask.body, **{"If-Match": f'"{order["version"]}"'})

        answers = at_once(shop.portal, [stale, stale, stale])

        assert statuses(answers) == [200, 412, 412]
        assert by_status(shop.read(order["number"])) == {"allocated": 9, "picking": 1}


def test_receiving_cancelling_and_shipping_at_once_lose_nothing(shop: Shop) -> None:
    shop.open("BOLT")
    for number in range(8):
        shop.count("BOLT", 10)
        order = shop.place(BOLT=20)["number"]
        reference = f"PO-{number}"
        shop.do(shop.announce("purchase_order", reference, "BOLT", 10))
        assert by_status(shop.read(order)) == {"allocated": 10, "awaiting_supplier": 10}

        answers = at_once(
            shop.portal,
            [
                shop.receive("purchase_order", reference, 10),
                shop.move(order, "cancellations", 5),
                shop.move(order, "shipments", 10),
            ],
        )

        assert [answer.status_code for answer in answers] == [201, 200, 201]
        assert by_status(shop.read(order)) == {"shipped": 10, "allocated": 5, "cancelled": 5}
        assert shop.level("BOLT") == {
            "on_hand": 10,
            "quarantined": 0,
            "allocated": 5,
            "reserved": 0,
            "free": 5,
        }
        shop.do(shop.move(order, "shipments", 5))
        shop.count("BOLT", 0)


def test_either_the_count_wins_or_the_pick(shop: Shop) -> None:
    shop.open("BOLT")
    for _ in range(8):
        shop.count("BOLT", 10)
        order = shop.place(BOLT=10)["number"]
        level = f"/stock/{shop.code('MAIN')}/{shop.code('BOLT')}"

        counted, picked = at_once(shop.portal, [put(level, {"on_hand": "4"}), shop.move(order, "picks", 10)])

        assert (counted.status_code, picked.status_code) in {(200, 422), (409, 200)}
        left = {"allocated": 4, "backordered": 6} if counted.status_code == 200 else {"picking": 10}
        assert by_status(shop.read(order)) == left
        if picked.status_code == 200:
            shop.do(missing(shop, order, 10))
        shop.do(shop.move(order, "cancellations", 10))
        shop.count("BOLT", 0)


def test_a_transfer_that_is_announced_twice_at_once_leaves_once(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    shop.location("NORTH")
    for number in range(8):
        ask = shop.announce(
            "transfer",
            f"TR-{number}",
            "BOLT",
            10,
            location=shop.code("NORTH"),
            from_location=shop.code("MAIN"),
        )

        answers = at_once(shop.portal, [ask, ask])

        assert statuses(answers) == [200, 201]
        assert shop.level("BOLT")["on_hand"] == 90 - 10 * number


def test_a_receipt_that_meets_its_announcement_is_booked(shop: Shop) -> None:
    shop.open("BOLT")
    for number in range(10):
        reference = f"PO-{number}"

        announced, received = at_once(
            shop.portal,
            [
                shop.announce("purchase_order", reference, "BOLT", 10),
                shop.receive("purchase_order", reference, 10),
            ],
        )

        assert announced.status_code == 201
        assert received.status_code in {201, 202}
        assert shop.level("BOLT")["on_hand"] == 10 * (number + 1)


def test_a_carrier_that_meets_its_shipment_is_heard(shop: Shop) -> None:
    shop.open("BOLT", on_hand=100)
    for number in range(10):
        order = shop.place(BOLT=1)["number"]
        tracking = shop.code(f"T{number}")
        said = {"state": "in_transit", "at": "2026-01-05T10:00:00Z"}

        shipped, heard = at_once(
            shop.portal,
            [
                shop.move(order, "shipments", 1, packages=[{"tracking_number": tracking}]),
                post(f"/shipments/{tracking}/events", said),
            ],
        )

        assert shipped.status_code == 201
        assert heard.status_code in {200, 202}
        assert shop.get(f"/shipments/{shipped.json()['number']}")["state"] == "in_transit"


def test_a_buyer_who_moves_up_while_others_order_blocks_nobody(shop: Shop) -> None:
    shop.open("BOLT", on_hand=5)
    shop.place(BOLT=10)
    asks = [
        ask
        for number in range(12)
        for ask in (
            shop.terms("BUYER", priority=number),
            shop.order(BOLT=1),
            put(f"/stock/{shop.code('MAIN')}/{shop.code('BOLT')}", {"on_hand": str(5 + number)}),
        )
    ]

    assert set(statuses(at_once(shop.portal, asks))) == {200, 201}


async def test_two_who_exchange_the_same_goods_at_once_neither_wait_for_each_other_nor_make_any(
    shop: Shop,
) -> None:
    await asyncio.to_thread(shop.open, "BOLT", on_hand=40)
    orders = [shop.place(BOLT=20)["number"], shop.place(BOLT=20)["number"]]
    orders += [shop.place(BOLT=20)["number"], shop.place(BOLT=20)["number"]]
    before = await deadlocks(shop.portal.database_url)
    asks = [
        post(
            f"/orders/{taker}/reassignments",
            {
                "line": 1,
                "from_order": giver,
                "from_line": 1,
                "quantity": "1",
                "location": shop.code("MAIN"),
                "reason": "agreed",
            },
        )
        for _ in range(8)
        for giver, taker in ((orders[0], orders[2]), (orders[2], orders[0]), (orders[1], orders[3]))
    ]

    answers = await asyncio.to_thread(at_once, shop.portal, asks)

    assert set(statuses(answers)) <= {200, 422}
    assert await deadlocks(shop.portal.database_url) == before
    assert shop.level("BOLT") == {"on_hand": 40, "quarantined": 0, "allocated": 40, "reserved": 0, "free": 0}
    assert sum(by_status(shop.read(number)).get("allocated", 0) for number in orders) == 40


def missing(shop: Shop, order: str, quantity: int) -> Ask:
    return post(
        f"/orders/{order}/short-picks",
        {"location": shop.code("MAIN"), "lines": [{"line": 1, "missing": str(quantity)}]},
    )
