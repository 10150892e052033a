"""What a test's database holds of invoices is looked at when the test is over: each is valid, and right to the cent.

The fixtures `database` and `start_portal` do it before the database is thrown away. A test that falsifies invoices on
purpose says so with the marker `falsifies_invoices`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec

from portal.domain.invoices import Document

ISSUED = """
select i.number, i.kind, i.currency, i.total, i.net, i.tax, i.rounding, i.lines_net, i.allowances, i.charges,
    i.facts::text as facts, d.state, d.profile, d.cii, d.ubl
from invoice i left join invoice_document d on d.invoice_id = i.id order by i.id
"""
# Orders of which every ordered quantity stands billed, and what their documents come to. Where each shipment's own
# freight is billed, the order's is not.
BALANCE = """
select o.number, o.total, o.goods - o.discount + o.freight as net, d.total as billed, d.net as billed_net
from orders o, lateral (
    select sum(case kind when 'invoice' then total else -total end) as total,
        sum(case kind when 'invoice' then net else -net end) as net, bool_or(basis = 'amount') as has_amounts
    from invoice where order_id = o.id) d
where o.freight_policy <> 'actual' and not d.has_amounts and not exists (
    select from order_line l left join line_billing b on b.line_id = l.id
    where l.order_id = o.id and b.invoiced is distinct from l.quantity)
order by o.number
"""
# What says the least, in UBL, is looked at by more.
FEWEST = 50
SUMS = ("total", "net", "tax", "rounding", "lines_net")


Rows = list[Mapping[str, Any]]


async def issued(url: str) -> tuple[Rows, Rows]:
    """Every invoice and credit note of a database, and every order that is billed to its end; none where the test left
    no tables."""
    connection = await asyncpg.connect(url)
    try:
        documents = list(await connection.fetch(ISSUED))
        return documents, list(await connection.fetch(BALANCE)) if documents else []
    except asyncpg.UndefinedTableError:
        return [], []
    finally:
        await connection.close()


def unsound(documents: Rows, orders: Rows) -> list[str]:
    """What is wrong with them, in sentences that begin with the number."""
    found = [f"{row['number']}: {sentence}" for row in documents for sentence in _unsound(row)]
    found += [
        f"{order['number']}: all of it is billed, with {order['billed']} ({order['billed_net']} net), "
        f"but it comes to {order['total']} ({order['net']} net)"
        for order in orders
        if (order["billed"], order["billed_net"]) != (order["total"], order["net"])
    ]
    return found


def _unsound(row: Mapping[str, Any]) -> Iterator[str]:
    document = msgspec.json.decode(row["facts"], type=Document)
    yield from _kept_differently(row, document)
    yield from _unreconciled(document)
    yield from _invalid(row, document)


def _kept_differently(row: Mapping[str, Any], document: Document) -> Iterator[str]:
    """The columns that are added up say what the paper says."""
    if (row["number"], row["kind"], row["currency"]) != (document.number, document.kind, document.currency):
        yield "the paper is another's"
    for name in SUMS:
        if row[name] != getattr(document, name):
            yield f"{name} is {row[name]}, on the paper {getattr(document, name)}"
    for name in ("allowances", "charges"):
        written = sum((one.amount for one in getattr(document, name)), Decimal(0))
        if row[name] != written:
            yield f"{name} are {row[name]}, on the paper {written}"


def _unreconciled(document: Document) -> Iterator[str]:
    """What the order's reconciliation says moves by exactly this document."""
    order = document.order
    moved = -document.total if document.kind == "credit_note" else document.total
    if order.billed_after - order.billed_before != moved:
        yield f"billed before {order.billed_before}, after {order.billed_after}, but it is about {moved}"


def _invalid(row: Mapping[str, Any], document: Document) -> Iterator[str]:
    # Imported when there is something to look at: most tests issue nothing.
    from portal.adapters import einvoice

    profile = einvoice.profile(document)
    if profile == "none":
        if row["cii"] is not None or row["ubl"] is not None:
            yield "it has XML, although there is no valid one"
        # What a customer lacks may be meant; the supplier of a test lacks nothing.
        yield from (sentence for sentence in einvoice.lacks(document) if sentence.startswith("The supplier"))
        return
    for kind, rules, xml in (
        ("cii", profile, einvoice.cii(document)),
        ("ubl", "ubl", einvoice.ubl(document)),
    ):
        if row[kind] is not None and bytes(row[kind]) != xml:
            yield f"the {kind} that is kept is not what the paper says"
        yield from refused(xml, rules)


def refused(xml: bytes, rules: Any) -> Iterator[str]:
    """What schema, rules and recomputation say against an XML."""
    from tests.einvoice import peppol, recompute

    found = official(xml, rules) or (peppol.broken(xml) if rules == "ubl" else [])
    yield from found or recompute.wrong(xml)


def official(xml: bytes, rules: Any) -> list[str]:
    """What those say who made the standard."""
    from tests.einvoice.rules import malformed, verdict

    if found := malformed(xml, rules):
        return found
    judged = verdict(xml, rules)
    return judged.failed or ([] if judged.fired > FEWEST else [f"only {judged.fired} rules looked at it"])
