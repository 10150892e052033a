"""One portal for all the stories: each is played under codes of its own."""

import pytest

from tests.portals import Portal
from tests.stories.theatre import Theatre, open_the_doors


@pytest.fixture(scope="module")
def theatre(portal: Portal) -> Theatre:
    return open_the_doors(portal)
