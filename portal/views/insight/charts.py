"""Charts as values: a chart is a table in which each count is drawn beside itself, and which is a file as well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.insight import percent

# How a part of a bar is drawn: what is well is solid, what is not is hatched, what is not judged is dotted.
WELL, NOT_WELL, OPEN = "well", "ill", "open"
MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar, as attributes of an SVG rect."""

    x: str
    width: str
    kind: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count as it is read, the way to what was counted, and its share of the whole; `plain` and `percent` are the
    same for a machine."""

    number: str
    href: str | None = None
    share: str = ""
    plain: str = ""
    percent: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: its name, one bar or several, and the counts that they draw. `keys` name it for a machine."""

    name: str
    bars: Sequence[Sequence[Part]]
    counts: Sequence[Count]
    keys: Sequence[str]
    href: str | None = None
    # What belongs to none of the groups.
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """Of counts: what they count, which a phone has beside each of them; how that is drawn, if it is; and whether each
    is told as a share too. `plain` is its head in a file, where it says in what it counts."""

    name: str
    label: str
    kind: str = ""
    has_share: bool = False
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The figure itself, what it is a figure of, and the counts that it comes from. None: nothing to count."""

    name: str
    figure: str | None
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures with its chart. `keys` are the heads of what a row is named by in its file."""

    code: str
    headlines: Sequence[Headline]
    caption: str
    head: str
    keys: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[Row]
    csv: str
    is_empty: bool = False
    # Each count has a bar of its own.
    is_pair: bool = False

    @property
    def shown(self) -> Sequence[Row]:
        """The file has all of them; on a page nobody reads more. What belongs to no group stands last, and always."""
        if not self.hidden:
            return self.rows
        return [
            *self.rows[: MOST_ROWS - 1],
            next((row for row in self.rows if row.is_rest), self.rows[MOST_ROWS - 1]),
        ]

    @property
    def hidden(self) -> int:
        return max(0, len(self.rows) - MOST_ROWS)

    def table(self, percents: str) -> Iterator[list[str]]:
        """As a file: its heads, then a row each. `percents` is how shares are headed: `{name}, percent`."""
        heads = [*self.keys]
        for column in self.columns:
            heads.append(column.plain or column.name)
            if column.has_share:
                heads.append(percents.format(name=column.name))
        yield heads
        for row in self.rows:
            yield [*row.keys, *self._cells(row)]

    def _cells(self, row: Row) -> Iterator[str]:
        for column, count in zip(self.columns, row.counts, strict=True):
            yield count.plain
            if column.has_share:
                yield count.percent


def bar(parts: Sequence[tuple[int, str]], most: int) -> list[Part]:
    """Parts one after the other; `most` would fill all the width."""
    drawn, at = [], 0
    for number, kind in parts:
        if number:
            drawn.append(Part(_width(at, most), _width(number, most), kind))
        at += number
    return drawn


def _width(number: int, most: int) -> str:
    return f"{Decimal(100 * number) / most:.2f}%"


def plain_percent(part: int, whole: int) -> str:
    """For a machine; nothing where there is nothing to count."""
    share = percent(part, whole)
    return "" if share is None else f"{share.normalize():f}"
