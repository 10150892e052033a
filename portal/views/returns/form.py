"""The form that announces what shall come back of a shipment: what was typed, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.domain.quantities import text
from portal.domain.refusals import Problem
from portal.domain.returns import REASONS, Returnable
from portal.filters import Tongue
from portal.operations.returning import WantedLine
from portal.views.desk.words import Mistyped, typed_quantity

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class TypedLine:
    quantity: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed, by line number."""

    lines: Mapping[int, TypedLine] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Typed":
        """Inputs are named `quantity-<line>` and `reason-<line>`; lines without a quantity are left out."""
        found = {}
        for name, value in form.items():
            start, _, end = name.partition("-")
            if (
                start == "quantity"
                and end.isascii()
                and end.isdigit()
                and len(end) < 10
                and str(value).strip()
            ):
                reason = str(form.get(f"reason-{end}", ""))
                found[int(end)] = TypedLine(str(value).strip()[:40], reason if reason in REASONS else "")
        note = str(form.get("note", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE]
        return cls(dict(sorted(found.items())), note)

    @classmethod
    def whole(cls, lines: Sequence[Returnable]) -> "Typed":
        """As if all of it were to come back."""
        return cls({line.line: TypedLine(text(line.left)) for line in lines if line.left})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the shipment; `left` is what of it may come back, `why` why that is less than left."""

    line: int
    sku: str
    name: str
    shipped: str
    left: str
    may: bool
    why: str
    typed: TypedLine
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was typed, as numbers; `problems` by the name of the field that each stands beside."""

    lines: Sequence[WantedLine]
    problems: Mapping[str, str]


def rows(lines: Sequence[Returnable], typed: Typed, problems: Mapping[str, str], tongue: Tongue) -> list[Row]:
    drawn = []
    for line in lines:
        names = ("quantity", "reason", "pictures")
        own = {name: problems[f"{name}-{line.line}"] for name in names if f"{name}-{line.line}" in problems}
        drawn.append(
            Row(
                line=line.line,
                sku=line.sku,
                name=line.name,
                shipped=tongue.quantity(line.shipped, line.unit),
                left=tongue.quantity(line.left, line.unit),
                may=line.left > 0,
                why=_why_less(line, tongue),
                typed=typed.lines.get(line.line, TypedLine()),
                problems=own,
            )
        )
    return drawn


def _why_less(line: Returnable, tongue: Tongue) -> str:
    """`2 came back, 1 is announced`."""
    _ = tongue.gettext
    back = line.shipped - line.out
    said = []
    if back:
        said.append(_("{n} came back").format(n=tongue.number(back)))
    if line.announced:
        said.append(_("{n} announced already").format(n=tongue.number(line.announced)))
    return ", ".join(said)


def numbers(typed: Typed, lines: Sequence[Returnable], tongue: Tongue) -> Numbers:
    """What was typed, or all that is wrong with it at once."""
    _ = tongue.gettext
    there = {line.line: line for line in lines}
    wanted: list[WantedLine] = []
    problems: dict[str, str] = {}
    for number, said in typed.lines.items():
        line = there.get(number)
        if line is None:
            continue
        quantity = _quantity(number, said, line, problems, tongue)
        if quantity == 0:
            continue
        if not said.reason:
            problems[f"reason-{number}"] = _("Say why it comes back.")
        elif said.reason == "other" and not typed.note:
            problems["note"] = _("Say what the other reason is.")
        if quantity is not None:
            wanted.append(WantedLine(number, quantity, said.reason))
    return Numbers(wanted, problems)


def _quantity(
    number: int, said: TypedLine, line: Returnable, problems: dict[str, str], tongue: Tongue
) -> Decimal | None:
    _ = tongue.gettext
    try:
        quantity = typed_quantity(said.quantity, line.unit, tongue)
    except Mistyped as wrong:
        problems[f"quantity-{number}"] = str(wrong)
        return None
    if quantity > line.left:
        most = tongue.quantity(line.left, line.unit)
        problems[f"quantity-{number}"] = _("At most {quantity} can come back.").format(quantity=most)
        return None
    return quantity


def placed(problems: Sequence[Problem], lines: Sequence[WantedLine]) -> dict[str, str]:
    """`/lines/0/quantity` speaks of the first line that was typed: its field is named by the line's number."""
    found = {}
    for problem in problems:
        _root, root, index, name = [*problem.pointer.split("/"), "", "", "", ""][:4]
        if root == "lines" and index.isdigit() and int(index) < len(lines):
            found[f"{'quantity' if name == 'line' else name}-{lines[int(index)].line}"] = problem.detail
    return found
