"""Requests for approval as they are read: whole, as a list, and counted."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import msgspec

from portal.clock import utc_now
from portal.db import policies
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.delegations import Delegation, deputies
from portal.domain.requests import Counts, Deputy, Inbox, InboxRow, Request, SeatRead, StepRead

# The time zone in which days are counted for an account: that of the nearest policy's working time.
ZONE = """coalesce((select p.working_time ->> 'time_zone' from approval_policy p where p.account = any(a.path)
    order by array_position(a.path, p.account) desc limit 1), 'UTC')"""

SEATS = """
select json_agg(json_build_object('id', s.id, 'position', s.position, 'person_id', s.person_id, 'email', p.email,
    'name', p.name, 'account', s.account, 'why', s.why, 'state', s.state, 'decided_by', d.name,
    'decided_by_email', d.email, 'decided_at', s.decided_at, 'comment', s.comment, 'condition', s.condition)
    order by s.id)
from approval_seat s join person p on p.id = s.person_id
left join person d on d.id = coalesce(s.decided_by, s.person_id) and s.state = 'approved'
where s.request_id = r.id and s.position = t.position
"""
STEPS = f"""
select json_agg(json_build_object('position', t.position, 'need', t.need, 'rule_need', t.rule_need, 'also', t.also,
    'said', t.said, 'rules', t.rules, 'state', t.state, 'opened_at', t.opened_at, 'seats', coalesce(({SEATS}), '[]'))
    order by t.position)
from approval_step t where t.request_id = r.id
"""
DECISIONS = """
select json_agg(json_build_object('what', d.what, 'person_id', d.person_id, 'name', p.name, 'email', p.email,
    'for_name', f.name, 'comment', d.comment, 'lines', d.lines, 'condition', d.condition, 'through', d.through,
    'version', d.version, 'at', d.at) order by d.id)
from approval_decision d left join person p on p.id = d.person_id left join person f on f.id = d.for_person_id
where d.request_id = r.id
"""
REQUEST = f"""
select json_build_object('id', r.id, 'number', r.number, 'order', o.number, 'order_id', r.order_id,
    'account', r.account, 'kind', r.kind, 'state', r.state, 'version', r.version, 'requester_id', r.requester_id,
    'requester', r.requester, 'requester_email', q.email, 'total', r.total::text, 'currency', r.currency,
    'reasons', r.reasons, 'wanted', r.wanted, 'note', r.note, 'step', r.step, 'asked_at', r.asked_at,
    'expires_at', r.expires_at, 'settled_at', r.settled_at, 'steps', coalesce(({STEPS}), '[]'),
    'decisions', coalesce(({DECISIONS}), '[]'))::text as document, a.path, {ZONE} as zone
from approval_request r join orders o on o.id = r.order_id join account a on a.number = r.account
left join person q on q.id = r.requester_id
where ($1::text[] is null or r.account = any($1))
"""
_request = msgspec.json.Decoder(Request)


async def request(
    conn: Connection, viewer: Viewer, number: str, person_id: int | None = None, now: datetime | None = None
) -> Request | None:
    """A request within the viewer's scope; `mine` says what the person (the viewer, when left out) can decide on."""
    row = await conn.fetchrow(f"{REQUEST} and r.number = $2", viewer.accounts, number)
    return await _with_deputies(conn, row, person_id or viewer.person_id, now) if row else None


async def of_order(
    conn: Connection, viewer: Viewer, order: str, person_id: int | None = None, now: datetime | None = None
) -> list[Request]:
    """Every request of an order, the newest first."""
    rows = await conn.fetch(
        f"{REQUEST} and r.order_id = (select id from orders where number = $2) order by r.id desc",
        viewer.accounts,
        order,
    )
    person = person_id or viewer.person_id
    return [await _with_deputies(conn, row, person, now) for row in rows]


async def _with_deputies(conn: Connection, row: Any, person: int | None, now: datetime | None) -> Request:
    found = _request.decode(row["document"])
    if not found.is_open:
        return found
    day: date = policies.day_in(row["zone"], now or utc_now())
    standing = await policies.delegations(conn, row["path"], day)
    names = await policies.names(conn, {d.to_person for d in standing}) if standing else {}
    steps = [
        replace(step, seats=[_seat(seat, found, standing, row["path"], names) for seat in step.seats])
        for step in found.steps
    ]
    found = replace(found, steps=steps)
    return replace(found, mine=tuple(seats_of(found, person))) if person is not None else found


def _seat(
    seat: SeatRead,
    found: Request,
    standing: list[Delegation],
    path: list[str],
    names: dict[int, tuple[str, str]],
) -> SeatRead:
    stand_in = deputies(standing, seat.person_id, path, found.total, found.currency)
    # Whoever asks never decides, on whosever seat.
    return replace(
        seat,
        deputies=tuple(
            Deputy(person, *names[person], until)
            for person, until in stand_in.items()
            if person != found.requester_id
        ),
    )


def seats_of(found: Request, person: int) -> list[int]:
    """The seats of the step that is asked on which the person can decide: their own, and those they stand in for."""
    step = found.current
    if step is None or not found.is_open:
        return []
    return [seat.id for seat in step.seats if seat.state == "open" and sits(seat, person)]


def sits(seat: SeatRead, person: int) -> bool:
    """Whether the person can decide on the seat."""
    return seat.person_id == person or any(deputy.person_id == person for deputy in seat.deputies)


# For whom a person ($2) decides today ($3): along every way of delegations, with the accounts and the cap of the way.
WAYS = f"""
with recursive in_force as (
    select d.* from delegation d join account a on a.number = d.account
    where d.ended_at is null and ($3::timestamptz at time zone {ZONE})::date between d.from_on and d.to_on
), way (principal, accounts, cap, currency, met) as (
    select from_person_id, array[account], cap, cap_currency, array[to_person_id, from_person_id]
    from in_force where to_person_id = $2
    union all
    select d.from_person_id, w.accounts || d.account, least(w.cap, d.cap), coalesce(w.currency, d.cap_currency),
        w.met || d.from_person_id
    from way w join in_force d on d.to_person_id = w.principal
    where d.from_person_id <> all(w.met) and coalesce(w.currency = d.cap_currency, true)
)
"""
# Whether the person can decide on request r of account a now.
MINE = """(r.state in ('pending', 'asked') and exists (
    select from approval_seat s where s.request_id = r.id and s.position = r.step and s.state = 'open'
        and (s.person_id = $2 or (r.requester_id is distinct from $2 and exists (
            select from way w where w.principal = s.person_id and a.path @> w.accounts
                and (w.cap is null or (w.currency = r.currency and r.total <= w.cap)))))))"""
DECIDED = """exists (select from approval_decision d where d.request_id = r.id and d.person_id = $2
    and d.what in ('approve', 'reject', 'reject_lines', 'ask'))"""
SITS = "exists (select from approval_seat s where s.request_id = r.id and s.person_id = $2)"
OPEN = "r.state in ('pending', 'asked')"
VIEWS = {
    "mine": "mine",
    "others": f"{OPEN} and not mine",
    "decided": "decided",
    "requested": "requested",
    "all": "true",
    "open": OPEN,
    # What waits for the person now, and whatever is settled in which they had a seat.
    "approver": f"(mine or (not {OPEN} and sits))",
}
FOUND = f"""{WAYS}, found as (
    select r.*, q.email as requester_email, o.number as order_number, o.purchase_order_number, a.name as account_name,
        {MINE} as mine, {DECIDED} as decided,
        r.requester_id is not distinct from $2::bigint and $2::bigint is not null as requested,
        {SITS} as sits
    from approval_request r join orders o on o.id = r.order_id join account a on a.number = r.account
    left join person q on q.id = r.requester_id
    where ($1::text[] is null or r.account = any($1))
"""
INBOX = f"""{FOUND}
        and ($4::text is null or r.state = $4) and ($5::text is null or r.account = $5)
        and ($6::bigint is null or r.id < $6)
        and ($7::text is null or r.number ilike $7 or o.number ilike $7 or o.purchase_order_number ilike $7
            or r.requester ilike $7 or a.name ilike $7)
)
select r.id, r.number, r.order_number, r.account, r.account_name, r.purchase_order_number, r.kind, r.state, r.version,
    r.requester_id, r.requester, r.requester_email, r.total, r.currency, r.reasons::text as reasons,
    (select count(*) from order_line l where l.order_id = r.order_id)::int as lines, r.step,
    (select count(*) from approval_step t where t.request_id = r.id)::int as steps, r.asked_at, r.expires_at,
    r.settled_at, r.mine, r.decided, r.requested,
    array(select p.name from approval_seat s join person p on p.id = s.person_id
          where s.request_id = r.id and s.position = r.step and s.state = 'open' and {OPEN}
          order by s.id) as waiting_for
from found r where {{view}} order by r.id desc limit $8
"""


async def inbox(
    conn: Connection,
    viewer: Viewer,
    person_id: int | None,
    *,
    view: str = "all",
    state: str | None = None,
    account: str | None = None,
    q: str | None = None,
    before: int | None = None,
    limit: int = 50,
    now: datetime | None = None,
) -> Inbox:
    """Requests within the viewer's scope, newest first. `view` is mine (can be decided by the person now), others (are
    open, and wait for others), open, decided (the person decided on them), requested (are the person's own),
    approver (wait for the person now, or are settled and they had a seat), all. `q` is found in the numbers of request,
    order and purchase order, and in the names of requester and account."""
    rows = await conn.fetch(
        INBOX.format(view=VIEWS[view]),
        viewer.accounts,
        person_id,
        now or utc_now(),
        state,
        account,
        before,
        f"%{_literally(q)}%" if q else None,
        limit + 1,
    )
    found = [_row(row) for row in rows[:limit]]
    return Inbox(found, found[-1].id if len(rows) > limit else None)


def _literally(q: str) -> str:
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _row(row: Any) -> InboxRow:
    values = dict(row)
    values["order"] = values.pop("order_number")
    values["reasons"] = msgspec.json.decode(values["reasons"])
    return InboxRow(**values)


COUNTS = f"""{FOUND} and {OPEN})
select count(*) filter (where mine), count(*) filter (where not mine),
    count(*) filter (where requested and state = 'asked'),
    count(*) filter (where requested),
    count(*) filter (where mine and expires_at < $3::timestamptz + interval '1 day')
from found
"""


async def counts(conn: Connection, person_id: int, now: datetime | None = None) -> Counts:
    """What waits for a person, for the page's frame and for Today."""
    accounts: list[str] = await conn.fetchval(
        """select array(select a.number from account a
               where exists (select from membership m where m.person_id = $1 and a.path @> array[m.account]))""",
        person_id,
    )
    row = await conn.fetchrow(COUNTS, accounts, person_id, now or utc_now())
    assert row is not None
    return Counts(*row.values())


__all__ = ["StepRead", "counts", "inbox", "of_order", "request", "seats_of", "sits"]
