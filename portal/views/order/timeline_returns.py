"""What returns tell in an order's timeline: what shall come back, whether it may, and what came."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from portal.domain.words import N_
from portal.views.order.scene import Scene
from portal.views.order.statuses import Look
from portal.views.returns.words import LOOKS, place_word

Told = tuple[str, str, Markup, str]
Data = Mapping[str, Any]
Tell = Callable[[Scene, Data], Told]
CAME = Look("delivered", "returned")


def _of(look: Look, message: str) -> Tell:
    """A step of a return, with what was said about it."""

    def tell(scene: Scene, data: Data) -> Told:
        said = escape(scene.tongue.gettext(message)).format(number=_link(data))
        return look.role, look.icon, said, str(data.get("note") or _why(scene, data))

    return tell


def _link(data: Data) -> Markup:
    return Markup('<a href="/returns/{0}">{0}</a>').format(str(data.get("return") or ""))


def _why(scene: Scene, data: Data) -> str:
    if data.get("because") == "shipment_cancelled":
        return scene.tongue.gettext("its shipment was called off")
    numbers = [str(line["line"]) for line in data.get("lines", ())]
    return scene.tongue.ngettext("line {lines}", "lines {lines}", len(numbers)).format(
        lines=", ".join(numbers)
    )


def received(scene: Scene, data: Data) -> Told:
    """`RMA-2026-000001: 2 of line 1 came back`, and where they went."""
    tongue = scene.tongue
    _ = tongue.gettext
    sums: dict[int, Decimal] = {}
    for line in data.get("lines", ()):
        number = int(line["line"])
        sums[number] = sums.get(number, Decimal(0)) + Decimal(str(line["quantity"]))
    if len(sums) == 1:
        [(number, quantity)] = sums.items()
        came = tongue.strong(_("{n} of line {line} came back"), n=tongue.number(quantity), line=number)
    else:
        lines = tongue.ngettext("{n} line", "{n} lines", len(sums)).format(n=len(sums))
        came = tongue.strong(_("{lines} came back"), lines=lines)
    places = dict.fromkeys(place_word(str(line["to"]), tongue) for line in data.get("lines", ()))
    said = Markup("{}: {}").format(_link(data), came)
    return CAME.role, CAME.icon, said, ", ".join(places) if scene.for_supplier else ""


TELL: Mapping[str, Tell] = {
    "return.requested": _of(LOOKS["requested"], N_("Return {number} asked for")),
    "return.authorised": _of(LOOKS["authorised"], N_("Return {number} authorised")),
    "return.refused": _of(LOOKS["refused"], N_("Return {number} refused")),
    "return.cancelled": _of(LOOKS["cancelled"], N_("Return {number} called off")),
    "return.received": received,
    "return.closed": _of(LOOKS["closed"], N_("Return {number} is settled: nothing more is expected")),
}
