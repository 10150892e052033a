"""How a company's own sign-in is arranged: by whom, for which domains, how it is switched on, and the way back in."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.clock import utc_now
from portal.db import logins, providers
from portal.db.logins import Device, Via
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Unacceptable
from portal.operations import federating, letting_back_in, people, providing
from portal.operations.people import Member
from portal.views.settings import sign_in as views
from tests.company_sign_in.companies import (
    INES,
    LEAH,
    PETRA,
    RITA,
    arrange,
    arranged,
    at_veltro_as_well,
    audited,
    companies,
    enter,
    known,
    switched_on,
)


async def mailed(pool: Pool, kind: str) -> list[str]:
    rows = await pool.fetch(
        "select p.email from mail m join person p on p.id = m.person_id where m.kind = $1 order by m.id", kind
    )
    return [row["email"] for row in rows]


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"issuer": "http://sso.nordwind.example"},
    {"issuer": "https://10.0.0.1"},
    {"issuer": "https://sso.nordwind.example/?a=b"},
    {"client_id": ""},
    {"scopes": ['a"b']},
    {"domains": []},
    {"domains": ["gmail.com"]},
    {"domains": ["nordwind"]},
    {"domains": ["*.example"]},
    {"domains": ["veltro.example"]},
    {"domains": ["harrow.example"]},
    {"default_roles": ["admin"]},
    {"default_roles": []},
    {"role_claim": "groups", "default_roles": []},
    {"role_claim": "groups", "role_map": {"IT": ["emperor"]}},
    {"role_claim": "groups", "role_map": {"IT": {"VELTRO": ["buyer"]}}},
)


async def test_what_cannot_be_is_refused(pool: Pool) -> None:
    ines, _ = await companies(pool)
    for change in IMPOSSIBLE:
        with pytest.raises(Unacceptable):
            await arrange(pool, ines, arranged(**change))
    assert await pool.fetchval("select count(*) from identity_provider") == 0


async def test_only_whoever_administers_the_account_arranges_it(pool: Pool) -> None:
    ines, ruth = await companies(pool)
    for who, refusal in ((RITA, NotFound), (PETRA, Forbidden), (LEAH, NotFound)):
        with pytest.raises(refusal):
            await arrange(pool, await known(pool, who))
    with pytest.raises(Forbidden):
        await arrange(pool, ruth)
    with pytest.raises(NotFound):
        await arrange(pool, ines, at="VELTRO")


async def test_a_site_alone_does_not_arrange_for_the_company(pool: Pool) -> None:
    await companies(pool)
    async with Work(pool) as work:
        await people.put_member(work, Member("NORDWIND-HULL", LEAH, "Leah", ["account_admin"]))
        await people.put_member(work, Member("NORDWIND", LEAH, "Leah", ["reader"]))
    leah = await known(pool, LEAH)
    with pytest.raises(Forbidden):
        await arrange(pool, leah)
    await arrange(pool, leah, at="NORDWIND-HULL")


async def test_it_is_switched_on_when_it_works_and_the_supplier_has_agreed_to_a_domain(pool: Pool) -> None:
    ines, ruth = await companies(pool)
    await arrange(pool, ines)
    assert await mailed(pool, "sign_in.domains") == [ruth.email]
    async with Work(pool) as work:
        with pytest.raises(Conflict, match="Try it out"):
            await providing.switch(work, ines, "NORDWIND", on=True)
        await federating.works(work, "NORDWIND")
        with pytest.raises(Conflict, match="confirmed"):
            await providing.switch(work, ines, "NORDWIND", on=True)
        with pytest.raises(Forbidden):
            await letting_back_in.confirm(work, ines, "NORDWIND", ["nordwind.example"])
        with pytest.raises(Conflict):
            await letting_back_in.confirm(work, ruth, "NORDWIND", ["veltro.example"])
        await letting_back_in.confirm(work, ruth, "NORDWIND", ["nordwind.example"])
        await providing.switch(work, ines, "NORDWIND", on=True)
    assert await providers.of_domain(pool, "nordwind.example") is not None
    with pytest.raises(Unacceptable, match="in use by somebody else"):
        await arrange(pool, await known(pool, RITA), arranged(), at="VELTRO")
    # Another domain waits again; the first goes on.
    await arrange(pool, ines, arranged(domains=["nordwind.example", "nordwind-hull.example"]))
    assert await providers.of_domain(pool, "nordwind-hull.example") is None
    assert await providers.of_domain(pool, "nordwind.example") is not None


async def test_another_issuer_starts_anew_and_gets_nothing_of_the_former(pool: Pool) -> None:
    """Else whoever administers an account could point it at a provider of their own that says it is petra."""
    ines, _ = await switched_on(pool)
    await enter(pool, "s-petra", {"email": PETRA, "email_verified": True})
    async with Work(pool, actor=ines.actor) as work:
        other = arranged(issuer="https://other.nordwind.example")
        await providing.arrange(work, ines, "NORDWIND", other, None, simulated=False)
    found = await providers.of_account(pool, "NORDWIND")
    assert found is not None
    assert (found.active, found.has_secret, found.last_success_at) == (False, False, None)
    assert await pool.fetchval("select count(*) from external_identity") == 0


async def test_it_is_switched_off_when_none_of_its_domains_is_confirmed_any_more(pool: Pool) -> None:
    """Or it would go on being the only way, and let nobody in."""
    ines, _ = await switched_on(pool)
    async with Work(pool, actor=ines.actor) as work:
        await providing.be_only_way(work, ines, "NORDWIND", on=True)
    petra = await pool.fetchval("select id from person where email = $1", PETRA)
    assert await providers.only_way(pool, petra, utc_now())
    await arrange(pool, ines, arranged(domains=["nordwind.example", "other.example"]))
    assert await providers.only_way(pool, petra, utc_now()), "one of them is left"
    await arrange(pool, ines, arranged(domains=["other.example"]))
    assert await providers.only_way(pool, petra, utc_now()) is None
    standing = await providers.of_account(pool, "NORDWIND")
    assert standing is not None
    assert not standing.active
    assert (await audited(pool, "NORDWIND"))[-2:] == ["provider.off", "provider.arranged"]


async def test_a_secret_is_kept_until_another_is_given(pool: Pool) -> None:
    ines, _ = await companies(pool)
    await arrange(pool, ines)
    async with Work(pool, actor=ines.actor) as work:
        await providing.arrange(work, ines, "NORDWIND", arranged(scopes=["openid"]), None, simulated=False)
    assert await providers.secret(pool, "NORDWIND") == b"sealed"
    said = await pool.fetchval("select string_agg(body, ' ') from audit_entry")
    assert "sealed" not in said


async def only(pool: Pool, ines: Viewer) -> None:
    async with Work(pool, actor=ines.actor) as work:
        await providing.be_only_way(work, ines, "NORDWIND", on=True)


async def way(pool: Pool, email: str) -> str | None:
    person_id = await pool.fetchval("select id from person where email = $1", email)
    found = await providers.only_way(pool, person_id, utc_now())
    return found.account if found else None


async def test_the_only_way_holds_for_the_companys_people_and_nobody_else(pool: Pool) -> None:
    ines, ruth = await switched_on(pool)
    await only(pool, ines)
    for email in (INES, PETRA, LEAH):
        assert await way(pool, email) == "NORDWIND"
    assert await way(pool, RITA) is None
    assert await way(pool, str(ruth.email)) is None
    # Whoever belongs to another company as well cannot come in by this one's: they keep their password.
    await at_veltro_as_well(pool, PETRA)
    assert await way(pool, PETRA) is None
    # Nobody else brings that about.
    async with Work(pool) as work:
        with pytest.raises(Conflict, match="another company's own sign-in"):
            await people.put_member(work, Member("VELTRO", LEAH, "Leah", ["reader"]))


async def test_the_only_way_ends_what_began_otherwise(pool: Pool) -> None:
    ines, _ = await switched_on(pool)
    async with Work(pool) as work:
        petra = await work.conn.fetchval("select id from person where email = $1", PETRA)
        for key, via in (("by password", None), ("by company", Via("NORDWIND", "s-petra"))):
            await logins.insert(
                work.conn,
                key=key,
                person_id=petra,
                at=work.now,
                factors=["password"],
                device=Device("", ""),
                via=via,
            )
    await only(pool, ines)
    rows = await pool.fetch("select key from login where ended_at is null")
    assert [row["key"] for row in rows] == ["by company"]


async def test_the_supplier_opens_a_way_back_in_for_a_day(pool: Pool) -> None:
    ines, ruth = await switched_on(pool)
    async with Work(pool, actor=ruth.actor) as work:
        with pytest.raises(Conflict, match="other ways already"):
            await letting_back_in.open_way_back(work, ruth, "NORDWIND")
    await only(pool, ines)
    async with Work(pool, actor=ines.actor) as work:
        with pytest.raises(Forbidden):
            await letting_back_in.open_way_back(work, ines, "NORDWIND")
    async with Work(pool, actor=ruth.actor) as work:
        until = await letting_back_in.open_way_back(work, ruth, "NORDWIND")
    assert timedelta(hours=23) < until - utc_now() <= timedelta(hours=24)
    assert await way(pool, PETRA) is None
    petra = await pool.fetchval("select id from person where email = $1", PETRA)
    assert await providers.only_way(pool, petra, until) is not None, "it closes by itself"
    async with Work(pool, actor=ines.actor) as work:
        await letting_back_in.close_way_back(work, ines, "NORDWIND")
    assert await way(pool, PETRA) == "NORDWIND"
    assert {"provider.way_back", "provider.way_back_closed"} <= set(await audited(pool))
    assert set(await mailed(pool, "sign_in.changed")) == {INES}


async def test_what_is_asked_of_everybody_is_the_accounts_to_say(pool: Pool) -> None:
    ines, ruth = await companies(pool)
    wanted: dict[str, Any] = {"needs_second_factor": True, "step_up_above": Decimal(50_000)}
    async with Work(pool, actor=ines.actor) as work:
        with pytest.raises(Forbidden):
            await providing.require(work, ruth, "NORDWIND", **wanted)
        await providing.require(work, ines, "NORDWIND", **wanted)
    rules = await providers.rules(pool, "NORDWIND")
    assert rules is not None
    assert (rules.needs_second_factor, rules.step_up_above) == (True, Decimal(50_000))
    assert (await audited(pool))[-1] == "provider.rules"


async def test_a_failing_provider_says_since_when(pool: Pool) -> None:
    await switched_on(pool)
    async with Work(pool) as work:
        await providers.failed(work.conn, "NORDWIND", work.now, "it does not answer")
        first = (await providers.failing(work.conn))[0]
        await providers.failed(work.conn, "NORDWIND", work.now + timedelta(hours=1), "it answers 500")
        assert await providers.failing(work.conn) == [("NORDWIND", "it answers 500", first[2])]
    await enter(pool, "s-petra", {"email": PETRA, "email_verified": True})
    assert await providers.failing(pool) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Purchasing = buyer, approver", {"Purchasing": ["buyer", "approver"]}),
        ("cn=it,ou=groups = account_admin", {"cn=it,ou=groups": ["account_admin"]}),
        ("Yard = buyer @ HULL, reader", {"Yard": {"HULL": ["buyer"], "NORDWIND": ["reader"]}}),
        ("A = buyer\nA = reader\n\n", {"A": ["buyer", "reader"]}),
    ],
)
def test_a_map_is_read_as_it_was_written(text: str, meant: dict[str, Any]) -> None:
    assert views.read_map(text, "NORDWIND") == meant
    assert views.read_map(views.written_map(meant), "NORDWIND") == meant


@pytest.mark.parametrize("text", ["buyer", "= buyer", "A =", "A = buyer,,"])
def test_a_line_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(views.Unreadable):
        views.read_map(text, "NORDWIND")
