"""A company's own sign-in: which people it may speak for, and what what it says of them means here.

An account's administrator names the provider, and the provider may say anything. So it speaks only for addresses of
mail domains that the supplier has agreed are the company's, and only for people who belong to nobody but this account
and those below it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain.access import BUYER_ROLES
from portal.domain.refusals import Forbidden

# Anybody has an address there.
_PUBLIC_MAIL = """
gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.fr hotmail.de
live.com live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de ymail.com rocketmail.com icloud.com me.com
mac.com aol.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru yandex.com
yandex.ru proton.me protonmail.com pm.me tutanota.com tuta.com tutamail.com posteo.de mailbox.org zoho.com
zohomail.com fastmail.com fastmail.fm hey.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it
tiscali.it btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net blueyonder.co.uk comcast.net verizon.net
att.net sbcglobal.net cox.net qq.com 163.com 126.com naver.com hanmail.net daum.net seznam.cz wp.pl o2.pl onet.pl
interia.pl bluewin.ch telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl mailinator.com guerrillamail.com
"""
PUBLIC_MAIL = frozenset(_PUBLIC_MAIL.split())
MOST_DOMAINS = 20
MOST_VALUES = 100
LONGEST_NAME = 200
DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# One address, as plain as companies write them: what needs quoting can be read in two ways.
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9.-]{4,253})")

# {value of the claim: [role]} for the account itself, or {value: {account: [role]}}.
RoleMap = Mapping[str, Any]
# Roles by account.
Placed = dict[str, list[str]]


class NotLetIn(Forbidden):
    """The provider knows them, and we do not let them in. `why` is one of the words below; `detail` says it to whoever
    administers the account."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


UNVERIFIED, FOREIGN, ELSEWHERE, UNKNOWN, UNPLACED, INACTIVE, TAKEN = (
    "unverified", "foreign", "elsewhere", "unknown", "unplaced", "inactive", "taken",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed on with the company, as far as it decides who comes in. `domains` are the confirmed ones."""

    account: str
    domains: Sequence[str]
    role_claim: str | None
    role_map: RoleMap
    default_roles: Sequence[str]
    makes_people: bool


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def wrong_with_domain(domain: str) -> str | None:
    """Why it can be nobody's own; None when it can."""
    if not DOMAIN.fullmatch(domain):
        return f"{domain!r} is no mail domain, such as example.com."
    if domain in PUBLIC_MAIL:
        return f"Anybody can have an address of {domain}: it belongs to no company."
    return None


def verified_email(claims: Mapping[str, Any]) -> str | None:
    """The address that the provider vouches for; None when it gives one and does not say that it is theirs.

    `email_verified` is how the standard says so. Entra ID says it in `xms_edov`: the domain's owner has verified it.
    """
    email = claims.get("email")
    # Some letters that are no letters of mail addresses become such when they are made small.
    if not isinstance(email, str) or not email.isascii() or not ADDRESS.fullmatch(email.strip().lower()):
        return None
    vouched = any(claims.get(name) in (True, "true", "1", 1) for name in ("email_verified", "xms_edov"))
    # Where both are there and one denies it, it is denied.
    denied = claims.get("email_verified") in (False, "false", "False")
    return email.strip().lower() if vouched and not denied else None


def address_of(claims: Mapping[str, Any], terms: Terms) -> str:
    """The address by which they are found here; refused unless it is one of the company's."""
    email = verified_email(claims)
    if email is None:
        raise NotLetIn(
            UNVERIFIED,
            "The provider gives no e-mail address, or does not say that it is verified (claims email and "
            "email_verified; xms_edov of Entra ID).",
        )
    if domain_of(email) not in terms.domains:
        raise NotLetIn(FOREIGN, f"{email} is not of a confirmed domain of {terms.account}.")
    return email


def name_in(claims: Mapping[str, Any], email: str) -> str:
    """What they are called."""
    parts = (claims.get("given_name"), claims.get("family_name"))
    both = " ".join(part for part in parts if isinstance(part, str))
    for said in (claims.get("name"), both, email.partition("@")[0]):
        if isinstance(said, str):
            printable = "".join(c for c in said if c.isprintable()).strip()
            if printable:
                return printable[:LONGEST_NAME]
    return email


def values_of(claims: Mapping[str, Any], claim: str) -> list[str]:
    """What the claim says: one word or several. `realm_access.roles` looks into `realm_access`, unless a claim has
    the whole of it as its name."""
    found: Any = claims
    if claim in claims:
        found = claims[claim]
    else:
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    said = found if isinstance(found, list | tuple) else [found]
    return [value for value in said if isinstance(value, str)]


def wanted_claims(terms: Terms) -> set[str]:
    """Of those that are asked for where the token leaves them out."""
    first = {terms.role_claim.split(".")[0]} if terms.role_claim else set()
    return {"email", *first}


def placed(claims: Mapping[str, Any], terms: Terms, already: bool) -> Placed | None:
    """What they are, by account; None: it stays as it is here. `already`: they have a place in the company.

    With a claim the claim decides, at each sign-in. Refused when nothing says that they may do anything.
    """
    if terms.role_claim is None:
        if already:
            return None
        found: Placed = {}
    else:
        found = mapped(values_of(claims, terms.role_claim), terms)
    if not found and terms.default_roles:
        found = {terms.account: _sorted(terms.default_roles)}
    if not found:
        raise NotLetIn(UNPLACED, "What the provider says of them gives them no role here.")
    return found


def mapped(values: Iterable[str], terms: Terms) -> Placed:
    """The union of what the values mean."""
    found: dict[str, set[str]] = {}
    for value in values:
        meant = terms.role_map.get(value, [])
        by_account = meant if isinstance(meant, Mapping) else {terms.account: meant}
        for account, roles in by_account.items():
            if roles:
                found.setdefault(account, set()).update(roles)
    return {account: _sorted(roles) for account, roles in sorted(found.items())}


def _sorted(roles: Iterable[str]) -> list[str]:
    return [role for role in BUYER_ROLES if role in set(roles)]
