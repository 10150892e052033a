"""Who comes to the door, and how they sign in."""

import re
import time
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
FAY = "fay@harrow.example"
ADA = "ada@harrow.example"
ANDY = "andy@nordwind.example"
FIONA = "fiona@nordwind.example"
INES = "ines.albers@nordwind.example"
# Of the site: its buyer, and its administrator, who reads what the company above it does.
LEAH = "leah@nordwind.example"
HANNA = "hanna@nordwind.example"
COMPANY, SITE, STRANGER = "NORDWIND", "NORDWIND-HULL", "VELTRO"
STAFF = {AMARA: "account_manager", DEV: "operations", FAY: "finance", ADA: "admin"}
# What each is, and where: it holds for what is below, too.
PLACES = {
    PETRA: {COMPANY: "buyer"},
    ROBIN: {COMPANY: "reader"},
    ANDY: {COMPANY: "approver"},
    FIONA: {COMPANY: "finance"},
    INES: {COMPANY: "account_admin"},
    LEAH: {SITE: "buyer"},
    HANNA: {COMPANY: "reader", SITE: "account_admin"},
    RITA: {STRANGER: "account_admin"},
}
BELOW = {COMPANY: (COMPANY, SITE), SITE: (SITE,), STRANGER: (STRANGER,)}
ROLES = STAFF | {PETRA: "buyer", ROBIN: "reader", RITA: "account_admin"}


def permissions(who: str) -> frozenset[str]:
    """What somebody of the cast may do anywhere."""
    return frozenset().union(*held(who).values())


def held(who: str) -> dict[str, frozenset[str]]:
    """What they may do in which account, told in the plainest way."""
    if who in STAFF:
        return dict.fromkeys((COMPANY, SITE, STRANGER), SUPPLIER_ROLES[STAFF[who]])
    may: dict[str, frozenset[str]] = {}
    for top, role in PLACES[who].items():
        for account in BELOW[top]:
            may[account] = may.get(account, frozenset()) | BUYER_ROLES[role]
    return may


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


# So long a session is taken up again: some pages ask whether somebody has proved lately who they are.
TAKEN_UP = 8 * 60
KEPT: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}


def at_home(portal: Portal, email: str) -> Guest:
    """In a session from before, where it does not matter which: checking a password takes long on purpose."""
    made = guest(portal)
    since, cookies = KEPT.get((portal.base_url, email), (0.0, {}))
    made.client.cookies.update(cookies)
    if not cookies or time.monotonic() - since > TAKEN_UP or made.client.get("/orders").status_code != 200:
        made = signed_in(portal, email)
        KEPT[portal.base_url, email] = (time.monotonic(), dict(made.client.cookies))
    return made
