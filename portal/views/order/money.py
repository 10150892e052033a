"""An order's money, from what was ordered to what is still to be paid: a row with a bar for each step, the documents,
and line by line what was ordered, has left and was billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.orders import Invoice, Line, Order
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.invoices.words import State, kind_word, state_of
from portal.views.order.money_steps import Figures, Notes, Step, steps
from portal.views.order.scene import Scene


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice or credit note of the order."""

    number: str
    href: str
    kind: str
    is_credit: bool
    shipments: Sequence[str]
    due: str
    state: State
    is_disputed: bool
    total: str
    open: str
    is_surplus: bool


@dataclass(frozen=True, slots=True)
class Billed:
    """A line's quantities on their way to being billed."""

    line: int
    sku: str
    ordered: str
    shipped: str
    delivered: str
    billed: str
    to_bill: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Money:
    """`plain` are the order's own figures where nothing of it can be billed yet, or ever will be here. `lines` are left
    out where there are too many; `href` has them all, with amounts."""

    plain: Sequence[tuple[str, str, bool]]
    steps: Sequence[Step]
    papers: Sequence[Paper]
    lines: Sequence[Billed]
    left_out: str
    href: str
    note: str


# Orders in these states owe nothing: what they will come to is not decided.
NOT_YET = frozenset({"draft", "pending_approval", "rejected", "held"})
# More lines are not repeated below the table of lines.
LINES = 60


def money_of(scene: Scene) -> Money:
    """What the order's page says of its money."""
    order, tongue = scene.order, scene.tongue
    _ = tongue.gettext
    is_plain = order.billed_elsewhere or (order.state in NOT_YET and not order.invoices)
    note = _("It was billed before it came into this portal; nothing of it is billed here.")
    figures = figures_of(order)
    rows = order.lines if not is_plain and len(order.lines) <= LINES else ()
    count = len(order.lines)
    return Money(
        plain=_totals(scene) if is_plain else (),
        steps=() if is_plain else steps(figures, notes_of(scene, figures), tongue),
        papers=[_paper(scene, one) for one in order.invoices],
        lines=[_billed(line, tongue) for line in rows],
        left_out=tongue.ngettext("{n} line, with amounts", "{n} lines, with amounts", count).format(
            n=tongue.number(count)
        ),
        href="" if is_plain else f"{scene.path}/reconciliation",
        note=note if order.billed_elsewhere else "",
    )


def _totals(scene: Scene) -> list[tuple[str, str, bool]]:
    """Goods, what is taken off, what is added, the tax on it, and what it comes to."""
    order, tongue = scene.order, scene.tongue
    _ = tongue.gettext
    said = [(_("Goods"), tongue.money(order.goods, order.currency), False)]
    if order.discount:
        said.append((_("Discount"), tongue.money(-order.discount, order.currency), False))
    if order.freight:
        said.append((_("Freight"), tongue.money(order.freight, order.currency), False))
    said.append((_("Tax"), tongue.money(order.tax, order.currency), False))
    return [*said, (_("Total"), tongue.money(order.total, order.currency), True)]


def figures_of(order: Order) -> Figures:
    """An order that is open, closed or cancelled."""
    billed = order.invoiced_value - order.credited_value
    return Figures(
        currency=order.currency,
        goods=order.goods,
        discount=-order.discount,
        freight=order.freight,
        tax=order.tax,
        total=order.total,
        never=order.total - billed - order.outstanding_value,
        shipped=order.shipped_value,
        invoiced=order.invoiced_value,
        credited=order.credited_value,
        paid=order.paid_value,
        to_bill=order.outstanding_value,
        due=sum((one.due for one in order.invoices if one.due > 0), ZERO),
        surplus=-sum((one.due for one in order.invoices if one.due < 0), ZERO),
    )


def notes_of(scene: Scene, figures: Figures) -> Notes:
    order, tongue = scene.order, scene.tongue
    _ = tongue.gettext
    sent = sum(one.state != "cancelled" for one in order.shipments)
    shipments = tongue.ngettext("{n} shipment", "{n} shipments", sent).format(n=tongue.number(sent))
    if figures.credited or any(line.waived or line.of("returned") for line in order.lines):
        shipments = _("{shipments}, without what came back or was credited").format(shipments=shipments)
    return Notes(
        never=_("cancelled, returned or credited"),
        shipped=shipments if sent else "",
        invoiced=_beside_shipped(figures, tongue),
        due=_when_due(scene),
        to_bill=_what_waits(scene),
    )


def _beside_shipped(figures: Figures, tongue: Tongue) -> str:
    """How what is billed stands beside what has left: money follows goods."""
    _ = tongue.gettext
    ahead = figures.billed - figures.shipped
    amount = tongue.money(abs(ahead), figures.currency)
    if not figures.invoiced and not figures.shipped:
        return ""
    if not ahead:
        if figures.credited:
            return _("as much as shipped, once the credits are taken off")
        return _("everything that shipped, nothing else")
    if ahead > 0:
        return _("{amount} of it before it ships").format(amount=amount)
    return _("{amount} that shipped is not billed yet").format(amount=amount)


def _when_due(scene: Scene) -> str:
    """`INV-2026-000214, due 18 Dec`: what is due first."""
    tongue = scene.tongue
    _ = tongue.gettext
    unpaid = sorted(
        (one for one in scene.order.invoices if one.due > 0 and one.due_on), key=lambda one: str(one.due_on)
    )
    if not unpaid or unpaid[0].due_on is None:
        return ""
    day = tongue.day_month(unpaid[0].due_on, scene.today)
    if len(unpaid) == 1:
        return _("{number}, due {day}").format(number=unpaid[0].number, day=day)
    return tongue.ngettext(
        "{n} invoice, the first due {day}", "{n} invoices, the first due {day}", len(unpaid)
    ).format(n=tongue.number(len(unpaid)), day=day)


def _what_waits(scene: Scene) -> str:
    """Why what is still to be billed is not, where that is not only because it has not left."""
    held = [hold for hold in scene.order.holds if hold.reason == "finance"]
    if not held:
        return ""
    tongue = scene.tongue
    if any(hold.lines is None for hold in held):
        return tongue.gettext("it waits for the decision of our finance team")
    count = len({line for hold in held for line in hold.lines or ()})
    return tongue.ngettext(
        "{n} line waits for the decision of our finance team",
        "{n} lines wait for the decision of our finance team",
        count,
    ).format(n=tongue.number(count))


def _paper(scene: Scene, one: Invoice) -> Paper:
    tongue, today = scene.tongue, scene.today
    is_credit = one.kind == "credit_note"
    standing = Standing(one.kind, state_in(scene.order, one, today), one.due, one.due_on)
    amount = -one.total if is_credit and one.total else one.total
    return Paper(
        number=one.number,
        href=f"/invoices/{one.number}",
        kind=kind_word(one.kind, tongue),
        is_credit=is_credit,
        shipments=[number for number in one.shipments if number in scene.shipments],
        due=tongue.day(one.due_on, today) if one.due_on else "",
        state=state_of(standing, tongue, today),
        is_disputed=bool(one.open_disputes),
        total=tongue.money(amount, scene.order.currency),
        open=tongue.money(abs(one.due), scene.order.currency) if one.due else "",
        is_surplus=one.due < 0,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """An invoice with the state that it has on a day."""

    kind: str
    state: str
    due: Decimal
    due_on: date | None


def state_in(order: Order, one: Invoice, today: date) -> str:
    """Credited before paid before overdue; of a credit note whether what it gave back is still with us."""
    if one.kind == "credit_note":
        corrected = next((other for other in order.invoices if other.number == one.corrects), None)
        return "open" if corrected is not None and corrected.due < 0 else "paid"
    if one.total and one.credited == one.total:
        return "credited"
    if one.due <= 0:
        return "paid"
    return "overdue" if one.due_on is not None and one.due_on < today else "open"


def _billed(line: Line, tongue: Tongue) -> Billed:
    to_bill = line.quantity - line.never - line.of("returned") - line.waived - line.invoiced
    number = tongue.number
    return Billed(
        line=line.line,
        sku=line.sku,
        ordered=tongue.quantity(line.quantity, line.unit),
        shipped=number(line.shipped),
        delivered=number(line.delivered),
        billed=number(line.invoiced),
        to_bill=number(max(to_bill, ZERO)),
        is_done=to_bill <= 0,
    )
