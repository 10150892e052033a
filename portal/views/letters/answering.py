"""Mails to whoever asked: a question, and what became of the request."""

from collections.abc import Sequence

from portal.domain import mails
from portal.views.letters.letters import Letter, Way
from portal.views.letters.parts import Told, facts


def question(told: Told) -> Letter:
    _ = told.tongue.gettext
    who = told.by or _("An approver")
    return _to_requester(
        told,
        _("A question about {name}: {total}").format(name=told.name, total=told.total),
        _("{who} asks you something before deciding").format(who=who),
        [_("The order waits for your answer.")],
        (_("{who} asks").format(who=who), told.comment),
        way=_("Answer in the portal"),
    )


def approved(told: Told) -> Letter:
    _ = told.tongue.gettext
    subject = _("Approved: {name}, {total}").format(name=told.name, total=told.total)
    if told.text("state") == "held":
        note = told.text("note")
        paragraphs = [_("It is on hold before it can be shipped."), *([note] if note else [])]
        return _to_requester(
            told, subject, _("Your order is approved, and on hold"), paragraphs, to_order=True
        )
    title = _("Your order is approved and placed")
    if told.request.kind == "amendment":
        title = _("Your change is approved and made")
    said = _("All who were asked have agreed. The order shows what ships when.")
    return _to_requester(told, subject, title, [said], _said_by(told), to_order=True)


def rejected(told: Told) -> Letter:
    _ = told.tongue.gettext
    subject = _("Not approved: {name}, {total}").format(name=told.name, total=told.total)
    title = _("{who} has not approved your order").format(who=told.by or _("An approver"))
    said = _("Nothing of it is ordered.")
    if told.request.kind == "amendment":
        title = _("{who} has not approved your change").format(who=told.by or _("An approver"))
        said = _("The order stays as it was.")
    return _to_requester(told, subject, title, [said], _said_by(told))


def lines_rejected(told: Told) -> Letter:
    _, tongue = told.tongue.gettext, told.tongue
    numbers = [int(line) for line in told.data.get("lines") or (told.last.lines if told.last else None) or ()]
    listed = ", ".join(tongue.number(line) for line in numbers)
    subject = tongue.ngettext(
        "{n} line of {name} is rejected", "{n} lines of {name} are rejected", len(numbers)
    ).format(n=len(numbers), name=told.name)
    title = tongue.ngettext(
        "{who} has taken line {lines} out of your order",
        "{who} has taken lines {lines} out of your order",
        len(numbers),
    ).format(who=told.by or _("An approver"), lines=listed)
    said = _("The rest goes on and comes to {total}.").format(total=told.total)
    return _to_requester(told, subject, title, [said], _said_by(told))


def expired(told: Told) -> Letter:
    _ = told.tongue.gettext
    subject = _("Nobody decided in time: {name}, {total}").format(name=told.name, total=told.total)
    said = [
        _("The request has ended, and nothing of it is ordered."),
        _("If it is still needed, order it again: prices and dates are then those of that day."),
    ]
    return _to_requester(told, subject, _("Nobody decided on your order in time"), said)


def withdrawn(told: Told) -> Letter:
    _ = told.tongue.gettext
    who = told.by or told.request.requester
    subject = _("No decision needed any more: {name}, {total}").format(name=told.name, total=told.total)
    title = _("{who} has withdrawn the request").format(who=who)
    return _to_requester(told, subject, title, [_("You need not decide any more.")], _said_by(told))


def _to_requester(
    told: Told,
    subject: str,
    title: str,
    paragraphs: Sequence[str],
    quote: tuple[str, str] | None = None,
    *,
    way: str = "",
    to_order: bool = False,
) -> Letter:
    _ = told.tongue.gettext
    order = Way(_("Look at the order"), f"{told.page}/orders/{told.request.order}")
    ways = [order] if to_order else [Way(way or _("Look at the request"), told.portal)]
    return Letter(
        subject=subject,
        preview=" ".join(paragraphs),
        title=title,
        paragraphs=paragraphs,
        quote=quote,
        facts=facts(told, expires=told.kind == mails.QUESTION),
        ways=ways,
    )


def _said_by(told: Told) -> tuple[str, str] | None:
    _ = told.tongue.gettext
    return (_("{who} writes").format(who=told.by), told.comment) if told.by and told.comment else None
