"""Tables for spreadsheets: CSV that opens with its letters right, and in which nothing runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from litestar import Response

# A cell that a spreadsheet would take for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
# A figure runs nothing: quoted, it could not be added up.
FIGURE = re.compile(r"-[0-9]+(\.[0-9]+)?")


def csv_file(name: str, rows: Iterable[Sequence[str]]) -> Response[Any]:
    """A file to save under that name; the first row are the heads."""
    return csv_answer(name, csv_text(rows))


def csv_text(rows: Iterable[Sequence[str]]) -> bytes:
    """The file's bytes; for many rows they can be written beside the requests of others."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
    return ("\ufeff" + text.getvalue()).encode()


def csv_answer(name: str, body: bytes) -> Response[Any]:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type="text/csv", headers=headers)


def safe(cell: str) -> str:
    """A quote in front of what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(FORMULAS) and not FIGURE.fullmatch(cell) else cell
