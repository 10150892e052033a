"""Who decides for whom: arranged and ended on a page, by oneself or by an admin."""

import re
from datetime import date, timedelta
from html import unescape

import httpx
import pytest

from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import World

PATH = "/settings/delegation"
INES, KLAUS, TOM, PETRA = (f"{name}@nordwind.example" for name in ("ines", "klaus", "tom", "petra"))
PEOPLE = {INES: "account_admin", KLAUS: "approver", TOM: "finance", PETRA: "buyer"}
# The portal of these tests begins on this day.
TODAY = date(2026, 11, 18)


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.account("NORDWIND")
    for email, role in PEOPLE.items():
        body = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/NORDWIND/users/{email}", body)
    return world


def words(answer: httpx.Response) -> str:
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def arrange(guest: Guest, **typed: str) -> httpx.Response:
    """Fill the form in, and follow where it leads."""
    page = guest.client.get(PATH)
    usual = {
        "account": "NORDWIND",
        "to": TOM,
        "from_on": TODAY.isoformat(),
        "to_on": (TODAY + timedelta(days=7)).isoformat(),
    }
    form = {name: hidden(page, name) for name in ("_csrf", "form")}
    answer = guest.client.post(PATH, data=form | usual | typed)
    return guest.client.get(answer.headers["location"]) if answer.status_code == 303 else answer


def end_all(guest: Guest) -> None:
    page = guest.client.get(PATH)
    for path in re.findall(rf'action="({PATH}/\d+/end)"', page.text):
        form = {
            "_csrf": hidden(page, "_csrf"),
            "form": hidden(page, "form") + path[-8:-4],
            "account": "NORDWIND",
        }
        assert guest.client.post(path, data=form).status_code == 303


@pytest.fixture
def klaus(world: World) -> Guest:
    end_all(cast.at_home(world.portal, INES))
    return cast.at_home(world.portal, KLAUS)


def test_one_delegates_and_both_sides_see_it(klaus: Guest, world: World) -> None:
    said = words(arrange(klaus, cap="80,000", note="Fair in Hannover."))

    assert "The delegation is arranged" in said
    assert "Tom may decide for you now." in said
    assert "Wed 18 Nov to Wed 25 Nov, orders up to £80,000.00" in said
    assert "For Klaus" in words(cast.at_home(world.portal, TOM).client.get(PATH))
    assert "Tom may decide for you now." in words(klaus.client.get("/settings"))
    listed = world.get("accounts/NORDWIND/delegations")
    assert [(one["from"], one["to"]) for one in listed["items"]][-1] == (KLAUS, TOM)


def test_it_ends_when_it_is_ended(klaus: Guest) -> None:
    arrange(klaus)
    end_all(klaus)
    said = words(klaus.client.get(PATH))
    assert "What you are asked to approve, you decide yourself." in said
    assert "ended" in said


def test_what_comes_is_not_in_force_yet(klaus: Guest) -> None:
    first = TODAY + timedelta(days=5)
    said = words(arrange(klaus, from_on=first.isoformat(), to_on=first.isoformat()))
    assert "begins in 5 days" in said
    assert "you decide yourself" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": ""}, "Choose who decides."),
        ({"to": KLAUS}, "That is the same person."),
        ({"to_on": ""}, "Until which day?"),
        ({"from_on": "soon"}, "From which day?"),
        ({"to_on": "2026-11-17", "from_on": "2026-11-16"}, "This day is over."),
        ({"from_on": "2026-11-30"}, "It ends before it begins."),
        ({"cap": "much"}, "Write an amount in digits"),
        ({"to_on": "2029-01-01"}, "more than 366 days"),
        ({"to": PETRA}, "needs the role"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said_and_nothing_is_arranged(
    klaus: Guest, world: World, typed: dict[str, str], said: str
) -> None:
    before = world.get("accounts/NORDWIND/delegations")
    answer = arrange(klaus, **({"note": "KEPT"} | typed))
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="KEPT"' in answer.text
    assert world.get("accounts/NORDWIND/delegations") == before


def test_an_admin_arranges_it_for_somebody_who_is_away_already(klaus: Guest, world: World) -> None:
    ines = cast.at_home(world.portal, INES)
    assert "Tom for Klaus" in words(arrange(ines, whose=KLAUS))
    assert "Tom may decide for you now." in words(klaus.client.get(PATH))


def test_others_arrange_it_for_nobody_else(klaus: Guest, world: World) -> None:
    tom = cast.at_home(world.portal, TOM)
    assert arrange(tom, whose=KLAUS, to=INES).status_code == 403


def test_who_decides_on_nothing_has_nothing_to_delegate(klaus: Guest, world: World) -> None:
    said = words(cast.at_home(world.portal, PETRA).client.get(PATH))
    assert "there is nothing to hand over" in said
    assert "Let somebody decide" not in said


def test_somebody_elses_delegation_is_not_ended_by_a_guess(klaus: Guest, world: World) -> None:
    arrange(klaus)
    page = klaus.client.get(PATH)
    path = re.findall(rf"{PATH}/\d+/end", page.text)[0]
    world.account("VELTRO")
    body = {"name": "Rita", "roles": ["account_admin"], "password": cast.PASSWORD}
    world.put(f"accounts/VELTRO/users/{cast.RITA}", body)
    rita = cast.at_home(world.portal, cast.RITA)
    theirs = rita.client.get(PATH)
    form = {"_csrf": hidden(theirs, "_csrf"), "form": "x1", "account": "VELTRO"}
    assert rita.client.post(path, data=form).status_code == 404
    assert rita.client.post(f"{PATH}/nine/end", data=form | {"form": "x2"}).status_code == 404
