"""Reminders, escalation, expiry: what time does to a request that nobody decides on."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from portal import clock
from portal.domain.refusals import Conflict
from portal.domain.working_time import WorkingTime
from portal.operations import minding
from portal.operations.placing import WantedLine
from tests.approvals.office import Office, above, by, role, seats

OFFICE_HOURS = WorkingTime(frozenset(range(5)), time(9), time(17), "Europe/London")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Set the clock: `at("2026-11-18T09:00")`, in UTC, which London keeps in winter."""

    def set_to(now: str) -> None:
        instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
        monkeypatch.setattr(clock, "_ahead", instant - datetime.now(UTC))

    return set_to


async def whats(office: Office, order: str) -> list[str]:
    return [said.what for said in (await office.request(order)).decisions]


async def test_a_request_is_reminded_of_then_goes_up_then_ends(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("gus", "approver", account="GROUP")
    await office.policy(
        above(1000, by(anna)), working=OFFICE_HOURS, remind_after_hours=4, escalate_after_hours=8,
        expires_after_hours=24,
    )  # fmt: skip
    at("2026-11-18T08:59")
    order = await office.order("bea", 1200)
    assert (await office.request(order)).expires_at.strftime("%d %H") == "20 17"  # type: ignore[union-attr]

    at("2026-11-18T12:59")
    assert await minding.mind(office.pool) == 0
    at("2026-11-18T13:01")
    assert await minding.mind(office.pool) == 1
    assert await minding.mind(office.pool) == 0
    assert await office.mailed("anna") == ["approval.asked", "approval.reminded"]
    at("2026-11-18T17:01")
    await minding.mind(office.pool)
    assert seats(await office.request(order)) == [["anna", "gus"]]
    assert await office.mailed("gus") == ["approval.escalated"]
    at("2026-11-20T17:01")
    await minding.mind(office.pool)

    assert (await whats(office, order))[-1] == "expire"
    assert await office.state(order) == "rejected"
    assert (await office.request(order)).state == "expired"
    assert (await office.told(order))[-1] == "order.rejected"
    assert (await office.mailed("bea"))[-1] == "approval.expired"
    assert await minding.mind(office.pool) == 0


async def test_the_weekend_does_not_count(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)), working=OFFICE_HOURS, expires_after_hours=8)
    at("2026-11-20T16:00")
    order = await office.order("bea", 1200)

    at("2026-11-23T15:59")
    await minding.mind(office.pool)
    assert (await office.request(order)).state == "pending"
    at("2026-11-23T16:01")
    await minding.mind(office.pool)
    assert (await office.request(order)).state == "expired"


async def test_whoever_it_went_up_to_decides_in_the_same_step(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("gus", "approver", account="GROUP")
    await office.policy(above(1000, by(anna)), escalate_after_hours=1)
    at("2026-11-18T09:00")
    order = await office.order("bea", 1200)
    at("2026-11-18T10:01")
    await minding.mind(office.pool)

    assert await office.decide("gus", order) == "approved"


async def test_where_nobody_is_higher_the_others_of_the_account_are_asked_and_then_nobody(
    office: Office, at
) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("ada", "account_admin")
    await office.policy(above(1000, by(anna)), escalate_after_hours=1)
    at("2026-11-18T09:00")
    order = await office.order("bea", 1200)

    for hour in (11, 13, 15):
        at(f"2026-11-18T{hour}:00")
        await minding.mind(office.pool)

    assert seats(await office.request(order)) == [["anna", "ada"]]
    assert await whats(office, order) == ["request", "escalate"]


async def test_after_two_weeks_in_one_go_it_is_over_and_said_once(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    await office.person("anna", "approver")
    await office.policy(
        above(1000, role("approver")), working=OFFICE_HOURS, remind_after_hours=8, escalate_after_hours=16,
        expires_after_hours=40,
    )  # fmt: skip
    at("2026-11-18T09:00")
    orders = [await office.order("bea", 1200) for _ in range(3)]

    at("2026-12-02T09:00")
    assert await minding.mind(office.pool) == 3

    for order in orders:
        assert await whats(office, order) == ["request", "expire"]
        assert await office.state(order) == "rejected"


async def test_shortly_before_the_end_whoever_may_decide_is_told_once(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)), expires_after_hours=40)
    at("2026-11-18T09:00")
    await office.order("bea", 1200)
    at("2026-11-19T16:00")

    assert [await minding.mind(office.pool) for _ in range(2)] == [1, 0]
    assert await office.mailed("anna") == ["approval.asked", "approval.expiring"]


async def test_what_has_expired_cannot_be_decided_even_before_the_clock_has_ended_it(
    office: Office, at
) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)), expires_after_hours=8)
    at("2026-11-18T09:00")
    order = await office.order("bea", 1200)
    at("2026-11-20T09:00")

    with pytest.raises(Conflict, match="expired"):
        await office.decide("anna", order)


async def test_prices_are_those_of_submit(office: Office, at) -> None:  # type: ignore[no-untyped-def]
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1, by(anna)))
    order = await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(10))])
    await office.pool.execute("update product set list_price = 99 where sku = 'BOLT'")

    await office.decide("anna", order)

    assert await office.pool.fetchval("select total from orders") == Decimal("40.04")


def test_fourteen_days_are_fourteen_days() -> None:
    start = datetime(2026, 11, 18, 9, tzinfo=UTC)
    assert OFFICE_HOURS.after(start, 80) == start + timedelta(days=13, hours=8)
