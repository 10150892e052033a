"""What arrives when, over all orders of some accounts: one statement per page, whose cost follows what is under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from portal.db.work import Connection
from portal.domain.arrivals import KINDS, PARTS, Arrival, Listed, Place, Site

FOREVER = date.max
# A menu of sites is not read further than this; the search finds the others by their names.
SITES_LISTED = 200
# The most rows of a file for a spreadsheet.
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose arrivals, until when, and which of them. `q`: a number, the beginning of one, or a name."""

    accounts: tuple[str, ...]
    today: date
    until: date = FOREVER
    site: str | None = None
    q: str | None = None
    kinds: tuple[str, ...] | None = None

    @property
    def values(self) -> tuple[object, ...]:
        """What ENTRIES asks for, in its order."""
        typed = "".join(letter for letter in self.q or "" if letter.isprintable()).strip().upper()
        pattern = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return (
            list(self.accounts),
            self.today,
            self.until,
            self.site,
            f"{pattern}%" if typed else None,
            f"%{pattern}%" if typed else None,
            [KINDS.index(kind) for kind in self.kinds] if self.kinds is not None else None,
        )


# Each part of a line that is still to come, as the order's own page tells it: what a hold stops has no day, and what
# ships complete has one for the whole order. `offset 0` keeps each step a walk along an index of the orders found
# before, whatever the planner thinks of how many there may be: these statements run with one plan for all accounts.
ENTRIES = """
with stopped as materialized (
    select h.order_id, array_agg(l.id) as lines, array_agg(distinct h.reason) as reasons from hold h
    cross join lateral (
        select id from order_line
        where order_id = h.order_id and (h.lines is null or line = any(h.lines)) offset 0) l
    where h.released_at is null and h.account = any($1) group by h.order_id
), asked as materialized (
    select s.* from unnest($1::text[]) as mine(account) cross join lateral (
        select order_id, account, lines, complete_arrives_on from order_status
        where account = mine.account and next_arrival <= $3 and state in ('open', 'closed') offset 0) s
    union
    select s.* from unnest($1::text[]) as mine(account) cross join lateral (
        select order_id, account, lines, complete_arrives_on from order_status
        where account = mine.account and state in ('open', 'held', 'pending_approval')
            and (undated_lines > 0 or order_id in (select order_id from stopped)) offset 0) s
), entry as materialized (
    select a.account, o.ship_to, a.order_id, a.lines as order_lines, p.line_id, p.quantity, p.location, p.shipment_id,
        p.inbound_line_id, f.day, case when f.is_held then 'held' else p.status end as status,
        case when f.is_held then t.reasons end as holds,
        case when f.day is null then 2 when f.day < $2 or p.shipment_id = any(h.troubled) then 0 else 1 end as part,
        case when f.is_held then 4 when f.day is null then 5 else f.kind end as kind
    from asked a
    left join stopped t on t.order_id = a.order_id
    cross join lateral (
        select number, purchase_order_number, ship_to, delivery_preference = 'complete_only' as is_whole
        from orders where id = a.order_id offset 0) o
    cross join lateral (
        select array_agg(id) as troubled from shipment
        where order_id = a.order_id and state in ('exception', 'returned_to_sender') offset 0) h
    cross join lateral (
        select p.*, p.stage <> 'shipped' and t.lines is not null and p.line_id = any(t.lines) as is_held
        from portion p where p.order_id = a.order_id
            and p.stage in ('waiting', 'allocated', 'picking', 'packed', 'shipped') offset 0) p
    cross join lateral (select p.is_held,
        case when p.is_held then null
             when p.stage <> 'shipped' and o.is_whole then a.complete_arrives_on
             else p.arrives_on end as day,
        case when p.stage = 'shipped' then 0
             when p.stage <> 'waiting' then 1
             when p.because @> '[{"fact": "lead_time"}]' or p.inbound_line_id in (
                select i.id from inbound_line i join inbound n on n.id = i.inbound_id
                where not i.closed and not n.confirmed) then 3
             else 2 end as kind offset 0) f
    where (f.day is null or f.day <= $3)
        and ($4::text is null or o.ship_to = $4)
        and ($7::int[] is null or f.day is null or f.kind = any($7))
        and ($5::text is null or upper(o.number) like $5 or upper(o.purchase_order_number) like $5
            or exists (select from order_line l
                where l.id = p.line_id and (upper(l.sku) like $5 or upper(l.name) like $6) offset 0)
            or exists (select from shipment h where h.id = p.shipment_id and upper(h.number) like $5 offset 0)
            or exists (select from package k
                where k.shipment_id = p.shipment_id and upper(k.tracking_number) like $5 offset 0)
            or exists (select from ship_to t where t.account = a.account and t.code = o.ship_to
                and upper(t.city || ' ' || t.name || ' ' || t.code) like $6 offset 0))
)
"""

KIND = f"(array{list(KINDS)})[e.kind + 1]"
PART = f"(array{list(PARTS)})[e.part + 1]"

# How many lines there are in each part, and how many of each kind: a line with two days is still one line.
BY_KIND = ", ".join(f"'{kind}', count(*) filter (where kinds & {1 << n} > 0)" for n, kind in enumerate(KINDS))


def totals(condition: str = "true") -> str:
    """Of the entries that fulfil the condition."""
    return f"""(select coalesce(json_agg(json_build_object('part', {PART}, 'lines', e.lines, 'kinds', e.kinds)), '[]')
        from (select part, count(*) as lines, json_build_object({BY_KIND}) as kinds
              from (select part, line_id, bit_or(1 << kind) as kinds from entry where {condition}
                    group by part, line_id) e
              group by part) e)"""


# The columns are the fields of `Arrival`.
TOLD = f"""
    e.day, e.account, e.ship_to as site, t.city, t.name as site_name, e.order_id, o.number as order,
    o.purchase_order_number as purchase_order, e.order_lines, e.line_id, l.line, l.sku, l.name, l.unit,
    trim_scale(e.quantity) as quantity, e.status, {KIND} as kind, c.name as location, h.number as shipment,
    h.state as shipment_state, h.carrier, k.tracking_number, k.tracking_url, n.kind as supply_kind,
    n.reference as supply, coalesce(e.holds, '{{}}') as holds"""
AROUND = """
    join orders o on o.id = e.order_id
    join order_line l on l.id = e.line_id
    join ship_to t on t.account = e.account and t.code = e.ship_to
    left join location c on c.code = e.location
    left join shipment h on h.id = e.shipment_id
    left join lateral (
        select tracking_number, tracking_url from package
        where shipment_id = e.shipment_id and tracking_number is not null order by id limit 1) k on true
    left join inbound_line i on i.id = e.inbound_line_id
    left join inbound n on n.id = i.inbound_id"""
IN_ORDER = "coalesce(e.day, date '9999-12-31'), e.account, e.ship_to, e.order_id, e.line_id, e.kind, e.status"


BEHIND = """($13::date is null or (coalesce(e.day, date '9999-12-31'), e.account, e.ship_to, e.order_id, e.line_id)
    > ($13, $14::text, $15::text, $16::bigint, $17::bigint))"""
RANGE = "e.day between $8::date and $9::date"
IN_RANGE = "(part <> 1 or day between $8::date and $9::date)"


def _first(part: str, limit: str, condition: str = "true") -> str:
    """The first entries of a part, in order, behind the place where the page before ended."""
    return f"""select * from entry e where e.part = {PARTS.index(part)} and {condition} and {BEHIND}
        order by {IN_ORDER} limit {limit}::int"""


def _section(entries: str) -> str:
    return f"""(select coalesce(json_agg(x), '[]') from (
        select {TOLD} from ({entries}) e {AROUND} order by {IN_ORDER}) x)"""


LISTED = f"""{ENTRIES}, coming as materialized ({_first("coming", "$11", RANGE)})
select json_build_object(
    'totals', {totals(IN_RANGE)},
    'days', (select coalesce(json_agg(x order by x.day), '[]') from (
        select day, count(distinct line_id) as lines, count(distinct (account, ship_to)) as sites
        from entry where part = 1 and day between (select min(day) from coming) and (select max(day) from coming)
        group by day) x),
    'late', {_section(_first("late", "$10"))},
    'coming', {_section("select * from coming")},
    'undated', {_section(_first("undated", "$12"))}
)::text
"""
EVERYTHING = f"""{ENTRIES}
select {TOLD}
from (
    select * from entry e where part = any($10::int[]) and {IN_RANGE} order by part, {IN_ORDER} limit {MOST_ROWS}) e
{AROUND}
order by e.part, {IN_ORDER}
"""


_listed = msgspec.json.Decoder(Listed)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of each part a page takes."""

    late: int = 0
    coming: int = 0
    undated: int = 0


async def listed(
    conn: Connection, wanted: Wanted, days: tuple[date, date], limits: Limits, after: Place | None = None
) -> Listed:
    """Entries with their day in `days`, and what is late or has none; one more than the limits where there are more."""
    behind = (after.day, after.account, after.site, after.order_id, after.line_id) if after else (None,) * 5
    most = [limit and limit + 1 for limit in (limits.late, limits.coming, limits.undated)]
    return _listed.decode(await conn.fetchval(LISTED, *wanted.values, *days, *most, *behind))


async def everything(
    conn: Connection, wanted: Wanted, days: tuple[date, date], parts: Sequence[str] = PARTS
) -> list[Arrival]:
    """The same without pages, in the parts that are asked for."""
    numbers = [PARTS.index(part) for part in parts]
    return [Arrival(*row.values()) for row in await conn.fetch(EVERYTHING, *wanted.values, *days, numbers)]


async def sites(conn: Connection, accounts: tuple[str, ...]) -> list[Site]:
    """Where the goods of these accounts may be delivered to, by town."""
    rows = await conn.fetch(
        f"""select t.account, a.name, t.code, t.name as site_name, t.city
            from ship_to t join account a on a.number = t.account
            where t.account = any($1) order by t.city, t.account, t.code limit {SITES_LISTED}""",
        list(accounts),
    )
    return [Site(*row.values()) for row in rows]
