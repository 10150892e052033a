"""Dates that moved, a row for each order: old and new, how many lines, and why, in the trade's words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from portal.domain.reasons import decision
from portal.domain.today import Change, Moved, net
from portal.filters import Tongue
from portal.views.arrivals.listing import line_href

# An order with more different moves tells the largest, and how many others there are.
MOVES = 2


@dataclass(frozen=True, slots=True)
class Move:
    """The lines of an order that moved alike. `role` says whether it is worse or better."""

    lines: str
    href: str
    old: Markup
    new: Markup
    role: str
    by: str


@dataclass(frozen=True, slots=True)
class MovedOrder:
    order: str
    href: str
    note: str
    moves: Sequence[Move]
    more: str
    why: str
    when: str
    instant: str


def moved_order(moved: Moved, tongue: Tongue, today: date) -> MovedOrder | None:
    """None when everything has moved back to where it was."""
    changes = net(moved.changes)
    if not changes:
        return None
    alike: defaultdict[tuple[date | None, date | None], set[int]] = defaultdict(set)
    for change in changes:
        alike[change.old, change.new].add(change.line)
    largest = sorted(alike.items(), key=lambda item: (-len(item[1]), item[0][1] or date.max))
    last = max(changes, key=lambda change: change.version)
    others = len(largest) - MOVES
    po = moved.purchase_order
    return MovedOrder(
        order=moved.order,
        href=f"/orders/{moved.order}",
        note=", ".join(
            filter(None, (tongue.gettext("PO {number}").format(number=po) if po else "", moved.city))
        ),
        moves=[_move(moved, sorted(lines), old, new, tongue, today) for (old, new), lines in largest[:MOVES]],
        more=tongue.ngettext("{n} other move", "{n} other moves", others).format(n=others)
        if others > 0
        else "",
        why=_why(changes, last, tongue),
        when=tongue.moment(last.at, today),
        instant=last.at.isoformat(timespec="minutes"),
    )


def _move(
    moved: Moved, lines: Sequence[int], old: date | None, new: date | None, tongue: Tongue, today: date
) -> Move:
    _ = tongue.gettext
    if len(lines) == 1:
        said = _("line {n}").format(n=lines[0])
    else:
        said = tongue.ngettext("{n} line", "{n} lines", len(lines)).format(n=tongue.number(len(lines)))
    none = escape(_("no date"))
    return Move(
        lines=said,
        href=line_href(moved.order, lines[0], moved.order_lines)
        if len(lines) == 1
        else f"/orders/{moved.order}?view=arrival#lines",
        old=tongue.day_html(old, today) if old else none,
        new=tongue.day_html(new, today) if new else none,
        role="delivered" if _is_better(old, new) else "inbound",
        by=shift(old, new, tongue),
    )


def _is_better(old: date | None, new: date | None) -> bool:
    return new is not None and (old is None or new < old)


def shift(old: date | None, new: date | None, tongue: Tongue) -> str:
    """`5 days later`."""
    if new is None:
        return tongue.gettext("no date any more")
    if old is None:
        return tongue.gettext("now has a date")
    days = (new - old).days
    if days > 0:
        return tongue.ngettext("{n} day later", "{n} days later", days).format(n=tongue.number(days))
    return tongue.ngettext("{n} day earlier", "{n} days earlier", -days).format(n=tongue.number(-days))


def _why(changes: Sequence[Change], last: Change, tongue: Tongue) -> str:
    """What moved it last; that there was more than one cause is said."""
    causes = {
        tuple(str(change.cause.get(name)) for name in ("what", "reference", "reason")) for change in changes
    }
    said = why(last.cause, tongue)
    return tongue.gettext("{why}, and more").format(why=said) if len(causes) > 1 else said


def why(cause: Mapping[str, Any], tongue: Tongue) -> str:
    """A cause as a buyer may read it: never whom else it concerns."""
    _ = tongue.gettext
    what = str(cause.get("what"))
    if what in {"inbound_changed", "received"}:
        return _supply(cause, tongue)
    plain = {
        "day_passed": _("the day passed before it could leave"),
        "short_picked": _("less was on the shelf than the books said"),
        "counted": _("stock was counted"),
        "agreement_changed": _("a contract for reserved stock changed"),
        "cancelled": _("goods became free"),
        "goods_returned": _("goods came back"),
        "shipment_cancelled": _("a shipment was called off"),
        "shipped": _("it has shipped"),
        "hold_released": _("a hold was lifted"),
        "substituted": _("another product comes in place of a part"),
        "order_placed": _("the queue changed"),
        "complete_only": _("the order ships complete, and a part of it moved"),
        "account_changed": _("the terms of your account changed"),
        "product_changed": _("the product's lead time changed"),
        "location_changed": _("the warehouse's working days changed"),
    }
    return decision(what, cause.get("reason"), _) or plain.get(what, _("planned anew"))


def _supply(cause: Mapping[str, Any], tongue: Tongue) -> str:
    """`supplier order 4711 from Acme slipped`."""
    _ = tongue.gettext
    names = {
        "purchase_order": _("supplier order {reference}"),
        "transfer": _("transfer {reference}"),
        "production": _("production order {reference}"),
        "inspection": _("inspection {reference}"),
    }
    name = names.get(str(cause.get("kind")), "{reference}").format(reference=cause.get("reference", ""))
    if cause.get("supplier"):
        name = _("{supply} from {supplier}").format(supply=name, supplier=cause["supplier"])
    if cause.get("what") == "received":
        return _("{supply} came in").format(supply=name)
    old, new = cause.get("old_expected_on"), cause.get("expected_on")
    if old and new and new != old:
        template = _("{supply} is late") if new > old else _("{supply} comes earlier")
        return template.format(supply=name)
    return _("{supply} changed").format(supply=name)
