"""Scenario 11. A supplier order slips by four days, is 80 short on receipt, and 40 fail inspection.

Only what depends on it moves; everybody concerned is told once, and nobody else is told anything.
"""

from portal.stories.slip_short_and_failed import ACCOUNTS, STORY, supplier_order
from tests.scenarios.claims import expect, fact, first_promised, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.telling import happens, tell


def test_only_what_depends_on_it_moves_and_each_is_told_once(story: World) -> None:
    tell(story, STORY, CLAIMS)


def told_once(world: World, *accounts: str) -> None:
    """The step changed one promise for each of these, and none for anybody else."""
    changes = {account: len(world.lately(account, "promise.changed")) for account in ACCOUNTS}
    assert changes == {account: int(account in accounts) for account in ACCOUNTS}


def nothing_moved_for_dogwood(world: World) -> None:
    """Fri 4: received Mon 7, picked Tue 8, at Leeds Thu 10; and nothing was ever written of it but its placing."""
    expect(world.the("dogwood"), 1, [(20, "awaiting_supplier", "8 Dec", "10 Dec")])
    first_promised(world.the("dogwood"), 1, "awaiting_supplier", "8 Dec", "10 Dec")
    # But that days went by without news.
    quiet = world.news({}, "DOGWOOD", "order.still_waiting")
    assert world.the("dogwood")["version"] == 1 + len(quiet)


def ordered(world: World) -> None:
    # Mon 23: received Tue 24, picked Wed 25, at Leeds Fri 27.
    for name, quantity in (("alder", 120), ("birch", 130), ("cedar", 50)):
        expect(world.the(name), 1, [(quantity, "awaiting_supplier", "25 Nov", "27 Nov")])
    nothing_moved_for_dogwood(world)


def slipped(world: World) -> None:
    # Fri 27: received Mon 30, picked Tue 1, at Leeds Thu 3.
    for name, quantity in (("alder", 120), ("birch", 130), ("cedar", 50)):
        order = world.the(name)
        expect(order, 1, [(quantity, "awaiting_supplier", "1 Dec", "3 Dec")])
        first_promised(order, 1, "awaiting_supplier", "25 Nov", "27 Nov")
        says(order, 1, "awaiting_supplier", quantity, "4711", "Acme", "27 Nov", "1 Dec", "3 Dec")
    expect(world.the("alder"), 2, [(10, "awaiting_supplier", "1 Dec", "3 Dec")])
    told_once(world, "ALDER", "BIRCH", "CEDAR")

    # The same again is no news to anybody.
    before = world.mark()
    happens(world, supplier_order("2026-11-27"))
    assert world.mark() == before


def short(world: World) -> None:
    assert world.level("MAIN", "SEAL") == {
        "on_hand": "220",
        "quarantined": "40",
        "allocated": "180",
        "reserved": "0",
        "free": "0",
    }
    # In the house Fri 27: picked by Mon 30, at Leeds Wed 2.
    alder = world.the("alder")
    expect(alder, 1, [(120, "allocated", "30 Nov", "2 Dec")])
    expect(alder, 2, [(10, "allocated", "30 Nov", "2 Dec")])
    birch = world.the("birch")
    expect(birch, 1, [(60, "allocated", "30 Nov", "2 Dec"), (70, "backordered", None, None)])
    first_promised(birch, 1, "backordered", "25 Nov", "27 Nov")
    says(birch, 1, "allocated", 60, "Leicester", "30 Nov", "2 Dec")
    says(birch, 1, "backordered", 70)
    cedar = world.the("cedar")
    expect(cedar, 1, [(50, "backordered", None, None)])
    first_promised(cedar, 1, "backordered", "25 Nov", "27 Nov")
    assert fact(portion(cedar, 1), "queue_ahead")["quantity"] == "70"
    says(cedar, 1, "backordered", 50, 70)
    for account in ("BIRCH", "CEDAR"):
        assert len(world.lately(account, "promise.changed")) == 1, account
    assert len(world.lately("ALDER", "promise.changed")) <= 1
    assert world.lately("DOGWOOD") == []


def inspecting(world: World) -> None:
    birch = world.the("birch")
    # Tue 1: received Wed 2, picked Thu 3, on the road until Sat 5: Mon 7.
    expect(
        birch,
        1,
        [
            (60, "allocated", "30 Nov", "2 Dec"),
            (40, "awaiting_inspection", "3 Dec", "7 Dec"),
            (30, "backordered", None, None),
        ],
    )
    says(birch, 1, "awaiting_inspection", 40, "1 Dec", "3 Dec", "7 Dec")
    expect(world.the("cedar"), 1, [(50, "backordered", None, None)])
    assert fact(portion(world.the("cedar"), 1), "queue_ahead")["quantity"] == "70"
    told_once(world, "BIRCH")


def shipped(world: World) -> None:
    assert world.the("alder")["state"] == "closed"


def failed(world: World) -> None:
    assert set(world.level("MAIN", "SEAL").values()) == {"0"}
    birch = world.the("birch")
    # Left Mon 30: at Leeds Wed 2.
    expect(birch, 1, [(60, "shipped", "30 Nov", "2 Dec"), (70, "backordered", None, None)])
    first_promised(birch, 1, "backordered", "25 Nov", "27 Nov")
    says(birch, 1, "backordered", 70)
    # For Cedar nothing has changed.
    expect(world.the("cedar"), 1, [(50, "backordered", None, None)])
    assert fact(portion(world.the("cedar"), 1), "queue_ahead")["quantity"] == "70"
    assert world.lately("CEDAR") == []
    told_once(world, "BIRCH")


def covered(world: World) -> None:
    birch = world.the("birch")
    # Mon 7: received Tue 8, picked Wed 9, at Leeds Fri 11.
    expect(birch, 1, [(60, "shipped", "30 Nov", "2 Dec"), (70, "awaiting_supplier", "9 Dec", "11 Dec")])
    first_promised(birch, 1, "awaiting_supplier", "25 Nov", "27 Nov")
    says(birch, 1, "awaiting_supplier", 70, "4712", "Acme", "7 Dec", "9 Dec", "11 Dec")
    cedar = world.the("cedar")
    expect(cedar, 1, [(50, "awaiting_supplier", "9 Dec", "11 Dec")])
    says(cedar, 1, "awaiting_supplier", 50, "4712", "Acme", "7 Dec", "9 Dec", "11 Dec")
    assert [one["supply"]["reference"] for one in portions_of(cedar, 1)] == [world.code("4712")]
    told_once(world, "BIRCH", "CEDAR")
    nothing_moved_for_dogwood(world)


CLAIMS = {
    "ordered": ordered,
    "slipped": slipped,
    "short": short,
    "inspecting": inspecting,
    "shipped": shipped,
    "failed": failed,
    "covered": covered,
}
