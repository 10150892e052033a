"""Credit that the ERP knows: well, slow, down, lying, and back again. No order is lost, none is passed silently."""

import time

import pytest

from tests.credit.conftest import Books

WAITS = {
    "slow": "timeout",
    "down": "unreachable",
    "failing": "failed",
    "garbage": "unreadable",
    "wrong_account": "other_account",
    "wrong_figures": "implausible",
    "old_figures": "too_old",
}


def test_what_the_erp_says_counts(books: Books) -> None:
    books.buyer(credit_limit="1.00")
    books.says(credit_limit="500.00", invoiced_unpaid="120.00", other_orders="80.00")
    assert books.order("BUYER", {"BOLT": 30})["state"] == "open"
    assert books.owes() == ("380.00", "0.00", "120.00")
    told = books.credit()
    assert (told["limit"], told["available"], told["source"], told["problem"]) == (
        "500.00",
        "0.00",
        "erp",
        None,
    )
    second = books.order("BUYER", {"BOLT": 1})
    assert second["state"] == "held"
    assert "500.00 GBP" in second["holds"][0]["note"]
    assert books.again() == 0, "judged by the ERP itself: a person decides"


def test_an_account_that_the_erp_stops_waits(books: Books) -> None:
    books.buyer()
    books.says(credit_hold=True)
    order = books.order("BUYER", {"BOLT": 1})
    assert (order["state"], order["holds"][0]["note"]) == ("held", "The account is on credit hold.")
    assert books.credit()["hold"] is True
    books.says()
    assert books.release(order, order["holds"][0]["id"])["state"] == "open"


def test_what_the_erp_has_invoiced_of_the_portals_orders_counts_once(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="500.00")
    order = books.order("BUYER", {"BOLT": 40})
    books.ship(order, "MAIN", {1: 30})
    assert books.owes() == ("100.00", "300.00", "0.00")
    books.says(credit_limit="500.00", portal_invoiced="300.00", invoiced_unpaid="300.00")
    assert books.owes() == ("100.00", "0.00", "300.00")
    assert books.order("BUYER", {"BOLT": 11})["state"] == "held"
    books.says(credit_limit="500.00", portal_invoiced="300.00", invoiced_unpaid="0.00")
    assert books.order("BUYER", {"BOLT": 11})["state"] == "open", "it was paid"


@pytest.mark.parametrize("behaviour", WAITS)
def test_without_figures_an_order_waits_and_is_released_when_there_are_some(
    books: Books, behaviour: str
) -> None:
    books.buyer(erp_silence="hold")
    books.says(credit_limit="500.00")
    books.erp_system.is_(behaviour)
    began = time.monotonic()
    order = books.order("BUYER", {"BOLT": 10})
    assert time.monotonic() - began < 2, "the ERP is given up on in time"
    assert order["state"] == "held"
    assert "waits for" in order["holds"][0]["note"]
    told = books.credit()
    assert (told["source"], told["limit"], told["problem"]["code"]) == ("silent", None, WAITS[behaviour])
    assert books.again() == 0
    assert books.read(order)["state"] == "held", "it still does not answer"

    books.erp_system.is_("ok")
    assert books.again() == 1
    now = books.read(order)
    assert (now["state"], now["holds"]) == ("open", [])
    assert books.again() == 0
    told = [event["type"] for event in books.feed("BUYER")]
    assert told.count("hold.set") == told.count("hold.released") == 1


def test_the_last_figures_count_up_to_their_age(books: Books) -> None:
    books.buyer(erp_figures_age_hours=1)
    books.says(credit_limit="500.00", invoiced_unpaid="100.00")
    assert books.order("BUYER", {"BOLT": 10})["state"] == "open"
    books.erp_system.is_("down")
    accepted = books.order("BUYER", {"BOLT": 10})
    assert accepted["state"] == "open"
    told = books.credit()
    assert (told["source"], told["limit"], told["problem"]["code"]) == ("last_known", "500.00", "unreachable")
    assert books.order("BUYER", {"BOLT": 30})["state"] == "held", "old figures are a limit too"
    books.portal.clock("2030-01-01T09:00:00Z")
    late = books.order("BUYER", {"BOLT": 1})
    assert late["state"] == "held"
    assert "does not count any more" in late["holds"][0]["note"]


def test_what_passed_on_old_figures_is_kept_when_they_were_right(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="500.00")
    books.order("BUYER", {"BOLT": 1})
    books.erp_system.is_("slow")
    order = books.order("BUYER", {"BOLT": 10})
    assert order["state"] == "open"
    books.erp_system.is_("ok")
    version = books.read(order)["version"]
    assert books.again() == 1
    assert books.read(order)["version"] == version, "nothing that anybody sees has changed"
    assert books.again() == 0


def test_what_passed_on_old_figures_is_stopped_when_they_were_wrong(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="500.00")
    books.order("BUYER", {"BOLT": 1})
    books.erp_system.is_("down")
    first, second = (books.order("BUYER", {"BOLT": 20}) for _ in range(2))
    books.ship(second, "MAIN", {1: 5})
    books.says(credit_limit="230.00")
    books.erp_system.is_("ok")
    assert books.again() == 2
    assert books.read(first)["holds"] == [], "the first of them has room: 10 and 200 of 230"
    stopped = books.read(second)
    (hold,) = stopped["holds"]
    assert (hold["reason"], hold["lines"]) == ("credit", None)
    assert "exceed the limit of 230.00 GBP" in hold["note"]
    statuses = {portion["status"]: portion["quantity"] for portion in stopped["lines"][0]["portions"]}
    assert statuses == {"shipped": "5", "held": "15"}
    with books.refuses(422, "exceed the limit"):
        books.release(second, hold["id"])
    books.says(credit_limit="600.00")
    assert books.read(books.release(second, hold["id"]))["holds"] == []


def test_a_hold_says_what_is_true_by_now(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says(credit_limit="50.00")
    books.erp_system.is_("down")
    order = books.order("BUYER", {"BOLT": 10})
    books.erp_system.is_("ok")
    assert books.again() == 1
    now = books.read(order)
    assert now["state"] == "held"
    assert [hold["id"] for hold in now["holds"]] == [order["holds"][0]["id"]]
    assert "exceed the limit of 50.00 GBP" in now["holds"][0]["note"]


def test_a_hold_that_a_person_set_is_left_alone(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says()
    books.erp_system.is_("down")
    order = books.order("BUYER", {"BOLT": 10})
    mine = books.hold(order, "credit", note="ask Amara")
    books.erp_system.is_("ok")
    assert books.again() == 1
    now = books.read(order)
    assert [hold["id"] for hold in now["holds"]] == [mine]


def test_an_order_that_was_cancelled_meanwhile_stays_so(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says()
    books.erp_system.is_("down")
    order = books.order("BUYER", {"BOLT": 10})
    books.cancel(order, {1: 10})
    books.erp_system.is_("ok")
    assert books.again() == 1
    assert books.read(order)["state"] == "cancelled"


def test_an_account_that_the_portal_knows_does_not_wait_for_the_erp(books: Books) -> None:
    books.account("BUYER", credit_limit="100.00", tax_status="exempt")
    books.erp_system.is_("slow")
    began = time.monotonic()
    assert books.order("BUYER", {"BOLT": 5})["state"] == "open"
    assert books.credit()["source"] == "portal"
    assert time.monotonic() - began < 0.7


def test_figures_are_forgotten_when_the_portal_is_the_master_again(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="500.00", invoiced_unpaid="120.00")
    books.order("BUYER", {"BOLT": 1})
    assert books.ledger()[-1]["balance"] == "130.00"
    books.account("BUYER", tax_status="exempt", credit_limit="50.00")
    assert (books.owes(), books.ledger()[-1]["balance"]) == (("10.00", "0.00", "0.00"), "10.00")
    assert books.ledger()[-1]["because"] == "account.changed"
