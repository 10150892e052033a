"""Supply on its way: announced, slipped, withdrawn, received. Every message re-plans what depends on it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.db import inbound, parked, prices, stock
from portal.db.inbound import Announced, Header, Line
from portal.db.work import Work
from portal.domain.quantities import MOST_DIGITS, ZERO, NotAQuantity, check_unit, parse, text
from portal.domain.refusals import Conflict, Problem, refuse_any
from portal.operations import planning

Changes = dict[tuple[str, str], dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Announcement:
    """A purchase order, transfer, production order or inspection as somebody announces it."""

    kind: str
    reference: str
    location: str
    lines: Sequence[Announced]
    from_location: str | None = None
    supplier: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a line. The three quantities are disjoint; `closed`: nothing more will come."""

    line: int
    received: Decimal = ZERO
    rejected: Decimal = ZERO
    quarantined: Decimal = ZERO
    closed: bool = False

    @property
    def total(self) -> Decimal:
        return self.received + self.rejected + self.quarantined


async def announce(work: Work, wanted: Announcement) -> bool:
    """Write or replace a document; a new date is how a slip is told. Answers whether it is new."""
    await _refuse_unknown(work, wanted)
    head = await inbound.lock(work.conn, wanted.kind, wanted.reference)
    before = {line.line: line for line in await inbound.lines(work.conn, head.id)} if head else {}
    skus = {line.sku for line in wanted.lines} | {line.sku for line in before.values()}
    await stock.lock(work.conn, skus)
    _refuse_changes(wanted, head, before)
    inbound_id = await inbound.write_header(
        work.conn, wanted.kind, wanted.reference, wanted.location, wanted.from_location, wanted.supplier,
        wanted.confirmed,
    )  # fmt: skip
    for line in wanted.lines:
        await inbound.write_line(work.conn, inbound_id, line)
    named = {line.line for line in wanted.lines}
    withdrawn = [line for line in before.values() if line.line not in named and not line.closed]
    await inbound.withdraw(work.conn, [line.id for line in withdrawn])
    if wanted.kind == "transfer":
        await _take_off(work, wanted, before, withdrawn)
    await planning.replan(work, skus, _cause(wanted, before))
    if head is None:
        await _apply_parked(work, wanted.kind, wanted.reference)
    return head is None


async def _refuse_unknown(work: Work, wanted: Announcement) -> None:
    articles = await prices.articles(work.conn, {line.sku for line in wanted.lines})
    problems = [*await _wrong_places(work, wanted)]
    seen: set[int] = set()
    for index, line in enumerate(wanted.lines):
        if line.sku not in articles:
            problems.append(Problem(f"/lines/{index}/sku", f"unknown product {line.sku!r}"))
        else:
            problems += wrong_unit(line.quantity, articles[line.sku].unit, f"/lines/{index}/quantity")
        if line.line in seen:
            problems.append(Problem(f"/lines/{index}/line", f"line {line.line} stands here twice"))
        if (line.for_order is None) != (line.for_line is None):
            problems.append(Problem(f"/lines/{index}", "for_order and for_line go together"))
        seen.add(line.line)
    refuse_any(problems)


async def _wrong_places(work: Work, wanted: Announcement) -> list[Problem]:
    codes = {wanted.location: "/location"}
    problems = []
    if wanted.kind == "transfer":
        if wanted.from_location is None:
            problems.append(Problem("/from_location", "a transfer says where it comes from"))
        elif wanted.from_location == wanted.location:
            problems.append(Problem("/from_location", "a transfer leaves one location for another"))
        else:
            codes[wanted.from_location] = "/from_location"
    elif wanted.from_location is not None:
        problems.append(Problem("/from_location", "only a transfer has one"))
    known = await work.conn.fetch("select code from location where code = any($1::text[])", list(codes))
    missing = sorted(codes.keys() - {row["code"] for row in known})
    return problems + [Problem(codes[code], f"unknown location {code!r}") for code in missing]


def wrong_unit(quantity: Decimal, unit: str, pointer: str) -> list[Problem]:
    """What is wrong with a fraction of something that is only counted whole."""
    try:
        check_unit(quantity, unit)
    except NotAQuantity as wrong:
        return [Problem(pointer, str(wrong))]
    return []


def _refuse_changes(wanted: Announcement, head: Header | None, before: dict[int, Line]) -> None:
    """What has come cannot change its product, nor a transfer the place it left, nor be less than what came."""
    if head is not None and wanted.kind == "transfer" and head.from_location != wanted.from_location:
        raise Conflict(f"Transfer {wanted.reference} left {head.from_location} already.")
    if head is not None and head.location != wanted.location and any(line.came for line in before.values()):
        raise Conflict(f"{wanted.reference} was received at {head.location} in part; it cannot move now.")
    for index, line in enumerate(wanted.lines):
        old = before.get(line.line)
        if old is not None and old.sku != line.sku and (old.came or wanted.kind == "transfer"):
            raise Conflict(
                f"Line {line.line} of {wanted.reference} is {old.sku}; it cannot become {line.sku} now.",
                [Problem(f"/lines/{index}/sku", f"was {old.sku}")],
            )
        if old is not None and wanted.kind == "transfer" and line.quantity < min(old.quantity, old.came):
            came = f"{text(old.came)} of line {line.line} have arrived"
            raise Conflict(
                f"{came}; transfer {wanted.reference} cannot be of {text(line.quantity)} now.",
                [Problem(f"/lines/{index}/quantity", came)],
            )


async def _take_off(
    work: Work, wanted: Announcement, before: dict[int, Line], withdrawn: Sequence[Line]
) -> None:
    """A transfer leaves its first location when it is put; what is withdrawn goes back there."""
    assert wanted.from_location is not None
    leaves: dict[str, Decimal] = defaultdict(Decimal)
    for line in wanted.lines:
        old = before.get(line.line)
        leaves[line.sku] += line.quantity - (old.quantity if old else ZERO)
    for gone_line in withdrawn:
        leaves[gone_line.sku] -= gone_line.outstanding
    problems = []
    for sku, quantity in leaves.items():
        level = await stock.level(work.conn, wanted.from_location, sku)
        free = level.free if level else ZERO
        if quantity > free:
            problems.append(
                Problem(
                    "/lines",
                    f"{text(quantity)} of {sku} are to leave {wanted.from_location}, {text(free)} are free",
                )
            )
    refuse_any(problems)
    changes = {(sku, wanted.from_location): {"on_hand": -quantity} for sku, quantity in leaves.items()}
    await stock.change(work.conn, changes)


def _cause(wanted: Announcement, before: dict[int, Line]) -> planning.Cause:
    cause: planning.Cause = {
        "what": "inbound_changed",
        "kind": wanted.kind,
        "reference": wanted.reference,
        "supplier": wanted.supplier,
    }
    moved = [
        (before[line.line].expected_on, line.expected_on)
        for line in wanted.lines
        if line.line in before and before[line.line].expected_on != line.expected_on
    ]
    if moved:
        cause |= {"old_expected_on": moved[0][0].isoformat(), "expected_on": moved[0][1].isoformat()}
    return cause


async def receive(
    work: Work, kind: str, reference: str, came: Sequence[Came], received_at: datetime | None
) -> bool:
    """Book what came. Answers False when the document is not known yet: the caller parks the message."""
    head = await inbound.lock(work.conn, kind, reference)
    if head is None:
        return False
    lines = {line.line: line for line in await inbound.lines(work.conn, head.id)}
    await _refuse_receipt(work, reference, lines, came)
    skus = {lines[part.line].sku for part in came}
    await stock.lock(work.conn, skus)
    changes: Changes = defaultdict(lambda: defaultdict(Decimal))
    earmarks: dict[str, dict[tuple[int, str], Decimal]] = defaultdict(dict)
    for part in came:
        line = lines[part.line]
        _book(kind, head.location, line, part, changes)
        figures = {"received": part.received, "rejected": part.rejected, "quarantined": part.quarantined}
        await inbound.receive(work.conn, line.id, figures, part.closed, received_at or work.now, work.actor)
        bought_for = await _bought_for(work, line)
        if bought_for is not None and part.received:
            key = (bought_for, head.location)
            earmarks[line.sku][key] = earmarks[line.sku].get(key, ZERO) + part.received
    if kind == "inspection":
        await _refuse_quarantine(work, changes)
    await stock.change(work.conn, changes)
    cause = {"what": "received", "kind": kind, "reference": reference, "supplier": head.supplier}
    await planning.replan(work, skus, cause, earmarks=earmarks)
    return True


async def _refuse_receipt(work: Work, reference: str, lines: dict[int, Line], came: Sequence[Came]) -> None:
    problems = []
    seen: set[int] = set()
    articles = await prices.articles(work.conn, {line.sku for line in lines.values()})
    for index, part in enumerate(came):
        if part.line not in lines:
            problems.append(Problem(f"/lines/{index}/line", f"{reference} has no line {part.line}"))
            continue
        if part.line in seen:
            problems.append(Problem(f"/lines/{index}/line", f"line {part.line} stands here twice"))
        seen.add(part.line)
        if lines[part.line].came + part.total >= 10**MOST_DIGITS:
            problems.append(
                Problem(
                    f"/lines/{index}/received", f"line {part.line} would hold more than {MOST_DIGITS} digits"
                )
            )
        if not part.total and not part.closed:
            problems.append(Problem(f"/lines/{index}/received", f"nothing came of line {part.line}"))
        for name in ("received", "rejected", "quarantined"):
            unit = articles[lines[part.line].sku].unit
            problems += wrong_unit(getattr(part, name), unit, f"/lines/{index}/{name}")
    if not came:
        problems.append(Problem("/lines", "name at least one line"))
    refuse_any(problems)


def _book(kind: str, location: str, line: Line, part: Came, changes: Changes) -> None:
    level = changes[line.sku, location]
    if kind == "inspection":
        # The goods stand in quarantine here already: what passes is free, what fails is gone.
        level["quarantined"] -= part.received + part.rejected
        level["on_hand"] -= part.rejected
    else:
        level["on_hand"] += part.received + part.quarantined
        level["quarantined"] += part.quarantined


async def _refuse_quarantine(work: Work, changes: Changes) -> None:
    problems = []
    for (sku, location), amounts in changes.items():
        level = await stock.level(work.conn, location, sku)
        there = level.quarantined if level else ZERO
        if -amounts["quarantined"] > there:
            problems.append(
                Problem(
                    "/lines",
                    f"{text(-amounts['quarantined'])} of {sku} were inspected, "
                    f"{text(there)} stand in quarantine at {location}",
                )
            )
    refuse_any(problems)


async def _bought_for(work: Work, line: Line) -> int | None:
    if line.for_order is None:
        return None
    return await work.conn.fetchval(  # type: ignore[no-any-return]
        """select l.id from orders o join order_line l on l.order_id = o.id
           where o.number = $1 and l.line = $2 and l.sku = $3""",
        line.for_order,
        line.for_line,
        line.sku,
    )


async def _apply_parked(work: Work, kind: str, reference: str) -> None:
    for message in await parked.waiting_for(work.conn, "inbound", [f"{kind}/{reference}"]):
        came, at = of_parked(message.body)

        async def book(came: list[Came] = came, at: datetime | None = at) -> None:
            await receive(work, kind, reference, came, at)

        await parked.attempt(work, message, book)


def of_parked(body: Mapping[str, Any]) -> tuple[list[Came], datetime | None]:
    """What came, and when, of a receipt that was kept."""
    came = [
        Came(
            line=int(part["line"]),
            received=parse(part.get("received", "0")),
            rejected=parse(part.get("rejected", "0")),
            quarantined=parse(part.get("quarantined", "0")),
            closed=bool(part.get("closed", False)),
        )
        for part in body["lines"]
    ]
    return came, datetime.fromisoformat(body["received_at"]) if body.get("received_at") else None


def as_parked(came: Sequence[Came], received_at: datetime | None) -> dict[str, object]:
    """A receipt as it is kept until its document becomes known."""
    return {
        "received_at": received_at.isoformat() if received_at else None,
        "lines": [
            {
                "line": part.line,
                "received": text(part.received),
                "rejected": text(part.rejected),
                "quarantined": text(part.quarantined),
                "closed": part.closed,
            }
            for part in came
        ],
    }
