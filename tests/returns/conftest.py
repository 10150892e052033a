"""A world of its own for each test, on a portal that the tests of a file share."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.portals import Portal
from tests.returns.goods import Goods, bolts
from tests.scenarios.driver import World
from tests.scenarios.laws import readable_laws_hold

TAGS = count(1)


@pytest.fixture
def world(portal: Portal) -> Iterator[World]:
    """The laws must hold when it has been told."""
    world = World(portal, tag=f"R{next(TAGS)}")
    yield world
    readable_laws_hold(world)
    portal.check()


@pytest.fixture
def goods(world: World) -> Goods:
    """Ten bolts and four hoses, delivered in Leeds."""
    return bolts(world)
