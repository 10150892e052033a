"""The account manager's board: every kind of trouble counted, each count leading to its orders, mine first."""

import re

import pytest

from tests.accounts.conftest import JO, NOOR, Rooms
from tests.routes import cast


@pytest.fixture(scope="module", autouse=True)
def _mail_and_endpoint(rooms: Rooms) -> None:
    rooms.sql(
        "update person set mail_problem = 'no such mailbox', mail_problem_at = now() where email = $1",
        cast.ROBIN,
    )
    rooms.sql(
        """insert into connection (id, kind, account, url, state, disabled_because, disabled_at)
           values ('we_1', 'webhook', 'NORDWIND', 'https://hooks.nordwind.example/x', 'disabled', 'gone', now())"""
    )


def test_each_kind_of_trouble_is_counted_and_leads_to_what_it_counts(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts")
    wrong = page.row("Nordwind Maschinenbau")[1]
    for said in (
        "2 orders late", "1 delivery failed", "1 order held", "3 orders with a later date", "1 dispute open",
        "1 return to decide", "1 invoice overdue", "mail to 1 person comes back", "1 webhook failing",
    ):  # fmt: skip
        assert said in wrong, wrong
    assert re.search(r"[1-9] orders? without news", wrong)
    assert "1 of your 1 accounts has a problem now: 2 orders late" in page.text
    for kind, names in (
        ("late", ["late", "held"]),
        ("failed", ["failed"]),
        ("held", ["held"]),
        ("moved", ["late", "moved", "held"]),
    ):
        found = rooms.sheet(page.links(f"/orders?account=NORDWIND&problem={kind}")[0])
        orders = {row[0] for row in found.rows if row[0].startswith("SO-")}
        assert orders == {rooms.number(name) for name in names}, kind
    silent = rooms.sheet("/orders?account=NORDWIND&problem=silent")
    assert rooms.number("silent") in silent.text
    for start in (
        "/invoices?show=overdue",
        "/disputes?q=",
        "/returns?show=requested",
        "/settings/webhooks?account=",
    ):
        [address] = set(page.links(start))
        rooms.sheet(address)


def test_mine_come_first_and_filters_stand_in_the_address(rooms: Rooms) -> None:
    assert [row[0] for row in rooms.sheet("/accounts").rows[1:]] == ["Nordwind Maschinenbau NORDWIND"]
    noor = rooms.sheet("/accounts", NOOR)
    assert "Your account has no problem now." in noor.text
    every = rooms.sheet("/accounts?whose=all&show=all", NOOR)
    assert [row[0][:4] for row in every.rows[1:]] == ["Velt", "Nord", "Calm"]
    nobodys = rooms.sheet("/accounts?whose=nobodys&show=all")
    assert [row[0][:4] for row in nobodys.rows[1:]] == ["Calm"]
    assert "No account has this problem now." in rooms.sheet("/accounts?problem=late", NOOR).text
    assert len(rooms.sheet("/accounts?whose=all&problem=late", NOOR).rows) == 2
    assert len(rooms.sheet("/accounts?whose=all&show=all&q=masch").rows) == 2
    assert len(rooms.sheet("/accounts?whose=all&show=all&q=vel").rows) == 2
    for odd in (
        "whose=x",
        "problem=x",
        "after=x",
        "after=0.-1",
        "after=9.9.9",
        "q=%00%25",
        f"after=1.-{'9' * 30}.A",
    ):
        rooms.sheet(f"/accounts?{odd}")


def test_the_pages_of_many_accounts_hold_each_once(rooms: Rooms) -> None:
    world = rooms.world
    for n in range(60):
        world.account(f"MANY-{n:02}", name=f"Many {n:02}")
    seen: list[str] = []
    address = "/accounts?whose=all&show=all"
    for _ in range(9):
        page = rooms.sheet(address)
        seen += [row[0] for row in page.rows[1:]]
        following = [link for link in page.links("/accounts?") if "after=" in link]
        if not following:
            break
        address = following[0]
    everything = rooms.sql("select count(*) from account")
    assert len(seen) == len(set(seen)) == everything
    assert seen[0].startswith("Nordwind")


def test_an_account_shows_what_is_wrong_who_its_people_are_and_the_way_to_their_view(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts/NORDWIND")
    for said in (
        "2 orders late", f"{rooms.number('late')} was promised for", f"{rooms.number('held')} for the address",
        f"{rooms.number('failed')} Problem on the way", f"{rooms.number('moved')} arrives", "not received",
        "https://hooks.nordwind.example/x its receiver says that it is gone for good", "no such mailbox",
        "Looked after by Jo Whitfield",
    ):  # fmt: skip
        assert said in page.text, said
    petra = page.row("Petra Vogt")
    assert petra[1] == "buyer"
    assert page.links("/accounts/NORDWIND/impersonate?person=")
    assert "Nothing is wrong now." in rooms.sheet("/accounts/VELTRO").text
    rooms.sheet("/accounts/NOBODY", status=404)
    order = rooms.sheet(f"/orders/{rooms.number('late')}")
    assert order.links("/accounts/NORDWIND") == ["/accounts/NORDWIND"]


def test_buyers_find_neither_the_board_nor_another_order_by_its_trouble(rooms: Rooms) -> None:
    for path in ("/accounts", "/accounts/NORDWIND", "/tasks"):
        rooms.sheet(path, cast.PETRA, 403)
    mine = rooms.sheet("/orders?problem=late", cast.PETRA)
    assert rooms.number("late") in mine.text
    assert rooms.number("late") not in rooms.sheet("/orders?problem=late", cast.RITA).text
    assert not rooms.sheet(f"/orders/{rooms.number('late')}", cast.PETRA).links("/accounts")


def test_whoever_looks_after_accounts_begins_the_day_with_them(rooms: Rooms) -> None:
    answer = cast.at_home(rooms.portal, JO).client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
