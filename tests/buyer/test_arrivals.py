"""What arrives when, at which site: the same as the orders' own documents say, over all of them, and nobody else's."""

import random
import re
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.buyer import reading
from tests.buyer.conftest import LEAH, Group
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World, WrongAnswerError, ship_to


def test_every_part_that_is_still_to_come_stands_there_exactly_once(group: Group) -> None:
    petra = group.guest()
    assert reading.filed(reading.sheet(petra)) == reading.documented(group.documents())
    shown = reading.rows(reading.page(petra, "/arrivals"))
    assert len(shown) == len(reading.sheet(petra))
    for row in reading.sheet(petra):
        named = [
            one
            for one in shown
            if f"/orders/{row['Order']}?" in one.order and one.sku == row["SKU"].lstrip("'")
        ]
        assert any(one.quantity.split()[0] == row["Quantity"] for one in named), row


def test_days_follow_each_other_and_what_has_none_comes_last(group: Group) -> None:
    groups = [row.group for row in reading.rows(reading.page(group.guest(), "/arrivals"))]
    assert groups == sorted(groups, key=lambda name: (name == "undated", name))
    assert groups[0] == "d-20261120"
    assert groups[-1] == "undated"


def test_the_certainty_of_each_is_said_in_words(group: Group) -> None:
    shown = {row.sku: row.status for row in reading.rows(reading.page(group.guest(), "/arrivals?q=45-1"))}
    assert shown == {
        "BOLT": "Ready to ship at Leicester",
        "SEAL": "Awaiting supplier confirmed, order 4711",
        "BELT": "Awaiting supplier not confirmed, order 4712",
        "RARE": "Backordered",
    }
    [made] = reading.rows(reading.page(group.guest(), "/arrivals?q=MADE"))
    assert made.status == "Backordered not confirmed"
    road = next(
        row for row in reading.rows(reading.page(group.guest(), "/arrivals?only=road")) if row.sku == "BOLT"
    )
    assert road.status == "On the road"
    assert "Northline NP4471" in road.text


def test_what_is_held_or_has_no_date_is_never_left_out(group: Group) -> None:
    text = reading.page(group.guest(), "/arrivals")
    assert "2 lines have no date yet" in reading.truth(text)
    undated = {row.sku: row.status for row in reading.rows(text) if row.group == "undated"}
    assert undated == {"RARE": "Backordered", "NUT": "Held for the address"}
    for view in ("week", "month"):
        calendar = reading.page(group.guest(), f"/arrivals?view={view}")
        assert "2 lines have no date yet" in reading.truth(calendar)
        assert 'href="/arrivals?part=undated"' in calendar
    alone = reading.rows(reading.page(group.guest(), "/arrivals?part=undated"))
    assert {row.sku for row in alone} == {"RARE", "NUT"}


def test_an_order_that_ships_complete_arrives_on_one_day(group: Group) -> None:
    whole = group.read("whole")
    [days] = [
        {row.group for row in found}
        for found in [reading.rows(reading.page(group.guest(), f"/arrivals?q={whole['number']}"))]
    ]
    arrives = {p["arrives_on"] for line in whole["lines"] for p in line["portions"]}
    assert days == {f"d-{day.replace('-', '')}" for day in arrives}
    assert len(days) == 1


def test_each_leads_to_its_line_and_its_shipment(group: Group) -> None:
    petra = group.guest()
    [row] = reading.rows(reading.page(petra, "/arrivals?q=NP4471"))
    line = reading.page(petra, row.order.partition("#")[0])
    assert f'id="{row.order.partition("#")[2]}"' in line
    order = group.read("shipped")
    shipment = order["shipments"][0]["number"]
    assert f'href="/orders/{order["number"]}#{shipment}"' in reading.page(petra, "/arrivals?q=NP4471")
    assert f'id="{shipment}"' in line


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("q=45-2", {"BOLT", "NUT"}),
        ("q=SEA", {"SEAL"}),
        ("q=part+made", {"MADE"}),
        ("q=NP4471", {"BOLT"}),
        ("q=hull", {"=SUM(A1)", "BOLT"}),
        ("q=100%25", set()),
        ("site=NORDWIND/YORK", {"BOLT", "NUT"}),
        ("account=NORDWIND-HULL", {"=SUM(A1)", "BOLT"}),
        ("only=sure&q=45-1", {"SEAL", "RARE"}),
        ("only=unsure&part=undated&q=45-1", {"RARE"}),
        ("from=2026-11-30", {"SEAL", "BELT", "MADE", "NUT"}),
        ("from=2026-11-20&to=2026-11-20", {"BOLT"}),
        ("q=45-1&site=NORDWIND/YORK", set()),
    ],
)
def test_the_address_says_what_is_shown(group: Group, query: str, skus: set[str]) -> None:
    found = reading.rows(reading.page(group.guest(), f"/arrivals?{query}"))
    assert {row.sku for row in found} == skus
    assert {row["SKU"].removeprefix("'") for row in reading.sheet(group.guest(), f"?{query}")} == skus


@pytest.mark.parametrize(
    "query",
    [
        "view=year", "on=yesterday", "view=week&on=0001-01-01", "view=month&on=9999-12-31", "from=x&to=y",
        "from=2030-01-01&to=2020-01-01", "after=1/2/3", "after=2026-11-20/A/B/" + "9" * 30 + "/1",
        "after=2026-11-20/%00/B/1/1", "only=everything", "part=all", "q=%00%00", "q=" + "x" * 4000,
        "site=NORDWIND", "site=//", "all=2", "account=%00",
    ],
)  # fmt: skip
def test_an_address_that_is_none_still_opens(group: Group, query: str) -> None:
    assert "<h1>Arrivals</h1>" in reading.page(group.guest(), f"/arrivals?{query}")


def test_a_stranger_sees_only_their_own_and_nobody_theirs(group: Group) -> None:
    rita, petra = group.guest(cast.RITA), group.guest()
    assert reading.filed(reading.sheet(rita)) == reading.documented(group.documents("stranger"))
    theirs = group.orders["stranger"]["number"]
    for query in (
        "",
        "?q=SECRET",
        "?q=SOLO",
        "?account=VELTRO",
        "?site=VELTRO/KIEL",
        "?view=week",
        "?view=month",
    ):
        text = reading.page(petra, f"/arrivals{query}")
        assert theirs not in text
        assert "Works Kiel" not in text
        assert all(row.sku != "SOLO" for row in reading.rows(text))
    assert reading.sheet(petra, "?q=SOLO") == []
    assert reading.sheet(petra, "?account=VELTRO") == []


def test_the_group_sees_its_subsidiary_but_not_the_other_way_round(group: Group) -> None:
    hull = reading.documented(group.documents("hull"))
    assert hull.keys() <= reading.filed(reading.sheet(group.guest())).keys()
    assert reading.filed(reading.sheet(group.guest(LEAH))) == hull
    assert reading.sheet(group.guest(LEAH), "?account=NORDWIND") == []


def test_the_calendars_count_what_the_list_counts(group: Group) -> None:
    petra = group.guest()
    dated = [row for row in reading.rows(reading.page(petra, "/arrivals")) if row.group.startswith("d-")]
    first_week = {row.order for row in dated if row.group <= "d-20261124"}
    assert f"{len(first_week)} lines arrive from Wed 18 Nov to Tue 24 Nov" in reading.truth(
        reading.page(petra, "/arrivals?view=week")
    )
    month = reading.page(petra, "/arrivals?view=month")
    assert f"{len({row.order for row in dated})} lines arrive from Wed 18 Nov to Sun 20 Dec" in reading.truth(
        month
    )
    counted = [int(n) for n in re.findall(r'<span class="site">[^<]*<b>(\d+)</b>', month)]
    assert sum(counted) == len({(row.group, row.order) for row in dated})


def test_a_week_begins_where_one_asks_and_never_in_the_past(group: Group) -> None:
    petra = group.guest()
    assert "23–29 Nov 2026" in reading.page(petra, "/arrivals?view=week&on=2026-11-23")
    assert "18–24 Nov 2026" in reading.page(petra, "/arrivals?view=week&on=2026-11-02")
    later = reading.page(petra, "/arrivals?view=week&on=2026-11-23")
    assert 'rel="prev" href="/arrivals?view=week&amp;on=2026-11-18"' in later
    assert 'rel="prev"' not in reading.page(petra, "/arrivals?view=week")
    assert "Nothing arrives in these days." in reading.page(petra, "/arrivals?view=week&on=2027-06-01")


def test_a_spreadsheet_runs_nothing_of_what_it_opens(group: Group) -> None:
    [row] = [row for row in reading.sheet(group.guest()) if "SUM" in row["SKU"]]
    assert row["SKU"] == "'=SUM(A1)"


def test_the_supplier_names_the_account_whose_page_it_shall_be(group: Group) -> None:
    dev = group.guest(cast.DEV)
    for path in ("/arrivals", "/today"):
        assert "Whose page shall it be?" in reading.page(dev, path)
        unknown = dev.client.get(f"{path}?account=NOBODY")
        assert unknown.status_code == 404
        assert "There is no account NOBODY." in unknown.text
        assert 'value="NOBODY"' in unknown.text
    assert reading.sheet(dev, "?account=NORDWIND") == reading.sheet(group.guest())
    assert reading.sheet(dev, "?account=NORDWIND-HULL") == reading.sheet(group.guest(LEAH))
    week = reading.page(dev, "/arrivals?account=NORDWIND&view=week")
    assert all("account=NORDWIND" in href for href in re.findall(r'href="(/arrivals[^"]+)"', week))


@pytest.fixture(scope="module")
def flood(start_portal: Callable[..., Portal]) -> World:
    """Twelve orders of twenty lines that all arrive on one day, and one that comes later."""
    world = World(start_portal())
    skus = [f"P{n:02}" for n in range(20)]
    world.shop(dict.fromkeys(skus, 1000))
    person = {"name": "Petra", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/BUYER/users/{cast.PETRA}", person)
    for n in range(12):
        world.order("BUYER", dict.fromkeys(skus, n + 1))
    world.order("BUYER", {"P00": 5}, requested_on="2026-12-16")
    return world


def test_a_long_list_is_read_page_by_page_and_nothing_is_told_twice(flood: World) -> None:
    petra = cast.at_home(flood.portal, cast.PETRA)
    seen: list[reading.Shown] = []
    path = "/arrivals"
    while path:
        text = reading.page(petra, path)
        seen += reading.rows(text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""
        assert "241 lines" in reading.truth(text)
    assert len(seen) == len({(row.order, row.quantity) for row in seen}) == 241
    assert "240 lines" in text or len(seen) > len(reading.rows(text)) > 0
    everything = re.search(r'href="([^"]+all=1)"', reading.page(petra, "/arrivals"))
    assert everything is not None
    assert len(reading.rows(reading.page(petra, everything[1].replace("&amp;", "&")))) == 241


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_arrivals_say_what_the_orders_say(portal: Portal, seed: int) -> None:
    """A property: after any mix of orders, picks, shipments, holds, slips and cancellations both tell the same."""
    world, dice = World(portal, tag=f"W{seed}"), random.Random(seed)
    told = Wild(world, dice)
    for _ in range(14):
        with suppress(WrongAnswerError):
            dice.choice(told.verbs)()
        documents = [world.read(number) for number in world.orders]
        assert reading.filed(reading.sheet(told.petra)) == reading.documented(documents)


class Wild:
    """A shop in which anything may happen next; what the portal refuses has not happened."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.holds: list[tuple[str, str]] = []
        self.shipments: list[str] = []
        world.shop({"A": 30, "B": 5, "C": 0, "D": 100})
        world.account("BUYER", ship_tos=[ship_to("Leeds"), ship_to("York")])
        self.supply("2026-11-27")
        email = f"petra@{world.tag.lower()}.example"
        person = {"name": "Petra", "roles": ["buyer"], "password": cast.PASSWORD}
        world.put(f"accounts/{world.code('BUYER')}/users/{email}", person)
        self.petra = cast.signed_in(world.portal, email)
        self.verbs = [
            self.order, self.order, self.slip, self.ship, self.ship, self.hold, self.release, self.cancel,
            self.short, self.carrier, self.count, self.receive, self.agree,
        ]  # fmt: skip
        self.order()

    def supply(self, day: str) -> None:
        lines = [(1, "A", 40, day), (2, "B", 40, day), (3, "C", 25, day)]
        self.world.inbound("purchase_order", "PO1", "MAIN", lines, confirmed=self.dice.random() < 0.5)

    def some(self) -> str:
        return self.dice.choice(self.world.orders)

    def order(self) -> None:
        wanted = {sku: self.dice.randint(1, 25) for sku in self.dice.sample("ABCD", 3)}
        preference = self.dice.choice(["as_available", "complete_only", "weekly"])
        self.world.order(
            "BUYER", wanted, delivery_preference=preference, ship_to=self.dice.choice(["LEEDS", "YORK"])
        )

    def slip(self) -> None:
        self.supply(self.dice.choice(["2026-11-25", "2026-12-01", "2026-12-09"]))

    def ship(self) -> None:
        order = self.world.read(self.some())
        ready = {
            line["line"]: p["quantity"]
            for line in order["lines"]
            for p in line["portions"]
            if p["status"] in {"allocated", "picking", "packed"}
        }
        self.shipments.append(self.world.ship(order, "MAIN", ready)["number"])

    def hold(self) -> None:
        order = self.some()
        lines = self.dice.choice([None, [1], [2, 3]])
        self.holds.append((order, self.world.hold({"number": order}, "quality", lines=lines)))

    def release(self) -> None:
        if self.holds:
            order, hold = self.holds.pop()
            self.world.release({"number": order}, hold)

    def cancel(self) -> None:
        self.world.cancel({"number": self.some()}, {self.dice.randint(1, 3): 1})

    def short(self) -> None:
        self.world.short_pick({"number": self.some()}, "MAIN", {self.dice.randint(1, 3): 1})

    def carrier(self) -> None:
        if self.shipments:
            state = self.dice.choice(["in_transit", "exception", "delivered", "returned_to_sender"])
            self.world.carrier({"number": self.dice.choice(self.shipments)}, state, "2026-11-19T10:00:00Z")

    def count(self) -> None:
        self.world.stock("MAIN", self.dice.choice("ABC"), self.dice.randint(0, 60))

    def receive(self) -> None:
        self.world.receive("purchase_order", "PO1", {self.dice.randint(1, 3): self.dice.randint(1, 20)})

    def agree(self) -> None:
        self.world.agreement("CA-1", "BUYER", "MAIN", "A", self.dice.randint(1, 20))
