"""More than a password in a browser: passkeys of a virtual authenticator, an app without script, a proof between."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from e2e.conftest import Story, Visit
from e2e.test_pages import audit_looks
from tests.desk.floor import now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

pytestmark = pytest.mark.browser
VERA, NILS, SELMA = "vera@north.example", "nils@north.example", "selma@strict.example"
Open = Callable[..., Visit]


@dataclass
class Street(Story):
    """Vera and Nils sign in with a password alone; Selma's company wants more."""

    @property
    def named(self) -> str:
        """Passkeys belong to names, never to a number."""
        return self.portal.base_url.replace("127.0.0.1", "localhost")

    def sql(self, statement: str, *values: Any) -> Any:
        async def run() -> Any:
            connection = await asyncpg.connect(self.portal.database_url)
            try:
                return await connection.fetchval(statement, *values)
            finally:
                await connection.close()

        return now(run())

    def let_proofs_age(self) -> None:
        self.sql("update login set proved_at = proved_at - interval '11 minutes'")


@pytest.fixture(scope="module")
def story(start_portal: Callable[..., Portal]) -> Street:
    portal = start_portal()
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 100)
    people = (("NORTH", VERA, "Vera Lund"), ("NORTH", NILS, "Nils Holm"), ("STRICT", SELMA, "Selma Roth"))
    for account, email, name in people:
        world.account(account)
        person = {"name": name, "roles": ["account_admin"], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    made = Street(portal, world, world.order("NORTH", {"BOLT": 10}), "")
    made.sql("update account set needs_second_factor = true where number = 'STRICT'")
    return made


def phone(page: Page) -> tuple[CDPSession, str]:
    """A virtual authenticator that somebody's finger unlocks at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def finger(session: CDPSession, key: str, *, is_there: bool) -> None:
    session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": key, "enabled": is_there})


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_made_signs_in_and_proves_who_it_is(visit: Open, story: Street) -> None:
    window = visit(base_url=story.named)
    page = window.go("/sign-in?next=/settings/security")
    session, key = phone(page)
    sign_in(page, VERA)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What you call it").fill("Vera's phone")
    assert audit_looks(page) == []
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("button", name="Make ten codes")).to_be_visible()
    page.get_by_role("button", name="Make ten codes").click()
    expect(page.get_by_role("heading", name="Your ten codes")).to_be_visible()
    assert page.locator(".recovery code").count() == 10
    assert audit_looks(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Vera's phone").first).to_be_visible()
    assert audit_looks(page) == []

    finger(session, key, is_there=False)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, VERA)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert audit_looks(page) == []
    finger(session, key, is_there=True)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/today")

    page.goto(f"{story.named}/settings/tokens")
    page.get_by_label("For which system").fill("Warehouse robot")
    story.let_proofs_age()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert audit_looks(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="The token is made")).to_be_visible()
    expect(page.get_by_text("Warehouse robot").first).to_be_visible()

    # From the name field the browser offers it by itself.
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/today")


def test_who_breaks_it_off_is_told_and_may_take_another_way(visit: Open, story: Street) -> None:
    page = visit(base_url=story.named).go("/sign-in")
    session, key = phone(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert audit_looks(page) == []


def test_an_app_is_set_up_and_asked_for_without_script(visit: Open, story: Street) -> None:
    page = visit(script=False, width=390).go("/sign-in?next=/settings/security")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, NILS)
    page.get_by_role("link", name="Set it up").click()
    secret = (page.locator(".letters").text_content() or "").replace(" ", "")
    page.get_by_label("Type the code that it shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("button", name="Make ten codes").click()
    codes = page.locator(".recovery code").all_text_contents()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, NILS)
    page.get_by_label("Code from your authenticator app").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_text("Use a recovery code").click()
    page.get_by_label("One of the codes").fill(codes[0])
    page.locator("details").get_by_role("button", name="Sign in").click()
    page.goto(f"{story.portal.base_url}/settings/tokens")
    page.get_by_label("For which system").fill("Robot without script")
    story.let_proofs_age()
    page.get_by_role("button", name="Make it").click()
    page.get_by_text("Use a recovery code").click()
    page.get_by_label("One of the codes").fill(codes[1])
    page.locator("details").get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Do it now").click()
    expect(page.get_by_role("heading", name="The token is made")).to_be_visible()


def test_a_company_that_wants_more_lets_nobody_in_with_less(visit: Open, story: Street) -> None:
    page = visit(base_url=story.named).go("/sign-in")
    phone(page)
    sign_in(page, SELMA)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert audit_looks(page) == []
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("button", name="Make ten codes")).to_be_visible()
    page.goto(f"{story.named}/settings/security")
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_text("this is your last one")).to_be_visible()
