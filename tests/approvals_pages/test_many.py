"""Many requests decided at once: shown before, each by itself, each with its result."""

import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape

from tests.approvals_pages.office import ANNA, FINN, KLAUS, Office
from tests.desk.floor import Form
from tests.desk.test_work_in_bulk import outcomes
from tests.routes import cast
from tests.scenarios.driver import Json

PATIENCE = 30


def tick(office: Office, asked: list[tuple[Json, str]], email: str = KLAUS) -> tuple[Form, list[str]]:
    """The inbox as it stands, and the boxes of these requests in the versions that it shows."""
    page = office.open("/approvals", email)
    numbers = [path.removeprefix("/approvals/") for _, path in asked]
    values = [unescape(one) for one in page.answer.text.split('name="row" value="')[1:]]
    rows = [value.split('"')[0] for value in values]
    return page, [row for number in numbers for row in rows if row.startswith(f"{number}:")]


def press(page: Form, do: str, rows: list[str], **more: str) -> Form:
    form = {"_csrf": page.fields["_csrf"], "form": page.fields["form"], "do": do, "row": rows} | more
    answer = page.guest.client.post("/approvals/decisions", data=form)
    path = answer.headers.get("location", "/approvals")
    return Form.of(page.guest, answer, path)


def over(page: Form) -> Form:
    """The page of the run once nothing of it waits."""
    assert page.answer.status_code == 303, page.answer.text
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = page.guest.client.get(page.action)
        if "Finished:" in answer.text:
            return Form.of(page.guest, answer, page.action)
        time.sleep(0.1)
    raise AssertionError("not over")


def test_many_are_approved_with_a_result_for_each(office: Office) -> None:
    asked = [office.asked({"BOLT": quantity}) for quantity in (1100, 1200, 12_000)]
    page, rows = tick(office, asked)
    assert len(rows) == 3
    look = press(page, "approve", rows)
    assert look.answer.status_code == 200
    assert "Approve 3 requests?" in look.said
    assert "Together they come to £17,160.00." in look.said
    assert {office.state(order) for order, _ in asked} == {"pending_approval"}, "nothing is done yet"

    # One of them moves on before the second button: it is left as it is, and says why.
    assert office.decide(asked[1][1], KLAUS, "ask", comment="For which site?").status_code == 303
    done = over(press(page, "approve", rows, sure="1", comment="For the new hall."))
    told = outcomes(done)
    assert told[0].endswith("Done Approved")
    assert "Not done" in told[1]
    assert told[2].endswith("Done Your approval counts; others are still asked.")
    assert "Finished: 2 done, 1 refused." in done.said
    assert [office.state(order) for order, _ in asked] == ["open", "pending_approval", "pending_approval"]
    assert "For the new hall." in office.open(asked[0][1], cast.PETRA).said
    for somebody in (ANNA, FINN, cast.DEV):
        assert office.guest(somebody).client.get(done.action).status_code in {403, 404}, "it is nobody else's"
    assert office.guest(cast.DEV).client.get(done.action.replace("approvals", "desk")).status_code == 404
    office.portal.check()


def test_many_are_rejected_with_one_reason(office: Office) -> None:
    asked = [office.asked({"BOLT": quantity}) for quantity in (1300, 1400)]
    page, rows = tick(office, asked)
    assert "Reject 2 requests?" in press(page, "reject", rows).said
    missing = press(page, "reject", rows, sure="1")
    assert missing.answer.status_code == 422
    assert "Say why: the requesters read it." in missing.said
    done = over(press(page, "reject", rows, sure="1", comment="The budget is spent."))
    assert all(one.endswith("Done Not approved") for one in outcomes(done))
    assert [office.state(order) for order, _ in asked] == ["rejected", "rejected"]


def test_the_same_form_twice_is_one_run(office: Office) -> None:
    asked = [office.asked({"BOLT": 1500})]
    page, rows = tick(office, asked)
    with ThreadPoolExecutor(4) as hands:
        pages = list(hands.map(lambda _: press(page, "approve", rows, sure="1"), range(4)))
    assert len({one.answer.headers["location"] for one in pages}) == 1
    over(pages[0])
    assert office.open(asked[0][1], KLAUS).said.count("<b>Klaus Brandt</b> approved") == 1


def test_what_does_not_wait_for_the_person_is_left_out(office: Office) -> None:
    mine, other = office.asked({"BOLT": 1600}), office.asked({"BOLT": 1700})
    page, rows = tick(office, [mine, other])
    assert office.decide(other[1], KLAUS, "approve").status_code == 303
    look = press(page, "approve", rows)
    assert "Approve 1 request?" in look.said
    assert "1 of those that you ticked does not wait for you any more and is left out." in look.said
    assert "None of what you ticked waits for you any more." in press(page, "approve", rows[1:]).said
    assert "Tick at least one request." in press(page, "approve", []).said
    assert "Tick at least one request." in press(page, "burn", rows).said
    assert press(page, "approve", ["AP:1:2", "x", ":", "\x00:7"]).answer.status_code in {409, 422}
    # Anna is not asked for bolts: ticking somebody else's request is of no use to her.
    form = {"form": "abcdefgh12", "do": "approve", "sure": "1", "row": rows[0]}
    assert office.guest(ANNA).post("/approvals/decisions", **form).status_code == 409
    assert office.guest(cast.DEV).post("/approvals/decisions", do="approve", row=rows[0]).status_code == 403
    assert office.state(mine[0]) == "pending_approval"
