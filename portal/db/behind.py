"""Who is behind a session: the person themselves, or somebody of the supplier's who sees what they see.

A query that finds out who asks ($1 is the person of the session, $2 the session, $3 the portal's time) is made twice
from the same text. It finds nobody when the sign-in that the session began with has ended (`here`). With `OWN` it
speaks of the person themselves, and costs three probes of an index more than if nobody ever looked as somebody else;
only if one of them finds that this session does is it asked again with `LENT`: then its `p` is the person whose pages
are shown, with `seen_*` of whoever sees them in their stead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from portal.db.work import Connection, Pool
from portal.domain.access import IMPERSONATORS, LEVELS, Impersonator

_ROLES = ", ".join(f"'{role}'" for role in IMPERSONATORS)
# An account that forbids it forbids it for those below it, too.
FORBIDDEN = "exists (select 1 from account up where up.number = any(a.path) and up.impersonation = 'off')"
# Whether account `a` may be shown to somebody who sees what `who` p sees: the one that was named, and those below.
SHOWN = f"(p.seen_id is null or (a.path @> array[p.seen_account] and not {FORBIDDEN}))"
# The narrowest of what the accounts that are shown allow: what one of them forbids is not done in any.
LEVEL = f"""(
    select (array['{LEVELS[1]}', '{LEVELS[2]}'])[min(case a.impersonation when '{LEVELS[2]}' then 2 else 1 end)]
    from account a where a.path @> array[p.seen_account] and not {FORBIDDEN})"""

ASKER = f"""
with looking as (
    select i.id, i.account, i.subject_id, i.reason, i.ends_at, me.id as actor_id, me.email, me.name,
        i.ended_at is null and i.ends_at > $3::timestamptz and me.supplier_roles && array[{_ROLES}]
        and exists (select 1 from person s join membership m on m.person_id = s.id
                    where s.id = i.subject_id and s.active and m.account = i.account)
        and not (select {FORBIDDEN} from account a where a.number = i.account) as holds
    from impersonation i join person me on me.id = i.actor_id
    where i.session = $2 and i.left_at is null and i.actor_id = $1
), who as (
    select p.id, p.email, p.name, p.locale, me.session_epoch, p.supplier_roles,
        l.id as seen_id, l.account as seen_account, l.actor_id as seen_by, l.email as seen_email, l.name as seen_name,
        l.reason as seen_reason, l.ends_at as seen_until, over.id as over_id,
        p.mail_problem is not null and l.id is null as is_unreachable
    from person me
    left join looking l on l.holds
    left join looking over on not over.holds
    join person p on p.id = coalesce(l.subject_id, me.id)
    where me.id = $1 and me.active
)"""

# A session without a row began before they were kept, or is none.
JOIN_HERE = "left join login here on here.key = $2"
HERE = """here.id as login_id, here.seen_at as login_seen_at, here.proved_at as login_proved_at,
    here.factors as login_factors"""
BEHIND = f"""p.seen_id, p.seen_account, p.seen_by, p.seen_email, p.seen_name, p.seen_reason, p.seen_until, p.over_id,
    case when p.seen_id is not null then {LEVEL} end as seen_level, p.is_unreachable, {HERE}"""
PROBES = f"""{HERE}, null::text as seen_account, p.mail_problem is not null as is_unreachable,
    (select i.id from impersonation i where i.session = $2 and i.left_at is null and i.actor_id = p.id) as looking_id,
    (select max(t.id) from impersonation t
     where t.subject_id = p.id and t.ended_at is null and t.ends_at > $3::timestamptz) as watching_id"""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Parts of a query about who asks: whose person `p` is (after `from`), which accounts `a` are shown, whose company
    it is."""

    begin: str
    who: str
    where: str
    shown: str
    home: str
    columns: str


OWN = Eyes(
    "",
    f"person p {JOIN_HERE}",
    "where p.id = $1 and p.active and here.ended_at is null",
    "true",
    "null::text",
    PROBES,
)
LENT = Eyes(ASKER, f"who p {JOIN_HERE}", "where here.ended_at is null", SHOWN, "p.seen_account", BEHIND)


@dataclass(frozen=True, slots=True)
class Here:
    """The sign-in that the session began with: when it was last used, as far as that was noted, and when they last
    proved who they are, and with what."""

    id: int
    seen_at: datetime
    proved_at: datetime
    factors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who sees a person's pages right now, as that person is told."""

    id: int
    name: str
    reason: str
    began_at: datetime
    ends_at: datetime


ONLOOKER = """
select t.id, w.name, t.reason, t.began_at, t.ends_at from impersonation t join person w on w.id = t.actor_id
where t.id = $1
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """Who is behind a session. `over` is an impersonation that has ended and that its page has not been told of;
    `whose` are the person and the company whose pages are shown.

    `is_unreachable`: mail to them comes back, and they have to say when it works again.
    """

    impersonator: Impersonator | None = None
    over: int | None = None
    onlooker: Onlooker | None = None
    is_unreachable: bool = False
    whose: tuple[str, str] = ("", "")
    # None: it began before sign-ins were kept.
    here: Here | None = None

    @property
    def id(self) -> int:
        """Of the impersonation; 0 for a person who is themselves."""
        return self.impersonator.id if self.impersonator else 0


async def themselves(conn: Connection | Pool, row: Record) -> Behind:
    """From a row of a query with `OWN`, and the name and company of the person."""
    onlooker = None
    if row["watching_id"] is not None:
        found = await conn.fetchrow(ONLOOKER, row["watching_id"])
        onlooker = Onlooker(*found.values()) if found else None
    whose = (row["name"], row["company"] or "")
    return Behind(onlooker=onlooker, is_unreachable=row["is_unreachable"], whose=whose, here=_here(row))


def behind(row: Record) -> Behind:
    """The same with `LENT`."""
    impersonator = None
    if row["seen_id"] is not None:
        impersonator = Impersonator(
            row["seen_id"],
            row["seen_by"],
            row["seen_email"],
            row["seen_name"],
            row["seen_reason"],
            row["seen_until"],
            row["seen_level"] or LEVELS[0],
        )
    whose = (row["name"], row["company"] or "")
    return Behind(impersonator, row["over_id"], None, row["is_unreachable"], whose, _here(row))


def _here(row: Record) -> Here | None:
    if row["login_id"] is None:
        return None
    return Here(row["login_id"], row["login_seen_at"], row["login_proved_at"], tuple(row["login_factors"]))
