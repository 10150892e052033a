"""Everybody who could be asked about an order: what is left of their authority, and who stands in for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from portal.db import policies
from portal.db.work import Connection, Work
from portal.domain.approvals import Away, Limit
from portal.domain.asking import Crowd, Member
from portal.domain.chains import may_approve_own, timing
from portal.domain.delegations import deputies
from portal.domain.periods import period_of
from portal.domain.requests import Request


async def crowd_for(work: Work, path: Sequence[str], request: Request) -> Crowd:
    """The same for a request that stands: what it approves does not count against itself."""
    found = await policies.of_path(work.conn, path)
    working = timing(found).working
    excluded = None if may_approve_own(found) else request.requester_id
    return await crowd_of(
        work.conn, path, request.total, request.currency, working.today(work.now), working.time_zone, excluded,
        request.id,
    )  # fmt: skip


async def crowd_of(
    conn: Connection,
    path: Sequence[str],
    total: Decimal,
    currency: str,
    today: date,
    zone: str,
    excluded: int | None,
    but: int | None = None,
) -> Crowd:
    """Everybody who could be asked, with what is left of their authority and who stands in for them. `but` is the
    request that is looked at: it uses up nobody's authority against itself."""
    members = await policies.members(conn, path)
    used = await _used(conn, members, today, zone, but)
    members = [
        replace(member, limits=tuple(_with_used(limit, member.person_id, used) for limit in member.limits))
        for member in members
    ]
    away = await _away(conn, path, members, total, currency, today)
    return Crowd(tuple(reversed(path)), members, excluded, away)


Used = Mapping[tuple[str, str], Mapping[int, Decimal]]


async def _used(conn: Connection, members: Sequence[Member], today: date, zone: str, but: int | None) -> Used:
    wanted: dict[tuple[str, str], set[int]] = {}
    for member in members:
        for limit in member.limits:
            if limit.period is not None:
                wanted.setdefault((limit.currency, limit.period), set()).add(member.person_id)
    return {
        (currency, period): await policies.approved(
            conn, people, currency, period_of(period, today)[0], zone, but
        )
        for (currency, period), people in wanted.items()
    }


def _with_used(limit: Limit, person_id: int, used: Used) -> Limit:
    if limit.period is None:
        return limit
    return replace(limit, used=used[limit.currency, limit.period].get(person_id, Decimal(0)))


async def _away(
    conn: Connection,
    path: Sequence[str],
    members: Sequence[Member],
    total: Decimal,
    currency: str,
    today: date,
) -> dict[int, Away]:
    """Who stands in first for each of these people, on an order of this amount."""
    delegations = await policies.delegations(conn, path, today)
    first: dict[int, tuple[int, date]] = {}
    for person in {member.person_id for member in members} if delegations else ():
        for deputy, until in deputies(delegations, person, path, total, currency).items():
            first.setdefault(person, (deputy, until))
    names = await policies.names(conn, {deputy for deputy, _ in first.values()}) if first else {}
    return {person: Away(deputy, *names[deputy], until) for person, (deputy, until) in first.items()}
