"""Receiving: the form with what was typed, what is wrong with it, what changed meanwhile, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from portal.domain.quantities import text
from portal.domain.receiving import DueLine, Receipt
from portal.filters import Tongue

FIELDS = ("received", "rejected", "quarantined")


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody typed for one line, and what they saw of it when they did."""

    line: int
    typed: Mapping[str, str] = field(default_factory=dict)
    is_closed: bool = False
    seen: str = ""

    @property
    def says_something(self) -> bool:
        return self.is_closed or any(self.typed.values())


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the form."""

    line: DueLine
    typed: Mapping[str, str]
    is_closed: bool
    problems: Mapping[str, str]
    changed: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was booked at one instant; `work` leads to whom it was given."""

    at: datetime
    actor: str
    receipts: Sequence[Receipt]
    work: int | None


def entered(form: Mapping[str, Any]) -> list[Entered]:
    """What the form says of each line; inputs are named `received-<line>` and so on."""
    numbers = sorted(
        {
            int(end)
            for name in form
            for start, _, end in [name.partition("-")]
            if start in (*FIELDS, "closed") and end.isascii() and end.isdigit() and len(end) < 10
        }
    )
    found = [
        Entered(
            number,
            {name: str(form.get(f"{name}-{number}", "")).strip() for name in FIELDS},
            f"closed-{number}" in form,
            str(form.get(f"seen-{number}", "")),
        )
        for number in numbers
    ]
    return [one for one in found if one.says_something]


def rows(
    lines: Sequence[DueLine],
    typed: Sequence[Entered],
    problems: Mapping[str, str],
    changed: Mapping[int, str],
    *,
    fill: bool = False,
) -> list[Row]:
    """The form. `fill`: as if all that is outstanding had come."""
    by_line = {one.line: one for one in typed}
    drawn = []
    for line in lines:
        one = by_line.get(line.line, Entered(line.line))
        said = dict(one.typed)
        if fill and line.outstanding:
            said["received"] = text(line.outstanding)
        own = {name: problems[f"{name}-{line.line}"] for name in FIELDS if f"{name}-{line.line}" in problems}
        drawn.append(Row(line, said, one.is_closed, own, changed.get(line.line, "")))
    return drawn


def what_changed(one: Entered, line: DueLine, receipts: Sequence[Receipt], tongue: Tongue) -> str:
    """What happened to a line between the drawing of the form and its sending, with who did it where that is known."""
    _ = tongue.gettext
    came, _slash, rest = one.seen.partition("/")
    quantity = rest.removesuffix("/closed")
    said = []
    if came != text(line.came):
        newest = next((receipt for receipt in receipts if receipt.line == line.line), None)
        more = tongue.quantity(line.came - _number(came), line.unit)
        if newest is not None:
            said.append(
                _("{more} more came, booked by {who} at {when}.").format(
                    more=more, who=newest.actor, when=tongue.clock(newest.at)
                )
            )
        else:
            said.append(_("{more} more came.").format(more=more))
    if quantity != text(line.quantity):
        said.append(
            _("It was announced anew: {now}, not {before}.").format(
                now=tongue.quantity(line.quantity, line.unit), before=quantity
            )
        )
    if line.closed and not rest.endswith("/closed"):
        said.append(_("It was closed: nothing more was to come."))
    said.append(
        _("Outstanding now: {n}.").format(n=tongue.quantity(line.outstanding, line.unit)),
    )
    return " ".join(said)


def _number(raw: str) -> Decimal:
    """A figure of our own form; what was tampered with counts as nothing."""
    return (
        Decimal(raw)
        if raw.replace(".", "", 1).isascii() and raw.replace(".", "", 1).isdigit()
        else Decimal(0)
    )


def booked(outcome: Mapping[str, Any], tongue: Tongue) -> list[str]:
    """A sentence for each line that was booked."""
    return [_booked_line(line, tongue) for line in outcome["lines"]]


def _booked_line(line: Mapping[str, Any], tongue: Tongue) -> str:
    _ = tongue.gettext
    words = {
        "received": _("{n} received"),
        "rejected": _("{n} rejected"),
        "quarantined": _("{n} quarantined"),
    }
    figures = [
        words[name].format(n=tongue.quantity(Decimal(line[name]), line["unit"]))
        for name in FIELDS
        if Decimal(line[name])
    ]
    figures.append(_left(line, tongue))
    return _("Line {line}, {sku}: {figures}.").format(
        line=line["line"], sku=line["sku"], figures=", ".join(figures)
    )


def _left(line: Mapping[str, Any], tongue: Tongue) -> str:
    """What is still to come of a line, or how it ended."""
    _ = tongue.gettext
    left, over = Decimal(line["outstanding"]), Decimal(line["over"])
    if over:
        return _("{n} more than announced").format(n=tongue.quantity(over, line["unit"]))
    if Decimal(line["short"]):
        return _("{n} short, nothing more will come").format(
            n=tongue.quantity(Decimal(line["short"]), line["unit"])
        )
    if left:
        return _("{n} still to come").format(n=tongue.quantity(left, line["unit"]))
    return _("complete")


def deliveries(receipts: Sequence[Receipt], works: Mapping[datetime, int]) -> list[Delivery]:
    """Receipts that were booked together, the newest first."""
    grouped = groupby(receipts, key=lambda receipt: (receipt.at, receipt.actor))
    return [
        Delivery(at, actor, sorted(some, key=lambda receipt: receipt.line), works.get(at))
        for (at, actor), some in grouped
    ]


def due_word(day: date, today: date, tongue: Tongue) -> str:
    """How far away a due day is; what is behind us is overdue."""
    if day < today:
        days = (today - day).days
        return tongue.ngettext("{n} day overdue", "{n} days overdue", days).format(n=tongue.number(days))
    return tongue.away(day, today)
