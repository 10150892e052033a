"""Endpoints as their pages show them: how each stands, in a sentence, and what it was told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode, urlsplit

from portal.db.connections import Endpoint
from portal.db.delivery_log import STATES, Attempt, Delivery
from portal.domain.events import TYPES
from portal.domain.refusals import Problem
from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.order.statuses import Look
from portal.views.settings import event_types

HERE = "/settings/webhooks"
PAGE = 25
LOOKS = {
    "active": Look("delivered", "tick"),
    "failing": Look("held", "held"),
    "paused": Look("queued", "pause"),
    "disabled": Look("never", "cancelled"),
}
DELIVERY_LOOKS = {
    "waiting": Look("queued", "queue"),
    "retrying": Look("inbound", "again"),
    "sending": Look("shipped", "connections"),
    "delivered": Look("delivered", "tick"),
    "dead": Look("held", "held"),
    "dropped": Look("never", "cancelled"),
}
# What can be wrong with an address, in the words of `domain.webhooks`.
URL_PROBLEMS = (
    N_("Write an address that begins with https://."),
    N_("This is no web address: write it in ASCII, without spaces."),
    N_("This is no web address."),
    N_("Write the address without a user, a password, or a part after #."),
    N_("This address cannot be reached from outside your network."),
    N_("This name is known within your network only."),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint in a list, and at the head of its page."""

    id: str
    href: str
    name: str
    url: str
    account: str
    hears: str
    types: Sequence[str]
    state: str
    look: Look
    word: str
    said: str
    counts: Sequence[str]
    dead: int
    missed_since: datetime | None
    both_until: str


def row(one: Endpoint, tongue: Tongue, today: date) -> Row:
    standing = "failing" if one.state == "active" and one.failing_since is not None else one.state
    return Row(
        id=one.id,
        href=f"{HERE}/{one.id}",
        name=one.description or urlsplit(one.url).netloc or one.url,
        url=one.url,
        account=one.account_name,
        hears=event_types.said(one.types, tongue),
        types=tuple(one.types) if one.types is not None else (),
        state=one.state,
        look=LOOKS[standing],
        word=_word(standing, tongue),
        said=_said(one, standing, tongue, today),
        counts=_counts(one, tongue),
        dead=one.dead,
        missed_since=one.disabled_at if one.state == "disabled" else None,
        both_until=tongue.moment(one.old_secret_until, today) if one.old_secret_until else "",
    )


def _word(standing: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "active": _("Active"),
        "failing": _("Failing"),
        "paused": _("Paused"),
        "disabled": _("Disabled"),
    }[standing]


def _said(one: Endpoint, standing: str, tongue: Tongue, today: date) -> str:
    _ = tongue.gettext
    if standing == "failing" and one.failing_since is not None:
        since = tongue.moment(one.failing_since, today)
        return _("Nothing has gone through since {when}; it is tried again and again.").format(when=since)
    if standing == "paused":
        return _("Nothing is sent. What happens meanwhile waits and loses nothing.")
    if standing == "disabled" and one.disabled_at is not None:
        return _why(one.disabled_because, tongue).format(when=tongue.moment(one.disabled_at, today))
    if one.last_success_at is None:
        return _("Nothing has arrived there yet.")
    when = tongue.moment(one.last_success_at, today)
    return _("It works: the last delivery arrived at {when}.").format(when=when)


def _why(because: str | None, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "gone": _("Disabled since {when}: it answered that it is gone (410). Nothing is kept for it."),
        "failing": _(
            "Disabled since {when}: nothing had gone through for five days. Nothing is kept for it."
        ),
    }.get(because or "", _("Disabled by hand since {when}. Nothing is kept for it."))


def _counts(one: Endpoint, tongue: Tongue) -> list[str]:
    told = []
    if one.waiting:
        told.append(
            tongue.ngettext("{n} waits", "{n} wait", one.waiting).format(n=tongue.number(one.waiting))
        )
    if one.dead:
        told.append(
            tongue.ngettext("{n} was given up", "{n} were given up", one.dead).format(
                n=tongue.number(one.dead)
            )
        )
    return told


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery in the log."""

    id: int
    href: str
    at: str
    type: str
    order: str | None
    account: str
    sequence: str
    webhook_id: str
    look: Look
    word: str
    said: str
    tries: str
    replayed: str
    may_replay: bool
    may_drop: bool


def entry(one: Delivery, endpoint_id: str, tongue: Tongue, today: date) -> Entry:
    is_retry = one.state == "waiting" and one.tries > 0
    return Entry(
        id=one.id,
        href=f"{HERE}/{endpoint_id}/deliveries/{one.id}",
        at=tongue.moment(one.created_at, today),
        type=one.type,
        order=one.order,
        account=one.account or "",
        sequence=tongue.number(one.sequence) if one.sequence is not None else "",
        webhook_id=one.webhook_id,
        look=DELIVERY_LOOKS["retrying" if is_retry else one.state],
        word=state_word(one.state, tongue),
        said=_answered(one, tongue, today),
        tries=tongue.ngettext("{n} try", "{n} tries", one.tries).format(n=tongue.number(one.tries)),
        replayed=tongue.gettext("sent again") if one.replays else "",
        may_replay=one.state != "sending",
        may_drop=one.state in ("waiting", "dead"),
    )


def state_word(state: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "waiting": _("Waiting"),
        "sending": _("On its way"),
        "delivered": _("Delivered"),
        "dead": _("Given up"),
        "dropped": _("Not sent"),
    }[state]


def _answered(one: Delivery, tongue: Tongue, today: date) -> str:
    """What came of the last try, and when the next one is."""
    _ = tongue.gettext
    told = ""
    if one.last_status is not None:
        told = _("answered {status}").format(status=one.last_status)
    elif one.last_problem is not None:
        told = problem_words(one.last_problem, tongue)
    if one.state == "waiting" and one.tries:
        following = _("next try {when}").format(when=tongue.moment(one.due_at, today))
        return f"{told}, {following}" if told else following
    return told


def problem_words(problem: str, tongue: Tongue) -> str:
    """Why nobody answered; what the network says is shown as it says it."""
    _ = tongue.gettext
    if problem == "abandoned":
        return _("the process that sent it was stopped: sent again")
    if problem.startswith("no answer within"):
        return _("no answer in time")
    if "no public address" in problem:
        return _("its name leads to an address that is not public")
    return problem


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt, with all that went out and came back."""

    title: str
    look: Look
    facts: Sequence[tuple[str, str]]
    request: str
    response: str
    body: str


def attempt(one: Attempt, tongue: Tongue, today: date) -> Try:
    _ = tongue.gettext
    is_success = one.status is not None and 200 <= one.status < 300
    outcome = (
        _("answered {status}").format(status=one.status)
        if one.status is not None
        else problem_words(one.problem or "", tongue)
    )
    facts = [(_("When"), f"{tongue.moment(one.at, today)}")]
    if one.duration_ms is not None:
        facts.append((_("Took"), _("{n} ms").format(n=tongue.number(one.duration_ms))))
    if one.address:
        facts.append((_("Address"), one.address))
    if one.status is not None and one.problem:
        facts.append((_("Problem"), problem_words(one.problem, tongue)))
    return Try(
        title=_("Try {n}: {outcome}").format(n=tongue.number(one.number), outcome=outcome),
        look=LOOKS["active" if is_success else "failing"],
        facts=facts,
        request=_headers(one.request_headers),
        response=_headers(one.response_headers),
        body=_readable(one.response_body or ""),
    )


def _headers(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _readable(text: str) -> str:
    """JSON with a line for each field, else as it came."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def pretty(body: bytes) -> str:
    return _readable(body.decode())


def filters(endpoint_id: str, chosen: str, tongue: Tongue) -> list[tuple[str, str, bool]]:
    """(address, word, whether it is shown) of the states that the log can be narrowed to."""
    first = (f"{HERE}/{endpoint_id}#log", tongue.gettext("All"), chosen == "")
    rest = [
        (
            f"{HERE}/{endpoint_id}?{urlencode({'state': state})}#log",
            state_word(state, tongue),
            state == chosen,
        )
        for state in STATES
    ]
    return [first, *rest]


def older(endpoint_id: str, state: str, following: int | None) -> str:
    """The address of the log's next page; empty on the last."""
    if following is None:
        return ""
    query = {"before": str(following)} | ({"state": state} if state else {})
    return f"{HERE}/{endpoint_id}?{urlencode(query)}#log"


def done_words(query: Mapping[str, str], tongue: Tongue) -> str:
    """What the button that led here has done."""
    _ = tongue.gettext
    raw = query.get("n", "")
    many = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0
    return {
        "changed": _("The endpoint is changed. What waits goes to the address that stands here now."),
        "tested": _("A test is on its way."),
        "paused": _("It is paused."),
        "disabled": _("It is disabled."),
        "active": tongue.ngettext(
            "It is active again; {n} event that it missed is sent.",
            "It is active again; {n} events that it missed are sent.",
            many,
        ).format(n=tongue.number(many))
        if many
        else _("It is active."),
        "replayed": tongue.ngettext(
            "{n} delivery is sent again.", "{n} deliveries are sent again.", many
        ).format(n=tongue.number(many)),
        "dropped": tongue.ngettext("{n} delivery is not sent.", "{n} deliveries are not sent.", many).format(
            n=tongue.number(many)
        ),
    }.get(query.get("done", ""), "")


Period = tuple[datetime, datetime | None]


def period(form: Mapping[str, object], tongue: Tongue) -> tuple[Period | None, dict[str, str]]:
    """From when to when is sent again, as typed in the supplier's time; nothing when the form is about a delivery."""
    _ = tongue.gettext
    if "since" not in form:
        return None, {}
    since, until = _moment(form.get("since"), tongue), _moment(form.get("until"), tongue)
    if since is None:
        return None, {"since": _("Since when?")}
    if until is None and str(form.get("until", "")).strip():
        return None, {"until": _("This is no moment.")}
    if until is not None and until <= since:
        return None, {"until": _("It ends before it begins.")}
    return (since, until), {}


def _moment(raw: object, tongue: Tongue) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(raw or ""))
    except ValueError:
        return None
    in_reach = 1970 <= found.year < 2200
    return found.replace(tzinfo=found.tzinfo or tongue.zone) if in_reach else None


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of an endpoint."""

    url: str = ""
    description: str = ""
    types: Sequence[str] = ()

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str, most: int) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:most]

        chosen = [kind for kind in TYPES if f"type-{kind}" in form]
        return cls(said("url", 2100), said("description", 300), chosen)


def placed(found: Sequence[Problem], tongue: Tongue) -> dict[str, str]:
    """What the operation found wrong, at its field, in the reader's language."""
    return {one.pointer.strip("/").partition("/")[0]: tongue.gettext(one.detail) for one in found}
