"""Every form that the company's administrator finds, sent by who administers only its site and reads the company's
things: nothing of the company changes. Sent by the administrator, much does."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import asyncpg

from portal.routes.once import new_form
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.routes.conftest import House
from tests.routes.forms import Form, read
from tests.routes.test_access import GUARDED, address

# A person's own, whatever company they belong to.
OWN = ("/sign-out", "/theme", "/demo", "/today/visit", "/impersonation")
OWN_SETTINGS = ("/settings/sessions", "/settings/notifications", "/settings/calendar", "/settings/security")
LEFT_ALONE = (*OWN, *OWN_SETTINGS, "/prove")
# Rows that say what a person has read, packed, or was answered.
THEIR_OWN = {"order_visit", "bundle", "answer", "login", "impersonation_view", "feed_reader"}
TYPED = {
    "email": "new@nordwind.example",
    "name": "Somebody New",
    "comment": "because",
    "note": "because",
    "text": "because",
    "url": "https://erp.nordwind.example/hook",
    "from_on": "2026-12-01",
    "to_on": "2026-12-24",
    "issuer": "https://login.nordwind.example",
    "client_id": "portal",
    "domains": "nordwind.example",
    "cap": "900",
    "paste": "BOLT 3",
    "lines": "BOLT 3",
}
BUTTONS = ("do", "what", "verb", "deed", "answer", "decision")
MOST_OF_A_FORM = 6


def test_a_sites_administrator_changes_nothing_of_the_company(house: House) -> None:
    ines, hanna = (cast.signed_in(house.portal, who) for who in (cast.INES, cast.HANNA))
    forms = list(found(house, ines))
    assert len(forms) > 25, "the administrator finds fewer forms than there are"
    before = snapshot(house.portal)
    assert len(before) > 30, "tables with an account"
    for form in forms:
        status = send(hanna, form)
        assert status < 500, f"{form.action} answered {status}"
    assert changed(before, snapshot(house.portal)) == []
    done = [form.action for form in forms if send(ines, form) == 303]
    assert len(done) > 10, f"these forms do little even for whom they are: {done}"
    assert len(changed(before, snapshot(house.portal))) > 6


def found(house: House, ines: Guest) -> Iterator[Form]:
    """The forms of all pages that she is shown, filled in as well as names tell, once for each of their buttons."""
    seen = set[tuple[str, tuple[tuple[str, str], ...]]]()
    for door in GUARDED:
        if door.method != "GET" or door.path.endswith("/live"):
            continue
        answer = ines.client.get(address(house, door))
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        for form in read(answer.text, address(house, door))[0]:
            if form.method == "POST" and not form.action.startswith(LEFT_ALONE):
                for filled in islice(variants(form), MOST_OF_A_FORM):
                    said = tuple(one for one in filled.fields if one[0] not in {"_csrf", "form"})
                    if (filled.action, said) not in seen:
                        seen.add((filled.action, said))
                        yield filled


def variants(form: Form) -> Iterator[Form]:
    given: dict[str, list[str]] = {}
    for name, value in form.fields:
        given.setdefault(name, []).append(value)
    button = next((name for name in BUTTONS if name in given), None)
    for pressed in given[button] if button else [""]:
        said = {name: pressed if name == button else choose(name, values) for name, values in given.items()}
        yield Form("POST", form.action, list(said.items()))


def choose(name: str, values: list[str]) -> str:
    """Of what a page offers, the company's; what is left to be typed, as its name says."""
    if cast.COMPANY in values:
        return cast.COMPANY
    return next((value for value in values if value), "") or TYPED.get(name.partition("-")[0], "1")


def send(who: Guest, form: Form) -> int:
    said = {**dict(form.fields), "_csrf": who.token("/orders"), "form": new_form()}
    return who.client.post(form.action, data=said).status_code


def snapshot(portal: Portal) -> dict[str, str]:
    """What stands of the company in each table that has accounts."""

    async def look() -> dict[str, str]:
        connection = await asyncpg.connect(portal.database_url)
        tables = await connection.fetch(
            """select table_name, column_name from information_schema.columns
               where table_schema = 'public' and column_name = 'account' and table_name not in (
                   select table_name from information_schema.views where table_schema = 'public')
               union all select 'account', 'number'"""
        )
        query = "select coalesce(md5(string_agg(t::text, ' ' order by t::text)), '') from {} t where {} = $1"
        rows = {
            table: await connection.fetchval(query.format(table, column), cast.COMPANY)
            for table, column in tables
            if table not in THEIR_OWN
        }
        await connection.close()
        return rows

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, look()).result()


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(table for table in before if before[table] != after[table])
