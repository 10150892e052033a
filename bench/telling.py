"""What a bench found: tables that read the same in a terminal and in docs/performance.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAPER = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(slots=True)
class Table:
    """`right` are the columns of figures."""

    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append([str(cell) for cell in cells])

    def lines(self) -> list[str]:
        """As Markdown, with the columns lined up."""
        every = [list(self.columns), *map(list, self.rows)]
        widths = [max(len(row[i]) for row in every) for i in range(len(self.columns))]
        padded = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in every
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return [padded[0], rule, *padded[1:]]


@dataclass(slots=True)
class Findings:
    """What one bench found; `parts` are tables, paragraphs, and listings in the order in which they are told."""

    parts: list[Table | str] = field(default_factory=list)

    def table(self, *columns: str) -> Table:
        made = Table(columns)
        self.parts.append(made)
        return made

    def say(self, text: str) -> None:
        self.parts.append(text)

    def text(self) -> str:
        return "\n\n".join(part if isinstance(part, str) else "\n".join(part.lines()) for part in self.parts)


def write(name: str, text: str) -> None:
    """Put the text where the paper has room for it: between `<!-- figures: name -->` and `<!-- end -->`."""
    paper = PAPER.read_text()
    place = re.compile(rf"(<!-- figures: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(paper):
        raise SystemExit(f"{PAPER} has no place for the figures of {name!r}.")
    PAPER.write_text(place.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", paper))


def ratio(ours: float, base: float) -> str:
    """How many times as much."""
    value = ours / base
    return f"{value:.0f} ×" if value >= 100 else f"{value:.1f} ×" if value >= 10 else f"{value:.2f} ×"


def time(seconds: float) -> str:
    """In the unit that reads best."""
    if seconds >= 10:
        return f"{seconds:.1f} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    if milliseconds >= 100:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds:.1f} ms" if milliseconds >= 1 else f"{milliseconds * 1000:.0f} µs"


def count(number: float) -> str:
    return f"{number:,.0f}"


def size(octets: float) -> str:
    if octets >= 10_000_000:
        return f"{octets / 1_000_000:.0f} MB"
    return f"{octets / 1_000_000:.1f} MB" if octets >= 1_000_000 else f"{octets / 1000:.1f} kB"
