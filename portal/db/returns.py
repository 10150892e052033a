"""Returns as rows: written under the lock of their order, and read in one trip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.returns import Return, Returnable


@dataclass(frozen=True, slots=True)
class NewReturn:
    """A return, ready to be written."""

    order_id: int
    account: str
    shipment_id: int
    state: str
    note: str | None
    asked_by: str
    person_id: int | None
    asked_at: datetime
    origin: str | None
    external_id: str | None
    fingerprint: bytes | None


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line of it, ready to be written."""

    line_id: int
    quantity: Decimal
    reason: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Of a return, what leads to its order and its shipment."""

    id: int
    order: str
    shipment: str


ONE = """
select json_build_object(
    'id', r.id, 'number', r.number, 'state', r.state, 'version', r.version, 'account', r.account,
    'account_name', a.name, 'order', o.number, 'purchase_order_number', o.purchase_order_number,
    'shipment', h.number, 'shipment_state', h.state, 'location', h.location, 'location_name', c.name, 'mode', h.mode,
    'carrier', h.carrier, 'shipped_at', h.shipped_at, 'delivered_at', h.delivered_at, 'asked_by', r.asked_by,
    'asked_at', r.asked_at, 'note', r.note, 'decided_by', r.decided_by, 'decided_at', r.decided_at,
    'decision_note', r.decision_note, 'closed_at', r.closed_at, 'origin', r.origin, 'external_id', r.external_id,
    'back_to', json_build_object('name', c.name, 'lines', c.lines, 'city', c.city, 'country', c.country,
        'postal_code', c.postal_code, 'region', c.region),
    'sent_from', (
        select json_build_object('name', t.name, 'lines', t.lines, 'city', t.city, 'country', t.country,
            'postal_code', t.postal_code, 'region', t.region)
        from ship_to t where t.account = o.account and t.code = o.ship_to),
    'lines', (
        select json_agg(json_build_object('line', l.line, 'sku', l.sku, 'name', l.name, 'unit', l.unit,
            'quantity', n.quantity::text, 'reason', n.reason, 'received', n.received::text, 'closed', n.closed,
            'note', n.note) order by l.line)
        from goods_return_line n join order_line l on l.id = n.line_id where n.return_id = r.id),
    'packages', (
        select coalesce(json_agg(json_build_object('tracking_number', k.tracking_number,
            'tracking_url', k.tracking_url, 'weight_kg', k.weight_kg::text) order by k.id), '[]')
        from package k where k.shipment_id = r.shipment_id),
    'receipts', (
        select coalesce(json_agg(json_build_object('line', l.line, 'quantity', e.quantity::text,
            'went_to', e.went_to, 'received_by', e.received_by, 'at', e.at) order by e.id), '[]')
        from return_receipt e join order_line l on l.id = e.line_id where e.return_id = r.id),
    'pictures', (
        select coalesce(json_agg(json_build_object('id', p.id, 'line', l.line, 'media_type', p.media_type,
            'width', p.width, 'height', p.height, 'added_by', p.added_by, 'at', p.at) order by p.at, p.id), '[]')
        from return_picture p left join order_line l on l.id = p.line_id where p.return_id = r.id),
    'credit_notes', (
        select coalesce(json_agg(i.number order by i.id), '[]')
        from return_credit x join invoice i on i.id = x.invoice_id where x.return_id = r.id),
    'names', (
        with actor(name) as (
            -- Two, where somebody did it as somebody else.
            select unnest(string_to_array(signed.name, ' as ')) from (
                values (r.asked_by), (r.decided_by)
                union select received_by from return_receipt where return_id = r.id
                union select added_by from return_picture where return_id = r.id) signed(name))
        select coalesce(json_object_agg(known.actor, known.name), '{}') from (
            select email as actor, name from person where email in (select name from actor)
            union all select id, name from token where id in (select name from actor)) known)
)::text
from goods_return r
join orders o on o.id = r.order_id
join account a on a.number = r.account
join shipment h on h.id = r.shipment_id
join location c on c.code = h.location
where r.number = $1 and ($2::text[] is null or r.account = any($2))
"""
_decoder = msgspec.json.Decoder(Return)


async def one(conn: Connection, viewer: Viewer, number: str) -> Return | None:
    """The return as it stands, or None when there is none within the viewer's scope."""
    raw = await conn.fetchval(ONE, number, viewer.accounts)
    return _decoder.decode(raw) if raw is not None else None


async def find(conn: Connection, viewer: Viewer, number: str) -> Found | None:
    """Where a return of this number belongs, within the viewer's scope."""
    row = await conn.fetchrow(
        """select r.id, o.number as order, h.number as shipment from goods_return r
           join orders o on o.id = r.order_id join shipment h on h.id = r.shipment_id
           where r.number = $1 and ($2::text[] is null or r.account = any($2))""",
        number,
        viewer.accounts,
    )
    return Found(*row.values()) if row else None


async def by_external_id(
    conn: Connection, origin: str, external_id: str
) -> tuple[str, str, bytes | None] | None:
    """(number, account, fingerprint) of the return that another system announced under this id."""
    row = await conn.fetchrow(
        "select number, account, fingerprint from goods_return where origin = $1 and external_id = $2",
        origin,
        external_id,
    )
    return (row[0], row[1], row[2]) if row else None


async def returnable(conn: Connection, shipment_id: int) -> list[Returnable]:
    """Every line of a shipment with what of it may come back."""
    rows = await conn.fetch(
        """select l.id, l.line, l.sku, l.name, l.unit, x.quantity,
               coalesce((select sum(p.quantity) from portion p where p.shipment_id = x.shipment_id
                   and p.line_id = x.line_id and p.stage in ('shipped', 'delivered')), 0) as out,
               coalesce((select sum(n.quantity - n.received) from goods_return_line n
                   join goods_return r on r.id = n.return_id
                   where r.shipment_id = x.shipment_id and n.line_id = x.line_id and not n.closed
                       and r.state in ('requested', 'authorised')), 0) as announced
           from shipment_line x join order_line l on l.id = x.line_id
           where x.shipment_id = $1 order by l.line""",
        shipment_id,
    )
    return [Returnable(*row.values()) for row in rows]


async def insert(conn: Connection, new: NewReturn, lines: Sequence[NewLine], year: int) -> tuple[int, str]:
    """Write a return with its lines; answers (id, number)."""
    row = await conn.fetchrow(
        """insert into goods_return (number, order_id, account, shipment_id, state, note, asked_by, person_id,
               asked_at, origin, external_id, fingerprint)
           values ('RMA-' || $1::text || '-' || to_char(nextval('return_number'), 'FM999999000000'), $2, $3, $4, $5,
               $6, $7, $8, $9, $10, $11, $12)
           returning id, number""",
        str(year),
        new.order_id,
        new.account,
        new.shipment_id,
        new.state,
        new.note,
        new.asked_by,
        new.person_id,
        new.asked_at,
        new.origin,
        new.external_id,
        new.fingerprint,
    )
    assert row is not None
    await conn.execute(
        """insert into goods_return_line (return_id, line_id, quantity, reason, note)
           select $1, * from unnest($2::bigint[], $3::numeric[], $4::text[], $5::text[])""",
        row["id"],
        [line.line_id for line in lines],
        [line.quantity for line in lines],
        [line.reason for line in lines],
        [line.note for line in lines],
    )
    return row["id"], row["number"]


async def decide(
    conn: Connection, return_id: int, state: str, *, by: str, at: datetime, note: str | None
) -> None:
    """It is authorised, refused or called off; whoever has the order's row has seen that it may be."""
    await conn.execute(
        """update goods_return set state = $2, decided_by = $3, decided_at = $4, decision_note = $5,
               version = version + 1 where id = $1""",
        return_id,
        state,
        by,
        at,
        note,
    )


async def receive(
    conn: Connection, return_id: int, lines: Iterable[tuple[int, Decimal, bool]], at: datetime
) -> bool:
    """Add (line id, what came, whether nothing more will); answers whether that was the last of it."""
    ids, quantities, closed = zip(*lines, strict=True)
    await conn.execute(
        """update goods_return_line n set received = n.received + c.came, closed = n.closed or c.closed
           from unnest($2::bigint[], $3::numeric[], $4::boolean[]) as c(line_id, came, closed)
           where n.return_id = $1 and n.line_id = c.line_id""",
        return_id,
        list(ids),
        list(quantities),
        list(closed),
    )
    is_done = await conn.fetchval(
        """select bool_and(closed or received = quantity) from goods_return_line where return_id = $1""",
        return_id,
    )
    await conn.execute(
        """update goods_return set version = version + 1, state = case when $2 then 'closed' else state end,
               closed_at = case when $2 then $3 else closed_at end where id = $1""",
        return_id,
        is_done,
        at,
    )
    return bool(is_done)


async def insert_receipts(
    conn: Connection, return_id: int, rows: Sequence[tuple[int, Decimal, str]], by: str, at: datetime
) -> None:
    """(line id, quantity, where it went) of what arrived at once."""
    if rows:
        await conn.execute(
            """insert into return_receipt (return_id, line_id, quantity, went_to, received_by, at)
               select $1, c.*, $5, $6 from unnest($2::bigint[], $3::numeric[], $4::text[]) as c""",
            return_id,
            *map(list, zip(*rows, strict=True)),
            by,
            at,
        )


async def credited(conn: Connection, return_id: int, numbers: Sequence[str]) -> list[str]:
    """Of what was issued, the credit notes came of this return. Answers their numbers."""
    if not numbers:
        return []
    rows = await conn.fetch(
        """with note as (
               select id, number from invoice where number = any($2::text[]) and kind = 'credit_note'
           ), kept as (
               insert into return_credit (return_id, invoice_id) select $1, id from note on conflict do nothing
           )
           select number from note order by id""",
        return_id,
        list(numbers),
    )
    return [row["number"] for row in rows]


async def touch(conn: Connection, return_id: int) -> None:
    """Something shown of it has changed."""
    await conn.execute("update goods_return set version = version + 1 where id = $1", return_id)


async def of_shipment(conn: Connection, shipment_id: int) -> list[str]:
    """The numbers of those returns of a shipment that somebody still waits for."""
    rows = await conn.fetch(
        """select number from goods_return where shipment_id = $1 and state in ('requested', 'authorised')
           order by id""",
        shipment_id,
    )
    return [row["number"] for row in rows]
