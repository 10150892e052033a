"""The calendar that somebody subscribes to: what arrives for them, and nobody else's; it follows what happens."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from tests.buyer import reading
from tests.buyer.conftest import LEAH
from tests.calendar.conftest import PATH, Group, Subscribed, field, subscribe
from tests.desk.floor import now
from tests.routes import cast


@pytest.fixture(scope="module")
def petras(group: Group) -> Subscribed:
    return subscribe(group.guest())


def test_it_holds_what_the_page_holds_an_entry_for_each_order_day_and_place(
    group: Group, petras: Subscribed
) -> None:
    rows = [row for row in reading.sheet(group.guest()) if row["Arrives"]]
    expected = Counter(f"{row['Order']} {row['Arrives']}" for row in rows)

    entries = petras.entries()

    assert set(entries) == set(expected)
    for row in rows:
        said = str(entries[f"{row['Order']} {row['Arrives']}"]["description"])
        assert f"{row['Quantity']} " in said
        assert row["SKU"].removeprefix("'") in said


def test_an_entry_says_what_comes_where_with_whom_and_how_sure_that_is(
    group: Group, petras: Subscribed
) -> None:
    entries = petras.entries()
    plain, shipped = group.orders["plain"]["number"], group.orders["shipped"]["number"]
    [sure] = [one for key, one in entries.items() if key.startswith(plain) and "SEAL" in one["description"]]
    [unsure] = [one for key, one in entries.items() if key.startswith(plain) and "BELT" in one["description"]]
    [road] = [
        one for key, one in entries.items() if key.startswith(shipped) and "NP4471" in one["description"]
    ]

    assert str(sure["status"]) == "CONFIRMED"
    assert str(unsure["status"]) == "TENTATIVE"
    assert str(unsure["summary"]).endswith("(not confirmed)")
    assert "PO 45-1" in str(sure["description"])
    assert "https://track.example/NP4471" in str(road["description"])
    assert "York" in str(road["location"])
    assert str(road["transp"]) == "TRANSPARENT"
    assert str(road["url"]).startswith(f"{group.world.portal.base_url}/orders/{shipped}?")


def test_nothing_in_it_belongs_to_a_stranger_and_one_below_sees_their_own(
    group: Group, petras: Subscribed
) -> None:
    strangers, hulls = group.orders["stranger"]["number"], group.orders["hull"]["number"]

    assert strangers not in petras.ask().text
    assert hulls in petras.ask().text
    leahs = {key.split()[0] for key in subscribe(group.guest(LEAH)).entries()}
    assert leahs == {hulls}


def test_one_of_a_place_holds_that_place_only(group: Group) -> None:
    york = subscribe(group.guest(), ship_to="NORDWIND/YORK", name="York yard")

    entries = york.entries()

    assert {str(one["location"]).rpartition(", ")[2] for one in entries.values()} == {"York"}
    assert "X-WR-CALNAME:York yard" in york.ask().text
    text = group.guest().client.get(PATH).text
    form = {"_csrf": field(text, "_csrf"), "form": field(text, "form"), "ship_to": "VELTRO/KIEL"}
    assert group.guest().client.post(PATH, data=form).status_code == 422


def test_what_has_not_changed_is_not_sent_again(petras: Subscribed) -> None:
    first = petras.ask()

    again = petras.ask(**{"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert petras.ask().content == first.content


def test_a_day_that_moves_takes_its_entry_along_and_what_is_cancelled_leaves(group: Group) -> None:
    world = group.world
    petras = subscribe(group.guest())
    world.product("SLIP", "STAYS")
    world.inbound("purchase_order", "4799", "MAIN", [(1, "SLIP", 50, "2026-12-02")], supplier="Acme")
    world.stock("MAIN", "STAYS", 100)
    order = world.order("NORDWIND", {"SLIP": 30, "STAYS": 5}, ship_to="LEEDS")
    before = {k: e for k, e in petras.entries().items() if k.startswith(order["number"])}
    [slipping] = [key for key, one in before.items() if "SLIP" in one["description"]]
    [staying] = [key for key, one in before.items() if "STAYS" in one["description"]]
    tag = petras.ask().headers["etag"]

    world.inbound("purchase_order", "4799", "MAIN", [(1, "SLIP", 50, "2026-12-09")], supplier="Acme")

    after = {k: e for k, e in petras.entries().items() if k.startswith(order["number"])}
    assert petras.ask(**{"If-None-Match": tag}).status_code == 200
    assert slipping not in after
    [moved] = [one for one in after.values() if "SLIP" in one["description"]]
    assert petras.day(moved).isoformat() > slipping.split()[1]
    assert after[staying]["uid"] == before[staying]["uid"]
    assert after[staying]["sequence"] > before[staying]["sequence"]

    world.cancel(order, {1: 30})

    left = {k: e for k, e in petras.entries().items() if k.startswith(order["number"])}
    assert set(left) == {staying}
    assert left[staying]["sequence"] > after[staying]["sequence"]


def test_it_is_turned_off_at_once_by_whom_it_belongs_to_and_by_nobody_else(group: Group) -> None:
    petra, rita = group.guest(), group.guest(cast.RITA)
    mine = subscribe(petra, name="For the yard")
    text = petra.client.get(PATH).text
    [link] = re.findall(rf'action="({PATH}/\d+/revocation)"[^§]*?For the yard', text.replace("</li>", "§"))
    theirs = rita.client.get(PATH).text
    form = {"_csrf": field(theirs, "_csrf"), "form": field(theirs, "form")}

    assert rita.client.post(link, data=form).status_code == 404
    assert mine.ask().status_code == 200
    form = {"_csrf": field(text, "_csrf"), "form": field(text, "form")}
    assert "turned off" in petra.client.post(link, data=form, follow_redirects=True).text

    assert mine.ask().status_code == 410
    assert "For the yard" not in petra.client.get(PATH).text


def test_a_form_that_is_sent_twice_makes_one_and_the_address_is_kept_nowhere(group: Group) -> None:
    rita = group.guest(cast.RITA)
    text = rita.client.get(PATH).text
    form = {"_csrf": field(text, "_csrf"), "form": field(text, "form"), "name": "Once"}
    shown = [rita.client.post(PATH, data=form, follow_redirects=True).text for _ in range(2)]

    addresses = {re.findall(r'id="address" value="([^"]+)"', one)[0] for one in shown}
    [address] = addresses
    assert rita.client.get(PATH).text.count("<b>Once</b>") == 1
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert secret not in rita.client.get(PATH).text
    dump = now(_everything(group.world.portal.database_url))
    assert secret not in dump
    # Whoever has the form's number has nothing: only its own sender is shown the address.
    assert secret not in group.guest().client.get(f"{PATH}?made={form['form']}").text


async def _everything(url: str) -> str:
    conn = await asyncpg.connect(url)
    rows = [str(await conn.fetch(f"select * from {table}")) for table in ("calendar_link", "answer")]
    await conn.close()
    return "\n".join(rows)


def test_who_leaves_the_company_or_is_shut_out_has_no_calendar(group: Group) -> None:
    world = group.world
    person = {"name": "Tim", "roles": ["reader"], "password": cast.PASSWORD}
    world.put("accounts/NORDWIND/users/tim@nordwind.example", person)
    tims = subscribe(cast.signed_in(world.portal, "tim@nordwind.example"))
    assert tims.entries()

    async def shut_out() -> None:
        conn = await asyncpg.connect(world.portal.database_url)
        await conn.execute("update person set active = false where email = 'tim@nordwind.example'")
        await conn.close()

    now(shut_out())
    assert tims.ask().status_code == 404


@pytest.mark.parametrize("name", ["x", "x.ics", "a" * 43 + ".ics", "ä" * 43 + ".ics", "a" * 5000 + ".ics"])
def test_a_made_up_address_leads_nowhere(group: Group, name: str) -> None:
    assert cast.guest(group.world.portal).client.get(f"/calendar/{name}").status_code == 404


def test_who_asks_all_the_time_is_slowed_down(group: Group) -> None:
    eager = subscribe(group.guest())

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: eager.ask(), range(120)))

    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert int(slowed[0].headers["retry-after"]) > 0
    assert answers[0].status_code == 200


def test_the_suppliers_people_have_none(group: Group) -> None:
    dev = group.guest(cast.DEV)
    text = dev.client.get(PATH).text
    assert "none for the supplier" in text
    form = {"_csrf": dev.token("/orders"), "form": "abcdefgh12345678"}
    assert dev.client.post(PATH, data=form).status_code == 403
