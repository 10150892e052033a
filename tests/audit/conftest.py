"""A portal with two companies whose people decided something."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from portal.db.pool import open_pool
from portal.db.work import Work
from tests.portals import Portal
from tests.routes import cast

ADA = "ada@nordwind.example"
FINN = "finn@nordwind.example"
BEN = "ben@nordwind.example"
RITA = "rita@veltro.example"
WHEN = datetime(2026, 11, 18, 9, tzinfo=UTC)
HARD = {
    "total": "75000.00",
    "currency": "GBP",
    "steps": [{"position": 1, "approvers": [ADA, FINN]}],
    "note": "<u>",
}


@dataclass
class Kept:
    """Who may read what."""

    portal: Portal

    def page(self, who: str, path: str) -> cast.httpx.Response:
        return cast.at_home(self.portal, who).client.get(path)


@pytest.fixture(scope="module")
def kept(portal: Portal) -> Kept:
    portal.clock("2026-11-18T09:00:00Z")
    for number, parent in (("NORDWIND", None), ("NORDWIND-NL", "NORDWIND"), ("VELTRO", None)):
        body = {"name": number.title(), "currency": "GBP", "parent": parent, "ship_tos": []}
        assert portal.erp.put(f"/accounts/{number}", json=body).is_success
    for account, email, role in (
        ("NORDWIND", ADA, "account_admin"),
        ("NORDWIND", FINN, "finance"),
        ("NORDWIND", BEN, "buyer"),
        ("VELTRO", RITA, "account_admin"),
    ):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        assert portal.erp.put(f"/accounts/{account}/users/{email}", json=person).is_success
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _decide(portal.database_url)).result()
    return Kept(portal)


async def _decide(database_url: str) -> None:
    async with await open_pool(database_url, size=1) as pool:
        await pool.execute("truncate audit_entry, audit_head restart identity")
        for actor, account, action, subject, snapshot in (
            (BEN, "NORDWIND", "approval.requested", "AP-2026-000001", HARD),
            (FINN, "NORDWIND", "approval.decided", "AP-2026-000001", {"decision": "approve", "comment": "=1+1"}),
            (ADA, "NORDWIND", "policy.changed", "NORDWIND", {"rules": []}),
            (ADA, "NORDWIND-NL", "policy.changed", "NORDWIND-NL", {"rules": []}),
            (RITA, "VELTRO", "policy.changed", "VELTRO", {"rules": []}),
        ):  # fmt: skip
            work = Work(pool, actor=actor)
            async with work:
                work.now = WHEN
                work.audit(account, action, subject, snapshot)
