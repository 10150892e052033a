"""People: who they are, what they may do for which account, and how their passwords are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.db import entries, mail, providers
from portal.db.work import Work
from portal.domain import mails, money
from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES
from portal.domain.passwords import weaknesses
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, refuse_any
from portal.operations import leaving
from portal.operations.passwords import SAID, hasher


@dataclass(frozen=True, slots=True)
class Limit:
    """How much somebody may decide on; `period` is None for a limit per order."""

    amount: Decimal
    currency: str
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an account as the account's people are told."""

    account: str
    email: str
    name: str
    roles: Sequence[str]
    password: str | None = None
    per_order: Limit | None = None
    per_period: Limit | None = None
    locale: str = "en"


async def put_member(work: Work, member: Member, by: str | None = None) -> bool:
    """Write or replace a person's place in an account; answers whether the person is new there. Somebody who was there
    is told what has changed, and by whom (the supplier's system where nobody is named)."""
    if not await work.conn.fetchval("select 1 from account where number = $1", member.account):
        raise NotFound(f"There is no account {member.account!r}.")
    problems = [
        Problem(f"/roles/{index}", f"unknown role {role!r}")
        for index, role in enumerate(member.roles)
        if role not in BUYER_ROLES
    ]
    if not member.roles:
        problems.append(Problem("/roles", "name at least one role"))
    if member.password is not None:
        weak = weaknesses(member.password, [member.email, member.name, member.account])
        problems += [Problem("/password", SAID[one]) for one in weak]
    refuse_any(problems)
    if await providers.is_anothers(work.conn, member.email, member.account):
        # Whoever belonged to both could not be spoken for by their company any more, and would slip from its rules.
        raise Conflict(
            f"{member.email} comes in by another company's own sign-in: they cannot belong to this one."
        )
    person_id = await _put_person(work, member.email, member.name, member.password, [], member.locale)
    before = await work.conn.fetchval(
        "select roles from membership where person_id = $1 and account = $2", person_id, member.account
    )
    if before is not None and before != list(member.roles):
        await end_sessions(work, person_id)
    await _note(work, member, person_id, by)
    order, period = member.per_order, member.per_period
    await work.conn.execute(
        """insert into membership (person_id, account, roles, limit_per_order, limit_per_order_currency,
               limit_per_period, limit_per_period_currency, limit_period)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (person_id, account) do update set (roles, limit_per_order, limit_per_order_currency,
               limit_per_period, limit_per_period_currency, limit_period)
           = (excluded.roles, excluded.limit_per_order, excluded.limit_per_order_currency,
               excluded.limit_per_period, excluded.limit_per_period_currency, excluded.limit_period)""",
        person_id,
        member.account,
        list(member.roles),
        order.amount if order else None,
        order.currency if order else None,
        period.amount if period else None,
        period.currency if period else None,
        period.period if period else None,
    )
    return before is None


async def _note(work: Work, member: Member, person_id: int, by: str | None) -> None:
    """Who may decide on how much is part of what was agreed on: a change of it is entered in the audit chain."""
    before = await work.conn.fetchrow(
        """select roles, limit_per_order, limit_per_order_currency, limit_per_period, limit_per_period_currency,
               limit_period from membership where person_id = $1 and account = $2""",
        person_id,
        member.account,
    )
    after = {
        "roles": list(member.roles),
        "limit_per_order": _limit(member.per_order),
        "limit_per_period": _limit(member.per_period),
    }
    was = None
    if before is not None:
        order, period = before["limit_per_order"], before["limit_per_period"]
        was = {
            "roles": before["roles"],
            "limit_per_order": _limit(
                Limit(order, before["limit_per_order_currency"]) if order is not None else None
            ),
            "limit_per_period": _limit(
                Limit(period, before["limit_per_period_currency"], before["limit_period"])
                if period is not None
                else None
            ),
        }
    if was != after:
        work.audit(member.account, "member.changed", member.email, {"before": was, "after": after})
    if was is not None and was != after:
        await tell_rights(work, member.account, person_id, after, by=by)


async def remove_member(
    work: Work, account: str, person_id: int, email: str, roles: Sequence[str], by: str | None = None
) -> None:
    """They are none of the account's people any more; whatever they have open ends. Who belongs to nobody is not
    invited any more either."""
    await work.conn.execute(
        "delete from membership where account = $1 and person_id = $2", account, person_id
    )
    await end_sessions(work, person_id)
    if not await entries.accounts(work.conn, person_id):
        await entries.replace(work.conn, person_id, mails.INVITED)
    work.audit(account, "member.removed", email, {"before": {"roles": list(roles)}})
    await tell_rights(work, account, person_id, {"roles": []}, by=by)


async def tell_rights(
    work: Work, account: str | None, person_id: int, data: Mapping[str, Any], by: str | None = None
) -> None:
    """A letter to somebody about what they may do now; without roles: that they do not belong there any more."""
    key = f"{mails.RIGHTS}:{account or 'staff'}:{person_id}:{work.now.isoformat()}"
    told = {**data, "by": by}
    await mail.due(work.conn, key, mails.RIGHTS, person_id, at=work.now, account=account, data=told)


def _limit(limit: Limit | None) -> dict[str, str] | None:
    if limit is None:
        return None
    told = {"amount": money.text(limit.amount, limit.currency), "currency": limit.currency}
    return told | {"period": limit.period} if limit.period else told


async def put_staff(
    work: Work, email: str, name: str, roles: Sequence[str], password: str | None = None, locale: str = "en"
) -> None:
    """Write or replace a person of the supplier."""
    unknown = [role for role in roles if role not in SUPPLIER_ROLES]
    if unknown or not roles:
        raise Unacceptable(
            f"Roles of the supplier are {', '.join(SUPPLIER_ROLES)}.", [Problem("/roles", "unknown")]
        )
    await _put_person(work, email, name, password, list(roles), locale)


async def _put_person(
    work: Work, email: str, name: str, password: str | None, supplier_roles: list[str], locale: str
) -> int:
    kept = hasher.hash(password) if password is not None else None
    row = await work.conn.fetchrow(
        "select id, supplier_roles from person where lower(email) = lower($1) for update", email
    )
    if row is None:
        return await work.conn.fetchval(  # type: ignore[no-any-return]
            """insert into person (email, name, password_hash, supplier_roles, locale) values ($1, $2, $3, $4, $5)
               returning id""",
            email,
            name,
            kept,
            supplier_roles,
            locale,
        )
    if bool(row["supplier_roles"]) != bool(supplier_roles):
        raise Conflict(
            f"{email} belongs to the other side: a person is the supplier's or a buyer's, not both."
        )
    await work.conn.execute(
        """update person set name = $2, password_hash = coalesce($3, password_hash), supplier_roles = $4,
               locale = $5
           where id = $1""",
        row["id"],
        name,
        kept,
        supplier_roles,
        locale,
    )
    if kept is not None or row["supplier_roles"] != supplier_roles:
        await end_sessions(work, row["id"])
    return row["id"]  # type: ignore[no-any-return]


async def end_sessions(work: Work, person_id: int) -> None:
    """Whoever is signed in as this person signs in again, from the next request on; open streams are cut."""
    await leaving.end_all(work, person_id)
