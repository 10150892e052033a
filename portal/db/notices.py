"""Which events people are still to be told, whom they concern, and what is gathered for them until it is mailed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection
from portal.domain.notifying import AT_ONCE, Choice, default


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as far as it decides whom it is told. `data` is empty where nobody is ever mailed about it."""

    id: int
    type: str
    at: datetime
    actor: str
    account: str
    order_id: int | None
    # Whose order it is; None where a system placed it for nobody in particular.
    person_id: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may hear of an account, with all roles they hold for it."""

    person_id: int
    email: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for an approval, and who is mailed about it because they decide."""

    requester_id: int | None
    deciders: frozenset[int]


@dataclass(frozen=True, slots=True)
class Waking:
    """Where somebody wakes up, as far as they or their account's address said it, and when they want to read."""

    time_zone: str | None
    country: str | None
    hour: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event for a person, and the mail that it goes into: `news` of an order, or a `digest`."""

    person_id: int
    event_id: int
    account: str
    order_id: int | None
    kind: str
    mail_kind: str
    mail_key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail is to tell: the event, and what kind of news it is to its reader."""

    kind: str
    order: str | None
    type: str
    at: datetime
    actor: str
    version: int | None
    data: Mapping[str, Any]


async def hold_position(conn: Connection) -> int | None:
    """The event up to which people were told, for the caller alone; None while somebody else gathers."""
    found: int | None = await conn.fetchval(
        "select event_id from told_position where id = 1 for update skip locked"
    )
    return found


async def move_position(conn: Connection, event_id: int) -> None:
    await conn.execute("update told_position set event_id = $1 where id = 1", event_id)


async def skip_to_the_end(conn: Connection) -> None:
    """What happened so far is told to nobody: a portal that begins with a history does not mail it."""
    await conn.execute(
        """update told_position set event_id = coalesce((
               select id from event order by txid desc, id desc limit 1), 0) where id = 1"""
    )


# The order of `events.of_all`, in which no event can appear late. Of a moved promise one line that had a date is enough
# to tell it from a first one.
AFTER = """
select e.id, e.type, e.at, e.actor, e.account, e.order_id, o.person_id, case when e.type = any($3::text[]) then
    jsonb_build_object('cause', e.data -> 'cause', 'carrier_state', e.data -> 'carrier_state',
        'approval', e.data -> 'approval', 'lines', case when e.type = 'promise.changed' then
            to_jsonb(array_remove(array[
                jsonb_path_query_first(e.data, '$.lines[*] ? (@.old.arrives_on != null)')], null)) end)
    else '{}' end as data
from event e left join orders o on o.id = e.order_id
where (e.txid, e.id) > (coalesce((select b.txid from event b where b.id = $1), '0'::xid8), $1::bigint)
    and e.txid < (select feed_horizon())
order by e.txid, e.id limit $2
"""


async def after(conn: Connection, event_id: int, types: Collection[str], limit: int) -> list[Happened]:
    """What happened after an event; of these types with what decides who hears of it."""
    rows = await conn.fetch(AFTER, event_id, limit, list(types))
    return [Happened(*row.values()) for row in rows]


# People of the supplier see every account, but are mailed about none. Who gets no mail is not gathered for.
MEMBERS = """
select a.number, p.id, p.email, array_agg(distinct r.role) as roles
from account a
join membership m on m.account = any(a.path)
join person p on p.id = m.person_id and p.active and p.supplier_roles = '{}' and p.mail_problem is null
cross join lateral unnest(m.roles) as r(role)
where a.number = any($1::text[])
group by a.number, p.id, p.email order by a.number, p.id
"""


async def members(conn: Connection, accounts: Collection[str]) -> dict[str, list[Member]]:
    """By account: who sees its orders, because they belong to it or to an account above it."""
    found: dict[str, list[Member]] = {}
    for number, person_id, email, roles in await conn.fetch(MEMBERS, list(accounts)):
        found.setdefault(number, []).append(Member(person_id, email, tuple(roles)))
    return found


async def choices(conn: Connection, people: Collection[int]) -> dict[tuple[int, str], Choice]:
    """What these people chose, by person and kind; what is not there, their roles decide."""
    rows = await conn.fetch(
        "select person_id, kind, how, whose from notification_choice where person_id = any($1::bigint[])",
        list(people),
    )
    return {(row["person_id"], row["kind"]): Choice(row["how"], row["whose"]) for row in rows}


async def choice(conn: Connection, person_id: int, account: str | None, kind: str) -> Choice:
    """How one person hears of a kind. Who decides for an account without belonging to it hears of it at once."""
    chosen = (await choices(conn, [person_id])).get((person_id, kind))
    if chosen is not None:
        return chosen
    known = await members(conn, [account] if account else [])
    roles = [one.roles for one in known.get(account or "", ()) if one.person_id == person_id]
    return default(kind, roles[0]) if roles else Choice(AT_ONCE)


async def asked(conn: Connection, requests: Collection[str]) -> dict[str, Asked]:
    """By number: whom mails about a request go to anyway."""
    rows = await conn.fetch(
        """select r.number, r.requester_id, array_agg(s.person_id) as deciders
           from approval_request r join approval_seat s on s.request_id = r.id
           where r.number = any($1::text[]) group by r.id""",
        list(requests),
    )
    return {row["number"]: Asked(row["requester_id"], frozenset(row["deciders"])) for row in rows}


WAKING = """
select p.id, p.time_zone, (
    select t.country from membership m join ship_to t on t.account = m.account
    where m.person_id = p.id and t.active order by m.account, t.code limit 1) as country, p.digest_hour
from person p where p.id = any($1::bigint[])
"""


async def waking(conn: Connection, people: Collection[int]) -> dict[int, Waking]:
    rows = await conn.fetch(WAKING, list(people))
    return {row["id"]: Waking(row["time_zone"], row["country"], row["digest_hour"]) for row in rows}


# What waits already is joined until somebody claims it. Rows are locked in one order, as everywhere.
LEAVE = """
with leaf as (
    select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[]) with ordinality
        as l(person_id, event_id, account, order_id, kind, mail_kind, mail_key, due_at, place)
), envelope as (
    select distinct on (person_id, mail_kind, mailed_order) person_id, mail_kind, mailed_order, mail_key, due_at,
        case when mail_kind = 'news' then account end as account
    from (select *, case when mail_kind = 'news' then order_id end as mailed_order from leaf) l
    order by person_id, mail_kind, mailed_order, place
), kept as (
    insert into mail (key, kind, person_id, account, order_id, due_at)
    select mail_key, mail_kind, person_id, account, mailed_order, due_at from envelope
    order by person_id, mail_kind, mailed_order
    on conflict (person_id, kind, (coalesce(order_id, 0)))
        where state = 'waiting' and attempts = 0 and kind in ('news', 'digest')
        do update set due_at = least(mail.due_at, excluded.due_at)
    returning id, person_id, kind, order_id
)
insert into notice (person_id, event_id, account, order_id, kind, mail_id)
select l.person_id, l.event_id, l.account, l.order_id, l.kind, k.id
from leaf l join kept k on k.person_id = l.person_id and k.kind = l.mail_kind
    and k.order_id is not distinct from case when l.mail_kind = 'news' then l.order_id end
order by l.place
on conflict (person_id, event_id) do update set mail_id = excluded.mail_id, kind = excluded.kind
"""


async def leave(conn: Connection, leaves: Sequence[Leaf]) -> None:
    """Put each event into the mail it belongs to; a mail that does not wait yet begins to."""
    if leaves:
        columns = zip(
            *(
                (
                    leaf.person_id, leaf.event_id, leaf.account, leaf.order_id, leaf.kind, leaf.mail_kind,
                    leaf.mail_key, leaf.due_at,
                )
                for leaf in leaves
            ),
            strict=True,
        )  # fmt: skip
        await conn.execute(LEAVE, *map(list, columns))


OF_MAIL = """
select n.kind, o.number as order, e.type, e.at, e.actor, e.version, e.data
from notice n join event e on e.id = n.event_id left join orders o on o.id = n.order_id
where n.mail_id = $1 order by e.id
"""


async def of_mail(conn: Connection, mail_id: int) -> list[Notice]:
    """What a mail tells, in the order in which it happened."""
    return [Notice(*row.values()) for row in await conn.fetch(OF_MAIL, mail_id)]


async def last_of_request(conn: Connection, order_id: int) -> int | None:
    """The newest event about an order's approval."""
    found: int | None = await conn.fetchval(
        """select max(id) from event where order_id = $1 and type in ('order.approval_requested',
               'order.approval_asked', 'order.approval_answered', 'order.approval_given', 'order.approved',
               'order.rejected', 'order.change_rejected')""",
        order_id,
    )
    return found
