"""Policies: what an account's people decide on who must agree to what."""

from collections.abc import Iterator, Sequence

from portal.db import policies
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.asking import Member
from portal.domain.chains import Policy
from portal.domain.policies import ROLES, Rule, Step
from portal.domain.refusals import Conflict, NotFound, Problem, refuse_any
from portal.domain.working_time import MOST_HOURS

# More than any procurement officer keeps in their head.
MOST_RULES = 100
# Of a working day.
LEAST_MINUTES = 60


async def put_policy(work: Work, viewer: Viewer, wanted: Policy, version: int | None = None) -> bool:
    """Write or replace an account's policy; answers whether it had none. `version` is the one that was looked at.

    Requests that are open keep the chain they were asked with.
    """
    path: Sequence[str] | None = await work.conn.fetchval(
        "select path from account where number = $1 for no key update", wanted.account
    )
    if path is None or not viewer.sees(wanted.account):
        raise NotFound(f"There is no account {wanted.account!r}.")
    before = next(
        (policy for policy in await policies.of_path(work.conn, path) if policy.account == wanted.account),
        None,
    )
    if version is not None and version != (before.version if before else 0):
        by = f" by {before.changed_by}" if before else ""
        raise Conflict(
            f"The policy of {wanted.account} was changed{by} since you opened it: look at it again."
        )
    refuse_any(list(_wrong(wanted, await policies.members(work.conn, path))))
    is_new = await policies.write(work.conn, wanted, work.now, viewer.name)
    after = told(wanted)
    work.audit(
        wanted.account, "policy.changed", wanted.account,
        {"version": before.version + 1 if before else 1, "before": told(before) if before else None, "after": after},
    )  # fmt: skip
    return is_new


def told(policy: Policy) -> dict[str, object]:
    """A policy as the audit chain keeps it."""
    return {
        "rules": policy.rules,
        "self_approval": policy.self_approval,
        "expires_after_hours": policy.expires_after_hours,
        "remind_after_hours": policy.remind_after_hours,
        "escalate_after_hours": policy.escalate_after_hours,
        "working_time": policy.working.told(),
    }


def _wrong(wanted: Policy, members: Sequence[Member]) -> Iterator[Problem]:
    if len(wanted.rules) > MOST_RULES:
        yield Problem("/rules", f"at most {MOST_RULES} rules")
    yield from _wrong_time(wanted)
    seen = set()
    for index, rule in enumerate(wanted.rules):
        if rule.name in seen:
            yield Problem(f"/rules/{index}/name", f"there is a rule {rule.name!r} already")
        seen.add(rule.name)
        yield from _wrong_rule(rule, f"/rules/{index}", wanted.account, members)


def _wrong_time(wanted: Policy) -> Iterator[Problem]:
    working = wanted.working
    if not working.days:
        yield Problem("/working_time/days", "somebody has to be at work on some day")
    begins, ends = (at.hour * 60 + at.minute for at in (working.begins, working.ends))
    if ends - begins < LEAST_MINUTES:
        yield Problem("/working_time/to", "work lasts at least an hour, and ends on the day it begins")
    for name in ("expires_after_hours", "remind_after_hours", "escalate_after_hours"):
        hours = getattr(wanted, name)
        if hours is not None and not 1 <= hours <= MOST_HOURS:
            yield Problem(f"/{name}", f"1 to {MOST_HOURS} hours of work")


def _wrong_rule(rule: Rule, at: str, account: str, members: Sequence[Member]) -> Iterator[Problem]:
    if not rule.name.strip():
        yield Problem(f"{at}/name", "a rule has a name")
    if not rule.steps:
        yield Problem(f"{at}/steps", f"the rule {rule.name!r} asks nobody: name at least one step")
    for index, step in enumerate(rule.steps):
        yield from _wrong_step(step, f"{at}/steps/{index}", account, members)


def _wrong_step(step: Step, at: str, account: str, members: Sequence[Member]) -> Iterator[Problem]:
    if step.role is not None:
        if step.role not in ROLES:
            yield Problem(f"{at}/approvers", f"roles that can be asked are {', '.join(ROLES)}")
    elif not step.approvers:
        yield Problem(f"{at}/approvers", "name at least one approver, or a role")
    for index, email in enumerate(step.approvers):
        problem = _wrong_person(email, account, members)
        if problem:
            yield Problem(f"{at}/approvers/{index}", problem)
    named = {email.lower() for email in step.approvers}
    if isinstance(step.need, int) and (step.need < 1 or (step.role is None and step.need > len(named))):
        yield Problem(f"{at}/need", f"{step.need} of {len(named)} cannot agree")


def _wrong_person(email: str, account: str, members: Sequence[Member]) -> str | None:
    found = [member for member in members if member.email.lower() == email.lower()]
    if not found:
        return f"{email} is nobody of {account} or of an account above it"
    if not any(member.decides for member in found):
        return f"{email} needs the role {', '.join(ROLES[:-1])} or {ROLES[-1]} to decide"
    return None
