"""Approvals on a buyer's first page: what they have to decide, what they were asked, what is about to end."""

from collections.abc import Sequence
from datetime import date, datetime

from portal.db.approval_pages import Waiting
from portal.domain.inbox import Listed
from portal.filters import Tongue
from portal.views.approvals.facts import reasons
from portal.views.approvals.words import left
from portal.views.order.news_items import Item, Link, Some
from portal.views.order.statuses import Look

WAITS = Look("inbound", "approvals")
ASKED = Look("reserved", "unsure")
ENDING = Look("held", "supplier")


def approvals_today(tongue: Tongue, today: date, now: datetime, waiting: Waiting) -> list[Some]:
    """What ends first stands first."""
    _ = tongue.gettext
    own = [*waiting.asked, *waiting.ending]
    return [
        one
        for one in (
            _some(
                [_decide(one, tongue, today, now) for one in waiting.mine],
                waiting.all_mine,
                "/approvals",
                tongue,
            ),
            _some(
                [_own(one, tongue, today, now) for one in own], len(own), "/approvals?show=requested", tongue
            ),
        )
        if one.items
    ]


def _some(items: Sequence[Item], of: int, href: str, tongue: Tongue) -> Some:
    others = of - len(items)
    more = (
        tongue.ngettext("{n} more", "{n} more", others).format(n=tongue.number(others)) if others > 0 else ""
    )
    return Some(items, more, href, of)


def _decide(one: Listed, tongue: Tongue, today: date, now: datetime) -> Item:
    _ = tongue.gettext
    is_asked = one.state == "asked"
    said = (
        _("{total} for {who} waits for an answer before you decide")
        if is_asked
        else _("{total} for {who} waits for your decision")
    )
    why = reasons(one.reasons, one.currency, tongue)
    ends = _("ends {when}").format(when=left(one.expires_at, now, tongue)) if one.expires_at else ""
    behalf = _("you decide for {name}").format(name=one.on_behalf_of) if one.on_behalf_of else ""
    total = tongue.money(one.total, one.currency)
    return Item(
        look=ASKED if is_asked else WAITS,
        text=tongue.strong(said, total=total, who=one.requester),
        note="; ".join(filter(None, (ends, behalf, *why[:1]))),
        order=_order(one, tongue),
        order_href=f"/approvals/{one.number}",
        link=Link(_("Decide"), f"/approvals/{one.number}"),
        when=tongue.moment(one.asked_at, today),
        instant=one.asked_at.isoformat(timespec="minutes"),
    )


def _own(one: Listed, tongue: Tongue, today: date, now: datetime) -> Item:
    """Their own request: somebody wants to know something, or it is about to end undecided."""
    _ = tongue.gettext
    ends = _("ends {when}").format(when=left(one.expires_at, now, tongue)) if one.expires_at else ""
    is_asked = one.state == "asked"
    who = ", ".join(one.waits_for)
    return Item(
        look=ASKED if is_asked else ENDING,
        text=tongue.strong(_("{who} waits for your answer"), who=one.asked_by or who)
        if is_asked
        else tongue.strong(
            _("Your order ends undecided {when}"), when=left(one.expires_at or now, now, tongue)
        ),
        note=ends if is_asked else _("waits for {who}").format(who=who),
        order=_order(one, tongue),
        order_href=f"/approvals/{one.number}",
        link=Link(_("Answer") if is_asked else _("Look at it"), f"/approvals/{one.number}"),
        when=tongue.moment(one.asked_at, today),
        instant=one.asked_at.isoformat(timespec="minutes"),
    )


def _order(one: Listed, tongue: Tongue) -> str:
    po = (
        tongue.gettext("PO {number}").format(number=one.purchase_order_number)
        if one.purchase_order_number
        else ""
    )
    return f"{one.order}, {po}" if po else one.order
