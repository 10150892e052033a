"""The audit log on paper: who decided what, each entry with its whole hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.audit_trail import Listed
from portal.filters import Tongue
from portal.views.audit.audit import Row, row
from portal.views.papers.papers import NO_YEAR, Letterhead, Margins, Sheet, day_of, instant, margins

# A longer paper nobody reads; the file for spreadsheets has all of them.
MOST_ON_PAPER = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPaper(Sheet):
    """`left_out` says how many entries are not on it; `scope` whose they are and which."""

    margins: Margins
    scope: str
    count: str
    left_out: str
    rows: Sequence[tuple[Row, str]]


def audit_paper(
    found: Sequence[Listed],
    of: int,
    companies: Sequence[tuple[str, str]],
    days: tuple[date | None, date | None],
    tongue: Tongue,
    head: Letterhead,
) -> AuditPaper:
    """The entries, the newest first. It says what it says until another entry joins it."""
    _ = tongue.gettext
    title = _("Audit log")
    newest = instant(found[0].entry.at) if found else instant_of_nothing()
    oldest = instant(found[-1].entry.at) if found else newest
    scope = ", ".join(f"{name} ({number})" for number, name in companies[:3])
    if len(companies) > 3:
        scope = _("{some} and {n} more").format(some=scope, n=tongue.number(len(companies) - 3))
    return AuditPaper(
        title=f"{title} · {head.supplier}",
        created=oldest,
        changed=newest,
        brand=head.brand,
        margins=margins(head, title, scope, tongue),
        scope=", ".join(filter(None, (scope, *_days(days, tongue)))),
        count=tongue.ngettext("{n} entry", "{n} entries", of).format(n=tongue.number(of)),
        left_out=_left_out(len(found), of, tongue),
        rows=[(row(one.entry, tongue, NO_YEAR), one.entry.hash.hex()) for one in found],
    )


def instant_of_nothing() -> str:
    return f"{NO_YEAR.isoformat()}T00:00:00Z"


def _days(days: tuple[date | None, date | None], tongue: Tongue) -> list[str]:
    first, last = days
    said = [tongue.gettext("from {day}").format(day=day_of(first, tongue))] if first else []
    return [*said, tongue.gettext("until {day}").format(day=day_of(last, tongue))] if last else said


def _left_out(shown: int, of: int, tongue: Tongue) -> str:
    if shown >= of:
        return ""
    return tongue.gettext(
        "The newest {shown} of {all}; the file for spreadsheets has all of them, each with what was decided on."
    ).format(shown=tongue.number(shown), all=tongue.number(of))
