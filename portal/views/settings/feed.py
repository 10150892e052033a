"""How far each system has read an account's feed, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.feed_readers import Feed, Reader, Told
from portal.filters import Tongue
from portal.views.order.statuses import Look
from portal.views.settings.endpoints import HERE


@dataclass(frozen=True, slots=True)
class Line:
    """A system that reads the feed, or is told it. `read_to` empty: it never asked."""

    name: str
    href: str
    note: str
    read_to: str
    behind: str
    look: Look
    at: str


@dataclass(frozen=True, slots=True)
class OfAccount:
    """The feed of one account."""

    number: str
    name: str
    last: str
    last_at: str
    readers: Sequence[Line]
    told: Sequence[Line]


def of_account(
    feed: Feed, readers: Sequence[Reader], told: Sequence[Told], tongue: Tongue, today: date
) -> OfAccount:
    return OfAccount(
        number=feed.account,
        name=feed.name,
        last=tongue.number(feed.last),
        last_at=tongue.moment(feed.last_at, today) if feed.last_at else "",
        readers=[_reader(one, feed, tongue, today) for one in readers if one.account == feed.account],
        told=[_told(one, feed, tongue) for one in told if one.account == feed.account],
    )


def _reader(one: Reader, feed: Feed, tongue: Tongue, today: date) -> Line:
    _ = tongue.gettext
    if one.read_to is None:
        never = _("has not asked for the feed")
        return Line(one.name, "", one.token_id, "", never, Look("never", "queue"), "")
    behind, look = _behind(feed.last - one.read_to, tongue)
    at = tongue.moment(one.read_at, today) if one.read_at else ""
    return Line(one.name, "", one.token_id, tongue.number(one.read_to), behind, look, at)


def _behind(many: int, tongue: Tongue) -> tuple[str, Look]:
    if many < 0:
        return tongue.gettext("asks for numbers that were not given yet"), Look("held", "held")
    if many == 0:
        return tongue.gettext("has all of it"), Look("delivered", "tick")
    said = tongue.ngettext("{n} event behind", "{n} events behind", many).format(n=tongue.number(many))
    return said, Look("inbound", "supplier")


def _told(one: Told, feed: Feed, tongue: Tongue) -> Line:
    _ = tongue.gettext
    if one.open:
        behind = tongue.ngettext("{n} has not arrived", "{n} have not arrived", one.open).format(
            n=tongue.number(one.open)
        )
        look = Look("inbound", "supplier")
    else:
        behind, look = _("everything has arrived"), Look("delivered", "tick")
    if one.state == "disabled":
        behind, look = _("disabled: nothing is kept for it"), Look("never", "cancelled")
    note = _("only some types") if one.has_filter else _("all types")
    name = one.description or one.url
    return Line(
        name, f"{HERE}/{one.endpoint_id}", note, tongue.number(min(one.told_to, feed.last)), behind, look, ""
    )
