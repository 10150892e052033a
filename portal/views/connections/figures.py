"""A connection's figures and alerts as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.health import Alert, Health
from portal.filters import Tongue
from portal.views.connections import words
from portal.views.order.statuses import Look


@dataclass(frozen=True, slots=True)
class AlertRow:
    """`by` and `note`: who has taken note of it, and what they say."""

    id: int
    connection_id: str
    connection: str
    href: str
    headline: str
    limit: str
    advice: str
    problem: str
    since: str
    by: str
    by_at: str
    note: str
    until: str


@dataclass(frozen=True, slots=True)
class Row:
    """A connection in a line: `…_is_bad` where a figure has passed its limit."""

    id: str
    href: str
    name: str
    note: str
    look: Look
    word: str
    since: str
    backlog: str
    backlog_is_bad: bool
    oldest: str
    oldest_is_bad: bool
    errors: str
    errors_note: str
    errors_are_bad: bool
    dead: str
    dead_is_bad: bool
    last: str
    alerts: Sequence[AlertRow]


def row(one: Health, tongue: Tongue, today: date) -> Row:
    _, bad = tongue.gettext, {alert.measure for alert in one.alerts}
    look, word, since = state(one, tongue, today)
    percent = one.hour.percent
    tried = tongue.ngettext("of {n} try", "of {n} tries", one.hour.tried).format(
        n=tongue.number(one.hour.tried)
    )
    return Row(
        id=one.id,
        href=f"/connections/{one.id}",
        name=words.name(one.kind, one.account_name, one.url, one.description, tongue),
        note=words.host(one.url) if one.kind in ("webhook", "erp") else words.purpose(one.kind, tongue),
        look=look,
        word=word,
        since=since,
        backlog=tongue.number(one.backlog) if one.backlog else "",
        backlog_is_bad="backlog" in bad,
        oldest=words.lasted(one.oldest, tongue) if one.oldest is not None else "",
        oldest_is_bad="oldest" in bad,
        errors=_("{n} %").format(n=tongue.number(percent)).replace(" ", "\u00a0")
        if percent is not None
        else "",
        errors_note=tried if one.hour.tried else "",
        errors_are_bad="errors" in bad,
        dead=tongue.number(one.dead) if one.dead else "",
        dead_is_bad=one.dead > 0,
        last=tongue.moment(one.last_success_at, today) if one.last_success_at else "",
        alerts=[alert(found, one, tongue, today) for found in one.alerts],
    )


def state(one: Health, tongue: Tongue, today: date) -> tuple[Look, str, str]:
    """(look, word, since when) of how it is at the moment."""
    _ = tongue.gettext

    def at(moment: datetime | None) -> str:
        return _("since {moment}").format(moment=tongue.moment(moment, today)) if moment else ""

    if one.state == "disabled":
        return (
            Look("held", "cancelled"),
            words.because(one.disabled_because or "", tongue),
            at(one.disabled_at),
        )
    if one.state == "paused":
        return Look("queued", "pause"), _("Paused"), ""
    if one.is_failing and (one.backlog or not one.dead):
        return Look("held", "held"), _("Does not get through"), at(one.failing_since)
    if one.dead:
        return Look("held", "bell"), _("Something needs you"), ""
    # What failed for good and is put right has its alert until somebody looks again: that is no trouble any more.
    measures = {alert.measure for alert in one.alerts}
    if "errors" in measures:
        return Look("inbound", "bell"), _("Fails often"), ""
    if measures & {"oldest", "backlog"}:
        return Look("inbound", "bell"), _("Is slow"), ""
    if one.kind == "inbound":
        return Look("delivered", "tick"), _("Works"), ""
    if one.last_success_at is None and not one.backlog:
        return Look("never", "unsure"), _("Nothing sent yet"), ""
    return Look("delivered", "tick"), _("Works"), ""


def alert(found: Alert, one: Health, tongue: Tongue, today: date) -> AlertRow:
    by = by_at = ""
    if found.acknowledged_at is not None:
        by = found.acknowledged_by or tongue.gettext("Somebody")
        by_at = tongue.moment(found.acknowledged_at, today)
    return AlertRow(
        id=found.id,
        connection_id=found.connection_id,
        connection=words.name(one.kind, one.account_name, one.url, one.description, tongue),
        href=f"/connections/{found.connection_id}",
        headline=words.headline(found.measure, one.kind, found.facts, tongue),
        limit=words.limit(found.measure, found.facts, tongue),
        advice=words.advice(found.measure, one.kind, tongue),
        problem=str(found.facts.get("problem") or ""),
        since=tongue.moment(found.raised_at, today),
        by=by,
        by_at=by_at,
        note=found.note or "",
        until=tongue.moment(found.cleared_at, today) if found.cleared_at else "",
    )


def truth(standing: int, unseen: int, troubled: bool, tongue: Tongue) -> str:
    """How all of it is, in one sentence; `troubled`: something does not get through of which nobody is told yet."""
    if not standing and troubled:
        return tongue.gettext("Not everything gets through; nobody is told yet.")
    if not standing:
        return tongue.gettext("Everything gets through.")
    said = tongue.ngettext("{n} alert stands", "{n} alerts stand", standing).format(n=tongue.number(standing))
    if not unseen:
        return tongue.gettext("{alerts}; somebody looks after each.").format(alerts=said)
    if unseen == standing:
        return tongue.gettext("{alerts}, and nobody looks after it yet.").format(alerts=said)
    return tongue.gettext("{alerts}; nobody looks after {n} of them yet.").format(
        alerts=said, n=tongue.number(unseen)
    )
