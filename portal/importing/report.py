"""What an import came to: figures, a summary by reason, and a file that names every row that was left out."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from portal.importing.deciding import FIELDS, REASONS
from portal.importing.reading import HEADER

COLUMNS = ("Line", *HEADER, "Reason", "Explanation")
# A spreadsheet would take text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# These columns hold numbers, and a negative number is none.
NUMBERS = frozenset({HEADER.index("Quantity"), HEADER.index("UnitPrice")})


@dataclass(slots=True)
class Report:
    """Every row of the file is counted once: rows = taken + cancelled + known + left out.

    `cancelled` are rows that took back a quantity of an order in the same file. `known` are rows of orders that an
    earlier run took over.
    """

    file: Path
    rows: int = 0
    taken: int = 0
    cancelled: int = 0
    known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    known_orders: int = 0
    open_orders: int = 0
    left_out_file: Path | None = None
    seconds: float = 0.0

    def text(self) -> str:
        """For the person at the terminal."""
        missing = self.left_out.total()
        speed = self.rows / max(self.seconds, 0.001)
        told = [
            f"{self.rows:,} rows of {self.file} in {self.seconds:.1f} s ({speed:,.0f} rows/s):",
            f"  {self.taken:>9,}  taken over (orders: {self.orders:,}; still open: {self.open_orders:,})",
            f"  {self.cancelled:>9,}  taken over as cancellations of these orders",
            f"  {self.known:>9,}  here already (orders: {self.known_orders:,})",
            f"  {missing:>9,}  left out",
        ]
        told += [f"  {count:>19,}  {REASONS[reason]}" for reason, count in self.left_out.most_common()]
        if self.left_out_file is not None:
            told.append(f"Each row that was left out, and why: {self.left_out_file}")
        return "\n".join(told)


class LeftOutFile:
    """A CSV of the rows that were left out. It appears under its name when it is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.draft = path.with_name(f".{path.name}.draft")
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self.draft.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._file is not None
        self._file.close()
        if kind is None:
            self.draft.replace(self.path)
        else:
            self.draft.unlink()

    def write(self, line: int, fields: Sequence[str], reason: str, explanation: str) -> None:
        """A row as it stands in the file, its reason, and the sentences that explain it."""
        shown = [_safe(text, number=at in NUMBERS) for at, text in enumerate(fields[:FIELDS])]
        shown += [""] * (FIELDS - len(shown))
        self._rows.writerow([line, *shown, REASONS[reason], explanation])


def place_beside(file: Path) -> Path:
    """Where the rows that are left out of `file` are listed: beside it, or here if nobody may write there."""
    name = f"{file.name.removesuffix('.gz').removesuffix('.csv')}-left-out.csv"
    folder = file.absolute().parent
    # Root may write everywhere; a folder that is closed to all is meant to stay as it is.
    is_open = folder.is_dir() and folder.stat().st_mode & 0o222 and os.access(folder, os.W_OK)
    return (folder if is_open else Path.cwd()) / name


def _safe(text: str, *, number: bool) -> str:
    if text.startswith(FORMULA) and not (number and text[1:].replace(".", "", 1).isdigit()):
        return "'" + text
    return text
