"""Approval policies through the API: what is put comes back as it can be put again."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from litestar import Request, Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import places, policies
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.dates import WEEKDAYS
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.quantities import text
from portal.domain.refusals import NotFound, Problem, refuse_any
from portal.domain.working_time import WorkingTime
from portal.operations import approving
from portal.operations.drafting import Supplier
from portal.routes.api import approval_bodies as sent
from portal.routes.api import bodies, shapes
from portal.routes.api.access import NEEDS

ApiRequest = Request[Any, Any, Any]


@put("/accounts/{number:str}/approval-policy", opt={NEEDS: "accounts:write"}, status_code=200)
async def put_policy(
    number: FromPath[str],
    data: sent.PutApprovalPolicy,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
) -> Response[dict[str, Any]]:
    """Write or replace an account's approval policy. Those of its parents apply beside it."""
    wanted = _policy(number, data, supplier.time_zone)

    async def once() -> Response[dict[str, Any]]:
        async with work:
            is_new = await approving.put_policy(work, viewer, wanted)
            found = await _policy_of(work, number)
        assert found is not None
        return Response(policy_document(found), status_code=201 if is_new else 200)

    return await patiently(once)


@get("/accounts/{number:str}/approval-policy")
async def get_policy(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """An account's own approval policy."""
    async with work:
        found = await _policy_of(work, number) if viewer.sees(number) else None
    if found is None:
        raise NotFound(f"Account {number!r} has no approval policy of its own.")
    return policy_document(found)


async def _policy_of(work: Work, account: str) -> Policy | None:
    return next(iter(await policies.of_path(work.conn, [account])), None)


def _policy(account: str, data: sent.PutApprovalPolicy, time_zone: str) -> Policy:
    return Policy(
        account,
        tuple(_rule(rule, f"/rules/{index}") for index, rule in enumerate(data.rules)),
        data.self_approval,
        data.expires_after_hours,
        data.remind_after_hours,
        data.escalate_after_hours,
        _working(data.working_time or sent.WorkingHours(), time_zone),
    )


def _rule(rule: sent.Rule, at: str) -> Rule:
    when = rule.when
    total, period = when.total_above, when.period_total_above
    above = f"{at}/when/total_above/amount"
    return Rule(
        rule.name,
        tuple(_step(step) for step in rule.steps),
        When(
            total_above=Above(bodies.amount(total.amount, above, total.currency), total.currency)
            if total
            else None,
            period_total_above=Above(
                bodies.amount(period.amount, f"{at}/when/period_total_above/amount", period.currency),
                period.currency,
                period.period,
            )
            if period
            else None,
            category=_words(when.category),
            cost_centre=_words(when.cost_centre),
            ship_to=_words(when.ship_to),
            price_deviation_above=bodies.optional(
                when.price_deviation_above, f"{at}/when/price_deviation_above"
            ),
            first_order_of_product=when.first_order_of_product,
        ),
    )


def _words(said: str | Sequence[str] | None) -> tuple[str, ...]:
    if said is None:
        return ()
    return (said,) if isinstance(said, str) else tuple(said)


def _step(step: sent.Step) -> Step:
    if isinstance(step.approvers, str):
        return Step(role=step.approvers, need=step.need)
    return Step(tuple(step.approvers), need=step.need)


def _working(said: sent.WorkingHours, time_zone: str) -> WorkingTime:
    at = "/working_time"
    problems = []
    zone = said.time_zone or time_zone
    if not places.is_known_zone(zone):
        problems.append(Problem(f"{at}/time_zone", f"unknown time zone {zone!r}"))
    if said.holidays is not None and not places.is_known_calendar(said.holidays):
        problems.append(Problem(f"{at}/holidays", f"unknown calendar {said.holidays!r}"))
    refuse_any(problems)
    return WorkingTime(
        frozenset(WEEKDAYS.index(day) for day in said.days),
        time.fromisoformat(said.begins),
        time.fromisoformat(said.ends),
        zone,
        said.holidays,
        places.public_holidays(said.holidays) if said.holidays else frozenset(),
    )


def policy_document(policy: Policy) -> dict[str, Any]:
    """A policy as JSON, as it can be put again."""
    return {
        "account": policy.account,
        "rules": [
            {
                "name": rule.name,
                "when": _when(rule.when),
                "steps": [
                    {"approvers": step.role or list(step.approvers), "need": step.need} for step in rule.steps
                ],
            }
            for rule in policy.rules
        ],
        "self_approval": policy.self_approval,
        "expires_after_hours": policy.expires_after_hours,
        "escalate_after_hours": policy.escalate_after_hours,
        "remind_after_hours": policy.remind_after_hours,
        "working_time": policy.working.told(),
        "version": policy.version,
        "changed_at": shapes.instant(policy.changed_at),
        "changed_by": policy.changed_by,
    }


def _when(when: When) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, above in (
        ("total_above", when.total_above),
        ("period_total_above", when.period_total_above),
    ):
        if above is not None:
            said[name] = {
                "amount": money.text(above.amount, above.currency),
                "currency": above.currency,
            } | ({"period": above.period} if above.period else {})
    for name, words in (
        ("category", when.category),
        ("cost_centre", when.cost_centre),
        ("ship_to", when.ship_to),
    ):
        if words:
            said[name] = words[0] if len(words) == 1 else list(words)
    if when.price_deviation_above is not None:
        said["price_deviation_above"] = text(when.price_deviation_above)
    if when.first_order_of_product:
        said["first_order_of_product"] = True
    return said


router = Router(path="", tags=["Approvals"], route_handlers=[put_policy, get_policy])
