"""Gather for people what happened: for each the events that they want to hear of, in the mail they want them in.

It happens after the commit, from the feed of all accounts. One position moves in the transaction that writes the
notices: each event is looked at once, by whichever worker comes first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.db import notices
from portal.db.mail import Mail
from portal.db.notices import Asked, Happened, Leaf, Member, Waking
from portal.db.work import Work
from portal.domain import mails
from portal.domain.mornings import next_morning
from portal.domain.notifying import (
    ACCOUNT,
    ACTS,
    AT_ONCE,
    FOLLOWS,
    TYPES,
    Choice,
    default,
    kind_of,
)
from portal.zones import zone_of

AT_A_TIME = 500
# Who takes over another system's orders tells nobody that they exist.
SILENT_ACTORS = frozenset({"import"})
PLACED = frozenset({"order.placed", "order.changed"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long news of an order waits for more of it, and where the supplier is."""

    burst: timedelta
    time_zone: str


async def gather(work: Work, pace: Pace) -> int:
    """Put the next events into people's mails; answers how many events were looked at. None are left, or somebody else
    gathers, when it is none."""
    position = await notices.hold_position(work.conn)
    if position is None:
        return 0
    happened = await notices.after(work.conn, position, TYPES, AT_A_TIME)
    if not happened:
        return 0
    told = [one for one in happened if one.actor not in SILENT_ACTORS and _kind(one)]
    if told:
        audience = await _audience(work, told)
        wanted = [one for event in told for one in audience.of(event)]
        await notices.leave(work.conn, await _leaves(work, wanted, pace))
    await notices.move_position(work.conn, happened[-1].id)
    return len(happened)


def _kind(event: Happened) -> str | None:
    return kind_of(event.type, event.data) if event.order_id is not None else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    person_id: int
    event: Happened
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class _Audience:
    """Whom a batch of events concerns. `done`: who did something to which order in which commit; `placed`: which order
    was placed or changed in which."""

    members: Mapping[str, Sequence[Member]]
    choices: Mapping[tuple[int, str], Choice]
    asked: Mapping[str, Asked]
    done: frozenset[tuple[int | None, datetime, str]]
    placed: frozenset[tuple[int | None, datetime]]

    def of(self, event: Happened) -> Iterator[_Wanted]:
        kind = _kind(event)
        assert kind is not None
        for member in self.members.get(event.account, ()):
            chosen = self._choice(member, kind)
            if _concerns(event, member, chosen) and not self._knows(member, event):
                yield _Wanted(member.person_id, event, kind, chosen.how)

    def _choice(self, member: Member, kind: str) -> Choice:
        return self.choices.get((member.person_id, kind)) or default(kind, member.roles)

    def _knows(self, member: Member, event: Happened) -> bool:
        """Whether they did it themselves, or hear of it in another mail. What they ordered is confirmed to them."""
        if event.type == "order.placed" and event.person_id == member.person_id:
            return self._hears_of_approval(member, event)
        if event.type in ACTS:
            return event.actor == member.email or self._hears_of_approval(member, event)
        if event.type in FOLLOWS:
            moment = (event.order_id, event.at)
            told = self._choice(member, "order_placed")
            return (*moment, member.email) in self.done or (
                moment in self.placed and _concerns(event, member, told)
            )
        return False

    def _hears_of_approval(self, member: Member, event: Happened) -> bool:
        """Of what is asked for and decided, those who asked and those who are asked hear by mails of their own."""
        asked = self.asked.get(str(event.data.get("approval") or ""))
        if asked is None:
            return False
        is_asked = event.type == "order.approval_requested" and member.person_id in asked.deciders
        return is_asked or member.person_id == asked.requester_id


def _concerns(event: Happened, member: Member, chosen: Choice) -> bool:
    is_theirs = chosen.whose == ACCOUNT or event.person_id == member.person_id
    return is_theirs and not chosen.is_silent


async def _audience(work: Work, told: Sequence[Happened]) -> _Audience:
    members = await notices.members(work.conn, {one.account for one in told})
    people = {member.person_id for found in members.values() for member in found}
    requests = {str(one.data["approval"]) for one in told if one.data.get("approval")}
    return _Audience(
        members,
        await notices.choices(work.conn, people),
        await notices.asked(work.conn, requests) if requests else {},
        frozenset((one.order_id, one.at, one.actor) for one in told if one.type in ACTS),
        frozenset((one.order_id, one.at) for one in told if one.type in PLACED),
    )


async def _leaves(work: Work, wanted: Sequence[_Wanted], pace: Pace) -> list[Leaf]:
    daily = {one.person_id for one in wanted if one.how != AT_ONCE}
    waking = await notices.waking(work.conn, daily) if daily else {}
    return [
        _news(one, work.now + pace.burst)
        if one.how == AT_ONCE
        else _line_of_digest(one, _morning(work.now, waking[one.person_id], pace.time_zone))
        for one in wanted
    ]


def _news(one: _Wanted, due_at: datetime) -> Leaf:
    event = one.event
    key = f"{mails.NEWS}:{one.person_id}:{event.order_id}:{event.id}"
    return Leaf(one.person_id, event.id, event.account, event.order_id, one.kind, mails.NEWS, key, due_at)


def _line_of_digest(one: _Wanted, due_at: datetime) -> Leaf:
    event = one.event
    key = f"{mails.DIGEST}:{one.person_id}:{event.id}"
    return Leaf(one.person_id, event.id, event.account, event.order_id, one.kind, mails.DIGEST, key, due_at)


def _morning(now: datetime, waking: Waking, time_zone: str) -> datetime:
    """Where they said that they are; else where their goods go to; else where the supplier is."""
    zone = waking.time_zone or zone_of(waking.country) or time_zone
    return next_morning(now, zone, waking.hour)


async def leave_for_morning(work: Work, mail: Mail, kind: str, time_zone: str) -> None:
    """A mail about an approval is not sent: its reader finds the matter in the mail of their next morning."""
    if mail.order_id is None or mail.account is None:
        return
    event_id = await notices.last_of_request(work.conn, mail.order_id)
    if event_id is None:
        return
    waking = await notices.waking(work.conn, [mail.person_id])
    due_at = _morning(work.now, waking[mail.person_id], time_zone)
    key = f"{mails.DIGEST}:{mail.person_id}:mail {mail.id}"
    leaf = Leaf(mail.person_id, event_id, mail.account, mail.order_id, kind, mails.DIGEST, key, due_at)
    await notices.leave(work.conn, [leaf])
