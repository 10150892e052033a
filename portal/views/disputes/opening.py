"""The form that opens a dispute: each line of the invoice beside what came of it, and how much of it is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.domain.disputes import REASONS, WITHOUT_LINES, Billed, Claimed
from portal.domain.quantities import text
from portal.domain.refusals import Problem, Refused
from portal.filters import Tongue
from portal.operations.disputing import Claim
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.disputes.words import arrived, short

LONGEST_WORDS = 2000
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed; `quantities` by position of the invoice."""

    form: str = ""
    reason: str = ""
    words: str = ""
    quantities: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Typed":
        reason = str(form.get("reason", ""))
        return cls(
            form=str(form.get("form", ""))[:64],
            reason=reason if reason in REASONS else "",
            words=words_of(form, "words"),
            quantities=by_number(form, "quantity"),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the invoice. `is_short`: less has come than was billed, as far as carriers say."""

    position: int
    line: int
    sku: str
    name: str
    billed: str
    came: str
    came_on: str
    shipment: str
    is_short: bool
    left: str
    unit: str
    gone: str
    typed: str
    problem: str


@dataclass(slots=True)
class Reading:
    """Reads what was typed; `errors` are sentences by the name of the field that they stand beside."""

    typed: Typed
    billed: Sequence[Billed]
    tongue: Tongue
    errors: dict[str, str] = field(default_factory=dict)

    def read(self) -> Claim | None:
        """None when something is missing or cannot be read."""
        _ = self.tongue.gettext
        typed = self.typed
        if not typed.reason:
            self.errors["reason"] = _("Choose what is wrong.")
        if not typed.words and typed.reason in ("other", "wrong_price"):
            self.errors["words"] = _("Say what is wrong: we cannot see it from the goods.")
        lines = self._lines()
        if not lines and typed.reason not in WITHOUT_LINES and not self.errors:
            self.errors["lines"] = _("Type beside at least one line how much of it is wrong.")
        return None if self.errors else Claim(typed.reason, lines, typed.words or None)

    def _lines(self) -> list[Claimed]:
        found = []
        for one in self.billed:
            raw = self.typed.quantities.get(one.position, "")
            try:
                quantity = typed_quantity(raw, one.unit, self.tongue) if raw else None
            except Mistyped as wrong:
                self.errors[f"quantity-{one.position}"] = str(wrong)
                continue
            if quantity:
                found.append(Claimed(one.line, quantity, one.shipment))
        return found

    def refused(self, refusal: Refused, claim: Claim) -> None:
        """What the operation found wrong, beside the fields that it speaks of."""
        for problem in refusal.problems:
            self.errors[self._field(problem, claim)] = problem.detail

    def _field(self, problem: Problem, claim: Claim) -> str:
        match problem.pointer.split("/")[1:]:
            case ["lines", index, *_] if index.isdigit():
                named = claim.lines[int(index)]
                position = next(
                    b.position for b in self.billed if (b.line, b.shipment) == (named.line, named.shipment)
                )
                return f"quantity-{position}"
            case ["text"]:
                return "words"
        return "lines"


def rows(billed: Sequence[Billed], reading: Reading, today: date) -> list[Row]:
    """Every line of the invoice; what came is held against what was billed."""
    tongue = reading.tongue
    return [_row(one, reading, tongue, today) for one in billed]


def _row(one: Billed, reading: Reading, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    came, came_on = arrived(one, tongue, today)
    gone = []
    if one.credited:
        gone.append(_("{n} credited").format(n=tongue.quantity(one.credited, one.unit)))
    if one.disputed:
        gone.append(_("{n} disputed already").format(n=tongue.quantity(one.disputed, one.unit)))
    return Row(
        position=one.position,
        line=one.line,
        sku=one.sku,
        name=one.name,
        billed=tongue.quantity(one.quantity, one.unit),
        came=came,
        came_on=came_on,
        shipment=one.shipment or "",
        is_short=short(one.quantity, one.delivered, one.shipment),
        left=text(one.left),
        unit=tongue.unit(one.unit, one.quantity),
        gone=", ".join(gone),
        typed=reading.typed.quantities.get(one.position, ""),
        problem=reading.errors.get(f"quantity-{one.position}", ""),
    )


def words_of(form: Mapping[str, Any], name: str) -> str:
    """A text of several lines, as it was typed."""
    raw = str(form.get(name, "")).replace("\r\n", "\n")
    return "".join(c for c in raw if c.isprintable() or c in "\n\t").strip()[:LONGEST_WORDS]


def by_number(form: Mapping[str, Any], prefix: str) -> dict[int, str]:
    """What was typed in fields that are named `<prefix>-<number>`."""
    start = f"{prefix}-"
    typed = {
        name.removeprefix(start): "".join(c for c in str(value) if c.isprintable()).strip()[:LONGEST]
        for name, value in form.items()
        if name.startswith(start)
    }
    return {
        int(number): value
        for number, value in typed.items()
        if value and number.isascii() and number.isdigit() and len(number) < 10
    }
