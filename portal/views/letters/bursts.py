"""What a mail of news is about: events of one order, those that belong together told as one, in the words of its page.

A slip that is corrected within the burst is told as what it comes to; what is back where it was is not told at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain.orders import COMPLETE
from portal.domain.quantities import text
from portal.domain.today import Change, net
from portal.views.order.scene import Scene

# In this order a mail tells them, and its subject names the first.
RANK = (
    "delivery_failed", "hold", "line_cancelled", "substitution_offered", "promise_moved", "still_waiting",
    "approval_expiring", "approval_needed", "approval_decided", "order_placed", "shipped", "out_for_delivery",
    "delivered", "backorder_ready", "promise_set", "allocated", "return_received", "invoice_issued", "credit_note",
    "payment_received",
)  # fmt: skip
# Several of them in one burst are one piece of news about all their lines.
JOINED = frozenset({"portion.allocated", "line.cancelled", "order.still_waiting"})


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, or several told as one, as the order's timeline reads them; `kind` is what it is to its reader."""

    kind: str
    type: str
    at: datetime
    actor: str | None
    version: int | None
    data: Mapping[str, Any]

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        found = self.data.get("lines")
        return [line for line in found if isinstance(line, Mapping)] if isinstance(found, list) else []


def bursts(scene: Scene, happened: Iterable[Happened]) -> list[Happened]:
    """What there is to tell, the most pressing first."""
    by_type: defaultdict[tuple[str, str], list[Happened]] = defaultdict(list)
    told: list[Happened] = []
    for one in happened:
        if one.type == "promise.changed":
            by_type["promise", one.type].append(one)
        elif one.type in JOINED:
            by_type[one.kind, one.type].append(one)
        else:
            told.append(one)
    for (_, type_), found in by_type.items():
        told += _moves(scene, found) if type_ == "promise.changed" else [_joined(type_, found)]
    standing = [one for one in told if _still_holds(scene, one)]
    return sorted(standing, key=lambda one: (RANK.index(one.kind), one.at))


def _joined(type_: str, found: Sequence[Happened]) -> Happened:
    """The last one, with the lines of all; each line once, with all that was told of it."""
    last = found[-1]
    if type_ == "order.still_waiting" or len(found) == 1:
        return last
    lines: dict[int, dict[str, Any]] = {}
    for line in (line for one in found for line in one.lines):
        before = lines.get(int(line["line"]))
        quantity = Decimal(str(line["quantity"])) + (Decimal(str(before["quantity"])) if before else 0)
        lines[int(line["line"])] = {**line, "quantity": text(quantity)}
    return replace(last, data={**last.data, "lines": [lines[number] for number in sorted(lines)]})


def _moves(scene: Scene, found: Sequence[Happened]) -> list[Happened]:
    """Lines that moved alike, by the same cause, as one; only of what is still to come, and of nothing that is held:
    nobody can name a day for that."""
    coming = {
        line.line
        for line in scene.order.lines
        if any(p.stage not in COMPLETE and not p.holds for p in line.portions)
    }
    changes = [
        Change(
            int(line["line"]),
            Decimal(str(line["quantity"])),
            _day(line, "old"),
            _day(line, "new"),
            one.version or 0,
            one.at,
            one.data.get("cause") or {},
        )
        for one in found
        for line in one.lines
        if int(line["line"]) in coming
    ]
    alike: defaultdict[tuple[date | None, date | None, str], list[Change]] = defaultdict(list)
    for change in net(changes):
        alike[change.old, change.new, _cause_key(change.cause)].append(change)
    last = found[-1]
    return [
        replace(
            last,
            kind="promise_moved" if old else "promise_set",
            data={"lines": _as_lines(scene, moved), "cause": moved[-1].cause},
        )
        for (old, _, _), moved in sorted(alike.items(), key=lambda item: -len(item[1]))
    ]


def _as_lines(scene: Scene, moved: Sequence[Change]) -> list[dict[str, Any]]:
    skus = {line.line: line.sku for line in scene.order.lines}
    return [
        {
            "line": change.line,
            "sku": skus.get(change.line, ""),
            "quantity": text(change.quantity),
            "old": {"arrives_on": change.old.isoformat() if change.old else None},
            "new": {"arrives_on": change.new.isoformat() if change.new else None},
        }
        for change in sorted(moved, key=lambda change: change.line)
    ]


def _cause_key(cause: Mapping[str, Any]) -> str:
    return "|".join(str(cause.get(name)) for name in ("what", "kind", "reference", "reason"))


def _day(line: Mapping[str, Any], side: str) -> date | None:
    said = (line.get(side) or {}).get("arrives_on")
    return date.fromisoformat(said) if said else None


def _still_holds(scene: Scene, one: Happened) -> bool:
    """What is over before it was told is left out: a hold that is lifted again, an offer that was taken back."""
    match one.type:
        case "hold.set":
            return any(hold.id == str(one.data.get("id")) for hold in scene.order.holds)
        case "substitution.offered":
            return any(offer.id == str(one.data.get("id")) for offer in scene.order.standing_offers)
        case "shipment.shipped":
            shipment = scene.shipments.get(str(one.data.get("shipment")))
            return shipment is None or shipment.state != "cancelled"
        case "order.still_waiting":
            return scene.order.state in {"open", "held"}
        case _:
            return True
