"""One invoice or credit note as people and systems read it: what its paper says, and what became of it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.invoices import Document

State = Literal["open", "paid", "overdue", "credited"]

# The supplier's day at the instant `$now`.
TODAY = "($now::timestamptz at time zone coalesce((select time_zone from supplier), 'UTC'))::date"
# Of the status `s`, whose invoice corrects that of the status `c`, if any. A credit note is open while the account has
# still a surplus from it.
STATE = """case
    when s.kind = 'credit_note' then case when c.due < 0 then 'open' else 'paid' end
    when s.credited = s.total and s.total > 0 then 'credited'
    when s.due <= 0 then 'paid'
    when s.due_on < t.today then 'overdue'
    else 'open' end"""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came, went back (`refund`, negative), or was moved: `transfer` is negative where it was taken from;
    `other` is the invoice at its other end."""

    id: int
    kind: str
    amount: Decimal
    received_on: date
    reference: str | None
    recorded_by: str
    at: datetime
    other: str | None = None
    # Whose e-mail it is, if it is anybody's.
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit note that corrects an invoice."""

    number: str
    issued_on: date
    total: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """A case that was opened about an invoice."""

    number: str
    state: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Files:
    """How far its documents are. `profile` is that of the XML: en16931, extended, or None where there is none."""

    state: Literal["waiting", "ready", "failed"]
    profile: str | None
    has_ubl: bool

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"


@dataclass(frozen=True, slots=True)
class Invoice:
    """`paper` is all that it says, as it was issued: lines, taxes, totals, shipments, preceding, order (progress),
    corrects, reason. Amounts are positive, also of a credit note. `due` below nothing is a surplus of the account."""

    id: int
    number: str
    kind: Literal["invoice", "credit_note"]
    basis: Literal["quantities", "amount"]
    state: State
    version: int
    account: str
    account_name: str
    order: str
    order_id: int
    currency: str
    issued_at: datetime
    issued_by: str
    issued_on: date
    due_on: date | None
    total: Decimal
    paid: Decimal
    credited: Decimal
    due: Decimal
    # How many disputes stand open.
    open_disputes: int
    paper: Document
    payments: Sequence[Payment]
    credits: Sequence[Credit]
    disputes: Sequence[Disputed]
    # Of a credit note: the return whose goods it credits.
    returns: Sequence[str]
    # None while nobody has asked for them yet.
    files: Files | None

    @property
    def surplus(self) -> Decimal:
        """What was paid or credited beyond the total: it is the account's."""
        return max(-self.due, Decimal(0))


async def today(conn: Connection, now: datetime) -> date:
    """The supplier's day: what is overdue, and what lies in the future, is said by it."""
    found: date = await conn.fetchval(f"select {TODAY.replace('$now', '$1')}", now)
    return found


GET = f"""
select json_build_object(
    'id', i.id, 'number', i.number, 'kind', i.kind, 'basis', i.basis, 'state', {STATE}, 'version', s.version,
    'account', i.account, 'account_name', a.name, 'order', o.number, 'order_id', i.order_id, 'currency', i.currency,
    'issued_at', i.issued_at, 'issued_by', i.issued_by, 'issued_on', i.issued_on, 'due_on', i.due_on,
    'total', i.total::text, 'paid', s.paid::text, 'credited', s.credited::text, 'due', s.due::text,
    'open_disputes', s.disputes, 'paper', i.facts,
    'payments', coalesce((
        select json_agg(json_build_object('id', p.id, 'kind', p.kind, 'amount', p.amount::text,
            'received_on', p.received_on, 'reference', p.reference, 'recorded_by', p.recorded_by, 'at', p.at,
            'other', other.number, 'name', (select q.name from person q where q.email = p.recorded_by)) order by p.id)
        from payment p left join invoice other on other.id = p.other_invoice_id where p.invoice_id = i.id), '[]'),
    'credits', coalesce((
        select json_agg(json_build_object('number', n.number, 'issued_on', n.issued_on, 'total', n.total::text,
            'reason', n.reason) order by n.id)
        from invoice n where n.corrects = i.id), '[]'),
    'disputes', coalesce((
        select json_agg(json_build_object('number', d.number, 'state', d.state, 'reason', d.reason,
            'opened_at', d.opened_at) order by d.id)
        from dispute d where d.invoice_id = i.id), '[]'),
    'returns', array(select r.number from return_credit x join goods_return r on r.id = x.return_id
        where x.invoice_id = i.id order by r.id),
    'files', (
        select json_build_object('state', f.state, 'profile', f.profile, 'has_ubl', f.ubl is not null)
        from invoice_document f where f.invoice_id = i.id)
)::text
from invoice i join invoice_status s on s.invoice_id = i.id join orders o on o.id = i.order_id
join account a on a.number = i.account left join invoice_status c on c.invoice_id = i.corrects
cross join (select {TODAY.replace("$now", "$3")} as today) t
where i.number = $1 and ($2::text[] is null or i.account = any($2))
"""
_invoice = msgspec.json.Decoder(Invoice)


async def get(conn: Connection, viewer: Viewer, number: str, now: datetime) -> Invoice | None:
    """None when there is none within the viewer's scope. One round trip."""
    raw = await conn.fetchval(GET, number, viewer.accounts, now)
    return _invoice.decode(raw) if raw is not None else None
