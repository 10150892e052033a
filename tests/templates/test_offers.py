"""Offers on the order page: side by side what is ordered and what is offered, the same bytes for all who look alike."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest

from portal.domain.orders import Foreseen, Hold, Portion, Substitution
from portal.pages import Pages
from portal.routes.looking import Loaded, Look, Looking
from portal.views.order.drawing import Drawn
from portal.views.order.wanted import Wanted
from tests.templates import examples
from tests.templates.examples import TODAY, D, at

Draws = Callable[..., Drawn]
# 160 of line 6 wait for 30 November; 120 of it were delivered, 120 are on the road.
OFFER = Substitution(
    "7", 6, D(160), "SEA-V40-F", "V-ring seal 40 mm, FKM", "C62", "parcel", D(160), D("1.60"), "offered",
    at(18, 14, 40), "Dev Patel", "Fluoro rubber",
)  # fmt: skip
READY = Portion(D(160), "allocated", "allocated", (), "LEI", date(2026, 11, 19), date(2026, 11, 23))


@pytest.fixture
def looking(pages: Pages) -> Looking:
    return Looking(pages)


@pytest.fixture
def draw(looking: Looking) -> Draws:
    """`draw(offer, READY, may_offer=True)`: the order's parts with this offer, and these portions foreseen of it."""

    def drawn(offer: Substitution, *portions: Portion, **more: Any) -> Drawn:
        order = examples.order(substitutions=[offer], **more.pop("order", {}))
        foreseen = {offer.id: Foreseen(portions, None)} if offer.is_standing else {}
        told = {"locale": "en", "for_supplier": False, "may_offer": False} | more
        look = Look(
            order.number, Wanted(), str(told["locale"]), TODAY, 0, told["for_supplier"], told["may_offer"]
        )
        return looking.draw(Loaded(order, examples.events(), foreseen), look)

    return drawn


def said(drawn: Drawn) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", str(drawn.parts["offers"]))).split())


def test_the_buyer_reads_both_sides_and_what_they_may_do(draw: Draws) -> None:
    text = said(draw(OFFER, READY, may_offer=True))
    assert "1 offer waits for your answer" in text
    assert "SEA-V40-F instead of line 6, SEA-V40" in text
    assert "As ordered SEA-V40 V-ring seal 40 mm, NBR 160 pcs Mon 30 Nov £1.35 £216.00" in text
    assert "160 pcs Mon 23 Nov 7 days earlier £1.60 £256.00 £40.00 more" in text
    assert "Fluoro rubber" in text
    assert "Accept or decline" in text
    assert "Accept" not in said(draw(OFFER, READY))
    assert "waits for the buyer's answer" in said(draw(OFFER, READY, for_supplier=True, may_offer=True))


def test_what_all_who_look_alike_share_holds_nobodys_form(draw: Draws) -> None:
    part = draw(OFFER, READY, may_offer=True).parts["offers"]
    assert "<form" not in part
    assert 'href="/orders/SO-2026-000417/offers/7"' in part


def test_nothing_is_shown_of_what_was_answered(draw: Draws) -> None:
    assert (
        'id="offers" class="offers" aria-label="Offers" hidden'
        in draw(replace(OFFER, state="declined")).parts["offers"]
    )


def test_parts_that_come_on_different_days_are_told_apart(draw: Draws) -> None:
    later = {"fact": "inbound", "confirmed": False}
    parts = (
        replace(READY, quantity=D(30), status="backordered", stage="waiting", ships_on=None, arrives_on=None),
        replace(
            READY, quantity=D(50), status="awaiting_supplier", arrives_on=date(2026, 12, 3), because=(later,)
        ),
        replace(READY, quantity=D(80)),
    )
    assert "80: Mon 23 Nov 50: Thu 3 Dec 30: no date yet not confirmed" in said(draw(OFFER, *parts))


def test_what_costs_the_same_and_what_costs_less_is_said(draw: Draws) -> None:
    assert "£216.00 the same amount" in said(draw(replace(OFFER, unit_price=D("1.35")), READY))
    assert "£160.00 £56.00 less" in said(draw(replace(OFFER, unit_price=D(1)), READY, order={"version": 8}))


def test_an_offer_of_more_than_is_left_says_so_and_cannot_be_accepted(draw: Draws) -> None:
    text = said(draw(replace(OFFER, quantity=D(161)), READY, may_offer=True))
    assert "Of line 6, 160 pcs can still be replaced: less than is offered" in text
    assert "Accept or decline" not in text
    assert "Decline" in text


def test_a_held_order_names_no_day(draw: Draws) -> None:
    hold = Hold("9", "address", at(18, 9), "dev", "account_manager")
    text = said(draw(OFFER, READY.held([hold]), order={"holds": [hold]}))
    assert "160 pcs not while held" in text


def test_the_page_follows_what_is_foreseen_while_the_version_stays(draw: Draws) -> None:
    assert "Mon 23 Nov" in said(draw(OFFER, READY))
    assert "Mon 14 Dec" in said(draw(OFFER, replace(READY, arrives_on=date(2026, 12, 14))))
