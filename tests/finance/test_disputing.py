"""A dispute is a case: opened against the goods of an invoice, talked over, and ended once, in one of four ways."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.finance.conftest import PETRA, ROBIN, TOM, Office
from tests.scenarios.driver import WrongAnswerError, problem


def test_a_dispute_says_what_is_wrong_with_which_goods_and_leaves_the_invoice_due(office: Office) -> None:
    invoice = office.billed(("BOLT", 40), ("NUT", 5))
    lines = [{"line": 1, "quantity": "10"}, {"line": 2, "quantity": "5"}]
    dispute = office.dispute(invoice, lines=lines, text="Ten bolts and all nuts are missing.")
    assert dispute["state"] == "open"
    assert (dispute["invoice"], dispute["order"]) == (invoice["number"], invoice["order"])
    assert [(line["line"], line["quantity"], line["billed"]) for line in dispute["lines"]] == [
        (1, "10", "40"),
        (2, "5", "5"),
    ]
    assert dispute["worth"] == "15.00"
    assert [said["text"] for said in dispute["messages"]] == ["Ten bolts and all nuts are missing."]
    after = office.invoice(invoice["number"])
    assert (after["due"], after["state"]) == (invoice["due"], "open")
    [told] = office.events("invoice.disputed", invoice["order"])
    assert told["data"]["dispute"] == dispute["number"]
    assert told["data"]["lines"] == [
        {"line": 1, "sku": "BOLT", "quantity": "10"},
        {"line": 2, "sku": "NUT", "quantity": "5"},
    ]


def test_the_goods_of_a_line_are_disputed_once(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    office.dispute(invoice, lines=[{"line": 1, "quantity": "7"}])
    with pytest.raises(WrongAnswerError) as refused:
        office.dispute(invoice, lines=[{"line": 1, "quantity": "4"}])
    words = "3 of line 1 can be disputed: 10 billed, 7 disputed already"
    problem(refused.value.answer, 422, words, pointer="/lines/0/quantity")
    office.dispute(invoice, lines=[{"line": 1, "quantity": "3"}])


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"reason": "damaged"}, "/lines", "Name at least one line"),
        (
            {"reason": "damaged", "lines": [{"line": 9, "quantity": "1"}]},
            "/lines/0/line",
            "not on this invoice",
        ),
        ({"reason": "damaged", "lines": [{"line": 1, "quantity": "0"}]}, "/lines/0/quantity", "more than 0"),
        ({"reason": "damaged", "lines": [{"line": 1, "quantity": "0.5"}]}, "/lines/0/quantity", "whole"),
        (
            {"reason": "damaged", "lines": [{"line": 1, "quantity": "11"}]},
            "/lines/0/quantity",
            "10 of line 1",
        ),
        ({"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}] * 2}, "/lines/1/line", "twice"),
        (
            {"reason": "damaged", "lines": [{"line": 1, "quantity": "1", "shipment": "SH-1900-000001"}]},
            "/lines/0/line",
            "not on this invoice",
        ),
        ({"reason": "wrong_price", "lines": [{"line": 1, "quantity": "1"}]}, "/text", "Say what is wrong"),
        ({"reason": "other"}, "/text", "Say what is wrong"),
    ],
)
def test_what_cannot_be_disputed_is_refused_with_its_place(
    office: Office, body: dict[str, object], pointer: str, words: str
) -> None:
    invoice = office.billed(("BOLT", 10))
    answer = office.portal.erp.post(f"/invoices/{invoice['number']}/disputes", json=body)
    problem(answer, 422, words, pointer=pointer)
    assert office.world.get("disputes", invoice=invoice["number"])["items"] == []


def test_freight_or_an_address_is_disputed_in_words_alone(office: Office) -> None:
    invoice = office.billed(("BOLT", 10), freight="12.00")
    dispute = office.dispute(invoice, "other", lines=[], text="Freight was to be free.")
    assert dispute["lines"] == []
    answer = office.portal.erp.post(
        f"/disputes/{dispute['number']}/settlement", json={"outcome": "credited", "note": "So it was."}
    )
    problem(answer, 422, "names no lines", pointer="/amount")
    settle(office, dispute, outcome="credited", amount="14.40", note="So it was.")
    assert office.invoice(invoice["number"])["due"] == "12.00", "the goods and their tax"


def settle(office: Office, dispute: dict[str, object], **body: object) -> dict[str, object]:
    return office.world.post(f"disputes/{dispute['number']}/settlement", body)


def test_both_sides_talk_and_the_list_says_whose_turn_it_is(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    petra = office.acting(PETRA)
    body = {"reason": "damaged", "lines": [{"line": 1, "quantity": "2"}]}
    dispute = petra.post(f"/invoices/{invoice['number']}/disputes", json=body).json()
    assert dispute["opened_by"] == "Petra Vogt"

    def waits_for() -> str:
        [listed] = office.world.get("disputes", invoice=invoice["number"])["items"]
        return str(listed["waits_for"])

    assert waits_for() == "supplier"
    office.world.post(f"disputes/{dispute['number']}/messages", {"text": "Which two?"})
    assert waits_for() == "buyer"
    told = petra.post(f"/disputes/{dispute['number']}/messages", json={"text": "Those in the torn box."})
    assert [(said["side"], said["text"]) for said in told.json()["messages"]] == [
        ("supplier", "Which two?"),
        ("buyer", "Those in the torn box."),
    ]
    assert waits_for() == "supplier"
    answered = office.events("dispute.answered", invoice["order"])
    assert [event["data"]["by"] for event in answered] == ["supplier", "buyer"]


def test_a_credit_note_settles_it_and_bills_the_goods_no_more(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "10"}])
    settled = settle(office, dispute, outcome="credited", note="You are right.")
    assert settled["state"] == "credited"
    note = office.invoice(str(settled["credit_note"]))
    assert (note["kind"], note["corrects"]) == ("credit_note", invoice["number"])
    assert [(line["line"], line["quantity"]) for line in note["lines"]] == [(1, "10")]
    after = office.invoice(invoice["number"])
    assert after["due"] == "36.00", "30 pieces at 1.00 and 20 % tax"
    answer = office.portal.erp.post(f"/orders/{invoice['order']}/invoices")
    problem(answer, 422, "Nothing of order")
    [told] = office.events("dispute.settled", invoice["order"])
    assert told["data"]["outcome"] == "credited"
    assert told["data"]["credit_note"] == note["number"]


def test_less_can_be_credited_than_is_disputed(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "10"}])
    settled = settle(office, dispute, outcome="credited", lines=[{"line": 1, "quantity": "4"}])
    note = office.invoice(str(settled["credit_note"]))
    assert [line["quantity"] for line in note["lines"]] == ["4"]
    assert settled["lines"][0]["quantity"] == "10"  # type: ignore[index]


def test_goods_that_are_sent_after_all_can_be_billed_again(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "10"}])
    settle(office, dispute, outcome="credited", rebill=True)
    again = office.world.post(f"orders/{invoice['order']}/invoices")
    assert again["lines"][0]["quantity"] == "10"


def test_a_rejection_needs_its_reason_and_credits_nothing(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice)
    path = f"/disputes/{dispute['number']}/settlement"
    problem(office.portal.erp.post(path, json={"outcome": "rejected"}), 422, "Say why", pointer="/note")
    both = {"outcome": "rejected", "note": "No.", "amount": "1.00"}
    problem(office.portal.erp.post(path, json=both), 422, "credits nothing", pointer="/outcome")
    settled = settle(office, dispute, outcome="rejected", note="Signed for by Mr Hale at 10:20.")
    assert (settled["state"], settled["credit_note"]) == ("rejected", None)
    assert office.invoice(invoice["number"])["due"] == invoice["due"]


def test_what_was_credited_meanwhile_settles_it_too(office: Office) -> None:
    order = office.order(("BOLT", 40))
    shipment = office.world.ship(order, "MAIN", {1: 40})
    invoice = office.invoice_of(order)
    dispute = office.dispute(invoice)
    office.world.cancel_shipment(shipment)
    [note] = office.world.get("invoices", order=order["number"], kind="credit_note")["items"]
    path = f"/disputes/{dispute['number']}/settlement"
    stranger = {"outcome": "credited", "credit_note": "CN-1900-000001"}
    problem(office.portal.erp.post(path, json=stranger), 422, "no credit note", pointer="/credit_note")
    settled = settle(office, dispute, outcome="credited", credit_note=note["number"])
    assert settled["credit_note"] == note["number"]
    [kept] = office.world.get("invoices", order=order["number"], kind="credit_note")["items"]
    assert kept["number"] == note["number"], "nothing more was credited"


def test_it_ends_once(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice)
    path = f"/disputes/{dispute['number']}"
    withdrawn = office.world.post(f"{path[1:]}/settlement", {"outcome": "withdrawn", "note": "Found it."})
    assert withdrawn["state"] == "withdrawn"
    for end, body in (
        ("settlement", {"outcome": "credited"}),
        ("settlement", {"outcome": "rejected", "note": "No."}),
        ("messages", {"text": "But"}),
    ):
        problem(office.portal.erp.post(f"{path}/{end}", json=body), 409, "was withdrawn already")
    # What it claimed is free again.
    office.dispute(invoice, lines=[{"line": 1, "quantity": "40"}])


def test_of_many_who_settle_it_at_once_one_does(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "10"}])

    def press(outcome: str) -> int:
        client = office.portal.client(office.portal.erp_token)
        body = {"outcome": outcome, "note": "So."}
        return client.post(f"/disputes/{dispute['number']}/settlement", json=body).status_code

    with ThreadPoolExecutor(6) as hands:
        answers = list(hands.map(press, ["credited", "rejected", "withdrawn"] * 2))
    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    notes = office.world.get("invoices", order=invoice["order"], kind="credit_note")["items"]
    ended = office.world.get(f"disputes/{dispute['number']}")
    assert len(notes) == (1 if ended["state"] == "credited" else 0)


def test_the_same_request_opens_one_dispute(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    body = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]}
    path, key = f"/invoices/{invoice['number']}/disputes", {"Idempotency-Key": invoice["number"]}
    first, again = (office.portal.erp.post(path, json=body, headers=key) for _ in range(2))
    assert first.json()["number"] == again.json()["number"]
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_credit_note_and_what_is_credited_in_full_are_not_disputed(office: Office) -> None:
    invoice = office.billed(("BOLT", 4))
    lines = [{"line": 1, "quantity": "4"}]
    credit = office.world.post(
        f"invoices/{invoice['number']}/credit-notes", {"lines": lines, "reason": "All wrong"}
    )
    for number, words in ((invoice["number"], "credited in full"), (credit["number"], "is a credit note")):
        body = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]}
        problem(office.portal.erp.post(f"/invoices/{number}/disputes", json=body), 409, words)


def test_who_may_say_what(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    path = f"/invoices/{invoice['number']}/disputes"
    body = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]}
    problem(office.acting(ROBIN).post(path, json=body), 403, "invoices:dispute")
    problem(office.world.token("NORDWIND").post(path, json=body), 403, "acts for nobody")
    problem(office.world.token(None, ["orders:write"]).post(path, json=body), 403, "invoices:write")
    tom = office.acting(TOM)
    dispute = tom.post(path, json=body).json()
    settlement = f"/disputes/{dispute['number']}/settlement"
    problem(tom.post(settlement, json={"outcome": "credited"}), 403, "invoices:write")
    problem(tom.post(settlement, json={"outcome": "rejected", "note": "x"}), 403, "invoices:write")
    assert tom.post(settlement, json={"outcome": "withdrawn"}).json()["state"] == "withdrawn"


def test_another_company_finds_nothing_of_it(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    dispute = office.dispute(invoice)
    rita = {"name": "Rita", "roles": ["account_admin"]}
    office.world.put("accounts/VELTRO/users/rita@veltro.example", rita)
    for stranger in (office.world.token("VELTRO"), office.acting("rita@veltro.example", "VELTRO")):
        problem(stranger.get(f"/disputes/{dispute['number']}"), 404)
        found = stranger.get("/disputes").json()["items"]
        assert all(one["account"] == "VELTRO" for one in found)
    rita_acts = office.acting("rita@veltro.example", "VELTRO")
    body = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]}
    problem(rita_acts.post(f"/invoices/{invoice['number']}/disputes", json=body), 404)
    problem(rita_acts.post(f"/disputes/{dispute['number']}/messages", json={"text": "x"}), 404)
    problem(rita_acts.post(f"/disputes/{dispute['number']}/settlement", json={"outcome": "withdrawn"}), 404)


def test_disputes_are_listed_and_paged(office: Office) -> None:
    office.account("MANY")
    invoice = office.billed(("BOLT", 10), account="MANY")
    numbers = [office.dispute(invoice)["number"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = office.world.get(
            "disputes", account="MANY", state="open", limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [one["number"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == numbers[::-1]
    assert office.world.get("disputes", order=invoice["order"], state="rejected")["items"] == []
