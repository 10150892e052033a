"""What a person wants to hear of, how and when: kept where it differs from what their roles make of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection
from portal.domain.notifying import Choice


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is written to. `time_zone` is None where the supplier is."""

    id: int
    email: str
    name: str
    locale: str
    time_zone: str | None
    digest_hour: int
    mail_problem: str | None
    mail_problem_at: datetime | None
    roles: Sequence[str]


ADDRESSEE = """
select p.id, p.email, p.name, p.locale, p.time_zone, p.digest_hour, p.mail_problem, p.mail_problem_at,
    array(select distinct unnest(m.roles) from membership m where m.person_id = p.id order by 1) as roles
from person p where p.id = $1
"""


async def addressee(conn: Connection, person_id: int) -> Addressee | None:
    row = await conn.fetchrow(ADDRESSEE, person_id)
    return Addressee(*row.values()) if row else None


async def chosen(conn: Connection, person_id: int) -> dict[str, Choice]:
    """By kind; what is not there is as their roles make it."""
    rows = await conn.fetch(
        "select kind, how, whose from notification_choice where person_id = $1", person_id
    )
    return {row["kind"]: Choice(row["how"], row["whose"]) for row in rows}


KEEP = """
insert into notification_choice (person_id, kind, how, whose, changed_at)
select $1, k.kind, k.how, k.whose, $5 from unnest($2::text[], $3::text[], $4::text[]) as k(kind, how, whose)
on conflict (person_id, kind) do update set (how, whose, changed_at)
    = (excluded.how, excluded.whose, excluded.changed_at)
where (notification_choice.how, notification_choice.whose) <> (excluded.how, excluded.whose)
"""


async def keep(conn: Connection, person_id: int, choices: Mapping[str, Choice], now: datetime) -> None:
    hows, whoses = [one.how for one in choices.values()], [one.whose for one in choices.values()]
    await conn.execute(KEEP, person_id, list(choices), hows, whoses, now)


async def forget(conn: Connection, person_id: int, kinds: Collection[str] | None = None) -> None:
    """From now on as their roles make it; all kinds when none is named."""
    await conn.execute(
        "delete from notification_choice where person_id = $1 and ($2::text[] is null or kind = any($2))",
        person_id,
        None if kinds is None else list(kinds),
    )


async def set_reading(
    conn: Connection, person_id: int, locale: str, time_zone: str | None, digest_hour: int
) -> None:
    """In which language they read, and when their morning is."""
    await conn.execute(
        "update person set locale = $2, time_zone = $3, digest_hour = $4 where id = $1",
        person_id,
        locale,
        time_zone,
        digest_hour,
    )
