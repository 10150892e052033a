"""Rule 26: the feed, in which a reader can prove that it missed nothing."""

from tests.scenarios.claims import Json
from tests.scenarios.driver import World, problem


def test_every_event_has_its_envelope(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    answer = world.get("events", account=world.code("BUYER"))
    assert answer.keys() >= {"items", "next"}
    placed = next(event for event in answer["items"] if event["type"] == "order.placed")
    assert placed.keys() >= {"sequence", "position", "id", "type", "at", "account", "order", "data"}
    assert (placed["account"], placed["order"]) == (world.code("BUYER"), order["number"])
    assert placed["at"].endswith("Z")


def test_each_account_has_a_sequence_of_its_own(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("OTHER")
    for _ in range(3):
        world.order("BUYER", {"BOLT": 2})
        world.order("OTHER", {"BOLT": 2})
    for account in ("BUYER", "OTHER"):
        events = world.feed(account)
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        assert {event["account"] for event in events} == {world.code(account)}


def test_a_reader_goes_on_from_the_last_sequence_it_has(world: World) -> None:
    world.shop({"BOLT": 50})
    for _ in range(4):
        world.order("BUYER", {"BOLT": 2})
    everything = world.feed("BUYER")
    read: list[Json] = []
    while page := world.get(
        "events", account=world.code("BUYER"), limit=3, after=read[-1]["sequence"] if read else 0
    )["items"]:
        assert len(page) <= 3
        read += page
    assert read == everything


def test_an_accounts_token_reads_its_own_events_only(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("OTHER")
    world.order("BUYER", {"BOLT": 2})
    world.order("OTHER", {"BOLT": 2})
    own = world.token("BUYER").get("events", params={"limit": 200}).json()["items"]
    assert own == world.feed("BUYER")
    foreign = world.token("BUYER").get("events", params={"account": world.code("OTHER")})
    assert foreign.status_code in (403, 404) or {one["account"] for one in foreign.json()["items"]} <= {
        world.code("BUYER")
    }


def test_the_supplier_pages_through_all_accounts_by_position(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("OTHER")
    world.order("OTHER", {"BOLT": 2})
    before = everything(world)[-1]["position"]
    known = world.mark()
    for account in ("BUYER", "OTHER", "BUYER"):
        world.order(account, {"BOLT": 2})
    read: list[Json] = []
    while page := world.get("events", limit=2, after=read[-1]["position"] if read else before)["items"]:
        read += page
    for account in world.accounts:
        own = [event for event in read if event["account"] == world.code(account)]
        assert own == world.news(known, account)
    assert len({event["id"] for event in read}) == len(read)


def everything(world: World) -> list[Json]:
    read: list[Json] = []
    while page := world.get("events", limit=200, **({"after": read[-1]["position"]} if read else {}))[
        "items"
    ]:
        read += page
    return read


def test_a_refused_command_tells_nothing(world: World) -> None:
    world.shop({"BOLT": 50})
    order = world.order("BUYER", {"BOLT": 2})
    with world.refuses(422):
        world.ship(order, "MAIN", {1: 3})


def test_a_limit_over_200_is_an_error(world: World) -> None:
    problem(world.erp.get("events", params={"limit": 201}), 400)
