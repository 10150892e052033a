"""Goods that left and are not billed, order by order: since when, why, and when they will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from portal.db.finance import Wanted
from portal.domain.finance import WHYS, Unbilled, UnbilledSum
from portal.filters import Tongue
from portal.views.finance.words import LOOKS, sums, when, why_word
from portal.views.order.statuses import Look

PATH = "/finance/unbilled"
# Shipments of one order that are named in its row.
NAMED = 2


def read(query: Mapping[str, str]) -> Wanted:
    """What is not known is left out: an old link must still open."""
    why, after = query.get("why", ""), query.get("after", "")
    return Wanted(
        why if why in WHYS else "",
        query.get("account", "").replace("\x00", "").strip()[:80],
        query.get("q", "").replace("\x00", "").strip()[:80],
        int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0,
    )


def href(wanted: Wanted, why: str | None = None, after: int = 0) -> str:
    said = {
        "why": wanted.why if why is None else why,
        "account": wanted.account,
        "q": wanted.q,
        "after": str(after or ""),
    }
    kept = {name: value for name, value in said.items() if value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


@dataclass(frozen=True, slots=True)
class Row:
    order: str
    account: str
    value: str
    lines: str
    shipments: Sequence[str]
    more: str
    since: str
    days: str
    look: Look
    word: str
    when: str
    can_bill: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class Page:
    wanted: Wanted
    truth: str
    tabs: Sequence[tuple[str, str, bool]]
    rows: Sequence[Row]
    following: str
    first: str


def page(
    wanted: Wanted,
    found: Sequence[Unbilled],
    following: int | None,
    all_sums: Sequence[UnbilledSum],
    tongue: Tongue,
    today: date,
    first: date,
) -> Page:
    """`first` is the first day whose run is still to come."""
    _ = tongue.gettext
    whole = sums(((one.currency, one.value) for one in all_sums), tongue)
    orders = sum(one.orders for one in all_sums)
    truth = (
        tongue.ngettext(
            "{amount} of {n} order has left and is not billed.",
            "{amount} of {n} orders have left and are not billed.",
            orders,
        ).format(amount=whole, n=tongue.number(orders))
        if orders
        else _("All that has left is billed.")
    )
    known = [
        why for why in ("now", *WHYS[:-1]) if why == wanted.why or any(one.why == why for one in all_sums)
    ]
    tabs = [(href(wanted, ""), _("All"), not wanted.why)]
    tabs += [(href(wanted, why), why_word(why, tongue), why == wanted.why) for why in known]
    return Page(
        wanted=wanted,
        truth=truth,
        tabs=tabs,
        rows=[_row(one, tongue, today, first) for one in found],
        following=href(wanted, after=following) if following else "",
        first=href(wanted) if wanted.after else "",
    )


def _row(one: Unbilled, tongue: Tongue, today: date, first: date) -> Row:
    left = tongue.on(one.since)
    others = len(one.shipments) - NAMED
    return Row(
        order=one.order,
        account=f"{one.account_name} ({one.account})",
        value=tongue.money(one.value, one.currency),
        lines=tongue.ngettext("{n} line", "{n} lines", one.lines).format(n=tongue.number(one.lines)),
        shipments=one.shipments[:NAMED],
        more=tongue.ngettext("and {n} more", "and {n} more", others).format(n=tongue.number(others))
        if others > 0
        else "",
        since=tongue.day(left, today),
        days=tongue.away(left, today),
        look=LOOKS[one.why],
        word=why_word(one.why, tongue),
        when=when(one, tongue, today, first),
        # What waits for its delivery is not billable before it, whoever asks.
        can_bill=one.why in ("now", "period", "completion"),
        is_held=one.why == "held",
    )
