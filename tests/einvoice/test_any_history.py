"""Whatever becomes of an order, its invoices and credit notes are ones that a machine books."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.adapters import einvoice
from portal.domain.invoices import Document, Seller
from tests.domain.selling import sales
from tests.domain.test_billing_is_exact import one_thing
from tests.einvoice import reading
from tests.einvoice.issued import refused
from tests.einvoice.samples import OUR_BANK, OURS


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_shipped_returned_and_credited_is_booked(data: st.DataObject) -> None:
    order = data.draw(sales(terms=data.draw(st.sampled_from(("on_shipment", "on_delivery", "on_order")))))
    if order.terms == "on_order" and order.policy == "actual":
        order.policy = "pro_rata"
    order.settle()
    for _ in range(data.draw(st.integers(1, 8))):
        one_thing(data.draw, order)
    for paper in order.papers:
        is_booked(whole(paper))


def whole(paper: Document) -> Document:
    """From a supplier who is known, and with a number."""
    return msgspec.structs.replace(paper, number="X-1", seller=Seller(party=OURS, bank=OUR_BANK))


def is_booked(paper: Document) -> None:
    if paper.currency == "KWD":
        return
    assert einvoice.lacks(paper) == []
    cii, ubl = einvoice.cii(paper), einvoice.ubl(paper)
    assert list(refused(cii, einvoice.profile(paper))) == []
    assert list(refused(ubl, "ubl")) == []
    assert reading.differences(reading.read(cii), reading.read(ubl)) == []
