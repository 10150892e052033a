"""Money as moves: bill what is billable, credit it, pay it, send goods back."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from portal.db.work import Connection, Work
from portal.domain.disputes import Claimed
from portal.domain.returns import PLACES
from portal.operations import billing, cataloguing, crediting_notes, disputing, paying, returning, taking_back
from portal.operations.crediting_notes import Credit
from portal.operations.moving import Part
from portal.operations.paying import Money
from portal.operations.taking_back import Came
from tests.operations import supplier
from tests.operations.moves import Draw, Move, one_of, part_of
from tests.operations.supplier import ACCOUNTS, EVERYBODY, Sight

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(slots=True)
class Bill:
    """An invoice as it stands: what is left of its lines by (line, SKU), and of its money."""

    number: str
    account: str
    order: str
    lines: list[tuple[int, str, Decimal]]
    total: Decimal
    credited: Decimal
    due: Decimal


@dataclass(slots=True)
class GoingBack:
    """A return that may be received: (line, SKU, quantity) announced and not come."""

    number: str
    state: str
    lines: list[tuple[int, str, Decimal]]


BILLS = """
select i.number, i.account, o.number as "order", s.total, s.credited, s.due,
    array_agg(row(l.line, l.sku, n.quantity - coalesce((
    select sum(x.quantity) from invoice_line x join invoice k on k.id = x.invoice_id
    where k.corrects = i.id and x.corrects_position = n.position), 0)) order by n.position) as lines
from invoice i join invoice_status s on s.invoice_id = i.id join invoice_line n on n.invoice_id = i.id
join order_line l on l.id = n.line_id join orders o on o.id = i.order_id
where i.kind = 'invoice' group by i.id, s.invoice_id, o.number order by i.id
"""
RETURNS = """
select r.number, r.state, array_agg(row(l.line, l.sku, n.quantity - n.received) order by l.line) as lines
from goods_return r join goods_return_line n on n.return_id = r.id join order_line l on l.id = n.line_id
where r.state in ('requested', 'authorised') group by r.id order by r.id
"""


async def bills(conn: Connection) -> list[Bill]:
    return [
        Bill(
            row["number"], row["account"], row["order"], [tuple(line) for line in row["lines"]], row["total"],
            row["credited"], row["due"],
        )
        for row in await conn.fetch(BILLS)
    ]  # fmt: skip


async def going_back(conn: Connection) -> list[GoingBack]:
    return [
        GoingBack(row["number"], row["state"], [tuple(line) for line in row["lines"]])
        for row in await conn.fetch(RETURNS)
    ]


def terms(sight: Sight, draw: Draw) -> Move:
    """An account is billed otherwise from now on."""
    number = draw(st.sampled_from(ACCOUNTS))
    changed = supplier.account(
        number,
        invoice_terms=draw(st.sampled_from(("on_shipment", "on_delivery", "on_order", "consolidated"))),
        consolidation=draw(st.sampled_from((None, "weekly", "monthly", "completion"))),
        freight_policy=draw(st.sampled_from(("pro_rata", "pro_rata", "first", "actual"))),
    )
    return Move(f"bills {changed}", lambda work: cataloguing.put_account(work, changed))


def gather(sight: Sight, draw: Draw) -> Move:
    """All that one account gets is billed at the end of the month."""
    open_orders = [order for order in sight.orders if order.state == "open"]
    order = one_of(draw, open_orders)
    number = order.account if order else draw(st.sampled_from(ACCOUNTS))
    changed = supplier.account(number, invoice_terms="consolidated", consolidation="monthly")
    return Move(f"gathers {changed}", lambda work: cataloguing.put_account(work, changed))


def bill(sight: Sight, draw: Draw) -> Move | None:
    """Mostly of an order of which something has left and is not billed."""
    waiting = [
        order
        for order in sight.orders
        if order.shipped_value
        > sum((one.total - one.credited for one in sight.bills if one.order == order.number), ZERO)
    ]
    order = one_of(draw, waiting or sight.orders)
    if order is None:
        return None
    return Move(f"bill {order.number}", lambda work: billing.bill_now(work, EVERYBODY, order.number))


def _one(sight: Sight, draw: Draw) -> Bill | None:
    found = one_of(draw, sight.bills)
    return found if isinstance(found, Bill) else None


def credit_lines(sight: Sight, draw: Draw) -> Move | None:
    one = _one(sight, draw)
    if one is None:
        return None
    some = one.lines[: draw(st.integers(1, len(one.lines)))]
    parts = [
        Part(line, part_of(draw, sku, left)) for line, sku, left in {line[0]: line for line in some}.values()
    ]
    what = Credit("short", parts, rebill=draw(st.booleans()))
    return Move(
        f"credit {one.number} {what}", lambda work: crediting_notes.credit(work, EVERYBODY, one.number, what)
    )


def credit_amount(sight: Sight, draw: Draw) -> Move | None:
    one = _one(sight, draw)
    if one is None:
        return None
    left = int((one.total - one.credited) / CENT)
    amount = CENT * draw(st.one_of(st.just(left), st.integers(1, left + 1)))
    what = Credit("late", amount=amount)
    return Move(
        f"credit {one.number} {amount}",
        lambda work: crediting_notes.credit(work, EVERYBODY, one.number, what),
    )


def pay(sight: Sight, draw: Draw) -> Move | None:
    one = one_of(draw, [b for b in sight.bills if b.due > 0] or sight.bills)
    if one is None:
        return None
    due = max(int(one.due / CENT), 1)
    paid = Money(CENT * draw(st.one_of(st.just(due), st.just(due + 700), st.integers(1, due + 500))))
    return Move(f"pay {one.number} {paid}", lambda work: paying.pay(work, EVERYBODY, one.number, paid))


def _surplus(sight: Sight, draw: Draw) -> Bill | None:
    """Mostly one that was paid too much."""
    over = [one for one in sight.bills if one.due < 0]
    found = one_of(draw, over or sight.bills)
    return found if isinstance(found, Bill) else None


def refund(sight: Sight, draw: Draw) -> Move | None:
    one = _surplus(sight, draw)
    if one is None:
        return None
    most = max(int(-one.due / CENT), 1)
    paid = Money(CENT * draw(st.integers(1, most + 1)))
    return Move(f"refund {one.number} {paid}", lambda work: paying.refund(work, EVERYBODY, one.number, paid))


def transfer(sight: Sight, draw: Draw) -> Move | None:
    """What was paid too much of one settles another; where nothing was, it is paid too much first."""
    pairs = [
        (one, other)
        for one in sight.bills
        for other in sight.bills
        if one.number != other.number and one.account == other.account and other.due > 0
    ]
    found = one_of(draw, pairs or [(one, one) for one in sight.bills])
    if found is None:
        return None
    one, other = found
    more = one.due + 7 if one.due >= 0 else None
    moved = Money(draw(st.sampled_from((None, None, None, CENT, CENT * 500))))

    async def do(work: Work) -> None:
        if more is not None:
            await paying.pay(work, EVERYBODY, one.number, Money(more))
        await paying.transfer(work, EVERYBODY, one.number, other.number, moved)

    return Move(f"transfer {one.number} to {other.number} {moved} after {more}", do)


def dispute(sight: Sight, draw: Draw) -> Move | None:
    one = one_of(draw, [b for b in sight.bills if b.credited < b.total] or sight.bills)
    if one is None:
        return None
    number, sku, left = one_of(draw, [line for line in one.lines if line[2]] or one.lines)
    claim = disputing.Claim(
        draw(st.sampled_from(("not_received", "damaged"))), [Claimed(number, part_of(draw, sku, left))]
    )
    return Move(
        f"dispute {one.number} {claim}", lambda work: disputing.dispute(work, EVERYBODY, one.number, claim)
    )


def send_back(sight: Sight, draw: Draw) -> Move | None:
    """Something of a shipment is announced to come back."""
    shipments = [(order, shipment) for order in sight.orders for shipment in order.shipments]
    found = one_of(draw, shipments)
    if found is None:
        return None
    order, shipment = found
    skus = {line.line: line.sku for line in order.lines}
    wanted = returning.Wanted(
        shipment.number,
        [
            returning.WantedLine(part.line, part_of(draw, skus[part.line], part.quantity), "not_needed")
            for part in shipment.lines[:2]
        ],
    )
    return Move(f"send back {wanted}", lambda work: returning.ask(work, EVERYBODY, wanted))


def take_in(sight: Sight, draw: Draw) -> Move | None:
    """Some of it arrives; or it is said that nothing more will."""
    found = one_of(draw, sight.returns)
    if found is None:
        return None
    came = [
        Came(
            line,
            part_of(draw, sku, left) if left and draw(st.integers(0, 3)) else ZERO,
            draw(st.sampled_from(PLACES)),
            draw(st.booleans()),
        )
        for line, sku, left in found.lines
    ]
    return Move(
        f"take in {found.number} {came}",
        lambda work: taking_back.receive(work, EVERYBODY, found.number, came),
    )


def call_off(sight: Sight, draw: Draw) -> Move | None:
    found = one_of(draw, sight.returns)
    if found is None:
        return None
    return Move(
        f"call off {found.number}", lambda work: returning.call_off(work, EVERYBODY, found.number, None)
    )


MOVES = (
    terms, gather, bill, credit_lines, credit_amount, pay, refund, transfer, dispute, send_back, take_in, call_off,
)  # fmt: skip
