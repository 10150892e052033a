"""Policies: what is kept, what is refused, and what the audit chain says of it."""

from datetime import time
from decimal import Decimal

import pytest

from portal.db import policies
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.refusals import Conflict, NotFound, Unacceptable
from portal.domain.working_time import WorkingTime
from portal.operations import approving
from tests.approvals.office import STAFF, Office, above, by, role

EVERYTHING = Rule(
    "everything",
    (Step(("anna@example.test",), need="any"), Step(role="finance", need=2)),
    When(
        total_above=Above(Decimal("1000.50"), "GBP"),
        period_total_above=Above(Decimal(5000), "GBP", "quarter"),
        category=("acid", "tools"),
        cost_centre=("4711",),
        ship_to=("LEEDS",),
        price_deviation_above=Decimal("2.5"),
        first_order_of_product=True,
    ),
)
EARLY = WorkingTime(frozenset({0, 5}), time(6, 30), time(14), "Europe/Berlin", "DE")


async def put(office: Office, policy: Policy, version: int | None = None, viewer: Viewer = STAFF) -> bool:
    work = Work(office.pool, actor="ada@example.test")
    async with work:
        return await approving.put_policy(work, viewer, policy, version)


async def kept(office: Office, account: str = "NORTH") -> list[Policy]:
    work = Work(office.pool)
    async with work:
        return await policies.of_path(work.conn, [account])


async def test_a_policy_is_kept_as_it_was_said(office: Office) -> None:
    await office.person("anna", "approver")
    wanted = Policy("NORTH", (EVERYTHING,), True, 80, 8, 16, EARLY)

    assert await put(office, wanted)
    (found,) = await kept(office)

    assert found.rules == wanted.rules
    assert found.working == EARLY
    assert (found.expires_after_hours, found.remind_after_hours, found.escalate_after_hours) == (80, 8, 16)
    assert not await put(office, wanted)
    assert (await kept(office))[0].version == 2


async def test_the_nearest_policy_comes_first(office: Office) -> None:
    await put(office, Policy("GROUP", ()))
    await put(office, Policy("NORTH", ()))
    work = Work(office.pool)
    async with work:
        found = await policies.of_path(work.conn, ["GROUP", "NORTH"])
    assert [policy.account for policy in found] == ["NORTH", "GROUP"]


async def test_two_who_edit_one_policy_collide(office: Office) -> None:
    await put(office, Policy("NORTH", ()), 0)
    await put(office, Policy("NORTH", ()), 1)

    with pytest.raises(Conflict, match="was changed by"):
        await put(office, Policy("NORTH", ()), 1)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy("NORTH", (above(1, by("nobody@example.test")),)), "nobody of NORTH"),
        (Policy("NORTH", (above(1, by("rival@example.test")),)), "nobody of NORTH"),
        (Policy("NORTH", (above(1, by("bea@example.test")),)), "needs the role"),
        (Policy("NORTH", (above(1, role("buyer")),)), "roles that can be asked"),
        (Policy("NORTH", (above(1),)), "asks nobody"),
        (Policy("NORTH", (above(1, by()),)), "at least one approver"),
        (Policy("NORTH", (above(1, by("anna@example.test", need=2)),)), "2 of 1 cannot agree"),
        (Policy("NORTH", (above(1, role("approver")), above(2, role("approver")))), "already"),
        (Policy("NORTH", (above(1, role("approver"), name=" "),)), "has a name"),
        (Policy("NORTH", (), expires_after_hours=0), "hours of work"),
        (Policy("NORTH", (), working=WorkingTime(frozenset())), "some day"),
        (Policy("NORTH", (), working=WorkingTime(begins=time(17), ends=time(9))), "at least an hour"),
    ],
)
async def test_what_nobody_could_follow_is_refused(office: Office, policy: Policy, words: str) -> None:
    await office.person("bea")
    await office.person("anna", "approver")
    await office.person("rival", "approver", account="RIVAL")

    with pytest.raises(Unacceptable, match=words):
        await put(office, policy)

    assert await kept(office) == []


async def test_a_stranger_s_policy_is_not_found(office: Office) -> None:
    await office.person("rival", "account_admin", account="RIVAL")

    with pytest.raises(NotFound):
        await put(office, Policy("NORTH", ()), viewer=await office.viewer("rival"))
    with pytest.raises(NotFound):
        await put(office, Policy("NOWHERE", ()))


async def test_the_audit_chain_says_what_was_before_and_after(office: Office) -> None:
    await put(office, Policy("NORTH", (), expires_after_hours=8))
    await put(office, Policy("NORTH", (), expires_after_hours=16))

    row = await office.pool.fetchrow(
        "select actor, subject, body from audit_entry where action = 'policy.changed' order by id desc"
    )

    assert (row["actor"], row["subject"]) == ("ada@example.test", "NORTH")
    before, after = row["body"].split('"before"')[1], row["body"].split('"after"')[1]
    assert '"expires_after_hours":8' in before
    assert '"expires_after_hours":16' in after.split('"before"')[0]


async def test_requests_that_are_open_keep_the_chain_they_were_asked_with(office: Office) -> None:
    await office.person("bea")
    anna, otto = await office.person("anna", "approver"), await office.person("otto", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    await office.policy(above(1000, by(otto)))

    assert await office.decide("anna", order) == "approved"
