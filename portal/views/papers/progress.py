"""Where an order stands with this paper: what was billed before, what is billed now, what follows, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.invoices import Despatch, Document
from portal.filters import Tongue
from portal.views.papers.figures import money
from portal.views.papers.papers import day_of, plain_day
from portal.views.papers.voices import Voice

ZERO = Decimal(0)
# The day, whether it is past, now or to come, what happens, and a note.
Dated = tuple[date, str, Markup, str]
# In thousandths of the bar: what is there at all can be seen.
WHOLE, LEAST = 1000, 8
MOST_WITH_WEEKDAY = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar; `role` is before, now or after."""

    role: str
    name: Markup
    amount: str


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is past, now or to come."""

    state: str
    name: Markup
    day: str
    note: str


@dataclass(frozen=True, slots=True)
class Progress:
    bar: Markup | None
    parts: Sequence[Part]
    whole: tuple[Markup, str] | None
    steps: Sequence[Step]


def progress(document: Document, colour: str, voice: Voice) -> Progress:
    _ = voice
    currency, tongue = document.currency, voice.tongue
    amounts = [(role, name, amount) for role, name, amount in _amounts(document, voice) if amount > 0]
    whole = sum((amount for _, _, amount in amounts), ZERO)
    return Progress(
        bar=_bar([(role, amount) for role, _, amount in amounts], whole, colour, _title(document, tongue)),
        parts=[Part(role, name, money(amount, currency, tongue)) for role, name, amount in amounts],
        whole=(
            _("Invoiced before, with VAT") if document.kind == "credit_note" else _("Order, with VAT"),
            money(whole, currency, tongue),
        ),
        steps=_steps(document, voice),
    )


def _amounts(document: Document, voice: Voice) -> Sequence[tuple[str, Markup, Decimal]]:
    """A credit note gives back a part of what was billed before; the bar then shows what stays."""
    _ = voice
    order = document.order
    if document.kind == "credit_note":
        return (
            ("before", _("Stays invoiced"), order.billed_after),
            ("now", _("This credit note"), document.total),
        )
    return (
        ("before", _("Invoiced before"), order.billed_before),
        ("now", _("This invoice"), document.total),
        ("after", _("Still to invoice"), order.to_bill),
    )


def _title(document: Document, tongue: Tongue) -> str:
    return tongue.gettext("How much of order {number} is invoiced").format(number=document.order.number)


def _bar(parts: Sequence[tuple[str, Decimal]], whole: Decimal, colour: str, title: str) -> Markup | None:
    """Grey was, the supplier's colour is, hatched comes: it survives grey print."""
    if not whole:
        return None
    drawn, x = [], 0
    for (role, _), width in zip(parts, _widths([amount for _, amount in parts], whole), strict=True):
        drawn.append(
            Markup('<rect x="{}" width="{}" height="30" {}/>').format(x, width - 3, _fill(role, colour))
        )
        if role == "after":
            drawn.append(_hatch(x, width - 3))
        x += width
    return Markup(
        '<svg class="bar" viewBox="0 0 1000 30" preserveAspectRatio="none"><title>{}</title>{}</svg>'
    ).format(title, Markup().join(drawn))


def _widths(amounts: Sequence[Decimal], whole: Decimal) -> list[int]:
    widths = [max(LEAST, int(amount * WHOLE / whole)) for amount in amounts]
    widths[widths.index(max(widths))] += WHOLE - sum(widths)
    return widths


def _fill(role: str, colour: str) -> Markup:
    fills = {"before": "#828c96", "now": colour, "after": "#e9ecef"}
    return Markup('fill="{}"').format(fills[role])


def _hatch(x: int, width: int) -> Markup:
    """Lines from lower left to upper right that end where the part does."""
    lines = (
        f"M{max(x, left)} {30 - max(0, x - left)}L{min(left + 30, x + width)} {max(0, left + 30 - x - width)}"
        for left in range(x - 30, x + width, 12)
    )
    return Markup('<path d="{}" fill="none" stroke="#828c96" stroke-width="2.4"/>').format("".join(lines))


def _steps(document: Document, voice: Voice) -> list[Step]:
    """In the order of their days; of two on one day, as they follow from each other."""
    told = sorted(_dated(document, voice), key=lambda one: one[0])
    written = day_of if len(told) <= MOST_WITH_WEEKDAY else plain_day
    return [Step(state, name, written(day, voice.tongue), note) for day, state, name, note in told]


def _dated(document: Document, voice: Voice) -> Iterator[Dated]:
    _, order = voice, document.order
    yield order.placed_on, "past", _("Ordered"), ""
    if document.kind == "credit_note":
        if document.corrects:
            yield document.corrects.issued_on, "past", _("Invoiced"), document.corrects.number
        yield document.issued_on, "now", _("Credited"), document.number
        return
    yield from _gone(document, voice)
    yield document.issued_on, "now", _("Invoiced"), document.number
    yield from _coming(document, voice)
    if document.due_on and document.due > 0:
        due = money(document.due, document.currency, voice.tongue)
        yield document.due_on, "to-come", _("Payment due"), due


def _gone(document: Document, voice: Voice) -> Iterator[Dated]:
    _, shipments, tongue = voice, document.shipments, voice.tongue
    if not shipments:
        return
    last = max(shipments, key=lambda one: (one.shipped_on, one.number))
    count = tongue.ngettext("{n} shipment", "{n} shipments", len(shipments)).format(n=len(shipments))
    yield last.shipped_on, "past", _("Shipped"), _sent(last) if len(shipments) == 1 else count
    delivered = [one.delivered_on for one in shipments if one.delivered_on]
    if len(delivered) == len(shipments):
        yield max(delivered), "past", _("Delivered"), ""


def _sent(one: Despatch) -> str:
    return ", ".join(filter(None, (one.number, one.carrier)))


def _coming(document: Document, voice: Voice) -> Iterator[Dated]:
    """The next part and the last one, as far as days are promised."""
    _, tongue = voice, voice.tongue
    days = sorted({one.ships_on for one in document.to_follow if one.ships_on})
    if not days:
        return
    for name, day in ((_("Next part ships"), days[0]), (_("Last part ships"), days[-1]))[: len(days)]:
        lines = len({one.line for one in document.to_follow if one.ships_on == day})
        yield day, "to-come", name, tongue.ngettext("{n} line", "{n} lines", lines).format(n=lines)
