"""Lines as people paste and type them: `SKU quantity`, cells of a spreadsheet, a CSV file, `12 x SKU`.

Nothing is guessed that could be ordered by mistake: what cannot be read keeps its words and says why.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.carts import BAD_DATE, NO_QUANTITY, NOT_A_QUANTITY
from portal.domain.written import DAY, NUMBER, THOUSANDS, UNITS, quantity, read_day

LONGEST = 200
LONGEST_CODE = 64
_BEFORE = re.compile(rf"(?P<number>{NUMBER})\s*(?:x|×|\*)\s+(?P<code>\S.*)", re.IGNORECASE)
_BEHIND = re.compile(
    rf"(?P<code>\S.*?)\s+(?:(?:x|×|\*)\s*)?(?P<number>{NUMBER})\s*(?:{UNITS})?(?:\s+(?P<day>{DAY}))?",
    re.IGNORECASE,
)

# What the head of a column may be called; compared without anything but letters.
_HEADS = {
    "code": (
        "sku", "code", "item", "itemno", "itemnumber", "itemcode", "article", "articleno", "articlenumber", "product",
        "productcode", "productno", "part", "partno", "partnumber", "material", "materialnumber", "artikel",
        "artikelnr", "artikelnummer", "artnr", "teilenummer", "teil", "materialnummer", "produkt", "bestellnummer",
    ),
    "number": (
        "quantity", "qty", "amount", "count", "pieces", "pcs", "ordered", "menge", "anzahl", "stück", "stueck", "stk",
        "bestellmenge",
    ),
    "day": (
        "needby", "neededby", "need", "requiredby", "required", "date", "wanted", "wantedby", "deliverydate", "due",
        "duedate", "termin", "liefertermin", "datum", "wunschtermin", "bedarfstermin", "benötigtbis", "benötigt",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pasted:
    """One line. `line` counts from 1 in what was pasted; `typed` are its words; `code` may be the buyer's own.

    With a `problem` it cannot be ordered as it stands, but what could be read of it was read.
    """

    line: int
    typed: str
    code: str
    quantity: Decimal | None = None
    need_by: date | None = None
    problem: str | None = None


def parse(text: str, decimal: str = ".") -> list[Pasted]:
    """Every line that says something. `decimal` is how the reader's language writes 1.5: where 1,200 could be both a
    thousand and a fraction, it decides."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    said = [(number, line.strip("\ufeff \u00a0\u3000")) for number, line in enumerate(lines, 1)]
    rows = [(number, line) for number, line in said if line.strip()]
    mark = _mark([line for _, line in rows])
    if mark is None:
        return [_free(number, line, decimal) for number, line in _without_head(rows)]
    return list(_table(rows, mark, decimal))


def count(text: str) -> int:
    """How many lines say something, before anything is read."""
    return sum(1 for line in re.split(r"\r\n|\r|\n", text) if line.strip())


def _mark(lines: Sequence[str]) -> str | None:
    """What stands between the cells: a tab or a semicolon where one is anywhere; a comma where it cannot belong to a
    number; None for words with spaces between them."""
    for mark in ("\t", ";"):
        if any(mark in line for line in lines):
            return mark
    with_comma = [line for line in lines if "," in line]
    free = [line for line in with_comma if _BEHIND.fullmatch(line) and not _is_csv(line)]
    return "," if with_comma and len(free) < len(with_comma) else None


def _is_csv(line: str) -> bool:
    """`BOLT,12 000` reads as words with a space between them, but its first comma stands before any space."""
    code = line.split(",", 1)[0]
    return line.startswith('"') or (" " not in code.strip() and not code.strip()[:1].isdigit())


def _without_head(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for place, (number, line) in enumerate(rows):
        if place == 0 and len(words := line.split()) > 1 and all(_head(word) for word in words):
            continue
        yield number, line


def _table(rows: Sequence[tuple[int, str]], mark: str, decimal: str) -> Iterator[Pasted]:
    columns: dict[str, int] | None = None
    for place, (number, line) in enumerate(rows):
        cells = [cell.strip() for cell in _cells(line, mark)]
        if place == 0 and (heads := _columns(cells)):
            columns = heads
            continue
        if not any(cells):
            continue
        yield _row(number, line, cells, columns, decimal, mark)


def _cells(line: str, mark: str) -> list[str]:
    """Of one line; a quote that is never closed is a letter like others."""
    try:
        return next(csv.reader([line], delimiter=mark, strict=True))
    except (csv.Error, StopIteration):
        return line.split(mark)


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    """Where each column stands, when this is a row of heads."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        what = _head(cell)
        if what and what not in found:
            found[what] = place
    return found if "code" in found and ("number" in found or len(found) > 1) else None


def _head(cell: str) -> str | None:
    word = re.sub(r"[\W\d_]", "", cell.casefold())
    return next((what for what, heads in _HEADS.items() if word in heads), None)


def _row(
    line: int, typed: str, cells: Sequence[str], columns: dict[str, int] | None, decimal: str, mark: str
) -> Pasted:
    def cell(place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    if columns is not None:
        code, number, day = (cell(columns.get(what)) for what in ("code", "number", "day"))
        return _made(line, typed, code, number, day, decimal)
    filled = [one for one in cells if one]
    if len(filled) == 1:
        return _free(line, filled[0], decimal, typed)
    code, number, rest = filled[0], filled[1], filled[2:]
    if not rest and read_day(number) and (match := _BEHIND.fullmatch(code)):
        # The number stands with the code, and only the day in a cell of its own.
        return _made(line, typed, match["code"].rstrip(" ,:"), match["number"], number, decimal)
    if mark == "," and rest and THOUSANDS.fullmatch(",".join((number, *rest))):
        # BOLT,1,200: the comma within the number was taken for one between cells.
        number, rest = ",".join((number, *rest)), []
    if quantity(code, decimal) is not None and quantity(number, decimal) is None:
        code, number = number, code
    return _made(line, typed, code, number, rest[0] if rest else "", decimal)


def _free(line: int, text: str, decimal: str, typed: str | None = None) -> Pasted:
    """Words with spaces between them."""
    typed = typed if typed is not None else text
    if match := _BEFORE.fullmatch(text):
        return _made(line, typed, match["code"].strip(), match["number"], "", decimal)
    if match := _BEHIND.fullmatch(text):
        return _made(line, typed, match["code"].rstrip(" ,:"), match["number"], match["day"] or "", decimal)
    return _made(line, typed, text, "", "", decimal)


def _made(line: int, typed: str, code: str, number: str, day: str, decimal: str) -> Pasted:
    typed = _printable(typed.replace("\t", " "))[:LONGEST]
    code = _printable(code)[:LONGEST_CODE]
    amount = quantity(number, decimal) if number else None
    wanted = read_day(day) if day else None
    problem = None
    if not number:
        problem = NO_QUANTITY
    elif not amount:
        problem = NOT_A_QUANTITY
    elif day and wanted is None:
        problem = BAD_DATE
    return Pasted(line, typed, code, amount or None, wanted, problem)


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()
