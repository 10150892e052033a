"""What stands on a buyer's pages, read as a browser would show it."""

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tests.routes.cast import Guest
from tests.scenarios.driver import Json

# Of one part of a line: (order, line, day or "", shipment or "").
Key = tuple[str, int, str, str]
GONE = {"delivered", "returned", "cancelled"}


@dataclass(frozen=True)
class Shown:
    """A row of the list, and the id of the group it stands in."""

    group: str
    quantity: str
    sku: str
    status: str
    order: str
    text: str


def page(guest: Guest, path: str) -> str:
    answer = guest.client.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def plain(markup: str) -> str:
    """Its text alone."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def truth(text: str) -> str:
    """The sentence at the head, its figures put back into their clauses."""
    found = re.search(r'<p class="truth">(.*?)</p>', text, re.DOTALL)
    assert found is not None
    return plain(found[1]).replace(" ;", ";").replace(" .", ".").replace(" ,", ",")


def rows(text: str) -> list[Shown]:
    """The rows of the list in their order."""
    shown = []
    for group, body in re.findall(
        r'<tbody class="group" id="([^"]+)">.*?</tbody>\s*<tbody class="entries">(.*?)</tbody>',
        text,
        re.DOTALL,
    ):
        for row in re.findall(r'<tr><td class="qty">.*?</tr>', body, re.DOTALL):
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
            order = re.search(r'<td class="from"><a href="([^"]+)"', row)
            sku = re.search(r'<span class="sku">(.*?)</span>', row)
            assert order is not None
            assert sku is not None
            shown.append(
                Shown(
                    group,
                    plain(cells[0]),
                    html.unescape(sku[1]),
                    plain(cells[2]),
                    html.unescape(order[1]),
                    plain(row),
                )
            )
    return shown


def panel(text: str, name: str) -> str:
    """The text of one part of the first page."""
    found = re.search(rf'<section class="panel" id="{name}".*?</section>', text, re.DOTALL)
    assert found is not None, f"there is no {name}"
    return found[0]


def sheet(guest: Guest, query: str = "") -> list[dict[str, str]]:
    """The file for a spreadsheet, a row each."""
    answer = guest.client.get(f"/arrivals.csv{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def filed(found: Iterable[dict[str, str]]) -> Counter[Key]:
    """How much of what the file tells."""
    told: Counter[Key] = Counter()
    for row in found:
        key = (row["Order"], int(row["Line"]), row["Arrives"], row["Shipment"])
        told[key] += Decimal(row["Quantity"])  # type: ignore[assignment]
    return told


def documented(orders: Iterable[Json]) -> Counter[Key]:
    """How much of what the orders' own documents tell is still to arrive."""
    told: Counter[Key] = Counter()
    for order in orders:
        for line in order["lines"]:
            for portion in line["portions"]:
                if portion["status"] in GONE:
                    continue
                key = (
                    order["number"],
                    line["line"],
                    portion.get("arrives_on") or "",
                    portion.get("shipment") or "",
                )
                told[key] += Decimal(portion["quantity"])  # type: ignore[assignment]
    return told
