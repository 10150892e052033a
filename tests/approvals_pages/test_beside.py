"""Approvals on other pages: the order's, the list of orders, the buyer's day, the form that changes an order."""

from tests.approvals_pages.office import ANNA, KLAUS, Office
from tests.buyer.reading import panel, plain
from tests.routes import cast


def test_the_orders_page_says_who_is_asked_and_how_it_ended(office: Office) -> None:
    order, path = office.asked({"BOLT": 12_000})
    page = f"/orders/{order['number']}"
    waits = office.open(page, cast.PETRA).said
    assert "It waits for Klaus Brandt, in step 1 of 2." in waits
    assert f'href="{path}"' in waits
    assert "12,000 wait until the order is approved; nothing is set aside yet." in waits
    assert "Being planned" not in waits
    # A reader of the company sees it, and is not sent to a page that is not theirs.
    reader = office.open(page, cast.ROBIN).said
    assert "It waits for Klaus Brandt" in reader
    assert f'href="{path}"' not in reader
    assert office.decide(path, KLAUS, "ask", comment="For which hall?").status_code == 303
    assert "For which hall?" in office.open(page, cast.PETRA).said
    assert office.decide(path, KLAUS, "reject", comment="We have enough.").status_code == 303
    over = office.open(page, cast.PETRA).said
    assert "We have enough." in over
    assert 'id="approval" class="approving" aria-label="Approval" hidden' in over
    assert order["number"] in office.open("/orders?state=rejected", cast.PETRA).said
    free = office.order({"BOLT": 1})
    assert (
        'id="approvals" class="block" aria-labelledby="ah" hidden'
        in office.open(f"/orders/{free['number']}", cast.PETRA).said
    )


def test_the_day_begins_with_what_has_to_be_decided(office: Office) -> None:
    order, path = office.asked({"PUMP": 2}, purchase_order_number="45-TODAY")
    needs = plain(panel(office.open("/today", ANNA).answer.text, "needs"))
    assert (
        "£960.00 for Petra Vogt waits for your decision ends in 2 days; Pumps: category Pumps (line 1)"
        in needs
    )
    assert f"{order['number']}, PO 45-TODAY" in needs
    assert "£960.00" not in plain(panel(office.open("/today", cast.PETRA).answer.text, "needs"))
    assert office.decide(path, ANNA, "ask", comment="Which hall?").status_code == 303
    assert "waits for an answer before you decide" in plain(
        panel(office.open("/today", ANNA).answer.text, "needs")
    )
    buyers = plain(panel(office.open("/today", cast.PETRA).answer.text, "needs"))
    assert "Anna Ek waits for your answer" in buyers
    undated = plain(panel(office.open("/today", cast.PETRA).answer.text, "problems"))
    assert "Waits for approval" in undated
    staff = office.open("/today?account=NORDWIND", cast.DEV).answer.text
    assert "waits for your" not in plain(panel(staff, "needs"))


def test_what_is_about_to_end_is_said_to_both(office: Office) -> None:
    _, path = office.asked({"BOLT": 1111})
    office.world.now("2026-11-19T15:00:00Z")
    try:
        needs = plain(panel(office.open("/today", cast.PETRA).answer.text, "needs"))
        assert "Your order ends undecided in 18 hours waits for Klaus Brandt" in needs
        assert "ends in 18 hours" in plain(panel(office.open("/today", KLAUS).answer.text, "needs"))
        inbox = office.open("/approvals", KLAUS).said
        assert "of them" in inbox
        assert "within a day" in inbox
        assert "End tomorrow" in inbox
        assert "in 18 hours" in office.open(path, KLAUS).said
    finally:
        office.world.now("2026-11-18T09:00:00Z")


def test_less_keeps_the_approval_and_more_asks_anew(office: Office) -> None:
    order, path = office.asked({"BOLT": 12_000, "NUT": 10})
    assert office.decide(path, KLAUS, "approve").status_code == 303
    change = f"/orders/{order['number']}/changes"
    page = office.open(change, cast.PETRA)
    assert page.fields["quantity-1"] == "12000"
    less = page.guest.client.post(change, data=page.fields | {"quantity-1": "11000", "note": "Less will do."})
    assert less.status_code == 303, less.text
    said = office.open(path, cast.PETRA).said
    assert "It waits for <b>Finn Lund</b>" in said
    assert "changed the order" in said
    page = office.open(change, cast.PETRA)
    more = page.guest.client.post(
        change, data=page.fields | {"quantity-1": "13000", "sku": "SEAL", "quantity": "5"}
    )
    assert more.status_code == 303, more.text
    assert more.headers["location"] == path
    asked = office.open(path, cast.PETRA).said
    assert "It waits for <b>Klaus Brandt</b>" in asked
    assert [line["quantity"] for line in office.world.read(order)["lines"]][:1] == ["13000"]


def test_a_change_that_cannot_be_read_changes_nothing(office: Office) -> None:
    order, _ = office.asked({"BOLT": 1200})
    change = f"/orders/{order['number']}/changes"
    page = office.open(change, cast.PETRA)
    before = office.world.read(order)
    for fields, said in (
        ({}, "Nothing is changed yet."),
        ({"quantity-1": "a few"}, "Write a quantity in digits"),
        ({"quantity-1": "1.5"}, "This is counted in whole pieces."),
        ({"sku": "SEAL", "quantity": ""}, "Write a quantity in digits"),
        ({"sku": "", "quantity": "5"}, "Which product?"),
        ({"sku": "NOTHING", "quantity": "5"}, "NOTHING"),
    ):
        answer = page.guest.client.post(change, data=page.fields | fields)
        assert answer.status_code == 422, (fields, answer.status_code)
        assert said in answer.text
    assert office.world.read(order) == before
    assert office.guest(cast.ROBIN).client.get(change).status_code == 403
    assert office.guest(cast.RITA).client.get(change).status_code == 404


def test_more_of_a_placed_order_waits_for_those_who_agree(office: Office) -> None:
    order = office.order({"BOLT": 800, "NUT": 5})
    assert order["state"] == "open"
    change = f"/orders/{order['number']}/changes"
    page = office.open(change, cast.PETRA)
    assert "It is placed." in page.said
    sent = page.guest.client.post(
        change, data=page.fields | {"quantity-1": "2000", "note": "For the second shift."}
    )
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    assert path.startswith("/approvals/")
    said = office.open(path, KLAUS).said
    assert f"A change to order {order['number']}" in said
    assert "For the second shift." in said
    assert "What changes" in said
    assert "more of line 1" in said
    assert "+1,200 pcs" in said
    assert "£1,200.00" in said
    assert 'name="line"' not in said, "a change is agreed to as a whole"
    assert office.world.read(order)["lines"][0]["quantity"] == "800", "nothing changes before it is approved"
    assert office.decide(path, KLAUS, "approve").status_code == 303
    ordered = office.world.read(order)["lines"]
    assert sum(int(line["quantity"]) for line in ordered if line["sku"] == "BOLT") == 2000
    office.portal.check()
