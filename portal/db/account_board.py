"""Which accounts have a problem now: every kind counted for every account in one query, paged by key."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from portal.db import problems
from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.problems import AccountBoard, AccountRow

# Mine before the others', the most troubled first.
PLACE = "row((c.manager_id is distinct from $3)::int, -c.of, c.number)"
BOARD = f"""
with found (kind, account, id) as materialized ({problems.all_of_them("$1::date", "$2::timestamptz")}
), counted as (
    select account, kind, count(distinct id)::int as n from found group by account, kind
), summed as (
    select account, jsonb_object_agg(kind, n) as problems, sum(n)::int as of from counted group by account
), asked as materialized (
    select a.number, a.name, a.parent, a.manager_id, a.impersonation,
        coalesce(s.problems, '{{}}') as problems, coalesce(s.of, 0) as of
    from account a left join summed s on s.account = a.number
    where case $4::text when 'mine' then a.manager_id = $3 when 'nobodys' then a.manager_id is null else true end
        and ($5::text is null or upper(a.number) like $5 or upper(a.name) like $5
            or upper(a.name) like '% ' || $5)
), page as (
    select c.* from asked c
    where ($6::text is null and ($7 or c.of > 0) or c.problems ? $6)
        and ($8::int is null or {PLACE} > row($8::int, $9::int, $10::text))
    order by (c.manager_id is distinct from $3)::int, -c.of, c.number limit $11
)
select json_build_object(
    'totals', (select json_build_object('accounts', count(*), 'troubled', count(*) filter (where a.of > 0),
        'kinds', coalesce((select json_object_agg(k.kind, k.n) from (
            select c.kind, sum(c.n)::int as n from counted c join asked b on b.number = c.account
            group by c.kind) k), '{{}}')) from asked a),
    'rows', (select coalesce(json_agg(json_build_object('number', c.number, 'name', c.name, 'parent', c.parent,
        'manager_id', c.manager_id, 'manager', m.name, 'problems', c.problems, 'of', c.of,
        'open_orders', (select count(*) from order_status o where o.account = c.number and o.state = 'open'),
        'tasks', (select count(*) from task t where t.account = c.number and t.state = 'open'),
        'shows', c.impersonation <> 'off' and exists (select from membership x where x.account = c.number))
        order by (c.manager_id is distinct from $3)::int, -c.of, c.number), '[]')
        from page c left join person m on m.id = c.manager_id)
)::text
"""
_decoder = msgspec.json.Decoder(AccountBoard)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts. `whose` is mine, nobodys or empty for everybody's; `problem` a kind; `all`: also those without
    any. `after` is the place of the last one of the page before."""

    whose: str = ""
    problem: str = ""
    q: str = ""
    all: bool = False
    after: tuple[int, int, str] | None = None


async def board(
    conn: Connection, me: int | None, wanted: Wanted, today: date, lately: datetime, limit: int
) -> tuple[AccountBoard, tuple[int, int, str] | None]:
    """The board, and where its next page begins. Totals are over whose accounts and what was searched."""
    not_mine, of, number = wanted.after or (None, None, None)
    text = await conn.fetchval(
        BOARD, today, lately, me, wanted.whose, beginning(wanted.q) if wanted.q else None, wanted.problem or None,
        wanted.all, not_mine, of, number, limit + 1,
    )  # fmt: skip
    found = _decoder.decode(text)
    if len(found.rows) <= limit:
        return found, None
    page = AccountBoard(found.totals, found.rows[:limit])
    return page, _place(page.rows[-1], me)


def _place(row: AccountRow, me: int | None) -> tuple[int, int, str]:
    return int(row.manager_id != me), -row.of, row.number


async def manages_any(conn: Connection, person_id: int | None) -> bool:
    """Whether somebody looks after accounts: then theirs come first."""
    return bool(await conn.fetchval("select exists (select from account where manager_id = $1)", person_id))
