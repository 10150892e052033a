"""The same questions at every door: signed out, a stranger, a reader, the wrong method, a forged form, and rightly.

A page that is not in the walk fails: whoever adds one says here who may see it.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

import httpx
import pytest
import redis
from litestar.routes import HTTPRoute

from portal.app import create_app
from portal.settings import Settings
from tests.routes import cast
from tests.routes.cast import Guest
from tests.routes.conftest import House


@dataclass(frozen=True)
class Door:
    """`belongs`: to somebody's company, so that a stranger finds nothing there. `is_public`: nobody need sign in.

    `needs` is a permission that not everybody has: whoever lacks it is refused. `buyer`: what a buyer needs,
    where it is another. `rightly` answers an empty form, `otherwise` that of some. `is_key`: whoever knows the
    address may, without a form of ours.
    """

    method: str
    path: str
    rightly: int = 200
    belongs: bool = False
    is_public: bool = False
    needs: str = ""
    buyer: str = ""
    is_key: bool = False
    otherwise: dict[str, int] = field(default_factory=dict, hash=False)


# The supplier's people have no accounts of their own.
NO_ACCOUNT = dict.fromkeys((cast.AMARA, cast.ADA), 404)
# To whoever administers another company this one is not there, before it is asked what may be done to it.
NOT_THERE = {cast.RITA: 404}
# Who may change the policy is shown the form again.
ADMINS = dict.fromkeys((cast.INES, cast.HANNA, cast.RITA), 200)
DOORS = [
    Door("GET", "/", 303, is_public=True),
    Door("GET", "/sign-in", is_public=True),
    Door("POST", "/sign-in", 422, is_public=True),
    Door("POST", "/sign-out", 303, is_public=True),
    Door("GET", "/sign-in/passkey", is_public=True),
    Door("POST", "/sign-in/passkey", 422, is_public=True),
    # Nothing of a sign-in is under way: it begins anew.
    Door("GET", "/sign-in/second", 303, is_public=True),
    Door("POST", "/sign-in/second", 303, is_public=True),
    Door("GET", "/sign-in/enrol", 303, is_public=True),
    Door("POST", "/sign-in/enrol", 303, is_public=True),
    # No company here signs in by its own provider: with one it is asked in tests/company_sign_in.
    Door("GET", "/sign-in/company", is_public=True),
    Door("POST", "/sign-in/company", 422, is_public=True),
    Door("GET", "/sign-in/company/{account}", 404, is_public=True),
    Door("GET", "/sign-in/company/callback", 400, is_public=True),
    Door("POST", "/sign-in/company/backchannel/{account}", 400, is_public=True, is_key=True),
    Door("GET", "/settings/sign-in", needs="sign_in:write"),
    Door("POST", "/settings/sign-in", 422, needs="sign_in:write"),
    Door("POST", "/settings/sign-in/state", 422, needs="sign_in:write"),
    Door("POST", "/settings/sign-in/rules", 422, needs="sign_in:write"),
    Door("GET", "/settings/sign-in/try", 404, needs="sign_in:write"),
    Door("POST", "/accounts/{number}/sign-in/domains", 422, needs="sign_in:help"),
    Door("POST", "/accounts/{number}/sign-in/way-back", 422, needs="sign_in:help"),
    Door("GET", "/sign-in/forgotten", is_public=True),
    Door("POST", "/sign-in/forgotten", 422, is_public=True),
    # A key that nobody was sent opens nothing.
    Door("GET", "/enter/{secret}", 404, is_public=True),
    Door("POST", "/enter/{secret}", 404, is_public=True),
    Door("GET", "/brand.css", is_public=True),
    Door("POST", "/theme", 303, is_public=True),
    # The supplier's people are asked there whose page it shall be.
    Door("GET", "/today"),
    Door("POST", "/today/visit", 303),
    Door("GET", "/arrivals"),
    Door("GET", "/arrivals.csv"),
    Door("GET", "/orders"),
    Door("GET", "/orders/{number}", belongs=True),
    Door("GET", "/orders/{number}/timeline", belongs=True),
    Door("GET", "/orders/{number}/lines.csv", belongs=True),
    Door("GET", "/orders/{number}/live", belongs=True),
    Door("POST", "/orders/{number}/visit", 303, belongs=True),
    Door("GET", "/shipments/{number}/delivery-note.pdf", belongs=True),
    Door("GET", "/orders/{number}/confirmation.pdf", belongs=True),
    Door("GET", "/shipments/{number}/packing-list.pdf", belongs=True),
    # The offer was withdrawn: whoever answers it is told so.
    Door("GET", "/orders/{number}/offers/{offer_id}", belongs=True),
    Door("POST", "/orders/{number}/offers/{offer_id}/acceptance", 409, belongs=True, needs="offers:answer"),
    Door("POST", "/orders/{number}/offers/{offer_id}/refusal", 409, belongs=True, needs="offers:answer"),
    Door("POST", "/orders/{number}/offers/{offer_id}/withdrawal", 409, needs="offers:write"),
    # The demo's player; in production there is no such address. A stranger chooses there whom to sign in as.
    Door("GET", "/demo", is_public=True),
    Door("GET", "/demo/{story}", is_public=True),
    Door("POST", "/demo/{story}/plays", 303),
    Door("POST", "/demo/{story}/steps", 303),
    Door("POST", "/demo/real-time", 303),
    # Of the supplier's people only: `{number}` is the order, or the shipment where the path names shipments.
    Door("GET", "/orders/{number}/pick-list.pdf", needs="desk:read"),
    Door("GET", "/shipments/{number}/label.pdf", needs="desk:read"),
    Door("GET", "/desk", needs="desk:read"),
    Door("GET", "/desk/inbound", needs="desk:read"),
    Door("GET", "/desk/inbound/{kind}/{reference}", needs="desk:read"),
    Door("POST", "/desk/inbound/{kind}/{reference}/receipts", 422, needs="stock:write"),
    Door("GET", "/desk/stock", needs="desk:read"),
    Door("GET", "/desk/stock/{sku}", needs="desk:read"),
    Door("POST", "/desk/stock/{sku}/counts", 422, needs="stock:write"),
    Door("GET", "/desk/backorders", needs="desk:read"),
    Door("GET", "/desk/backorders.csv", needs="desk:read"),
    Door("GET", "/desk/queue/{sku}", needs="desk:read"),
    Door("GET", "/desk/orders/{number}/lines/{line_number}", needs="desk:read"),
    Door("POST", "/desk/orders/{number}/lines/{line_number}/priority", 422, needs="queue:write"),
    Door("POST", "/desk/orders/{number}/lines/{line_number}/reassignment", 422, needs="queue:write"),
    Door("POST", "/desk/orders/{number}/lines/{line_number}/source", 422, needs="queue:write"),
    Door("POST", "/desk/orders/{number}/lines/{line_number}/move", 422, needs="queue:write"),
    Door("GET", "/desk/holds", needs="desk:read"),
    Door("POST", "/desk/holds", 422, needs="holds:set"),
    Door("POST", "/desk/holds/releases", 422, needs="desk:read"),
    Door("GET", "/desk/shipments", needs="desk:read"),
    Door("GET", "/desk/ready", needs="desk:read"),
    Door("POST", "/desk/ready", 422, needs="shipments:write"),
    Door("GET", "/desk/orders/{number}", needs="desk:read"),
    # Without a button the page only comes back.
    Door("POST", "/desk/orders/{number}", needs="shipments:write"),
    Door("GET", "/desk/orders/{number}/lines/{line_number}/substitute", needs="offers:write"),
    Door("POST", "/desk/orders/{number}/lines/{line_number}/substitute", 422, needs="offers:write"),
    Door("GET", "/desk/shipments/{number}", needs="desk:read"),
    Door("POST", "/desk/shipments/{number}", 422, needs="shipments:write"),
    # Nobody has asked for anything in bulk yet.
    Door("GET", "/desk/runs/{number}", 404, needs="desk:read"),
    Door("GET", "/audit", needs="audit:read"),
    Door("GET", "/audit.csv", needs="audit:read"),
    Door("GET", "/audit.pdf", needs="audit:read"),
    Door("GET", "/audit/{account}/{sequence}", belongs=True, needs="audit:read"),
    Door("GET", "/invoices", needs="invoices:read"),
    Door("GET", "/invoices.csv", needs="invoices:read"),
    # The supplier's people are asked there whose it shall be.
    Door("GET", "/invoices/statement", needs="invoices:read"),
    Door("GET", "/invoices/statement.csv", needs="invoices:read"),
    Door("GET", "/invoices/statement.pdf", needs="invoices:read"),
    # `{number}` is the invoice, where the path names invoices.
    Door("GET", "/invoices/{number}", belongs=True, needs="invoices:read"),
    Door("GET", "/invoices/{number}/lines.csv", belongs=True, needs="invoices:read"),
    Door("GET", "/invoices/{number}/document.pdf", belongs=True, needs="invoices:read"),
    Door("GET", "/invoices/{number}/document.xml", belongs=True, needs="invoices:read"),
    Door("GET", "/invoices/{number}/document.ubl", belongs=True, needs="invoices:read"),
    Door("GET", "/invoices/bundles", needs="invoices:read"),
    Door("POST", "/invoices/bundles", 422, needs="invoices:read"),
    # Nobody there has asked for one; whose it is, is asked in tests/documents.
    Door("GET", "/invoices/bundles/{bundle_id}", 404, needs="invoices:read"),
    Door("GET", "/invoices/bundles/{bundle_id}/invoices.zip", 404, needs="invoices:read"),
    Door("GET", "/orders/{number}/reconciliation", belongs=True, needs="invoices:read"),
    Door("GET", "/orders/{number}/reconciliation.csv", belongs=True, needs="invoices:read"),
    Door("GET", "/finance", needs="finance:read"),
    Door("GET", "/finance/unbilled", needs="finance:read"),
    Door("GET", "/finance/holds", needs="finance:read"),
    # A form without its number is sent by nobody's page.
    Door("POST", "/finance/holds", 404, needs="holds:finance"),
    Door("POST", "/finance/bills", 422, needs="invoices:write"),
    Door("POST", "/finance/documents", 422, needs="invoices:write"),
    Door("GET", "/disputes"),
    # `{number}` is the dispute, where the path names disputes.
    Door("GET", "/disputes/{number}", belongs=True),
    Door("POST", "/disputes/{number}/messages", 422, belongs=True, needs="invoices:dispute"),
    Door("POST", "/disputes/{number}/withdrawal", 422, belongs=True, needs="invoices:dispute"),
    Door("POST", "/disputes/{number}/rejection", 422, needs="invoices:write"),
    Door("POST", "/disputes/{number}/credit", 422, needs="invoices:write"),
    Door("GET", "/invoices/{number}/dispute", belongs=True, needs="invoices:dispute"),
    Door("POST", "/invoices/{number}/dispute", 422, belongs=True, needs="invoices:dispute"),
    Door("GET", "/finance/invoices/{number}", needs="finance:read"),
    Door("GET", "/finance/invoices/{number}/{form}", needs="finance:read"),
    Door("POST", "/finance/invoices/{number}/payments", 422, needs="invoices:write"),
    Door("POST", "/finance/invoices/{number}/refunds", 422, needs="invoices:write"),
    Door("POST", "/finance/invoices/{number}/transfers", 422, needs="invoices:write"),
    Door("POST", "/finance/invoices/{number}/credit-notes", 422, needs="invoices:write"),
    # The supplier's people are asked there whose page it shall be.
    Door("GET", "/credit", needs="credit:read"),
    Door("GET", "/credit/ledger.csv", needs="credit:read"),
    Door("GET", "/new-order", needs="orders:place"),
    # A form without its number is sent by nobody's page.
    Door("POST", "/new-order/lines", 422, needs="orders:place"),
    Door("POST", "/new-order/cart", 422, needs="orders:place"),
    Door("POST", "/new-order/prices", 422, needs="orders:place"),
    Door("POST", "/new-order/emptying", 422, needs="orders:place"),
    Door("POST", "/new-order/undo", 422, needs="orders:place"),
    Door("POST", "/new-order/uploads", 422, needs="orders:place"),
    Door("GET", "/new-order/from/{number}", belongs=True, needs="orders:place"),
    Door("POST", "/new-order/from/{number}", 422, belongs=True, needs="orders:place"),
    Door("GET", "/lists", needs="orders:place"),
    Door("POST", "/lists", 422, needs="orders:place"),
    # Nobody has uploaded a file or kept a list yet.
    Door("GET", "/new-order/uploads/{upload_id}", 404, needs="orders:place"),
    Door("GET", "/lists/{list_id}", 404, needs="orders:place"),
    Door("POST", "/lists/{list_id}", 404, needs="orders:place"),
    Door("POST", "/lists/{list_id}/lines", 404, needs="orders:place"),
    Door("POST", "/lists/{list_id}/deletion", 404, needs="orders:place"),
    # Their cart is empty.
    Door("GET", "/new-order/review", needs="orders:place"),
    Door("POST", "/new-order/review", needs="orders:place"),
    Door("GET", "/settings/delivery", needs="addresses:write"),
    # It names no destination.
    Door("POST", "/settings/delivery", 404, needs="addresses:write"),
    Door("GET", "/approvals", needs="approvals:read"),
    Door("POST", "/approvals/decisions", 422, needs="approvals:decide"),
    # Nobody has decided on many yet.
    Door("GET", "/approvals/runs/{run}", 404, needs="approvals:decide"),
    # `{number}` is the request, where the path names approvals.
    Door("GET", "/approvals/{number}", belongs=True, needs="approvals:read"),
    Door("GET", "/approvals/{number}/waiting", belongs=True, needs="approvals:read"),
    Door("POST", "/approvals/{number}/decisions", 422, belongs=True, needs="approvals:decide"),
    Door("POST", "/approvals/{number}/answers", 422, belongs=True, needs="approvals:answer"),
    # It is shown what follows first.
    Door("POST", "/approvals/{number}/withdrawal", belongs=True, needs="approvals:answer"),
    Door("GET", "/orders/{number}/changes", belongs=True, needs="orders:place"),
    Door("POST", "/orders/{number}/changes", 422, belongs=True, needs="orders:place"),
    # Whoever has the mail decides: a link that nobody signed leads nowhere.
    Door("GET", "/approvals/by-mail/{token}", 404, is_public=True),
    Door("POST", "/approvals/by-mail/{token}", 404, is_public=True),
    Door("GET", "/settings"),
    Door("GET", "/settings/approvals", needs="approvals:read"),
    Door("POST", "/settings/approvals", 422, needs="approvals:read", otherwise=ADMINS),
    Door("GET", "/settings/delegation", needs="approvals:read"),
    Door("POST", "/settings/delegation", 404, needs="approvals:decide"),
    Door("POST", "/settings/delegation/{delegation_id}/end", 422, needs="approvals:decide"),
    Door("GET", "/settings/notifications"),
    # A form without its number is sent by nobody's page.
    Door("POST", "/settings/notifications", 422),
    Door("POST", "/settings/notifications/reading", 422),
    Door("POST", "/settings/notifications/test", 422),
    Door("POST", "/settings/notifications/address", 422),
    # Whoever has proved who they are a moment ago goes on.
    Door("GET", "/prove", 303),
    Door("POST", "/prove", 303),
    Door("GET", "/settings/security"),
    Door("POST", "/settings/security/password", 422),
    Door("GET", "/settings/security/passkeys/new"),
    Door("POST", "/settings/security/passkeys", 422),
    Door("POST", "/settings/security/passkeys/{key_id}/removal", 404),
    Door("GET", "/settings/security/authenticator"),
    Door("POST", "/settings/security/authenticator", 422),
    Door("POST", "/settings/security/authenticator/removal", 404),
    Door("GET", "/settings/security/codes"),
    Door("POST", "/settings/security/codes", 422),
    Door("GET", "/settings/sessions"),
    Door("POST", "/settings/sessions/{login_id}/end", 303),
    Door("POST", "/settings/sessions/end-others", 303),
    Door("GET", "/settings/calendar"),
    Door("POST", "/settings/calendar", 422),
    Door("POST", "/settings/calendar/{link_id}/revocation", 422),
    # Whoever has the address reads or stops: one that nobody made leads nowhere.
    Door("GET", "/calendar/{secret}", 404, is_public=True, is_key=True),
    Door("GET", "/unsubscribe/{token}", 404, is_public=True, is_key=True),
    Door("POST", "/unsubscribe/{token}", 404, is_public=True, is_key=True),
    Door("GET", "/accounts", needs="accounts:read"),
    Door("GET", "/accounts/{number}", needs="accounts:read"),
    Door("POST", "/accounts/{number}/settings", 422, needs="accounts:write"),
    Door("GET", "/connections", needs="connections:read"),
    Door("GET", "/connections/{connection_id}", needs="connections:read"),
    # A form without its number is sent by nobody's page.
    Door("POST", "/connections/{connection_id}/dead-letters", 422, needs="connections:write"),
    Door("POST", "/connections/{connection_id}/tries", 422, needs="connections:write"),
    Door("POST", "/connections/{connection_id}/state", 422, needs="connections:write"),
    Door("POST", "/connections/{connection_id}/limits", 422, needs="connections:write"),
    Door("POST", "/connections/{connection_id}/watchers", 422, needs="connections:write"),
    Door("POST", "/connections/customers", 422, needs="connections:write"),
    Door("POST", "/connections/alerts/{alert_id}/acknowledgement", 422, needs="connections:read"),
    # Nothing has come too early there.
    Door("GET", "/connections/messages/{message_id}", 404, needs="connections:read"),
    Door("POST", "/connections/messages/{message_id}", 404, needs="connections:write"),
    Door("GET", "/tasks", needs="tasks:do"),
    Door("POST", "/tasks/{task}/completion", 422, needs="tasks:do"),
    Door("POST", "/tasks/{task}/note", 422, needs="tasks:do"),
    # `{number}` is the account, where the path names accounts. Nobody there is chosen by an empty form.
    Door("GET", "/accounts/{number}/impersonate", needs="impersonate"),
    Door("POST", "/accounts/{number}/impersonate", 422, needs="impersonate", otherwise=NOT_THERE),
    # Nobody looks as anybody there: who asks is led home.
    Door("GET", "/impersonation", 303),
    Door("GET", "/impersonation/left"),
    Door("POST", "/impersonation/end", 303),
    Door("GET", "/settings/access-log"),
    Door("POST", "/settings/access-log", 422, needs="impersonation:control"),
    Door("GET", "/settings/access-log/{entry}", 404),
    Door("POST", "/settings/access-log/{entry}/end", 404),
    # The supplier's people look after an account's endpoints; of the buyers only an administrator does.
    Door("GET", "/settings/webhooks", needs="connections:read", buyer="webhooks:write"),
    Door("POST", "/settings/webhooks", 422, needs="connections:write", buyer="webhooks:write"),
    # There is none yet.
    Door("GET", "/settings/webhooks/{endpoint_id}", 404, needs="connections:read", buyer="webhooks:write"),
    Door(
        "GET",
        "/settings/webhooks/{endpoint_id}/deliveries/{delivery_id}",
        404,
        needs="connections:read",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/changes",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/rotation",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/state",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/tests",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/replays",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/drops",
        404,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door(
        "POST",
        "/settings/webhooks/{endpoint_id}/deletion",
        422,
        needs="connections:write",
        buyer="webhooks:write",
    ),
    Door("GET", "/settings/tokens", needs="tokens:write"),
    Door("POST", "/settings/tokens", 422, needs="tokens:write"),
    Door("POST", "/settings/tokens/{token_id}/revocation", 422, needs="tokens:write"),
    # The supplier's people are asked there whose it shall be.
    Door("GET", "/settings/feed", needs="connections:read", buyer="tokens:write"),
    # `{number}` is the return, where the path names returns.
    Door("GET", "/returns"),
    Door("GET", "/returns/{number}", belongs=True),
    Door("GET", "/returns/{number}/label.pdf", belongs=True),
    Door("GET", "/returns/{number}/pictures/{picture_id}", belongs=True),
    Door("GET", "/shipments/{number}/return", belongs=True, needs="returns:ask"),
    Door("POST", "/shipments/{number}/return", 422, belongs=True, needs="returns:ask"),
    Door("POST", "/returns/{number}/pictures", 422, belongs=True, needs="returns:ask"),
    Door("POST", "/returns/{number}/cancellation", 422, belongs=True, needs="returns:ask"),
    Door("POST", "/returns/{number}/authorisation", 422, needs="returns:decide"),
    Door("POST", "/returns/{number}/refusal", 422, needs="returns:decide"),
    Door("POST", "/returns/{number}/receipts", 422, needs="returns:receive"),
    Door("GET", "/settings/roles"),
    # Buyers have those of all their accounts there; the supplier's people are asked whose it shall be, or led there.
    Door("GET", "/settings/people", needs="people:write"),
    Door("POST", "/settings/people", 422, needs="people:write", otherwise=NO_ACCOUNT),
    Door("GET", "/settings/people/{person}", belongs=True, needs="people:write", otherwise=NO_ACCOUNT),
    Door(
        "POST",
        "/settings/people/{person}/roles",
        422,
        belongs=True,
        needs="people:write",
        otherwise=NO_ACCOUNT,
    ),
    Door(
        "POST",
        "/settings/people/{person}/{deed}",
        422,
        belongs=True,
        needs="people:write",
        otherwise=NO_ACCOUNT,
    ),
    Door("GET", "/accounts/{number}/people", needs="people:write", buyer="accounts:read"),
    Door(
        "POST",
        "/accounts/{number}/people",
        422,
        needs="people:write",
        buyer="accounts:read",
        otherwise=NOT_THERE,
    ),
    Door("GET", "/accounts/{number}/people/{person}", needs="people:write", buyer="accounts:read"),
    Door(
        "POST",
        "/accounts/{number}/people/{person}/roles",
        422,
        needs="people:write",
        buyer="accounts:read",
        otherwise=NOT_THERE,
    ),
    Door(
        "POST",
        "/accounts/{number}/people/{person}/{deed}",
        422,
        needs="people:write",
        buyer="accounts:read",
        otherwise=NOT_THERE,
    ),
    Door("GET", "/settings/staff", needs="staff:write"),
    Door("POST", "/settings/staff", 422, needs="staff:write"),
    # `{person}` is one of them there.
    Door("GET", "/settings/staff/{person}", needs="staff:write"),
    Door("POST", "/settings/staff/{person}/roles", 422, needs="staff:write"),
    Door("POST", "/settings/staff/{person}/{deed}", 422, needs="staff:write"),
    Door("GET", "/insight", needs="desk:read"),
    Door("GET", "/insight/{figure}", needs="desk:read"),
    Door("GET", "/insight/{chart}/figures.csv", needs="desk:read"),
]
GUARDED = [door for door in DOORS if not door.is_public]
CHANGES = [door for door in DOORS if door.method == "POST" and not door.is_key]


def name(door: Door) -> str:
    return f"{door.method} {door.path}"


def address(house: House, door: Door) -> str:
    things = {
        "shipments": house.shipment,
        "approvals": house.asked,
        "invoices": house.invoice,
        "disputes": house.dispute,
        "returns": house.rma,
        "accounts": {"number": "NORDWIND"},
    }
    thing = next((things[word] for word in things if f"/{word}/" in door.path), house.order)
    path = door.path.replace("{number}", thing["number"]).replace("{figure}", "dispatches")
    path = (
        path.replace("{chart}", "partial")
        .replace("{offer_id}", house.offer["id"])
        .replace("{line_number}", "1")
    )
    path = path.replace("{kind}", "production").replace("{reference}", "PR-1").replace("{sku}", "BOLT")
    path = (
        path.replace("{account}", "NORDWIND")
        .replace("{sequence}", "1")
        .replace("{run}", "1")
        .replace("{form}", "payment")
    )
    path = path.replace("{connection_id}", "inbound").replace("{alert_id}", "1").replace("{message_id}", "1")
    person = cast.DEV if "/staff/" in path else cast.PETRA
    path = path.replace("{person}", str(house.people[person])).replace("{deed}", "sessions")
    path = path.replace("{picture_id}", house.rma["pictures"][0]["id"])
    path = (
        path.replace("{entry}", "1")
        .replace("{task}", "1")
        .replace("{upload_id}", "1")
        .replace("{list_id}", "1")
    )
    return path.replace("{story}", "a-short-delivery")


def knock(house: House, door: Door, client: httpx.Client, **more: object) -> httpx.Response:
    """Ask; of a stream only its beginning."""
    with client.stream(door.method, address(house, door), **more) as answer:  # type: ignore[arg-type]
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
    return answer


def test_every_page_is_in_the_walk(settings: Settings) -> None:
    app = create_app(settings)
    found = {
        f"{method} {route.path_format}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        and not route.path.startswith(("/api", "/static", "/healthz", "/servingz", "/readyz", "/metrics"))
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    assert found == {name(door) for door in DOORS}


@pytest.mark.parametrize("door", GUARDED, ids=name)
def test_who_is_signed_out_is_sent_to_sign_in_and_comes_back(house: House, door: Door) -> None:
    answer = knock(house, door, cast.guest(house.portal).client)
    assert answer.status_code == 303
    path = address(house, door) if door.method == "GET" else "/orders"
    assert answer.headers["location"] == f"/sign-in?next={quote(path, safe='')}"


@pytest.mark.parametrize("door", [door for door in GUARDED if door.belongs], ids=name)
def test_a_stranger_finds_nothing_there(house: House, door: Door) -> None:
    rita = cast.at_home(house.portal, cast.RITA)
    more = {"data": {"_csrf": rita.token("/orders")}} if door.method == "POST" else {}
    answer = knock(house, door, rita.client, **more)
    assert answer.status_code == 404
    nobodys = knock(
        house, Door(door.method, door.path.replace("{number}", "SO-1900-000001")), rita.client, **more
    )
    assert nobodys.status_code == 404
    assert without_ids(answer.text) == without_ids(nobodys.text), "a foreign order looks otherwise than none"


def without_ids(text: str) -> str:
    return re.sub(r"<code>\w+</code>|value=\"\w{40}\"|x-csrftoken\":\"\w+", "", text)


def expected(door: Door, who: str) -> int:
    """What somebody of the cast is answered. `belongs`: the thing is the company's, and so is what is done to it; what
    one may see there and not touch is not there to be touched."""
    held = cast.held(who)
    if who in door.otherwise:
        return door.otherwise[who]
    needs = door.buyer or door.needs if who not in cast.STAFF else door.needs
    if needs and needs not in cast.permissions(who):
        return 403
    if door.belongs and (cast.COMPANY not in held or (needs and needs not in held[cast.COMPANY])):
        return 404
    return door.rightly


@pytest.fixture(scope="module")
def everybody(house: House) -> Callable[[], dict[str, tuple[Guest, str]]]:
    """Who is in the cast, at home, with the token of their forms; asked for anew, since sessions are taken up again."""

    def at_home() -> dict[str, tuple[Guest, str]]:
        now = int(time.monotonic() // (cast.TAKEN_UP / 2))
        return _at_home(house, now)

    return at_home


@cache
def _at_home(house: House, _: int) -> dict[str, tuple[Guest, str]]:
    found = {who: cast.at_home(house.portal, who) for who in (*cast.PLACES, *cast.STAFF)}
    return {who: (guest, guest.token("/orders")) for who, guest in found.items()}


@pytest.mark.parametrize("door", GUARDED, ids=name)
def test_who_may_is_let_in(
    house: House, door: Door, everybody: Callable[[], dict[str, tuple[Guest, str]]]
) -> None:
    """Each role of the company, of its site, of another company and of the supplier: whoever lacks the permission is
    refused, and nobody finds what is not theirs."""
    answered = {}
    for who, (guest, token) in everybody().items():
        more = {"data": {"_csrf": token, "version": "1"}} if door.method == "POST" else {}
        answered[who] = knock(house, door, guest.client, **more).status_code
    assert answered == {who: expected(door, who) for who in answered}


@pytest.mark.parametrize("door", CHANGES, ids=name)
@pytest.mark.parametrize("how", ["no token", "a wrong token", "another site"])
def test_a_forged_form_changes_nothing(house: House, door: Door, how: str) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    token = petra.token("/orders")
    headers = {"sec-fetch-site": "cross-site"} if how == "another site" else {}
    form = {"no token": {}, "a wrong token": {"_csrf": "0" * 40}, "another site": {"_csrf": token}}[how]
    answer = knock(house, door, petra.client, data=form, headers=headers)
    assert answer.status_code == 403
    assert petra.client.get("/orders").status_code == 200, "still signed in"


@pytest.mark.parametrize("door", DOORS, ids=name)
def test_the_wrong_method_is_refused(house: House, door: Door) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    answer = petra.client.request("DELETE", address(house, door))
    assert answer.status_code == 405


@pytest.mark.parametrize("door", DOORS, ids=name)
def test_every_answer_is_strict(house: House, door: Door) -> None:
    for client in (cast.guest(house.portal).client, cast.at_home(house.portal, cast.PETRA).client):
        policies(knock(house, door, client))
    policies(client.get("/nothing-here"))


def policies(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    # In test mode the story player may show the order's page beside its steps.
    may_be_framed = f"{answer.url.path}/".startswith("/orders/")
    if not answer.headers["content-type"].startswith("application/pdf"):
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert f"frame-ancestors '{'self' if may_be_framed else 'none'}'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    # The address of a page that a mail leads to is a key.
    is_key = answer.url.path.startswith(("/approvals/by-mail/", "/unsubscribe/", "/enter/"))
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer" if is_key else ""}
    assert answer.headers["x-frame-options"] == ("SAMEORIGIN" if may_be_framed else "DENY")


@pytest.fixture(autouse=True)
def _forgotten_failures(house: House) -> Iterator[None]:
    """Failed sign-ins of one test do not slow down the next."""
    yield
    with redis.Redis.from_url(house.portal.valkey_url) as valkey:
        for key in valkey.scan_iter("sign-in:*"):
            valkey.delete(key)
