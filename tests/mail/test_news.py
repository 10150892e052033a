"""What happened to an order is mailed to whoever wants to hear of it: each kind in the words of the order's page."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portal import stop_links
from portal.domain.notifying import KINDS
from portal.views.letters.bursts import RANK
from tests.mail.newsroom import ANNA, PETRA, RUTH, STRANGER, TOM, Newsroom, html, one, text, to
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

TRACKED = {"tracking_number": "00340434161094042557", "tracking_url": "https://carrier.example/0034"}


@pytest.fixture(scope="module")
def room(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return Newsroom.open(portal, tmp_path_factory.mktemp("mail"))


def slip(
    room: Newsroom, reference: str, day: str, skus: tuple[str, ...] = ("NUT",), each: int = 1000
) -> None:
    lines = [(number, sku, each, day) for number, sku in enumerate(skus, 1)]
    room.world.inbound("purchase_order", reference, "MAIN", lines, supplier="Acme")


def waiting(room: Newsroom, reference: str, **more: Any) -> Json:
    """10 of it are there, 600 wait for a supplier order; what happened so far is nobody's news."""
    sku = f"NUT-{reference}"
    room.world.shop({sku: 0})
    slip(room, reference, "2026-11-25", (sku,))
    order = room.order([("BOLT", 10), (sku, 600)], **more)
    room.forget()
    return order


def test_every_kind_has_its_place_in_a_mail() -> None:
    assert set(RANK) == set(KINDS)


def test_who_orders_is_told_what_ships_when_and_what_waits(room: Newsroom) -> None:
    room.world.shop({"WASHER": 0})
    slip(room, "4700", "2026-11-25", ("WASHER",))
    order = room.order([("BOLT", 10), ("WASHER", 600)], purchase_order_number="4500118236")

    found = room.told()

    assert [str(message["to"]) for message in found] == ["Petra <petra@nordwind.example>"]
    [message] = found
    assert message["subject"] == "PO 4500118236: Ordered, 2 lines"
    page = room.portal.base_url
    for said in (
        "None of the 2 lines has shipped in full yet; the next delivery is Mon 23 Nov: 1 line",
        "10 stand ready at Leicester; they ship on 19 Nov and reach Leeds on 23 Nov.",
        "600 wait for supplier order 4700 from Acme, confirmed for 25 Nov;",
        "£732.00",
        f"{page}/orders/{order['number']}",
    ):
        assert said in text(message)
        assert said in html(message)


def test_a_promise_that_moves_is_told_with_the_old_date_the_new_one_and_why(room: Newsroom) -> None:
    waiting(room, "4711", purchase_order_number="4711-PO")
    slip(room, "4711", "2026-11-30", ("NUT-4711",))

    message = one(room.told(), PETRA)

    assert message["subject"] == "PO 4711-PO: New date for line 2: Fri 4 Dec, not Mon 30 Nov"
    assert "4 days later: supplier order 4711 from Acme is late" in text(message)
    assert "confirmed for 30 Nov; they ship on 2 Dec and reach Leeds on 4 Dec." in text(message)
    assert "1 line now arrives Fri 4 Dec instead of Mon 30 Nov" in text(message)


def test_what_is_back_where_it_was_is_not_told(room: Newsroom) -> None:
    waiting(room, "4712")
    slip(room, "4712", "2026-11-30", ("NUT-4712",))
    room.gather()
    slip(room, "4712", "2026-11-25", ("NUT-4712",))

    assert to(room.told(), PETRA) == []
    [row] = room.rows("select state, problem from mail order by id desc limit 1")
    assert (row["state"], row["problem"]) == ("dropped", "nothing of it is so any more")


def test_goods_are_followed_until_they_are_there(room: Newsroom) -> None:
    world = room.world
    room.choose(PETRA, "out_for_delivery", "at_once")
    order = waiting(room, "4713")

    shipment = world.ship(order, "MAIN", {1: 10}, carrier="Parcel Force", packages=[TRACKED])
    left = one(room.told(), PETRA)
    world.carrier(shipment, "out_for_delivery", "2026-11-19T07:00:00Z")
    out = one(room.told(), PETRA)
    world.carrier(shipment, "exception", "2026-11-19T09:30:00Z", note="Nobody at the gate")
    failed = one(room.told(), PETRA)
    world.carrier(shipment, "delivered", "2026-11-20T10:00:00Z")
    there = one(room.told(), PETRA)

    number = order["number"]
    assert left["subject"] == f"{number}: Shipped: line 1, arriving Fri 20 Nov"
    assert "with Parcel Force, arriving Fri 20 Nov, tracking number 00340434161094042557" in text(left)
    assert "https://carrier.example/0034" in text(left)
    assert "10 pcs  BOLT" in text(left)
    assert out["subject"] == f"{number}: Out for delivery: line 1"
    assert failed["subject"] == f"{number}: Problem on the way: line 1"
    assert "Nobody at the gate" in text(failed)
    assert there["subject"] == f"{number}: Delivered: line 1"
    threads = {str(message["references"]) for message in (left, out, failed, there)}
    assert threads == {f"<order-{number}@portal.example>"}


def test_holds_cancellations_and_offers_are_told_with_what_somebody_wrote(room: Newsroom) -> None:
    world = room.world
    order = waiting(room, "4714")

    hold = world.hold(order, "finance", note="Please call us about your open invoice")
    held = one(room.told(), PETRA)
    world.release(order, hold)
    released = one(room.told(), PETRA)
    world.cancel(order, {2: 100})
    cancelled = one(room.told(), PETRA)
    world.told(order, "substitutions", {"line": 2, "quantity": "500", "sku": "BOLT"})
    offered = one(room.told(), PETRA)

    number = order["number"]
    assert held["subject"] == f"{number}: Held: the whole order"
    assert "Please call us about your open invoice" in text(held)
    assert "1 of 2 lines" not in text(held)
    assert "2 lines wait for our finance team" in text(held)
    assert released["subject"] == f"{number}: Released: the whole order"
    assert cancelled["subject"] == f"{number}: 100 of line 2 cancelled"
    assert offered["subject"] == f"{number}: Offered instead of 500 of line 2: BOLT"
    assert re.search(rf"Answer the offer:\n\S+/orders/{number}/offers/\d+", text(offered))


def test_a_hold_that_was_lifted_before_it_was_told_is_not_told_as_standing(room: Newsroom) -> None:
    order = waiting(room, "4715")
    hold = room.world.hold(order, "finance")
    room.world.release(order, hold)

    message = one(room.told(), PETRA)

    assert "Held" not in message["subject"]


def test_finance_hears_of_the_accounts_money_and_of_nothing_else(room: Newsroom) -> None:
    world = room.world
    order = waiting(room, "4716")
    world.ship(order, "MAIN", {1: 10})
    billed = one(room.told(), TOM)
    [invoice] = world.invoices(order)
    world.pay(invoice, "6.00")
    paid = one(room.told(), TOM)
    world.credit_note(invoice, {1: "1"})
    credited = one(room.told(), TOM)

    number = invoice["number"]
    assert billed["subject"] == f"{order['number']}: Invoice {number} issued, £12.00"
    assert f"/invoices/{number}" in text(billed)
    assert paid["subject"] == f"{order['number']}: Payment of £6.00 received for {number}"
    assert "£6.00 is still to pay" in text(paid)
    assert "Credit note" in credited["subject"]


def test_what_comes_back_and_what_was_waited_for_are_told_when_they_are_there(room: Newsroom) -> None:
    world = room.world
    for kind in ("return_received", "backorder_ready"):
        room.choose(PETRA, kind, "at_once")
    order = waiting(room, "4727")
    shipment = world.ship(order, "MAIN", {1: 10})
    world.carrier(shipment, "delivered", "2026-11-18T10:00:00Z")
    room.forget()

    lines = [{"line": 1, "quantity": "2", "reason": "damaged"}]
    number = world.post("returns", {"shipment": shipment["number"], "lines": lines})["number"]
    authorised = one(room.told(), PETRA)
    world.post(f"returns/{number}/receipts", {"lines": [{"line": 1, "received": "2", "to": "shelf"}]})
    came = one(room.told(), PETRA)
    world.receive("purchase_order", "4727", {1: 1000})
    ready = one(room.told(), PETRA)

    assert authorised["subject"] == f"{order['number']}: Return {number} authorised"
    assert f"/returns/{number}" in text(authorised)
    assert f"{number}: 2 of line 1 came back" in text(came)
    assert "Set aside for you: line 2" in text(ready)
    assert "supplier order 4727 from Acme came in" in text(ready)
    assert "600 stand ready at Leicester" in text(ready)


def test_nobody_is_told_of_what_they_did_themselves(room: Newsroom) -> None:
    room.choose(ANNA, "substitution_offered", "at_once", "account")
    order = waiting(room, "4717")
    offered = room.world.told(order, "substitutions", {"line": 2, "quantity": "5", "sku": "BOLT"})
    offer = f"/orders/{order['number']}/offers/{offered['id']}"
    room.forget()

    answer = cast.signed_in(room.portal, PETRA).post(f"{offer}/refusal", seen_on=offer, note="We wait.")
    assert answer.status_code == 303, answer.text
    found = room.told()

    assert to(found, PETRA) == []
    assert one(found, ANNA)["subject"].endswith(": Declined for line 2: BOLT")


def test_each_hears_of_their_own_orders_or_of_the_whole_account_as_they_chose(room: Newsroom) -> None:
    order = waiting(room, "4718")
    room.choose(ANNA, "hold", "at_once", "account")
    room.choose(RUTH, "hold", "at_once", "own")

    room.world.hold(order, "quality")

    told = {str(message["to"]).split("<")[-1].rstrip(">") for message in room.told()}
    assert told == {PETRA, ANNA}


def test_nobody_of_another_company_hears_of_it(room: Newsroom) -> None:
    for kind in KINDS:
        room.choose(STRANGER, kind, "at_once", "account")
    order = waiting(room, "4719")
    room.world.hold(order, "quality")

    assert to(room.told(), STRANGER) == []
    theirs = room.order([("BOLT", 5)], by=STRANGER, account="HULL")
    found = room.told()
    assert one(found, STRANGER)["subject"] == f"{theirs['number']}: Ordered, 1 line"
    assert {str(message["to"]) for message in found} == {"Eve <eve@hull.example>"}


def test_a_reader_of_german_is_written_to_in_german(room: Newsroom) -> None:
    waiting(room, "4720", purchase_order_number="4720-PO")
    room.speaks(PETRA, "de")
    try:
        slip(room, "4720", "2026-11-30", ("NUT-4720",))
        message = one(room.told(), PETRA)
    finally:
        room.speaks(PETRA, "en")

    assert message["content-language"] == "de-DE"
    assert "4. Dez" in message["subject"]
    assert "4 Tage später: Lieferantenbestellung 4720 bei Acme verspätet sich" in text(message)
    assert "600 warten auf die Lieferantenbestellung 4720 bei Acme, bestätigt für den 30. Nov.;" in text(
        message
    )


def test_a_mail_program_is_told_how_to_end_it_and_that_a_machine_wrote_it(room: Newsroom) -> None:
    order = waiting(room, "4721")
    room.world.hold(order, "finance")

    message = one(room.told(), PETRA)

    address = re.fullmatch(r"<(http\S+)/unsubscribe/(\S+)>", str(message["list-unsubscribe"]))
    assert address is not None
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["list-id"] == "<order-news.portal.example>"
    assert message["auto-submitted"] == "auto-generated"
    petra = room.rows("select id from person where email = $1", PETRA)[0]["id"]
    assert stop_links.read(room.portal.settings.secret_key, address[2]) == (petra, ("hold",))
    assert f"/unsubscribe/{address[2]}" in text(message)
    assert "/settings/notifications" in text(message)


def test_it_follows_the_dark_and_has_all_its_style_with_it(room: Newsroom) -> None:
    order = waiting(room, "4722")
    room.world.hold(order, "finance")

    drawn = html(one(room.told(), PETRA))

    assert "prefers-color-scheme: dark" in drawn
    assert 'name="color-scheme" content="light dark"' in drawn
    assert "<link" not in drawn
    assert "<img" not in drawn
    assert "<script" not in drawn
    # Links that lead within the page would lead nowhere from a mail.
    assert not re.search(r'href="[#/]', drawn)


def test_a_slip_of_four_hundred_lines_is_one_mail(room: Newsroom) -> None:
    skus = tuple(f"S{number:03}" for number in range(400))
    room.world.product(*skus)
    slip(room, "5000", "2026-11-25", skus)
    room.order([(sku, 5) for sku in skus])
    room.forget()
    for day in ("2026-11-27", "2026-11-30"):
        slip(room, "5000", day, skus)
        room.gather()

    message = one(room.told(), PETRA)

    assert "New date for 400 lines: Fri 4 Dec, not Mon 30 Nov" in message["subject"]
    assert "and 388 more lines" in text(message)
    assert len(bytes(message)) < 40_000


def test_two_that_gather_at_once_tell_everything_once(room: Newsroom) -> None:
    room.world.shop({"CROWD": 0})
    slip(room, "6000", "2026-11-25", ("CROWD",))
    orders = [room.order([("CROWD", 2)])["number"] for _ in range(30)]
    room.forget()
    slip(room, "6000", "2026-11-30", ("CROWD",))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: room.gather(), range(4)))
    found = to(room.send(), PETRA)

    subjects = [str(message["subject"]) for message in found]
    assert sorted(subject.split(":")[0] for subject in subjects) == sorted(orders)
    assert len({str(message["message-id"]) for message in found}) == 30


def test_what_happens_while_a_mail_waits_joins_it_and_later_things_make_a_new_one(room: Newsroom) -> None:
    world = room.world
    order = waiting(room, "4723")
    world.hold(order, "finance")
    room.gather(burst=3600)
    assert room.send() == []
    world.cancel(order, {1: 1})
    room.gather(burst=3600)

    found = room.rows("select person_id from mail where kind = 'news' and state = 'waiting'")
    assert len(found) == 2, "Petra's and Anna's"
    room.rows("update mail set due_at = '2020-01-01' where state = 'waiting' and kind = 'news'")
    both = one(room.send(), PETRA)
    assert both["subject"].endswith("Held: the whole order; 1 of line 1 cancelled")

    world.cancel(order, {1: 1})
    assert one(room.told(), PETRA)["subject"].endswith(": 1 of line 1 cancelled")


def test_who_was_killed_after_claiming_a_mail_leaves_it_to_be_sent_again_as_the_same(room: Newsroom) -> None:
    order = waiting(room, "4724")
    room.world.hold(order, "finance")
    first = one(room.told(), PETRA)
    room.rows(
        """update mail set state = 'sending', sent_at = null, claimed_at = clock_timestamp() - interval '10 minutes'
           where id = (select max(m.id) from mail m join person p on p.id = m.person_id where p.email = $1)""",
        PETRA,
    )

    again = one(room.send(), PETRA)

    assert again["message-id"] == first["message-id"]
    assert room.send() == []


def test_what_can_wait_comes_with_one_mail_on_the_readers_own_morning(room: Newsroom) -> None:
    """Petra wakes up in Leeds, Ruth in New York. The clock goes on: nothing of this world comes after."""
    world = room.world
    room.rows("update person set time_zone = 'America/New_York', digest_hour = 6 where email = $1", RUTH)
    for kind in ("shipped", "hold"):
        room.choose(PETRA, kind, "digest")
        room.choose(RUTH, kind, "digest", "account")
    first, second = waiting(room, "4725", purchase_order_number="4725-PO"), waiting(room, "4726")
    world.ship(first, "MAIN", {1: 10})
    world.hold(second, "finance", note="Please call us")
    assert to(room.told(), PETRA) == []

    world.now("2026-11-18T10:59:00Z")
    assert room.told() == []
    world.now("2026-11-18T11:00:30Z")
    assert "left Leicester" in text(one(room.told(), RUTH))
    world.now("2026-11-19T06:59:00Z")
    assert room.told() == []
    world.now("2026-11-19T07:00:30Z")
    found = room.told()
    message = one(found, PETRA)
    assert to(found, RUTH) == []
    assert message["subject"].startswith("News of ")
    assert "PO 4725-PO" in message["subject"]
    said = text(message)
    assert "left Leicester" in said
    assert "Held: the whole order (Please call us)" in said
    assert f"/orders/{first['number']}" in said
    assert f"/orders/{second['number']}" in said
    assert "Sent because you want to hear once a day of: " in said
    assert message["references"] is None

    world.now("2026-11-20T07:01:00Z")
    assert to(room.told(), PETRA) == [], "nothing happened since"


def test_an_order_of_which_nothing_is_heard_is_told_with_when_the_next_news_comes(room: Newsroom) -> None:
    """The clock goes on from the test above."""
    room.speaks(PETRA, "en")
    room.world.shop({"PATIENCE": 0})
    slip(room, "4728", "2026-12-15", ("PATIENCE",))
    room.order([("PATIENCE", 600)], purchase_order_number="4728-PO")
    room.forget()
    room.world.now("2026-12-01T09:00:00Z")
    room.portal_hears_silence()

    message = next(m for m in to(room.told(), PETRA) if "4728-PO" in m["subject"])

    assert "1 line still waits, and there was nothing new since 20 Nov." in message["subject"]
    assert "The next news is expected on 15 Dec." in text(message)
    assert "600 wait for supplier order 4728 from Acme" in text(message)
