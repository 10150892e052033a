"""A task in words: what is to be seen to, why, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.tasks import Task
from portal.domain.silence import promise, sentence
from portal.filters import Tongue
from portal.views.order.statuses import Look
from portal.views.problems import LOOKS, account_path

KIND_LOOKS = {"silence": LOOKS["silent"], "bounced": LOOKS["bounced"]}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """`more` is what has been promised to the buyer; `about` leads to what it is about."""

    id: int
    look: Look
    title: str
    text: str
    more: str
    about: str
    about_href: str
    account: str
    account_href: str
    manager: str
    raised: str
    instant: str
    note: str
    is_open: bool
    ended: str


def task_rows(tasks: Sequence[Task], tongue: Tongue, today: date) -> list[TaskRow]:
    return [task_row(task, tongue, today) for task in tasks]


def task_row(task: Task, tongue: Tongue, today: date) -> TaskRow:
    _ = tongue.gettext
    title, text, more = _said(task, tongue, today)
    po = _("PO {number}").format(number=task.purchase_order_number) if task.purchase_order_number else ""
    return TaskRow(
        id=task.id,
        look=KIND_LOOKS[task.kind],
        title=title,
        text=text,
        more=more,
        about=", ".join(filter(None, (task.order, po))) if task.order else "",
        about_href=f"/orders/{task.order}" if task.order else "",
        account=task.account_name,
        account_href=account_path(task.account),
        manager=task.manager or _("nobody yet"),
        raised=tongue.moment(task.raised_at, today),
        instant=task.raised_at.isoformat(timespec="minutes"),
        note=task.note or "",
        is_open=task.state == "open",
        ended=_ended(task, tongue, today),
    )


def _said(task: Task, tongue: Tongue, today: date) -> tuple[str, str, str]:
    """Its title, what is the matter, and what the buyer was told."""
    _, because = tongue.gettext, task.because
    if task.kind == "bounced":
        who = str(because.get("name") or because.get("email") or "")
        return (
            _("Mail to {who} comes back").format(who=who),
            str(because.get("problem") or ""),
            _("They hear nothing until the address is put right."),
        )
    words = tongue.words(today)
    told = _("The buyer was told: “{promise}”").format(promise=promise(because, words))
    return _("No news for too long"), sentence(because, words), told


def _ended(task: Task, tongue: Tongue, today: date) -> str:
    _ = tongue.gettext
    if task.done_at is None:
        return ""
    when = tongue.moment(task.done_at, today)
    if task.done_by == "portal":
        return _("Settled by itself, {when}").format(when=when)
    return _("Done by {who}, {when}").format(who=task.done_by, when=when)
