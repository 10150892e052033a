"""A procurement officer edits the policy without script: parts are added and removed, tried out, and saved once."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World

PATH = "/settings/approvals"
INES, KLAUS, TOM, PETRA, OLGA, LEO = (
    f"{name}@nordwind.example" for name in ("ines", "klaus", "tom", "petra", "olga", "leo")
)
PEOPLE = {
    INES: ("GROUP", "account_admin", None),
    OLGA: ("NORDWIND", "account_admin", None),
    KLAUS: ("NORDWIND", "approver", "25000"),
    TOM: ("NORDWIND", "finance", None),
    PETRA: ("NORDWIND", "buyer", None),
    LEO: ("NORDWIND", "buyer", "500"),
}


class Fields(HTMLParser):
    """What a browser would send of the policy's form, without a button."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._inside = False
        self._select: str | None = None
        self._chosen: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._inside = given.get("id") in ("policy", "trial")
        if not self._inside and given.get("form") not in ("policy", "trial") and tag != "option":
            return
        if tag == "select":
            self._select, self._chosen = given["name"], None
        if tag == "option" and self._select and (self._chosen is None or "selected" in given):
            self._chosen = given.get("value") or ""
        is_off = given.get("type") in ("checkbox", "radio") and "checked" not in given
        if tag == "input" and given.get("name") and not is_off:
            self.found.append((str(given["name"]), given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select" and self._select:
            self.found.append((self._select, self._chosen or ""))
            self._select = None


@dataclass
class Editor:
    """Somebody at the page, with what stands in its form."""

    guest: Guest
    account: str = "NORDWIND"
    page: httpx.Response = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.guest.client.get(PATH, params={"account": self.account})
        assert self.page.status_code == 200, self.page.text

    def press(self, do: str, **typed: str | list[str]) -> httpx.Response:
        """Type into the form, and press a button; a redirect is followed. Names are written with _ for -."""
        fields = Fields()
        fields.feed(self.page.text)
        wanted = {re.sub(r"^(r\d+(s\d+)?|try)_", r"\1-", name): value for name, value in typed.items()}
        said: dict[str, list[str]] = {}
        for name, value in fields.found:
            if name not in wanted:
                said.setdefault(name, []).append(value)
        for name, value in wanted.items():
            said[name] = [value] if isinstance(value, str) else value
        answer = self.guest.client.post(PATH, data=said | {"do": [do]})
        if answer.status_code == 303:
            answer = self.guest.client.get(answer.headers["location"])
        self.page = answer
        return answer

    @property
    def words(self) -> str:
        main = self.page.text.partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.shop({"BOLT": 1000})
    world.product("PUMP", category="Pumps")
    world.account("GROUP")
    world.account("NORDWIND", parent="GROUP")
    for email, (account, role, limit) in PEOPLE.items():
        body: Json = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        if limit:
            body["limit_per_order"] = {"amount": limit, "currency": "GBP"}
        world.put(f"accounts/{account}/users/{email}", body)
    rule = {
        "name": "Group",
        "when": {"total_above": {"amount": "50000", "currency": "GBP"}},
        "steps": [{"approvers": [INES], "need": "all"}],
    }
    world.put("accounts/GROUP/approval-policy", {"rules": [rule]})
    return world


@pytest.fixture
def olga(world: World) -> Editor:
    """At an account whose policy has one rule."""
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "1000", "currency": "GBP"}},
        "steps": [{"approvers": "approver", "need": "any"}],
    }
    world.put("accounts/NORDWIND/approval-policy", {"rules": [rule], "expires_after_hours": 40})
    return Editor(cast.at_home(world.portal, OLGA))


def policy(world: World) -> Json:
    return world.get("accounts/NORDWIND/approval-policy")


def test_the_policy_stands_there_in_plain_words(olga: Editor) -> None:
    assert "Large orders When it comes to more than £1,000.00: Klaus (approvers)" in olga.words
    assert "From Group, above" in olga.words
    assert "When it comes to more than £50,000.00: Ines" in olga.words
    assert "£25,000.00 an order" in olga.words
    assert "rejected by itself after 40 working hours" in olga.words


def test_a_rule_is_added_and_saved(olga: Editor, world: World) -> None:
    olga.press("add-rule")
    assert "not saved yet" in olga.words
    assert len(policy(world)["rules"]) == 1
    olga.press("add-step:1", r1_name="Pumps", r1_category=["Pumps"], r1s0_who="finance", r1s0_need="all")
    olga.press("save", r1s1_who="people", r1s1_people=[INES, KLAUS], r1s1_need="some", r1s1_count="2")

    assert "The policy is saved" in olga.words, olga.words
    assert policy(world)["rules"][1] == {
        "name": "Pumps",
        "when": {"category": "Pumps"},
        "steps": [
            {"approvers": "finance", "need": "all"},
            {"approvers": sorted([KLAUS, INES], key=[INES, KLAUS].index), "need": 2},
        ],
    }


def test_every_condition_is_kept(olga: Editor, world: World) -> None:
    olga.press(
        "save",
        r0_total="2,500.50",
        r0_period_total="100000",
        r0_period="quarter",
        r0_deviation="5",
        r0_cost_centre="INVEST, R&D",
        r0_ship_to=["LEEDS"],
        r0_first="1",
    )
    when = policy(world)["rules"][0]["when"]
    assert when["total_above"] == {"amount": "2500.50", "currency": "GBP"}
    assert when["period_total_above"] == {"amount": "100000.00", "currency": "GBP", "period": "quarter"}
    assert when["price_deviation_above"] == "5"
    assert when["cost_centre"] == ["INVEST", "R&D"]
    assert when["ship_to"] == "LEEDS"
    assert when["first_order_of_product"] is True
    olga.press("save")
    assert policy(world)["rules"][0]["when"] == when, "saved again, it says the same"


def test_steps_and_rules_are_removed(olga: Editor, world: World) -> None:
    olga.press("add-step:0")
    olga.press("drop-step:0:0", r0s0_who="approver", r0s1_who="finance")
    olga.press("save")
    assert policy(world)["rules"][0]["steps"] == [{"approvers": "finance", "need": "any"}]
    olga.press("drop-rule:0")
    olga.press("save")
    assert policy(world)["rules"] == []
    assert "This account has no rules of its own; those above hold." in olga.words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"r0_name": ""}, "Give the rule a name"),
        ({"r0_total": "a lot"}, "Write an amount in digits"),
        ({"r0_deviation": "-5"}, "Write an amount in digits"),
        ({"r0s0_who": "people"}, "Tick at least one person."),
        ({"r0s0_people": [KLAUS]}, "People are ticked below"),
        ({"r0s0_need": "some", "r0s0_count": "many"}, "How many of them?"),
        (
            {"r0s0_who": "people", "r0s0_people": [KLAUS], "r0s0_need": "some", "r0s0_count": "3"},
            "More than are",
        ),
        ({"r0s0_who": "people", "r0s0_people": ["nobody@example.org"]}, "is nobody of NORDWIND"),
        ({"expires": "0"}, "Write whole hours"),
        ({"time_zone": "Mars/Olympus"}, "There is no such time zone."),
        ({"holidays": "QQ"}, "Write a country as its two letters"),
        ({"begins": "18:00"}, "Write when work begins and ends"),
        ({"days": []}, "Tick at least one day."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    olga: Editor, world: World, typed: dict[str, str | list[str]], words: str
) -> None:
    before = policy(world)

    answer = olga.press("save", **({"r0_cost_centre": "KEPT"} | typed))

    assert answer.status_code == 422
    assert words in olga.words
    assert 'value="KEPT"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert policy(world) == before


def test_two_editors_the_second_is_told_and_keeps_what_was_typed(olga: Editor, world: World) -> None:
    other = Editor(cast.at_home(world.portal, INES))
    olga.press("save", r0_total="2000")

    answer = other.press("save", r0_total="3000")

    assert answer.status_code == 409
    assert "The policy was not saved" in other.words
    assert 'value="3,000"' in answer.text or 'value="3000"' in answer.text
    assert policy(world)["rules"][0]["when"]["total_above"]["amount"] == "2000.00"


def test_a_double_click_saves_once(olga: Editor, world: World) -> None:
    page = olga.page
    olga.press("save", r0_total="2000")
    version = re.search(r'name="version" value="(\d+)"', olga.page.text)
    olga.page = page

    assert olga.press("save", r0_total="2000").status_code == 200

    again = Editor(olga.guest)
    assert re.search(r'name="version" value="(\d+)"', again.page.text)[1] == version[1]  # type: ignore[index]


def test_the_enter_key_saves_nothing(olga: Editor, world: World) -> None:
    """A browser then presses the first button of the form."""
    first = re.search(r'<main.*?<button[^>]*name="do" value="([^"]+)"', olga.page.text, re.DOTALL)
    assert first is not None
    before = policy(world)
    olga.press(first[1], r0_total="9")
    assert policy(world) == before


def test_an_order_is_tried_against_what_is_typed_and_nothing_is_written(olga: Editor, world: World) -> None:
    before = (policy(world), world.get("accounts/NORDWIND/audit", limit="200"))

    olga.press("try", try_total="1500")
    assert "1 person is asked" in olga.words
    assert "Large orders: the total of £1,500.00 is above £1,000.00" in olga.words
    assert "What would avoid it" in olga.words
    olga.press("try", r0_total="2000")
    assert "Nobody is asked: it is placed at once." in olga.words
    olga.press("try", try_total="60000")
    assert "2 people are asked" in olga.words
    assert "Ines" in olga.words.partition("2 people are asked")[2]

    assert (policy(world), world.get("accounts/NORDWIND/audit", limit="200")) == before


def test_an_order_of_somebody_with_a_limit_needs_authority(olga: Editor) -> None:
    leo = re.search(r'<option value="(\d+)">Leo</option>', olga.page.text)
    assert leo is not None
    olga.press("try", try_total="800", try_requester=leo[1])
    assert "2 people are asked" in olga.words
    assert "the requester's own limit of £500.00" in olga.words


def test_an_order_that_nobody_could_agree_to_says_why(olga: Editor, world: World) -> None:
    klaus = re.search(r'<option value="(\d+)">Olga</option>', olga.page.text)
    assert klaus is not None
    olga.press("try", try_total="lots")
    assert "Write an amount in digits" in olga.words
    olga.press("try", try_total="")
    assert "How much does the order come to?" in olga.words


def test_a_category_that_is_tried_applies_its_rule(olga: Editor) -> None:
    olga.press("try", r0_total="", r0_category=["Pumps"], try_total="5", try_category="Pumps")
    assert "category Pumps" in olga.words
    olga.press("try", try_category="")
    assert "Nobody is asked" in olga.words


def test_whoever_may_not_write_it_reads_it_and_tries_orders(olga: Editor, world: World) -> None:
    petra = Editor(cast.at_home(world.portal, PETRA))
    assert "Large orders" in petra.words
    assert "Save the policy" not in petra.page.text
    petra.press("try", try_total="1500")
    assert "1 person is asked" in petra.words
    assert petra.press("save").status_code == 403


def test_a_policy_of_another_company_is_nobodys(world: World) -> None:
    world.account("VELTRO")
    answer = cast.at_home(world.portal, OLGA).client.get(PATH, params={"account": "VELTRO"})
    assert answer.status_code == 404
    above = cast.at_home(world.portal, OLGA).client.get(PATH, params={"account": "GROUP"})
    assert above.status_code == 404, "rules from above are read, not the account"


def test_the_settings_lead_there(world: World) -> None:
    for email, said in ((OLGA, "2 rules apply."), (PETRA, "Delivery")):
        answer = cast.at_home(world.portal, email).client.get("/settings")
        assert said in answer.text
        assert f'href="{PATH}"' in answer.text
