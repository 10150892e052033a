"""How an account's people sign in: their company's provider, what it may decide, and what is asked of everybody.

The account's administrator arranges it. The supplier agrees to the mail domains, since whoever could name any domain
could speak for anybody's people; and opens a way back in (`operations.letting_back_in`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.db import logins, providers
from portal.db.providers import Provider
from portal.db.work import Work
from portal.domain.access import BUYER_ROLES, Viewer
from portal.domain.company_sign_in import MOST_DOMAINS, MOST_VALUES, wrong_with_domain
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable, refuse_any
from portal.domain.webhooks import check_url
from portal.operations.sign_ins_told import ask_to_confirm, changed

NEEDS = "sign_in:write"
LONGEST_URL = 500
LONGEST_WORD = 300
MOST_SCOPES = 12
# How a provider's own words may be written in a request (RFC 6749, scope-token).
SCOPE = frozenset(chr(code) for code in range(0x21, 0x7F)) - {'"', "\\"}


@dataclass(frozen=True, slots=True)
class Arranged:
    """What an administrator says of their provider. `secret` None: as it was."""

    issuer: str
    client_id: str
    scopes: Sequence[str]
    domains: Sequence[str]
    role_claim: str | None
    role_map: Mapping[str, Any]
    default_roles: Sequence[str]
    makes_people: bool


async def arrange(
    work: Work, viewer: Viewer, account: str, arranged: Arranged, sealed: bytes | None, *, simulated: bool
) -> None:
    """Write it down. `sealed` is a new secret; without one the former stays, as long as it is the same client."""
    await own(work, viewer, account)
    standing = await providers.lock(work.conn, account)
    below = [
        row["number"]
        for row in await work.conn.fetch("select number from account where path @> array[$1]", account)
    ]
    refuse_any(list(_wrong(arranged, below, simulated=simulated)))
    await _refuse_claimed(work, account, arranged)
    is_other = standing is not None and (standing.issuer, standing.client_id) != (
        arranged.issuer, arranged.client_id,
    )  # fmt: skip
    confirmed = [one for one in arranged.domains if standing and one in standing.confirmed_domains]
    await work.conn.execute(
        providers.WRITE,
        account,
        arranged.issuer,
        arranged.client_id,
        sealed,
        list(arranged.scopes),
        list(arranged.domains),
        confirmed,
        arranged.role_claim,
        dict(arranged.role_map),
        list(arranged.default_roles),
        arranged.makes_people,
        # Nobody else's secret goes to an address that was named just now.
        is_other or sealed is not None,
    )
    if is_other:
        await providers.start_anew(work.conn, account)
    elif standing is not None and standing.active and not confirmed:
        # It would let nobody in; where it is the only way, nobody would come in at all.
        await _turn(work, viewer, account, on=False)
    after = await providers.of_account(work.conn, account)
    assert after is not None
    before = _told(standing) if standing else None
    if before != _told(after) or sealed is not None:
        told = {"before": before, "after": _told(after), "has_new_secret": sealed is not None}
        await changed(work, viewer, account, "arranged", told)
    if news := [one for one in after.unconfirmed if not standing or one not in standing.domains]:
        await ask_to_confirm(work, viewer, after, news)


async def own(work: Work, viewer: Viewer, account: str) -> None:
    """Refused to all but whoever administers the account."""
    if not await work.conn.fetchval("select 1 from account where number = $1", account) or not viewer.sees(
        account
    ):
        raise NotFound(f"There is no account {account!r}.")
    if viewer.is_supplier:
        raise Forbidden("How an account's people sign in is the account's to arrange.")
    viewer.need(NEEDS, account)


def _wrong(arranged: Arranged, below: Collection[str], *, simulated: bool) -> Iterator[Problem]:
    if len(arranged.issuer) > LONGEST_URL or "?" in arranged.issuer:
        yield Problem("/issuer", "this is no issuer: it is an address without a question mark")
    elif said := check_url(arranged.issuer, simulated):
        yield Problem("/issuer", said)
    if not arranged.client_id or len(arranged.client_id) > LONGEST_WORD or not arranged.client_id.isascii():
        yield Problem("/client_id", "name the client as your provider calls it")
    if len(arranged.scopes) > MOST_SCOPES or any(
        not scope or len(scope) > LONGEST_WORD or not set(scope) <= SCOPE for scope in arranged.scopes
    ):
        yield Problem("/scopes", f"at most {MOST_SCOPES} words, with blanks between them")
    yield from _wrong_domains(arranged.domains)
    yield from _wrong_roles(arranged, below)


def _wrong_domains(domains: Sequence[str]) -> Iterator[Problem]:
    if not 0 < len(domains) <= MOST_DOMAINS:
        yield Problem("/domains", f"name 1 to {MOST_DOMAINS} mail domains")
    for domain in domains[:MOST_DOMAINS]:
        if said := wrong_with_domain(domain):
            yield Problem("/domains", said)


def _wrong_roles(arranged: Arranged, below: Collection[str]) -> Iterator[Problem]:
    if len(arranged.role_claim or "") > LONGEST_WORD:
        yield Problem("/role_claim", "this is too long to be a claim")
    yield from _wrong_map(arranged.role_map, below)
    if any(role not in BUYER_ROLES for role in arranged.default_roles):
        yield Problem("/default_roles", f"roles are {', '.join(BUYER_ROLES)}")
    if not arranged.default_roles:
        if arranged.role_claim and not arranged.role_map:
            yield Problem("/role_map", "say what the values of the claim mean here, or nobody is let in")
        if arranged.makes_people and not arranged.role_claim:
            yield Problem("/default_roles", "whoever comes for the first time needs a role")


def _wrong_map(role_map: Mapping[str, Any], below: Collection[str]) -> Iterator[Problem]:
    if len(role_map) > MOST_VALUES:
        yield Problem("/role_map", f"at most {MOST_VALUES} values")
    meant: list[tuple[str, str]] = []
    for roles in role_map.values():
        for account, some in roles.items() if isinstance(roles, Mapping) else [("", roles)]:
            meant += [(account, role) for role in some]
    for account, role in dict.fromkeys(meant):
        if role not in BUYER_ROLES:
            yield Problem("/role_map", f"there is no role {role!r}: {', '.join(BUYER_ROLES)}")
        if account and account not in below:
            yield Problem("/role_map", f"{account!r} is not this account, and not below it")


async def _refuse_claimed(work: Work, account: str, arranged: Arranged) -> None:
    if claimed := await providers.claimed(work.conn, account, arranged.domains):
        # Whose they are is not told.
        raise Unacceptable(
            f"{', '.join(claimed)} is in use by somebody else here. Ask us where you think that it is yours.",
            [Problem("/domains", f"{domain} is in use by somebody else here") for domain in claimed],
        )


async def switch(work: Work, viewer: Viewer, account: str, *, on: bool) -> None:
    """Let the company's people in by it, or not any more. It must have been tried out as it is now."""
    await own(work, viewer, account)
    standing = await standing_of(work, account)
    if standing.active == on:
        return
    if on and standing.last_success_at is None:
        raise Conflict("Try it out first: nobody has got through to your provider with these settings.")
    if on and not standing.trusted:
        raise Conflict("None of your mail domains is confirmed yet. We have been asked to, and tell you.")
    await _turn(work, viewer, account, on=on)


async def _turn(work: Work, viewer: Viewer, account: str, *, on: bool) -> None:
    await work.conn.execute(
        """update identity_provider set active = $2, is_only_way = is_only_way and $2, open_until = null
           where account = $1""",
        account,
        on,
    )
    await changed(work, viewer, account, "on" if on else "off", {"active": on})


async def be_only_way(work: Work, viewer: Viewer, account: str, *, on: bool) -> None:
    """Whether passwords and passkeys of the company's people are refused."""
    await own(work, viewer, account)
    standing = await standing_of(work, account)
    if standing.is_only_way == on:
        return
    if on and not standing.active:
        raise Conflict("Switch it on first, so that somebody can come in by it.")
    await work.conn.execute(
        "update identity_provider set is_only_way = $2, open_until = null where account = $1", account, on
    )
    if on:
        await _end_others(work, viewer, account)
    what = "only_way" if on else "not_only_way"
    await changed(work, viewer, account, what, {"is_only_way": on})


async def _end_others(work: Work, viewer: Viewer, account: str) -> None:
    """Whoever is in by another way signs in anew, but for whoever arranges this."""
    rows = await work.conn.fetch(
        f"""select p.id from person p join identity_provider i on i.account = $1
            where p.id is distinct from $2 and {providers.SPOKEN_FOR} order by p.id""",
        account,
        viewer.person_id,
    )
    for row in rows:
        await logins.end_other_ways(work.conn, row["id"], account, work.now)


async def remove(work: Work, viewer: Viewer, account: str) -> None:
    """Take it away, with what it called people. Whoever has a password goes on with it."""
    await own(work, viewer, account)
    standing = await standing_of(work, account)
    await work.conn.execute("delete from identity_provider where account = $1", account)
    await changed(work, viewer, account, "removed", {"before": _told(standing)})


async def require(
    work: Work, viewer: Viewer, account: str, *, needs_second_factor: bool, step_up_above: Decimal | None
) -> None:
    """What is asked of everybody: a second factor to come in, and a fresh proof before a decision above an amount."""
    await own(work, viewer, account)
    before = await providers.rules(work.conn, account, lock=True)
    assert before is not None
    if (before.needs_second_factor, before.step_up_above) == (needs_second_factor, step_up_above):
        return
    await work.conn.execute(
        "update account set needs_second_factor = $2, step_up_above = $3 where number = $1",
        account,
        needs_second_factor,
        step_up_above,
    )
    told = {
        "before": {
            "needs_second_factor": before.needs_second_factor,
            "step_up_above": before.step_up_above,
        },
        "after": {"needs_second_factor": needs_second_factor, "step_up_above": step_up_above},
        "currency": before.currency,
    }
    await changed(work, viewer, account, "rules", told)


async def standing_of(work: Work, account: str) -> Provider:
    """The provider, held until the work is done."""
    found = await providers.lock(work.conn, account)
    if found is None:
        raise NotFound(f"Account {account!r} has no provider of its own.")
    return found


def _told(provider: Provider) -> dict[str, Any]:
    return {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "scopes": list(provider.scopes),
        "domains": list(provider.domains),
        "role_claim": provider.role_claim,
        "role_map": dict(provider.role_map),
        "default_roles": list(provider.default_roles),
        "makes_people": provider.makes_people,
    }
