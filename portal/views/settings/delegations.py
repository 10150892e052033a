"""Who decides for whom, as the page of delegations shows it; and what was typed into its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.policy_pages import Listed
from portal.domain.access import Viewer
from portal.domain.asking import Member
from portal.domain.refusals import Problem
from portal.filters import Tongue
from portal.operations.delegating import Delegating
from portal.views.desk.words import Mistyped
from portal.views.order.statuses import Look
from portal.views.settings.typed_money import amount

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A delegation. `state` is standing, coming or over."""

    id: int
    who: str
    whom: str
    days: str
    cap: str
    note: str
    account: str
    state: str
    word: str
    look: Look
    may_end: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed."""

    whose: str = ""
    to: str = ""
    from_on: str = ""
    to_on: str = ""
    cap: str = ""
    note: str = ""

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:LONGEST_NOTE]

        return cls(said("whose"), said("to"), said("from_on"), said("to_on"), said("cap"), said("note"))


def wanted(
    typed: Typed, account: str, currency: str, viewer: Viewer, tongue: Tongue, today: date
) -> tuple[Delegating | None, dict[str, str]]:
    """What is to be arranged, or what is wrong with it by field."""
    _ = tongue.gettext
    problems: dict[str, str] = {}
    first, last = _day(typed.from_on), _day(typed.to_on)
    if not typed.to:
        problems["to"] = _("Choose who decides.")
    if first is None:
        problems["from_on"] = _("From which day?")
    if last is None:
        problems["to_on"] = _("Until which day? It is included.")
    elif last < today:
        problems["to_on"] = _("This day is over.")
    elif first is not None and last < first:
        problems["to_on"] = _("It ends before it begins.")
    cap = None
    try:
        cap = amount(typed.cap, tongue)
    except Mistyped as wrong:
        problems["cap"] = str(wrong)
    whose = typed.whose or viewer.email or ""
    if typed.to and typed.to.lower() == whose.lower():
        problems["to"] = _("That is the same person.")
    if problems or first is None or last is None:
        return None, problems
    return (
        Delegating(
            account,
            whose,
            typed.to,
            first,
            last,
            cap,
            currency if cap is not None else None,
            typed.note or None,
        ),
        {},
    )


def placed(found: Sequence[Problem]) -> dict[str, str]:
    """What the operation found wrong, at its field."""
    return {{"from": "whose"}.get(name := one.pointer.strip("/"), name): one.detail for one in found}


def _day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def rows(
    found: Sequence[Listed], viewer: Viewer, tongue: Tongue, today: date
) -> tuple[list[Row], list[Row], list[Row]]:
    """The reader's own, those to the reader, and the others of the accounts that they administer."""
    own = [_row(one, viewer, tongue, today) for one in found if one.from_id == viewer.person_id]
    to_me = [_row(one, viewer, tongue, today) for one in found if one.to_id == viewer.person_id]
    others = [
        _row(one, viewer, tongue, today) for one in found if viewer.person_id not in (one.from_id, one.to_id)
    ]
    return own, to_me, others


def _row(one: Listed, viewer: Viewer, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    state, word, look = _state(one, tongue, today)
    first, last = tongue.day(one.from_on, today), tongue.day(one.to_on, today)
    mine = viewer.person_id in (one.from_id, one.to_id)
    administers = viewer.may("policy:write", one.account)
    return Row(
        id=one.id,
        who=one.from_name,
        whom=one.to_name,
        days=_("{first} to {last}").format(first=first, last=last) if first != last else first,
        cap=_("orders up to {amount}").format(amount=tongue.money(one.cap, one.currency))
        if one.cap is not None and one.currency
        else _("orders of any amount"),
        note=one.note or "",
        account=one.account_name,
        state=state,
        word=word,
        look=look,
        may_end=state != "over" and (mine or administers),
    )


def _state(one: Listed, tongue: Tongue, today: date) -> tuple[str, str, Look]:
    _ = tongue.gettext
    if one.ended_at is not None:
        return (
            "over",
            _("ended {moment}").format(moment=tongue.moment(one.ended_at, today)),
            Look("never", "cancelled"),
        )
    if one.to_on < today:
        return "over", _("over"), Look("never", "tick")
    if one.from_on > today:
        return (
            "coming",
            _("begins {when}").format(when=tongue.away(one.from_on, today)),
            Look("queued", "queue"),
        )
    return "standing", _("in force"), Look("ready", "returned")


def truth(own: Sequence[Row], tongue: Tongue, *, decides: bool) -> str:
    """Who decides for the reader now, in one sentence."""
    _ = tongue.gettext
    if not decides:
        return _("You are not asked to approve anything, so there is nothing to hand over.")
    standing = [row for row in own if row.state == "standing"]
    if not standing:
        return _("What you are asked to approve, you decide yourself.")
    names = ", ".join(dict.fromkeys(row.whom for row in standing))
    return _("{names} may decide for you now. You may still decide yourself.").format(names=names)


def people(members: Sequence[Member], but: int | None = None) -> list[tuple[str, str, str]]:
    """(e-mail, name, account) of those who decide, each once."""
    found: dict[str, tuple[str, str, str]] = {}
    for one in members:
        if one.decides and one.person_id != but:
            found.setdefault(one.email, (one.email, one.name, one.account))
    return sorted(found.values(), key=lambda one: one[1])
