"""Read a file of wholesale order lines, row by row, and say clearly when it is not one."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

HEADER = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
GZIP = b"\x1f\x8b"
BYTES_PER_READ = 1 << 20

Row = tuple[int, list[str]]


class CannotImport(Exception):
    """Nothing can be taken over as things are; the text says why and what to do."""


class BadFile(CannotImport):
    """The file cannot be taken over at all; the text says why. Nothing was written."""


def read(path: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Iterator[Row]:
    """(line of the file, fields) of each row below the header; a row may stretch over several lines.

    The rows are not judged here: one with too few fields comes as it is. `progress` is told the bytes of the file that
    were read, and how many it has.
    """
    try:
        with path.open("rb") as raw:
            size = path.stat().st_size
            yield from _rows(path, raw, lambda: progress(raw.tell(), size))
    except OSError as failure:
        if isinstance(failure, gzip.BadGzipFile):
            raise BadFile(f"{path} is damaged: {failure}.") from None
        raise BadFile(f"{path} cannot be read: {failure.strerror or failure}.") from None
    except EOFError:
        raise BadFile(f"{path} is cut off: the compressed data ends in the middle.") from None
    except zlib.error as failure:
        raise BadFile(f"{path} is damaged: {failure}.") from None
    except UnicodeDecodeError as failure:
        raise BadFile(
            f"{path} is not in UTF-8: {failure.reason} ({failure.object[failure.start]:#04x})."
        ) from None
    except csv.Error as failure:
        raise BadFile(f"{path} is no CSV file that can be read: {failure}.") from None


def _rows(path: Path, raw: io.BufferedReader, progress: Callable[[], None]) -> Iterator[Row]:
    packed = raw.peek(len(GZIP))[: len(GZIP)] == GZIP
    if path.suffix == ".gz" and not packed:
        raise BadFile(f"{path} is called .gz but is not compressed with gzip.")
    content = io.BufferedReader(gzip.GzipFile(fileobj=raw), BYTES_PER_READ) if packed else raw
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    _refuse_other_files(path, next(rows, None))
    line = rows.line_num + 1
    for fields in rows:
        if fields:  # an empty line says nothing
            yield line, fields
        line = rows.line_num + 1
        if line % 4096 < 2:
            progress()
    progress()
    text.detach()


def _refuse_other_files(path: Path, header: list[str] | None) -> None:
    if header is None:
        raise BadFile(f"{path} is empty.")
    if tuple(name.strip() for name in header) != HEADER:
        raise BadFile(
            f"{path} does not begin with the header {','.join(HEADER)}; its first line is {','.join(header)[:200]!r}."
        )
