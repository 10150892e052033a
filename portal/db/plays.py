"""Playings of stories: which step comes next, and what the steps so far have made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection
from portal.domain.access import Viewer

LISTED = "id, story, tag, step, known, began_at"


@dataclass(frozen=True, slots=True)
class Play:
    """One playing. `step` is the next one; `known` has numbers by the names that the story gives them."""

    id: int
    story: str
    tag: str
    step: int
    known: Mapping[str, str]
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody of the demo's cast; `company` is empty for the supplier's people."""

    email: str
    name: str
    role: str
    company: str


async def latest(conn: Connection, story: str) -> Play | None:
    """The newest playing of a story."""
    row = await conn.fetchrow(
        f"select {LISTED} from story_play where story = $1 order by id desc limit 1", story
    )
    return Play(*row.values()) if row else None


async def latest_of_each(conn: Connection) -> dict[str, Play]:
    """The newest playing of every story that was played."""
    rows = await conn.fetch(
        f"select distinct on (story) {LISTED} from story_play order by story asc, id desc"
    )
    return {row["story"]: Play(*row.values()) for row in rows}


async def begin(conn: Connection, story: str, after: int, now: datetime) -> bool:
    """A new playing, unless `after` is not the newest one any more. Its tag sets its codes apart from all others."""
    await conn.execute("select pg_advisory_xact_lock(hashtext('story play'))")
    row = await conn.fetchrow(
        """insert into story_play (story, tag, began_at)
           select $1, 'P' || coalesce(max(id), 0) + 1, $3 from story_play
           having coalesce(max(id) filter (where story = $1), 0) = $2
           returning id""",
        story,
        after,
        now,
    )
    return row is not None


async def take(conn: Connection, play: int, step: int) -> Play | None:
    """Take the step; None when somebody else has taken it. The playing is locked until commit."""
    row = await conn.fetchrow(
        f"update story_play set step = step + 1 where id = $1 and step = $2 returning {LISTED}", play, step
    )
    return Play(*row.values()) if row else None


async def remember(conn: Connection, play: int, known: Mapping[str, str]) -> None:
    """Keep what the steps have made."""
    await conn.execute("update story_play set known = $2 where id = $1", play, dict(known))


async def faces(conn: Connection, cast: Sequence[Mapping[str, Any]]) -> list[Face]:
    """Of these people, as `email`, `role` and `account`, those who can sign in."""
    rows = await conn.fetch(
        """select p.email, p.name, c.role, coalesce(a.name, '') as company
           from unnest($1::text[], $2::text[], $3::text[]) with ordinality as c(email, role, account, place)
           join person p on lower(p.email) = lower(c.email) and p.active
           left join account a on a.number = c.account order by c.place""",
        *([one[key] for one in cast] for key in ("email", "role", "account")),
    )
    return [Face(*row.values()) for row in rows]


async def seen(conn: Connection, viewer: Viewer, numbers: Sequence[str]) -> list[tuple[str, str]]:
    """Of these orders, in their order, those within the viewer's scope: (number, name of the company)."""
    rows = await conn.fetch(
        """select o.number, a.number as account, a.name
           from unnest($1::text[]) with ordinality as w(number, place)
           join orders o on o.number = w.number join account a on a.number = o.account order by w.place""",
        numbers,
    )
    return [(row["number"], row["name"]) for row in rows if viewer.sees(row["account"])]
