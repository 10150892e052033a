"""Requests for approval as rows that are written; who writes them holds the order's lock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from portal.db.work import Connection
from portal.domain.approvals import Chain, ChainStep, reasons_told


@dataclass(frozen=True, slots=True)
class New:
    """A request that is to be opened."""

    account: str
    order_id: int
    order: str
    kind: str
    requester_id: int | None
    requester: str
    total: Decimal
    currency: str
    wanted: dict[str, Any] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody, or the clock (None), said or did; `for_person_id` is whose seat it was when they had delegated."""

    what: str
    person_id: int | None
    through: str
    comment: str | None = None
    for_person_id: int | None = None
    lines: Sequence[int] | None = None
    condition: dict[str, Any] | None = None


async def insert(
    conn: Connection, new: New, chain: Chain, now: datetime, expires_at: datetime | None
) -> tuple[int, str]:
    """Answers (id, number)."""
    row = await conn.fetchrow(
        """insert into approval_request (number, account, order_id, kind, requester_id, requester, total, currency,
               reasons, wanted, note, asked_at, expires_at)
           values ('AP-' || $1::text || '-' || to_char(nextval('approval_number'), 'FM999999000000'), $2, $3, $4, $5,
               $6, $7, $8, $9, $10, $11, $12, $13)
           returning id, number""",
        str(now.year), new.account, new.order_id, new.kind, new.requester_id, new.requester, new.total, new.currency,
        reasons_told(chain.reasons), new.wanted, new.note, now,
        expires_at,
    )  # fmt: skip
    assert row is not None
    await insert_steps(conn, row["id"], chain.steps)
    return row["id"], row["number"]


async def insert_steps(conn: Connection, request_id: int, steps: Sequence[ChainStep]) -> None:
    """Write these steps with their seats; none is open yet."""
    await conn.executemany(
        """insert into approval_step (request_id, position, need, rule_need, also, said, rules)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [(request_id, s.position, s.need, s.rule_need, sorted(s.also), s.said, list(s.rules)) for s in steps],
    )
    await conn.executemany(
        "insert into approval_seat (request_id, position, person_id, account, why) values ($1, $2, $3, $4, $5)",
        [
            (request_id, step.position, seat.person_id, seat.account, seat.why)
            for step in steps
            for seat in step.seats
        ],
    )


async def begin_anew(conn: Connection, request_id: int, chain: Chain, kept: Collection[int]) -> None:
    """Replace the chain. What these people have approved stands, where they are asked still."""
    seats = await conn.fetch(
        """delete from approval_seat where request_id = $1
           returning person_id, state, decided_by, decided_at, comment, condition""",
        request_id,
    )
    await conn.execute("delete from approval_step where request_id = $1", request_id)
    await insert_steps(conn, request_id, chain.steps)
    await conn.execute(
        "update approval_request set reasons = $2, step = 1 where id = $1",
        request_id,
        reasons_told(chain.reasons),
    )
    await conn.executemany(
        """update approval_seat set state = $3, decided_by = $4, decided_at = $5, comment = $6, condition = $7
           where request_id = $1 and person_id = $2""",
        [
            (request_id, *seat.values())
            for seat in seats
            if seat["person_id"] in kept and seat["state"] == "approved"
        ],
    )


async def add_seat(
    conn: Connection, request_id: int, position: int, person_id: int, account: str, why: str
) -> None:
    """One more seat; a person who sits in a step that has passed, and was not needed there, moves."""
    await conn.execute(
        """insert into approval_seat (request_id, position, person_id, account, why) values ($1, $2, $3, $4, $5)
           on conflict (request_id, person_id) do update set position = excluded.position, account = excluded.account,
               why = excluded.why""",
        request_id,
        position,
        person_id,
        account,
        why,
    )


async def add_step(conn: Connection, request_id: int, rule: str) -> int:
    """One more step at the end, of which any seat must approve; answers its position."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into approval_step (request_id, position, need, rule_need, said, rules)
           select $1, coalesce(max(position), 0) + 1, 1, 1, 'any', array[$2] from approval_step where request_id = $1
           returning position""",
        request_id,
        rule,
    )


async def approve(
    conn: Connection, seat_id: int, decided_by: int | None, comment: str | None, condition: dict[str, Any] | None,
    now: datetime,
) -> None:  # fmt: skip
    """Somebody agreed; `decided_by` is somebody else than whose seat it is."""
    await conn.execute(
        """update approval_seat set state = 'approved', decided_by = $2, decided_at = $3, comment = $4,
               condition = $5
           where id = $1""",
        seat_id,
        decided_by,
        now,
        comment,
        condition,
    )


async def void(conn: Connection, seats: Sequence[int]) -> None:
    """What was approved on these seats is asked again."""
    await conn.execute(
        """update approval_seat set state = 'open', decided_by = null, decided_at = null, comment = null,
               condition = null
           where id = any($1::bigint[])""",
        list(seats),
    )


async def pass_step(conn: Connection, request_id: int, position: int, need: int) -> None:
    """Enough have agreed."""
    await conn.execute(
        """update approval_step set state = 'passed', need = $3, remind_at = null, escalate_at = null
           where request_id = $1 and position = $2""",
        request_id,
        position,
        need,
    )


async def open_step(
    conn: Connection, request_id: int, position: int, need: int, now: datetime, remind_at: datetime | None,
    escalate_at: datetime | None,
) -> None:  # fmt: skip
    """It is this step's turn; those behind it wait."""
    await conn.execute(
        """update approval_step set state = case when position = $2 then 'open' else 'waiting' end,
               need = case when position = $2 then $3 else need end,
               opened_at = case when position = $2 then $4::timestamptz end,
               remind_at = case when position = $2 then $5::timestamptz end,
               escalate_at = case when position = $2 then $6::timestamptz end
           where request_id = $1 and position >= $2""",
        request_id,
        position,
        need,
        now,
        remind_at,
        escalate_at,
    )
    await conn.execute("update approval_request set step = $2 where id = $1", request_id, position)


async def reopen(conn: Connection, request_id: int, position: int) -> None:
    """The step, and those behind it, wait for their turn once more."""
    await conn.execute(
        """update approval_step set state = 'waiting', opened_at = null, remind_at = null, escalate_at = null
           where request_id = $1 and position >= $2""",
        request_id,
        position,
    )


async def turn(
    conn: Connection, request_id: int, state: str, now: datetime, total: Decimal | None = None
) -> int:
    """The request's new state, at its next version, which is answered; with a total where that changed."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """update approval_request set state = $2, version = version + 1, total = coalesce($4, total),
               settled_at = case when $2 in ('pending', 'asked') then null else $3::timestamptz end
           where id = $1 returning version""",
        request_id,
        state,
        now,
        total,
    )


async def rewrite_wanted(conn: Connection, request_id: int, wanted: dict[str, Any], note: str | None) -> None:
    """Of an order that is placed: what it is to become now."""
    await conn.execute(
        "update approval_request set wanted = $2, note = coalesce($3, note) where id = $1",
        request_id,
        wanted,
        note,
    )


async def note_decision(
    conn: Connection, request_id: int, said: Said, version: int, snapshot: dict[str, Any], now: datetime
) -> None:
    """Write down what was said or done, and on what."""
    await conn.execute(
        """insert into approval_decision (request_id, what, person_id, for_person_id, comment, lines, condition,
               through, version, snapshot, at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        request_id, said.what, said.person_id, said.for_person_id, said.comment,
        list(said.lines) if said.lines is not None else None,
        said.condition, said.through, version, snapshot, now,
    )  # fmt: skip


SNAPSHOT = """
select json_build_object('order', o.number, 'account', o.account, 'purchase_order_number', o.purchase_order_number,
    'ship_to', o.ship_to, 'cost_centre', o.cost_centre, 'currency', o.currency, 'total', o.total::text,
    'state', s.state, 'lines', (
        select json_agg(json_build_array(l.line, l.sku, trim_scale(q.quantity)::text, trim_scale(l.unit_price)::text)
            order by l.line)
        from order_line l cross join lateral (
            select sum(p.quantity) as quantity from portion p where p.line_id = l.id and p.stage <> 'cancelled') q
        where l.order_id = o.id and q.quantity > 0))::text
from orders o join order_status s on s.order_id = o.id where o.id = $1
"""


async def snapshot(conn: Connection, order_id: int) -> dict[str, Any]:
    """The order as it was decided on; its lines are [line, SKU, quantity, unit price]."""
    found: dict[str, Any] = msgspec.json.decode(await conn.fetchval(SNAPSHOT, order_id))
    return found


async def where(conn: Connection, accounts: Sequence[str] | None, number: str) -> tuple[str, str] | None:
    """(account, order) of a request within these accounts: they are locked before it is read."""
    row = await conn.fetchrow(
        """select r.account, o.number from approval_request r join orders o on o.id = r.order_id
           where r.number = $1 and ($2::text[] is null or r.account = any($2))""",
        number,
        accounts,
    )
    return (row["account"], row["number"]) if row else None


async def open_of(conn: Connection, order_id: int) -> str | None:
    """The number of the request that is open for the order."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        "select number from approval_request where order_id = $1 and state in ('pending', 'asked')", order_id
    )
