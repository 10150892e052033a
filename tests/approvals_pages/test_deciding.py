"""One request: nothing is decided by looking, nothing without a second look, and nothing twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.approvals_pages.office import ANNA, FINN, KLAUS, LEAH, Office
from tests.routes import cast


def test_the_page_says_what_why_who_and_what_waiting_costs(office: Office) -> None:
    order, path = office.asked({"BOLT": 12_000, "SEAL": 10}, purchase_order_number="45-9")
    said = office.open(path, KLAUS).said
    assert f"Order {order['number']}" in said
    assert "£14,424.00" in said
    assert "Above 10,000: the total of £14,424.00 is above £10,000.00" in said
    assert "12,000 stand ready at Leicester; they ship on 19 Nov and reach Leeds on 23 Nov." in said
    assert "10 wait for supplier order 4711 from Acme" in said
    assert "If not approved by <b>Thu 19 Nov</b> the promise of <b>1 line</b> moves" in said
    assert "It waits for your decision; <b>1</b> step comes after it." in said.replace("; 1 ", "; <b>1</b> ")
    assert "Finn Lund" in said
    assert "by role in NORDWIND" in said
    assert office.state(order) == "pending_approval", "looking decides nothing"
    requester = office.open(path, cast.PETRA).said
    assert "Your decision" not in requester
    assert "It waits for <b>Klaus Brandt</b>, in step <b>1</b> of <b>2</b>." in requester


def test_approving_takes_a_second_look_and_places_the_order(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000})
    first = office.decide(path, KLAUS, "approve", sure=False, comment="Go on.")
    assert first.status_code == 200
    assert "Approve £2,400.00?" in first.text
    assert "Go on." in first.text
    assert office.state(order) == "pending_approval"
    done = office.decide(path, KLAUS, "approve", comment="Go on.")
    assert done.status_code == 303
    shown = office.guest(KLAUS).client.get(done.headers["location"]).text
    assert "You have approved it" in shown
    assert "All have agreed." in shown
    assert office.state(order) == "open"
    assert 'id="decide"' not in shown


def test_the_same_form_twice_decides_once(office: Office) -> None:
    order, path = office.asked({"BOLT": 12_000})
    page = office.open(path, KLAUS)
    form = {name: page.fields[name] for name in ("_csrf", "form", "version")} | {"do": "approve", "sure": "1"}
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.guest.client.post(f"{path}/decisions", data=form), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    said = office.open(path, KLAUS).said
    assert said.count("<b>Klaus Brandt</b> approved") == 1
    assert office.state(order) == "pending_approval", "finance is still asked"
    assert office.decide(path, FINN, "approve").status_code == 303
    assert office.state(order) == "open"


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("reject", {}, "Say why: the requester reads it."),
        ("ask", {"comment": "  "}, "Write what you want to know."),
        ("reject_lines", {"comment": "Too many."}, "Tick the lines that are to be taken out."),
        ("reject_lines", {"line": "2"}, "Say why these lines are taken out"),
        ("approve", {"total": "a lot"}, "Write an amount in digits"),
        ("approve", {"total": "5"}, "It comes to £2,424.00 already."),
        ("approve", {"until": "2026-11-17"}, "This day has passed."),
        ("approve", {"until": "soon"}, "Choose a day."),
        ("burn", {}, "Your decision"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(
    office: Office, do: str, fields: dict[str, str], said: str
) -> None:
    order, path = office.asked({"BOLT": 2000, "SEAL": 10})
    answer = office.decide(path, KLAUS, do, **fields)
    assert answer.status_code == 422
    assert said in " ".join(answer.text.split())
    for name, value in fields.items():
        if name == "line":
            assert f'value="{value}" form="decision"' in answer.text
            assert "checked" in answer.text
        else:
            assert value.strip() in answer.text
    assert office.state(order) == "pending_approval"


def test_a_rejection_ends_it_and_says_why(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000})
    look = office.decide(path, KLAUS, "reject", sure=False, comment="We have <enough>.").text
    assert f"Reject {order['number']}?" in look
    assert "We have &lt;enough&gt;." in look
    assert office.decide(path, KLAUS, "reject", comment="We have <enough>.").status_code == 303
    assert office.state(order) == "rejected"
    said = office.open(path, cast.PETRA).said
    assert "It was not approved; nothing will come." in said
    assert "<b>Klaus Brandt</b> did not approve" in said
    assert "We have &lt;enough&gt;." in said
    assert "Take it back" not in said


def test_single_lines_are_taken_out_and_the_rest_goes_on(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000, "NUT": 500, "SEAL": 10})
    look = office.decide(path, KLAUS, "reject_lines", sure=False, comment="No nuts.", line=["2", "3"])
    assert "Take lines 2, 3 out?" in look.text
    assert "NUT" in look.text
    assert office.decide(path, KLAUS, "reject_lines", comment="No nuts.", line=["2", "3"]).status_code == 303
    read = office.world.read(order)
    assert [line["cancelled"] for line in read["lines"]] == ["0", "500", "10"]
    assert read["state"] == "pending_approval"
    said = office.open(path, KLAUS).said
    assert "took lines 2, 3 out" in said
    assert "Approve £2,400.00" in said
    assert office.decide(path, KLAUS, "approve").status_code == 303
    assert office.state(order) == "open"


def test_an_approval_may_have_a_condition(office: Office) -> None:
    _, path = office.asked({"BOLT": 12_000})
    look = office.decide(path, KLAUS, "approve", sure=False, total="15000", until="2026-11-30").text
    assert "up to £15,000.00, until Mon 30 Nov" in look
    assert office.decide(path, KLAUS, "approve", total="15000", until="2026-11-30").status_code == 303
    assert "up to £15,000.00, until Mon 30 Nov" in office.open(path, FINN).said


def test_a_question_goes_back_and_the_answer_comes(office: Office) -> None:
    order, path = office.asked({"PUMP": 1})
    assert office.decide(path, ANNA, "ask", sure=False, comment="Which hall?\nAnd when?").status_code == 303
    petra = office.open(path, cast.PETRA)
    assert "Anna Ek asks you" in petra.said
    assert "Which hall?" in petra.answer.text
    empty = petra.guest.client.post(f"{path}/answers", data=petra.fields | {"comment": " "})
    assert empty.status_code == 422
    assert "Write the answer." in empty.text
    told = petra.guest.client.post(f"{path}/answers", data=petra.fields | {"comment": "Hall 3, in March."})
    assert told.status_code == 303
    said = office.open(path, ANNA).said
    assert "Hall 3, in March." in said
    assert "Your decision" in said
    nobodys = office.guest(KLAUS).post(f"{path}/answers", comment="Me too", version="3", form="abcdefgh12")
    assert nobodys.status_code == 403
    assert office.state(order) == "pending_approval"


def test_the_requester_takes_it_back_after_a_second_look(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000})
    petra = office.open(path, cast.PETRA)
    look = petra.guest.client.post(f"{path}/withdrawal", data=petra.fields)
    assert f"Take {order['number']} back?" in look.text
    assert office.state(order) == "pending_approval"
    done = petra.guest.client.post(
        f"{path}/withdrawal", data=petra.fields | {"sure": "1", "comment": "Not needed."}
    )
    assert done.status_code == 303
    assert "It is taken back" in petra.guest.client.get(done.headers["location"]).text
    assert office.state(order) == "cancelled"


def test_the_second_of_two_is_told_what_happened_meanwhile(office: Office) -> None:
    order, path = office.asked({"PUMP": 1})
    klaus, anna = office.open(path, KLAUS), office.open(path, ANNA)
    forms = [
        (klaus, {"do": "approve", "sure": "1"}),
        (anna, {"do": "reject", "sure": "1", "comment": "Not this year."}),
    ]
    with ThreadPoolExecutor(2) as hands:
        answers = list(
            hands.map(
                lambda one: one[0].guest.client.post(f"{path}/decisions", data=one[0].fields | one[1]), forms
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    winner = "Klaus Brandt" if answers[0].status_code == 303 else "Anna Ek"
    assert "That was not done" in lost.text
    assert winner in lost.text
    assert office.state(order) == ("open" if winner == "Klaus Brandt" else "rejected")


def test_what_is_shown_is_what_is_decided_on(office: Office) -> None:
    """Somebody asked meanwhile: an approval of the page from before is not taken, and the comment stays."""
    order, path = office.asked({"PUMP": 1})
    before = office.open(path, KLAUS)
    assert office.decide(path, ANNA, "ask", comment="Which hall?").status_code == 303
    late = before.guest.client.post(
        f"{path}/decisions", data=before.fields | {"do": "approve", "sure": "1", "comment": "Fine by me."}
    )
    assert late.status_code == 409
    assert "Which hall?" in late.text
    assert "Fine by me." in late.text
    assert office.state(order) == "pending_approval"


def test_what_is_agreed_to_beyond_credit_waits_for_that_and_says_so(office: Office) -> None:
    hull = {"name": "Nordwind Hull", "city": "Hull", "parent": "NORDWIND"}
    office.world.account("NORDWIND-HULL", **hull, credit_limit="1000")
    order, path = office.asked({"BOLT": 2000}, email=LEAH, account="NORDWIND-HULL")
    assert office.decide(path, KLAUS, "approve").status_code == 303
    assert office.state(order) == "held"
    assert "All have agreed; the order waits for a credit decision." in office.open(path, KLAUS).said
    office.world.account("NORDWIND-HULL", **hull)


def test_nobody_else_decides(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000})
    form = {"do": "approve", "sure": "1", "version": "1", "form": "abcdefgh12"}
    assert office.guest(cast.PETRA).post(f"{path}/decisions", **form).status_code == 403
    assert office.guest(cast.ROBIN).post(f"{path}/decisions", **form).status_code == 403
    assert office.guest(cast.RITA).post(f"{path}/decisions", **form).status_code == 404
    refused = office.guest(FINN).post(f"{path}/decisions", **form)
    assert refused.status_code in {403, 409, 422}
    assert office.state(order) == "pending_approval"
    office.portal.check()
