"""Invitations and forgotten passwords: a key in a mail opens one page, once, for whoever has the mailbox."""

import re
import time

import httpx

from portal.db import entries
from portal.db.work import Work
from portal.operations import inviting, leaving, people
from tests.entering.conftest import PASSWORD, RITA, Post, Town, path_of_key, sends, viewer_of
from tests.routes import cast


async def invited(post: Post, email: str, roles: tuple[str, ...] = ("buyer",), by: str = RITA) -> int:
    viewer = await viewer_of(post.pool, by)
    async with Work(post.pool, actor=by) as work:
        return await inviting.invite(work, viewer, "VELTRO", email, "Nils Holm", roles)


async def forgot(town: Town, post: Post, email: str) -> str:
    assert sends(town.portal.browser(), "/sign-in/forgotten", email=email).status_code == 200
    return await post.key(email)


async def test_whoever_is_invited_sets_a_password_and_is_in(town: Town, post: Post) -> None:
    await invited(post, "nils@veltro.example")
    letter = await post.last("nils@veltro.example")
    assert letter["subject"] == "Rita invites you to the order portal of Harrow & Pike"
    path = await post.key("nils@veltro.example")

    nils = town.portal.browser()
    for _ in range(2):
        page = nils.get(path)
        assert page.status_code == 200, "mail programs look at links: that opens nothing"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "private, no-store"
    assert "Welcome, Nils Holm" in page.text
    answer = sends(nils, path, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert nils.get("/orders").status_code == 200, "they are in"

    assert nils.get(path).status_code == 410, "it opens once"
    assert "It was used already" in nils.get(path).text
    assert cast.guest(town.portal).sign_in("nils@veltro.example", PASSWORD).status_code == 303
    said = await post.pool.fetch("select action from audit_entry where account = 'VELTRO' order by sequence")
    assert [row["action"] for row in said][-2:] == ["member.invited", "member.joined"]


async def test_a_weak_password_is_refused_with_what_to_do_and_the_key_stays_good(
    town: Town, post: Post
) -> None:
    await invited(post, "weak@veltro.example")
    path = await post.key("weak@veltro.example")
    browser = town.portal.browser()
    for weak, said in (
        ("short", "at least 12 characters"),
        ("password1234", "first that anybody tries"),
        ("veltro-veltro-1", "a name that anybody knows"),
    ):
        answer = sends(browser, path, password=weak)
        assert answer.status_code == 422
        assert said in answer.text
        assert weak not in answer.text
    assert sends(browser, path, password=PASSWORD).status_code == 303


async def test_sent_again_only_the_last_invitation_opens(town: Town, post: Post) -> None:
    person = await invited(post, "again@veltro.example")
    first = await post.key("again@veltro.example")
    viewer = await viewer_of(post.pool, RITA)
    for _ in range(2):
        async with Work(post.pool, actor=RITA) as work:
            await inviting.invite_again(work, viewer, "VELTRO", person)

    came = [path for one in await post.to("again@veltro.example") if (path := path_of_key(one))]
    assert len(came) == 2, "the one that still waited was not sent"
    browser = town.portal.browser()
    assert browser.get(first).status_code == 404
    assert browser.get(came[-1]).status_code == 200


async def test_somebody_who_can_sign_in_is_told_that_they_belong_to_one_more_account(
    town: Town, post: Post
) -> None:
    town.person("both@nordwind.example")
    async with Work(post.pool) as work:
        await people.put_staff(work, "ada@harrow.example", "Ada", ["admin"])
    # Only the supplier's people know that both companies want them.
    person = await invited(post, "Both@Nordwind.example", by="ada@harrow.example")
    letter = await post.last("both@nordwind.example")
    assert letter["subject"] == "You are one of the people of Veltro now"
    assert path_of_key(letter) is None, "no key to an account that has its own"
    async with Work(post.pool) as work:
        assert await entries.accounts(work.conn, person) == ["NORDWIND", "VELTRO"]


async def test_a_forgotten_password_is_replaced_and_every_session_ends(town: Town, post: Post) -> None:
    email = town.person("vera@nordwind.example")
    elsewhere = cast.signed_in(town.portal, email)
    path = await forgot(town, post, email)
    assert elsewhere.client.get("/orders").status_code == 200, "asking for a key changes nothing"

    answer = sends(town.portal.browser(), path, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?set=1")
    assert "session" not in answer.headers.get("set-cookie", "").split("=")[0]
    assert elsewhere.client.get("/orders").status_code == 303
    assert (await post.last(email))["subject"] == "Your password was changed"
    assert cast.guest(town.portal).sign_in(email).status_code == 422
    assert cast.guest(town.portal).sign_in(email, PASSWORD).status_code == 303


async def test_of_two_who_send_the_same_key_at_once_one_sets_the_password(town: Town, post: Post) -> None:
    email = town.person("twice@nordwind.example")
    path = await forgot(town, post, email)
    one, two = town.portal.browser(), town.portal.browser()
    first = sends(one, path, password=PASSWORD)
    assert first.status_code == 303
    token = cast.Guest(two).token()
    assert two.post(path, data={"_csrf": token, "password": "another garden wall"}).status_code == 410
    assert cast.guest(town.portal).sign_in(email, "another garden wall").status_code == 422


async def test_nobody_learns_who_has_an_account(town: Town, post: Post) -> None:
    email = town.person("quiet@nordwind.example")
    answers: list[httpx.Response] = []
    for asked in (email, "nobody@nowhere.example"):
        browser = town.portal.browser()
        token = cast.Guest(browser).token("/sign-in/forgotten")
        began = time.monotonic()
        answers.append(browser.post("/sign-in/forgotten", data={"_csrf": token, "email": asked}))
        assert time.monotonic() - began >= 0.4, "the answer waits longer than either takes"
    known, unknown = (answer.text.replace(email, "nobody@nowhere.example") for answer in answers)
    assert _without_token(known) == _without_token(unknown)
    assert len(await post.to(email)) == 1
    assert await post.to("nobody@nowhere.example") == []


def _without_token(page: str) -> str:
    return re.sub(r'name="_csrf" value="[^"]+"', "", page.partition("<main")[2])


async def test_a_flood_of_requests_becomes_a_few_mails(town: Town, post: Post) -> None:
    email = town.person("flood@nordwind.example")
    for _ in range(5):
        async with Work(post.pool) as work:
            await inviting.forgot(work, email)
    found = await post.to(email)
    assert len(found) == inviting.MOST_RESETS
    browser = town.portal.browser()
    keys = [path for one in found if (path := path_of_key(one))]
    assert [browser.get(key).status_code for key in keys] == [200, 200, 200], "the earlier ones stay good"
    assert sends(browser, keys[0], password=PASSWORD).status_code == 303
    assert [browser.get(key).status_code for key in keys[1:]] == [404, 404], "one used, none left"


async def test_a_key_opens_for_an_hour(town: Town, post: Post) -> None:
    email = town.person("late@nordwind.example")
    path = await forgot(town, post, email)
    await post.pool.execute(
        """update entry_link set expires_at = expires_at - interval '61 minutes'
           where person_id = (select id from person where email = $1)""",
        email,
    )
    page = town.portal.browser().get(path)
    assert page.status_code == 410
    assert "Its time is over" in page.text


async def test_nobody_who_is_shut_out_comes_back_by_mail(town: Town, post: Post) -> None:
    email = town.person("out@nordwind.example")
    path = await forgot(town, post, email)
    person: int = await post.pool.fetchval("select id from person where email = $1", email)
    async with Work(post.pool) as work:
        assert await leaving.shut_out(work, person)
    assert town.portal.browser().get(path).status_code == 404
    before = len(await post.to(email))
    sends(town.portal.browser(), "/sign-in/forgotten", email=email)
    assert len(await post.to(email)) == before


async def test_a_key_that_nobody_made_opens_nothing(town: Town) -> None:
    for made_up in ("nonsense", "x" * 5000, "WzEsMV0.AAAAAAAAAAAAAAAAAAAAAAAAAAAA"):
        assert town.portal.browser().get(f"/enter/{made_up}").status_code == 404


async def test_the_database_holds_no_key(town: Town, post: Post) -> None:
    email = town.person("kept@nordwind.example")
    path = await forgot(town, post, email)
    secret = path.removeprefix("/enter/")
    rows = await post.pool.fetch("select data::text as said from mail union all select key from mail")
    rows += await post.pool.fetch("select encode(sha256, 'escape') as said from entry_link")
    assert not any(secret in row["said"] for row in rows)


async def test_whose_company_signs_them_in_is_sent_there(town: Town, post: Post) -> None:
    town.world.account("FIRM")
    email = town.person("sso@firm.example", account="FIRM")
    await post.pool.execute(
        """insert into identity_provider (account, issuer, client_id, domains, is_only_way, active)
           values ('FIRM', 'https://id.firm.example', 'portal', '{firm.example}', true, true)"""
    )
    sends(town.portal.browser(), "/sign-in/forgotten", email=email)
    letter = await post.last(email)
    assert letter["subject"] == "How you sign in at Harrow & Pike"
    assert path_of_key(letter) is None
    body = letter.get_body(["plain"])
    assert body is not None
    assert "/sign-in/company?email=sso%40firm.example" in body.get_content()
