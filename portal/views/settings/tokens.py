"""Tokens as their page lists them, and what was typed for a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.tokens import Issued
from portal.domain.refusals import Problem
from portal.filters import Tongue
from portal.operations.tokens import LONGEST_NAME

# Fields of the form, by the scope that each gives.
TICKS = {"returns": "shipments:write", "changes": "orders:write", "delegations": "approvals:write"}
# These are of use only to a token that acts in somebody's name.
PERSONAL = ("orders:write", "approvals:write")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    name: str
    account: str
    may: Sequence[str]
    issued: str
    used: str
    revoked: str


def row(one: Issued, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    return Row(
        id=one.id,
        name=one.name,
        account=one.account_name,
        may=_may(one, tongue),
        issued=tongue.moment(one.issued_at, today),
        used=tongue.moment(one.last_used_at, today) if one.last_used_at else _("never"),
        revoked=tongue.moment(one.revoked_at, today) if one.revoked_at else "",
    )


def _may(one: Issued, tongue: Tongue) -> list[str]:
    _ = tongue.gettext
    words = {
        "*": _("everything"),
        "orders:read": _("read"),
        "orders:write": _("change orders"),
        "approvals:write": _("arrange delegations"),
        "shipments:write": _("announce returns"),
    }
    told = [words.get(scope, scope) for scope in one.scopes]
    if one.acts_for:
        told.append(_("decide as {name}").format(name=one.acts_for))
    return told


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed."""

    name: str = ""
    ticked: Sequence[str] = ()
    in_own_name: bool = False

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        name = "".join(c for c in str(form.get("name", "")) if c.isprintable()).strip()
        ticked = [field for field in TICKS if field in form]
        return cls(name[: LONGEST_NAME + 1], ticked, "in_own_name" in form)

    @property
    def scopes(self) -> list[str]:
        """What is ticked, without what only a person's token can use when it is nobody's."""
        wanted = [TICKS[field] for field in self.ticked]
        return [scope for scope in wanted if self.in_own_name or scope not in PERSONAL]


def placed(found: Sequence[Problem], tongue: Tongue) -> dict[str, str]:
    """What is wrong, at its field."""
    _ = tongue.gettext
    problems = {one.pointer.strip("/").partition("/")[0]: one.detail for one in found}
    if "name" in problems:
        problems["name"] = _("Give it a name of at most {n} characters.").format(
            n=tongue.number(LONGEST_NAME)
        )
    return problems
