"""The form with which somebody begins to look as a buyer, and the page that says how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.db.impersonations import Member, Place, Row
from portal.filters import Tongue
from portal.operations.impersonating import LONGEST_REASON, MINUTES, SHORTEST_REASON
from portal.views.settings.policy_words import one_role

LONGEST_NUMBER = 15


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed. `next` is the page to look at."""

    person: str = ""
    reason: str = ""
    minutes: str = str(MINUTES[-1])
    next: str = ""

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()

        return cls(
            said("person"),
            said("reason")[: 2 * LONGEST_REASON],
            said("minutes"),
            said("next")[:LONGEST_REASON],
        )


def problems(typed: Typed, tongue: Tongue) -> dict[str, str]:
    """What is missing, by field."""
    _ = tongue.gettext
    found: dict[str, str] = {}
    if not (typed.person.isascii() and typed.person.isdigit() and len(typed.person) < LONGEST_NUMBER):
        found["person"] = _("Choose whose view you open.")
    if len(typed.reason) < SHORTEST_REASON:
        found["reason"] = _("Say why: they read it.")
    elif len(typed.reason) > LONGEST_REASON:
        found["reason"] = _("At most {n} characters.").format(n=tongue.number(LONGEST_REASON))
    if typed.minutes not in map(str, MINUTES):
        found["minutes"] = _("Choose how long.")
    return found


def people(members: Sequence[Member], tongue: Tongue) -> list[tuple[str, str, str, str]]:
    """(id, name, e-mail, roles in words)."""
    return [
        (str(one.person_id), one.name, one.email, ", ".join(one_role(role, tongue) for role in one.roles))
        for one in members
    ]


def allowed(place: Place, tongue: Tongue) -> str:
    """What the account lets one do, in a sentence."""
    _ = tongue.gettext
    if place.allowed == "off":
        return _(
            "{account} does not let anybody see what its people see. Its own administrators decide on that."
        ).format(account=place.name)
    if place.allowed == "order":
        return _(
            "You may look, and order, announce returns and dispute in their name: never decide, see secrets or change "
            "addresses."
        )
    return _("You may look, and do nothing in their name.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands. `is_over`: it is, and `ended` says how."""

    name: str
    account: str
    account_name: str
    reason: str
    until: str
    is_over: bool
    ended: str


def standing(found: Row, holds: bool, now: datetime, tongue: Tongue, today: date) -> Standing:
    """For whoever looks. What does not hold and was not ended stopped for another reason: somebody's rights changed."""
    _ = tongue.gettext
    at = found.ended(now)
    if at is None:
        ended = "" if holds else _("Somebody's rights have changed meanwhile.")
    elif found.ended_by is None:
        ended = _("The time was over at {time}.").format(time=tongue.moment(at, today))
    else:
        who = found.ended_by_name or found.ended_by
        ended = _("{who} ended it: {time}.").format(who=who, time=tongue.moment(at, today))
    return Standing(
        name=found.subject_name,
        account=found.account,
        account_name=found.account_name,
        reason=found.reason,
        until=tongue.moment(found.ends_at, today),
        is_over=not holds,
        ended=ended,
    )
