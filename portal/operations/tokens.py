"""Tokens of other systems: shown once, kept as a hash, revocable."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from portal.db.work import Work
from portal.domain.access import SCOPES, Viewer
from portal.domain.refusals import NotFound, Problem, refuse_any, unknown


async def issue(
    work: Work, *, account: str | None, person: str | None, scopes: Sequence[str], name: str, now: datetime
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
    token = "bp_" + secrets.token_urlsafe(32)
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


async def revoke(work: Work, viewer: Viewer, token_id: str) -> None:
    """The token is refused from the next request on."""
    done = await work.conn.execute(
        """update token set revoked_at = $2 where id = $1 and revoked_at is null
           and ($3::text[] is null or account = any($3))""",
        token_id,
        work.now,
        viewer.accounts,
    )
    if done == "UPDATE 0":
        raise NotFound(f"There is no token {token_id!r} in use.")


def digest(token: str) -> bytes:
    """How a token is kept. It is long and random: a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
