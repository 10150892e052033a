"""A `story` has the portal and all plain names to itself; a `world` shares it under names of its own."""

from collections.abc import Iterator
from itertools import count

import pytest

pytest.register_assert_rewrite("tests.scenarios.claims", "tests.scenarios.driver", "tests.scenarios.laws")

from tests.portals import Portal  # noqa: E402
from tests.scenarios.driver import World  # noqa: E402
from tests.scenarios.laws import portal_checks, readable_laws_hold  # noqa: E402

TAGS = count(1)


@pytest.fixture
def story(portal: Portal) -> World:
    """One scenario, from Wednesday 18 November 2026, 09:00 UTC; it says itself where the laws must hold."""
    return World(portal)


@pytest.fixture
def world(portal: Portal) -> Iterator[World]:
    """One rule; the laws must hold when it has been told."""
    world = World(portal, tag=f"T{next(TAGS)}")
    yield world
    readable_laws_hold(world)


@pytest.fixture(scope="module", autouse=True)
def portal_is_sound(portal: Portal) -> Iterator[None]:
    """After each file the portal finds nothing wrong with itself."""
    yield
    portal_checks(portal)
