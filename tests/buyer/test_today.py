"""A buyer's first page: what needs them, what moved since they looked, and what arrives at which site."""

import re
from itertools import count

import pytest

from tests.buyer import reading
from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World, ship_to

TAGS = count(1)


@pytest.fixture
def world(portal: Portal) -> World:
    """A shop of its own for each test: what one marks as read is news for the next."""
    world = World(portal, tag=f"T{next(TAGS)}")
    world.location("MAIN")
    world.product("BOLT", "SEAL", "RARE", "OTHER")
    world.stock("MAIN", "BOLT", 500)
    world.account("BUYER", ship_tos=[ship_to("Leeds"), ship_to("York")])
    world.account("HULL", city="Hull", parent="BUYER")
    world.account("VELTRO", city="Kiel")
    slip(world, "2026-11-25")
    return world


def slip(world: World, day: str) -> None:
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SEAL", 500, day)], supplier="Acme")


def order(world: World, wanted: dict[str, int], account: str = "BUYER", **more: object) -> Json:
    where = {} if account != "BUYER" else {"ship_to": "LEEDS"}
    return world.order(account, wanted, **{**where, **more})


def person(world: World, account: str = "BUYER", role: str = "buyer") -> Guest:
    email = f"{role}@{world.code(account).lower()}.example"
    body = {"name": "Petra", "roles": [role], "password": cast.PASSWORD}
    world.put(f"accounts/{world.code(account)}/users/{email}", body)
    return cast.signed_in(world.portal, email)


def today(guest: Guest, name: str = "", query: str = "") -> str:
    """The text of the page, or of one part of it."""
    text = reading.page(guest, f"/today{query}")
    return reading.plain(reading.panel(text, name)) if name else text


def read(guest: Guest, until: str | None = None) -> None:
    text = reading.page(guest, "/today")
    found = re.search(r'name="until" value="([^"]+)"', text)
    assert found is not None, "there is nothing to mark"
    answer = guest.post("/today/visit", seen_on="/today", until=until or found[1])
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")


def test_the_day_begins_where_one_works(world: World) -> None:
    petra = person(world)
    assert petra.client.get("/").headers["location"] == "/today"
    now(employ(world.portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    assert cast.signed_in(world.portal, cast.DEV).client.get("/").headers["location"] == "/desk"
    assert cast.guest(world.portal).client.get("/").headers["location"] == "/sign-in?next=%2F"


def test_who_has_nothing_is_told_what_will_stand_there(world: World) -> None:
    text = today(person(world))
    assert reading.truth(text) == "Nothing needs you; nothing arrives in these two weeks."
    for name in ("needs", "arriving", "shipped", "moved", "problems"):
        assert 'class="empty"' in reading.panel(text, name), name
    assert "Mark all as read" not in text


def test_a_slip_is_told_once_for_each_order_with_old_and_new_and_why(world: World) -> None:
    petra = person(world)
    small = order(world, {"SEAL": 5}, purchase_order_number="45-1")
    large = order(world, {"BOLT": 1, "SEAL": 5}, purchase_order_number="45-2")
    assert "No date has moved." in today(petra, "moved")
    slip(world, "2026-12-02")
    moved = today(petra, "moved")
    assert moved.count("because") == 0
    assert re.findall(r"SO-\d+-\d+", moved) == [large["number"], small["number"]], (
        "the newest first, each once"
    )
    assert "line 2 was Mon 30 Nov now Mon 7 Dec 7 days later" in moved
    assert "supplier order " + world.code("4711") + " from Acme is late" in moved
    assert "new dates for 2 orders" in reading.truth(today(petra))
    assert f'href="/orders/{large["number"]}?view=line#line-2"' in today(petra)


def test_there_and_back_is_no_news(world: World) -> None:
    petra = person(world)
    order(world, {"SEAL": 5})
    slip(world, "2026-12-02")
    slip(world, "2026-11-25")
    assert "No date has moved." in today(petra, "moved")


def test_what_was_read_is_not_told_again_and_what_came_later_is(world: World) -> None:
    petra, robin = person(world), person(world, role="reader")
    order(world, {"SEAL": 5})
    slip(world, "2026-12-02")
    read(petra)
    assert "since Wed 18 Nov" in today(petra, "moved")
    assert "No date has moved." in today(petra, "moved")
    assert "7 days later" in today(robin, "moved"), "each reads for themselves"
    slip(world, "2026-12-04")
    assert "was Mon 7 Dec now Thu 10 Dec 3 days later" in today(petra, "moved")
    assert "was Mon 30 Nov now Thu 10 Dec 10 days later" in today(robin, "moved")


def test_what_came_after_the_page_was_drawn_stays_news(world: World) -> None:
    petra = person(world)
    order(world, {"SEAL": 5})
    slip(world, "2026-12-02")
    until = re.search(r'name="until" value="([^"]+)"', today(petra))
    assert until is not None
    slip(world, "2026-12-04")
    read(petra, until[1])
    assert "was Mon 7 Dec now Thu 10 Dec" in today(petra, "moved")


@pytest.mark.parametrize("nonsense", ["x", "2999-01-01T00:00:00+00:00", "2026-11-18T23:00:00"])
def test_a_form_that_lies_marks_what_there_is_and_nothing_that_is_yet_to_come(
    world: World, nonsense: str
) -> None:
    petra = person(world)
    order(world, {"SEAL": 5})
    slip(world, "2026-12-02")
    read(petra, nonsense)
    assert "No date has moved." in today(petra, "moved")
    slip(world, "2026-12-04")
    assert "3 days later" in today(petra, "moved")


def test_an_older_page_takes_nothing_back(world: World) -> None:
    petra = person(world)
    order(world, {"SEAL": 5})
    slip(world, "2026-12-02")
    old = re.search(r'name="until" value="([^"]+)"', today(petra))
    assert old is not None
    slip(world, "2026-12-04")
    read(petra)
    token = petra.token("/today")
    assert petra.client.post("/today/visit", data={"_csrf": token, "until": old[1]}).status_code == 303
    assert "No date has moved." in today(petra, "moved")


def test_many_orders_are_counted_and_all_of_them_can_be_seen(world: World) -> None:
    petra = person(world)
    for _ in range(10):
        order(world, {"SEAL": 1})
    slip(world, "2026-12-02")
    moved = today(petra, "moved")
    assert len(re.findall(r"SO-\d+-\d+", moved)) == 8
    assert "2 more orders with changed dates" in moved
    assert len(re.findall(r"SO-\d+-\d+", today(petra, "moved", "?moved=all"))) == 10


def test_what_needs_the_buyer_comes_first_with_what_to_do(world: World) -> None:
    petra = person(world)
    held = order(world, {"BOLT": 4, "SEAL": 1})
    world.hold(held, "address", lines=[1], note="Which gate?")
    world.hold(held, "finance", lines=[2])
    wanting = order(world, {"RARE": 9}, purchase_order_number="45-9")
    offer = world.told(wanting, "substitutions", {"line": 1, "quantity": "9", "sku": world.code("OTHER")})
    text = today(petra)
    needs = reading.plain(reading.panel(text, "needs"))
    assert f"We offer 9 pcs {world.code('OTHER')} in place of 9 pcs {world.code('RARE')}" in needs
    assert "Line 1 waits until you confirm where it shall go Which gate?" in needs
    assert "finance" not in needs, "what only the supplier can lift does not wait for the buyer"
    assert "1 line is held" in reading.plain(reading.panel(text, "problems")) or "2 lines are held" in text
    assert "2 things need you" in reading.truth(text)
    answer = f"/orders/{wanting['number']}/offers/{offer['id']}"
    assert f'href="{answer}"' in text
    assert petra.client.get(answer).status_code == 200
    assert "Look at the offer" in today(person(world, role="reader"), "needs")


def test_what_is_late_or_in_trouble_waits_for_the_buyer(world: World) -> None:
    petra = person(world)
    placed = order(world, {"BOLT": 9})
    package = {"tracking_number": "NP1", "tracking_url": "https://track.example/NP1"}
    shipment = world.ship(placed, "MAIN", {1: 4}, carrier="Northline", packages=[package])
    trouble = world.ship(placed, "MAIN", {1: 5}, carrier="Northline")
    assert "Nothing waits for you." in today(petra, "needs")
    world.carrier(trouble, "exception", "2026-11-18T10:00:00Z", note="wrong address")
    needs = today(petra, "needs")
    assert "Problem on the way : 1 line Leeds, Northline" in needs
    world.now("2026-11-24T09:00:00Z")
    try:
        needs = today(petra, "needs")
        assert "1 line should have arrived Fri 20 Nov" in needs
        assert "NP1" in needs
        assert 'href="https://track.example/NP1" rel="noreferrer"' in today(petra)
        late = reading.rows(reading.page(petra, "/arrivals?part=late"))
        assert sorted((row.quantity, row.group) for row in late) == [("4 pcs", "late"), ("5 pcs", "late")]
        world.carrier(shipment, "delivered", "2026-11-24T08:00:00Z")
        assert "should have arrived" not in today(petra, "needs")
    finally:
        world.now("2026-11-18T09:00:00Z")


def test_what_arrives_is_counted_by_site_and_span_as_the_orders_say(world: World) -> None:
    petra = person(world)
    placed = [
        order(world, {"BOLT": 9, "SEAL": 2}),
        order(world, {"BOLT": 3}, ship_to="YORK"),
        order(world, {"BOLT": 2}, account="HULL"),
    ]
    order(world, {"BOLT": 70}, account="VELTRO")
    world.ship(placed[1], "MAIN", {1: 3}, carrier="Northline")
    cells = reading.plain(re.sub(r"<small>.*?</small>", "", reading.panel(today(petra), "arriving")))
    counted = sum(int(n) for n in re.findall(r"(\d+) lines?", cells))
    soon = reading.documented([world.read(one) for one in placed])
    assert counted == len({key[:2] for key in soon if key[2] and key[2] <= "2026-11-29"}) == 3
    assert "Kiel" not in cells
    for site in ("Leeds", "York", "Hull"):
        assert site in cells
    assert "nothing arrives today, 1 line on Fri 20 Nov" in reading.truth(today(petra))
    world.now("2026-11-20T09:00:00Z")
    try:
        arriving = today(petra, "arriving")
        assert "1 line York, On the road, Northline" in arriving
        assert "1 line arrives today" in reading.truth(today(petra))
    finally:
        world.now("2026-11-18T09:00:00Z")


def test_what_left_is_told_until_it_is_read(world: World) -> None:
    petra = person(world)
    placed = order(world, {"BOLT": 9}, purchase_order_number="45-7")
    assert "Nothing has left." in today(petra, "shipped")
    shipment = world.ship(placed, "MAIN", {1: 4}, carrier="Northline")
    shipped = today(petra, "shipped")
    assert "1 line left Leicester Leeds, Northline, arrives Fri 20 Nov" in shipped
    assert f'href="/orders/{placed["number"]}#{shipment["number"]}"' in today(petra)
    world.cancel_shipment(shipment)
    assert "Nothing has left." in today(petra, "shipped")
    world.ship(placed, "MAIN", {1: 2})
    read(petra)
    assert "Nothing has left." in today(petra, "shipped")


def test_orders_without_a_date_stand_there_with_the_reason(world: World) -> None:
    petra = person(world)
    rare = order(world, {"RARE": 9, "BOLT": 1})
    world.hold(rare, "finance", lines=[2])
    problems = today(petra, "problems")
    assert (
        f"1 line has no date yet, 1 line is held Backordered, held by our finance team {rare['number']}"
        in problems
    )
    assert "2 lines have no date yet" in reading.truth(today(petra))


def test_nobody_reads_the_news_of_strangers(world: World) -> None:
    theirs = order(world, {"SEAL": 5, "RARE": 1, "BOLT": 2}, account="VELTRO")
    below = order(world, {"SEAL": 5, "RARE": 1, "BOLT": 2}, account="HULL")
    for one in (theirs, below):
        world.ship(one, "MAIN", {3: 2})
        world.hold(one, "address", lines=[1])
        world.told(one, "substitutions", {"line": 2, "quantity": "1", "sku": world.code("OTHER")})
    slip(world, "2026-12-02")
    text = today(person(world))
    assert theirs["number"] not in text
    assert below["number"] in text, "a subsidiary's news is the group's"
    assert below["number"] not in today(person(world, account="VELTRO"))
    assert theirs["number"] not in today(person(world), query=f"?account={world.code('VELTRO')}")
