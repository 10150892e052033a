"""An office whose people sign in at `localhost`: passkeys belong to names, never to a number."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import asyncpg
import httpx
import pyotp
import pytest

from portal import mail_links
from tests.approvals_pages.office import Office, furnish
from tests.desk.supply import Sheet
from tests.factors.softkey import SoftKey
from tests.portals import Portal
from tests.routes.cast import PASSWORD, Guest
from tests.scenarios.driver import Json


@dataclass
class Door(Guest):
    """A browser at `localhost`, without script but for what its passkeys answer."""

    def read(self, answer: httpx.Response, status: int = 200) -> Sheet:
        """The page that an answer leads to."""
        for _ in range(4):
            if answer.status_code != 303:
                break
            answer = self.client.get(answer.headers["location"])
        return Sheet.of(self, answer, status)

    def go(self, path: str, status: int = 200) -> Sheet:
        return self.read(self.client.get(path), status)

    def at(self, answer: httpx.Response) -> str:
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def is_in(self) -> bool:
        return self.client.get("/orders").status_code == 200

    def make_passkey(self, key: SoftKey, name: str = "Phone") -> httpx.Response:
        sheet = self.go("/settings/security/passkeys/new")
        form = sheet.form("/passkeys")
        answer = key.make(options_of(sheet.answer.text))
        return self.client.post(form.action, data=form.fields | {"name": name, "passkey": answer})

    def set_up_app(self) -> str:
        """The secret of the app."""
        sheet = self.go("/settings/security/authenticator")
        secret = secret_on(sheet.answer.text)
        answer = sheet.post("/authenticator", code=pyotp.TOTP(secret).now())
        assert answer.status_code == 303, answer.text
        return secret

    def codes(self) -> list[str]:
        sheet = self.go("/settings/security/codes").send("/codes")
        return re.findall(r"<li><code>([^<]+)</code>", sheet.answer.text)


def options_of(page: str) -> Json:
    """What the page's script would hand to the browser."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found is not None, page[-3000:]
    return dict(json.loads(unescape(found[1])))


def secret_on(page: str) -> str:
    found = re.search(r'class="letters">([^<]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


@dataclass
class House:
    office: Office

    @property
    def portal(self) -> Portal:
        return self.office.portal

    @property
    def origin(self) -> str:
        return self.portal.base_url.replace("127.0.0.1", "localhost")

    def door(self) -> Door:
        client = self.portal.browser()
        client.base_url = httpx.URL(self.origin)
        return Door(client)

    def person(self, name: str, roles: list[str] | None = None, account: str = "NORDWIND") -> str:
        email = f"{name.lower()}@{account.lower()}.example"
        person = {"name": name, "roles": roles or ["account_admin"], "password": PASSWORD}
        self.office.world.put(f"accounts/{account}/users/{email}", person)
        return email

    def signed_in(self, email: str) -> Door:
        door = self.door()
        assert door.sign_in(email).status_code == 303
        assert door.is_in()
        return door

    def key(self, **how: Any) -> SoftKey:
        return SoftKey(self.origin, **how)

    def sql(self, statement: str, *values: Any) -> Any:
        async def run() -> Any:
            connection = await asyncpg.connect(self.portal.database_url)
            try:
                return await connection.fetchval(statement, *values)
            finally:
                await connection.close()

        return asyncio.run(run())

    def let_proofs_age(self, email: str) -> None:
        """Eleven minutes pass for what they have proved."""
        self.sql(
            """update login set proved_at = proved_at - interval '11 minutes'
               where person_id = (select id from person where email = $1)""",
            email,
        )

    def let_codes_pass(self, email: str) -> None:
        """As if the code that was used last were of a step before."""
        self.sql(
            """update authenticator set last_step = last_step - 2
               where person_id = (select id from person where email = $1)""",
            email,
        )

    def mailed_link(self, number: str, email: str) -> str:
        """The link in the mail that asks this person to decide on a request."""
        request = self.sql("select id from approval_request where number = $1", number)
        person = self.sql("select id from person where email = $1", email)
        token = mail_links.token(self.portal.settings.secret_key, 1, request, person)
        self.sql(
            """insert into approval_link (sha256, request_id, person_id, version, expires_at)
               select $1, id, $2, version, now() + interval '7 days' from approval_request where id = $3""",
            mail_links.digest(token),
            person,
            request,
        )
        return f"/approvals/by-mail/{token}"

    def told(self, email: str) -> list[str]:
        """What they were written about how they sign in."""
        found = self.sql(
            """select array_agg(m.data ->> 'what' order by m.id) from mail m join person p on p.id = m.person_id
               where p.email = $1 and m.kind = 'security.changed'""",
            email,
        )
        return list(found or [])


@pytest.fixture(scope="module")
def house(start_portal: Callable[..., Portal]) -> House:
    return House(furnish(start_portal()))
