"""What somebody else did meanwhile, line by line: "12 were ready, now 4: Dev Patel shipped 8 at 14:05 (SH-…)"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.desk.form import Typed
from portal.views.desk.work import Stock, stocks
from portal.views.order.scene import Scene
from portal.views.order.statuses import hold_word
from portal.views.order.timeline import Happened, since_version

Stood = tuple[Decimal, Decimal, Decimal]

MONEY = ("invoice.", "credit_note.", "payment.", "dispute.")


@dataclass(frozen=True, slots=True)
class Changed:
    """One line that is not as it was when the form was drawn."""

    line: int
    sku: str
    text: str


def collisions(
    scene: Scene,
    events: Sequence[Happened],
    typed: Typed,
    lines: Sequence[int],
    names: Mapping[str, str],
    location: str,
) -> list[Changed]:
    """Each of the lines with what became of it since the form's version, by whom and when."""
    now = {one.line.line: one for one in stocks(scene.order, location)}
    since = [event for event in events if (event.version or 0) > typed.version]
    skus = {line.line: line.sku for line in scene.order.lines}
    return [
        Changed(line, skus.get(line, ""), _said(scene, since, line, typed.stood(line), now.get(line), names))
        for line in lines
    ]


def actors(events: Sequence[Happened], version: int) -> set[str]:
    """Who did something since that version."""
    return {event.actor for event in events if event.actor and (event.version or 0) > version}


def _said(
    scene: Scene,
    since: Sequence[Happened],
    line: int,
    was: Stood | None,
    now: Stock | None,
    names: Mapping[str, str],
) -> str:
    _ = scene.tongue.gettext
    figures = _figures(scene.tongue, was, (now.allocated, now.picking, now.packed) if now else (ZERO,) * 3)
    mine = [event for event in since if _concerns(event, line)]
    # An invoice goes with the goods: whoever asks about the goods reads what became of them.
    told = [event for event in mine if not event.type.startswith(MONEY)] or mine
    happened = [_happened(scene, event, line, names) for event in told]
    if figures and happened:
        return _("{figures}: {happened}.").format(figures=figures, happened="; ".join(happened))
    return _("{changes}.").format(changes=figures or "; ".join(happened) or _("It was changed"))


def _figures(tongue: Tongue, was: Stood | None, now: Stood) -> str:
    """The figure that moved: all that was ready, or how far the work on it is."""
    if was is None or was == now:
        return ""
    _ = tongue.gettext
    if sum(was, ZERO) != sum(now, ZERO):
        return _("{before} were ready, now {after}").format(**_two(tongue, sum(was, ZERO), sum(now, ZERO)))
    if was[0] != now[0]:
        return _("{before} were to be picked, now {after}").format(**_two(tongue, was[0], now[0]))
    return _("{before} were to be packed, now {after}").format(**_two(tongue, was[1], now[1]))


def _two(tongue: Tongue, before: Decimal, after: Decimal) -> dict[str, str]:
    return {"before": tongue.number(before), "after": tongue.number(after)}


def _concerns(event: Happened, line: int) -> bool:
    """Events name their lines, alone or with quantities; a hold on the whole order names none."""
    lines = event.data.get("lines")
    if lines is None:
        return event.type in {"hold.set", "hold.released"}
    return line in {_number(one) for one in lines}


def _number(one: Any) -> int:
    return int(one["line"] if isinstance(one, Mapping) else one)


def _happened(scene: Scene, event: Happened, line: int, names: Mapping[str, str]) -> str:
    tongue = scene.tongue
    _ = tongue.gettext
    template = {
        "lines.picking": _("{who} picked {n} at {time}"),
        "lines.packed": _("{who} packed {n} at {time}"),
        "lines.short_picked": _("{who} found {n} missing at {time}"),
        "shipment.shipped": _("{who} shipped {n} at {time} ({shipment})"),
        "shipment.cancelled": _("{who} called {shipment} off at {time}, {n} stand here again"),
        "line.cancelled": _("{who} cancelled {n} at {time}"),
        "portion.allocated": _("{n} were set aside for it at {time}"),
        "portion.released": _("{n} went back to waiting at {time}"),
        "promise.changed": _("its date moved at {time}"),
        "hold.set": _("{who} stopped it at {time}, {reason}"),
        "hold.released": _("{who} lifted a hold at {time}"),
    }.get(event.type, _("{told} at {time}"))
    return template.format(
        who=names.get(event.actor or "", event.actor or ""),
        n=tongue.number(_quantity(event, line)),
        time=tongue.moment(event.at, scene.today),
        shipment=event.data.get("shipment", ""),
        reason=hold_word(str(event.data.get("reason", "")), tongue),
        told=since_version(scene, [event], 0)[0].text.striptags(),
    )


def _quantity(event: Happened, line: int) -> Decimal:
    """How much of the line the event speaks of."""
    found = [
        Decimal(str(one.get("missing") or one.get("quantity") or 0))
        for one in event.data.get("lines") or ()
        if isinstance(one, Mapping) and _number(one) == line
    ]
    return sum(found, ZERO)
