"""Every door of the portal, tried by an account manager who looks as a buyer: what they may do is what the buyer may
and the account allows, both at once, and nothing of it is a decision, a secret or an address."""

from collections.abc import Iterator

import pytest
from litestar.routes import HTTPRoute

from portal.app import create_app
from portal.domain.access import ACTS, BUYER_ROLES, IMPERSONATION
from portal.settings import Settings
from tests.impersonation.looking import allow, looking, one
from tests.routes import cast
from tests.routes.cast import Guest
from tests.routes.conftest import House
from tests.routes.test_access import DOORS, Door, knock, name

# Nobody's pages: signing in, the colours, a key from a mail, the demo's player, and one's own way out. They show and do
# nothing in the buyer's name.
NOBODYS = (
    "/sign-in",
    "/sign-out",
    "/theme",
    "/brand.css",
    "/approvals/by-mail/",
    "/demo",
    "/impersonation",
    "/unsubscribe/",
    "/calendar/",
    "/enter/",
)
# Somebody's own, whatever permissions they hold.
OWN = (
    "/settings/access-log",
    "/settings/notifications",
    "/settings/calendar",
    "/settings/sessions",
    "/settings/security",
    "/prove",
    "/settings/webhooks",
    "/settings/tokens",
)
# What must be refused to whoever looks, at every level: said again here, so that a page that asks for less is noticed.
NEVER = {
    "POST /approvals/decisions",
    "POST /approvals/{number}/decisions",
    "POST /approvals/{number}/answers",
    "POST /approvals/{number}/withdrawal",
    "POST /orders/{number}/offers/{offer_id}/acceptance",
    "POST /orders/{number}/offers/{offer_id}/refusal",
    "GET /settings/delivery",
    "POST /settings/delivery",
    "POST /settings/approvals",
    "POST /settings/delegation",
    "POST /settings/delegation/{delegation_id}/end",
    "POST /settings/access-log",
    "POST /orders/{number}/visit",
    "POST /today/visit",
    "POST /accounts/{number}/impersonate",
    "GET /audit",
    "GET /desk",
    "GET /finance",
    "GET /insight",
}
WALKED = [door for door in DOORS if door.path == "/" or not door.path.startswith(NOBODYS)]


INES = "ines@nordwind.example"
# What the account allows, and who is looked at: whoever administers the account holds most.
LEVELS = {
    "read": (cast.PETRA, "buyer"),
    "order": (cast.PETRA, "buyer"),
    "order, all": (INES, "account_admin"),
}


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest, house: House) -> Iterator[str]:
    who = {"name": "Ines Albers", "roles": ["account_admin"]}
    house.world.put(f"accounts/NORDWIND/users/{INES}", who)
    # What one of the accounts that are shown forbids is not done in any.
    for account in (cast.COMPANY, cast.SITE):
        allow(house.portal, request.param.partition(",")[0], account)
    yield request.param
    for account in (cast.COMPANY, cast.SITE):
        allow(house.portal, "read", account)


@pytest.fixture(scope="module")
def jo(house: House, level: str) -> Guest:
    return looking(house.portal, whom=LEVELS[level][0])


def expected(door: Door, level: str) -> int:
    """What the intersection makes of a door."""
    may = BUYER_ROLES[LEVELS[level][1]] & IMPERSONATION[level.partition(",")[0]]
    if door.path == "/":
        return 303
    if door.path.startswith(OWN) or (door.needs and door.needs not in may):
        return 403
    return 403 if door.method == "POST" and door.needs not in ACTS else door.rightly


@pytest.mark.parametrize("door", WALKED, ids=name)
def test_a_door_is_open_as_far_as_both_allow_it(house: House, jo: Guest, level: str, door: Door) -> None:
    wanted = expected(door, level)
    assert wanted == 403 or name(door) not in NEVER
    more = {"data": {"_csrf": jo.token("/orders"), "version": "1"}} if door.method == "POST" else {}
    if door.path.endswith("/live"):
        # A stream belongs to the impersonation under which its page was drawn.
        more = {"params": {"as": one(house.portal, "select max(id) from impersonation")}}
    answer = knock(house, door, jo.client, **more)
    assert answer.status_code == wanted
    if answer.headers["content-type"].startswith("text/html") and 'id="main"' in answer.text:
        assert 'id="ribbon"' in answer.text, "no ribbon"
        assert 'action="/impersonation/end"' in answer.text
    if wanted == 403:
        assert "This stays with them" in answer.text


def test_nothing_was_done_in_the_buyers_name_and_all_of_it_is_written_down(
    house: House, jo: Guest, level: str
) -> None:
    """After the walk above: every door but the live stream and the papers stands in the log with what it answered."""
    portal = house.portal
    who = (cast.PETRA, f"{cast.AMARA} as {cast.PETRA}")
    assert one(portal, "select count(*) from event where actor = any($1)", list(who)) == one(
        portal, "select count(*) from event where actor = $1", cast.PETRA
    ), "something was told as done by both"
    for table in ("order_visit", "today_visit"):
        query = f"select count(*) from {table} v join person p on p.id = v.person_id where p.email = $1"
        assert one(portal, query, cast.PETRA) == 0, f"{table} says that she has read it"
    views = "select count(*) from impersonation_view where path = $1 and method = $2 and status = $3"
    assert one(portal, views, "/desk", "GET", 403)
    assert one(portal, views, "/settings/delivery", "POST", 403)
    assert one(portal, views, "/invoices", "GET", 200)
    assert one(portal, "select count(*) from impersonation_view where status is null") == 0
    assert one(portal, "select count(*) from impersonation_view where path like '%?%'") == 0


def test_the_api_does_not_know_the_session(house: House, settings: Settings) -> None:
    """A token is who it is; a browser that looks as somebody is nobody there."""
    jo = looking(house.portal)
    public = {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/healthz", "/api/v1/readyz", "/api/v1/metrics"}
    answered = set()
    for route in create_app(settings).routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/v1/"):
            continue
        path = route.path_format
        for part in ("{number}", "{account}", "{sku}"):
            path = path.replace(part, "1")
        for method in route.methods - {"OPTIONS", "HEAD"}:
            if jo.client.request(method, path, json={}).status_code != 401:
                answered.add(path)
    assert answered <= public
    assert house.world.get(f"orders/{house.order['number']}")["number"] == house.order["number"]
