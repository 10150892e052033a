"""Mails about connections: to whoever minds them, and to whoever administers an account whose endpoint was disabled."""

from portal.db.mail import Mail
from portal.domain import mails
from portal.filters import Tongue
from portal.views.connections import words
from portal.views.letters.letters import Letter, Way


def alert_letter(mail: Mail, tongue: Tongue, page: str) -> Letter:
    """A threshold was passed, or all is well again."""
    _, data = tongue.gettext, mail.data
    measure, kind = str(data["measure"]), str(data["kind"])
    who = words.name(
        kind, data.get("account_name"), data.get("url"), str(data.get("description") or ""), tongue
    )
    headline = words.headline(measure, kind, data, tongue)
    way = Way(_("Look at it and act"), f"{page}/connections/{data['connection']}")
    if mail.kind == mails.ALERT_CLEARED and data.get("stands"):
        return Letter(
            subject=_("{who}, over: {what}").format(who=who, what=headline),
            preview=headline,
            title=_("{who}, over: {what}").format(who=who, what=headline),
            paragraphs=[_("Something else still needs somebody there.")],
            ways=[Way(_("Look at it"), way.href)],
        )
    if mail.kind == mails.ALERT_CLEARED:
        return Letter(
            subject=_("All clear: {who}").format(who=who),
            preview=headline,
            title=_("All is well again with {who}").format(who=who),
            paragraphs=[_("This is over: {what}.").format(what=headline)],
            ways=[Way(_("Look at it"), way.href)],
        )
    title = _("{who}: {what}").format(who=who, what=headline)
    if data.get("again"):
        title = _("{who}, again: {what}").format(who=who, what=headline)
    facts = [(_("Connection"), who)]
    if data.get("url"):
        facts.append((_("Address"), words.host(str(data["url"]))))
    if said := words.limit(measure, data, tongue):
        facts.append((_("Limit"), said))
    if data.get("order"):
        facts.append((_("Order"), str(data["order"])))
    if data.get("backlog"):
        facts.append((_("Waiting"), tongue.number(int(data["backlog"]))))
    return Letter(
        subject=title,
        preview=words.advice(measure, kind, tongue),
        title=title,
        paragraphs=[words.advice(measure, kind, tongue)],
        quote=(_("What stands in the way"), str(data["problem"])) if data.get("problem") else None,
        facts=facts,
        ways=[way],
        small=[_("You are told because you mind this connection. The all-clear comes by itself.")],
    )


def disabled_letter(mail: Mail, tongue: Tongue, page: str) -> Letter:
    """To the account's own administrators."""
    _, data = tongue.gettext, mail.data
    address = words.host(str(data.get("url") or ""))
    why = words.because(str(data.get("value") or ""), tongue)
    return Letter(
        subject=_("Your endpoint at {address} is disabled").format(address=address),
        preview=why,
        title=_("We no longer send to {address}").format(address=address),
        paragraphs=[
            f"{why}.",
            _(
                "What happens is still in your feed, and can be replayed to the endpoint once it is enabled again."
            ),
        ],
        facts=[
            (_("Address"), str(data.get("url") or "")),
            (_("Description"), str(data.get("description") or "–")),
        ],
        ways=[Way(_("Look at the endpoint"), f"{page}/settings/webhooks/{data['connection']}")],
    )
