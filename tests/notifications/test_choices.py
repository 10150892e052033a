"""Each person chooses what they hear of, how and when; what they leave alone follows their roles."""

import re

import pytest

from portal import stop_links
from portal.domain.notifying import KINDS
from tests.notifications.conftest import PATH, House
from tests.routes import cast

CHOICES = "select kind, how, whose from notification_choice c join person p on p.id = c.person_id where p.email = $1"


@pytest.fixture(autouse=True)
def _as_at_first(house: House) -> None:
    house.rows("delete from notification_choice")


def chosen(house: House, email: str = cast.PETRA) -> dict[str, tuple[str, str]]:
    return {row["kind"]: (row["how"], row["whose"]) for row in house.rows(CHOICES, email)}


def ticked(text: str) -> dict[str, str]:
    return dict(re.findall(r'name="how-(\w+)" value="(\w+)" checked', text))


def as_shown(text: str) -> dict[str, str]:
    """The form as the page shows it, to be sent as it is."""
    form = {f"how-{kind}": how for kind, how in ticked(text).items()}
    for kind, options in re.findall(r'<select class="in" name="whose-(\w+)".*?>(.*?)</select>', text):
        [whose] = re.findall(r'value="(\w+)" selected', options)
        form[f"whose-{kind}"] = whose
    return form


def test_a_buyer_hears_at_once_of_what_moves_and_daily_of_the_rest(house: House) -> None:
    shown = ticked(house.page())

    assert set(shown) == set(KINDS)
    assert shown["promise_moved"] == "at_once"
    assert shown["allocated"] == "digest"
    assert "12 kinds of news come at once; 8 come daily at 07:00." in house.page()


def test_what_is_kept_as_it_was_shown_goes_on_following_the_roles(house: House) -> None:
    house.send(**as_shown(house.page()))

    assert chosen(house) == {}


def test_only_what_differs_is_kept_and_is_shown_again(house: House) -> None:
    form = as_shown(house.page()) | {
        "how-delivered": "never",
        "how-promise_moved": "at_once",
        "whose-promise_moved": "account",
    }

    text = house.send(**form)

    assert chosen(house) == {"delivered": ("never", "own"), "promise_moved": ("at_once", "account")}
    assert ticked(text)["delivered"] == "never"
    assert "It is kept" in text
    assert as_shown(house.page()) == form
    house.send(**form | {"how-delivered": "at_once"})
    assert chosen(house) == {"promise_moved": ("at_once", "account")}
    house.send(do="usual")
    assert chosen(house) == {}


def test_nonsense_changes_nothing(house: House) -> None:
    house.send(**{"how-delivered": "hourly", "whose-delivered": "everybody", "how-nothing": "never"})

    assert chosen(house) == {}


def test_who_places_no_orders_is_offered_those_of_the_account(house: House) -> None:
    shown = as_shown(house.page(cast.ROBIN))

    assert {shown[f"how-{kind}"] for kind in ("shipped", "invoice_issued")} == {"never"}
    assert shown["whose-shipped"] == "account"
    assert "how-approval_needed" not in shown
    assert "You hear of nothing by mail." in house.page(cast.ROBIN)


def test_a_morning_a_place_and_a_language(house: House) -> None:
    try:
        text = house.send(f"{PATH}/reading", locale="de", hour="6", time_zone="America/Lima")
        person = house.person()
        assert (person["locale"], person["digest_hour"], person["time_zone"]) == ("de", 6, "America/Lima")
        assert 'lang="de' in text
    finally:
        house.send(f"{PATH}/reading", locale="en", hour="7", time_zone="")
    assert house.person()["time_zone"] is None


@pytest.mark.parametrize(
    "said",
    [
        {"hour": "24", "locale": "en"},
        {"hour": "x", "locale": "en"},
        {"hour": "7", "locale": "tlh"},
        {"hour": "7", "locale": "en", "time_zone": "Mars/Olympus"},
        {"hour": "7", "locale": "en", "time_zone": "../../etc/passwd"},
    ],
)
def test_a_morning_that_does_not_exist_is_refused(house: House, said: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match="That was not done"):
        house.send(f"{PATH}/reading", **said)


def test_a_test_mail_is_one_however_often_the_form_is_sent(house: House) -> None:
    guest = house.guest()
    text = guest.client.get(PATH).text
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', text)[0] for name in ("_csrf", "form")}
    for _ in range(2):
        answer = guest.client.post(f"{PATH}/test", data=form, follow_redirects=True)
        assert "is on its way to petra@nordwind.example" in answer.text

    assert len(house.rows("select * from mail where kind = 'test' and state = 'waiting'")) == 1


def test_the_suppliers_people_choose_how_they_read(house: House) -> None:
    text = house.page(cast.DEV)

    assert ticked(text) == {}
    assert 'name="locale"' in text
    house.send(f"{PATH}/reading", cast.DEV, locale="en", hour="5", time_zone="")
    assert house.person(cast.DEV)["digest_hour"] == 5


def link(house: House, *kinds: str, email: str = cast.PETRA) -> str:
    return stop_links.path(house.world.portal.settings.secret_key, house.person(email)["id"], kinds)


def test_one_click_stops_a_kind_without_a_session_a_form_or_a_cookie(house: House) -> None:
    stranger = cast.guest(house.world.portal).client

    for _ in range(2):
        answer = stranger.post(link(house, "shipped"), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    assert chosen(house) == {"shipped": ("never", "own")}
    assert ticked(house.page())["shipped"] == "never"


def test_it_comes_from_another_site_as_well(house: House) -> None:
    stranger = cast.guest(house.world.portal).client
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}

    stranger.post(link(house, "shipped"), data={"List-Unsubscribe": "One-Click"}, headers=headers)

    assert chosen(house) == {"shipped": ("never", "own")}


def test_looking_at_the_link_stops_nothing_and_says_what_stays(house: House) -> None:
    stranger = cast.guest(house.world.portal).client
    text = stranger.get(link(house, "shipped", "delivered")).text

    assert chosen(house) == {}
    stops, stays = text.split("What stays on")
    assert ">Shipped<" in stops
    assert ">Delivered<" in stops
    assert ">Date moved<" in stays
    assert ">Shipped<" not in stays
    done = stranger.post(link(house, "shipped", "delivered")).text
    assert "You get no more of these mails" in done
    assert set(chosen(house)) == {"shipped", "delivered"}


def test_a_kind_of_the_whole_account_stops_as_such(house: House) -> None:
    house.send(**{"how-promise_moved": "digest", "whose-promise_moved": "account"})

    cast.guest(house.world.portal).client.post(link(house, "promise_moved"))

    assert chosen(house) == {"promise_moved": ("never", "account")}


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[:-1], lambda raw: raw + "x", lambda _: "x", lambda raw: raw[::-1]]
)
def test_a_link_that_nobody_signed_stops_nothing(house: House, spoil: object) -> None:
    assert callable(spoil)
    token = spoil(link(house, "shipped").rpartition("/")[2])
    stranger = cast.guest(house.world.portal).client

    assert stranger.post(f"/unsubscribe/{token}").status_code == 404
    assert stranger.get(f"/unsubscribe/{token}").status_code == 404
    assert chosen(house) == {}
