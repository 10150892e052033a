"""The account manager's board: which accounts have a problem now, mine first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from portal.db.tasks import Task
from portal.domain.problems import KINDS, AccountBoard, AccountRow
from portal.filters import Tongue
from portal.views.accounts.asked import WHOSE, AskedAccounts, place
from portal.views.accounts.tasks import TaskRow, task_rows
from portal.views.order.statuses import Look
from portal.views.problems import LOOKS, account_path, counted, problem_word, where


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem over all accounts asked for, as a filter."""

    href: str
    look: Look
    word: str
    count: str
    is_none: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Problem:
    href: str
    look: Look
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    name: str
    href: str
    parent: str
    manager: str
    is_mine: bool
    problems: Sequence[Problem]
    open_orders: str
    orders_href: str
    tasks: str
    impersonate: str


@dataclass(frozen=True, slots=True)
class Board:
    asked: AskedAccounts
    truth: str
    whose: Sequence[tuple[str, str, bool]]
    shows: Sequence[tuple[str, str, bool]]
    kinds: Sequence[Kind]
    rows: Sequence[Row]
    tasks: Sequence[TaskRow]
    tasks_more: bool
    following: str
    first: str
    empty: str


def board(
    asked: AskedAccounts,
    chosen: str,
    found: AccountBoard,
    following: tuple[int, int, str] | None,
    tasks: Sequence[Task],
    me: int | None,
    tongue: Tongue,
    today: date,
    *,
    may_look: bool,
    tasks_more: bool,
) -> Board:
    """`chosen` is whose accounts these are; `may_look`: the reader may look as a buyer."""
    _ = tongue.gettext
    words = {"mine": _("Mine"), "all": _("Everybody's"), "nobodys": _("Nobody's")}
    return Board(
        asked=asked,
        truth=_truth(found, chosen, tongue),
        whose=[(asked.href(whose=one), words[one], one == chosen) for one in WHOSE],
        shows=[
            (asked.href(show=""), _("With a problem"), not asked.show),
            (asked.href(show="all", problem=""), _("All accounts"), bool(asked.show)),
        ],
        kinds=[_kind(kind, asked, found.totals.kinds.get(kind, 0), tongue) for kind in KINDS],
        rows=[_row(one, me, tongue, may_look=may_look) for one in found.rows],
        tasks=task_rows(tasks, tongue, today),
        tasks_more=tasks_more,
        following=asked.href(after=place(following)) if following else "",
        first=asked.href() if asked.after else "",
        empty=_empty(asked, chosen, tongue),
    )


def _truth(found: AccountBoard, chosen: str, tongue: Tongue) -> str:
    """`4 of your 40 accounts have a problem now: 5 orders late, 2 deliveries failed.`"""
    ngettext, totals = tongue.ngettext, found.totals
    if not totals.accounts:
        return ""
    said = [counted(kind, totals.kinds[kind], tongue) for kind in KINDS if totals.kinds.get(kind)]
    numbers = {"some": tongue.number(totals.troubled), "all": tongue.number(totals.accounts)}
    if not said:
        nothing = {
            "mine": ngettext(
                "Your account has no problem now.",
                "None of your {all} accounts has a problem now.",
                totals.accounts,
            )
        }.get(
            chosen,
            ngettext(
                "The account has no problem now.",
                "None of {all} accounts has a problem now.",
                totals.accounts,
            ),
        )
        return nothing.format(**numbers)
    template = (
        ngettext(
            "{some} of your {all} accounts has a problem now: {problems}.",
            "{some} of your {all} accounts have a problem now: {problems}.",
            totals.troubled,
        )
        if chosen == "mine"
        else ngettext(
            "{some} of {all} accounts has a problem now: {problems}.",
            "{some} of {all} accounts have a problem now: {problems}.",
            totals.troubled,
        )
    )
    return template.format(**numbers, problems=", ".join(said))


def _kind(kind: str, asked: AskedAccounts, n: int, tongue: Tongue) -> Kind:
    is_chosen = kind == asked.problem
    return Kind(
        href=asked.href(problem="" if is_chosen else kind),
        look=LOOKS[kind],
        word=problem_word(kind, tongue),
        count=tongue.number(n),
        is_none=not n,
        is_chosen=is_chosen,
    )


def _row(one: AccountRow, me: int | None, tongue: Tongue, *, may_look: bool) -> Row:
    _ = tongue.gettext
    path = account_path(one.number)
    return Row(
        number=one.number,
        name=one.name,
        href=path,
        parent=_("below {parent}").format(parent=one.parent) if one.parent else "",
        manager=one.manager or _("nobody yet"),
        is_mine=one.manager_id is not None and one.manager_id == me,
        problems=[
            Problem(where(kind, one.number), LOOKS[kind], counted(kind, one.problems[kind], tongue))
            for kind in KINDS
            if one.problems.get(kind)
        ],
        open_orders=tongue.number(one.open_orders),
        orders_href=where_open(one.number),
        tasks=tongue.ngettext("{n} task", "{n} tasks", one.tasks).format(n=tongue.number(one.tasks))
        if one.tasks
        else "",
        impersonate=f"{path}/impersonate" if may_look and one.shows else "",
    )


def where_open(number: str) -> str:
    """The account's open orders."""
    return f"/orders?{urlencode({'account': number, 'state': 'open'})}"


def _empty(asked: AskedAccounts, chosen: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    if asked.q:
        return _("No account fits. Try the beginning of its number or of a word of its name.")
    if asked.problem:
        return _("No account has this problem now.")
    if chosen == "nobodys":
        return _("Every account with a problem has somebody who looks after it.")
    return _("No account has a problem now: dates, holds, deliveries and invoices are all as they should be.")
