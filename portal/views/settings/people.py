"""The people of an account as those see them who say what each may do; and what was typed about one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from portal.db.members import Amount, Person, Place, Waiting
from portal.domain.refusals import Problem
from portal.filters import Tongue
from portal.operations.inviting import Limits
from portal.operations.people import Limit
from portal.refused import refusal_words
from portal.views.desk.words import Mistyped
from portal.views.order.statuses import Look
from portal.views.settings.roles import BUYERS, role_text, role_word, up_to
from portal.views.settings.typed_money import amount, written

LONGEST = 320
PERIODS = ("day", "week", "month", "quarter", "year")
COME, INVITED, OUT = Look("delivered", "tick"), Look("inbound", "bell"), Look("held", "held")
NEVER_COME = Look("never", "unsure")


@dataclass(frozen=True, slots=True)
class Where:
    """Whose people a page is about: its own address, and the accounts that it may name. `account` is that of the
    supplier's page of one account; `is_staff`: the supplier's own."""

    path: str
    accounts: Sequence[tuple[str, str]]
    roles: Sequence[str] = BUYERS
    account: str = ""
    is_staff: bool = False

    @property
    def numbers(self) -> list[str]:
        return [number for number, _ in self.accounts]


@dataclass(frozen=True, slots=True)
class Row:
    """A person in the list. `places` are (account, roles, limits), the account unnamed where there is only one."""

    id: int
    href: str
    name: str
    email: str
    places: Sequence[tuple[str, str, str]]
    state: Look
    state_word: str
    note: str
    seen: str
    factors: str


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed, with what is wrong by field."""

    email: str = ""
    name: str = ""
    account: str = ""
    roles: Sequence[str] = ()
    per_order: str = ""
    per_period: str = ""
    period: str = "month"
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Any) -> "Typed":
        def said(name: str) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:LONGEST]

        roles = [str(role) for role in form.getall("roles", [])][:20]
        return cls(
            said("email"), said("name"), said("account"), roles, said("per_order"), said("per_period"),
            said("period"),
        )  # fmt: skip

    @classmethod
    def of(cls, place: Place, tongue: Tongue) -> "Typed":
        """As it stands."""
        order, period = place.per_order, place.per_period
        return cls(
            account=place.account,
            roles=place.roles,
            per_order=written(order.amount if order else None, tongue),
            per_period=written(period.amount if period else None, tongue),
            period=period.period if period and period.period else "month",
        )


def limits(typed: Typed, currency: str, tongue: Tongue) -> tuple[Limits, dict[str, str]]:
    """How much they may decide on, or what is wrong with it by field."""
    found: dict[str, Decimal | None] = {}
    problems = {} if typed.roles else placed([Problem("/roles", "")], tongue)
    for name in ("per_order", "per_period"):
        try:
            found[name] = amount(getattr(typed, name), tongue)
        except Mistyped as wrong:
            problems[name] = str(wrong)
    period = typed.period if typed.period in PERIODS else "month"
    order, whole = found.get("per_order"), found.get("per_period")
    return (
        Limits(
            Limit(order, currency) if order is not None else None,
            Limit(whole, currency, period) if whole is not None else None,
        ),
        problems,
    )


def placed(problems: Sequence[Problem], tongue: Tongue) -> dict[str, str]:
    """What was refused, beside its field and in the reader's language."""
    _ = tongue.gettext
    words = {
        "email": _("Write one e-mail address, such as name@company.example."),
        "name": _("Write a name."),
        "roles": _("Choose at least one role."),
    }
    return {
        name: _("They are one of your people already.")
        if "already" in one.detail
        else words.get(name, refusal_words(one.detail, tongue))
        for one in problems
        if (name := one.pointer.strip("/").partition("/")[0])
    }  # fmt: skip


def rows(
    found: Sequence[Person], waiting: Mapping[int, Waiting], where: Where, tongue: Tongue, today: date,
    now: datetime,
) -> list[Row]:  # fmt: skip
    """`waiting`: who has not come yet."""
    return [row(one, waiting, where, tongue, today, now) for one in found]


def row(
    one: Person, waiting: Mapping[int, Waiting], where: Where, tongue: Tongue, today: date, now: datetime
) -> Row:  # fmt: skip
    _ = tongue.gettext
    look, word, note = _state(one, waiting, tongue, today, now)
    return Row(
        id=one.id,
        href=f"{where.path}/{one.id}",
        name=one.name,
        email=one.email,
        places=[
            (
                place.account_name if len(where.accounts) > 1 else "",
                ", ".join(role_word(role, tongue) for role in where.roles if role in place.roles),
                _limits(place, tongue),
            )
            for place in one.places
        ]
        if not where.is_staff
        else [
            ("", ", ".join(role_word(role, tongue) for role in where.roles if role in one.supplier_roles), "")
        ],
        state=look,
        state_word=word,
        note=note,
        seen=tongue.moment(one.seen_at, today) if one.seen_at else _("never"),
        factors=_factors(one.factors, tongue),
    )


def _state(
    one: Person, waiting: Mapping[int, Waiting], tongue: Tongue, today: date, now: datetime
) -> tuple[Look, str, str]:
    _ = tongue.gettext
    if not one.active:
        return OUT, _("shut out"), _("They cannot sign in.")
    if one.id in waiting:
        until = waiting[one.id].until
        if waiting[one.id].is_being_mailed:
            return INVITED, _("invited"), _("The mail is on its way.")
        if until is None:
            return (
                NEVER_COME,
                _("no way in yet"),
                _("Send an invitation, so that they can choose a password."),
            )
        if until <= now:
            return NEVER_COME, _("invitation expired"), _("Send another one.")
        return (
            INVITED,
            _("invited"),
            _("The link opens until {moment}.").format(moment=tongue.moment(until, today)),
        )
    if one.is_unreachable:
        return COME, _("may sign in"), _("Mail to them comes back.")
    return COME, _("may sign in"), ""


def _limits(place: Place, tongue: Tongue) -> str:
    found = [_amount(one, tongue) for one in (place.per_order, place.per_period) if one is not None]
    return tongue.gettext("decides up to {limits}").format(limits=", ".join(found)) if found else ""


def _amount(one: Amount, tongue: Tongue) -> str:
    return up_to(one.amount, one.currency, one.period, tongue)


def _factors(factors: Sequence[str], tongue: Tongue) -> str:
    _ = tongue.gettext
    words = {"passkey": _("passkey"), "totp": _("authenticator app"), "provider": _("your company's sign-in")}
    return ", ".join(words[one] for one in factors if one in words)


def choices(where: Where, tongue: Tongue) -> list[tuple[str, str, str]]:
    """(role, its name, for whom it is)."""
    return [
        (name, role_word(name, tongue), role_text(name, tongue, is_staff=where.is_staff))
        for name in where.roles
    ]


def periods(tongue: Tongue) -> list[tuple[str, str]]:
    _ = tongue.gettext
    return [
        ("day", _("a day")),
        ("week", _("a week")),
        ("month", _("a month")),
        ("quarter", _("a quarter")),
        ("year", _("a year")),
    ]


def truth(found: Sequence[Row], tongue: Tongue) -> str:
    """How many there are on the page, and whether somebody has not come yet."""
    n = tongue.number(len(found))
    people = tongue.ngettext("{n} person", "{n} people", len(found)).format(n=n)
    invited = sum(one.state in (INVITED, NEVER_COME) for one in found)
    if not invited:
        return people
    left = tongue.ngettext("{n} has not come yet", "{n} have not come yet", invited)
    return f"{people}, {left.format(n=tongue.number(invited))}"


def account_href(number: str) -> str:
    return f"/accounts/{quote(number, safe='')}/people"
