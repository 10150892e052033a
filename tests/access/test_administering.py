"""Who administers an account says what its people may do: as far as they may themselves, and nowhere else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from portal.clock import utc_now
from portal.db import people as looking
from portal.db.work import Connection, Pool, Work
from portal.domain.access import BUYER_ROLES, Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import administering, cataloguing, people, tokens
from portal.operations.inviting import Limits
from portal.operations.people import Member
from portal.seed.cast import company

COMPANY, SITE = "NORDWIND", "NORDWIND-HULL"
INES, HANNA, PETRA, LEAH, RUTH = (
    "ines@nordwind.example",
    "hanna@nordwind.example",
    "petra@nordwind.example",
    "leah@nordwind.example",
    "ruth@harrow.example",
)


@pytest.fixture
async def office(pool: Pool) -> Pool:
    """Ines administers the company; Hanna reads there, and administers its site. Petra buys for both, Leah for it."""
    async with Work(pool) as work:
        await cataloguing.put_account(work, company(COMPANY, "Nordwind"))
        await cataloguing.put_account(work, company(SITE, "Hull", parent=COMPANY))
        for account, email, roles in (
            (COMPANY, INES, ["account_admin"]),
            (COMPANY, HANNA, ["reader"]),
            (SITE, HANNA, ["account_admin"]),
            (COMPANY, PETRA, ["buyer"]),
            (SITE, PETRA, ["approver"]),
            (SITE, LEAH, ["buyer"]),
        ):
            await people.put_member(work, Member(account, email, email, roles))
        await people.put_staff(work, RUTH, "Ruth", ["admin"])
    return pool


async def viewer(pool: Pool, email: str) -> Viewer:
    async with pool.acquire() as conn:
        person_id = await conn.fetchval("select id from person where email = $1", email)
        found = await looking.viewer(cast("Connection", conn), person_id)
    assert found is not None
    return found[0]


async def number(pool: Pool, email: str) -> int:
    return int(await pool.fetchval("select id from person where email = $1", email))


async def do(pool: Pool, what: Callable[..., Awaitable[Any]], by: str, *said: Any) -> Any:
    who = await viewer(pool, by)
    async with Work(pool, actor=by) as work:
        return await what(work, who, *said)


async def refuses(kind: type[Refused], pool: Pool, what: Callable[..., Awaitable[Any]], *said: Any) -> None:
    before = await state(pool)
    with pytest.raises(kind):
        await do(pool, what, *said)
    assert await state(pool) == before


async def state(pool: Pool) -> list[Any]:
    members = await pool.fetch("select * from membership order by person_id, account")
    return [*members, *await pool.fetch("select id, active, supplier_roles from person order by id")]


async def test_who_administers_a_site_does_nothing_to_the_company_above_it(office: Pool) -> None:
    petra, leah, ines = [await number(office, one) for one in (PETRA, LEAH, INES)]
    new = ("new@nordwind.example", "New", ["reader"], Limits())
    await refuses(Forbidden, office, administering.invite, HANNA, COMPANY, *new)
    for person in (petra, ines):
        await refuses(Forbidden, office, administering.change, HANNA, COMPANY, person, ["reader"], Limits())
        await refuses(Forbidden, office, administering.remove, HANNA, COMPANY, person)
        await refuses(Forbidden, office, administering.end_sessions, HANNA, COMPANY, person)
    # Petra belongs to the company as well: she can be taken out of the site, and not shut out of the portal.
    await refuses(Conflict, office, administering.shut_out, HANNA, petra)
    await refuses(NotFound, office, administering.shut_out, HANNA, ines)
    await do(office, administering.remove, HANNA, SITE, petra)
    await do(office, administering.change, HANNA, SITE, leah, ["buyer", "approver"], Limits())
    await do(office, administering.shut_out, HANNA, leah)
    assert set((await viewer(office, PETRA)).accounts or ()) == {COMPANY, SITE}
    assert not (await viewer(office, PETRA)).may("approvals:decide")


async def test_nobody_gives_or_takes_what_they_may_not_themselves(office: Pool) -> None:
    leah = await number(office, LEAH)
    hanna = await viewer(office, HANNA)
    held = {SITE: BUYER_ROLES["buyer"] | {"people:write"}, COMPANY: BUYER_ROLES["reader"]}
    clerk = Viewer("c", "Clerk", (COMPANY, SITE), held[SITE], hanna.person_id, "c@x", held=held)
    for roles in (["account_admin"], ["buyer", "finance"], ["approver"]):
        with pytest.raises(Forbidden):
            async with Work(office) as work:
                await administering.change(work, clerk, SITE, leah, roles, Limits())
    with pytest.raises(Forbidden):
        async with Work(office) as work:
            await administering.remove(work, clerk, SITE, await number(office, HANNA))
    async with Work(office) as work:
        await administering.change(work, clerk, SITE, leah, ["reader"], Limits())


async def test_the_last_who_administers_an_account_stays(office: Pool) -> None:
    ines = await number(office, INES)
    await refuses(Conflict, office, administering.change, INES, COMPANY, ines, ["reader"], Limits())
    await refuses(Conflict, office, administering.remove, INES, COMPANY, ines)
    await refuses(Conflict, office, administering.shut_out, INES, ines)
    # The site has her, too: whoever administers it alone may go.
    await do(office, administering.remove, HANNA, SITE, await number(office, HANNA))


async def test_two_who_remove_each_other_do_not_both_succeed(office: Pool) -> None:
    ines, petra = await number(office, INES), await number(office, PETRA)
    await do(office, administering.change, INES, COMPANY, petra, ["account_admin"], Limits())
    said = await asyncio.gather(
        do(office, administering.remove, INES, COMPANY, petra),
        do(office, administering.remove, PETRA, COMPANY, ines),
        return_exceptions=True,
    )
    assert sum(one is None for one in said) == 1, said
    assert await office.fetchval("select count(*) from membership where 'account_admin' = any(roles)") == 2


async def test_who_is_shut_out_is_told_so_and_nothing_acts_in_their_name(office: Pool) -> None:
    leah = await number(office, LEAH)
    async with Work(office) as work:
        _, token = await tokens.issue(
            work, account=SITE, person=LEAH, scopes=["orders:read"], name="hers", now=utc_now()
        )
    await do(office, administering.shut_out, INES, leah)
    async with office.acquire() as conn:
        assert await looking.viewer(cast("Connection", conn), leah) is None
        assert await looking.token_viewer(cast("Connection", conn), tokens.digest(token), utc_now()) is None
    await do(office, administering.let_in, INES, leah)
    async with office.acquire() as conn:
        assert await looking.viewer(cast("Connection", conn), leah) is not None
        assert (
            await looking.token_viewer(cast("Connection", conn), tokens.digest(token), utc_now()) is not None
        )
    kinds = await office.fetch("select kind from mail where person_id = $1 order by id", leah)
    assert [row["kind"] for row in kinds] == ["member.shut_out", "member.let_in"]
    entries = await office.fetch(
        "select action, actor from audit_entry where account = $1 and subject = $2 order by sequence",
        SITE,
        LEAH,
    )
    assert [tuple(row) for row in entries][-2:] == [("member.shut_out", INES), ("member.let_in", INES)]


async def test_whoever_is_taken_out_of_an_account_has_no_token_for_it_any_more(office: Pool) -> None:
    async with Work(office) as work:
        _, token = await tokens.issue(
            work, account=COMPANY, person=PETRA, scopes=["orders:read"], name="hers", now=utc_now()
        )

    async def holder() -> Viewer | None:
        async with office.acquire() as conn:
            return await looking.token_viewer(cast("Connection", conn), tokens.digest(token), utc_now())

    petra = await number(office, PETRA)
    await do(office, administering.remove, INES, COMPANY, petra)
    assert await holder() is not None, "they still belong to a site of it"
    await do(office, administering.remove, INES, SITE, petra)
    assert await holder() is None


@pytest.mark.parametrize(
    "email", ["a@b.example, c@d.example", "a@b.example,c@d.example", "A <a@b.example>", "a@b@c.example"]
)
async def test_an_invitation_goes_to_one_address(office: Pool, email: str) -> None:
    await refuses(Refused, office, administering.invite, INES, COMPANY, email, "Ann", ["reader"], Limits())


async def test_an_invitation_opens_no_more_for_whom_nobody_has_any_more(office: Pool) -> None:
    nora = await do(
        office, administering.invite, INES, COMPANY, "nora@nordwind.example", "Nora", ["reader"], Limits()
    )
    await do(office, administering.change, INES, COMPANY, nora, ["buyer"], Limits())
    await do(office, administering.invite, INES, SITE, "nora@nordwind.example", "Nora", ["buyer"], Limits())
    await office.execute(
        """insert into entry_link (sha256, person_id, kind, made_at, expires_at)
           values (sha256('a key in a mail'), $1, 'invitation', now(), now() + interval '7 days')""",
        nora,
    )
    open_ones = "select count(*) from entry_link where person_id = $1 and used_at is null"
    await do(office, administering.remove, INES, SITE, nora)
    assert await office.fetchval(open_ones, nora) == 1, "they still belong to the company"
    await do(office, administering.remove, INES, COMPANY, nora)
    assert await office.fetchval(open_ones, nora) == 0
    waiting = (
        "select count(*) from mail where person_id = $1 and kind = 'entry.invited' and state = 'waiting'"
    )
    assert await office.fetchval(waiting, nora) == 0


async def test_whose_roles_change_is_told_and_signs_in_again(office: Pool) -> None:
    leah = await number(office, LEAH)
    epoch = await office.fetchval("select session_epoch from person where id = $1", leah)
    await do(office, administering.change, HANNA, SITE, leah, ["reader"], Limits())
    assert await office.fetchval("select session_epoch from person where id = $1", leah) > epoch
    told = await office.fetchrow("select kind, data from mail where person_id = $1", leah)
    assert told is not None
    assert (told["kind"], told["data"]["roles"], told["data"]["by"]) == ("member.rights", ["reader"], HANNA)


async def test_the_supplier_names_anybody_and_its_own_last_admin_stays(office: Pool) -> None:
    ines, ruth = await number(office, INES), await number(office, RUTH)
    await do(office, administering.change, RUTH, COMPANY, ines, ["reader"], Limits())
    await refuses(Conflict, office, administering.change_staff, RUTH, ruth, ["operations"])
    await refuses(Conflict, office, administering.shut_out_staff, RUTH, ruth)
    await refuses(NotFound, office, administering.change_staff, RUTH, ines, ["admin"])
    dev = await do(office, administering.invite_staff, RUTH, "dev@harrow.example", "Dev", ["account_manager"])
    await refuses(Forbidden, office, administering.change_staff, "dev@harrow.example", dev, ["admin"])
    await refuses(Forbidden, office, administering.shut_out_staff, "dev@harrow.example", ruth)
    await do(office, administering.change_staff, RUTH, dev, ["admin"])
    await do(office, administering.change_staff, "dev@harrow.example", ruth, ["finance"])
    # A buyer's people are never the supplier's.
    await refuses(Conflict, office, administering.invite_staff, "dev@harrow.example", LEAH, "Leah", ["admin"])


async def test_nobody_is_taken_into_a_company_who_works_for_another_but_by_the_supplier(office: Pool) -> None:
    sam = "sam@meridian.example"
    async with Work(office) as work:
        await cataloguing.put_account(work, company("MERIDIAN", "Meridian"))
        await people.put_member(work, Member("MERIDIAN", sam, "Sam", ["buyer"]))
    epoch = await office.fetchval("select session_epoch from person where email = $1", sam)
    wanted = (COMPANY, sam, "Sam", ["reader"], Limits())
    await refuses(Conflict, office, administering.invite, INES, *wanted)
    await do(office, administering.invite, RUTH, *wanted)
    assert await office.fetchval("select session_epoch from person where email = $1", sam) == epoch
    # Who works at one of its own sites is taken in by its own people.
    await do(office, administering.invite, INES, COMPANY, LEAH, "Leah", ["reader"], Limits())
