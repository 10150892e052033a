"""Who comes to the door, and how they sign in."""

import re
from dataclasses import dataclass

import httpx

from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES
from tests.portals import Portal

PASSWORD = "a long password for everybody"
PETRA = "petra@nordwind.example"
RITA = "rita@veltro.example"
ROBIN = "robin@nordwind.example"
AMARA = "amara@harrow.example"
DEV = "dev@harrow.example"
ROLES = {PETRA: "buyer", ROBIN: "reader", RITA: "account_admin", AMARA: "account_manager", DEV: "operations"}


def permissions(who: str) -> frozenset[str]:
    """What somebody of the cast may do."""
    role = ROLES[who]
    return SUPPLIER_ROLES[role] if role in SUPPLIER_ROLES else BUYER_ROLES[role]


@dataclass
class Guest:
    """A browser without script: cookies, forms, no redirects followed by themselves."""

    client: httpx.Client

    def token(self, path: str = "/sign-in") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="_csrf" value="([^"]+)"', self.client.get(path).text)
        assert found is not None, f"{path} has no form"
        return found[1]

    def sign_in(self, email: str, password: str = PASSWORD, following: str = "/orders") -> httpx.Response:
        form = {"_csrf": self.token(), "email": email, "password": password, "next": following}
        return self.client.post("/sign-in", data=form)

    def post(self, path: str, seen_on: str = "/orders", **form: str) -> httpx.Response:
        """Send a form of the page that it stands on."""
        return self.client.post(path, data={"_csrf": self.token(seen_on), **form})


def guest(portal: Portal) -> Guest:
    return Guest(portal.browser())


def signed_in(portal: Portal, email: str) -> Guest:
    """Under a session of its own."""
    made = guest(portal)
    answer = made.sign_in(email)
    assert answer.status_code == 303, answer.text
    return made


KEPT: dict[tuple[str, str], dict[str, str]] = {}


def at_home(portal: Portal, email: str) -> Guest:
    """In a session from before, where it does not matter which: checking a password takes long on purpose."""
    made = guest(portal)
    made.client.cookies.update(KEPT.get((portal.base_url, email), {}))
    if made.client.get("/orders").status_code != 200:
        made = signed_in(portal, email)
        KEPT[portal.base_url, email] = dict(made.client.cookies)
    return made
