"""Nobody stays silent for longer than an account waits: its buyers hear of it, its manager gets a task."""

import asyncio
from datetime import date

import pytest

from portal.db.work import Work
from portal.domain.because import english
from portal.domain.refusals import Conflict, NotFound
from portal.domain.silence import promise, sentence
from portal.operations import breaking_silence, tasks
from tests.silence.quiet import STAFF, Quiet, set_to


async def test_after_five_days_the_buyer_hears_when_the_next_news_comes_and_the_manager_has_a_task(
    quiet: Quiet,
) -> None:
    order = await quiet.wanted()
    await quiet.expect("4711", "HOSE", 500, "2026-12-02")
    await quiet.expect("4712", "CABLE", 500, "2026-11-27")
    assert await quiet.listen("2026-11-23T09:59:00+00:00") == 0
    assert await quiet.listen("2026-11-23T10:05:00+00:00") == 1
    [said] = await quiet.said(order)
    assert said == {
        "since": "2026-11-18",
        "next_news_on": "2026-11-27",
        "is_known": True,
        "waiting": [
            {"line": 1, "sku": "HOSE", "quantity": "50", "expected": "2026-12-02"},
            {"line": 2, "sku": "CABLE", "quantity": "7", "expected": "2026-11-27"},
        ],
    }
    words = english(date(2026, 11, 23))
    assert sentence(said, words) == "2 lines still wait, and there was nothing new since 18 Nov."
    assert promise(said, words) == "The next news is expected on 27 Nov."
    [task] = await quiet.tasks()
    assert (task.kind, task.order, task.manager, task.state) == ("silence", order, "Jo Whitfield", "open")
    assert await quiet.listen("2026-11-24T10:00:00+00:00") == 0, "to say so is news"


async def test_who_hears_nothing_after_that_hears_it_again_and_the_task_stays_one(quiet: Quiet) -> None:
    order = await quiet.wanted()
    assert [
        await quiet.listen(f"2026-11-{day}:00+00:00")
        for day in ("23T12:00", "27T12:00", "28T12:05", "30T12:00")
    ] == [1, 0, 1, 0]
    assert [said["since"] for said in await quiet.said(order)] == ["2026-11-18", "2026-11-18"]
    # Saturday: nobody knows a date, so it is asked for until the second working day.
    assert [(said["next_news_on"], said["is_known"]) for said in await quiet.said(order)] == [
        ("2026-11-25", False),
        ("2026-12-01", False),
    ]
    assert len(await quiet.tasks()) == 1


async def test_news_ends_the_task_and_silence_begins_anew(quiet: Quiet) -> None:
    order = await quiet.wanted()
    await quiet.listen("2026-11-23T12:00:00+00:00")
    set_to("2026-11-24T09:00:00+00:00")
    await quiet.expect("4711", "HOSE", 500, "2026-12-02")
    assert await breaking_silence.close_settled(quiet.pool) == 1
    [task] = await quiet.tasks()
    assert (task.state, task.done_by) == ("done", "portal")
    assert await quiet.listen("2026-11-28T12:00:00+00:00") == 0
    assert await quiet.listen("2026-11-29T12:00:00+00:00") == 1
    assert [said["since"] for said in await quiet.said(order)] == ["2026-11-18", "2026-11-24"]
    assert [task.state for task in await quiet.tasks()] == ["open", "done"]


async def test_an_order_with_nothing_to_wait_for_ends_its_task_too(quiet: Quiet) -> None:
    order = await quiet.wanted()
    await quiet.listen("2026-11-23T12:00:00+00:00")
    await quiet.cancel(order, {1: 50, 2: 7})
    assert await breaking_silence.close_settled(quiet.pool) == 1
    assert await quiet.listen("2026-12-23T12:00:00+00:00") == 0


async def test_a_day_that_is_over_and_a_line_that_is_held_have_no_date(quiet: Quiet) -> None:
    order = await quiet.wanted()
    await quiet.expect("4711", "HOSE", 500, "2026-11-20")
    await quiet.expect("4712", "CABLE", 500, "2026-12-02")
    await quiet.hold(order, 2, reason="quality")
    await quiet.listen("2026-11-25T12:00:00+00:00")
    [said] = await quiet.said(order)
    assert {line["expected"] for line in said["waiting"]} == {None}
    assert promise(said, english(date(2026, 11, 25))) == "We ask, and you hear from us by 27 Nov."


async def test_nobody_is_told_of_what_is_ready_for_a_later_day_and_of_accounts_that_want_none(
    quiet: Quiet,
) -> None:
    await quiet.order(("BOLT", 10, "1"), requested_on=date(2027, 1, 20))
    assert await quiet.listen("2026-12-01T12:00:00+00:00") == 0
    await quiet.wanted()
    await quiet.pool.execute("update account set silence_days = null")
    assert await quiet.listen("2027-01-01T12:00:00+00:00") == 0
    await quiet.pool.execute("update account set silence_days = 40")
    assert await quiet.listen("2027-01-01T12:00:00+00:00") == 0
    assert await quiet.listen("2027-01-12T12:00:00+00:00") >= 1


async def test_two_that_listen_at_once_tell_it_once(quiet: Quiet) -> None:
    order = await quiet.wanted()
    set_to("2026-11-24T12:00:00+00:00")
    told = await asyncio.gather(*(breaking_silence.listen(quiet.pool) for _ in range(4)))
    assert sorted(told) == [0, 0, 0, 1]
    assert len(await quiet.said(order)) == 1


async def test_a_task_is_done_once_by_somebody_with_a_note(quiet: Quiet) -> None:
    await quiet.wanted()
    await quiet.listen("2026-11-23T12:00:00+00:00")
    [task] = await quiet.tasks()
    work = Work(quiet.pool, actor="jo")
    async with work:
        await tasks.note(work, STAFF, task.id, "Acme does not answer; calling again at noon.")
    [noted] = await quiet.tasks()
    assert (noted.state, noted.note) == ("open", "Acme does not answer; calling again at noon.")
    async with work:
        await tasks.do(work, STAFF, task.id, "Acme ships on Monday; told Petra.")
    [done] = await quiet.tasks()
    assert (done.state, done.done_by, done.note) == ("done", "test", "Acme ships on Monday; told Petra.")
    with pytest.raises(Conflict, match="done this already"):
        async with work:
            await tasks.do(work, STAFF, task.id, None)
    with pytest.raises(NotFound):
        async with work:
            await tasks.do(work, STAFF, 10**9, None)
