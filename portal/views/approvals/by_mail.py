"""The page a mail leads to, where its reader decides: what is asked, what happened since, why it may be too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.db.links import Link
from portal.domain.orders import Order
from portal.domain.requests import DecisionRead, Request
from portal.filters import Tongue
from portal.views.approvals.chain import Step, chain
from portal.views.approvals.facts import reasons
from portal.views.approvals.thread import Said, said
from portal.views.approvals.words import state
from portal.views.letters.asking import own_seat, standing_in
from portal.views.letters.letters import Row
from portal.views.letters.parts import Told, facts, lines
from portal.views.order.statuses import Look

CHOICES = ("approve", "reject", "ask")
# The same in the words of the thread.
DECIDED = ("approve", "reject", "reject_lines", "ask")


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nothing can be decided here: what is so, and what to do about it. `gone` says it to programs as well."""

    title: str
    text: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What the reader sees. Without `closed` they can decide."""

    number: str
    order: str
    title: str
    state: str
    look: Look
    reader: str
    version: int
    notes: Sequence[str]
    note: str
    requester: str
    total: str
    why: Sequence[str]
    facts: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    rows_title: str
    more_rows: str
    steps: Sequence[Step]
    thread: Sequence[Said]
    since: Sequence[Said]
    closed: Closed | None


def page(
    link: Link,
    request: Request,
    order: Order,
    tongue: Tongue,
    now: datetime,
    *,
    may: bool,
    needs_proof: bool = False,
) -> Page:
    """`may`: the person still has a role that decides. `needs_proof`: their account wants them to show who they are
    before they decide on so much, which nobody can do from a mail."""
    _, today = tongue.gettext, tongue.on(now)
    told = Told("", {}, request, order, link.person_id, tongue, today, "")
    word, look = state(request.state, tongue)
    title = (
        _("Approve {total} for {who}?")
        if request.kind == "order"
        else _("Approve a change of {who}: {total}?")
    )
    listed = lines(told)
    return Page(
        number=request.number,
        order=request.order,
        title=title.format(total=told.total, who=request.requester),
        state=word,
        look=look,
        reader=link.name,
        version=request.version,
        notes=standing_in(told),
        note=request.note or "",
        requester=request.requester,
        total=told.total,
        why=reasons(request.reasons, request.currency, tongue),
        facts=facts(told, expires=True),
        rows=listed["rows"],
        rows_title=listed["rows_title"],
        more_rows=listed["more_rows"],
        steps=chain(request, tongue, today),
        thread=[said(one, request, tongue, today) for one in request.decisions if one.comment],
        since=[said(one, request, tongue, today) for one in _since(link, request)],
        closed=_closed(link, request, tongue, now, may=may) or (_elsewhere(tongue) if needs_proof else None),
    )


def _since(link: Link, request: Request) -> list[DecisionRead]:
    """What happened after the mail was written."""
    return [one for one in request.decisions if one.version > link.version and one.what != "remind"]


def _closed(link: Link, request: Request, tongue: Tongue, now: datetime, *, may: bool) -> Closed | None:
    """The first reason that holds, the reader's own deed before all others."""
    _, today = tongue.gettext, tongue.on(now)
    if link.used_at is not None:
        return Closed(
            _done(link, request, tongue, today),
            _("The link has done its work: it was good once. What became of the request stands below."),
        )
    if not request.is_open:
        return Closed(
            _over(request, tongue, today), _("Your decision is not needed any more; nothing was done.")
        )
    if request.expires_at is not None and request.expires_at <= now:
        text = _("The request has ended by itself, and nothing of it is ordered.")
        return Closed(_("Nobody decided in time"), text, gone=True)
    if link.expires_at <= now:
        text = _("It was good until {moment}. Decide in the portal, where the request still waits.")
        return Closed(
            _("This link has expired"),
            text.format(moment=tongue.stamp(link.expires_at, today)),
            gone=True,
        )
    changed = next((one for one in _since(link, request) if one.what in ("change", "reject_lines")), None)
    if changed is not None:
        text = _(
            "The mail told of another order than it is now, so this link decides nothing. A newer mail leads to what is"
            " asked now; the portal shows it, too."
        )
        who = changed.name or _("The portal")
        return Closed(
            _("{who} has changed the order since, {moment}").format(
                who=who, moment=tongue.stamp(changed.at, today)
            ),
            text,
        )
    if not may or own_seat(request, link.person_id) is None:
        return Closed(
            _("This does not wait for you any more"),
            _(
                "Others have agreed in your place, or you do not decide on this order now. Nothing is left to do here."
            ),
        )
    return None


def _elsewhere(tongue: Tongue) -> Closed:
    _ = tongue.gettext
    return Closed(
        _("So much is decided in the portal"),
        _(
            "Your account asks whoever decides on this sum to prove who they are, which a mail cannot. Open it in the "
            "portal below: you sign in, and decide there."
        ),
    )


def _done(link: Link, request: Request, tongue: Tongue, today: date) -> str:
    """ "You approved it: Wed 18 Nov, 15:20"."""
    _ = tongue.gettext
    own = next(
        (
            one
            for one in request.decisions
            if one.person_id == link.person_id and one.through == "mail" and one.what in DECIDED
            and link.used_at is not None and one.at >= link.used_at
        ),
        None,
    )  # fmt: skip
    if own is None or link.used_at is None:
        return _("This link was used before")
    done = {
        "approve": _("You approved it: {moment}"),
        "reject": _("You did not approve it: {moment}"),
        "reject_lines": _("You took lines out: {moment}"),
        "ask": _("You asked a question: {moment}"),
    }[own.what]
    return done.format(moment=tongue.stamp(link.used_at, today))


def _over(request: Request, tongue: Tongue, today: date) -> str:
    """How the request ended, and who ended it."""
    _ = tongue.gettext
    word, _look = state(request.state, tongue)
    if request.settled_at is None:
        return word
    return _("{state}: {moment}").format(state=word, moment=tongue.stamp(request.settled_at, today))
