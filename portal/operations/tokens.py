"""Tokens of other systems: shown once, kept as a hash, revocable."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from portal.db import tokens
from portal.db.work import Work
from portal.domain.access import OWN_SCOPES, SCOPES, Viewer
from portal.domain.refusals import NotFound, Problem, Unacceptable, refuse_any, unknown

# In use at once, of one account.
MOST_TOKENS = 50
LONGEST_NAME = 200


async def issue(
    work: Work,
    *,
    account: str | None,
    person: str | None,
    scopes: Sequence[str],
    name: str,
    now: datetime,
    token: str | None = None,
) -> tuple[str, str]:
    """Answers (id, token). The token is told once; `person` is the e-mail of whose decisions it may make."""
    problems = [
        Problem(f"/scopes/{i}", f"unknown scope {s!r}") for i, s in enumerate(scopes) if s not in SCOPES
    ]
    if not scopes:
        problems.append(Problem("/scopes", "name at least one scope"))
    refuse_any(problems)
    if account is not None and not await work.conn.fetchval(
        "select 1 from account where number = $1", account
    ):
        raise unknown("account", account, "/account")
    person_id = None
    if person is not None:
        person_id = await work.conn.fetchval("select id from person where lower(email) = lower($1)", person)
        if person_id is None:
            raise unknown("user", person, "/user")
    token_id = "tok_" + secrets.token_hex(8)
    token = token or new_token()
    await work.conn.execute(
        """insert into token (id, sha256, name, account, person_id, scopes, issued_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        token_id,
        digest(token),
        name,
        account,
        person_id,
        list(scopes),
        now,
    )
    return token_id, token


def new_token() -> str:
    return "bp_" + secrets.token_urlsafe(32)


async def issue_own(
    work: Work,
    viewer: Viewer,
    account: str,
    *,
    name: str,
    scopes: Sequence[str],
    in_own_name: bool,
    token: str,
) -> str:
    """An account's administrator gives a system of theirs a token; answers its id.

    It reads what the account sees, and does what the scopes say. In the administrator's own name it may also decide
    what they may decide: nobody gives away what is somebody else's.
    """
    if viewer.is_supplier or not viewer.sees(account):
        raise NotFound(f"There is no account {account!r}.")
    viewer.need("tokens:write", account)
    problems = []
    if not name or len(name) > LONGEST_NAME:
        problems.append(Problem("/name", f"a name of 1 to {LONGEST_NAME} characters"))
    problems += [
        Problem(f"/scopes/{i}", f"{one!r} is not for an account's token")
        for i, one in enumerate(scopes)
        if one not in OWN_SCOPES or not viewer.may(OWN_SCOPES[one], account)
    ]
    refuse_any(problems)
    if await tokens.count(work.conn, account) >= MOST_TOKENS:
        raise Unacceptable(f"There are {MOST_TOKENS} tokens in use: revoke one that nobody needs.")
    token_id, _ = await issue(
        work,
        account=account,
        person=viewer.email if in_own_name else None,
        scopes=["orders:read", *(one for one in scopes if one != "orders:read")],
        name=name,
        now=work.now,
        token=token,
    )
    acts_for = viewer.email if in_own_name else None
    work.audit(
        account, "token.issued", token_id, {"name": name, "scopes": list(scopes), "acts_for": acts_for}
    )
    return token_id


async def revoke(work: Work, viewer: Viewer, token_id: str) -> None:
    """The token is refused from the next request on."""
    row = await work.conn.fetchrow(
        """update token set revoked_at = $2 where id = $1 and revoked_at is null
           and ($3::text[] is null or account = any($3)) returning account, name""",
        token_id,
        work.now,
        viewer.accounts,
    )
    if row is None:
        raise NotFound(f"There is no token {token_id!r} in use.")
    if row["account"] is not None:
        work.audit(row["account"], "token.revoked", token_id, {"name": row["name"]})


async def revoke_own(work: Work, viewer: Viewer, token_id: str) -> None:
    """As an account's administrator."""
    await revoke(work, viewer.within("tokens:write"), token_id)


def digest(token: str) -> bytes:
    """How a token is kept. It is long and random: a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
