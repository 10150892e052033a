"""The moves of those outside: suppliers announce and deliver, carriers report."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from portal.db import parked
from portal.db.inbound import Announced
from portal.db.work import Work
from portal.operations import following, receiving
from portal.operations.following import Message
from portal.operations.moving import Part
from portal.operations.receiving import Announcement, Came
from tests.operations.moves import Draw, Move, one_of, part_of, some_day
from tests.operations.supplier import EVERYBODY, KINDS, LOCATIONS, SKUS, Sight, share, steps

STATES = ("in_transit", "out_for_delivery", "delivered", "delivered", "exception", "returned_to_sender")


def announce(sight: Sight, draw: Draw) -> Move:
    kind = draw(st.sampled_from(KINDS))
    location = draw(st.sampled_from(LOCATIONS))
    wanted = Announcement(
        kind=kind,
        reference=draw(st.sampled_from(("1", "2"))),
        location=location,
        lines=[
            _line(sight, draw, line) for line in draw(st.sampled_from(((), (1,), (2,), (1, 2), (1, 2, 3))))
        ],
        from_location=draw(st.sampled_from(LOCATIONS)) if kind == "transfer" else None,
        supplier=draw(st.sampled_from((None, "Acme"))),
        confirmed=draw(st.booleans()),
    )
    return Move(f"announce {wanted}", lambda work: receiving.announce(work, wanted))


def _line(sight: Sight, draw: Draw, line: int) -> Announced:
    sku = draw(st.sampled_from(SKUS))
    order = one_of(draw, sight.orders) if draw(st.booleans()) else None
    return Announced(
        line,
        sku,
        share(sku, draw(st.integers(1, 20))),
        some_day(sight, draw),
        order.number if order else None,
        draw(st.sampled_from([found.line for found in order.lines])) if order else None,
    )


def reschedule(sight: Sight, draw: Draw) -> Move | None:
    """The same document again: with other dates or quantities, or with a line left out."""
    found = one_of(draw, sorted({(line.kind, line.reference) for line in sight.inbound}))
    if found is None:
        return None
    lines = [line for line in sight.inbound if (line.kind, line.reference) == found]
    kept = [line for line in lines if draw(st.integers(0, 5))]
    wanted = Announcement(
        kind=found[0],
        reference=found[1],
        location=lines[0].location,
        lines=[
            Announced(
                line.line,
                line.sku,
                draw(st.just(max(line.quantity, share(line.sku, 1))) | _near(line.sku, line.quantity)),
                draw(st.just(line.expected_on) | st.just(some_day(sight, draw))),
            )
            for line in kept
        ],
        from_location=lines[0].from_location,
        confirmed=draw(st.booleans()),
    )
    return Move(f"reschedule {wanted}", lambda work: receiving.announce(work, wanted))


def _near(sku: str, quantity: Decimal) -> st.SearchStrategy[Decimal]:
    whole = steps(sku, quantity)
    return st.integers(max(1, whole - 8), whole + 5).map(lambda number: share(sku, number))


def receive(sight: Sight, draw: Draw) -> Move | None:
    """Short, over, rejected, apart, closed; now and then before anybody announced it."""
    documents = sorted({(line.kind, line.reference) for line in sight.inbound})
    kind, reference = draw(st.sampled_from([*documents, *documents, ("purchase_order", "3")]))
    lines = [line for line in sight.inbound if (line.kind, line.reference) == (kind, reference)]
    named = (
        draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=2, unique=True)) if lines else []
    )
    came = [
        Came(
            line.line,
            received=share(line.sku, draw(st.integers(0, steps(line.sku, line.outstanding) + 2))),
            rejected=share(line.sku, draw(st.sampled_from((0, 0, 0, 1, 2)))),
            quarantined=share(line.sku, draw(st.sampled_from((0, 0, 0, 1, 2)))),
            closed=draw(st.booleans()),
        )
        for line in [lines[i] for i in named]
    ] or [Came(1, received=Decimal(draw(st.integers(1, 5))))]

    async def do(work: Work) -> None:
        if not await receiving.receive(work, kind, reference, came, None):
            await parked.park(work, "inbound", f"{kind}/{reference}", receiving.as_parked(came, None))

    return Move(f"receive {kind} {reference} {came}", do)


def report(sight: Sight, draw: Draw) -> Move:
    """What a carrier says: late, early, twice, of a part, or of a parcel that nobody knows yet."""
    shipments = [(order, shipment) for order in sight.orders for shipment in order.shipments]
    found = one_of(draw, shipments)
    if found is None or not draw(st.integers(0, 6)):
        name, parts = draw(st.sampled_from(("T1", "T2", "T3"))), None
    else:
        order, shipment = found
        name, parts = shipment.number, None
        if draw(st.booleans()):
            skus = {line.line: line.sku for line in order.lines}
            parts = [
                Part(part.line, part_of(draw, skus[part.line], part.quantity)) for part in shipment.lines[:1]
            ]
    state = "delivered" if parts else draw(st.sampled_from(STATES))
    hours = draw(st.integers(-2, 4)) * 24
    message = Message(
        state,
        sight.now.replace(microsecond=0) + timedelta(hours=hours),
        tracking_number=draw(st.none() | st.sampled_from(("T1", "T2", "T4"))),
        lines=parts,
    )

    return Move(f"carrier {name} {message}", lambda work: following.hear(work, EVERYBODY, name, message))
