"""The file in the database's own hands: temporary tables that vanish with the connection, also when it is killed.

Rows of one order need not stand together in the file, and a cancellation comes long after its order. So all rows go
into temporary tables first; orders are put together there, and what a cancellation takes back is found there. Nothing
of the portal is touched meanwhile, and the memory of this process does not grow with the file.

A cancellation names a customer, a product and a price, but no order. It is taken only when exactly one line in the
file fits: of that customer, product and price, not later, of at least that quantity, and not yet cancelled by more than
it has. Everything else would be a guess.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.db.work import Connection
from portal.importing.countries import code_of, ship_to_of, shown
from portal.importing.deciding import LeftOut, Line, decide
from portal.importing.reading import Row, read
from portal.importing.report import LeftOutFile, Report

ORIGIN = "wholesale"
# The last days of the file are the open book; before, everything was delivered.
OPEN_DAYS = 14
ROWS_PER_COPY = 50_000

TABLES = (
    "staged_row",
    "staged_cancellation",
    "staged_line",
    "staged_order",
    "staged_country",
    "staged_left_out",
)

CREATE = """
create temp table staged_row (
    file_line bigint not null, cancels boolean not null, invoice text not null, sku text not null, name text not null,
    quantity numeric not null, unit_price numeric not null, at timestamp not null, account text not null,
    country text not null);
create temp table staged_country (name text primary key, code text not null, ship_to text not null, city text not null);
create temp table staged_left_out (file_line bigint not null, reason text not null)
"""
COLUMNS = (
    "file_line",
    "cancels",
    "invoice",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "at",
    "account",
    "country",
)

# An order is its first row's; its lines are numbered as they stand in the file.
ORDERS = """
create temp table staged_order as
select distinct on (invoice) invoice, account, country, at, null::text as ship_to, null::date as ships_on,
    null::date as arrives_on, null::bigint as order_id, null::timestamptz as placed_at, null::numeric as total,
    null::bigint as shipment_id, null::text as shipment, null::timestamptz as shipped_at,
    null::timestamptz as delivered_at, false as is_open, false as is_known, ''::bytea as fingerprint, 0::bigint as n
from staged_row where not cancels order by invoice, file_line
"""
STRANGERS = """
insert into staged_left_out
select r.file_line, 'two_customers' from staged_row r join staged_order o using (invoice)
where not r.cancels and r.account <> o.account
"""
LINES = """
create temp table staged_line as
select r.invoice, (row_number() over (partition by r.invoice order by r.file_line))::int as line, r.file_line,
    r.account, r.sku, r.name, r.quantity, r.unit_price, r.at, 0::numeric as cancelled
from staged_row r where not r.cancels and not exists (select from staged_left_out x where x.file_line = r.file_line)
"""
# `fits` is how many lines a cancellation could mean; `so_far` what its line has lost when it is through with this one.
CANCELLATIONS = """
create temp table staged_cancellation as
with candidate as (
    select c.file_line, c.quantity, l.file_line as of_line, l.quantity as ordered,
        count(*) over (partition by c.file_line) as fits
    from staged_row c join staged_line l on l.account = c.account and l.sku = c.sku
        and l.unit_price = c.unit_price and l.quantity >= c.quantity and l.at <= c.at
    where c.cancels
), single as (
    select *, sum(quantity) over (partition by of_line order by file_line) as so_far from candidate where fits = 1
)
select r.file_line, r.invoice as document, r.at, r.quantity, s.of_line,
    case when s.so_far <= s.ordered then null
         when s.so_far > s.ordered then 'cancels_more'
         when r.file_line in (select file_line from candidate) then 'cancels_several'
         else 'cancels_nothing' end as reason
from staged_row r left join single s on s.file_line = r.file_line
where r.cancels
"""
CANCEL = """
update staged_line l set cancelled = c.quantity
from (select of_line, sum(quantity) as quantity from staged_cancellation where reason is null group by of_line) c
where c.of_line = l.file_line
"""
FINGERPRINTS = """
update staged_order o set fingerprint = f.fingerprint, n = f.n
from (
    select l.invoice, row_number() over (order by min(l.file_line)) as n, sha256(convert_to(string_agg(
        concat_ws('|', l.line, l.sku, trim_scale(l.quantity), trim_scale(l.unit_price), trim_scale(l.cancelled)),
        ',' order by l.line), 'UTF8')) as fingerprint
    from staged_line l group by l.invoice
) f where f.invoice = o.invoice
"""
KNOWN = """
update staged_order s set is_known = true
from orders o where o.origin = $1 and o.external_id = s.invoice and o.fingerprint = s.fingerprint
"""
OTHERS = """
with other as (
    select s.invoice from staged_order s join orders o on o.origin = $1 and o.external_id = s.invoice
    where o.fingerprint is distinct from s.fingerprint
), line as (
    select file_line, invoice from staged_line where invoice in (select invoice from other)
), told as (
    insert into staged_left_out
    select file_line, 'other_content' from line
    union all
    select file_line, 'other_content' from staged_cancellation
    where reason is null and of_line in (select file_line from line)
)
delete from staged_order where invoice in (select invoice from other)
"""
CANCELS_NO_LINE = """
insert into staged_left_out select file_line, reason from staged_cancellation where reason is not null
"""
LEFT_OUT = """
select r.file_line, r.invoice, r.sku, r.name,
    case when r.cancels then -r.quantity else r.quantity end::text as quantity,
    to_char(r.at - $1::interval, 'YYYY-MM-DD HH24:MI:SS') as at, r.unit_price::text as unit_price,
    substr(r.account, 2) as customer, r.country, x.reason
from staged_left_out x join staged_row r using (file_line) order by r.file_line
"""
SENTENCES = {
    "two_customers": "The order began as another customer's.",
    "other_content": "The portal has this order with other lines, quantities, prices or cancellations.",
    "cancels_nothing": "No earlier line in the file is of this customer, product and price, and of that quantity.",
    "cancels_several": "Several lines fit, and it does not say which one it means.",
    "cancels_more": "The one line that fits has less left than is to be cancelled.",
}
COUNT = """
select count(*) filter (where not o.is_known) as taken, count(*) filter (where o.is_known) as known,
    count(distinct o.invoice) filter (where not o.is_known) as orders,
    count(distinct o.invoice) filter (where o.is_known) as known_orders,
    count(distinct o.invoice) filter (where o.is_open and not o.is_known) as open_orders
from staged_line l join staged_order o using (invoice)
"""
COUNT_CANCELLED = """
select count(*) filter (where not o.is_known) as cancelled, count(*) filter (where o.is_known) as known
from staged_cancellation c join staged_line l on l.file_line = c.of_line join staged_order o on o.invoice = l.invoice
where c.reason is null
"""


async def stage(
    conn: Connection,
    file: Path,
    left_out: LeftOutFile,
    report: Report,
    *,
    zone: str,
    now: datetime,
    later: timedelta,
    progress: Callable[[int, int], None],
) -> None:
    """Read the whole file and put its orders together. A file that is no good raises `BadFile`.

    `later` is added to every time of the file.
    """
    await conn.execute("".join(f"drop table if exists pg_temp.{table};" for table in TABLES) + CREATE)
    present = (now.astimezone(ZoneInfo(zone)) - later).strftime("%Y-%m-%d %H:%M:%S")
    lines = _lines(read(file, progress), left_out, report, present)
    countries: dict[str, None] = {}
    while await _copy(conn, lines, countries):
        pass
    await conn.executemany(
        "insert into staged_country values ($1, $2, $3, $4)",
        [(name, code_of(name), ship_to_of(name), shown(name)) for name in countries],
    )
    if later:
        await conn.execute("update staged_row set at = at + $1", later)
    await _put_together(conn)
    await _tell_left_out(conn, left_out, report, later)
    counted = await conn.fetchrow(COUNT)
    cancelled = await conn.fetchrow(COUNT_CANCELLED)
    assert counted is not None
    assert cancelled is not None
    report.taken, report.orders, report.open_orders = (
        counted["taken"],
        counted["orders"],
        counted["open_orders"],
    )
    report.known, report.known_orders = counted["known"] + cancelled["known"], counted["known_orders"]
    report.cancelled = cancelled["cancelled"]


def _lines(
    rows: Iterator[Row], left_out: LeftOutFile, report: Report, now: str
) -> Iterator[tuple[int, Line]]:
    for at, fields in rows:
        report.rows += 1
        decided = decide(fields, now)
        if isinstance(decided, LeftOut):
            report.left_out[decided.reason] += 1
            left_out.write(at, fields, *decided)
        else:
            yield at, decided


async def _copy(conn: Connection, lines: Iterator[tuple[int, Line]], countries: dict[str, None]) -> bool:
    """COPY the next rows; answers whether there may be more."""
    block: list[bytes] = []
    for at, line in lines:
        countries.setdefault(line.country)
        cancels, *words = line
        block.append("\t".join((str(at), "t" if cancels else "f", *map(_escaped, words))).encode())
        if len(block) == ROWS_PER_COPY:
            break

    async def content() -> AsyncIterator[bytes]:
        yield b"\n".join((*block, b""))

    if block:
        await conn.copy_to_table("staged_row", source=content(), columns=COLUMNS)
    return len(block) == ROWS_PER_COPY


def _escaped(value: object) -> str:
    """For COPY's text format; the fields have no tabs or line breaks any more."""
    return str(value).replace("\\", "\\\\")


async def _put_together(conn: Connection) -> None:
    await conn.execute("analyze staged_row")
    await conn.execute(ORDERS)
    await conn.execute(STRANGERS)
    await conn.execute(LINES)
    await conn.execute("create index on staged_line (account, sku); analyze staged_line")
    await conn.execute(CANCELLATIONS)
    await conn.execute(CANCEL)
    await conn.execute(FINGERPRINTS)
    await conn.execute("analyze staged_order; analyze staged_cancellation")
    await conn.execute(KNOWN, ORIGIN)
    await conn.execute(OTHERS, ORIGIN)
    await conn.execute(CANCELS_NO_LINE)
    await conn.execute(
        "update staged_order set is_open = at::date > (select max(at)::date from staged_line) - $1::int",
        OPEN_DAYS,
    )
    # Batches of orders are found by number, their lines and cancellations from there.
    await conn.execute(
        """create index on staged_order (n); create index on staged_line (invoice);
           create index on staged_cancellation (of_line);
           analyze staged_order; analyze staged_line; analyze staged_cancellation"""
    )


async def _tell_left_out(conn: Connection, left_out: LeftOutFile, report: Report, later: timedelta) -> None:
    async with conn.transaction():
        async for row in conn.cursor(LEFT_OUT, later, prefetch=1000):
            line, *fields, reason = row.values()
            report.left_out[reason] += 1
            left_out.write(line, fields, reason, SENTENCES[reason])
