"""Money on a buyer's first page: what is due, and which disputes wait for their answer."""

from datetime import date, timedelta

from portal.db.invoices_today import Answered, Due, Waiting
from portal.filters import Tongue
from portal.views.invoices.words import LOOKS
from portal.views.order.news_items import Item, Link, Some

# What is due within so many days is near.
SOON = timedelta(days=7)
# Of what was said, so much.
LONGEST_WORDS = 120


def money_today(tongue: Tongue, today: date, waiting: Waiting, account: str) -> list[Some]:
    """`account` stands in links of staff, who look at somebody else's page."""
    of = f"&account={account}" if account else ""
    found = (
        _some(
            [_due(one, tongue, today) for one in waiting.due],
            waiting.due[0].of if waiting.due else 0,
            f"/invoices?show=unpaid{of}",
            tongue,
        ),
        _some(
            [_answered(one, tongue, today) for one in waiting.answered],
            waiting.answered[0].of if waiting.answered else 0,
            f"/invoices?show=disputed{of}",
            tongue,
        ),
    )
    return [one for one in found if one.items]


def _some(items: list[Item], of: int, href: str, tongue: Tongue) -> Some:
    left = of - len(items)
    more = tongue.ngettext("{n} more", "{n} more", left).format(n=tongue.number(left)) if left > 0 else ""
    return Some(items, more, href, of)


def _due(one: Due, tongue: Tongue, today: date) -> Item:
    _ = tongue.gettext
    is_late = one.due_on < today
    said = _("{amount} has been due since {day}") if is_late else _("{amount} is due on {day}")
    return Item(
        look=LOOKS["overdue" if is_late else "open"],
        text=tongue.strong(
            said, amount=tongue.money(one.due, one.currency), day=tongue.day(one.due_on, today)
        ),
        note=tongue.away(one.due_on, today),
        order=_order(one, tongue),
        order_href=f"/orders/{one.order}#money",
        link=Link(one.number, f"/invoices/{one.number}"),
    )


def _answered(one: Answered, tongue: Tongue, today: date) -> Item:
    _ = tongue.gettext
    words = one.said if len(one.said) <= LONGEST_WORDS else f"{one.said[:LONGEST_WORDS].rstrip()} …"
    return Item(
        look=LOOKS["disputed"],
        text=tongue.strong(_("We have answered your dispute of {invoice}"), invoice=one.invoice),
        note=words,
        order=_order(one, tongue),
        order_href=f"/orders/{one.order}#money",
        link=Link(_("Answer"), f"/disputes/{one.number}"),
        when=tongue.moment(one.at, today),
        instant=one.at.isoformat(timespec="minutes"),
    )


def _order(one: Due | Answered, tongue: Tongue) -> str:
    if not one.purchase_order:
        return one.order
    return f"{one.order}, {tongue.gettext('PO {number}').format(number=one.purchase_order)}"
