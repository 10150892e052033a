"""How an account's people sign in, as its administrators arrange it: the form, what stands, and what a trial showed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from portal.db.providers import Provider, Rules
from portal.domain.company_sign_in import domain_of
from portal.domain.refusals import Problem
from portal.filters import Tongue
from portal.operations.federating import Verdict
from portal.refused import refusal_words
from portal.views.settings.roles import BUYERS, role_word
from portal.views.settings.typed_money import written

HERE = "/settings/sign-in"
LONGEST = 4_000
# Of one claim, as it is shown.
LONGEST_CLAIM = 300
MOST_CLAIMS = 60
# Of use to machines only.
UNSHOWN = frozenset({"nonce", "at_hash", "c_hash", "jti", "iat", "exp", "nbf", "sid"})


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed. `secret` is never drawn again: a form that comes back has it sealed."""

    issuer: str = ""
    client_id: str = ""
    scopes: str = "openid email profile"
    domains: str = ""
    role_claim: str = ""
    role_map: str = ""
    default_roles: Sequence[str] = ()
    makes_people: bool = False
    secret: str = field(default="", repr=False)
    sealed: str = field(default="", repr=False)

    @classmethod
    def of(cls, provider: Provider) -> "Typed":
        return cls(
            issuer=provider.issuer,
            client_id=provider.client_id,
            scopes=" ".join(provider.scopes),
            domains=" ".join(provider.domains),
            role_claim=provider.role_claim or "",
            role_map=written_map(provider.role_map),
            default_roles=provider.default_roles,
            makes_people=provider.makes_people,
        )

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str) -> str:
            raw = str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n").strip()
            return raw[:LONGEST]

        roles = tuple(role for role in BUYERS if f"default-{role}" in form)
        return cls(
            issuer=said("issuer"),
            client_id=said("client_id"),
            scopes=said("scopes"),
            domains=said("domains"),
            role_claim=said("role_claim"),
            role_map=said("role_map"),
            default_roles=roles,
            makes_people="makes_people" in form,
            secret=said("client_secret"),
            sealed=said("sealed_secret"),
        )

    @property
    def named_domains(self) -> list[str]:
        """Without the @ that some write before them, each once."""
        found = (one.strip().lstrip("@").lower() for one in re.split(r"[\s,;]+", self.domains))
        return list(dict.fromkeys(one for one in found if one))

    @property
    def named_scopes(self) -> list[str]:
        return list(dict.fromkeys(one for one in re.split(r"[\s,]+", self.scopes) if one))


def written_map(role_map: Mapping[str, Any]) -> str:
    """One value in a line: `Purchasing = buyer, approver`, `Hull yard = buyer @ NORDWIND-HULL`."""
    lines = []
    for value, meant in sorted(role_map.items()):
        if isinstance(meant, Mapping):
            parts = [f"{role} @ {account}" for account, roles in meant.items() for role in roles]
        else:
            parts = list(meant)
        lines.append(f"{value} = {', '.join(parts)}")
    return "\n".join(lines)


class Unreadable(Exception):
    """A line of the map says nothing that could be meant."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def read_map(text: str, account: str) -> dict[str, Any]:
    """The reverse. A value without an account is for the account itself; a value may have several lines."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in filter(None, (one.strip() for one in text.split("\n"))):
        # The value may hold an = of its own, as directories' names do (`cn=Purchasing,ou=groups`).
        value, mark, meant = line.rpartition("=")
        value = value.strip()
        if not mark or not value or not meant.strip():
            raise Unreadable(line[:80])
        places = found.setdefault(value, {})
        for part in meant.split(","):
            role, _, where = part.partition("@")
            if not role.strip():
                raise Unreadable(line[:80])
            roles = places.setdefault(where.strip() or account, [])
            if role.strip() not in roles:
                roles.append(role.strip())
    return {value: places[account] if set(places) == {account} else places for value, places in found.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands now, in a sentence, and what can be done about it."""

    role: str
    icon: str
    word: str
    text: str


def standing(provider: Provider, now: datetime, tongue: Tongue, today: date) -> Standing:
    _ = tongue.gettext
    if provider.problem:
        since = tongue.moment(provider.problem_at or now, today)
        return Standing(
            "held", "held", _("does not work"), _("Nobody gets through since {when}.").format(when=since)
        )
    if provider.open_until and provider.open_until > now:
        until = tongue.moment(provider.open_until, today)
        text = _("Passwords and passkeys are good as well until {when}: we have opened a way back in.")
        return Standing("inbound", "unsure", _("way back in is open"), text.format(when=until))
    if provider.active and provider.is_only_way:
        return Standing(
            "delivered", "tick", _("the only way"), _("Your people sign in by it, and in no other way.")
        )
    if provider.active:
        text = _("Your people can sign in by it; passwords and passkeys are good as well.")
        return Standing("delivered", "tick", _("switched on"), text)
    if provider.last_success_at is None:
        return Standing(
            "queued", "pause", _("not tried out yet"), _("Nobody signs in by it. Try it out first.")
        )
    when = tongue.moment(provider.last_success_at, today)
    text = _("Nobody signs in by it. Tried out {when}: it works.")
    return Standing("queued", "pause", _("switched off"), text.format(when=when))


def placed(found: Sequence[Problem], tongue: Tongue) -> dict[str, str]:
    """What is wrong, at its field and in the reader's language."""
    problems: dict[str, str] = {}
    for one in found:
        problems.setdefault(one.pointer.strip("/").partition("/")[0], refusal_words(one.detail, tongue))
    return {name: f"{said[:1].upper()}{said[1:].rstrip('.')}." for name, said in problems.items()}


def roles(chosen: Sequence[str], tongue: Tongue) -> list[tuple[str, str, bool]]:
    """(name, word, whether it is ticked)"""
    return [(role, role_word(role, tongue), role in chosen) for role in BUYERS]


@dataclass(frozen=True, slots=True)
class TypedRules:
    """What is asked of everybody, as it stands in the form."""

    needs_second_factor: bool
    step_up_above: str
    problem: str = ""

    @classmethod
    def of(cls, rules: Rules, tongue: Tongue) -> "TypedRules":
        return cls(rules.needs_second_factor, written(rules.step_up_above, tongue))


def shown_claims(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) as people can read it, without what is of no use to anybody."""
    found = []
    for name in sorted(claims.keys() - UNSHOWN)[:MOST_CLAIMS]:
        value = claims[name]
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        found.append((name[:100], text[:LONGEST_CLAIM]))
    return found


def verdict_words(verdict: Verdict, provider: Provider, tongue: Tongue) -> list[str]:
    """What a sign-in would have come to."""
    _ = tongue.gettext
    text = (
        _("{name} ({email}) would become a person of the account.")
        if verdict.is_new
        else _("{name} ({email}) would be signed in.")
    )
    said = [text.format(name=verdict.name, email=verdict.email)]
    if domain_of(verdict.email) in provider.unconfirmed:
        waits = _("We have yet to confirm that {domain} is yours: we have been asked to.")
        said.append(waits.format(domain=domain_of(verdict.email)))
    if verdict.roles is None:
        return [*said, _("Their roles stay as they are here.")]
    for account, held in verdict.roles.items():
        words = ", ".join(role_word(role, tongue) for role in held)
        said.append(
            _("{account}: {roles}").format(
                account=provider.account_name if account == provider.account else account, roles=words
            )
        )
    return said
