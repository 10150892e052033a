"""Invoices that say whatever a test wants, issued without an order: for what makes and hands out their files."""

from datetime import UTC, datetime
from typing import Any

from portal.db.work import Pool
from portal.domain.invoices import Document
from tests.templates.invoices import document

AT = datetime(2026, 11, 19, 9, 30, 15, tzinfo=UTC)


async def issue(pool: Pool, said: Document, *, at: datetime = AT) -> int:
    """Answers its id. Nothing but what its files need is written, and no law is asked."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("set local session_replication_role = replica")
        invoice_id: int = await conn.fetchval(
            """insert into invoice (number, kind, order_id, account, nth, currency, issued_on, due_on, terms, corrects,
                   lines_net, allowances, charges, net, tax, rounding, total, facts, issued_by, issued_at)
               values ($1, $2, coalesce((select id from orders where number = $3), 0), $4,
                   (select count(*) + 1 from invoice), $5, $6::date,
                   case when $2 = 'invoice' then coalesce($7::date, $6::date) end, $8,
                   case when $2 = 'credit_note' then 0 end, $9, $10, $11, $12, $13, $14, $15, $16, 'test', $17)
               returning id""",
            said.number,
            said.kind,
            said.order.number,
            said.account,
            said.currency,
            said.issued_on,
            said.due_on,
            said.terms,
            said.lines_net,
            sum(one.amount for one in said.allowances),
            sum(one.amount for one in said.charges),
            said.net,
            said.tax,
            said.rounding,
            said.total,
            said,
            at,
        )
        await conn.executemany(
            """insert into invoice_line (invoice_id, position, order_id, account, line_id, quantity, unit_price, net)
               values ($1, $2, 0, $3, 0, $4, $5, $6)""",
            [
                (invoice_id, line.position, said.account, line.quantity, line.unit_price, line.net)
                for line in said.lines
            ],
        )
        await conn.execute(
            "insert into invoice_document (invoice_id, account) values ($1, $2)", invoice_id, said.account
        )
        await conn.execute("select pg_notify('portal_documents', '')")
    return invoice_id


def numbered(number: int, lines: int = 1, **changes: Any) -> Document:
    return document(lines, number=f"INV-2026-{number:06}", **changes)


async def row(pool: Pool, invoice_id: int) -> dict[str, Any]:
    found = await pool.fetchrow("select * from invoice_document where invoice_id = $1", invoice_id)
    assert found is not None
    return dict(found)
