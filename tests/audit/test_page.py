"""The audit log for people and for other systems: what each may see, what it is narrowed to, what files hold."""

import csv
import hashlib
import io
import json
import re

import pytest

from tests.audit.conftest import ADA, BEN, FINN, RITA, Kept


def numbers(text: str) -> list[str]:
    """The entries of a page, as their addresses."""
    return re.findall(r'<th scope="row" class="num"><a href="/audit/([^"]+)"', text)


def test_the_newest_entries_come_first_those_of_accounts_below_too(kept: Kept) -> None:
    answer = kept.page(ADA, "/audit")
    assert answer.status_code == 200
    assert numbers(answer.text) == ["NORDWIND-NL/1", "NORDWIND/3", "NORDWIND/2", "NORDWIND/1"]
    assert "VELTRO" not in answer.text


def test_who_may_not_read_it_is_refused(kept: Kept) -> None:
    for path in ("/audit", "/audit.csv", "/audit.pdf", "/audit/NORDWIND/1"):
        assert kept.page(BEN, path).status_code == 403


def test_a_stranger_finds_only_their_own(kept: Kept) -> None:
    assert numbers(kept.page(RITA, "/audit").text) == ["VELTRO/1"]
    assert numbers(kept.page(RITA, "/audit?account=NORDWIND").text) == []
    assert kept.page(RITA, "/audit/NORDWIND/1").status_code == 404
    assert kept.page(ADA, "/audit/NORDWIND/99").status_code == 404
    assert kept.page(ADA, "/audit/NORDWIND/x").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("account=NORDWIND-NL", ["NORDWIND-NL/1"]),
        ("action=approval.decided", ["NORDWIND/2"]),
        ("subject=AP-2026-000001", ["NORDWIND/2", "NORDWIND/1"]),
        ("who=finn", ["NORDWIND/2"]),
        ("who=%25", []),
        ("from=2026-11-18&to=2026-11-18&action=policy.changed", ["NORDWIND-NL/1", "NORDWIND/3"]),
        ("from=2026-11-19", []),
        ("to=2026-11-17", []),
        ("before=2", ["NORDWIND/1"]),
    ],
)
def test_it_is_narrowed_by_its_address(kept: Kept, query: str, found: list[str]) -> None:
    assert numbers(kept.page(ADA, f"/audit?{query}").text) == found


def test_what_is_no_day_is_told_beside_the_field(kept: Kept) -> None:
    answer = kept.page(ADA, "/audit?from=yesterday&to=2026-11-18")
    assert answer.status_code == 422
    assert 'aria-describedby="problem-from"' in answer.text
    assert kept.page(ADA, "/audit?from=2026-11-19&to=2026-11-18").status_code == 422


def test_an_entry_shows_what_it_was_decided_on(kept: Kept) -> None:
    text = kept.page(FINN, "/audit/NORDWIND/1").text
    for told in ("75000.00", ADA, "&lt;u&gt;", "is as it was written", 'href="/approvals/AP-2026-000001"'):
        assert told in text
    assert "<u>" not in text


def test_the_chain_is_checked_on_demand(kept: Kept) -> None:
    assert "entries are as they were written" not in kept.page(ADA, "/audit").text
    assert "Checked: 4 entries are as they were written" in kept.page(ADA, "/audit?check=1").text


def test_who_has_the_file_can_hash_it_again(kept: Kept) -> None:
    answer = kept.page(ADA, "/audit.csv?account=NORDWIND")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["Account"], row["No."]) for row in rows] == [
        ("NORDWIND-NL", "1"),
        ("NORDWIND", "3"),
        ("NORDWIND", "2"),
        ("NORDWIND", "1"),
    ]
    for row in rows:
        before = bytes.fromhex(row["Previous hash"])
        assert hashlib.sha256(before + row["Body"].encode()).hexdigest() == row["Hash"]


def test_the_paper_is_a_pdf(kept: Kept) -> None:
    answer = kept.page(ADA, "/audit.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert kept.page(ADA, "/audit.pdf?who=nobody").content.startswith(b"%PDF-")


def test_the_api_tells_the_chain_in_its_order(kept: Kept) -> None:
    first = kept.portal.erp.get("/accounts/NORDWIND/audit?limit=2").json()
    rest = kept.portal.erp.get(f"/accounts/NORDWIND/audit?limit=2&cursor={first['next']}").json()
    items = [*first["items"], *rest["items"]]
    assert [item["sequence"] for item in items] == [1, 2, 3]
    assert rest["next"] is None
    previous = b""
    for item in items:
        assert item["previous_hash"] == previous.hex()
        previous = hashlib.sha256(previous + item["body"].encode()).digest()
        assert item["hash"] == previous.hex()
        assert json.loads(item["body"])["snapshot"] == item["snapshot"]


def test_an_accounts_token_reads_its_own_chain_only(kept: Kept) -> None:
    client = kept.portal.client(kept.portal.token("NORDWIND"))
    assert len(client.get("/accounts/NORDWIND/audit").json()["items"]) == 3
    assert client.get("/accounts/VELTRO/audit").status_code == 404
    assert client.get("/accounts/NOBODY/audit").status_code == 404
    assert client.get("/accounts/NORDWIND/audit?cursor=x").status_code == 400


def test_the_command_says_how_the_chain_stands(kept: Kept) -> None:
    process = kept.portal.start("audit", "verify")
    assert process.wait(60) == 0
    assert "5 entries in 3 chains are as they were written." in kept.portal.said()
