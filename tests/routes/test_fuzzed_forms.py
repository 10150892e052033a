"""Every form of every page, sent as nobody should: nothing breaks, nothing is repeated raw, nobody is led away.

The forms are read from the pages themselves, as far as a guest, buyers and the supplier's people find them; what takes
a form but shows none is sent the fields of all others. At the end every law of the system holds.
"""

import csv
import io
import random
import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.routes import cast
from tests.routes.cast import Guest
from tests.routes.conftest import House
from tests.routes.forms import EVIL, HEADER, NASTY, PRODUCT, SCRIPT, Form, disturbed, encoded, pattern, read
from tests.routes.test_access import DOORS, address

WHO = (None, cast.PETRA, cast.RITA, cast.AMARA, cast.DEV)
# One of each kind of page is enough, and two show whether it was chance.
OF_A_KIND = 2
MOST_PAGES = 150
TIMES = 3
# It moves the clock under everybody's feet; and whoever signs out has nothing more to send.
LEFT_ALONE = ("/demo", "/sign-out", "/static", "/api/", "/settings/sessions")
KEPT = frozenset({"_csrf"})


def somebody(house: House, who: str | None) -> Guest:
    return cast.at_home(house.portal, who) if who else cast.guest(house.portal)


def pages(guest: Guest) -> Iterator[tuple[str, str]]:
    """(address, text) of what somebody comes to by following links."""
    waiting, seen = deque(["/", "/settings", "/sign-in", "/new-order"]), dict[str, int]()
    for _ in range(MOST_PAGES):
        if not waiting:
            return
        path = waiting.popleft()
        answer = guest.client.get(path, follow_redirects=True)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        here = str(answer.url.raw_path, "ascii")
        yield here, answer.text
        for link in read(answer.text, here)[1]:
            link = link.partition("#")[0]
            kind = pattern(link)
            if (
                seen.get(kind, 0) < OF_A_KIND
                and not link.startswith(LEFT_ALONE)
                and not link.endswith("/live")
            ):
                seen[kind] = seen.get(kind, 0) + 1
                waiting.append(link)


def forms(guest: Guest) -> dict[tuple[str, str, frozenset[str]], Form]:
    found: dict[tuple[str, str, frozenset[str]], Form] = {}
    for path, text in pages(guest):
        for form in read(text, path)[0]:
            if not form.action.startswith(LEFT_ALONE):
                found.setdefault((form.method, pattern(form.action), form.names), form)
    return found


def unharmed(answer: httpx.Response, what: object) -> None:
    """Whatever was sent: a clean answer that repeats nothing raw and leads nowhere else."""
    assert answer.status_code < 500, (what, answer.text[-600:])
    assert answer.headers["content-security-policy"].startswith("default-src 'none'"), what
    assert answer.headers["x-content-type-options"] == "nosniff", what
    assert HEADER not in answer.headers.get("set-cookie", ""), what
    target = answer.headers.get("location", "/")
    assert re.match(r"/(?![/\\])", target), (what, target)
    assert urlsplit(target).netloc == "", (what, target)
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert SCRIPT not in answer.text, what
        assert "onerror=alert(1)>" not in answer.text, what
        assert "onfocus='alert" not in answer.text, what
        assert PRODUCT not in answer.text, what
        led = re.findall(rf'(?:href|action|src|formaction)="([^"]*{EVIL}[^"]*)"', answer.text)
        assert [one for one in led if not one.startswith("/") or one.startswith(("//", "/\\"))] == [], what
        assert 'href="javascript:' not in answer.text, what
        assert 'href="data:' not in answer.text, what


@pytest.mark.parametrize("who", WHO, ids=str)
def test_a_form_of_a_page_may_be_sent_with_anything(house: House, who: str | None) -> None:
    chance = random.Random(f"forms of {who}")
    guest = somebody(house, who)
    found = forms(guest)
    assert len(found) > (1 if who is None else 8), sorted(found)
    for form in found.values():
        for _ in range(TIMES):
            sent = disturbed(form.fields, chance, KEPT)
            if guest.client.get("/settings").status_code == 303 and who:
                guest = somebody(house, who)
            sent = [(name, _fresh(guest, value) if name == "_csrf" else value) for name, value in sent]
            unharmed(_send(guest, form, sent, chance), (who, form.method, form.action, sent))


def _fresh(guest: Guest, token: str) -> str:
    return (
        token
        if len(token) > 40
        else guest.token("/sign-in" if not guest.client.cookies.get("session") else "/orders")
    )


def _send(guest: Guest, form: Form, sent: list[tuple[str, str]], chance: random.Random) -> httpx.Response:
    if form.method == "GET":
        return guest.client.get(f"{form.action.partition('?')[0]}?{encoded(sent, chance).decode()}")
    if form.is_multipart or chance.random() < 0.1:
        files = [(name, (None, value)) for name, value in sent]
        files.append(("file", (chance.choice(NASTY)[:200] or "x", chance.choice(NASTY))))  # type: ignore[arg-type]
        return guest.client.post(form.action, files=files)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return guest.client.post(form.action, content=encoded(sent, chance), headers=headers)


@pytest.mark.parametrize("who", [cast.PETRA, cast.AMARA, cast.DEV])
def test_every_door_may_be_sent_any_field(house: House, who: str) -> None:
    """Also those of which nobody sees a form now: with the names of fields of all forms that somebody sees."""
    chance = random.Random(f"doors of {who}")
    guest = somebody(house, who)
    names = sorted({name for form in forms(guest).values() for name in form.names if name != "_csrf"})
    for door in DOORS:
        if door.method != "POST" or door.path.startswith(LEFT_ALONE):
            continue
        if guest.client.get("/settings").status_code == 303:
            guest = somebody(house, who)
        sent = [(name, chance.choice(NASTY)) for name in chance.sample(names, min(len(names), 25))]
        form = Form("POST", address(house, door), [])
        sent = [("_csrf", guest.token("/orders")), *sent]
        unharmed(_send(guest, form, sent, chance), (who, door.path, sent))


@pytest.mark.parametrize("who", [cast.PETRA, cast.DEV])
def test_every_page_may_be_asked_with_any_query(house: House, who: str) -> None:
    chance = random.Random(f"queries of {who}")
    guest = somebody(house, who)
    names = sorted({name for form in forms(guest).values() if form.method == "GET" for name in form.names})
    names += [
        "next",
        "after",
        "before",
        "done",
        "page",
        "sort",
        "as",
        "v",
        "what",
        "account",
        "period",
        "view",
        "on",
    ]
    for door in DOORS:
        if door.method != "GET" or door.path.startswith(LEFT_ALONE) or door.path.endswith("/live"):
            continue
        for _ in range(2):
            query = urlencode(
                [(name, chance.choice(NASTY)) for name in chance.sample(names, min(12, len(names)))]
            )
            unharmed(guest.client.get(f"{address(house, door)}?{query}"), (who, door.path, query))


def test_no_address_leads_away(house: House) -> None:
    guest = somebody(house, cast.PETRA)
    for door in DOORS:
        if door.method != "GET" or door.path.startswith(LEFT_ALONE) or door.path.endswith("/live"):
            continue
        for target in (f"https://{EVIL}/", f"//{EVIL}/", f"/\\{EVIL}", f"/%5c{EVIL}", f"\t//{EVIL}"):
            query = urlencode(dict.fromkeys(("next", "return_to", "url", "back"), target))
            unharmed(guest.client.get(f"{address(house, door)}?{query}"), (door.path, target))


@pytest.mark.parametrize("who", [cast.PETRA, cast.AMARA])
def test_no_table_of_any_page_runs_anything_in_a_spreadsheet(house: House, who: str) -> None:
    """The house sells a product that is called like a formula, and forms have been sent full of them."""
    guest = somebody(house, who)
    found = 0
    for door in DOORS:
        if door.method != "GET" or not door.path.endswith(".csv"):
            continue
        answer = guest.client.get(f"{address(house, door)}?account=NORDWIND", follow_redirects=True)
        if not answer.headers["content-type"].startswith("text/csv"):
            continue
        assert answer.headers["content-disposition"].startswith('attachment; filename="'), door.path
        for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
            found += len(row)
            risky = [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "\x00"))]
            risky += [cell for cell in row if re.match(r"-(?![0-9]+(\.[0-9]+)?$)", cell)]
            assert risky == [], door.path
    assert found > 20


def test_afterwards_every_law_holds(house: House) -> None:
    house.portal.check()
    assert "Traceback" not in house.portal.said()
