"""The pages about endpoints, tokens and the feed: who may do what there, and secrets that are shown once."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.operations import people
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import World

HERE = "/settings/webhooks"
INES, LEAH, OTTO = "ines@group.example", "leah@group.example", "otto@other.example"
URL = "http://127.0.0.1:9/hook"


@dataclass
class House:
    portal: Portal
    world: World

    def at(self, email: str) -> Guest:
        return cast.at_home(self.portal, email)


@pytest.fixture(scope="module")
def house(portal: Portal) -> House:
    world = World(portal)
    world.shop({"BOLT": 1000})
    world.account("GROUP")
    world.account("BELOW", parent="GROUP")
    world.account("OTHER")
    for account, email, role in (
        ("GROUP", INES, "account_admin"),
        ("GROUP", LEAH, "buyer"),
        ("OTHER", OTTO, "account_admin"),
    ):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)

    async def staff() -> None:
        async with await open_pool(portal.database_url) as pool, (work := Work(pool)):
            for email, role in ((cast.DEV, "operations"), (cast.AMARA, "account_manager")):
                await people.put_staff(work, email, email.split("@")[0].title(), [role], cast.PASSWORD)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, staff()).result()
    return House(portal, world)


def form_of(who: Guest, path: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', who.client.get(path).text)
    assert found is not None, path
    return found[1]


def sent(who: Guest, path: str, seen_on: str, **form: str) -> httpx.Response:
    """Send the page's form, with a number of its own."""
    return who.post(path, seen_on, **{"form": form_of(who, seen_on), **form})


def make(who: Guest, **form: str) -> tuple[str, str]:
    """(the endpoint's address, its secret)."""
    page = sent(who, HERE, HERE, **{"url": URL, **form})
    assert page.status_code == 200, page.text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.text)
    address = re.search(r'href="(/settings/webhooks/we_\w+)"><svg', page.text)
    assert secret is not None
    assert address is not None
    return address[1], secret[0]


async def test_a_secret_is_shown_once_also_after_two_clicks(house: House, portal_pool: Pool) -> None:
    ines = house.at(INES)
    form = {"form": form_of(ines, HERE), "url": URL, "type-order.placed": "on"}
    first, second = (ines.post(HERE, HERE, **form).text for _ in range(2))
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", first))
    assert set(re.findall(r"whsec_[A-Za-z0-9+/=]+", second)) == {secret}
    made = house.portal.erp.get("/webhook-endpoints", params={"account": "GROUP"}).json()["items"]
    assert [one["types"] for one in made] == [["order.placed"]]
    assert secret not in ines.client.get(HERE).text
    assert secret not in ines.client.get(f"{HERE}/{made[0]['id']}").text
    kept = await portal_pool.fetch("select body from answer")
    assert all(secret.encode() not in row["body"] for row in kept)


def test_what_is_wrong_stands_beside_its_field(house: House) -> None:
    ines = house.at(INES)
    answer = sent(ines, HERE, HERE, url="ftp://x", description="ERP")
    assert answer.status_code == 422
    assert 'aria-describedby="url-problem"' in answer.text
    assert 'value="ERP"' in answer.text
    assert 'class="key"' not in answer.text


def test_an_endpoint_is_paused_tried_told_again_and_taken_away(house: House) -> None:
    ines = house.at(INES)
    page, _ = make(ines, description="ERP")
    house.world.order("GROUP", [("BOLT", 1)])
    assert "order.placed" in ines.client.get(page).text
    tested = sent(ines, f"{page}/tests", page)
    assert tested.status_code == 303
    delivery = ines.client.get(tested.headers["location"]).text
    assert "A test is on its way." in delivery
    assert "endpoint.test" in delivery
    again = sent(ines, f"{page}/replays", page, since="2026-11-18T00:00")
    assert "deliveries are sent again" in ines.client.get(again.headers["location"]).text
    assert sent(ines, f"{page}/replays", page, since="").status_code == 422
    for state, words in (("paused", "Paused"), ("active", "Active"), ("disabled", "Disabled by hand")):
        sent(ines, f"{page}/state", page, state=state)
        assert words in ines.client.get(page).text
    house.world.order("GROUP", [("BOLT", 1)])
    woken = sent(ines, f"{page}/state", page, state="active", catch_up="on")
    assert "that it missed" in ines.client.get(woken.headers["location"]).text
    changed = sent(ines, f"{page}/changes", page, url="https://erp.group.example/", description="SAP")
    assert changed.status_code == 303
    assert "https://erp.group.example/" in ines.client.get(page).text
    gone = sent(ines, f"{page}/deletion", page)
    assert "taken away" in ines.client.get(gone.headers["location"]).text
    assert ines.client.get(page).status_code == 404


def test_another_secret_is_shown_once_and_both_sign(house: House) -> None:
    ines = house.at(INES)
    page, secret = make(ines)
    turned = sent(ines, f"{page}/rotation", page)
    assert turned.status_code == 200
    [new] = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", turned.text))
    assert new != secret
    after = ines.client.get(page).text
    assert new not in after
    assert "two are valid until" in after


def test_the_suppliers_people_help_but_see_no_secret(house: House) -> None:
    page, _ = make(house.at(INES))
    dev, amara = house.at(cast.DEV), house.at(cast.AMARA)
    assert "Send a test" not in amara.client.get(page).text
    assert sent(amara, f"{page}/tests", HERE_OF_OTHERS).status_code == 403
    shown = dev.client.get(page).text
    assert "Send a test" in shown
    assert "Make another secret" not in shown
    assert sent(dev, f"{page}/tests", page).status_code == 303
    for refused in ("rotation", "changes", "deletion"):
        assert sent(dev, f"{page}/{refused}", page, url=URL).status_code == 403, refused
    assert sent(dev, HERE, HERE, url=URL, account="GROUP").status_code == 403
    # The supplier's own hears of everybody, and only the supplier sees it.
    own, _ = make(dev)
    assert house.at(INES).client.get(own).status_code == 404


# A page that everybody has, with a form that is sent once.
HERE_OF_OTHERS = "/desk/holds"


@pytest.mark.parametrize("who", [LEAH, OTTO])
def test_nobody_else_gets_at_an_endpoint(house: House, who: str) -> None:
    page, _ = make(house.at(INES))
    stranger = house.at(who)
    refused = 403 if who == LEAH else 404
    assert stranger.client.get(page).status_code == refused
    for action in ("tests", "rotation", "changes", "state", "replays", "drops", "deletion"):
        answer = stranger.post(f"{page}/{action}", "/orders", form="x" * 16, state="paused", delivery="1")
        assert answer.status_code == refused, action
    assert house.at(INES).client.get(page).status_code == 200


async def test_a_token_is_shown_once_reads_and_is_revoked(house: House, portal_pool: Pool) -> None:
    ines = house.at(INES)
    here = "/settings/tokens"
    made = sent(ines, here, here, name="SAP", account="BELOW", returns="on", changes="on")
    [token] = set(re.findall(r"bp_[\w-]{40,}", made.text))
    assert token not in ines.client.get(here).text
    row = await portal_pool.fetchrow("select id, scopes, person_id, account from token where name = 'SAP'")
    # Without a person in whose name, changing orders is of no use and is not given.
    assert (row["scopes"], row["person_id"], row["account"]) == (
        ["orders:read", "shipments:write"],
        None,
        "BELOW",
    )
    client = house.portal.client(token)
    assert client.get("/orders").status_code == 200
    assert client.get("/events", params={"account": "GROUP"}).status_code == 404
    assert client.get("/events", params={"after": "1"}).status_code == 200
    assert "SAP" in ines.client.get("/settings/feed").text
    revoked = sent(ines, f"{here}/{row['id']}/revocation", here)
    assert "refused from the next request on" in ines.client.get(revoked.headers["location"]).text
    assert client.get("/orders").status_code == 401
    log = ines.client.get("/audit").text
    assert "Token made" in log
    assert "Token revoked" in log


async def test_a_token_acts_in_ones_own_name_only(house: House, portal_pool: Pool) -> None:
    ines = house.at(INES)
    here = "/settings/tokens"
    sent(ines, here, here, name="Mine", in_own_name="on", changes="on", user=LEAH)
    row = await portal_pool.fetchrow(
        "select p.email, t.scopes from token t join person p on p.id = t.person_id where t.name = 'Mine'"
    )
    assert (row["email"], row["scopes"]) == (INES, ["orders:read", "orders:write"])
    assert sent(ines, here, here, name="Theirs", account="OTHER").status_code == 404
    assert sent(ines, here, here, name="").status_code == 422
    otto = house.at(OTTO)
    mine = await portal_pool.fetchval("select id from token where name = 'Mine'")
    assert otto.post(f"{here}/{mine}/revocation", here, form="f" * 16).status_code == 404


def test_the_feed_page_says_how_far_each_system_is(house: House) -> None:
    client = house.portal.client(house.portal.token("GROUP", ["orders:read"], "reader of the feed"))
    house.world.order("GROUP", [("BOLT", 1)])
    last = client.get("/events", params={"limit": 200}).json()["items"][-1]["sequence"]
    client.get("/events", params={"after": str(last - 2)})
    ines = house.at(INES)
    assert "2 events behind" in ines.client.get("/settings/feed").text
    client.get("/events", params={"after": str(last)})
    assert "has all of it" in ines.client.get("/settings/feed").text
    dev = house.at(cast.DEV)
    assert "reader of the feed" in dev.client.get("/settings/feed?account=GROUP").text
    assert "reader of the feed" not in house.at(OTTO).client.get("/settings/feed?account=GROUP").text
