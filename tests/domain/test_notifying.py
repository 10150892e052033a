"""Who hears of what unless they chose otherwise, and when a morning begins."""

from datetime import UTC, datetime

import pytest

from portal.domain.access import BUYER_ROLES
from portal.domain.events import TYPES as EVENTS
from portal.domain.mornings import next_morning
from portal.domain.notifying import ACTS, FOLLOWS, GROUPS, HOWS, KINDS, TYPES, Choice, default, kind_of
from portal.zones import zone_of


def test_each_kind_belongs_to_a_group_and_its_defaults_to_roles_that_there_are() -> None:
    for kind in KINDS.values():
        assert kind.group in GROUPS
        assert kind.defaults.keys() <= BUYER_ROLES.keys()
        assert all(choice.how in HOWS for choice in kind.defaults.values())


def test_all_that_is_told_happens() -> None:
    assert set(EVENTS) >= TYPES
    assert set(EVENTS) >= ACTS | FOLLOWS
    assert {kind for type_ in EVENTS if (kind := kind_of(type_, {}))} <= KINDS.keys()


@pytest.mark.parametrize(
    ("kind", "roles", "choice"),
    [
        ("promise_moved", ["buyer"], Choice("at_once", "own")),
        ("promise_moved", ["reader"], Choice("never", "own")),
        ("promise_moved", ["account_admin"], Choice("never", "own")),
        ("invoice_issued", ["finance"], Choice("at_once", "account")),
        ("invoice_issued", ["buyer"], Choice("digest", "own")),
        ("invoice_issued", ["buyer", "finance"], Choice("at_once", "account")),
        ("approval_needed", ["approver"], Choice("at_once", "own")),
        ("allocated", [], Choice("never", "own")),
    ],
)
def test_of_several_roles_the_one_that_tells_soonest_and_most_counts(
    kind: str, roles: list[str], choice: Choice
) -> None:
    assert default(kind, roles) == choice


@pytest.mark.parametrize(
    ("type_", "data", "kind"),
    [
        ("portion.allocated", {"cause": {"what": "order_placed"}}, "allocated"),
        ("portion.allocated", {"cause": {"what": "received"}}, "backorder_ready"),
        ("promise.changed", {"lines": [{"old": {"arrives_on": None}}]}, "promise_set"),
        (
            "promise.changed",
            {"lines": [{"old": {"arrives_on": None}}, {"old": {"arrives_on": "2026-11-20"}}]},
            "promise_moved",
        ),
        ("shipment.updated", {"carrier_state": "in_transit"}, None),
        ("shipment.updated", {"carrier_state": "exception"}, "delivery_failed"),
        ("lines.picking", {}, None),
    ],
)
def test_an_event_is_one_kind_of_news_or_none(type_: str, data: dict[str, object], kind: str | None) -> None:
    assert kind_of(type_, data) == kind


@pytest.mark.parametrize(
    ("now", "zone", "hour", "morning"),
    [
        ("2026-11-18T06:59", "Europe/London", 7, "2026-11-18T07:00"),
        ("2026-11-18T07:00", "Europe/London", 7, "2026-11-19T07:00"),
        ("2026-11-18T11:30", "America/New_York", 7, "2026-11-18T12:00"),
        ("2026-11-18T21:59", "Pacific/Auckland", 11, "2026-11-18T22:00"),
        # Clocks go back and forth: the morning stays where people's clocks say so.
        ("2026-03-28T12:00", "Europe/Berlin", 7, "2026-03-29T05:00"),
        ("2026-10-24T12:00", "Europe/Berlin", 7, "2026-10-25T06:00"),
        # This hour is not there on this day, and is the hour after.
        ("2026-03-28T12:00", "Europe/Berlin", 2, "2026-03-29T01:00"),
    ],
)
def test_a_morning_begins_when_the_readers_clock_says_so(
    now: str, zone: str, hour: int, morning: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert next_morning(at, zone, hour) == datetime.fromisoformat(morning).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "zone"),
    [("GB", "Europe/London"), ("DE", "Europe/Berlin"), ("US", None), (None, None), ("??", None)],
)
def test_a_country_tells_its_zone_where_it_has_one(country: str | None, zone: str | None) -> None:
    assert zone_of(country) == zone
