"""For whom a company's provider may speak, and what becomes of what it says of them."""

from decimal import Decimal
from typing import Any

import pytest

from portal.db import providers
from portal.db.work import Pool, Work
from portal.domain.company_sign_in import NotLetIn
from portal.domain.refusals import Conflict
from portal.operations import federating, people
from portal.operations.people import Limit, Member
from tests.company_sign_in.companies import (
    INES,
    ISSUER,
    LEAH,
    NORA,
    PETRA,
    RITA,
    RUTH,
    arranged,
    at_veltro_as_well,
    audited,
    enter,
    places,
    switched_on,
)

GROUPS = {
    "role_claim": "groups",
    "role_map": {
        "Purchasing": ["buyer"],
        "Yard": {"NORDWIND-HULL": ["buyer", "approver"]},
        "IT": ["account_admin"],
    },
    "default_roles": [],
}


def says(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "email_verified": True, **more}


async def test_whoever_is_known_by_their_address_comes_in_as_they_are(pool: Pool) -> None:
    await switched_on(pool)
    person = await enter(pool, "s-petra", says("Petra@Nordwind.example", name="Somebody Else"))
    assert (person.email, person.name) == (PETRA, "Petra")
    assert await places(pool, PETRA) == {"NORDWIND": ["buyer"]}
    # From then on by what the provider calls them, whatever address it gives.
    assert (await enter(pool, "s-petra", {})).id == person.id
    assert (await audited(pool)).count("person.linked") == 1
    for change in ("issuer = 'https://other.example'", "active = false"):
        await pool.execute(f"update identity_provider set {change}")
        with pytest.raises(Conflict):
            await enter(pool, "s-petra", says(PETRA))


async def test_whoever_comes_for_the_first_time_is_made(pool: Pool) -> None:
    await switched_on(pool)
    person = await enter(pool, "s-nora", NORA)
    assert (person.email, person.name, person.password_hash) == ("nora@nordwind.example", "Nora Feld", None)
    assert await places(pool, person.email) == {"NORDWIND": ["buyer"]}


async def test_nobody_is_made_where_only_the_invited_come_in(pool: Pool) -> None:
    await switched_on(pool, arranged(makes_people=False))
    await refused(pool, "unknown", "s-nora", NORA)
    assert await pool.fetchval("select count(*) from person where email like 'nora%'") == 0
    assert (await enter(pool, "s-petra", says(PETRA))).email == PETRA


async def refused(pool: Pool, why: str, subject: str, claims: dict[str, Any]) -> None:
    before = await _everything(pool)
    with pytest.raises(NotLetIn) as said:
        await enter(pool, subject, claims)
    assert said.value.why == why
    assert await _everything(pool) == before, "nothing has changed"


async def _everything(pool: Pool) -> list[Any]:
    return [
        await pool.fetch(f"select * from {table} order by 1, 2")
        for table in ("person", "membership", "external_identity", "identity_provider", "audit_entry")
    ]


NOT_THEIRS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("unverified", {"email": PETRA}),
    ("unverified", {"email": PETRA, "email_verified": False}),
    ("unverified", {"email": PETRA, "email_verified": "no"}),
    ("unverified", {"email": PETRA, "email_verified": False, "xms_edov": True}),
    ("unverified", {"email": [PETRA], "email_verified": True}),
    ("unverified", {"email": f"{RITA}, {PETRA}", "email_verified": True}),
    ("unverified", {"email": "\N{KELVIN SIGN}ai@nordwind.example", "email_verified": True}),
    ("unverified", {"email": f'"a@b"@{"nordwind.example"}', "email_verified": True}),
    ("unverified", {}),
    ("foreign", says(RITA)),
    ("foreign", says("petra@nordwind.example.evil.example")),
    ("foreign", says("petra@sub.nordwind.example")),
    ("foreign", says("petra@evilnordwind.example")),
)


async def test_an_address_counts_only_verified_and_of_the_companys_domain(pool: Pool) -> None:
    await switched_on(pool)
    for why, claims in NOT_THEIRS:
        await refused(pool, why, "s", claims)
    # What a directory says of its domains verifies an address, too.
    assert (await enter(pool, "s", {"email": PETRA, "xms_edov": True})).email == PETRA


async def test_a_provider_speaks_for_nobody_who_belongs_to_others_as_well(pool: Pool) -> None:
    await switched_on(pool)
    await pool.execute("update person set email = 'ruth@nordwind.example' where email = $1", RUTH)
    await refused(pool, "elsewhere", "s-ruth", says("ruth@nordwind.example"))
    await enter(pool, "s-petra", says(PETRA))
    await at_veltro_as_well(pool, PETRA)
    await refused(pool, "elsewhere", "s-petra", says(PETRA))


async def test_a_sites_provider_speaks_for_nobody_of_the_company_above(pool: Pool) -> None:
    await switched_on(pool)
    await pool.execute("update identity_provider set account = 'NORDWIND-HULL'")
    async with Work(pool) as work:
        found = await providers.of_account(work.conn, "NORDWIND-HULL")
        assert found is not None
    with pytest.raises(NotLetIn, match="also belongs"):
        await _at_hull(pool, "s-ines", says(INES))
    assert (await _at_hull(pool, "s-leah", says(LEAH))).email == LEAH


async def _at_hull(pool: Pool, subject: str, claims: dict[str, Any]) -> Any:
    async with Work(pool) as work:
        return await federating.enter(work, "NORDWIND-HULL", ISSUER, subject, claims)


async def test_nobody_is_placed_in_a_site_that_has_gone_to_another_company(pool: Pool) -> None:
    await switched_on(pool, arranged(**GROUPS))
    await pool.execute(
        "update account set parent = 'VELTRO', path = '{VELTRO,NORDWIND-HULL}' where number = 'NORDWIND-HULL'"
    )
    await refused(pool, "unplaced", "s-nora", {**NORA, "groups": ["Yard"]})
    person = await enter(pool, "s-nora", {**NORA, "groups": ["Yard", "Purchasing"]})
    assert await places(pool, person.email) == {"NORDWIND": ["buyer"]}


async def test_a_provider_proves_nothing_for_who_has_come_to_belong_to_others_as_well(pool: Pool) -> None:
    await switched_on(pool)
    person = await enter(pool, "s-petra", says(PETRA))
    assert await providers.linked(pool, "NORDWIND", "s-petra") == person.id
    await at_veltro_as_well(pool, PETRA)
    assert await providers.linked(pool, "NORDWIND", "s-petra") is None


async def test_an_address_that_is_given_to_somebody_else_opens_nothing_of_the_former(pool: Pool) -> None:
    await switched_on(pool)
    await enter(pool, "s-petra", says(PETRA))
    await refused(pool, "taken", "s-another", says(PETRA))
    # Nor does a domain that is not confirmed any more, or whoever was switched off.
    await pool.execute("update identity_provider set confirmed_domains = '{}'")
    await refused(pool, "foreign", "s-petra", says(PETRA))
    await refused(pool, "foreign", "s-nora", NORA)
    await pool.execute("update person set active = false where email = $1", PETRA)
    await refused(pool, "inactive", "s-petra", says(PETRA))


async def test_what_was_taken_away_here_is_not_given_back_by_coming_in(pool: Pool) -> None:
    await switched_on(pool, arranged(makes_people=False))
    await enter(pool, "s-petra", says(PETRA))
    await pool.execute(
        "delete from membership where person_id = (select id from person where email = $1)", PETRA
    )
    await refused(pool, "unknown", "s-petra", says(PETRA))


async def test_roles_follow_what_the_provider_says_each_time(pool: Pool) -> None:
    await switched_on(pool, arranged(**GROUPS))
    person = await enter(pool, "s-nora", {**NORA, "groups": ["Purchasing", "Yard", "Chess"]})
    assert await places(pool, person.email) == {"NORDWIND": ["buyer"], "NORDWIND-HULL": ["buyer", "approver"]}
    again = await enter(pool, "s-nora", {**NORA, "groups": ["Yard"]})
    assert await places(pool, person.email) == {"NORDWIND-HULL": ["buyer", "approver"]}
    assert again.session_epoch == person.session_epoch + 1, "sessions with the former roles have ended"
    same = await enter(pool, "s-nora", {**NORA, "groups": "Yard"})
    assert same.session_epoch == again.session_epoch
    assert (await audited(pool)).count("member.changed") == (await _changes(pool)) + 2


async def _changes(pool: Pool) -> int:
    """Before anybody came in: each of the company's two people."""
    found: int = await pool.fetchval(
        """select count(*) from audit_entry
           where account = 'NORDWIND' and action = 'member.changed' and subject in ($1, $2)""",
        INES,
        PETRA,
    )
    return found


async def test_a_limit_outlives_a_change_of_roles_and_no_role_lets_nobody_in(pool: Pool) -> None:
    await switched_on(pool, arranged(**GROUPS))
    async with Work(pool) as work:
        limit = Limit(Decimal(500), "EUR")
        await people.put_member(work, Member("NORDWIND", PETRA, "Petra", ["reader"], per_order=limit))
    await enter(pool, "s-petra", says(PETRA, groups=["Purchasing"]))
    assert await places(pool, PETRA) == {"NORDWIND": ["buyer"]}
    kept = await pool.fetchval("select limit_per_order from membership m join person p on p.id = m.person_id "
                               "where p.email = $1", PETRA)  # fmt: skip
    assert kept == 500
    for groups in ([], ["Chess"], None, {"a": 1}, 7):
        await refused(pool, "unplaced", "s-petra", says(PETRA, groups=groups))
    assert await places(pool, PETRA) == {"NORDWIND": ["buyer"]}
