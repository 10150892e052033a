"""Mails to those who are asked to decide: each leads to the page where they do."""

from collections.abc import Sequence

from portal.domain import mails
from portal.domain.requests import Request, SeatRead
from portal.views.letters.letters import Letter, Way
from portal.views.letters.parts import Told, expiry, facts, lines, why


def asked(told: Told) -> Letter:
    _ = told.tongue.gettext
    title = _("{who} asks you to approve an order of {total}")
    if told.request.kind == "amendment":
        title = _("{who} asks you to approve a change that makes an order {total}")
    title = title.format(who=told.request.requester, total=told.total)
    subject = _("Approve {name} of {who}: {total}").format(
        name=told.name, who=told.request.requester, total=told.total
    )
    several = sum(1 for _seat in told.request.seats) > 1
    said = (
        _("Nothing is ordered before you and the others who are asked agree.")
        if several
        else _("Nothing is ordered before you agree.")
    )
    return _to_decide(told, subject, title, [said])


def reminded(told: Told) -> Letter:
    _ = told.tongue.gettext
    since = told.tongue.stamp(told.request.asked_at, told.today)
    subject = _("Still waiting for you: {name}, {total}").format(name=told.name, total=told.total)
    title = _("The order of {who} still waits for you").format(who=told.request.requester)
    waits = _("It was asked for {moment}. Nothing is ordered before you decide.").format(moment=since)
    return _to_decide(told, subject, title, [waits])


def escalated(told: Told) -> Letter:
    _ = told.tongue.gettext
    names = [str(name) for name in told.data.get("waiting_for") or open_names(told)]
    subject = _("Nobody has decided: {name}, {total}").format(name=told.name, total=told.total)
    title = _("An order of {who} has waited too long; you may decide it").format(who=told.request.requester)
    who = ", ".join(names)
    said = _("{who} did not decide in time, so it comes to you.").format(who=who) if who else ""
    return _to_decide(told, subject, title, [said] if said else [])


def expiring(told: Told) -> Letter:
    _ = told.tongue.gettext
    subject = _("Ends {moment}: {name}, {total}").format(
        moment=expiry(told), name=told.name, total=told.total
    )
    title = _("The request of {who} ends {moment}").format(who=told.request.requester, moment=expiry(told))
    said = _("If nobody decides until then, the order is rejected, and its prices do not hold any longer.")
    return _to_decide(told, subject, title, [said])


def answered(told: Told) -> Letter:
    _ = told.tongue.gettext
    who = told.request.requester
    answer = told.text("answer") or told.comment
    subject = _("{who} has answered: {name}, {total}").format(who=who, name=told.name, total=told.total)
    title = _("{who} has answered the question").format(who=who)
    asked = told.text("question")
    paragraphs = [_("The question was: {question}").format(question=asked)] if asked else []
    return _to_decide(told, subject, title, paragraphs, (_("{who} writes").format(who=who), answer))


def _to_decide(
    told: Told, subject: str, title: str, paragraphs: Sequence[str], quote: tuple[str, str] | None = None
) -> Letter:
    _ = told.tongue.gettext
    if quote is None and told.request.note:
        quote = (_("{who} writes").format(who=told.request.requester), told.request.note)
    ways = [Way(_("Look at it and decide"), told.link)] if told.link else []
    small = []
    if told.link:
        small = [
            _("The first link is for you alone: do not pass this mail on. It opens a page on which you decide and"
              " confirm; opening it decides nothing. It works once."),
        ]  # fmt: skip
    return Letter(
        subject=subject,
        preview="; ".join(why(told)) or title,
        title=title,
        paragraphs=[*paragraphs, *standing_in(told)],
        quote=quote,
        why=why(told),
        why_title=_("Why you are asked"),
        facts=facts(told, expires=told.kind != mails.EXPIRING),
        **lines(told),
        ways=[*ways, Way(_("Open it in the portal"), told.portal)],
        small=small,
    )


def standing_in(told: Told) -> list[str]:
    """For whom the reader decides, where the seat is not their own; and who else is asked in the step."""
    _ = told.tongue.gettext
    said = []
    seat = own_seat(told.request, told.reader_id)
    if seat is not None and seat.person_id != told.reader_id:
        until = next((d.until for d in seat.deputies if d.person_id == told.reader_id), None)
        said.append(
            _("You decide for {who}, who has delegated to you up to and including {day}.").format(
                who=seat.name, day=told.tongue.day(until, told.today)
            )
            if until
            else _("You decide for {who}, who has delegated to you.").format(who=seat.name)
        )
    given = [seat.decided_by or seat.name for seat in told.request.seats if seat.state == "approved"]
    if given:
        said.append(_("So far agreed: {names}.").format(names=", ".join(given)))
    return said


def own_seat(request: Request, person_id: int) -> SeatRead | None:
    """The seat that the person can decide on: their own before anybody else's."""
    mine = [seat for seat in request.seats if seat.id in request.mine]
    return next(iter(sorted(mine, key=lambda seat: seat.person_id != person_id)), None)


def open_names(told: Told) -> list[str]:
    current = told.request.current
    return [
        seat.name
        for seat in (current.seats if current else ())
        if seat.state == "open" and seat.why != "escalated"
    ]
