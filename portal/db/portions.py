"""Portions as rows. They change only under the lock of their product."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import asyncpg
import msgspec

from portal.db.work import Connection
from portal.domain.portions import Portion, Rewriting

_encode = msgspec.json.Encoder().encode
COLUMNS = tuple(field.name for field in fields(Portion))
WRITTEN = tuple(name for name in COLUMNS if name != "id")
LISTED = ", ".join(f"p.{name}" for name in COLUMNS)
TYPES = {
    "line_id": "bigint",
    "order_id": "bigint",
    "account": "text",
    "sku": "text",
    "quantity": "numeric",
    "stage": "text",
    "status": "text",
    "location": "text",
    "counted": "boolean",
    "agreement": "text",
    "inbound_line_id": "bigint",
    "shipment_id": "bigint",
    "ships_on": "date",
    "arrives_on": "date",
    "first_ships_on": "date",
    "first_arrives_on": "date",
    # As text: a list within an array would be taken for a second dimension.
    "because": "text",
    "waiting_since": "date",
    "id": "bigint",
}
# What never changes once a portion is written.
FIXED = ("id", "line_id", "order_id", "account", "sku")
CHANGING = tuple(name for name in COLUMNS if name not in FIXED)

UPDATE = f"""
update portion p set {", ".join(f"{name} = n.{name}{'::jsonb' * (name == 'because')}" for name in CHANGING)}
from unnest({", ".join(f"${i}::{TYPES[name]}[]" for i, name in enumerate(("id", *CHANGING), 1))})
    as n({", ".join(("id", *CHANGING))})
where p.id = n.id
"""
INSERT = f"""
insert into portion ({", ".join(WRITTEN)})
select {", ".join(f"n.{name}{'::jsonb' * (name == 'because')}" for name in WRITTEN)}
from unnest({", ".join(f"${i}::{TYPES[name]}[]" for i, name in enumerate(WRITTEN, 1))}) with ordinality
    as n({", ".join((*WRITTEN, "place"))})
order by n.place
"""


def read(row: asyncpg.Record) -> Portion:
    """A portion from a row that begins with all of its columns, in their order."""
    return Portion(*tuple(row.values())[: len(COLUMNS)])


async def of_order(conn: Connection, order_id: int) -> list[Portion]:
    """All portions of one order, by line and then as they were written."""
    rows = await conn.fetch(
        f"""select {LISTED} from portion p join order_line l on l.id = p.line_id
            where p.order_id = $1 order by l.line, p.id""",
        order_id,
    )
    return [read(row) for row in rows]


async def rewrite(conn: Connection, what: Rewriting) -> None:
    """Carry the rewriting out, in bulk."""
    if what.dropped:
        await conn.execute("delete from portion where id = any($1::bigint[])", what.dropped)
    if what.changed:
        await conn.execute(UPDATE, *_columns(what.changed, ("id", *CHANGING)))
    if what.added:
        await conn.execute(INSERT, *_columns(what.added, WRITTEN))


def _columns(portions: Sequence[Portion], names: Sequence[str]) -> list[list[Any]]:
    """One list for each column, as the statements take them."""
    columns = [list(column) for column in zip(*map(attrgetter(*names), portions), strict=True)]
    because = names.index("because")
    columns[because] = [_encode(facts).decode() for facts in columns[because]]
    return columns
