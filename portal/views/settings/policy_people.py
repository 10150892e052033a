"""How much people decide on, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.domain.approvals import Limit
from portal.domain.asking import Member
from portal.filters import Tongue
from portal.views.settings.policy_words import one_role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's authority, in words."""

    name: str
    email: str
    roles: str
    account: str
    per_order: str
    per_period: str


def people(members: Sequence[Member], names: Mapping[str, str], tongue: Tongue) -> list[Person]:
    """Whoever can be asked, and whoever has a limit of their own."""
    return [
        Person(
            name=one.name,
            email=one.email,
            roles=", ".join(one_role(name, tongue) for name in sorted(one.roles)),
            account=names.get(one.account, one.account),
            per_order=_limit(one, tongue, is_period=False),
            per_period=_limit(one, tongue, is_period=True),
        )
        for one in members
        if one.decides or one.limits
    ]


def _limit(member: Member, tongue: Tongue, *, is_period: bool) -> str:
    _ = tongue.gettext
    found: Limit | None = next((one for one in member.limits if (one.period is not None) == is_period), None)
    if found is None:
        return "" if is_period else _("no limit")
    shown = tongue.money(found.amount, found.currency)
    per = {"month": _("{amount} a month"), "quarter": _("{amount} a quarter"), "year": _("{amount} a year")}
    return per.get(found.period or "", _("{amount} an order")).format(amount=shown)
