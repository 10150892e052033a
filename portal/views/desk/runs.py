"""A run of many: how far it is, and what became of each row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from portal.db.bulk import Row, Run
from portal.filters import Tongue
from portal.views.desk.words import hold_reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row. `shipment` is what it became, with its papers."""

    row: int
    subject: str
    href: str
    where: str
    state: str
    word: str
    icon: str
    role: str
    text: str
    shipment: str


@dataclass(frozen=True, slots=True)
class RunPage:
    id: int
    title: str
    # Where it was asked for.
    back: tuple[str, str]
    asked: str
    all: int
    settled: int
    progress: str
    is_over: bool
    summary: str
    rows: Sequence[Outcome]


Titles = Mapping[str, Callable[[Tongue], str]]
# What a verb is called; one that is not here is called by its own name.
TITLES: Titles = {
    "pick": lambda tongue: tongue.gettext("Pick all that is ready"),
    "pack": lambda tongue: tongue.gettext("Pack all that is picked"),
    "ship": lambda tongue: tongue.gettext("Ship all that is ready"),
    "lift_hold": lambda tongue: tongue.gettext("Lift the holds"),
}


def page(tongue: Tongue, today: date, run: Run, names: Mapping[str, str]) -> RunPage:
    _ = tongue.gettext
    settled = len(run.rows) - run.count("waiting")
    return RunPage(
        id=run.id,
        title=title(run.what, tongue),
        back=("/desk/holds", _("Holds")) if run.what == "lift_hold" else ("/desk/ready", _("Ready to ship")),
        asked=_("Asked for by {who} at {time}").format(who=run.who, time=tongue.moment(run.asked_at, today)),
        all=len(run.rows),
        settled=settled,
        progress=_("{some} of {all}").format(some=tongue.number(settled), all=tongue.number(len(run.rows))),
        is_over=run.is_over,
        summary=_summary(tongue, run) if run.is_over else "",
        rows=[_outcome(tongue, row, names) for row in run.rows],
    )


def title(what: str, tongue: Tongue) -> str:
    """The verb of a run, as its button says it."""
    said = TITLES.get(what)
    return said(tongue) if said else what


def _summary(tongue: Tongue, run: Run) -> str:
    """The one sentence that is announced when it is over."""
    done, refused = run.count("done"), run.count("refused")
    said = [tongue.ngettext("{n} done", "{n} done", done).format(n=tongue.number(done))]
    if refused:
        said.append(tongue.ngettext("{n} refused", "{n} refused", refused).format(n=tongue.number(refused)))
    return tongue.gettext("Finished: {counts}.").format(counts=", ".join(said))


def _outcome(tongue: Tongue, row: Row, names: Mapping[str, str]) -> Outcome:
    _ = tongue.gettext
    location = str(row.parameters.get("location", ""))
    word, icon, role = {
        "waiting": (_("Waiting"), "queue", "queued"),
        "done": (_("Done"), "tick", "delivered"),
        "refused": (_("Refused"), "cancelled", "held"),
    }[row.state]
    return Outcome(
        row=row.row,
        subject=row.subject,
        href=f"/desk/orders/{row.subject}" + (f"?{urlencode({'location': location})}" if location else ""),
        where=names.get(location, location),
        state=row.state,
        word=word,
        icon=icon,
        role=role,
        text=_text(tongue, row),
        shipment=str((row.result or {}).get("shipment") or ""),
    )


def _text(tongue: Tongue, row: Row) -> str:
    """What came of it: the refusal's sentence, which hold was lifted, or how many lines moved."""
    result = row.result or {}
    if result.get("failed"):
        return tongue.gettext("It did not work. That is our fault, and it has been written down.")
    if "said" in result:
        return str(result["said"])
    if "reason" in result:
        return hold_reason(str(result["reason"]), tongue)
    if "lines" in result:
        lines = int(result["lines"])
        return tongue.ngettext("{n} line", "{n} lines", lines).format(n=tongue.number(lines))
    return ""
