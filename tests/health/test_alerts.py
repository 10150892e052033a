"""A threshold that is passed is told once, to the right people, and so is the all-clear."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.clock import utc_now
from portal.db import health
from portal.db.work import Pool, Work
from portal.domain.refusals import Forbidden, Refused
from portal.jobs.watching import Watched, watch_connections
from portal.operations import timing, watching
from tests.health.conftest import Ward


async def test_nothing_is_told_while_all_goes_through(ward: Ward) -> None:
    await ward.queue(99, ago=250)
    await ward.attempts(*[200] * 6, *[500] * 5)
    assert await ward.watch() == []
    assert await ward.told() == []


async def test_what_waits_too_long_is_told_once_and_its_end_once(ward: Ward, pool: Pool) -> None:
    await ward.queue(1, ago=301)
    assert await ward.watch() == ["we_1 oldest"]
    # Whoever runs things, and whoever looks after the account; finance minds other things.
    assert await ward.told() == [("alert.raised", "Dev"), ("alert.raised", "Jo")]
    assert await ward.watch() == ["we_1 oldest"]
    assert await ward.told() == []

    await pool.execute("update delivery set created_at = clock_timestamp() - interval '200 seconds'")
    assert await ward.watch() == ["we_1 oldest"], "what hovers around the limit is not over"
    await pool.execute("update delivery set state = 'delivered', settled_at = now()")
    assert await ward.watch() == []
    assert await ward.told() == [("alert.cleared", "Dev"), ("alert.cleared", "Jo")]


async def test_a_long_queue_and_a_high_share_of_failures_are_told(ward: Ward) -> None:
    await ward.queue(100)
    await ward.attempts(500, None, 500, None)
    assert await ward.watch() == ["we_1 backlog"]
    await ward.attempts(503)
    assert await ward.watch() == ["we_1 backlog", "we_1 errors"]


async def test_errors_are_over_when_it_works_again_and_count_anew_from_there(ward: Ward, pool: Pool) -> None:
    await ward.attempts(*[500] * 20, ago=1200)
    assert await ward.watch() == ["we_1 errors"]
    await ward.attempts(204)
    assert await ward.watch() == []
    assert await ward.watch() == [], "the old failures are still within the hour, but they were told"
    await pool.execute("update alert set cleared_at = now() - interval '2 minutes'")
    await ward.attempts(500, 500, 500, 500)
    assert await ward.watch() == ["we_1 errors"]


async def test_what_failed_for_good_is_told_again_when_more_of_it_comes(ward: Ward, pool: Pool) -> None:
    await ward.queue(1, state="dead")
    assert await ward.watch() == ["we_1 dead"]
    assert len(await ward.told()) == 2
    await ward.acknowledge("dev", "I ask Nordwind")

    await ward.queue(1, state="dead")
    await ward.watch()
    assert await ward.told() == [], "not with every message"
    await pool.execute(
        """update alert set facts = facts || jsonb_build_object('told_at', (now() - interval '16 minutes')::text)"""
    )
    await ward.watch()
    assert await ward.told() == [("alert.raised", "Dev"), ("alert.raised", "Jo")]
    assert await pool.fetchval("select state from alert") == "open"


async def test_an_endpoint_that_was_disabled_is_told_to_its_owners_too(ward: Ward, pool: Pool) -> None:
    await pool.execute("insert into person (email, name) values ('rita@nordwind.example', 'Rita')")
    await pool.execute(
        """insert into membership (person_id, account, roles)
           select id, 'NORDWIND', '{account_admin}' from person where name = 'Rita'"""
    )
    await ward.queue(5, ago=4000)
    await pool.execute(
        """update connection set state = 'disabled', disabled_because = 'gone', disabled_at = now()
           where id = 'we_1'"""
    )
    assert await ward.watch() == ["we_1 disabled"], "that nothing is sent any more is told once"
    assert await ward.told() == [
        ("alert.raised", "Dev"),
        ("alert.raised", "Jo"),
        ("endpoint.disabled", "Rita"),
    ]
    await pool.execute("update connection set deleted_at = now() where id = 'we_1'")
    assert await ward.watch() == []
    assert await ward.told() == []


async def test_what_its_owner_has_stopped_is_nobody_elses_worry(ward: Ward, pool: Pool) -> None:
    await ward.queue(500, ago=4000)
    await pool.execute("update connection set state = 'paused' where id = 'we_1'")
    assert await ward.watch() == []
    await pool.execute(
        "update connection set state = 'disabled', disabled_because = 'by_hand', disabled_at = now() where id = 'we_1'"
    )
    assert await ward.watch() == []


async def test_mail_that_does_not_get_out_and_messages_that_nobody_could_apply_are_told(
    ward: Ward, pool: Pool
) -> None:
    await pool.execute(
        """insert into mail (key, kind, person_id, due_at, state, attempts, claimed_at, problem, created_at)
           select 'k' || n, 'news', (select min(id) from person), now() + interval '1 hour', 'waiting', 2, now(),
               'connection refused', now() - interval '10 minutes' from generate_series(1, 5) n"""
    )
    await pool.execute(
        """insert into parked_message (subject, subject_key, body, actor, state, problem, parked_at, settled_at)
           values ('shipment', 'SH-1', '{}', 'token', 'case', 'unknown', now(), now())"""
    )
    assert await ward.watch() == ["inbound dead", "mail errors", "mail oldest"]
    facts = await pool.fetchval("select facts from alert where measure = 'errors'")
    assert facts["value"] == 100
    assert facts["problem"] == "connection refused"


async def test_two_workers_at_once_raise_one_alert(ward: Ward, pool: Pool) -> None:
    await ward.queue(1, ago=400)
    await asyncio.gather(*(watching.watch(pool) for _ in range(4)))
    assert await pool.fetchval("select count(*) from alert") == 1
    assert len(await ward.told()) == 2


async def test_who_is_told_and_from_when_on_can_be_said_for_each_connection(ward: Ward, pool: Pool) -> None:
    dev, amara = await ward.viewer("dev"), await ward.viewer("amara")
    work = Work(pool, actor=dev.actor)
    async with work:
        await watching.choose_watchers(work, dev, "we_1", [amara.person_id or 0, 9999])
        await watching.set_limits(work, dev, "we_1", {"oldest": 30, "backlog": 10, "errors": 10})
    await ward.queue(1, ago=31)
    assert await ward.watch() == ["we_1 oldest"]
    assert await ward.told() == [("alert.raised", "Amara")]

    await ward.acknowledge("amara", "Seen")
    found = await pool.fetchrow("select state, note, acknowledged_by from alert")
    assert tuple(found or ()) == ("acknowledged", "Seen", amara.person_id)
    with pytest.raises(Forbidden):
        await ward.acknowledge("jo")
    with pytest.raises(Refused):
        async with work:
            await watching.set_limits(work, dev, "we_1", {"oldest": 0, "backlog": 10, "errors": 101})
    with pytest.raises(Forbidden):
        async with work:
            await watching.choose_watchers(work, amara, "we_1", [])


async def test_a_clock_that_was_moved_raises_nothing_at_once_and_everything_half_a_minute_later(
    ward: Ward, pool: Pool
) -> None:
    # As the worker does it, each job gets a copy of its context.
    kept = {"settings": SimpleNamespace(has_simulated_clock=True), "pool": pool, "watched": Watched()}
    work = Work(pool)
    async with work:
        await timing.set_clock(work, utc_now() + timedelta(days=3))
    await ward.queue(1, state="dead")
    assert await watch_connections(dict(kept)) == 0
    assert await watch_connections(dict(kept)) == 1


async def test_the_list_begins_with_what_needs_somebody(ward: Ward, pool: Pool) -> None:
    await pool.execute(
        """insert into connection (id, kind, account, url, description)
           select 'we_' || n, 'webhook', 'NORDWIND', 'https://x.example/' || n, 'Number ' || n
           from generate_series(2, 60) n"""
    )
    await ward.queue(1, state="dead", connection="we_44")
    async with pool.acquire() as conn:
        first, more = await health.listed(conn, utc_now(), health.Wanted(), 20)  # type: ignore[arg-type]
        assert [one.id for one in first[:3]] == ["we_44", "mail", "inbound"]
        assert more
        found, _ = await health.listed(conn, utc_now(), health.Wanted(q="number 17"), 20)  # type: ignore[arg-type]
        assert [one.id for one in found] == ["we_17"]
        found, _ = await health.listed(conn, utc_now(), health.Wanted(only_trouble=True), 20)  # type: ignore[arg-type]
        assert [one.id for one in found] == ["we_44"]
