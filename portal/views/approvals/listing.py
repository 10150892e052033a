"""The inbox: requests by when they end, who asks, why, for how much, and who is asked now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from markupsafe import Markup

from portal.domain.inbox import Counts, Listed
from portal.views.approvals.asked import PATH, Asked
from portal.views.approvals.facts import reasons
from portal.views.approvals.heads import Eyes, Tab, tabs, total_of, truth
from portal.views.approvals.words import left, state
from portal.views.order.statuses import Look

PER_PAGE = 50
# What ends within this is near.
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Row:
    """One request. `value` is what its box says when it is ticked: the request, in the version that was shown."""

    number: str
    href: str
    order: str
    purchase_order: str
    account: str
    who: str
    asked: str
    on_behalf_of: str
    why: str
    more: str
    lines: str
    total: str
    look: Look
    state: str
    is_asked: bool
    where: str
    ended: str
    ends: Markup
    until: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Requests that end alike."""

    id: str
    title: str
    note: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Inbox:
    asked: Asked
    truth: Markup
    tabs: Sequence[Tab]
    groups: Sequence[Group]
    accounts: Sequence[tuple[str, str]]
    shows_account: bool
    may_tick: bool
    count: str
    following: str
    first: str
    now: str


def inbox(
    eyes: Eyes,
    asked: Asked,
    found: Sequence[Listed],
    following: tuple[datetime, int] | None,
    counts: Counts,
    accounts: Sequence[tuple[str, str]],
    *,
    is_supplier: bool,
) -> Inbox:
    """`accounts` are those that the reader may choose from."""
    tongue = eyes.tongue
    several = len(accounts) > 1 or is_supplier
    by_end = groupby(found, key=lambda one: _end(eyes, one)) if asked.shelf in ("mine", "others") else None
    groups = (
        [_group(eyes, slug, list(rows)) for slug, rows in by_end]
        if by_end
        else [Group("all", "", "", [_row(eyes, one) for one in found])]
    )
    count = tongue.ngettext("{n} request", "{n} requests", len(found))
    if following or asked.after:
        count = tongue.ngettext("{n} request on this page", "{n} requests on this page", len(found))
    return Inbox(
        asked=asked,
        truth=truth(eyes, counts, is_supplier=is_supplier),
        tabs=tabs(eyes, asked, counts, is_supplier=is_supplier),
        groups=[group for group in groups if group.rows],
        accounts=accounts if len(accounts) > 1 else (),
        shows_account=several,
        may_tick=asked.shelf == "mine" and bool(found),
        count=count.format(n=tongue.number(len(found))),
        following=replace(asked, after=following).href if following else "",
        first=replace(asked, after=None).href if asked.after else "",
        now=eyes.now.isoformat(timespec="seconds"),
    )


def _end(eyes: Eyes, one: Listed) -> str:
    if one.expires_at is None:
        return "never"
    days = (eyes.tongue.on(one.expires_at) - eyes.today).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else "week" if days < 7 else "later"


def _group(eyes: Eyes, slug: str, rows: Sequence[Listed]) -> Group:
    tongue = eyes.tongue
    _ = tongue.gettext
    title = {
        "today": _("End today"),
        "tomorrow": _("End tomorrow"),
        "week": _("End within a week"),
        "later": _("End later"),
        "never": _("Do not end by themselves"),
    }[slug]
    note = tongue.ngettext("{n} request, {total}", "{n} requests, {total}", len(rows)).format(
        n=tongue.number(len(rows)), total=total_of(eyes, [(row.total, row.currency) for row in rows])
    )
    return Group(slug, title, note, [_row(eyes, row) for row in rows])


def _row(eyes: Eyes, one: Listed) -> Row:
    tongue, today = eyes.tongue, eyes.today
    _ = tongue.gettext
    word, look = state(one.state, tongue)
    said = reasons(one.reasons, one.currency, tongue)
    others = len(said) - 1
    lines = tongue.ngettext("{n} line", "{n} lines", one.lines).format(n=tongue.number(one.lines))
    return Row(
        number=one.number,
        href=f"{PATH}/{one.number}",
        order=one.order,
        purchase_order=one.purchase_order_number or "",
        account=f"{one.account_name} ({one.account})",
        who=one.requester,
        asked=tongue.moment(one.asked_at, today),
        on_behalf_of=one.on_behalf_of or "",
        why=said[0] if said else "",
        more=tongue.ngettext("and {n} more reason", "and {n} more reasons", others).format(
            n=tongue.number(others)
        )
        if others > 0
        else "",
        lines=", ".join([lines, _("a change")]) if one.kind == "amendment" else lines,
        total=tongue.money(one.total, one.currency),
        look=look,
        state=word,
        is_asked=one.state == "asked",
        where=_where(eyes, one),
        ended=tongue.stamp(one.settled_at, today) if one.settled_at else "",
        ends=_ends(eyes, one),
        until=one.expires_at.isoformat(timespec="seconds") if one.is_open and one.expires_at else "",
        value=f"{one.number}:{one.version}",
    )


def _where(eyes: Eyes, one: Listed) -> str:
    """`Step 2 of 3: Klaus Brandt, Anna Ek`."""
    if not one.is_open:
        return ""
    tongue = eyes.tongue
    who = ", ".join(tongue.gettext("you") if name == eyes.name else name for name in one.waits_for)
    if one.steps == 1:
        return who
    at = tongue.gettext("Step {n} of {all}").format(n=tongue.number(one.step), all=tongue.number(one.steps))
    return f"{at}: {who}" if who else at


def _ends(eyes: Eyes, one: Listed) -> Markup:
    """When it ends by itself, and how long that is from now."""
    if not one.is_open or one.expires_at is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time><small data-until>{}</small>').format(
        one.expires_at.isoformat(timespec="seconds"),
        eyes.tongue.moment(one.expires_at, eyes.today),
        left(one.expires_at, eyes.now, eyes.tongue),
    )
