"""Signing in and out, and what a session is worth."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from portal.adapters.throttle import FAILURES_PER_PAIR
from portal.routes.showing import AT_ONCE
from tests.routes import cast
from tests.routes.conftest import House


def test_the_right_password_leads_where_one_wanted_to_go(house: House) -> None:
    answer = cast.guest(house.portal).sign_in(cast.PETRA, following=f"{house.path}?view=line")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{house.path}?view=line"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil", "orders", ""]
)
def test_it_never_leads_to_another_site(house: House, elsewhere: str) -> None:
    answer = cast.guest(house.portal).sign_in(cast.PETRA, following=elsewhere)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("email", "password"), [(cast.PETRA, "wrong"), ("nobody@nowhere.example", "wrong"), ("", "")]
)
def test_what_does_not_fit_is_refused_alike(house: House, email: str, password: str) -> None:
    answer = cast.guest(house.portal).sign_in(email, password)
    assert answer.status_code == 422
    assert "E-mail and password do not fit together" in answer.text
    assert f'value="{email}"' in answer.text
    assert "set-cookie" not in answer.headers or "session=" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("token", ["\u00e9", "\u00e9.1", "\U0001d7d8" * 40, ".", ""])
def test_a_form_with_a_made_up_token_is_refused_whatever_its_letters(house: House, token: str) -> None:
    somebody = cast.guest(house.portal)
    somebody.token()
    answer = somebody.client.post("/sign-in", data={"_csrf": token, "email": cast.PETRA, "password": "y"})
    assert answer.status_code == 403
    answer = somebody.client.post("/sign-in", headers=[(b"x-csrftoken", token.encode())])
    assert answer.status_code == 403


def test_an_id_from_outside_is_never_taken_over(house: House) -> None:
    """Session fixation: somebody plants a cookie, the victim signs in, the planter has nothing."""
    victim = cast.guest(house.portal)
    victim.client.cookies.set("session", "planted-by-somebody-else")
    assert victim.sign_in(cast.PETRA).status_code == 303
    planter = cast.guest(house.portal)
    planter.client.cookies.set("session", "planted-by-somebody-else")
    assert planter.client.get("/orders").status_code == 303


def test_signing_in_again_gives_another_id_and_ends_the_first(house: House) -> None:
    petra = cast.signed_in(house.portal, cast.PETRA)
    first = petra.client.cookies["session"]
    form = {"_csrf": petra.token("/orders"), "email": cast.PETRA, "password": cast.PASSWORD}
    assert petra.client.post("/sign-in", data=form).status_code == 303
    assert petra.client.cookies["session"] != first
    assert alone(house, first).status_code == 303


def test_reading_pages_sets_no_cookie_and_writes_no_session(house: House) -> None:
    petra = cast.signed_in(house.portal, cast.PETRA)
    assert "set-cookie" not in petra.client.get("/orders").headers
    assert "set-cookie" not in petra.client.get(house.path).headers


def test_signing_out_ends_the_session_for_good(house: House) -> None:
    petra = cast.signed_in(house.portal, cast.PETRA)
    cookie = petra.client.cookies["session"]
    assert petra.post("/sign-out").status_code == 303
    assert alone(house, cookie).status_code == 303


def alone(house: House, cookie: str) -> httpx.Response:
    other = cast.guest(house.portal)
    other.client.cookies.set("session", cookie)
    return other.client.get("/orders")


def test_whoever_loses_a_role_is_signed_out_at_once(house: House) -> None:
    email = "sven@nordwind.example"
    person = {"name": "Sven", "roles": ["buyer"], "password": cast.PASSWORD}
    house.world.put(f"accounts/NORDWIND/users/{email}", person)
    sven = cast.signed_in(house.portal, email)
    assert sven.client.get(house.path).status_code == 200
    house.world.put(f"accounts/NORDWIND/users/{email}", person | {"roles": ["finance"]})
    assert sven.client.get(house.path).status_code == 303
    assert sven.client.get("/sign-in").status_code == 200, "no circle of redirects"


def test_many_wrong_passwords_from_one_place_are_refused_but_the_owner_gets_in(house: House) -> None:
    """The owner's browser has signed in before: strangers cannot stand in its way."""
    email = "tara@nordwind.example"
    person = {"name": "Tara", "roles": ["buyer"], "password": cast.PASSWORD}
    house.world.put(f"accounts/NORDWIND/users/{email}", person)
    tara = cast.signed_in(house.portal, email)
    tara.post("/sign-out")
    thief = cast.guest(house.portal)
    answers = [thief.sign_in(email, f"guess {n}") for n in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [422] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert thief.sign_in(email).status_code == 429, "not even with the right one"
    assert tara.sign_in(email).status_code == 303


def test_of_many_wrong_passwords_at_once_few_are_looked_at(house: House) -> None:
    email = "nobody.at.once@nordwind.example"
    thief = cast.guest(house.portal)
    token = thief.token()

    def guess(n: int) -> int:
        form = {"_csrf": token, "email": email, "password": f"guess {n}"}
        return thief.client.post("/sign-in", data=form).status_code

    with ThreadPoolExecutor(24) as crowd:
        answers = list(crowd.map(guess, range(24)))
    assert set(answers) == {422, 429}
    # Those of each of two processes that were being looked at when the tenth failed.
    assert FAILURES_PER_PAIR <= answers.count(422) <= FAILURES_PER_PAIR + 2 * AT_ONCE


def test_a_theme_is_remembered_without_script(house: House) -> None:
    petra = cast.signed_in(house.portal, cast.PETRA)
    answer = petra.post("/theme", theme="dark", next=house.path)
    assert answer.headers["location"] == house.path
    assert 'data-theme="dark"' in petra.client.get(house.path).text
    assert petra.post("/theme", theme="<script>").status_code == 303
    assert "data-theme" not in petra.client.get(house.path).text


def test_a_stranger_is_spoken_to_in_the_browsers_language(house: House) -> None:
    answer = cast.guest(house.portal).client.get(
        "/sign-in", headers={"accept-language": "de-CH,de;q=0.9,en;q=0.5"}
    )
    assert ">Anmelden<" in answer.text
    assert '<html lang="de-DE"' in answer.text


def test_a_form_that_is_too_large_is_refused(house: House) -> None:
    somebody = cast.guest(house.portal)
    form = {"_csrf": somebody.token(), "email": "x" * 200_000, "password": "y"}
    assert somebody.client.post("/sign-in", data=form).status_code == 413
