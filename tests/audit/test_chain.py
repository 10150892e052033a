"""The audit chain: what was decided is entered with it or not at all, and what is changed afterwards is found."""

import asyncio
import contextlib
import json
from datetime import date
from decimal import Decimal

import pytest

from portal.db.work import Pool, Work
from portal.operations.checking import broken_chain, broken_laws
from tests.operations.supplier import ACCOUNTS, begin_anew

SNAPSHOT = {"total": Decimal("75000.00"), "until": date(2026, 12, 1), "approver": "Björn", "lines": [1, 2]}


@pytest.fixture
async def work(pool: Pool) -> Work:
    await begin_anew(pool)
    return Work(pool, actor="olivia@nordwind.test")


async def enter(work: Work, *actions: str, account: str = "NORTH") -> None:
    async with work:
        for action in actions:
            work.audit(account, action, "AP-2026-000001", SNAPSHOT)


async def found(pool: Pool, account: str | None = None) -> list[str]:
    return (await broken_chain(pool, account))[0]


async def tamper(pool: Pool, statement: str) -> None:
    """As somebody would who owns the database, and so can put its triggers aside."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("alter table audit_entry disable trigger all")
        await conn.execute(statement)
        await conn.execute("alter table audit_entry enable trigger all")


async def test_entries_follow_each_other_from_the_first_one_on(pool: Pool, work: Work) -> None:
    await enter(work, "approval.requested", "approval.decided")
    await enter(work, "approval.approved")
    rows = await pool.fetch("select * from audit_entry order by sequence")
    assert [row["sequence"] for row in rows] == [1, 2, 3]
    assert rows[0]["previous_hash"] == b""
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:2]]
    assert json.loads(rows[0]["body"]) == {
        "account": "NORTH",
        "action": "approval.requested",
        "actor": "olivia@nordwind.test",
        "at": rows[0]["at"].isoformat(timespec="microseconds"),
        "sequence": 1,
        "snapshot": {"approver": "Björn", "lines": [1, 2], "total": "75000.00", "until": "2026-12-01"},
        "subject": "AP-2026-000001",
    }
    assert await broken_chain(pool) == ([], (3, 1))
    assert await broken_laws(pool) == []


async def test_a_snapshot_is_what_it_was_when_it_was_said(pool: Pool, work: Work) -> None:
    snapshot = {"lines": [1]}
    async with work:
        work.audit("NORTH", "approval.decided", "AP-2026-000001", snapshot)
        snapshot["lines"].append(2)
    body = await pool.fetchval("select body from audit_entry")
    assert json.loads(body)["snapshot"] == {"lines": [1]}


async def test_each_account_has_a_chain_of_its_own(pool: Pool, work: Work) -> None:
    await enter(work, "policy.changed")
    await enter(work, "policy.changed", account="RIVAL")
    assert await broken_chain(pool) == ([], (2, 2))
    assert await broken_chain(pool, "RIVAL") == ([], (1, 1))


async def test_what_is_undone_is_not_entered(pool: Pool, work: Work) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with work:
            work.audit("NORTH", "approval.decided", "AP-2026-000001", {})
            raise ZeroDivisionError
    async with work:
        work.audit("NORTH", "kept", "AP-2026-000001", {})
        with contextlib.suppress(ZeroDivisionError):
            async with work.savepoint():
                work.audit("NORTH", "undone", "AP-2026-000001", {})
                raise ZeroDivisionError
    assert await pool.fetchval("select array_agg(action) from audit_entry") == ["kept"]


async def test_books_that_are_closed_early_enter_it_once(pool: Pool, work: Work) -> None:
    async with work:
        work.audit("NORTH", "policy.changed", "NORTH", {})
        await work.close_books()
    assert await pool.fetchval("select count(*) from audit_entry") == 1


async def test_sixteen_at_once_make_one_chain_for_each_account(pool: Pool, work: Work) -> None:
    """Also the first ones, that must make the chains' ends; each tells several accounts, in any order."""

    async def enter_all(turn: int) -> None:
        mine = Work(pool, actor=f"{turn}")
        for _ in range(5):
            async with mine:
                for account in ACCOUNTS if turn % 2 else reversed(ACCOUNTS):
                    mine.audit(account, "policy.changed", account, {"turn": turn})

    await asyncio.gather(*map(enter_all, range(16)))
    assert await broken_chain(pool) == ([], (16 * 5 * len(ACCOUNTS), len(ACCOUNTS)))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update audit_entry set body = replace(body, '75000.00', '750.00') where sequence = 2",
            "entry 2 of NORTH is not what was hashed: its body or its hash was changed",
        ),
        (
            "update audit_entry set actor = 'somebody' where sequence = 1",
            "entry 1 of NORTH was changed beside its body: actor",
        ),
        (
            "update audit_entry set at = at - interval '1 day' where sequence = 3",
            "entry 3 of NORTH was changed beside its body: at",
        ),
        ("delete from audit_entry where sequence = 1", "entry 1 of NORTH went missing"),
        ("delete from audit_entry where sequence > 1", "entries 2 to 3 of NORTH went missing"),
        ("delete from audit_entry", "entries 1 to 3 of NORTH went missing"),
        ("delete from audit_head", "the end of NORTH's chain is gone"),
        (
            "update audit_entry set hash = '\\x00' where sequence = 2",
            "entry 2 of NORTH is not what was hashed: its body or its hash was changed",
        ),
        (
            """update audit_entry set body = b.body, hash = sha256(previous_hash || convert_to(b.body, 'UTF8'))
               from (select replace(body, 'Björn', 'Bernd') as body from audit_entry where sequence = 2) b
               where sequence = 2""",
            "entry 3 of NORTH does not follow the entry before it",
        ),
        (
            """update audit_entry set body = b.body, hash = sha256(previous_hash || convert_to(b.body, 'UTF8'))
               from (select replace(body, 'Björn', 'Bernd') as body from audit_entry where sequence = 3) b
               where sequence = 3""",
            "the chain of NORTH does not end where its head says",
        ),
        (
            """with shorter as (delete from audit_entry where sequence = 3)
               update audit_head set sequence = 2""",
            "the chain of NORTH does not end where its head says",
        ),
    ],
)
async def test_every_edited_row_is_found(pool: Pool, work: Work, statement: str, said: str) -> None:
    await enter(work, "approval.requested", "approval.decided", "approval.approved")
    await tamper(pool, statement)
    assert said in await found(pool)
    assert f"no entry of the audit chain was changed: {said}" in await broken_laws(pool)


@pytest.mark.parametrize(
    "statement", ["update audit_entry set actor = 'somebody'", "delete from audit_entry"]
)
async def test_the_database_itself_refuses_to_rewrite_an_entry(
    pool: Pool, work: Work, statement: str
) -> None:
    await enter(work, "approval.requested")
    with pytest.raises(Exception, match="never changed or deleted"):
        await pool.execute(statement)
