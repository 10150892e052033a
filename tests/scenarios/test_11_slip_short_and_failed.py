"""Scenario 11. A supplier order slips by four days, is 80 short on receipt, and 40 fail inspection.

Only what depends on it moves; everybody concerned is told once, and nobody else is told anything.
"""

from tests.scenarios.claims import Json, expect, fact, first_promised, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

ACCOUNTS = ("ALDER", "BIRCH", "CEDAR", "DOGWOOD")


def supplier_order(story: World, expected_on: str) -> None:
    lines = [(1, "SEAL", 300, expected_on), (2, "RING", 10, expected_on)]
    story.inbound("purchase_order", "4711", "MAIN", lines, supplier="Acme")


def told_once(story: World, mark: dict[str, int], *accounts: str) -> None:
    """One change of promise for each of these since the mark, and none for anybody else."""
    changes = {account: len(story.news(mark, account, "promise.changed")) for account in ACCOUNTS}
    assert changes == {account: int(account in accounts) for account in ACCOUNTS}


def test_only_what_depends_on_it_moves_and_each_is_told_once(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.product("SEAL", "RING", "BELT")
    for account in ACCOUNTS:
        story.account(account, name=f"{account.title()} Works")
    supplier_order(story, "2026-11-23")
    story.inbound("purchase_order", "4800", "MAIN", [(1, "BELT", 20, "2026-12-04")], supplier="Borg")
    alder = story.order("ALDER", {"SEAL": 120, "RING": 10})
    birch = story.order("BIRCH", {"SEAL": 130})
    cedar = story.order("CEDAR", {"SEAL": 50})
    dogwood = story.order("DOGWOOD", {"BELT": 20})
    orders = (alder, birch, cedar)

    # Mon 23: received Tue 24, picked Wed 25, at Leeds Fri 27.
    for order, quantity in zip(orders, (120, 130, 50), strict=True):
        expect(order, 1, [(quantity, "awaiting_supplier", "25 Nov", "27 Nov")])
    # Fri 4: received Mon 7, picked Tue 8, at Leeds Thu 10.
    expect(dogwood, 1, [(20, "awaiting_supplier", "8 Dec", "10 Dec")])
    untouched = story.read(dogwood)

    it_slips_by_four_days(story, alder, birch, cedar)
    it_is_eighty_short(story, alder, birch, cedar)
    forty_fail(story, birch, cedar)
    another_order_covers_the_rest(story, birch, cedar)

    assert story.read(dogwood) == untouched, "nothing that it depends on moved"
    laws_hold(story)


def it_slips_by_four_days(story: World, alder: Json, birch: Json, cedar: Json) -> None:
    mark = story.mark()
    supplier_order(story, "2026-11-27")
    # Fri 27: received Mon 30, picked Tue 1, at Leeds Thu 3.
    for order, quantity in ((alder, 120), (birch, 130), (cedar, 50)):
        now = story.read(order)
        expect(now, 1, [(quantity, "awaiting_supplier", "1 Dec", "3 Dec")])
        first_promised(now, 1, "awaiting_supplier", "25 Nov", "27 Nov")
        says(now, 1, "awaiting_supplier", quantity, "4711", "Acme", "27 Nov", "1 Dec", "3 Dec")
    expect(story.read(alder), 2, [(10, "awaiting_supplier", "1 Dec", "3 Dec")])
    told_once(story, mark, "ALDER", "BIRCH", "CEDAR")

    # The same again is no news to anybody.
    mark = story.mark()
    supplier_order(story, "2026-11-27")
    told_once(story, mark)


def it_is_eighty_short(story: World, alder: Json, birch: Json, cedar: Json) -> None:
    story.now("2026-11-27T10:00:00Z")
    mark = story.mark()
    story.receive(
        "purchase_order",
        "4711",
        [
            {"line": 1, "received": "180", "quarantined": "40", "closed": True},
            {"line": 2, "received": "10"},
        ],
    )
    assert story.level("MAIN", "SEAL") == {
        "on_hand": "220",
        "quarantined": "40",
        "allocated": "180",
        "reserved": "0",
        "free": "0",
    }
    # In the house Fri 27: picked by Mon 30, at Leeds Wed 2.
    now = story.read(alder)
    expect(now, 1, [(120, "allocated", "30 Nov", "2 Dec")])
    expect(now, 2, [(10, "allocated", "30 Nov", "2 Dec")])
    now = story.read(birch)
    expect(now, 1, [(60, "allocated", "30 Nov", "2 Dec"), (70, "backordered", None, None)])
    first_promised(now, 1, "backordered", "25 Nov", "27 Nov")
    says(now, 1, "allocated", 60, "Leicester", "30 Nov", "2 Dec")
    says(now, 1, "backordered", 70)
    now = story.read(cedar)
    expect(now, 1, [(50, "backordered", None, None)])
    first_promised(now, 1, "backordered", "25 Nov", "27 Nov")
    assert fact(portion(now, 1), "queue_ahead")["quantity"] == "70"
    says(now, 1, "backordered", 50, 70)
    for account in ("BIRCH", "CEDAR"):
        assert len(story.news(mark, account, "promise.changed")) == 1, account
    assert len(story.news(mark, "ALDER", "promise.changed")) <= 1
    assert story.news(mark, "DOGWOOD") == []

    mark = story.mark()
    story.inbound("inspection", "QI-1", "MAIN", [(1, "SEAL", 40, "2026-12-01")])
    now = story.read(birch)
    # Tue 1: received Wed 2, picked Thu 3, on the road until Sat 5: Mon 7.
    expect(
        now,
        1,
        [
            (60, "allocated", "30 Nov", "2 Dec"),
            (40, "awaiting_inspection", "3 Dec", "7 Dec"),
            (30, "backordered", None, None),
        ],
    )
    says(now, 1, "awaiting_inspection", 40, "1 Dec", "3 Dec", "7 Dec")
    expect(story.read(cedar), 1, [(50, "backordered", None, None)])
    told_once(story, mark, "BIRCH")

    story.now("2026-11-30T10:00:00Z")
    story.ship(alder, "MAIN", {1: 120, 2: 10}, mode="parcel")
    story.ship(birch, "MAIN", {1: 60}, mode="parcel")
    assert story.read(alder)["state"] == "closed"


def forty_fail(story: World, birch: Json, cedar: Json) -> None:
    story.now("2026-12-01T10:00:00Z")
    mark = story.mark()
    before = portions_of(story.read(cedar), 1)
    story.receive("inspection", "QI-1", [{"line": 1, "received": "0", "rejected": "40"}])
    assert set(story.level("MAIN", "SEAL").values()) == {"0"}
    now = story.read(birch)
    # Left Mon 30: at Leeds Wed 2.
    expect(now, 1, [(60, "shipped", "30 Nov", "2 Dec"), (70, "backordered", None, None)])
    first_promised(now, 1, "backordered", "25 Nov", "27 Nov")
    says(now, 1, "backordered", 70)
    assert portions_of(story.read(cedar), 1) == before
    told_once(story, mark, "BIRCH")


def another_order_covers_the_rest(story: World, birch: Json, cedar: Json) -> None:
    mark = story.mark()
    story.inbound("purchase_order", "4712", "MAIN", [(1, "SEAL", 120, "2026-12-07")], supplier="Acme")
    # Mon 7: received Tue 8, picked Wed 9, at Leeds Fri 11.
    now = story.read(birch)
    expect(now, 1, [(60, "shipped", "30 Nov", "2 Dec"), (70, "awaiting_supplier", "9 Dec", "11 Dec")])
    first_promised(now, 1, "awaiting_supplier", "25 Nov", "27 Nov")
    says(now, 1, "awaiting_supplier", 70, "4712", "Acme", "7 Dec", "9 Dec", "11 Dec")
    now = story.read(cedar)
    expect(now, 1, [(50, "awaiting_supplier", "9 Dec", "11 Dec")])
    says(now, 1, "awaiting_supplier", 50, "4712", "Acme", "7 Dec", "9 Dec", "11 Dec")
    told_once(story, mark, "BIRCH", "CEDAR")
