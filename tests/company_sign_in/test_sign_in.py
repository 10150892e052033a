"""A company's people sign in by its own provider, against a real one; and what becomes of those who bring lies."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import redis

from portal.adapters import sealed
from portal.adapters.attempts import GOOD_FOR, MOST_BEGUN
from portal.db.pool import open_pool
from portal.db.work import Work
from portal.operations import federating, letting_back_in, people, providing
from portal.operations.providing import Arranged
from tests.company_sign_in.companies import companies, known
from tests.company_sign_in.lying import CLIENT, Answer, Lying, lying
from tests.company_sign_in.providers import SECRET, Running, provider
from tests.portals import Portal

PASSWORD = "a long password for everybody"
HERE = "/sign-in/company"


@dataclass
class House:
    portal: Portal
    nordwind: Running
    veltro: Lying

    def guest(self) -> httpx.Client:
        return self.portal.browser()

    def begin(self, client: httpx.Client, account: str = "NORDWIND", **query: str) -> str:
        """Where the browser is sent."""
        answer = client.get(f"{HERE}/{account}?{urlencode(query)}")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def come_back(self, client: httpx.Client, who: str, **query: str) -> httpx.Response:
        """To the provider and back as this person."""
        return client.get(self.nordwind.sign_in(client, self.begin(client, **query), who))

    def lied(self, client: httpx.Client, **more: str) -> str:
        """The address to come back to from the provider that says what it is told to."""
        query = parse_qs(urlsplit(self.begin(client, "VELTRO")).query)
        self.veltro.nonce = query["nonce"][0]
        return f"{HERE}/callback?{urlencode({'code': 'c', 'state': query['state'][0], **more})}"

    def do(self, what: Callable[[Any], Any]) -> Any:
        async def run() -> Any:
            async with await open_pool(self.portal.database_url, size=1) as pool:
                return await what(pool)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run()).result()

    def ask(self, query: str, *values: Any) -> Any:
        return self.do(lambda pool: pool.fetchval(query, *values))


@pytest.fixture(scope="module")
def house(portal: Portal) -> Iterator[House]:
    with provider(portal.base_url, "NORDWIND") as nordwind, lying() as veltro:
        made = House(portal, nordwind, veltro)
        made.do(lambda pool: _arrange(pool, made))
        yield made


async def _arrange(pool: Any, house: House) -> None:
    await companies(pool)
    await pool.execute("update person set password_hash = $1", people.hasher.hash(PASSWORD))
    ines, ruth = await known(pool, "ines@nordwind.example"), await known(pool, "ruth@harrow.example")
    rita = await known(pool, "rita@veltro.example")
    key = house.portal.settings.secret_key
    groups = {"Buying": ["buyer"], "IT": ["account_admin"]}
    for who, account, issuer, domain, secret in (
        (ines, "NORDWIND", house.nordwind.issuer, "nordwind.example", SECRET),
        (rita, "VELTRO", house.veltro.issuer, "veltro.example", "of Veltro"),
    ):
        by = ("groups", groups) if account == "NORDWIND" else (None, {})
        given = Arranged(issuer, CLIENT, ["openid", "email", "profile"], [domain], *by, [], True)
        given = given if by[0] else Arranged(issuer, CLIENT, ["openid"], [domain], None, {}, ["buyer"], True)
        async with Work(pool) as work:
            await providing.arrange(work, who, account, given, sealed.seal(secret, key), simulated=True)
            await letting_back_in.confirm(work, ruth, account, [domain])
            await federating.works(work, account)
            await providing.switch(work, who, account, on=True)


def name(client: httpx.Client) -> str:
    """Who is signed in; nobody: where they are sent."""
    answer = client.get("/settings")
    found = re.search(r'class="who"[^>]*>.*?<b>([^<]+)</b>', answer.text)
    return found[1] if found else str(answer.headers.get("location", answer.status_code))


def token(client: httpx.Client, path: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def test_an_address_leads_to_the_company_and_back_into_the_portal(house: House) -> None:
    client = house.guest()
    form = {"_csrf": token(client, HERE), "email": "Nora@nordwind.example", "next": "/arrivals"}
    page = client.post(HERE, data=form)
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert onward is not None
    there = onward[1].replace("&amp;", "&")
    assert there.startswith(house.nordwind.issuer)
    assert "login_hint=Nora%40nordwind.example" in there
    answer = client.get(house.nordwind.sign_in(client, there, "nora"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/arrivals")
    assert name(client) == "Nora Feld"
    row = house.do(lambda pool: pool.fetchrow("select * from login where provider_subject = 'nora'"))
    assert row["factors"] == ["provider"]
    assert b"eyJ" not in row["provider_token"], "it is sealed"


def test_signing_out_ends_it_there_as_well(house: House) -> None:
    client = house.guest()
    house.come_back(client, "petra")
    page = client.post("/sign-out", data={"_csrf": token(client, "/settings")})
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert onward is not None
    query = parse_qs(urlsplit(onward[1].replace("&amp;", "&")).query)
    assert query["post_logout_redirect_uri"] == [f"{house.portal.base_url}/sign-in"]
    assert query["client_id"] == ["portal"]
    assert query["id_token_hint"][0].count(".") == 2
    assert name(client).startswith("/sign-in")
    assert client.get(onward[1].replace("&amp;", "&")).status_code == 200, "the provider takes it"


def test_what_ends_there_ends_here(house: House) -> None:
    """The provider tells it by itself, from machine to machine."""
    client, other = house.guest(), house.guest()
    house.come_back(client, "petra")
    house.come_back(other, "petra")
    there = client.get(f"{house.nordwind.issuer}/session/end")
    action = re.search(r'action="([^"]+)"', there.text)
    secret = re.search(r'name="xsrf" value="([^"]+)"', there.text)
    assert action is not None
    assert secret is not None
    client.post(action[1], data={"xsrf": secret[1], "logout": "yes"})
    assert name(client).startswith("/sign-in")
    assert name(other) == "Petra", "only that session"
    assert house.ask("select count(*) from login where ended_why = 'provider'") == 1


def test_an_answer_is_good_once_and_for_the_browser_that_asked(house: House) -> None:
    client, thief = house.guest(), house.guest()
    back = house.nordwind.sign_in(client, house.begin(client), "petra")
    # Somebody else's browser, with a cookie of its own or none: it completes nothing, and uses nothing up.
    assert thief.get(back).status_code == 400
    house.begin(thief)
    assert thief.get(back).status_code == 400
    changed = back.replace("state=", "state=x")
    assert client.get(changed).status_code == 400
    assert client.get(back).status_code == 303
    assert name(client) == "Petra"
    client.cookies.set("company", "gone")
    assert client.get(back).status_code == 400


def test_whoever_may_not_come_in_is_told_whom_to_ask(house: House) -> None:
    for who, said in (("liar", "verified"), ("stranger", "another mail domain")):
        client = house.guest()
        answer = house.come_back(client, who)
        assert answer.status_code == 403
        assert said in answer.text
        assert name(client).startswith("/sign-in")


def test_the_only_way_refuses_a_password_that_is_right(house: House) -> None:
    house.ask("update identity_provider set is_only_way = true where account = 'NORDWIND'")
    try:
        client = house.guest()
        form = {"_csrf": token(client, "/sign-in"), "email": "petra@nordwind.example", "password": PASSWORD}
        answer = client.post("/sign-in", data=form)
        assert answer.status_code == 422
        assert "Your company lets its people in by its own sign-in only." in answer.text
        assert 'href="/sign-in/company/NORDWIND"' in answer.text
        assert name(client).startswith("/sign-in")
        house.ask(
            "update identity_provider set open_until = now() + interval '1 day' where account = 'NORDWIND'"
        )
        form["_csrf"] = token(client, "/sign-in")
        assert client.post("/sign-in", data=form).status_code == 303
    finally:
        house.ask("update identity_provider set is_only_way = false, open_until = null")


def test_whoever_is_signed_in_proves_it_there_once_more(house: House) -> None:
    client = house.guest()
    house.come_back(client, "petra")
    former = client.cookies["session"]
    house.ask("update login set proved_at = now() - interval '1 hour', factors = '{password}'")
    there = house.begin(client, prove="1", next="/settings/sessions")
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    answer = client.get(house.nordwind.sign_in(client, there, "petra"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/sessions")
    assert client.cookies["session"] != former
    fresh = "select count(*) from login where proved_at > now() - interval '10 minutes' and ended_at is null"
    assert house.ask(fresh) == 1
    # As somebody else it proves nothing.
    answer = client.get(house.nordwind.sign_in(house.guest(), house.begin(client, prove="1"), "ines"))
    assert answer.status_code == 403
    assert name(client) == "Petra"


def test_a_trial_shows_what_the_provider_says_and_changes_nothing(house: House) -> None:
    client = house.guest()
    house.come_back(client, "ines")
    before = house.ask("select count(*) from external_identity"), house.ask("select count(*) from login")
    there = client.get("/settings/sign-in/try?account=NORDWIND").headers["location"]
    shop = house.guest()
    back = house.nordwind.sign_in(shop, there, "nora")
    assert client.get(back).status_code == 200, "signed in there as nora, and here as ines"
    there = client.get("/settings/sign-in/try?account=NORDWIND").headers["location"]
    page = client.get(house.nordwind.sign_in(client, there, "ines"))
    assert "Ines (ines@nordwind.example) would be signed in." in page.text
    assert "<code>groups</code>" in page.text
    assert (
        house.ask("select count(*) from external_identity"),
        house.ask("select count(*) from login"),
    ) == before
    assert name(client) == "Ines"


def test_a_secret_that_was_typed_survives_a_form_that_comes_back_and_is_not_shown(house: House) -> None:
    client = house.guest()
    house.come_back(client, "ines")
    before = house.ask("select client_secret from identity_provider where account = 'NORDWIND'")
    typed = {
        "account": "NORDWIND", "issuer": house.nordwind.issuer, "client_id": CLIENT, "client_secret": SECRET,
        "domains": "nordwind.example", "role_claim": "groups", "role_map": "no roles", "scopes": "openid email profile",
    }  # fmt: skip

    def send(**more: str) -> httpx.Response:
        page = client.get("/settings/sign-in")
        numbers = re.search(
            r'name="_csrf" value="([^"]+)"><input type="hidden" name="form" value="([^"]+)"', page.text
        )
        assert numbers is not None
        return client.post(
            "/settings/sign-in", data={"_csrf": numbers[1], "form": numbers[2], **typed, **more}
        )

    page = send()
    assert page.status_code == 422
    assert "This cannot be read: no roles" in page.text
    assert "a secret of the company" not in page.text
    kept = re.search(r'name="sealed_secret" value="([^"]+)"', page.text)
    assert kept is not None
    good = {"role_map": "Buying = buyer\nIT = account_admin", "client_secret": "", "makes_people": "on"}
    assert send(**good, sealed_secret="made up").status_code == 303
    assert house.ask("select client_secret from identity_provider where account = 'NORDWIND'") == before
    assert send(**good, sealed_secret=kept[1]).status_code == 303
    after = house.ask("select client_secret from identity_provider where account = 'NORDWIND'")
    assert after != before
    assert sealed.unseal(after, house.portal.settings.secret_key) == SECRET
    assert house.ask("select active from identity_provider where account = 'NORDWIND'"), "it goes on"


def test_lies_let_nobody_in(house: House) -> None:
    """What a token may say wrong stands in test_identity; here that it ends at the door."""
    veltro = house.veltro
    for claims, query, status in (
        ({"nonce": "another"}, {}, 502),
        ({}, {"iss": house.nordwind.issuer}, 403),
        ({}, {"error": "access_denied"}, 403),
        ({"email": "rita@veltro.example", "email_verified": True, "sub": "rita"}, {}, 303),
    ):
        client = house.guest()
        veltro.claims = claims
        answer = client.get(house.lied(client, **query))
        assert answer.status_code == status, answer.text
        assert (name(client) == "Rita") is (status == 303)
    veltro.claims = {}


def test_a_provider_that_is_away_is_said_here_and_there(house: House) -> None:
    house.veltro.answers["/token"] = lambda: Answer(b"", 500)
    try:
        client = house.guest()
        answer = client.get(house.lied(client))
        assert answer.status_code == 502
        assert "does not work right now" in answer.text
    finally:
        house.veltro.answers.clear()
    assert 'portal_company_sign_in_failing{account="VELTRO"} 1.0' in house.guest().get("/metrics").text
    assert "does not answer" in house.ask("select problem from identity_provider where account = 'VELTRO'")
    for email, path in (
        ("rita@veltro.example", "/settings/sign-in"),
        ("ruth@harrow.example", "/accounts/VELTRO"),
    ):
        client = house.guest()
        form = {"_csrf": token(client, "/sign-in"), "email": email, "password": PASSWORD}
        assert client.post("/sign-in", data=form).status_code == 303
        assert "Nobody gets through since" in client.get(path).text


def test_a_logout_is_believed_once_and_of_the_provider_only(house: House) -> None:
    client, path = house.guest(), f"{HERE}/backchannel/VELTRO"
    house.veltro.claims = {"email": "rita@veltro.example", "sub": "rita"}
    assert client.get(house.lied(client)).status_code == 303
    house.veltro.claims = {}
    told = house.veltro.logout_token(sub="rita")
    machine = house.guest()
    for form in (
        {},
        {"logout_token": "no token"},
        {"logout_token": house.veltro.logout_token(sub="rita", aud="other")},
    ):
        answer = machine.post(path, data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert machine.post(f"{HERE}/backchannel/NORDWIND", data={"logout_token": told}).status_code == 400
    assert name(client) == "Rita"
    assert machine.post(path, data={"logout_token": told}).status_code == 200
    assert name(client).startswith("/sign-in")
    assert machine.post(path, data={"logout_token": told}).status_code == 400, "told before"


def test_nobody_keeps_beginning(house: House) -> None:
    client = house.guest()
    with redis.from_url(house.portal.valkey_url) as valkey:  # type: ignore[no-untyped-call]
        valkey.set("company:begun:127.0.0.1", MOST_BEGUN - 1, ex=GOOD_FOR)
    assert [client.get(f"{HERE}/VELTRO").status_code for _ in range(2)] == [303, 429]
