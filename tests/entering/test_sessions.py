"""Where somebody is signed in: they see it, they end it, and what has ended is refused whatever Valkey says."""

import re
from datetime import timedelta

import pytest
import redis

from portal.adapters.sessions import key_of
from portal.clock import utc_now
from portal.db import logins
from portal.db.logins import Device
from portal.db.work import Work
from portal.jobs.keeping_up import end_what_was_left_alone
from portal.operations import entering, leaving, tokens
from portal.operations.entering import Entry, Overtaken
from tests.entering.conftest import Post, Town, sends, viewer_of
from tests.routes import cast
from tests.routes.cast import Guest

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


def on(town: Town, email: str, agent: str) -> Guest:
    """Signed in with such a browser."""
    guest = Guest(town.portal.browser(headers={"User-Agent": agent}))
    assert guest.sign_in(email).status_code == 303
    return guest


def rows(guest: Guest) -> list[str]:
    """The sessions that last, as the page tells them."""
    page = guest.client.get("/settings/sessions")
    assert page.status_code == 200
    part = page.text.partition('id="all-h"')[2].partition("</section>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<li.*?</li>", part)]


def end_of(guest: Guest, device: str) -> str:
    """Where the button is that ends a session with this device."""
    page = guest.client.get("/settings/sessions").text
    [found] = [one for one in re.findall(r"<li.*?</li>", page) if device in one and "/end" in one]
    path = re.search(r'action="([^"]+)"', found)
    assert path is not None
    return path[1]


def is_in(guest: Guest) -> bool:
    return guest.client.get("/orders").status_code == 200


def test_each_sign_in_is_shown_with_its_device_and_this_one_is_marked(town: Town) -> None:
    email = town.person("petra@nordwind.example")
    desk, phone = on(town, email, FIREFOX), on(town, email, IPHONE)
    found = rows(desk)
    assert len(found) == 2
    assert found[0].startswith("Firefox on Windows this one now")
    assert found[1].startswith("Safari on iPhone last used")
    assert "127.0.0.1" in found[0]
    assert "password" in found[0]
    assert rows(phone)[0].startswith("Safari on iPhone this one")


def test_one_is_ended_and_refused_with_its_next_click(town: Town) -> None:
    email = town.person("klaus@nordwind.example")
    desk, phone = on(town, email, FIREFOX), on(town, email, IPHONE)
    answer = desk.post(end_of(desk, "iPhone"), seen_on="/settings/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/sessions?ended=1")
    assert not is_in(phone)
    assert is_in(desk)
    assert len(rows(desk)) == 1


def test_all_others_are_ended_at_once(town: Town) -> None:
    email = town.person("ines@nordwind.example")
    here, others = on(town, email, FIREFOX), [on(town, email, IPHONE) for _ in range(3)]
    answer = here.post("/settings/sessions/end-others", seen_on="/settings/sessions")
    assert answer.headers["location"] == "/settings/sessions?ended=3"
    assert is_in(here)
    assert not any(is_in(one) for one in others)


def test_nobody_ends_the_session_of_somebody_else(town: Town) -> None:
    victim = on(town, town.person("vic@nordwind.example"), FIREFOX)
    mine = on(town, town.person("mal@nordwind.example"), FIREFOX)
    page = on(town, "vic@nordwind.example", IPHONE)
    path = end_of(page, "Firefox")
    assert mine.post(path, seen_on="/settings/sessions").headers["location"].endswith("?ended=0")
    assert is_in(victim)


async def test_what_has_ended_stays_ended_when_valkey_did_not_hear_of_it(town: Town, post: Post) -> None:
    """The row says so, whatever is kept in the process or in Valkey."""
    email = town.person("tom@nordwind.example")
    tom = on(town, email, FIREFOX)
    assert is_in(tom)
    key = key_of(tom.client.cookies["session"])
    await post.pool.execute("update login set ended_at = now(), ended_why = 'revoked' where key = $1", key)
    with redis.Redis.from_url(town.portal.valkey_url) as valkey:
        assert valkey.exists(key), "Valkey believes in it"
    for path in ("/orders", "/settings/sessions", "/", "/impersonation"):
        assert tom.client.get(path).headers["location"].startswith("/sign-in"), path


async def test_an_open_stream_is_cut_when_the_person_is_shut_out(town: Town, post: Post) -> None:
    email = town.person("lea@nordwind.example")
    order = town.world.order("NORDWIND", [("BOLT", 1)])
    lea = on(town, email, FIREFOX)
    person: int = await post.pool.fetchval("select id from person where email = $1", email)
    with lea.client.stream("GET", f"/orders/{order['number']}/live", timeout=20) as stream:
        assert stream.status_code == 200
        read = stream.iter_raw()
        assert b"hi" in next(read)
        async with Work(post.pool) as work:
            await leaving.shut_out(work, person)
        for _ in read:  # it ends: the time limit of the client is the test's
            pass
    assert not is_in(lea)
    assert cast.guest(town.portal).sign_in(email).status_code == 422


async def test_an_open_stream_is_cut_when_its_session_is_ended_elsewhere(town: Town) -> None:
    email = town.person("max@nordwind.example")
    order = town.world.order("NORDWIND", [("BOLT", 1)])
    desk, phone = on(town, email, FIREFOX), on(town, email, IPHONE)
    path = end_of(desk, "iPhone")
    with phone.client.stream("GET", f"/orders/{order['number']}/live", timeout=20) as stream:
        read = stream.iter_raw()
        assert b"hi" in next(read)
        desk.post(path, seen_on="/settings/sessions")
        for _ in read:
            pass
    assert is_in(desk)


async def test_a_token_in_the_name_of_whoever_is_shut_out_is_refused(town: Town, post: Post) -> None:
    email = town.person("dev@nordwind.example", "account_admin")
    async with Work(post.pool) as work:
        _, token = await tokens.issue(
            work, account="NORDWIND", person=email, scopes=["orders:read"], name="mine", now=work.now
        )
    client = town.portal.client(token)
    assert client.get("/orders").status_code == 200
    person: int = await post.pool.fetchval("select id from person where email = $1", email)
    async with Work(post.pool) as work:
        await leaving.shut_out(work, person)
    assert client.get("/orders").status_code == 401
    async with Work(post.pool) as work:
        await leaving.let_in(work, person)
    assert client.get("/orders").status_code == 200


async def test_an_administrator_signs_somebody_out_everywhere_and_they_are_told(
    town: Town, post: Post
) -> None:
    email = town.person("sam@veltro.example", account="VELTRO")
    sam = on(town, email, FIREFOX)
    person: int = await post.pool.fetchval("select id from person where email = $1", email)
    viewer = await viewer_of(post.pool, cast.RITA)
    async with Work(post.pool, actor=cast.RITA) as work:
        assert await leaving.end_of(work, viewer, "VELTRO", person) == 1
    assert not is_in(sam)
    assert (await post.last(email))["subject"] == "You were signed out everywhere"


async def test_a_device_that_is_not_known_is_told_by_mail(town: Town, post: Post) -> None:
    email = town.person("nora@nordwind.example")
    first = on(town, email, FIREFOX)
    assert await post.to(email) == [], "the first of all is no news"
    first.post("/sign-out")
    assert first.sign_in(email).status_code == 303
    on(town, email, FIREFOX)
    assert await post.to(email) == [], "the same browser at the same address"
    on(town, email, IPHONE)
    [letter] = await post.to(email)
    assert letter["subject"] == "You signed in on another device"
    body = letter.get_body(["plain"])
    assert body is not None
    assert "Safari on iPhone" in body.get_content()


def test_people_who_share_a_browser_stay_known_to_it(town: Town) -> None:
    shared = Guest(town.portal.browser())
    for email in (town.person("one@nordwind.example"), town.person("two@nordwind.example")):
        assert shared.sign_in(email).status_code == 303
        shared.post("/sign-out", seen_on="/orders")
    assert shared.client.cookies["device"].count(".") == 1


async def test_a_session_from_before_the_upgrade_is_remembered_when_it_is_used(
    town: Town, post: Post
) -> None:
    email = town.person("old@nordwind.example")
    old = on(town, email, FIREFOX)
    key = key_of(old.client.cookies["session"])
    await post.pool.execute("delete from login where key = $1", key)
    assert is_in(old)
    assert len(rows(old)) == 1
    assert await post.pool.fetchval("select agent from login where key = $1", key) == FIREFOX


async def test_what_nobody_used_any_more_is_shown_as_ended(town: Town, post: Post) -> None:
    email = town.person("idle@nordwind.example")
    here, gone = on(town, email, FIREFOX), on(town, email, IPHONE)
    key = key_of(gone.client.cookies["session"])
    async with redis.asyncio.from_url(town.portal.valkey_url) as valkey:  # type: ignore[no-untyped-call]
        await valkey.delete(key)
        assert len(rows(here)) == 2, "what Valkey has lost comes back when it is used"
        await post.pool.execute("update login set seen_at = seen_at - interval '13 hours'")
        assert len(rows(here)) == 1, "it is not shown as if it lasted"
        await post.pool.execute("update login set seen_at = seen_at - interval '13 hours'")
        await end_what_was_left_alone({"pool": post.pool, "redis": valkey}, utc_now())
    assert await post.pool.fetchval("select ended_why from login where key = $1", key) == "expired"
    assert is_in(here), "whoever is still there stays"
    assert "unused for too long" in here.client.get("/settings/sessions").text


async def test_use_is_noted_by_the_minute(town: Town, post: Post) -> None:
    email = town.person("busy@nordwind.example")
    busy = on(town, email, FIREFOX)
    key = key_of(busy.client.cookies["session"])
    query = "select xmin::text from login where key = $1"
    before = await post.pool.fetchval(query, key)
    for _ in range(3):
        assert is_in(busy)
    assert await post.pool.fetchval(query, key) == before, "reading writes nothing"
    await post.pool.execute("update login set seen_at = seen_at - interval '2 minutes' where key = $1", key)
    assert is_in(busy)
    seen = await post.pool.fetchval("select seen_at from login where key = $1", key)
    assert abs(utc_now() - seen) < timedelta(minutes=1)


async def test_the_former_id_of_a_session_opens_nothing_whoever_still_believes_in_it(
    town: Town, post: Post
) -> None:
    """It goes on under another one after a proof; what Valkey or a process kept of the former is refused."""
    email = town.person("new@nordwind.example")
    former = on(town, email, FIREFOX)
    async with Work(post.pool) as work:
        await logins.move(work.conn, key_of(former.client.cookies["session"]), "session:another")
    assert not is_in(former)
    assert not is_in(former), "nor is it taken for one from before rows were kept"
    assert len(rows(on(town, email, IPHONE))) == 2


async def test_who_is_shut_out_while_coming_in_stays_out(town: Town, post: Post) -> None:
    email = town.person("slow@nordwind.example")
    person = await post.pool.fetchrow("select id, session_epoch from person where email = $1", email)
    assert person is not None
    async with Work(post.pool) as work:
        await leaving.end_all(work, person["id"])
    device = Device("127.0.0.1", FIREFOX)
    entry = Entry("session:late", person["id"], person["session_epoch"], ("password",), device)
    async with Work(post.pool) as work:
        with pytest.raises(Overtaken):
            await entering.enter(work, entry)
    assert await post.pool.fetchval("select count(*) from login where key = 'session:late'") == 0


async def test_a_provider_ends_the_sessions_it_began(town: Town, post: Post) -> None:
    """By whom it was, or by which session of theirs; and never all of them by saying nothing."""
    person: int = await post.pool.fetchval("select id from person where email = $1", cast.RITA)
    async with Work(post.pool) as work:
        for number, (subject, session) in enumerate([("ann", "s1"), ("ann", "s2"), ("bob", "s3")]):
            await logins.insert(
                work.conn,
                key=f"session:provider-{number}",
                person_id=person,
                at=work.now,
                factors=("provider",),
                device=Device("127.0.0.1", FIREFOX),
                via=logins.Via("VELTRO", subject, session),
            )
        end = logins.end_of_provider
        assert await end(work.conn, "VELTRO", None, None, work.now) == []
        assert await end(work.conn, "NORDWIND", "ann", None, work.now) == []
        assert await end(work.conn, "VELTRO", None, "s2", work.now) == ["session:provider-1"]
        assert await end(work.conn, "VELTRO", "ann", None, work.now) == ["session:provider-0"]


def test_the_page_is_a_persons_own(town: Town) -> None:
    assert town.portal.browser().get("/settings/sessions").status_code == 303
    answer = sends(town.portal.browser(), "/sign-in", email="", password="")
    assert answer.status_code == 422
