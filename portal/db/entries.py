"""Keys in mails that let somebody in: invitations, and ways back for who forgot their password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from portal.db.work import Connection

Kind = Literal["invitation", "reset"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A person as far as letting them in goes. `can_enter`: they have some way of signing in."""

    person_id: int
    email: str
    name: str
    locale: str
    active: bool
    can_enter: bool
    is_staff: bool


STANDING = """
select p.id, p.email, p.name, p.locale, p.active,
    p.password_hash is not null or exists (select from passkey k where k.person_id = p.id)
        or exists (select from external_identity x where x.person_id = p.id) as can_enter,
    cardinality(p.supplier_roles) > 0 as is_staff
from person p
"""


async def standing(conn: Connection, email: str) -> Standing | None:
    row = await conn.fetchrow(f"{STANDING} where lower(p.email) = lower($1)", email)
    return Standing(*row.values()) if row else None


async def standing_of(conn: Connection, person_id: int) -> Standing | None:
    row = await conn.fetchrow(f"{STANDING} where p.id = $1", person_id)
    return Standing(*row.values()) if row else None


async def id_of(conn: Connection, email: str) -> int:
    found: int = await conn.fetchval("select id from person where lower(email) = lower($1)", email)
    return found


async def email_of(conn: Connection, person_id: int) -> str:
    found: str = await conn.fetchval("select email from person where id = $1", person_id)
    return found


async def accounts(conn: Connection, person_id: int) -> list[str]:
    """Whose people they are one of."""
    rows = await conn.fetch("select account from membership where person_id = $1 order by account", person_id)
    return [row["account"] for row in rows]


async def replace(conn: Connection, person_id: int, mail_kind: str) -> None:
    """An earlier invitation opens no more, and one whose mail still waits is not written.

    The person is locked: a mail that is being written right now comes before this, or sees it (`keep`).
    """
    await conn.execute("select from person where id = $1 for update", person_id)
    await conn.execute(
        "delete from entry_link where person_id = $1 and kind = 'invitation' and used_at is null", person_id
    )
    await conn.execute(
        """update mail set state = 'dropped', problem = 'a later one replaces it'
           where person_id = $1 and kind = $2 and state = 'waiting'""",
        person_id,
        mail_kind,
    )


async def asked_lately(conn: Connection, person_id: int, mail_kind: str, since: datetime) -> int:
    """How many mails of the kind were asked for since."""
    found: int = await conn.fetchval(
        "select count(*) from mail where person_id = $1 and kind = $2 and due_at >= $3",
        person_id,
        mail_kind,
        since,
    )
    return found


@dataclass(frozen=True, slots=True)
class Link:
    """A key as it stands, and whom it lets in."""

    sha256: bytes
    kind: Kind
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    person_id: int
    email: str
    name: str
    locale: str
    active: bool


async def keep(
    conn: Connection,
    sha256: bytes,
    person_id: int,
    kind: Kind,
    *,
    mail_id: int,
    made_at: datetime,
    expires_at: datetime,
) -> bool:
    """Whether the key of this mail is good: of invitations only the last one's is. Sent again, it is the same key."""
    await conn.execute("select from person where id = $1 for share", person_id)
    found = await conn.fetchval(
        """insert into entry_link (sha256, person_id, kind, made_by, made_at, expires_at)
           select $1, m.person_id, $3, maker.id, $5, $6
           from mail m left join person maker on maker.email = m.data ->> 'by_email'
           where m.id = $4 and m.person_id = $2 and ($3 <> 'invitation' or not exists (
               select from mail later where later.person_id = $2 and later.kind = m.kind and later.id > m.id))
           on conflict (sha256) do update set expires_at = excluded.expires_at
           returning 1""",
        sha256,
        person_id,
        kind,
        mail_id,
        made_at,
        expires_at,
    )
    return found is not None


async def find(conn: Connection, sha256: bytes) -> Link | None:
    row = await conn.fetchrow(
        """select l.sha256, l.kind, l.made_at, l.expires_at, l.used_at, p.id, p.email, p.name, p.locale, p.active
           from entry_link l join person p on p.id = l.person_id where l.sha256 = $1""",
        sha256,
    )
    return Link(*row.values()) if row else None


async def use(conn: Connection, sha256: bytes, now: datetime) -> bool:
    """Whether this is its one use, in time. Whatever else was sent to the same person opens no more."""
    found = await conn.fetchval(
        """update entry_link set used_at = $2 where sha256 = $1 and used_at is null and expires_at > $2
           returning person_id""",
        sha256,
        now,
    )
    if found is not None:
        await conn.execute("delete from entry_link where person_id = $1 and used_at is null", found)
    return found is not None


async def forget(conn: Connection, before: datetime) -> None:
    await conn.execute("delete from entry_link where expires_at < $1", before)


async def belongs_to_another_company(conn: Connection, person_id: int, account: str) -> bool:
    """Whether they have a place outside of the tree that the account stands in."""
    return bool(
        await conn.fetchval(
            """select exists (
                   select from membership m join account a on a.number = m.account join account t on t.number = $2
                   where m.person_id = $1 and a.path[1] <> t.path[1])""",
            person_id,
            account,
        )
    )
