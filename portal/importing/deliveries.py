"""How suppliers deliver, learned from a bicycle maker's purchase orders: in full, short, or with rejects."""

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from portal.importing.reading import BadFile

HEADER = (
    "purchase_order",
    "vendor",
    "ordered_on",
    "due_on",
    "product",
    "ordered_quantity",
    "received_quantity",
    "rejected_quantity",
    "unit_price",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of a purchase order: `received` includes what was `rejected`; `days` from order to due date."""

    purchase_order: str
    vendor: str
    days: int
    ordered: Decimal
    received: Decimal
    rejected: Decimal


def read(path: Path | None = None) -> list[Delivery]:
    """The lines of a file, or of the excerpt that the portal brings along."""
    return _brought_along() if path is None else _read(path)


@lru_cache(maxsize=1)
def _brought_along() -> list[Delivery]:
    with as_file(files("portal.seed") / "data" / "supplier-deliveries.csv.gz") as path:
        return _read(path)


def _read(path: Path) -> list[Delivery]:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if tuple(rows.fieldnames or ()) != HEADER:
                raise BadFile(f"{path} does not begin with the header {','.join(HEADER)}.")
            found = [_delivery(row) for row in rows]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as failure:
        raise BadFile(f"{path} cannot be read: {failure}.") from None
    except (TypeError, ValueError, InvalidOperation):
        raise BadFile(f"{path} has a line that is no delivery of a supplier.") from None
    if not found:
        raise BadFile(f"{path} has no deliveries.")
    return found


def _delivery(row: dict[str, str]) -> Delivery:
    delivery = Delivery(
        purchase_order=row["purchase_order"],
        vendor=row["vendor"],
        days=(date.fromisoformat(row["due_on"]) - date.fromisoformat(row["ordered_on"])).days,
        ordered=Decimal(row["ordered_quantity"]),
        received=Decimal(row["received_quantity"]),
        rejected=Decimal(row["rejected_quantity"]),
    )
    if not 0 <= delivery.rejected <= delivery.received <= delivery.ordered or not delivery.ordered:
        raise ValueError(row)
    return delivery
