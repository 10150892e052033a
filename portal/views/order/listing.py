"""The list of orders: what was asked for, and each order as a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode

from markupsafe import Markup

from portal.domain.access import Viewer
from portal.domain.problems import OF_ORDERS
from portal.filters import Tongue
from portal.views.order.statuses import order_state
from portal.views.problems import problem_word

STATES = ("open", "held", "pending_approval", "rejected", "closed", "cancelled")
PER_PAGE = 50


class Found(Protocol):
    """An order in a list, as `db.order_list` finds it."""

    @property
    def id(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def account_name(self) -> str: ...
    @property
    def purchase_order_number(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def placed_at(self) -> datetime: ...
    @property
    def currency(self) -> str: ...
    @property
    def total(self) -> Decimal: ...
    @property
    def lines(self) -> int: ...
    @property
    def lines_complete(self) -> int: ...
    @property
    def next_arrival(self) -> date | None: ...
    @property
    def undated_lines(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list: words, filters, and where the page begins."""

    q: str = ""
    state: str = ""
    account: str = ""
    attention: bool = False
    problem: str = ""
    before: int | None = None

    @property
    def query(self) -> str:
        said = {
            "q": self.q,
            "state": self.state,
            "account": self.account,
            "attention": "1" if self.attention else "",
            "problem": self.problem,
            "before": str(self.before or ""),
        }
        pairs = {name: value for name, value in said.items() if value}
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.state or self.account or self.attention or self.problem)


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    purchase_order: str
    account: str
    placed: Markup
    bar: Markup
    complete: str
    arrival: Markup
    undated: str
    state: str
    state_code: str
    total: str


@dataclass(frozen=True, slots=True)
class Listing:
    """`rows` are drawn already: a list is mostly orders that have not changed since they were drawn last."""

    asked: Asked
    states: Sequence[tuple[str, str, bool]]
    problems: Sequence[tuple[str, str, bool]]
    rows: Sequence[Markup]
    shows_account: bool
    following: str | None
    first: str | None
    count: str


def asked(query: Mapping[str, str]) -> Asked:
    """Unknown values are left out, not refused."""
    state, before = query.get("state", ""), query.get("before", "")
    problem = query.get("problem", "")
    return Asked(
        q=query.get("q", "").replace("\x00", "").strip()[:80],
        state=state if state in STATES else "",
        account=query.get("account", "").replace("\x00", "").strip()[:80],
        attention=query.get("attention") == "1",
        problem=problem if problem in OF_ORDERS else "",
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )


def shows_account(viewer: Viewer) -> bool:
    """Whether the viewer sees orders of several accounts."""
    return viewer.accounts is None or len(viewer.accounts) > 1


def listing(
    found: Sequence[Found],
    rows: Sequence[Markup],
    before: int | None,
    wanted: Asked,
    tongue: Tongue,
    viewer: Viewer,
) -> Listing:
    return Listing(
        asked=wanted,
        states=[(state, order_state(state, tongue), state == wanted.state) for state in STATES],
        problems=[(kind, problem_word(kind, tongue), kind == wanted.problem) for kind in OF_ORDERS],
        rows=rows,
        shows_account=shows_account(viewer),
        following=f"/orders{replace(wanted, before=before).query}" if before else None,
        first=f"/orders{replace(wanted, before=None).query}" if wanted.before else None,
        count=_count(len(found), tongue, is_part=bool(before or wanted.before)),
    )


def _count(found: int, tongue: Tongue, *, is_part: bool) -> str:
    """How many stand here; a number of all would cost more than it tells."""
    if is_part:
        return tongue.ngettext("{n} order on this page", "{n} orders on this page", found).format(n=found)
    return tongue.ngettext("{n} order", "{n} orders", found).format(n=found)


def row(order: Found, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    is_live = order.state in {"open", "held", "pending_approval"}
    arrival = Markup("")
    if is_live and order.next_arrival:
        arrival = tongue.day_html(order.next_arrival, today)
    undated = ""
    if is_live and order.undated_lines:
        undated = tongue.ngettext(
            "{n} line without a date", "{n} lines without a date", order.undated_lines
        ).format(n=tongue.number(order.undated_lines))
    return Row(
        number=order.number,
        purchase_order=order.purchase_order_number or "",
        account=f"{order.account_name} ({order.account})",
        placed=tongue.day_html(tongue.on(order.placed_at), today),
        bar=_bar(order),
        complete=_("{some} of {all}").format(
            some=tongue.number(order.lines_complete), all=tongue.number(order.lines)
        ),
        arrival=arrival,
        undated=undated,
        state=order_state(order.state, tongue),
        state_code=order.state,
        total=tongue.money(order.total, order.currency),
    )


def _bar(order: Found) -> Markup:
    """How many of the lines are complete."""
    share = order.lines_complete * 100 // order.lines if order.lines else 0
    return _share(
        share,
        "never" if order.state == "cancelled" else "delivered" if order.state == "closed" else "shipped",
    )


@lru_cache(maxsize=303)
def _share(percent: int, role: str) -> Markup:
    return Markup('<svg class="bar" aria-hidden="true"><rect width="{}%" class="f-{}"/></svg>').format(
        percent, role
    )
