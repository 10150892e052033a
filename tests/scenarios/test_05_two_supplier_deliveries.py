"""Scenario 5. Backordered items that arrive in two supplier deliveries."""

from portal.stories.two_deliveries import STORY
from tests.scenarios.claims import expect, fact, facts, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell


def test_100_backordered_arrive_in_two_deliveries(story: World) -> None:
    tell(story, STORY, CLAIMS)


def ahead_of_the_later(world: World) -> str:
    return str(fact(portion(world.the("later"), 1), "queue_ahead")["quantity"])


def ordered(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(100, "backordered", None, None)])
    assert "queue_ahead" not in facts(portion(order, 1))


def behind(world: World) -> None:
    ordered(world)
    expect(world.the("later"), 1, [(10, "backordered", None, None)])
    assert ahead_of_the_later(world) == "100"
    says(world.the("later"), 1, "backordered", 10, 100)


def first_announced(world: World) -> None:
    """Mon 23: received Tue 24, picked Wed 25, at Leeds Fri 27."""
    order = world.the("order")
    expect(order, 1, [(60, "awaiting_supplier", "25 Nov", "27 Nov"), (40, "backordered", None, None)])
    says(order, 1, "awaiting_supplier", 60, "4711", "Acme", "23 Nov", "25 Nov", "27 Nov")


def second_announced(world: World) -> None:
    """Mon 30: received Tue 1, picked Wed 2, at Leeds Fri 4."""
    order = world.the("order")
    expect(
        order, 1, [(60, "awaiting_supplier", "25 Nov", "27 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")]
    )
    references = [one["supply"]["reference"] for one in portions_of(order, 1)]
    assert references == [world.code("4711"), world.code("4712")]
    sentence = portions_of(order, 1)[1]["sentence"]
    assert all(word in sentence for word in ("40", "4712", "Borg", "30 Nov", "4 Dec"))
    # The one behind keeps waiting for its turn.
    expect(world.the("later"), 1, [(10, "backordered", None, None)])
    assert ahead_of_the_later(world) == "100"


def first_came(world: World) -> None:
    order = world.the("order")
    # In the house Mon 23: picked by Tue 24, at Leeds Thu 26.
    expect(order, 1, [(60, "allocated", "24 Nov", "26 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")])
    says(order, 1, "allocated", 60, "Leicester", "24 Nov", "26 Nov")
    says(order, 1, "awaiting_supplier", 40, "4712", "Borg", "30 Nov", "2 Dec", "4 Dec")
    assert ahead_of_the_later(world) == "40"
    says(world.the("later"), 1, "backordered", 10, 40)


def first_delivered(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "awaiting_supplier", "2 Dec", "4 Dec")])
    assert order["state"] == "open"


def second_came(world: World) -> None:
    """In the house Mon 30: picked by Tue 1, at Leeds Thu 3."""
    portions = [(60, "delivered", "24 Nov", "26 Nov"), (40, "allocated", "1 Dec", "3 Dec")]
    expect(world.the("order"), 1, portions)


def second_shipped(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "shipped", "1 Dec", "3 Dec")])
    assert order["state"] == "closed"


def second_delivered(world: World) -> None:
    order = world.the("order")
    assert [(one["quantity"], one["shipment"]) for one in portions_of(order, 1)] == [
        ("60", world.known["first"]),
        ("40", world.known["second"]),
    ]
    expect(order, 1, [(60, "delivered", "24 Nov", "26 Nov"), (40, "delivered", "1 Dec", "3 Dec")])
    assert order["summary"]["delivered"] == "100"

    # Nobody is ahead of the later order now, and nothing was taken from it that was its own.
    expect(world.the("later"), 1, [(10, "backordered", None, None)])
    assert "queue_ahead" not in facts(portion(world.the("later"), 1))


CLAIMS = {
    "ordered": ordered,
    "behind": behind,
    "first-announced": first_announced,
    "second-announced": second_announced,
    "first-came": first_came,
    "first-delivered": first_delivered,
    "second-came": second_came,
    "second-shipped": second_shipped,
    "second-delivered": second_delivered,
}
