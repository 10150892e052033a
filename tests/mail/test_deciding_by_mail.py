"""Decide from the mail: the link opens a page, only what is sent from there decides, and it is good once."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

import httpx
import pytest

from portal.adapters.mailbox import Mailbox, receive
from portal.db.pool import open_pool
from portal.jobs.mail import send_mail
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

KLAUS, ANNA, TOM, PETRA = (f"{name}@nordwind.example" for name in ("klaus", "anna", "tom", "petra"))
PEOPLE = {KLAUS: "approver", ANNA: "approver", TOM: "finance", PETRA: "buyer"}


@dataclass
class Desk:
    """A portal where what is above 1,000 asks both approvers, and then finance."""

    portal: Portal
    world: World
    mail: Path

    def order(self, total: int = 1000, **more: object) -> str:
        """Placed by Petra; answers the order's number."""
        token = self.world.post("tokens", {"scopes": ["*"], "name": "petra", "user": PETRA})["token"]
        body = self.world.order_body("NORDWIND", [("BOLT", total)], **more)
        answer = self.portal.client(token).post("/orders", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def post(self) -> None:
        """What the worker's job does."""

        async def run() -> None:
            box = Mailbox(self.mail)
            server, port = await receive(box)
            settings = self.portal.settings.replace(smtp_host="127.0.0.1", smtp_port=port)
            async with await open_pool(self.portal.database_url, size=2) as pool:
                await send_mail({"pool": pool, "settings": settings})
            server.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()

    def link(self, email: str) -> str:
        """Of the newest mail to them: the path that it leads to."""
        self.post()
        for path in sorted(self.mail.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(["plain"])
            assert body is not None
            found = re.search(r"/approvals/by-mail/\S+", body.get_content())
            if email in str(message["to"]) and found:
                return found[0]
        raise AssertionError(f"nobody has asked {email}")

    def request(self, order: str) -> Json:
        page = self.world.get("approvals", limit="200")
        number = next(item["id"] for item in page["items"] if item["order"] == order)
        return self.world.get(f"approvals/{number}")


@pytest.fixture(scope="module")
def desk(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    world = World(portal)
    world.shop({"BOLT": 100_000})
    world.account("NORDWIND")
    for email, role in PEOPLE.items():
        name = email.split("@")[0].title()
        world.put(
            f"accounts/NORDWIND/users/{email}", {"name": name, "roles": [role], "password": cast.PASSWORD}
        )
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "1000", "currency": "GBP"}},
        "steps": [{"approvers": "approver", "need": "all"}, {"approvers": "finance", "need": "any"}],
    }
    world.put("accounts/NORDWIND/approval-policy", {"rules": [rule], "expires_after_hours": 40})
    return Desk(portal, world, tmp_path_factory.mktemp("mail"))


def read(answer: httpx.Response) -> str:
    """The words of a page."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def send(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    """What a browser sends from the page."""
    page = client.get(path)
    said = {name: found[1] for name in ("_csrf", "version") if (found := field(page, name))}
    return client.post(path, data=said | form)


def field(page: httpx.Response, name: str) -> re.Match[str] | None:
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)


def test_a_link_opens_a_page_for_whoever_is_not_signed_in_and_decides_nothing(desk: Desk) -> None:
    order = desk.order()
    path = desk.link(KLAUS)

    for _ in range(3):
        answer = desk.portal.browser().get(path)
        assert answer.status_code == 200
    assert desk.portal.browser().head(path).status_code in (200, 405)

    said = read(answer)
    assert "Approve £1,200.00 for Petra?" in said
    assert "You decide as Klaus" in said
    assert "Large orders" in said
    assert desk.request(order)["state"] == "pending"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "private, no-store"


def test_three_decide_from_their_mails_and_the_order_is_placed(desk: Desk) -> None:
    order = desk.order()
    for email in (KLAUS, ANNA, TOM):
        path, browser = desk.link(email), desk.portal.browser()
        answer = send(browser, path, what="approve", comment="Agreed.")
        assert answer.status_code == 303, read(answer)
        assert answer.headers["location"] == path
        assert "You approved it" in read(browser.get(path))

    request = desk.request(order)
    assert request["state"] == "approved"
    assert {said["through"] for said in request["decisions"] if said["what"] == "approve"} == {"mail"}
    assert desk.world.get(f"orders/{order}")["state"] == "open"


def test_a_link_is_good_once(desk: Desk) -> None:
    order = desk.order()
    path, browser = desk.link(KLAUS), desk.portal.browser()
    page = browser.get(path)
    form = {"_csrf": field(page, "_csrf")[1], "version": field(page, "version")[1]}  # type: ignore[index]
    assert browser.post(path, data=form | {"what": "approve"}).status_code == 303

    again = browser.post(path, data=form | {"what": "reject", "comment": "No."})

    assert again.status_code == 409
    assert "You approved it" in read(again)
    shown = browser.get(path)
    assert 'name="what"' not in shown.text
    request = desk.request(order)
    assert request["state"] == "pending"
    assert [said["what"] for said in request["decisions"]].count("approve") == 1


def test_two_clicks_at_once_decide_once(desk: Desk) -> None:
    order = desk.order()
    path, browser = desk.link(KLAUS), desk.portal.browser()
    page = browser.get(path)
    form = {"_csrf": field(page, "_csrf")[1], "version": field(page, "version")[1], "what": "approve"}  # type: ignore[index]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: browser.post(path, data=form), range(4)))

    assert {answer.status_code for answer in answers} <= {303, 409}
    assert [said["what"] for said in desk.request(order)["decisions"]].count("approve") == 1


def test_a_form_that_was_not_sent_from_the_page_decides_nothing(desk: Desk) -> None:
    order = desk.order()
    path = desk.link(KLAUS)

    answer = desk.portal.browser().post(path, data={"what": "approve", "version": "1"})

    assert answer.status_code == 403
    assert desk.request(order)["state"] == "pending"
    assert desk.request(order)["version"] == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Choose what you decide."),
        ({"what": "reject"}, "Say why."),
        ({"what": "ask"}, "Write your question."),
        ({"what": "reject_lines", "comment": "x"}, "Choose what you decide."),
    ],
)
def test_what_is_missing_is_said_and_the_link_still_works(
    desk: Desk, form: dict[str, str], words: str
) -> None:
    order = desk.order()
    path, browser = desk.link(KLAUS), desk.portal.browser()

    answer = send(browser, path, **form)

    assert answer.status_code == 422
    assert words in read(answer)
    assert send(browser, path, what="approve").status_code == 303
    assert desk.request(order)["state"] == "pending"


def test_a_question_waits_for_its_answer_and_then_a_new_mail_leads_on(desk: Desk) -> None:
    order = desk.order()
    first, browser = desk.link(KLAUS), desk.portal.browser()

    assert send(browser, first, what="ask", comment="Why so many?").status_code == 303
    assert "You asked a question" in read(browser.get(first))
    request = desk.request(order)
    assert request["state"] == "asked"
    token = desk.world.post("tokens", {"scopes": ["*"], "name": "p", "user": PETRA})["token"]
    answered = desk.portal.client(token).post(
        f"/approvals/{request['id']}/answers", json={"comment": "For two lines."}
    )
    assert answered.is_success, answered.text

    second = desk.link(KLAUS)
    assert second != first
    assert "For two lines." in read(browser.get(second))
    assert send(browser, second, what="approve").status_code == 303


def test_what_others_decided_since_is_said_and_one_may_still_decide(desk: Desk) -> None:
    desk.order()
    klaus, anna = desk.link(KLAUS), desk.link(ANNA)
    send(desk.portal.browser(), klaus, what="approve", comment="Fine with me.")

    page = desk.portal.browser().get(anna)

    assert "Since the mail was written" in read(page)
    assert "Fine with me." in read(page)
    assert send(desk.portal.browser(), anna, what="approve").status_code == 303


def test_who_was_too_late_reads_who_decided(desk: Desk) -> None:
    order = desk.order()
    klaus, anna = desk.link(KLAUS), desk.link(ANNA)
    browser = desk.portal.browser()
    page = browser.get(anna)
    form = {"_csrf": field(page, "_csrf")[1], "version": field(page, "version")[1], "what": "approve"}  # type: ignore[index]
    send(desk.portal.browser(), klaus, what="reject", comment="Not this year.")

    answer = browser.post(anna, data=form)

    assert answer.status_code == 409
    assert "Not approved" in read(answer)
    assert "Not this year." in read(answer)
    assert desk.request(order)["state"] == "rejected"


def test_that_another_agreed_while_the_page_stood_open_changes_nothing(desk: Desk) -> None:
    order = desk.order()
    klaus, anna = desk.link(KLAUS), desk.link(ANNA)
    browser = desk.portal.browser()
    page = browser.get(anna)
    form = {"_csrf": field(page, "_csrf")[1], "version": field(page, "version")[1], "what": "approve"}  # type: ignore[index]
    send(desk.portal.browser(), klaus, what="approve")

    assert browser.post(anna, data=form).status_code == 303
    assert desk.request(order)["step"] == 2


def test_what_was_decided_before_a_question_is_refused_with_what_happened(desk: Desk) -> None:
    order = desk.order()
    klaus, anna = desk.link(KLAUS), desk.link(ANNA)
    browser = desk.portal.browser()
    page = browser.get(anna)
    form = {"_csrf": field(page, "_csrf")[1], "version": field(page, "version")[1], "what": "approve"}  # type: ignore[index]
    send(desk.portal.browser(), klaus, what="ask", comment="Really so many?")

    answer = browser.post(anna, data=form | {"comment": "kept"})

    assert answer.status_code == 409
    assert "It has changed since you looked" in read(answer)
    assert "Really so many?" in read(answer)
    assert "kept" in answer.text
    assert send(browser, anna, what="approve").status_code == 303, "the link is not used up"
    assert desk.request(order)["version"] == 3


def test_a_link_to_an_order_that_was_changed_decides_nothing(desk: Desk) -> None:
    order = desk.order()
    path = desk.link(KLAUS)
    token = desk.world.post("tokens", {"scopes": ["*"], "name": "p", "user": PETRA})["token"]
    changed = desk.portal.client(token).post(
        f"/orders/{order}/changes", json={"lines": [{"line": 1, "quantity": "2000"}]}
    )
    assert changed.is_success, changed.text

    page = desk.portal.browser().get(path)
    assert "has changed the order since" in read(page)
    assert 'name="what"' not in page.text
    newer = desk.link(KLAUS)
    assert "£2,400.00" in read(desk.portal.browser().get(newer))


def test_a_link_that_is_too_old_says_so(desk: Desk) -> None:
    desk.order()
    path = desk.link(KLAUS)

    async def age() -> None:
        async with await open_pool(desk.portal.database_url, size=1) as pool:
            await pool.execute("update approval_link set expires_at = now() - interval '30 days'")

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, age()).result()

    answer = desk.portal.browser().get(path)
    assert answer.status_code == 410
    assert "This link has expired" in read(answer)
    assert 'name="what"' not in answer.text


@pytest.mark.parametrize("change", ["cut", "other", "nonsense"])
def test_a_link_that_nobody_signed_leads_nowhere(desk: Desk, change: str) -> None:
    desk.order()
    path = desk.link(KLAUS)
    token = path.rpartition("/")[2]
    broken = {"cut": token[:-4], "other": "x" + token[1:], "nonsense": "%00%ff..%2e"}[change]

    answer = desk.portal.browser().get(f"/approvals/by-mail/{broken}")

    assert answer.status_code == 404
    assert "This link does not work" in read(answer) or change == "nonsense"


def test_a_mail_that_was_passed_on_does_not_decide_for_somebody_who_is_signed_in(desk: Desk) -> None:
    order = desk.order()
    path = desk.link(KLAUS)
    tom = cast.at_home(desk.portal, TOM).client

    answer = tom.get(path)
    assert "Somebody else is signed in here" in read(answer)
    assert 'name="what"' not in answer.text
    csrf = re.search(r'name="_csrf" value="([^"]+)"', answer.text)
    assert csrf is not None
    refused = tom.post(path, data={"_csrf": csrf[1], "version": "1", "what": "approve"})
    assert refused.status_code == 409
    assert desk.request(order)["version"] == 1


def test_who_lost_the_role_decides_nothing_any_more(desk: Desk) -> None:
    desk.order()
    path = desk.link(ANNA)
    person = {"name": "Anna", "roles": ["reader"], "password": cast.PASSWORD}
    desk.world.put(f"accounts/NORDWIND/users/{ANNA}", person)
    try:
        assert "This does not wait for you any more" in read(desk.portal.browser().get(path))
    finally:
        desk.world.put(f"accounts/NORDWIND/users/{ANNA}", person | {"roles": ["approver"]})


def test_it_is_in_the_audit_log(desk: Desk) -> None:
    desk.order()
    send(desk.portal.browser(), desk.link(KLAUS), what="approve")

    answer = desk.world.get("accounts/NORDWIND/audit", limit="200")
    assert "approval.link_used" in {entry["action"] for entry in answer["items"]}
