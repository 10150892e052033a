"""Holds as forms: which were ticked, and which lines somebody means by "1, 4-6"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.domain.refusals import Refused

# More lines than anybody types.
MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused, to be drawn again. `form` is `lift` or `set`."""

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        return self.typed.get(name, "") if self.form == form else otherwise

    def problem(self, form: str, name: str) -> str:
        """What is wrong with a field; `/lines/2` speaks of the lines."""
        if self.form != form or self.refusal is None:
            return ""
        said = [p.detail for p in self.refusal.problems if p.pointer.split("/")[1:2] == [name]]
        return "; ".join(said)


def ticked(form: Mapping[str, Any]) -> list[int]:
    """The holds that a form names: by the button of one row, or by ticks."""
    one = str(form.get("one", ""))
    if one:
        return [int(one)] if one.isascii() and one.isdigit() and len(one) < 18 else []
    ids = (name.removeprefix("hold-") for name in form if name.startswith("hold-"))
    return sorted(int(raw) for raw in ids if raw.isascii() and raw.isdigit() and len(raw) < 18)


def typed_lines(raw: str) -> list[int] | None:
    """ "1, 4-6" as line numbers; nothing typed is the whole order. Raises ValueError."""
    if not raw.strip():
        return None
    found: list[int] = []
    for piece in raw.replace(";", ",").split(","):
        first, dash, last = (part.strip() for part in piece.partition("-"))
        low, high = int(first), int(last if dash else first)
        if not 0 < low <= high < 1_000_000 or high - low >= MOST_LINES:
            raise ValueError(piece)
        found += range(low, high + 1)
    return sorted(set(found))


def listed(lines: Sequence[int]) -> str:
    """Line numbers as people write them: "1, 4-6"."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
