"""The frame of the arrivals, as a list and as a calendar: what they come to in a sentence, and how to look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup, escape

from portal.domain.arrivals import Total
from portal.filters import Tongue
from portal.views.arrivals.asked import VIEWS, AskedArrivals
from portal.views.order.certainty import ONLY, Key, keys, only_word
from portal.views.sites import SiteNames


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose page it is: what was asked, in which language, on which day, over which sites."""

    asked: AskedArrivals
    tongue: Tongue
    today: date
    names: SiteNames
    accounts: Sequence[tuple[str, str]]
    for_supplier: bool = False

    def lines(self, count: int) -> str:
        return self.tongue.ngettext("{n} line", "{n} lines", count).format(n=self.tongue.number(count))

    def day(self, day: date) -> str:
        return self.tongue.day(day, self.today)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: str
    is_chosen: bool
    href: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands above every view of the arrivals."""

    truth: Markup
    views: Sequence[Choice]
    sites: Sequence[tuple[str, Sequence[Choice]]]
    accounts: Sequence[Choice]
    only: Sequence[Choice]
    legend: Sequence[Key]
    hidden: Sequence[tuple[str, str]]
    clear: str
    csv: str
    summary: str


def lines_of(totals: Sequence[Total], part: str) -> int:
    return next((total.lines for total in totals if total.part == part), 0)


def frame(
    eyes: Eyes,
    totals: Sequence[Total],
    *,
    days: tuple[date, date] | None = None,
    following: date | None = None,
) -> Frame:
    """`days` are those of a calendar, or of a list that has bounds; `following` is the next with something."""
    asked, tongue = eyes.asked, eyes.tongue
    everything = AskedArrivals(
        view=asked.view, on=asked.on, account=asked.account if eyes.for_supplier else ""
    )
    csv_query = asked.but(view="list", on=None).query
    return Frame(
        truth=_truth(eyes, totals, days, following),
        views=[_view(eyes, view) for view in VIEWS],
        sites=_sites(eyes),
        accounts=[
            Choice(number, f"{name} ({number})", number == asked.account) for number, name in eyes.accounts
        ]
        if len(eyes.accounts) > 1 and not eyes.for_supplier
        else [],
        only=[Choice(only, only_word(only, tongue), only == asked.only) for only in ONLY],
        legend=_legend(eyes, totals),
        hidden=_hidden(eyes),
        clear=everything.href if asked.is_filtered or (asked.account and not eyes.for_supplier) else "",
        csv=f"/arrivals.csv{csv_query}",
        summary=_summary(eyes),
    )


def _view(eyes: Eyes, view: str) -> Choice:
    _ = eyes.tongue.gettext
    name = {"list": _("List"), "week": _("Week"), "month": _("Month")}[view]
    there = eyes.asked.but(view=view, part="", first=None, last=None)
    return Choice(view, name, eyes.asked.view == view, (there if view != "list" else there.but(on=None)).href)


def _sites(eyes: Eyes) -> list[tuple[str, list[Choice]]]:
    """The sites to choose from, under the names of their accounts where there are several."""
    if not eyes.names.are_several:
        return []
    chosen = eyes.asked.site
    sites = sorted(eyes.names.sites, key=lambda site: (site.account, site.city, site.code))
    return [
        (
            name,
            [
                Choice(value := f"{s.account}/{s.code}", f"{s.city}, {s.name}", value == chosen)
                for s in of_account
            ],
        )
        for name, of_account in groupby(sites, key=lambda site: site.account_name)
    ]


def _legend(eyes: Eyes, totals: Sequence[Total]) -> list[Key]:
    """What comes, by how certain it is; each entry leaves only that, or all again."""
    coming: Mapping[str, int] = next((total.kinds for total in totals if total.part == "coming"), {})
    asked = eyes.asked
    hrefs = {kind: asked.but(only="" if kind == asked.only else kind).href for kind in coming}
    return keys(coming, hrefs, asked.only, eyes.tongue)


def _hidden(eyes: Eyes) -> list[tuple[str, str]]:
    """What the form keeps besides what it asks for."""
    asked = eyes.asked
    kept = AskedArrivals(view=asked.view, part=asked.part, on=asked.on, first=asked.first, last=asked.last)
    account = [("account", asked.account)] if eyes.for_supplier else []
    return [*kept.pairs, *account]


def _summary(eyes: Eyes) -> str:
    """What was left out, for paper, where the form is not shown."""
    asked, tongue = eyes.asked, eyes.tongue
    site = eyes.names.chosen(asked.site)
    said = [
        f"{site.city}, {site.name}" if site else asked.site,
        asked.account if not site else "",
        only_word(asked.only, tongue) if asked.only else "",
        f"“{asked.q}”" if asked.q else "",
    ]
    return " · ".join(filter(None, said))


def _truth(
    eyes: Eyes, totals: Sequence[Total], days: tuple[date, date] | None, following: date | None
) -> Markup:
    """`9 lines arrive, the next on Fri 20 Nov; 2 should have arrived; 7 have no date yet`, each with its way there."""
    coming, late, undated = (lines_of(totals, part) for part in ("coming", "late", "undated"))
    clauses = [_coming(eyes, coming, following) if days is None else _coming_between(eyes, coming, *days)]
    if late:
        said = eyes.tongue.ngettext("{lines} should have arrived", "{lines} should have arrived", late)
        clauses.append(_link(said, eyes.lines(late), to_part(eyes, "late")))
    if undated:
        said = eyes.tongue.ngettext("{lines} has no date yet", "{lines} have no date yet", undated)
        clauses.append(_link(said, eyes.lines(undated), to_part(eyes, "undated")))
    return Markup("{}.").format(Markup("; ").join(clauses))


def _coming(eyes: Eyes, coming: int, following: date | None) -> Markup:
    tongue = eyes.tongue
    _ = tongue.gettext
    if not coming:
        return escape(
            _("Nothing of it has an arrival date")
            if eyes.asked.is_filtered
            else _("Nothing has an arrival date")
        )
    if following is None:
        return tongue.strong(
            tongue.ngettext("{lines} arrives", "{lines} arrive", coming), lines=eyes.lines(coming)
        )
    template = tongue.ngettext("{lines} arrives, on {day}", "{lines} arrive, the next on {day}", coming)
    return tongue.strong(template, lines=eyes.lines(coming), day=eyes.day(following))


def _coming_between(eyes: Eyes, coming: int, first: date, last: date) -> Markup:
    tongue = eyes.tongue
    _ = tongue.gettext
    days = {"first": eyes.day(first), "last": "" if last == date.max else eyes.day(last)}
    if not coming:
        nothing = _("Nothing arrives from {first} to {last}")
        if last == date.max:
            nothing = _("Nothing arrives from {first} on")
        elif first == last:
            nothing = _("Nothing arrives on {first}")
        return tongue.strong(nothing, **days)
    template = tongue.ngettext(
        "{lines} arrives from {first} to {last}", "{lines} arrive from {first} to {last}", coming
    )
    if last == date.max:
        template = tongue.ngettext(
            "{lines} arrives from {first} on", "{lines} arrive from {first} on", coming
        )
    elif first == last:
        template = tongue.ngettext("{lines} arrives on {first}", "{lines} arrive on {first}", coming)
    return tongue.strong(template, lines=eyes.lines(coming), **days)


def to_part(eyes: Eyes, part: str) -> str:
    return eyes.asked.but(view="list", on=None, part=part, first=None, last=None).href


def _link(template: str, lines: str, href: str) -> Markup:
    inside = Markup("<b>{}</b>").format(lines)
    return Markup('<a href="{}">{}</a>').format(href, escape(template).format(lines=inside))


def day_title(eyes: Eyes, day: date) -> str:
    _ = eyes.tongue.gettext
    if day == eyes.today:
        return _("Today, {day}").format(day=eyes.day(day))
    if day == eyes.today + timedelta(days=1):
        return _("Tomorrow, {day}").format(day=eyes.day(day))
    return eyes.day(day)
