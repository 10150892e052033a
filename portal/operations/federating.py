"""Somebody comes in by their company: found or made, given the roles that the provider names, and kept in step with it.

What the provider says was verified before; here it is decided for whom it may be said (`domain.company_sign_in`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from asyncpg import Record

from portal.db import providers
from portal.db.people import Person
from portal.db.providers import SPOKEN_FOR, Provider
from portal.db.work import Work
from portal.domain import company_sign_in as rules
from portal.domain.company_sign_in import NotLetIn, Placed
from portal.domain.refusals import Conflict
from portal.operations.people import end_sessions

BECAUSE = "company sign-in"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sign-in would come to. `roles` None: they stay as they are."""

    email: str
    name: str
    is_new: bool
    roles: Placed | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody who is here already. `is_spoken_for`: they belong to nobody but the company; `is_placed`: and have a
    place in it."""

    person: Person
    is_spoken_for: bool
    is_placed: bool
    is_linked: bool


async def enter(
    work: Work, account: str, issuer: str, subject: str, claims: Mapping[str, Any], *, locale: str = "en"
) -> Person:
    """Let them in: answers the person whose session may begin. Refused with `NotLetIn`, and then nothing has changed.
    `locale` is the language of somebody new."""
    provider = await providers.lock(work.conn, account)
    if provider is None or not provider.active or provider.issuer != issuer:
        raise Conflict("This way to sign in was changed meanwhile. Begin again.")
    verdict, known = await _judge(work, provider, subject, claims)
    person_id = known.person.id if known else await _make(work, verdict, locale)
    if known is None or not known.is_linked:
        await _link(work, provider, subject, person_id, verdict.email)
    if verdict.roles is not None and await _place(work, provider.account, person_id, verdict) and known:
        await end_sessions(work, person_id)
    await work.conn.execute(
        "update external_identity set seen_at = $3 where provider = $1 and subject = $2",
        account,
        subject,
        work.now,
    )
    await providers.succeeded(work.conn, account, work.now)
    return await _person(work, person_id)


async def works(work: Work, account: str) -> None:
    """Somebody has got through to the provider and back, with the settings as they are."""
    if await providers.lock(work.conn, account) is not None:
        await providers.succeeded(work.conn, account, work.now)


async def judge(work: Work, account: str, subject: str, claims: Mapping[str, Any]) -> Verdict:
    """What a sign-in would come to; nothing is changed. Refused with `NotLetIn` like the sign-in itself."""
    provider = await providers.of_account(work.conn, account)
    if provider is None:
        raise Conflict("This way to sign in was taken away meanwhile.")
    # As it will be once all that the account has named is confirmed: that is not theirs to mend.
    hoped = replace(provider, confirmed_domains=provider.domains)
    return (await _judge(work, hoped, subject, claims))[0]


async def _judge(
    work: Work, provider: Provider, subject: str, claims: Mapping[str, Any]
) -> tuple[Verdict, _Known | None]:
    terms = provider.terms
    known = await _linked(work, provider, subject)
    if known is None:
        email = rules.address_of(claims, terms)
        known = await _by_email(work, provider, email)
    else:
        email = known.person.email
    if known is None:
        if not terms.makes_people:
            raise NotLetIn(rules.UNKNOWN, f"Nobody here has the address {email}, and nobody is made.")
    else:
        _refuse(known, provider)
    already = known is not None and known.is_placed
    if known is not None and not already and not terms.makes_people:
        raise NotLetIn(rules.UNKNOWN, f"{email} has no place in {provider.account} any more.")
    roles = await _below(work, terms.account, rules.placed(claims, terms, already))
    name = known.person.name if known else rules.name_in(claims, email)
    return Verdict(email, name, known is None, roles), known


async def _below(work: Work, account: str, roles: Placed | None) -> Placed | None:
    """Without the places that are none of the company's any more: the map was looked at when it was arranged, and
    accounts come under another one since."""
    if not roles:
        return roles
    rows = await work.conn.fetch(
        "select number from account where number = any($2::text[]) and path @> array[$1]",
        account,
        list(roles),
    )
    own = {row["number"] for row in rows}
    if not own:
        raise NotLetIn(rules.UNPLACED, "What the provider says of them gives them no role here.")
    return {one: some for one, some in roles.items() if one in own}


def _refuse(known: _Known, provider: Provider) -> None:
    email = known.person.email
    if not known.person.active:
        raise NotLetIn(rules.INACTIVE, f"{email} may not sign in here: they were switched off.")
    if rules.domain_of(email) not in provider.trusted:
        raise NotLetIn(rules.FOREIGN, f"{email} is not of a confirmed domain of {provider.account}.")
    if not known.is_spoken_for:
        raise NotLetIn(
            rules.ELSEWHERE, f"{email} also belongs to another company, for which this one cannot speak."
        )


PERSON = "p.id, p.email, p.name, p.password_hash, p.active, p.session_epoch, p.locale"
# Somebody who has lost their last place belongs to nobody: the company may have them again.
KNOWN = f"""
select {PERSON}, ({SPOKEN_FOR}) or (cardinality(p.supplier_roles) = 0
        and not exists (select 1 from membership m where m.person_id = p.id)) as is_spoken_for,
    exists (select 1 from membership m join account a on a.number = m.account
            where m.person_id = p.id and a.path @> array[i.account]) as is_placed
from person p join identity_provider i on i.account = $1
"""
PARTS = 7


async def _linked(work: Work, provider: Provider, subject: str) -> _Known | None:
    """Whom the provider has named so before."""
    row = await work.conn.fetchrow(
        f"""{KNOWN} join external_identity e on e.person_id = p.id and e.provider = $1
            where e.subject = $2 for update of p""",
        provider.account,
        subject,
    )
    if row is None:
        return None
    return _known(row, is_linked=True)


async def _by_email(work: Work, provider: Provider, email: str) -> _Known | None:
    """Whoever has the address. Addresses are given to others one day: whom it has led to as somebody else, it does not
    lead to as this one."""
    row = await work.conn.fetchrow(
        f"{KNOWN} where lower(p.email) = $2 for update of p", provider.account, email
    )
    if row is None:
        return None
    known = _known(row, is_linked=False)
    if await work.conn.fetchval(
        "select 1 from external_identity where provider = $1 and person_id = $2",
        provider.account,
        known.person.id,
    ):
        raise NotLetIn(
            rules.TAKEN,
            f"{email} has signed in as somebody else of the company before. Where they are the same, an administrator "
            "unlinks them first.",
        )
    return known


def _known(row: Record, *, is_linked: bool) -> _Known:
    person = Person(*tuple(row.values())[:PARTS])
    return _Known(person, row["is_spoken_for"], row["is_placed"], is_linked)


async def _make(work: Work, verdict: Verdict, locale: str) -> int:
    made: int | None = await work.conn.fetchval(
        """insert into person (email, name, supplier_roles, locale) values ($1, $2, '{}', $3)
           on conflict do nothing returning id""",
        verdict.email,
        verdict.name,
        locale,
    )
    if made is None:
        raise Conflict("Somebody with this address was made just now. Begin again.")
    return made


async def _link(work: Work, provider: Provider, subject: str, person_id: int, email: str) -> None:
    await work.conn.execute(
        """insert into external_identity (provider, subject, person_id, linked_at, seen_at)
           values ($1, $2, $3, $4, $4)""",
        provider.account,
        subject,
        person_id,
        work.now,
    )
    work.audit(provider.account, "person.linked", email, {"issuer": provider.issuer, "subject": subject})


async def _place(work: Work, account: str, person_id: int, verdict: Verdict) -> bool:
    """Make their places in the company those that the provider names, and no others; limits stay. Answers whether that
    changed anything."""
    wanted = verdict.roles or {}
    rows = await work.conn.fetch(
        """select m.account, m.roles from membership m join account a on a.number = m.account
           where m.person_id = $1 and a.path @> array[$2::text]""",
        person_id,
        account,
    )
    before = {row["account"]: sorted(row["roles"]) for row in rows}
    changed = [
        one for one in sorted(before.keys() | wanted.keys()) if before.get(one) != _in_order(wanted, one)
    ]
    for one in changed:
        await _give(work, person_id, one, wanted.get(one))
        work.audit(
            one,
            "member.changed",
            verdict.email,
            {"before": _roles(before.get(one)), "after": _roles(wanted.get(one)), "because": BECAUSE},
        )
    return bool(changed)


def _in_order(wanted: Placed, account: str) -> list[str] | None:
    return sorted(wanted[account]) if account in wanted else None


def _roles(roles: list[str] | None) -> dict[str, list[str]] | None:
    return None if roles is None else {"roles": roles}


async def _give(work: Work, person_id: int, account: str, roles: list[str] | None) -> None:
    if roles is None:
        await work.conn.execute(
            "delete from membership where person_id = $1 and account = $2", person_id, account
        )
        return
    await work.conn.execute(
        """insert into membership (person_id, account, roles) values ($1, $2, $3)
           on conflict (person_id, account) do update set roles = excluded.roles""",
        person_id,
        account,
        roles,
    )


async def _person(work: Work, person_id: int) -> Person:
    row = await work.conn.fetchrow(f"select {PERSON} from person p where p.id = $1", person_id)
    assert row is not None
    return Person(*row.values())
