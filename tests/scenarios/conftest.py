"""A `story` has a portal and all plain names to itself; a `world` shares one with all others, under its own names."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.fixtures import starting
from tests.portals import Portal
from tests.scenarios.driver import World
from tests.scenarios.laws import readable_laws_hold
from tests.servers import Servers

TAGS = count(1)


@pytest.fixture
def story(portal: Portal) -> World:
    """One scenario, from Wednesday 18 November 2026, 09:00 UTC; it says itself where the laws must hold."""
    return World(portal)


@pytest.fixture(scope="session")
def shared_portal(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that finds nothing wrong with itself when everybody has left."""
    with starting(servers, tmp_path_factory) as start:
        portal = start()
        yield portal
        portal.check()


@pytest.fixture
def world(shared_portal: Portal) -> Iterator[World]:
    """One rule; the laws must hold when it has been told."""
    world = World(shared_portal, tag=f"T{next(TAGS)}")
    yield world
    readable_laws_hold(world)
