"""Looking as a buyer without any page: the mail, who allows it, its end by the clock, and what it costs."""

from datetime import timedelta

import pytest

from portal.adapters.mailbox import Mailbox
from portal.db import impersonations
from portal.db import people as known
from portal.db.work import Pool, Work
from portal.domain.access import SUPPLIER_ROLES, Viewer
from portal.domain.refusals import Forbidden
from portal.operations import cataloguing, impersonating, people, tidying
from portal.operations.impersonating import Beginning
from portal.operations.people import Member
from tests.desk.test_supply_cost import counted
from tests.mail.conftest import Send, _own_clock, box, post_office, send
from tests.operations.supplier import account

__all__ = ["_own_clock", "box", "post_office", "send"]
KLAUS, INES = "klaus@nordwind.example", "ines@nordwind.example"


async def test_they_are_told_who_looks_and_why(pool: Pool, send: Send, box: Mailbox) -> None:
    jo = await _people(pool)
    work = Work(pool, actor=jo.actor)
    async with work:
        klaus = await work.conn.fetchval("select id from person where email = $1", KLAUS)
        await impersonating.begin(work, jo, Beginning("s", "NORDWIND", klaus, "Call about seals", 30))
    assert await send() == 1
    message = box.message(box.names()[0])
    assert message is not None
    text = message.get_body(["plain"])
    assert text is not None
    said = text.get_content()
    assert message["to"] == f"Klaus Brandt <{KLAUS}>"
    assert message["subject"] == "Jo Whitfield looks at the portal as you"
    assert "Call about seals" in said
    assert "/settings/access-log" in said
    assert message["list-unsubscribe"] is None


async def test_only_the_account_itself_widens_what_is_allowed(pool: Pool) -> None:
    jo = await _people(pool)
    ines = Viewer(INES, "Ines", ("NORDWIND",), frozenset({"impersonation:control"}), email=INES)
    work = Work(pool)
    async with work:
        assert await impersonating.allow(work, jo, "NORDWIND", "off")
        with pytest.raises(Forbidden):
            await impersonating.allow(work, jo, "NORDWIND", "read")
        assert await impersonating.allow(work, ines, "NORDWIND", "order")
        with pytest.raises(Forbidden):
            await impersonating.allow(work, Viewer("p", "p", ("NORDWIND",), frozenset()), "NORDWIND", "off")


async def test_an_end_by_the_clock_is_entered_once(pool: Pool) -> None:
    jo = await _people(pool)
    work = Work(pool, actor=jo.actor)
    async with work:
        klaus = await work.conn.fetchval("select id from person where email = $1", KLAUS)
        await impersonating.begin(work, jo, Beginning("s", "NORDWIND", klaus, "Call about seals", 10))
        await work.conn.execute(
            "update impersonation set began_at = began_at - interval '1 h', ends_at = ends_at - interval '1 h'"
        )
    assert await impersonating.end_what_is_over(pool) == 1
    assert await impersonating.end_what_is_over(pool) == 0
    async with work:
        ended = await work.conn.fetchrow("select ended_at = ends_at, ended_by, left_at from impersonation")
        assert ended is not None
        assert tuple(ended) == (True, None, None)
        entries = "select count(*) from audit_entry where action = 'impersonation.ended'"
        assert await work.conn.fetchval(entries) == 1


async def test_what_was_looked_at_is_forgotten_in_the_end_and_the_audit_trail_is_not(pool: Pool) -> None:
    jo = await _people(pool)
    work = Work(pool, actor=jo.actor)
    async with work:
        klaus = await work.conn.fetchval("select id from person where email = $1", KLAUS)
        for session in ("then", "now"):
            wanted = Beginning(session, "NORDWIND", klaus, "Call about seals", 10)
            made = await impersonating.begin(work, jo, wanted)
            await impersonations.looked(work.conn, made, work.now, "GET", "/orders")
            await impersonating.leave(work, session, jo.person_id or 0)
        await work.conn.execute(
            "update impersonation set ended_at = ended_at - interval '401 days' where session = 'then'"
        )
    await tidying.forget_logs(pool, before=work.now - timedelta(days=400))
    left = await pool.fetch(
        "select session from impersonation join impersonation_view v on impersonation_id = impersonation.id"
    )
    assert [row["session"] for row in left] == ["now"]
    assert await pool.fetchval("select count(*) from audit_entry where action = 'impersonation.begun'") == 2


async def test_finding_out_who_asks_is_one_look(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    jo = await _people(pool)
    work = Work(pool, actor=jo.actor)
    async with work:
        with counted(monkeypatch) as sent:
            found = await known.asker(work.conn, jo.person_id or 0, "s", work.now)
        assert found is not None
        assert found.behind.id == 0
        assert len(sent) == 1


async def _people(pool: Pool) -> Viewer:
    """Jo, who looks after Nordwind, where Klaus and Ines work."""
    work = Work(pool)
    async with work:
        await cataloguing.put_account(work, account("NORDWIND"))
        await people.put_member(work, Member("NORDWIND", KLAUS, "Klaus Brandt", ["buyer"]))
        await people.put_member(work, Member("NORDWIND", INES, "Ines Albers", ["account_admin"]))
        await people.put_staff(work, "jo@harrow.example", "Jo Whitfield", ["account_manager"])
        jo = await work.conn.fetchval("select id from person where email = 'jo@harrow.example'")
    return Viewer(
        "jo@harrow.example",
        "Jo Whitfield",
        None,
        SUPPLIER_ROLES["account_manager"],
        jo,
        "jo@harrow.example",
    )
