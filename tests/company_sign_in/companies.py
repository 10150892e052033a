"""Two companies, one with a site below it, and whoever administers them: for tests without any page."""

from collections.abc import Mapping
from typing import Any

from portal.db.people import Person
from portal.db.people import viewer as found
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.operations import cataloguing, federating, letting_back_in, people, providing
from portal.operations.people import Member
from portal.operations.providing import Arranged
from tests.operations.supplier import account

ISSUER = "https://sso.nordwind.example"
INES, PETRA, LEAH, RITA, RUTH = (
    "ines@nordwind.example", "petra@nordwind.example", "leah@nordwind.example", "rita@veltro.example",
    "ruth@harrow.example",
)  # fmt: skip
MEMBERS = (
    ("NORDWIND", INES, "account_admin"),
    ("NORDWIND", PETRA, "buyer"),
    ("NORDWIND-HULL", LEAH, "reader"),
    ("VELTRO", RITA, "account_admin"),
)
NORA = {"email": "nora@nordwind.example", "email_verified": True, "name": "Nora Feld"}


def arranged(**changes: Any) -> Arranged:
    given: dict[str, Any] = {
        "issuer": ISSUER, "client_id": "portal", "scopes": ["openid", "email"], "domains": ["nordwind.example"],
        "role_claim": None, "role_map": {}, "default_roles": ["buyer"], "makes_people": True,
    }  # fmt: skip
    return Arranged(**{**given, **changes})


async def companies(pool: Pool) -> tuple[Viewer, Viewer]:
    """(whoever administers Nordwind, the supplier's admin)"""
    async with Work(pool) as work:
        await cataloguing.put_account(work, account("NORDWIND"))
        await cataloguing.put_account(work, account("NORDWIND-HULL", parent="NORDWIND"))
        await cataloguing.put_account(work, account("VELTRO"))
        for number, email, role in MEMBERS:
            await people.put_member(work, Member(number, email, email.split("@")[0].title(), [role]))
        await people.put_staff(work, RUTH, "Ruth", ["admin"])
    return await known(pool, INES), await known(pool, RUTH)


async def known(pool: Pool, email: str) -> Viewer:
    async with pool.acquire() as conn:
        person_id = await conn.fetchval("select id from person where email = $1", email)
        who = await found(conn, person_id)
    assert who is not None
    return who[0]


async def arrange(pool: Pool, ines: Viewer, given: Arranged | None = None, at: str = "NORDWIND") -> None:
    async with Work(pool, actor=ines.actor) as work:
        await providing.arrange(work, ines, at, given or arranged(), b"sealed", simulated=False)


async def switched_on(pool: Pool, given: Arranged | None = None) -> tuple[Viewer, Viewer]:
    """Arranged, confirmed, tried out and switched on."""
    ines, ruth = await companies(pool)
    await arrange(pool, ines, given)
    async with Work(pool, actor=ruth.actor) as work:
        await letting_back_in.confirm(work, ruth, "NORDWIND", list((given or arranged()).domains))
    async with Work(pool, actor=ines.actor) as work:
        await federating.works(work, "NORDWIND")
        await providing.switch(work, ines, "NORDWIND", on=True)
    return ines, ruth


async def enter(pool: Pool, subject: str, claims: Mapping[str, Any]) -> Person:
    async with Work(pool) as work:
        return await federating.enter(work, "NORDWIND", ISSUER, subject, claims)


async def places(pool: Pool, email: str) -> dict[str, list[str]]:
    rows = await pool.fetch(
        """select m.account, m.roles from membership m join person p on p.id = m.person_id
           where p.email = $1 order by 1""",
        email,
    )
    return {row["account"]: row["roles"] for row in rows}


async def audited(pool: Pool, account: str = "NORDWIND") -> list[str]:
    rows = await pool.fetch("select action from audit_entry where account = $1 order by id", account)
    return [row["action"] for row in rows]


async def at_veltro_as_well(pool: Pool, email: str) -> None:
    """As somebody may, who was there before the company had its own sign-in."""
    await pool.execute(
        """insert into membership (person_id, account, roles)
           select id, 'VELTRO', '{reader}' from person where email = $1""",
        email,
    )
