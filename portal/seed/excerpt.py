"""Cut the demo's excerpts out of the full data files: `python -m portal.seed.excerpt ORDERS SUPPLIERS`.

The excerpt of the orders is a small wholesaler: some customers with all that they ordered in the last weeks, the latest
orders of exactly 38 lines, and rows of every kind that an import leaves out. Rows stay as they are, dirt and all, in
the order of the file. The excerpt of the deliveries has the same share of short and rejected ones as the whole.
"""

import argparse
import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

from portal.importing import deliveries, reading
from portal.importing.deciding import LeftOut, Line, decide

FOLDER = Path(__file__).parent / "data"
ORDERS = FOLDER / "wholesale-excerpt.csv.gz"
DELIVERIES = FOLDER / "supplier-deliveries.csv.gz"

ONE_CUSTOMER_IN = 16
DAYS = 75
ORDERS_OF_38 = 8
OF_EACH_REASON = 40
ONE_DELIVERY_IN = 12
# No row is too late for the excerpt.
LATEST = "9999"

# By the line of the file.
Lines = dict[int, Line]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.seed.excerpt")
    parser.add_argument("orders", type=Path)
    parser.add_argument("suppliers", type=Path)
    options = parser.parse_args()
    orders = cut_orders(options.orders)
    write(ORDERS, reading.HEADER, orders)
    suppliers = cut_deliveries(options.suppliers)
    write(DELIVERIES, deliveries.HEADER, suppliers)
    for path, rows in ((ORDERS, orders), (DELIVERIES, suppliers)):
        print(f"{path}: {len(rows):,} rows, {path.stat().st_size:,} bytes")


def cut_orders(file: Path) -> list[Sequence[str]]:
    """The rows of the excerpt, in the order of the file."""
    rows = [(at, fields, decide(fields, LATEST)) for at, fields in reading.read(file)]
    lines = {at: decided for at, _, decided in rows if isinstance(decided, Line)}
    begins = max(datetime.fromisoformat(line.at) for line in lines.values()) - timedelta(days=DAYS)
    recent = {at: line for at, line in lines.items() if datetime.fromisoformat(line.at) > begins}
    invoices = _of_38(recent.values())
    invoices |= {line.invoice for line in recent.values() if _is_chosen(line.account)}
    chosen = {at: line for at, line in lines.items() if line.invoice in invoices and not line.cancels}
    chosen |= _cancellations(lines, chosen, invoices)
    dirt: Counter[str] = Counter()
    return [
        fields
        for at, fields, decided in rows
        if at in chosen
        or (isinstance(decided, LeftOut) and _is_wanted_dirt(decided, fields, begins, dirt, invoices))
    ]


def _of_38(lines: Iterable[Line]) -> set[str]:
    sizes = Counter(line.invoice for line in lines if not line.cancels)
    return set([invoice for invoice, size in sizes.items() if size == 38][-ORDERS_OF_38:])


def _is_chosen(account: str) -> bool:
    return crc32(account.encode()) % ONE_CUSTOMER_IN == 0


def _cancellations(lines: Lines, chosen: Lines, invoices: set[str]) -> Lines:
    """Those that mean in the excerpt what they mean in the whole file, so that importing both is the same order.

    Whoever takes over the whole file later must not find that a cancellation fits more lines than the excerpt knew.
    """
    whole = _meant(lines)
    wanted = {
        at: line
        for at, line in lines.items()
        if line.cancels and (whole[at] & chosen.keys() if len(whole[at]) == 1 else line.invoice in invoices)
    }
    here = _meant(chosen | wanted)
    return {at: line for at, line in wanted.items() if len(whole[at]) == 1 or len(here[at]) != 1}


def _meant(lines: Lines) -> dict[int, set[int]]:
    """Which lines each cancellation could mean."""
    ordered: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    meant: dict[int, set[int]] = {}
    for at, line in lines.items():
        key = (line.account, line.sku, line.unit_price)
        if line.cancels:
            meant[at] = {of for of in ordered[key] if int(lines[of].quantity) >= int(line.quantity)}
        else:
            ordered[key].append(at)
    return meant


def _is_wanted_dirt(
    decided: LeftOut, fields: Sequence[str], begins: datetime, dirt: Counter[str], invoices: set[str]
) -> bool:
    """What stands in a chosen order, and of every reason the first rows of these weeks; of the rare ones, any."""
    if fields[0] in invoices:
        return True
    rare = decided.reason in {"no_order", "no_price", "no_name"}
    if not rare and fields[4] < begins.isoformat(" "):
        return False
    dirt[decided.reason] += 1
    return dirt[decided.reason] <= OF_EACH_REASON


def cut_deliveries(file: Path) -> list[Sequence[str]]:
    """Every twelfth delivery of those that went well, and every twelfth of the others."""
    deliveries.read(file)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as content:
        rows = list(csv.reader(content))[1:]
    by_line: dict[bool, list[Sequence[str]]] = defaultdict(list)
    kept: list[Sequence[str]] = []
    for number, row in enumerate(rows):
        went_well = float(row[5]) == float(row[6]) and float(row[7]) == 0
        by_line[went_well].append(row)
        if (number if went_well else len(by_line[False])) % ONE_DELIVERY_IN == 0:
            kept.append(row)
    return kept


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The same rows give the same bytes, whenever they are written."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
