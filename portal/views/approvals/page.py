"""One request: what is asked and why, who has to agree, what was said, what waiting costs, what the reader can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from markupsafe import Markup

from portal.domain.access import Viewer
from portal.domain.orders import Order
from portal.domain.quotes import Outlook
from portal.domain.requests import Request
from portal.filters import Tongue
from portal.views.approvals.chain import Step, chain
from portal.views.approvals.change import ChangedRow, Names, changed_rows
from portal.views.approvals.cost import Cost, cost
from portal.views.approvals.facts import reasons
from portal.views.approvals.lines import ShownLine, shown_lines
from portal.views.approvals.thread import Said, said
from portal.views.approvals.truth import truth
from portal.views.approvals.words import left, state
from portal.views.order.figures import preference
from portal.views.order.statuses import Look

# Lines that stand on the page at first.
LINES = 60


@dataclass(frozen=True, slots=True)
class Can:
    """What the reader can do here."""

    decide: bool = False
    answer: bool = False
    withdraw: bool = False
    change: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    number: str
    title: str
    order: str
    state: str
    look: Look
    is_open: bool
    version: int
    facts: Sequence[tuple[str, str]]
    truth: Markup
    until: str
    ends: str
    left: str
    now: str
    total: str
    note: str
    why: Sequence[str]
    steps: Sequence[Step]
    thread: Sequence[Said]
    question: Said | None
    stands_for: str
    cost: Cost | None
    changes: Sequence[ChangedRow]
    lines: Sequence[ShownLine]
    more_lines: int
    totals: Sequence[tuple[str, str, bool]]
    can: Can
    may_tick: bool


@dataclass(frozen=True, slots=True)
class Around:
    """Whose eyes, when, and what else is known of the request; `names` are of products that a change adds."""

    viewer: Viewer
    tongue: Tongue
    today: date
    now: datetime
    outlook: Outlook | None = None
    habits: Mapping[int, timedelta] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    shows_all: bool = False


def page(request: Request, order: Order, around: Around) -> Page:
    tongue, today = around.tongue, around.today
    word, look = state(request.state, tongue)
    thread = [said(one, request, tongue, today) for one in request.decisions]
    lines = shown_lines(request, order, around.outlook, tongue, today)
    shown = lines if around.shows_all else lines[:LINES]
    can = _can(request, around.viewer)
    return Page(
        number=request.number,
        title=_title(request, tongue),
        order=request.order,
        state=word,
        look=look,
        is_open=request.is_open,
        version=request.version,
        facts=_facts(request, order, around),
        truth=truth(request, tongue, around.viewer, order.state),
        until=request.expires_at.isoformat(timespec="seconds")
        if request.is_open and request.expires_at
        else "",
        ends=tongue.stamp(request.expires_at, today) if request.expires_at else "",
        left=left(request.expires_at, around.now, tongue) if request.is_open and request.expires_at else "",
        now=around.now.isoformat(timespec="seconds"),
        total=tongue.money(request.total, request.currency),
        note=request.note or "",
        why=reasons(request.reasons, request.currency, tongue),
        steps=chain(request, tongue, today, around.habits),
        thread=thread,
        question=said(request.question, request, tongue, today) if request.question else None,
        stands_for=_stands_for(request, around),
        cost=cost(around.outlook.cost, tongue, today, request.expires_at)
        if around.outlook and request.is_open
        else None,
        changes=changed_rows(request.wanted, order, around.names, tongue) if request.wanted else (),
        lines=shown,
        more_lines=len(lines) - len(shown),
        totals=_totals(order, tongue),
        can=can,
        may_tick=can.decide and request.kind == "order" and len(lines) > 1,
    )


def _title(request: Request, tongue: Tongue) -> str:
    _ = tongue.gettext
    if request.kind == "amendment":
        return _("A change to order {number}").format(number=request.order)
    return _("Order {number}").format(number=request.order)


def _can(request: Request, viewer: Viewer) -> Can:
    """What the operations would let this person do; they decide again."""
    if not request.is_open or viewer.is_supplier:
        return Can()
    account = request.account
    own = request.requester_id is not None and request.requester_id == viewer.person_id
    # What a system asked for is anybody's who orders for the account.
    own = own or (request.requester_id is None and viewer.may("orders:place", account))
    administers = viewer.may("policy:write", account)
    return Can(
        decide=bool(request.mine) and viewer.may("approvals:decide", account),
        answer=(own or administers)
        and request.state == "asked"
        and not request.mine
        and viewer.may("approvals:answer", account),
        withdraw=(own or administers) and viewer.may("approvals:answer", account),
        change=own and request.kind == "order" and viewer.may("orders:place", account),
    )


def _stands_for(request: Request, around: Around) -> str:
    """Whose seat the reader would decide on, when it is not theirs."""
    mine = [seat for seat in request.seats if seat.id in request.mine]
    if not mine or any(seat.person_id == around.viewer.person_id for seat in mine):
        return ""
    return mine[0].name


def _facts(request: Request, order: Order, around: Around) -> list[tuple[str, str]]:
    tongue, today = around.tongue, around.today
    _ = tongue.gettext
    ship_to = ", ".join(filter(None, (order.ship_to.city, order.ship_to.name)))
    asked = _("{moment} by {who}").format(moment=tongue.stamp(request.asked_at, today), who=request.requester)
    facts = [
        (_("Asked"), asked),
        (_("PO"), order.purchase_order_number or ""),
        (_("Account"), f"{order.account_name} ({order.account})"),
        (_("Cost centre"), order.cost_centre or ""),
        (_("To"), ship_to),
        (_("Delivery"), preference(order.delivery_preference, tongue)),
        (_("Wanted for"), tongue.day(order.requested_on, today) if order.requested_on else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _totals(order: Order, tongue: Tongue) -> list[tuple[str, str, bool]]:
    _ = tongue.gettext
    sums = [(_("Goods"), order.goods, False)]
    if order.discount:
        sums.append((_("Discount"), -order.discount, False))
    if order.freight:
        sums.append((_("Freight"), order.freight, False))
    sums += [(_("Tax"), order.tax, False), (_("Total"), order.total, True)]
    return [(label, tongue.money(amount, order.currency), is_sum) for label, amount, is_sum in sums]
