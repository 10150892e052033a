"""Scenario 5. Backordered items that arrive in two supplier deliveries."""

from tests.scenarios.claims import expect, fact, facts, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold


def test_100_backordered_arrive_in_two_deliveries(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.account("NORDWIND", name="Nordwind Maschinenbau")
    story.account("CALDER", name="Calder Motors")
    story.product("PUMP")
    order = story.order("NORDWIND", {"PUMP": 100})
    later = story.order("CALDER", {"PUMP": 10})
    expect(order, 1, [(100, "backordered", None, None)])
    assert "queue_ahead" not in facts(portion(order, 1))
    expect(later, 1, [(10, "backordered", None, None)])
    assert fact(portion(later, 1), "queue_ahead")["quantity"] == "100"
    says(later, 1, "backordered", 10, 100)

    # A first delivery. Mon 23: received Tue 24, picked Wed 25, at Leeds Fri 27.
    story.inbound("purchase_order", "4711", "MAIN", [(1, "PUMP", 60, "2026-11-23")], supplier="Acme")
    expect(
        story.read(order), 1, [(60, "awaiting_supplier", "25 Nov", "27 Nov"), (40, "backordered", None, None)]
    )
    says(story.read(order), 1, "awaiting_supplier", 60, "4711", "Acme", "23 Nov", "25 Nov", "27 Nov")

    # A second one. Mon 30: received Tue 1, picked Wed 2, at Leeds Fri 4.
    story.inbound("purchase_order", "4712", "MAIN", [(1, "PUMP", 40, "2026-11-30")], supplier="Borg")
    now = story.read(order)
    expect(
        now, 1, [(60, "awaiting_supplier", "25 Nov", "27 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")]
    )
    assert [one["supply"]["reference"] for one in portions_of(now, 1)] == ["4711", "4712"]
    assert all(
        word in portions_of(now, 1)[1]["sentence"] for word in ("40", "4712", "Borg", "30 Nov", "4 Dec")
    )
    # The one behind keeps waiting for its turn.
    expect(story.read(later), 1, [(10, "backordered", None, None)])
    assert fact(portion(story.read(later), 1), "queue_ahead")["quantity"] == "100"

    story.now("2026-11-23T10:00:00Z")
    story.receive("purchase_order", "4711", {1: 60})
    now = story.read(order)
    # In the house Mon 23: picked by Tue 24, at Leeds Thu 26.
    expect(now, 1, [(60, "allocated", "24 Nov", "26 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")])
    says(now, 1, "allocated", 60, "Leicester", "24 Nov", "26 Nov")
    says(now, 1, "awaiting_supplier", 40, "4712", "Borg", "30 Nov", "2 Dec", "4 Dec")
    assert fact(portion(story.read(later), 1), "queue_ahead")["quantity"] == "40"
    says(story.read(later), 1, "backordered", 10, 40)

    story.now("2026-11-24T10:00:00Z")
    first = story.ship(order, "MAIN", {1: 60}, mode="parcel")
    story.now("2026-11-26T10:00:00Z")
    story.carrier(first, "delivered", "2026-11-26T09:30:00Z")
    now = story.read(order)
    expect(now, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")])
    assert now["state"] == "open"

    story.now("2026-11-30T10:00:00Z")
    story.receive("purchase_order", "4712", {1: 40})
    # In the house Mon 30: picked by Tue 1, at Leeds Thu 3.
    expect(story.read(order), 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "allocated", "1 Dec", "3 Dec")])
    story.now("2026-12-01T10:00:00Z")
    second = story.ship(order, "MAIN", {1: 40}, mode="parcel")
    now = story.read(order)
    expect(now, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "shipped", "1 Dec", "3 Dec")])
    assert now["state"] == "closed"

    story.now("2026-12-03T10:00:00Z")
    story.carrier(second, "delivered", "2026-12-03T09:30:00Z")
    now = story.read(order)
    delivered = portions_of(now, 1)
    assert [(one["quantity"], one["shipment"]) for one in delivered] == [
        ("60", first["number"]),
        ("40", second["number"]),
    ]
    expect(now, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "delivered", "1 Dec", "3 Dec")])
    assert now["summary"]["delivered"] == "100"

    # Nobody is ahead of the later order now, and nothing was taken from it that was its own.
    expect(story.read(later), 1, [(10, "backordered", None, None)])
    assert "queue_ahead" not in facts(portion(story.read(later), 1))
    laws_hold(story)
