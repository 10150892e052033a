"""One account: what is wrong with it, who its people are, what is to be done, and how it is arranged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from portal.db.account_page import Account, Person
from portal.db.tasks import Task
from portal.domain.access import LEVELS
from portal.domain.problems import KINDS, Found
from portal.filters import Tongue
from portal.views.accounts.board import where_open
from portal.views.accounts.tasks import TaskRow, task_rows
from portal.views.invoices.words import dispute_reason
from portal.views.order.statuses import Look, hold_word, shipment_state
from portal.views.problems import LOOKS, account_path, counted, where


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong: its number with its own page, what is known, and since when."""

    number: str
    href: str
    said: str
    when: str


@dataclass(frozen=True, slots=True)
class Group:
    kind: str
    look: Look
    title: str
    href: str
    items: Sequence[Item]
    more: str


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    name: str
    email: str
    roles: str
    problem: str
    since: str
    is_active: bool
    look_href: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The settings as they stand in the form."""

    manager: str
    silence_days: str
    impersonation: str
    erp_number: str
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account) -> "Typed":
        days = account.silence_days
        return cls(
            account.manager_email or "",
            str(days) if days is not None else "",
            account.impersonation,
            account.erp_number or "",
        )

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str) -> str:
            return str(form.get(name, "")).replace("\x00", "").strip()[:200]

        return cls(said("manager"), said("silence_days"), said("impersonation"), said("erp_number"))


@dataclass(frozen=True, slots=True)
class Page:
    number: str
    name: str
    path: str
    facts: Sequence[tuple[str, str, str]]
    truth: str
    groups: Sequence[Group]
    people: Sequence[Member]
    tasks: Sequence[TaskRow]
    managers: Sequence[tuple[str, str]]
    levels: Sequence[tuple[str, str]]
    level_note: str
    typed: Typed
    ways: Sequence[tuple[str, str, str]]
    looks: str
    looks_closed: str


def page(
    account: Account,
    found: Sequence[Found],
    people: Sequence[Person],
    tasks: Sequence[Task],
    managers: Sequence[tuple[str, str]],
    typed: Typed | None,
    tongue: Tongue,
    today: date,
    *,
    may_look: bool,
) -> Page:
    """`typed` is a form that came back; `may_look`: the reader may look as a buyer."""
    _ = tongue.gettext
    path = account_path(account.number)
    looks = may_look and account.impersonation != "off"
    return Page(
        number=account.number,
        name=account.name,
        path=path,
        facts=_facts(account, tongue, today),
        truth=_truth(found, tongue),
        groups=_groups(account.number, found, tongue, today),
        people=[_member(one, path, tongue, today, looks=looks) for one in people],
        tasks=task_rows(tasks, tongue, today),
        managers=managers,
        levels=[
            (level, level_word(level, tongue)) for level in LEVELS[: LEVELS.index(account.impersonation) + 1]
        ],
        level_note=_level_note(account.impersonation, tongue),
        typed=typed or Typed.of(account),
        ways=_ways(account.number, tongue),
        looks=f"{path}/impersonate" if looks else "",
        looks_closed=_("{account} does not let us look as one of its people.").format(account=account.name)
        if may_look and not looks
        else "",
    )


def _facts(account: Account, tongue: Tongue, today: date) -> list[tuple[str, str, str]]:
    """(name, value, address)"""
    _ = tongue.gettext
    silence = (
        tongue.ngettext("after {n} day", "after {n} days", account.silence_days).format(
            n=account.silence_days
        )
        if account.silence_days is not None
        else _("never")
    )
    facts = [
        (_("Looked after by"), account.manager or _("nobody yet"), ""),
        (_("Open orders"), tongue.number(account.open_orders), where_open(account.number)),
        (_("Silence is broken"), silence, ""),
        (_("We may"), level_word(account.impersonation, tongue), ""),
    ]
    if account.parent:
        facts.append(
            (_("Belongs to"), f"{account.parent_name} ({account.parent})", account_path(account.parent))
        )
    facts += [(_("Account below"), below, account_path(below)) for below in account.below[:3]]
    if account.erp_number:
        facts.append((_("In the ERP"), account.erp_number, ""))
    if account.credit_hold:
        facts.append((_("Credit"), _("on hold"), f"/credit?{urlencode({'account': account.number})}"))
    if account.looked_at:
        facts.append(
            (
                _("Last looked at as a buyer"),
                tongue.moment(account.looked_at, today),
                f"/settings/access-log?{urlencode({'account': account.number})}",
            )
        )
    return facts


def level_word(level: str, tongue: Tongue) -> str:
    """How much of a buyer's view the account lets us have."""
    _ = tongue.gettext
    return {
        "off": _("not look as its people"),
        "read": _("look as its people"),
        "order": _("look and order as its people"),
    }[level]


def _level_note(level: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    if level == "off":
        return _("It is switched off. Only the account's own administrator can switch it on again.")
    return _("You can allow less here. Only the account's own administrator can allow more.")


def _truth(found: Sequence[Found], tongue: Tongue) -> str:
    """`3 orders late, 1 invoice overdue.`"""
    counts = {one.kind: one.of for one in found}
    said = [counted(kind, counts[kind], tongue) for kind in KINDS if kind in counts]
    if not said:
        return tongue.gettext("Nothing is wrong now.")
    text = ", ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _groups(account: str, found: Sequence[Found], tongue: Tongue, today: date) -> list[Group]:
    groups = []
    for kind in KINDS:
        mine = [one for one in found if one.kind == kind]
        if not mine:
            continue
        left = mine[0].of - len(mine)
        title = counted(kind, mine[0].of, tongue)
        groups.append(
            Group(
                kind=kind,
                look=LOOKS[kind],
                title=f"{title[:1].upper()}{title[1:]}",
                href=where(kind, account),
                items=[_item(one, where(kind, account), tongue, today) for one in mine],
                more=tongue.ngettext("{n} more", "{n} more", left).format(n=tongue.number(left))
                if left
                else "",
            )
        )
    return groups


def _item(one: Found, otherwise: str, tongue: Tongue, today: date) -> Item:
    said, when = _said(one, tongue, today)
    href = {
        "disputed": f"/disputes/{one.number}",
        "returns": f"/returns/{one.number}",
        "overdue": f"/invoices/{one.number}",
        "bounced": "#people",
        "endpoints": otherwise,
    }.get(one.kind, f"/orders/{one.number}")
    return Item(one.number, href, said, when or (tongue.moment(one.since, today) if one.since else ""))


def _said(one: Found, tongue: Tongue, today: date) -> tuple[str, str]:
    """What is known of it, and since when, where that is a day."""
    _ = tongue.gettext
    day = tongue.day(one.day, today) if one.day else ""
    if one.kind == "late":
        return (
            _("was promised for {day}").format(day=day) if day else _("is late"),
            _ago(one.day, tongue, today),
        )
    if one.kind == "failed":
        return shipment_state(one.word or "exception", tongue), ""
    if one.kind == "silent":
        return _("nothing new since {day}").format(day=day), _ago(one.day, tongue, today)
    if one.kind == "held":
        return hold_word(one.word or "", tongue), ""
    if one.kind == "moved":
        return (_("arrives {day} now").format(day=day) if day else _("has no date any more")), ""
    if one.kind == "disputed":
        return dispute_reason(one.word or "other", tongue), ""
    if one.kind == "overdue" and one.amount is not None:
        due = _("{amount}, due {day}").format(amount=tongue.money(one.amount, one.currency or ""), day=day)
        return due, _ago(one.day, tongue, today)
    if one.kind == "endpoints":
        return {
            "gone": _("its receiver says that it is gone for good"),
            "failing": _("nothing gets through"),
        }.get(one.word or "", one.word or ""), ""
    return one.word or "", ""


def _ago(day: date | None, tongue: Tongue, today: date) -> str:
    return tongue.away(day, today) if day else ""


ROLES = ("buyer", "approver", "finance", "account_admin", "reader")


def _member(one: Person, path: str, tongue: Tongue, today: date, *, looks: bool) -> Member:
    _ = tongue.gettext
    words = {
        "buyer": _("buyer"),
        "approver": _("approver"),
        "finance": _("finance"),
        "account_admin": _("administers the account"),
        "reader": _("reads"),
    }
    return Member(
        id=one.id,
        name=one.name,
        email=one.email,
        roles=", ".join(words[role] for role in ROLES if role in one.roles),
        problem=_("Mail comes back: {why}").format(why=one.mail_problem) if one.mail_problem else "",
        since=tongue.moment(one.mail_problem_at, today) if one.mail_problem_at else "",
        is_active=one.active,
        look_href=f"{path}/impersonate?person={one.id}" if looks and one.active else "",
    )


def _ways(number: str, tongue: Tongue) -> list[tuple[str, str, str]]:
    """(address, icon, word) of the buyer's pages, as staff see them."""
    _ = tongue.gettext
    query = urlencode({"account": number})
    return [
        (f"/orders?{query}", "orders", _("Orders")),
        (f"/today?{query}", "today", _("Their day")),
        (f"/arrivals?{query}", "arrivals", _("Arrivals")),
        (f"/invoices?{query}", "invoices", _("Invoices")),
        (f"/credit?{query}", "credit", _("Credit")),
    ]
