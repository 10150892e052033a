"""Invoices and credit notes as a list: filtered, paged by key, and added up by currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from portal.db.invoices import STATE, TODAY, State
from portal.db.order_list import LAST
from portal.db.work import Connection
from portal.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is to show. `q` is the beginning of a number: of the invoice, its order, the buyer's purchase order,
    a shipment, or a SKU that it bills. `below`: with the accounts below `account`. `surplus`: only those of which more
    was paid than is due."""

    account: str | None = None
    below: bool = False
    order: str | None = None
    state: State | None = None
    kind: Literal["invoice", "credit_note"] | None = None
    q: str | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_to: date | None = None
    disputed: bool = False
    # More is due than nothing: open and overdue together.
    unpaid: bool = False
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """An invoice in a list. `due` below nothing is a surplus."""

    id: int
    number: str
    kind: Literal["invoice", "credit_note"]
    state: State
    account: str
    account_name: str
    order: str
    purchase_order_number: str | None
    shipments: Sequence[str]
    corrects: str | None
    currency: str
    issued_on: date
    due_on: date | None
    net: Decimal
    tax: Decimal
    total: Decimal
    paid: Decimal
    credited: Decimal
    due: Decimal
    open_disputes: int
    # waiting, ready or failed.
    files: str
    # Positive when overdue, by the supplier's day.
    days_over: int
    version: int


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is open, by how long it is overdue."""

    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    over_90: Decimal

    @property
    def overdue(self) -> Decimal:
        return self.to_30 + self.to_60 + self.to_90 + self.over_90

    @property
    def open(self) -> Decimal:
        return self.not_due + self.overdue


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all invoices that a list would show, in one currency. `invoiced` is of invoices alone, `credited` what credit
    notes took of it; `surplus` is what was paid beyond what was due."""

    currency: str
    invoices: int
    credit_notes: int
    invoiced: Decimal
    credited: Decimal
    paid: Decimal
    surplus: Decimal
    ageing: Ageing

    @property
    def due(self) -> Decimal:
        """What is still to be paid, surpluses apart."""
        return self.ageing.open


# Which the list is about; `{where}` are its conditions, `{now}` the place of the instant.
FROM = """
from invoice i join invoice_status s on s.invoice_id = i.id join orders o on o.id = i.order_id
join account a on a.number = i.account
left join invoice n on n.id = i.corrects left join invoice_status c on c.invoice_id = i.corrects
cross join (select {today} as today) t
where {where}
"""
LISTED = f"""
select i.id, i.number, i.kind, {STATE} as state, i.account, a.name, o.number, o.purchase_order_number,
    array(select h.number from shipment h
        where h.id in (select l.shipment_id from invoice_line l where l.invoice_id = i.id) order by h.id),
    n.number, i.currency, i.issued_on, i.due_on, i.net, i.tax, i.total, s.paid, s.credited, s.due, s.disputes,
    (select d.state from invoice_document d where d.invoice_id = i.id),
    case when s.due > 0 then greatest(t.today - s.due_on, 0) else 0 end, s.version
{FROM}
"""
TOTALS = f"""
select i.currency, count(*) filter (where s.kind = 'invoice'), count(*) filter (where s.kind = 'credit_note'),
    coalesce(sum(s.total) filter (where s.kind = 'invoice'), 0),
    coalesce(sum(s.total) filter (where s.kind = 'credit_note'), 0), sum(s.paid),
    coalesce(-sum(s.due) filter (where s.due < 0), 0),
    coalesce(sum(s.due) filter (where s.due > 0 and s.due_on >= t.today), 0),
    coalesce(sum(s.due) filter (where s.due > 0 and t.today - s.due_on between 1 and 30), 0),
    coalesce(sum(s.due) filter (where s.due > 0 and t.today - s.due_on between 31 and 60), 0),
    coalesce(sum(s.due) filter (where s.due > 0 and t.today - s.due_on between 61 and 90), 0),
    coalesce(sum(s.due) filter (where s.due > 0 and t.today - s.due_on > 90), 0)
{FROM}
group by i.currency order by i.currency
"""
# What carries a number that begins so, as a range of an index: see order_list.
BEGINS = "upper({column}) ~>=~ {{beginning}} and upper({column}) ~<~ {{behind}}"
MATCHES = " union ".join(
    f"select {ids} where {BEGINS.format(column=column)}"
    for ids, column in (
        ("q.id from invoice q", "q.number"),
        ("q.id from orders p join invoice q on q.order_id = p.id", "p.number"),
        ("q.id from orders p join invoice q on q.order_id = p.id", "p.purchase_order_number"),
        ("q.invoice_id from shipment p join invoice_line q on q.shipment_id = p.id", "p.number"),
        ("q.invoice_id from order_line p join invoice_line q on q.line_id = p.id", "p.sku"),
    )
)


class _Conditions:
    """A `where` that holds only what was asked for, with the values in their places."""

    def __init__(self, now: datetime) -> None:
        self.values: list[Any] = [now]
        self.parts: list[str] = []

    def add(self, condition: str, **values: object) -> None:
        """`{name}` in the condition is the place of the value of that name."""
        places = {}
        for name, value in values.items():
            self.values.append(value)
            places[name] = f"${len(self.values)}"
        self.parts.append(condition.format(**places))

    def fill(self, statement: str) -> str:
        return statement.format(today=TODAY.replace("$now", "$1"), where=" and ".join(self.parts) or "true")


def _conditions(viewer: Viewer, asked: Asked, now: datetime) -> _Conditions:
    which = _Conditions(now)
    if viewer.accounts is not None:
        which.add("i.account = any({scope}::text[])", scope=list(viewer.accounts))
    if asked.account is not None and asked.below:
        below = "i.account in (select number from account where path @> array[{account}::text])"
        which.add(below, account=asked.account)
    elif asked.account is not None:
        which.add("i.account = {account}", account=asked.account)
    if asked.order is not None:
        which.add("o.number = {order}", order=asked.order)
    if asked.kind is not None:
        which.add("i.kind = {kind}", kind=asked.kind)
    if beginning := _beginning(asked.q):
        which.add(f"i.id in ({MATCHES})", beginning=beginning, behind=beginning + LAST)
    _add_days(which, asked)
    _add_states(which, asked)
    return which


def _add_days(which: _Conditions, asked: Asked) -> None:
    for condition, day in (
        ("i.issued_on >= {day}::date", asked.issued_from),
        ("i.issued_on <= {day}::date", asked.issued_to),
        ("i.due_on <= {day}::date", asked.due_to),
    ):
        if day is not None:
            which.add(condition, day=day)


def _add_states(which: _Conditions, asked: Asked) -> None:
    if asked.unpaid:
        which.add("s.due > 0")
    if asked.state == "overdue":
        # The same in words that an index knows.
        which.add("s.due > 0 and s.due_on < t.today")
    elif asked.state is not None:
        which.add(f"{STATE} = {{state}}", state=asked.state)
    if asked.disputed:
        which.add("s.disputes > 0")
    if asked.surplus:
        which.add("s.due < 0")


def _beginning(q: str | None) -> str:
    return "".join(letter for letter in q or "" if letter.isprintable()).strip().upper()


async def search(
    conn: Connection,
    viewer: Viewer,
    asked: Asked,
    now: datetime,
    *,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[Listed], int | None]:
    """The latest first, and the key of the next page, or None at the end."""
    which = _conditions(viewer, asked, now)
    if before is not None:
        which.add("i.id < {before}::bigint", before=before)
    statement = which.fill(LISTED) + f"order by i.id desc limit ${len(which.values) + 1}"
    rows = await conn.fetch(statement, *which.values, limit + 1)
    found = [Listed(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def of_order(conn: Connection, viewer: Viewer, order: str, now: datetime) -> list[Listed]:
    """Those of one order, the earliest first."""
    which = _conditions(viewer, Asked(order=order), now)
    rows = await conn.fetch(which.fill(LISTED) + "order by i.id", *which.values)
    return [Listed(*row.values()) for row in rows]


async def totals(conn: Connection, viewer: Viewer, asked: Asked, now: datetime) -> list[Totals]:
    """Added up over the whole list, by currency."""
    which = _conditions(viewer, asked, now)
    rows = await conn.fetch(which.fill(TOTALS), *which.values)
    return [Totals(row[0], row[1], row[2], row[3], row[4], row[5], row[6], Ageing(*row[7:])) for row in rows]
