"""Decisions on many requests: how far they are, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.bulk import Row, Run
from portal.filters import Tongue
from portal.views.approvals.words import state
from portal.views.desk import runs as desk_runs


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request."""

    row: int
    number: str
    order: str
    who: str
    word: str
    icon: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class RunPage:
    id: int
    title: str
    asked: str
    all: int
    settled: int
    progress: str
    is_over: bool
    summary: str
    comment: str
    rows: Sequence[Outcome]


def page(tongue: Tongue, today: date, run: Run, about: Mapping[str, tuple[str, str]]) -> RunPage:
    """`about` says of each request which order it is for, and who asked."""
    _ = tongue.gettext
    whole = desk_runs.page(tongue, today, run, {})
    return RunPage(
        id=run.id,
        title=_("Approve the ticked requests") if run.what == "approve" else _("Reject the ticked requests"),
        asked=_("Sent at {time}").format(time=tongue.moment(run.asked_at, today)),
        all=whole.all,
        settled=whole.settled,
        progress=whole.progress,
        is_over=whole.is_over,
        summary=whole.summary,
        comment=str(run.shared.get("comment") or ""),
        rows=[_outcome(tongue, row, about.get(row.subject, ("", ""))) for row in run.rows],
    )


def _outcome(tongue: Tongue, row: Row, about: tuple[str, str]) -> Outcome:
    _ = tongue.gettext
    word, icon, role = {
        "waiting": (_("Waiting"), "queue", "queued"),
        "done": (_("Done"), "tick", "delivered"),
        "refused": (_("Not done"), "cancelled", "held"),
    }[row.state]
    return Outcome(row.row, row.subject, about[0], about[1], word, icon, role, _text(tongue, row))


def _text(tongue: Tongue, row: Row) -> str:
    """What it has come to: the request's new state, or the sentence that says why it was left as it is."""
    result = row.result or {}
    _ = tongue.gettext
    if result.get("failed"):
        return _("It did not work. That is our fault, and it has been written down.")
    if "said" in result:
        return str(result["said"])
    if result.get("state") == "pending":
        return _("Your approval counts; others are still asked.")
    return state(str(result["state"]), tongue)[0] if "state" in result else ""
